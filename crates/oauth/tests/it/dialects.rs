//! Shopify, Slack, Google and Notion: what they ask for and answer in their own way.

use patchbay_oauth::ProviderError;
use patchbay_oauth::ProviderErrorKind;
use patchbay_oauth::api::{self, ApiCall};
use patchbay_oauth::tokens::{self, ExchangeRequest, RefreshRequest, TokenAnswer};
use secrecy::ExposeSecret;

use crate::canary::{Canary, Reply};
use crate::world::{app, client, integration, secret};

type Values = std::collections::BTreeMap<String, String>;

fn shop() -> Values {
    Values::from([("shop".to_owned(), "acme.myshopify.com".to_owned())])
}

async fn exchange(id: &str, reply: &str) -> (String, Result<TokenAnswer, ProviderError>) {
    let canary = Canary::start(vec![Reply::json(200, reply)]).await;
    let integration = integration(id);
    let request = ExchangeRequest {
        integration: &integration,
        app: &app(),
        values: &shop(),
        redirect_uri: "http://localhost:3000/callback/x",
        code: &secret("canary-code-2"),
        verifier: None,
    };
    let answer = tokens::exchange(&client(&canary), &request).await;
    (canary.only(), answer)
}

async fn refresh(id: &str) -> String {
    let canary = Canary::start(vec![Reply::json(200, r#"{"access_token":"A2"}"#)]).await;
    let integration = integration(id);
    let typed = if id == "shopify" { shop() } else { Values::new() };
    let values = integration.accept_params(&typed).unwrap();
    let request = RefreshRequest {
        integration: &integration,
        app: &app(),
        values: &values,
        redirect_uri: "http://localhost:3000/callback/x",
        refresh: &secret("canary-refresh-4"),
    };
    tokens::refresh(&client(&canary), &request).await.unwrap();
    canary.only()
}

fn json_body(request: &str) -> serde_json::Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn shopify_gets_the_four_fields_that_it_documents_and_no_more() {
    let (request, answer) = exchange("shopify", r#"{"access_token":"A1","scope":"write_orders"}"#).await;
    assert_eq!(answer.unwrap().scopes.unwrap(), ["write_orders"]);
    assert!(
        request.starts_with("POST /admin/oauth/access_token HTTP/1.1"),
        "{request}"
    );
    assert!(
        request.to_ascii_lowercase().contains("host: acme.myshopify.com."),
        "{request}"
    );
    let want = serde_json::json!({
        "client_id": "app-id", "client_secret": "canary-secret-1", "code": "canary-code-2", "expiring": 1,
    });
    assert_eq!(json_body(&request), want);
    let want = serde_json::json!({
        "client_id": "app-id", "client_secret": "canary-secret-1",
        "grant_type": "refresh_token", "refresh_token": "canary-refresh-4",
    });
    assert_eq!(json_body(&refresh("shopify").await), want);
}

#[tokio::test]
async fn gitlab_gets_the_redirect_uri_again_and_others_do_not() {
    assert!(refresh("gitlab").await.contains("redirect_uri=http"));
    assert!(!refresh("asana").await.contains("redirect_uri"));
}

#[tokio::test]
async fn slacks_token_is_taken_from_where_it_stands() {
    let bot = r#"{"ok":true,"access_token":"xoxb-1","scope":"channels:read,team:read","authed_user":{"id":"U1","access_token":"xoxp-1","scope":"identify"}}"#;
    let (_, answer) = exchange("slack", bot).await;
    let answer = answer.unwrap();
    assert_eq!(answer.access.expose_secret(), "xoxb-1");
    assert_eq!(answer.scopes.unwrap(), ["channels:read", "team:read"]);

    let user = r#"{"ok":true,"authed_user":{"id":"U1","access_token":"xoxp-1","scope":"users:read","token_type":"user"}}"#;
    let (_, answer) = exchange("slack", user).await;
    let answer = answer.unwrap();
    assert_eq!(answer.access.expose_secret(), "xoxp-1");
    assert_eq!(answer.scopes.unwrap(), ["users:read"]);

    let neither = r#"{"ok":true,"authed_user":{"id":"U1"}}"#;
    assert_eq!(
        exchange("slack", neither).await.1.unwrap_err().kind,
        ProviderErrorKind::Garbled
    );
    // Elsewhere a nested token is no token.
    assert_eq!(
        exchange("asana", user).await.1.unwrap_err().kind,
        ProviderErrorKind::Garbled
    );
}

#[tokio::test]
async fn slacks_errors_in_a_200_are_errors() {
    use ProviderErrorKind::{AppConfig, Refused, Unavailable};
    for (word, kind) in [
        ("invalid_code", Refused),
        ("code_already_used", Refused),
        ("bad_client_secret", AppConfig),
        ("bad_redirect_uri", AppConfig),
        ("fatal_error", Unavailable),
    ] {
        let (_, answer) = exchange("slack", &format!(r#"{{"ok":false,"error":"{word}"}}"#)).await;
        assert_eq!(answer.unwrap_err().kind, kind, "{word}");
    }
}

#[tokio::test]
async fn notion_is_told_the_version_with_every_call() {
    let (request, _) = exchange("notion", r#"{"access_token":"A1"}"#).await;
    assert!(
        request
            .to_ascii_lowercase()
            .contains("notion-version: 2025-09-03"),
        "{request}"
    );
    let canary = Canary::start(vec![Reply::json(
        200,
        r#"{"id":"bot","bot":{"workspace_name":"Acme"}}"#,
    )])
    .await;
    let account = who(&canary, "notion").await.unwrap();
    assert_eq!((account.id.as_str(), account.label.as_str()), ("bot", "Acme"));
    assert!(
        canary
            .only()
            .to_ascii_lowercase()
            .contains("notion-version: 2025-09-03")
    );
}

async fn who(canary: &Canary, id: &str) -> Result<api::Account, ProviderError> {
    let integration = integration(id);
    let call = ApiCall {
        integration: &integration,
        app: Some(&app()),
        token: &secret("canary-token-6"),
        values: &shop(),
    };
    api::whoami(&client(canary), &call).await
}

#[tokio::test]
async fn s26_without_the_mail_scope_the_account_still_has_a_name() {
    let canary = Canary::start(vec![
        Reply::json(403, r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#),
        Reply::json(200, r#"{"sub":"1","email":"ana@acme.example"}"#),
    ])
    .await;
    let account = who(&canary, "gmail").await.unwrap();
    assert_eq!(
        (account.id.as_str(), account.label.as_str()),
        ("ana@acme.example", "ana@acme.example")
    );
    let seen = canary.seen();
    assert!(seen[1].starts_with("GET /v1/userinfo HTTP/1.1"), "{}", seen[1]);
}

#[tokio::test]
async fn a_token_that_is_no_good_is_not_tried_elsewhere() {
    let canary = Canary::start(vec![Reply::json(401, r#"{"error":{"code":401}}"#)]).await;
    assert_eq!(
        who(&canary, "gmail").await.unwrap_err().kind,
        ProviderErrorKind::Refused
    );
    assert_eq!(canary.seen().len(), 1);
}
