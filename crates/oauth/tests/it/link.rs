//! A link: the three calls as Plaid's Hosted Link has them, and what is not taken for an answer.

use std::collections::BTreeMap;

use patchbay_oauth::api::{self, ApiCall};
use patchbay_oauth::http::Blocked;
use patchbay_oauth::link::{self, LinkCall, Outcome, Session, Wanted};
use patchbay_oauth::revoke::{self, RevokeRequest, Revoked};
use patchbay_oauth::{ProviderError, ProviderErrorKind};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::canary::{Canary, Reply};
use crate::world::{app, client_within, hasty, integration, secret};

fn sandbox() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("environment".to_owned(), "sandbox".to_owned()),
        ("env".to_owned(), "https://sandbox.plaid.com".to_owned()),
    ])
}

/// Method, path, host and JSON body of a request.
fn parts(request: &str) -> (String, String, Value) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = head
        .lines()
        .next()
        .unwrap()
        .trim_end_matches(" HTTP/1.1")
        .to_owned();
    let host = head
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned();
    (line, host, serde_json::from_str(body).unwrap())
}

async fn create(reply: Reply) -> (Canary, Result<Session, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let plaid = integration("plaid");
    let call = LinkCall {
        integration: &plaid,
        app: &app(),
        values: &sandbox(),
    };
    let wanted = Wanted {
        back: &secret("http://localhost:3000/callback/plaid?state=canary-state"),
        person: "person-1",
        days: 90,
    };
    assert!(!format!("{call:?} {wanted:?}").contains("canary"));
    let session = link::create(&client_within(&canary, hasty()), &call, &wanted).await;
    (canary, session)
}

fn created(page: &str) -> Reply {
    let body = json!({"link_token": "link-sandbox-canary", "hosted_link_url": page, "request_id": "r"});
    Reply::json(200, &body.to_string())
}

#[tokio::test]
async fn a_session_is_created_with_our_app_in_the_body() {
    let (canary, session) = create(created("https://secure.plaid.com/hl/canary-page")).await;
    let session = session.unwrap();
    assert_eq!(session.token.expose_secret(), "link-sandbox-canary");
    assert_eq!(session.page.as_str(), "https://secure.plaid.com/hl/canary-page");
    assert!(!format!("{session:?}").contains("canary"));
    let request = canary.only();
    let (line, host, body) = parts(&request);
    assert_eq!(line, "POST /link/token/create");
    assert!(host.starts_with("sandbox.plaid.com."), "{host}");
    assert!(request.contains("plaid-version: 2020-09-14\r\n"), "{request}");
    assert!(
        request.contains("content-type: application/json\r\n"),
        "{request}"
    );
    assert_eq!(
        body,
        json!({
            "client_id": "app-id",
            "secret": "canary-secret-1",
            "client_name": "Patchbay",
            "language": "en",
            "country_codes": ["US"],
            "user": {"client_user_id": "person-1"},
            "products": ["transactions"],
            "transactions": {"days_requested": 90},
            "hosted_link": {"completion_redirect_uri": "http://localhost:3000/callback/plaid?state=canary-state"},
        })
    );
}

#[tokio::test]
async fn a_page_elsewhere_is_not_gone_to() {
    for (page, why) in [
        ("https://secure.plaid.com.evil.example/hl/x", Blocked::OtherHost),
        ("https://evil.example/hl/x", Blocked::OtherHost),
        ("https://sandbox.plaid.com/hl/x", Blocked::OtherHost),
        ("http://secure.plaid.com/hl/x", Blocked::NotHttps),
        ("https://x@secure.plaid.com/hl/x", Blocked::UserInfo),
        ("https://secure.plaid.com:8443/hl/x", Blocked::Port),
        ("https://10.0.0.1/", Blocked::IpNumber),
        ("javascript:alert(1)", Blocked::NotHttps),
        ("secure.plaid.com", Blocked::Incomplete),
    ] {
        let (_, session) = create(created(page)).await;
        assert_eq!(
            session.unwrap_err().kind,
            ProviderErrorKind::Blocked(why),
            "{page}"
        );
    }
    for body in ["{}", r#"{"link_token":"canary"}"#, "[]", "<html>"] {
        let (_, session) = create(Reply::json(200, body)).await;
        assert_eq!(session.unwrap_err().kind, ProviderErrorKind::Garbled, "{body}");
    }
}

