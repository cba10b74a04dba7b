//! GitLab: a refresh that repeats the redirect URI and ends what was before it.

use serde_json::{Value, json};

use super::{BASIC, Desk, Door, FORM, bench, error, refused};
use crate::client::{Answer, BACK, Bench, NOON, VERIFIER, encode};

const ANA: &str = "ana.ruiz";
const GITLAB: Desk = Desk {
    door: Door {
        host: "gitlab.com",
        path: "/oauth/authorize",
        own: &[("scope", "read_user read_api")],
        pkce: true,
    },
    host: "gitlab.com",
    path: "/oauth/token",
    basic: false,
};

async fn user(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("gitlab.com", "/api/v4/user", token).await
}

#[tokio::test]
async fn gitlab_reads_credentials_in_the_body_and_asks_for_scopes_by_name() {
    let bench = bench().await;
    for scope in ["", "api", "read_user sudo"] {
        assert_eq!(
            GITLAB.door.told(&bench, &[("scope", scope)]).await.as_deref(),
            Some("invalid_scope"),
            "{scope:?}"
        );
    }
    let code = GITLAB.door.code(&bench, ANA).await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let basic = [("authorization", BASIC), FORM];
    let elsewhere = bench
        .send("POST", GITLAB.host, GITLAB.path, &basic, &encode(&good))
        .await;
    assert_eq!(error(&elsewhere), refused(401, "invalid_client"));
    assert_eq!(
        error(&GITLAB.redeem(&bench, &code, &[("code_verifier", "")]).await),
        refused(400, "invalid_grant")
    );
    let tokens = GITLAB.redeem(&bench, &code, &[]).await.json();
    assert_eq!(tokens["created_at"], NOON / 1000);
    assert_eq!(tokens["expires_in"], 7200);
    let found = user(&bench, &tokens).await.json();
    assert_eq!(
        (found["id"].as_u64(), found["username"].as_str()),
        (Some(21_430_101), Some(ANA))
    );
}

#[tokio::test]
async fn gitlabs_refresh_repeats_the_redirect_uri_and_ends_both_tokens_before_it() {
    let bench = bench().await;
    let first = GITLAB.tokens(&bench, ANA).await;
    let other = GITLAB.tokens(&bench, ANA).await;
    for wrong in [vec![], vec![("redirect_uri", "http://localhost:3000/other")]] {
        let answer = GITLAB.refresh(&bench, &first, &wrong).await;
        assert_eq!(error(&answer), refused(400, "invalid_request"), "{wrong:?}");
    }
    assert_eq!(user(&bench, &first).await.status, 200, "nothing was used up");
    let back = [("redirect_uri", BACK)];
    let fresh = GITLAB.refresh(&bench, &first, &back).await.json();
    assert_ne!(fresh["refresh_token"], first["refresh_token"]);
    assert_eq!(error(&user(&bench, &first).await), refused(401, "invalid_token"));
    assert_eq!(
        error(&GITLAB.refresh(&bench, &first, &back).await),
        refused(400, "invalid_grant")
    );
    for alive in [&fresh, &other] {
        assert_eq!(user(&bench, alive).await.status, 200);
    }
}

#[tokio::test]
async fn gitlab_revokes_for_the_app_that_holds_the_token_only() {
    let bench = bench().await;
    let tokens = GITLAB.tokens(&bench, ANA).await;
    let token = ("token", tokens["refresh_token"].as_str().unwrap());
    let wrong = GITLAB
        .post(&bench, "/oauth/revoke", &[token, ("client_secret", "wrong")])
        .await;
    assert_eq!(error(&wrong), refused(403, "unauthorized_client"));
    assert_eq!(user(&bench, &tokens).await.status, 200);
    let revoked = GITLAB.post(&bench, "/oauth/revoke", &[token]).await;
    assert_eq!((revoked.status, revoked.json()), (200, json!({})));
    let words = user(&bench, &tokens).await.json();
    assert!(
        words["error_description"]
            .as_str()
            .unwrap()
            .starts_with("Token was revoked.")
    );
    let unknown = GITLAB.post(&bench, "/oauth/revoke", &[token]).await;
    assert_eq!(unknown.status, 200, "RFC 7009 section 2.2");
}

#[tokio::test]
async fn gitlab_lists_what_is_asked_for_and_refuses_values_that_it_does_not_take() {
    let bench = bench().await;
    let tokens = GITLAB.tokens(&bench, ANA).await;
    let token = tokens["access_token"].as_str().unwrap();
    let projects = |query: &str| format!("/api/v4/projects?order_by=id&sort=asc{query}");
    let mut counts = Vec::new();
    for query in [
        "",
        "&membership=true",
        "&membership=true&with_issues_enabled=true",
    ] {
        let found = bench.get("gitlab.com", &projects(query), token).await.json();
        counts.push(found.as_array().unwrap().len());
    }
    assert_eq!(counts, [4, 3, 2]);
    for (target, status) in [
        ("/api/v4/projects?per_page=none".to_owned(), 400),
        ("/api/v4/projects?membership=yes".to_owned(), 400),
        ("/api/v4/projects/4101011/issues?state=merged".to_owned(), 400),
        (
            "/api/v4/projects/4101011/issues?updated_after=yesterday".to_owned(),
            400,
        ),
        ("/api/v4/projects/4101013/issues".to_owned(), 403),
        ("/api/v4/projects/1/merge_requests".to_owned(), 404),
    ] {
        assert_eq!(
            bench.get("gitlab.com", &target, token).await.status,
            status,
            "{target}"
        );
    }
}
