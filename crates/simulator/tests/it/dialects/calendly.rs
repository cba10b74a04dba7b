//! Calendly: Basic credentials for tokens, the body for revoking, PKCE, and refresh tokens that work once.

use serde_json::{Value, json};

use super::{ANA, BASIC, Door, FORM, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const CALENDLY: Door = Door {
    host: "auth.calendly.com",
    path: "/oauth/authorize",
    own: &[("scope", "users:read organizations:read")],
    pkce: true,
};

const API: &str = "api.calendly.com";

async fn calendly_token(bench: &Bench, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench
        .send("POST", CALENDLY.host, "/oauth/token", &headers, &encode(pairs))
        .await
}

async fn calendly_exchange(bench: &Bench, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    calendly_token(bench, BASIC, &pairs).await
}

async fn calendly_refresh(bench: &Bench, token: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    calendly_token(bench, BASIC, &pairs).await
}

async fn calendly_me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(API, "/users/me", token).await
}

#[tokio::test]
async fn calendly_wants_pkce_basic_and_the_scope_for_the_user() {
    let bench = bench().await;
    for (other, word) in [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("scope", "users:write")], "invalid_scope"),
    ] {
        assert_eq!(
            CALENDLY.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = CALENDLY.code(&bench, ANA).await;
    let in_body = [
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(
        error(&bench.form(CALENDLY.host, "/oauth/token", &in_body).await),
        refused(401, "invalid_client")
    );
    assert_eq!(
        error(&calendly_token(&bench, WRONG_BASIC, &in_body[2..]).await),
        refused(401, "invalid_client")
    );
    let tokens = calendly_exchange(&bench, &code).await.json();
    let me = calendly_me(&bench, &tokens).await.json()["resource"].clone();
    assert_eq!(tokens["expires_in"], json!(7200));
    assert_eq!(tokens["owner"], me["uri"]);
    assert_eq!(tokens["organization"], me["current_organization"]);
    assert_eq!(me["email"], ANA);
    // Nothing asked for is nothing given.
    let back = CALENDLY
        .approve(&bench, &[("scope", "")], &[("account", ANA)])
        .await;
    let bare = calendly_exchange(&bench, &back.sent("code").unwrap())
        .await
        .json();
    let answer = calendly_me(&bench, &bare).await;
    assert_eq!(
        (answer.status, answer.json()["title"].clone()),
        (403, json!("Permission Denied"))
    );
}

#[tokio::test]
async fn calendlys_refresh_token_works_once_and_revoking_ends_both() {
    let bench = bench().await;
    let tokens = calendly_exchange(&bench, &CALENDLY.code(&bench, ANA).await)
        .await
        .json();
    // Two hours end access; a refresh token waits for as long as nobody uses it.
    bench.later(400 * 86_400_000);
    let ended = calendly_me(&bench, &tokens).await;
    assert_eq!(
        (ended.status, ended.json()["title"].clone()),
        (401, json!("Unauthenticated"))
    );
    let fresh = calendly_refresh(&bench, &tokens["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], tokens["refresh_token"]);
    assert_eq!(
        error(&calendly_refresh(&bench, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(calendly_me(&bench, &fresh).await.status, 200);
    let revoke = async |secret: &str| {
        let token = fresh["refresh_token"].as_str().unwrap();
        let pairs = [
            ("client_id", "patchbay"),
            ("client_secret", secret),
            ("token", token),
        ];
        bench.form(CALENDLY.host, "/oauth/revoke", &pairs).await
    };
    assert_eq!(error(&revoke("wrong").await), refused(403, "unauthorized_client"));
    assert_eq!(calendly_me(&bench, &fresh).await.status, 200);
    assert_eq!(revoke(SECRET).await.status, 200);
    assert_eq!(calendly_me(&bench, &fresh).await.status, 401);
    assert_eq!(
        error(&calendly_refresh(&bench, &fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(revoke(SECRET).await.status, 200, "gone is gone");
}