async fn outcome(reply: Reply) -> (Canary, Result<Outcome, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let plaid = integration("plaid");
    let call = LinkCall {
        integration: &plaid,
        app: &app(),
        values: &sandbox(),
    };
    let outcome = link::outcome(
        &client_within(&canary, hasty()),
        &call,
        &secret("link-sandbox-canary"),
    )
    .await;
    (canary, outcome)
}

fn sessions(sessions: &Value) -> Reply {
    Reply::json(200, &json!({"link_sessions": sessions}).to_string())
}

#[tokio::test]
async fn the_public_token_of_a_finished_session_is_read() {
    let linked = |token: &str| json!({"item_add_results": [{"public_token": token, "accounts": []}]});
    let at = "2026-04-15T12:00:00Z";
    let (canary, read) = outcome(sessions(&json!([
        // Opened twice: left once, linked once. What is not finished counts for nothing.
        {"finished_at": at, "exit": {"error": null, "metadata": {}}},
        {"finished_at": null, "results": linked("public-too-early")},
        {"finished_at": at, "results": linked("public-canary")},
    ])))
    .await;
    let Outcome::Linked { public_token } = read.unwrap() else {
        panic!("linked");
    };
    assert_eq!(public_token.expose_secret(), "public-canary");
    let (line, host, body) = parts(&canary.only());
    assert_eq!(line, "POST /link/token/get");
    assert!(host.starts_with("sandbox.plaid.com."), "{host}");
    assert_eq!(
        body,
        json!({"client_id": "app-id", "secret": "canary-secret-1", "link_token": "link-sandbox-canary"})
    );
}

