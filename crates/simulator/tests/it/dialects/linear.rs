//! Linear: a workspace's viewer by GraphQL, and a revocation that takes either token in a field of its own.

use serde_json::{Value, json};

use super::{Door, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER};

pub(super) const LINEAR: Door = Door {
    host: "linear.app",
    path: "/oauth/authorize",
    own: &[("scope", "read")],
    pkce: true,
};
const API: &str = "api.linear.app";
const APP: [(&str, &str); 2] = [("client_id", "patchbay"), ("client_secret", SECRET)];

async fn linear_tokens(bench: &Bench) -> Value {
    let code = LINEAR.code(bench, "Acme").await;
    linear_exchange(bench, &code, BACK).await.json()
}

async fn linear_exchange(bench: &Bench, code: &str, back: &str) -> Answer {
    let own = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", back),
        ("code_verifier", VERIFIER),
    ];
    bench
        .form(API, "/oauth/token", &[&APP[..], &own[..]].concat())
        .await
}

async fn linear_refresh(bench: &Bench, token: &Value) -> Answer {
    let own = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    bench
        .form(API, "/oauth/token", &[&APP[..], &own[..]].concat())
        .await
}

async fn linear_asks(bench: &Bench, tokens: &Value, query: &str) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let body = json!({ "query": query }).to_string();
    bench
        .send(
            "POST",
            API,
            "/graphql",
            &[("authorization", &bearer), JSON],
            &body,
        )
        .await
}

async fn linear_revoke(bench: &Bench, field: &str, token: &Value) -> u16 {
    let pairs = [(field, token.as_str().unwrap())];
    bench.form(API, "/oauth/revoke", &pairs).await.status
}

fn code_of(answer: &Answer) -> (u16, String) {
    let code = answer.json()["errors"][0]["extensions"]["code"].clone();
    (answer.status, code.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn linear_tells_the_viewers_workspace() {
    let bench = bench().await;
    for (other, word) in [
        (vec![("scope", "write")], "invalid_scope"),
        (vec![("scope", "read read")], "invalid_scope"),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("actor", "workspace")], "invalid_request"),
    ] {
        assert_eq!(
            LINEAR.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = LINEAR.code(&bench, "Acme").await;
    let elsewhere = linear_exchange(&bench, &code, "http://localhost:3000/other").await;
    assert_eq!(error(&elsewhere), refused(400, "invalid_grant"));
    let tokens = linear_exchange(&bench, &code, BACK).await.json();
    assert_eq!(tokens["expires_in"], 86_399);
    assert_eq!(tokens["scope"], "read");
    let query = "query { viewer { email organization { name urlKey } } }";
    let wanted = json!({"data": {"viewer": {
        "email": "ana@acme.example", "organization": {"name": "Acme", "urlKey": "acme"},
    }}});
    assert_eq!(linear_asks(&bench, &tokens, query).await.json(), wanted);
    for (query, code) in [
        ("{ me { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { login } }", "GRAPHQL_VALIDATION_FAILED"),
        ("viewer", "GRAPHQL_PARSE_FAILED"),
    ] {
        assert_eq!(
            code_of(&linear_asks(&bench, &tokens, query).await),
            refused(400, code)
        );
    }
    let stranger = json!({"access_token": "unknown"});
    assert_eq!(
        code_of(&linear_asks(&bench, &stranger, query).await),
        refused(401, "AUTHENTICATION_ERROR")
    );
}

#[tokio::test]
async fn linear_revokes_either_token_and_says_so_once() {
    let bench = bench().await;
    let query = "{ viewer { id } }";
    let tokens = linear_tokens(&bench).await;
    let fresh = linear_refresh(&bench, &tokens["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], tokens["refresh_token"]);
    assert_eq!(
        error(&linear_refresh(&bench, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    // Each kind has its own field.
    for (field, token) in [
        ("token", &fresh["refresh_token"]),
        ("access_token", &fresh["refresh_token"]),
        ("refresh_token", &fresh["access_token"]),
        ("refresh_token", &tokens["refresh_token"]),
    ] {
        assert_eq!(linear_revoke(&bench, field, token).await, 400, "{field}");
    }
    assert_eq!(linear_asks(&bench, &fresh, query).await.status, 200);
    assert_eq!(
        linear_revoke(&bench, "refresh_token", &fresh["refresh_token"]).await,
        200
    );
    assert_eq!(linear_asks(&bench, &fresh, query).await.status, 401);
    assert_eq!(
        linear_revoke(&bench, "refresh_token", &fresh["refresh_token"]).await,
        400
    );
    let other = linear_tokens(&bench).await;
    assert_eq!(
        linear_revoke(&bench, "access_token", &other["access_token"]).await,
        200
    );
    assert_eq!(
        error(&linear_refresh(&bench, &other["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}
