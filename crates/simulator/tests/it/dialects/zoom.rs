//! Zoom: scopes of the app's build, Basic credentials, errors with a reason, refresh tokens that work once.

use serde_json::Value;

use super::{ANA, BASIC, Desk, Door, FORM, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const ZOOM: Desk = Desk {
    door: Door {
        host: "zoom.us",
        path: "/oauth/authorize",
        own: &[],
        pkce: true,
    },
    host: "zoom.us",
    path: "/oauth/token",
    basic: true,
};

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("api.zoom.us", "/v2/users/me", token).await
}

async fn revoke(bench: &Bench, basic: &str, token: &Value) -> Answer {
    let headers = [("authorization", basic), FORM];
    let body = encode(&[("token", token.as_str().unwrap())]);
    bench
        .send("POST", ZOOM.host, "/oauth/revoke", &headers, &body)
        .await
}

#[tokio::test]
async fn zoom_gives_the_scopes_of_the_app_and_refuses_a_request_that_names_some() {
    let bench = bench().await;
    let named = [("scope", "user:read:user")];
    assert_eq!(
        ZOOM.door.told(&bench, &named).await.as_deref(),
        Some("invalid_scope")
    );
    let page = ZOOM.door.ask(&bench, &[]).await.body;
    for words in [
        "see your profile",
        "list of your meetings",
        "list of your cloud recordings",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let tokens = ZOOM.tokens(&bench, ANA).await;
    assert_eq!(
        tokens["scope"],
        "user:read:user meeting:read:list_meetings cloud_recording:read:list_user_recordings"
    );
    assert_eq!(tokens["api_url"], "https://api.zoom.us");
    assert_eq!(me(&bench, &tokens).await.json()["email"], ANA);
}

#[tokio::test]
async fn zoom_reads_basic_credentials_only_and_says_why_it_refuses() {
    let bench = bench().await;
    let code = ZOOM.door.code(&bench, ANA).await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let in_body = [("client_id", "patchbay"), ("client_secret", SECRET)];
    let wrong = [("authorization", WRONG_BASIC), FORM];
    let answers = [
        bench
            .form(ZOOM.host, ZOOM.path, &[&good[..], &in_body[..]].concat())
            .await,
        bench
            .send("POST", ZOOM.host, ZOOM.path, &wrong, &encode(&good))
            .await,
    ];
    for answer in answers {
        assert_eq!(error(&answer), refused(400, "invalid_client"));
        assert_eq!(answer.json()["reason"], "Invalid client_id or client_secret");
    }
    for (other, word, reason) in [
        (
            ("redirect_uri", "http://localhost:3000/other"),
            "invalid_request",
            "Redirect URI mismatch.",
        ),
        (
            ("code_verifier", ""),
            "invalid_grant",
            "Invalid authorization code",
        ),
        (("code", "unknown"), "invalid_grant", "Invalid authorization code"),
    ] {
        let answer = ZOOM.redeem(&bench, &code, &[other]).await;
        assert_eq!(error(&answer), refused(400, word), "{other:?}");
        assert_eq!(answer.json()["reason"], reason);
    }
    assert_eq!(ZOOM.redeem(&bench, &code, &[]).await.status, 200);
}

#[tokio::test]
async fn zooms_refresh_token_works_once_and_revocation_takes_the_access_token() {
    let bench = bench().await;
    let first = ZOOM.tokens(&bench, ANA).await;
    bench.later(3_600_000);
    let ended = me(&bench, &first).await;
    assert_eq!((ended.status, ended.json()["code"].as_i64()), (401, Some(124)));
    let fresh = ZOOM.refresh(&bench, &first, &[]).await.json();
    assert_ne!(fresh["refresh_token"], first["refresh_token"]);
    let again = ZOOM.refresh(&bench, &first, &[]).await;
    assert_eq!(error(&again), refused(400, "invalid_grant"));
    assert_eq!(again.json()["reason"], "Invalid Token!");
    assert_eq!(
        error(&revoke(&bench, WRONG_BASIC, &fresh["access_token"]).await),
        refused(400, "invalid_client")
    );
    assert_eq!(
        error(&revoke(&bench, BASIC, &fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(me(&bench, &fresh).await.status, 200);
    assert_eq!(
        revoke(&bench, BASIC, &fresh["access_token"]).await.json()["status"],
        "success"
    );
    assert_eq!(me(&bench, &fresh).await.status, 401);
}

#[tokio::test]
async fn zoom_cuts_a_span_of_recordings_to_a_month_and_a_page_to_300() {
    let bench = bench().await;
    let tokens = ZOOM.tokens(&bench, ANA).await;
    let token = tokens["access_token"].as_str().unwrap();
    let list = "/v2/users/me/recordings?from=2026-01-01&to=2026-03-31";
    let body = bench.get("api.zoom.us", list, token).await.json();
    assert_eq!(
        (&body["from"], &body["to"]),
        (&"2026-03-01".into(), &"2026-03-31".into())
    );
    for target in [
        "/v2/users/me/recordings?from=01.02.2026",
        "/v2/users/me/recordings?page_size=301",
        "/v2/users/me/recordings?next_page_token=made-up",
        "/v2/users/me/meetings?type=past",
    ] {
        let answer = bench.get("api.zoom.us", target, token).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &300.into()),
            "{target}"
        );
    }
}