#[tokio::test]
async fn a_session_without_an_account_was_left() {
    let at = "2026-04-15T12:00:00Z";
    let early = json!({"item_add_results": [{"public_token": "public-canary"}]});
    let left = |word: &str| json!([{"finished_at": at, "exit": {"error": {"error_code": word}}}]);
    for (found, why) in [
        (json!([]), None),
        (json!(null), None),
        (json!([{"link_session_id": "s"}]), None),
        (
            json!([{"finished_at": at, "exit": {"error": null}, "results": null}]),
            None,
        ),
        (
            json!([{"finished_at": at, "results": {"item_add_results": []}}]),
            None,
        ),
        (json!([{"finished_at": null, "results": early}]), None),
        (left("INVALID_CREDENTIALS"), None),
        (left("INSTITUTION_DOWN"), Some(ProviderErrorKind::Unavailable)),
        (
            left("INSTITUTION_REGISTRATION_REQUIRED"),
            Some(ProviderErrorKind::AppConfig),
        ),
    ] {
        let (_, read) = outcome(sessions(&found)).await;
        let Outcome::Left { why: got } = read.unwrap() else {
            panic!("left: {found}");
        };
        assert_eq!(got, why, "{found}");
    }
    // Before anyone opened the page there is no list at all.
    let (_, read) = outcome(Reply::json(200, r#"{"link_token":"x"}"#)).await;
    assert!(matches!(read.unwrap(), Outcome::Left { why: None }));
}

#[tokio::test]
async fn a_public_token_is_exchanged_and_errors_keep_their_meaning() {
    let plaid = integration("plaid");
    let exchange = async |reply: Reply| {
        let canary = Canary::start(vec![reply]).await;
        let call = LinkCall {
            integration: &plaid,
            app: &app(),
            values: &sandbox(),
        };
        let client = client_within(&canary, hasty());
        let answer = link::exchange(&client, &call, &secret("public-canary")).await;
        (canary, answer)
    };
    let body = r#"{"access_token":"access-canary","item_id":"i","request_id":"r"}"#;
    let (canary, answer) = exchange(Reply::json(200, body)).await;
    let answer = answer.unwrap();
    assert_eq!(answer.access.expose_secret(), "access-canary");
    assert!(!format!("{answer:?}").contains("canary"));
    let (line, _, body) = parts(&canary.only());
    assert_eq!(line, "POST /item/public_token/exchange");
    assert_eq!(
        body,
        json!({"client_id": "app-id", "secret": "canary-secret-1", "public_token": "public-canary"})
    );
    for (code, kind) in [
        ("INVALID_PUBLIC_TOKEN", ProviderErrorKind::Refused),
        ("INVALID_API_KEYS", ProviderErrorKind::AppConfig),
        ("INTERNAL_SERVER_ERROR", ProviderErrorKind::Unavailable),
    ] {
        let error =
            json!({"error_type": "T", "error_code": code, "error_message": "canary", "request_id": "r"});
        let (_, answer) = exchange(Reply::json(400, &error.to_string())).await;
        let error = answer.unwrap_err();
        assert_eq!(error.kind, kind, "{code}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    // A public token works once: an answer that is lost or makes no sense may have been a success.
    for reply in [Reply::Silence, Reply::json(200, "{}")] {
        assert!(exchange(reply).await.1.unwrap_err().maybe_done);
    }
}

#[tokio::test]
async fn an_item_that_answers_and_no_longer_works_is_no_success() {
    let plaid = integration("plaid");
    for (error, kind) in [
        (json!(null), None),
        (
            json!({"error_code": "ITEM_LOGIN_REQUIRED"}),
            Some(ProviderErrorKind::Refused),
        ),
        (
            json!({"error_code": "INSTITUTION_DOWN"}),
            Some(ProviderErrorKind::Unavailable),
        ),
        (
            json!({"error_code": "NEVER_HEARD"}),
            Some(ProviderErrorKind::Unavailable),
        ),
    ] {
        let body = json!({"item": {"item_id": "item-1", "institution_name": "A Bank", "error": error}});
        let canary = Canary::start(vec![Reply::json(200, &body.to_string())]).await;
        let (app, values, token) = (app(), sandbox(), secret("access-canary"));
        let call = ApiCall {
            integration: &plaid,
            app: Some(&app),
            token: &token,
            values: &values,
        };
        let account = api::whoami(&client_within(&canary, hasty()), &call).await;
        assert_eq!(account.err().map(|error| error.kind), kind, "{error}");
    }
}

#[tokio::test]
async fn every_call_names_our_app_beside_the_token() {
    let plaid = integration("plaid");
    let (client_app, values, token) = (app(), sandbox(), secret("access-canary"));
    let canary = Canary::start(vec![Reply::json(
        200,
        r#"{"item":{"item_id":"item-1","institution_name":"First Platypus Bank"}}"#,
    )])
    .await;
    let call = ApiCall {
        integration: &plaid,
        app: Some(&client_app),
        token: &token,
        values: &values,
    };
    let account = api::whoami(&client_within(&canary, hasty()), &call)
        .await
        .unwrap();
    assert_eq!(
        (account.id.as_str(), account.label.as_str()),
        ("item-1", "First Platypus Bank")
    );
    let named = json!({"client_id": "app-id", "secret": "canary-secret-1", "access_token": "access-canary"});
    let (line, _, body) = parts(&canary.only());
    assert_eq!((line.as_str(), body), ("POST /item/get", named.clone()));

    for (reply, want) in [
        (Reply::json(200, r#"{"request_id":"r"}"#), Revoked::Done),
        (
            Reply::json(
                400,
                r#"{"error_type":"ITEM_ERROR","error_code":"ITEM_NOT_FOUND"}"#,
            ),
            Revoked::Gone,
        ),
    ] {
        let canary = Canary::start(vec![reply]).await;
        let request = RevokeRequest {
            integration: &plaid,
            app: Some(&client_app),
            values: &values,
            access: &token,
            refresh: None,
        };
        let revoked = revoke::revoke(&client_within(&canary, hasty()), &request).await;
        assert_eq!(revoked.unwrap(), want);
        let (line, _, body) = parts(&canary.only());
        assert_eq!((line.as_str(), body), ("POST /item/remove", named.clone()));
    }
    // Without an app nothing is sent.
    let canary = Canary::start(vec![Reply::json(200, "{}")]).await;
    let nobody = ApiCall { app: None, ..call };
    let refused = api::whoami(&client_within(&canary, hasty()), &nobody).await;
    assert_eq!(
        refused.unwrap_err().kind,
        ProviderErrorKind::Blocked(Blocked::Incomplete)
    );
    assert!(canary.seen().is_empty());
}
