//! Codes and refresh tokens, in the dialects' words.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay_catalog::{Auth, Integration, OAuth2, ReturnedFrom, ReturnedValue};
use patchbay_oauth::http::Blocked;
use patchbay_oauth::tokens::{self, ExchangeRequest, RefreshRequest, TokenAnswer};
use patchbay_oauth::{ProviderError, ProviderErrorKind};
use secrecy::{ExposeSecret, SecretString};

use crate::canary::{Canary, Reply};
use crate::world::{app, client, client_within, hasty, integration, nothing, secret};

async fn exchange(integration: &Integration, reply: Reply) -> (Canary, Result<TokenAnswer, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let code = secret("canary-code-2");
    let verifier: SecretString = secret("canary-verifier-3");
    let request = ExchangeRequest {
        integration,
        app: &app(),
        values: &nothing(),
        redirect_uri: "http://localhost:3000/callback/x",
        code: &code,
        verifier: Some(&verifier),
    };
    let answer = tokens::exchange(&client_within(&canary, hasty()), &request).await;
    (canary, answer)
}

async fn refresh(integration: &Integration, reply: Reply) -> (Canary, Result<TokenAnswer, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let request = RefreshRequest {
        integration,
        app: &app(),
        values: &nothing(),
        redirect_uri: "http://localhost:3000/callback/x",
        refresh: &secret("canary-refresh-4"),
    };
    let answer = tokens::refresh(&client(&canary), &request).await;
    (canary, answer)
}

fn dialect(integration: &mut Integration) -> &mut OAuth2 {
    match &mut integration.auth {
        Auth::OAuth2(dialect) => dialect,
        _ => panic!("oauth2"),
    }
}

fn body(request: &str) -> Vec<(String, String)> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let mut pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    pairs.sort();
    pairs
}

#[tokio::test]
async fn a_code_is_exchanged_in_a_form_with_credentials_in_the_body() {
    let reply = Reply::json(
        200,
        r#"{"access_token":"A1","token_type":"bearer","expires_in":3600,"refresh_token":"R1","data":{"gid":"7"}}"#,
    );
    let (canary, answer) = exchange(&integration("asana"), reply).await;
    let answer = answer.unwrap();
    assert_eq!(answer.access.expose_secret(), "A1");
    assert_eq!(answer.refresh.unwrap().expose_secret(), "R1");
    assert_eq!(answer.expires_in, Some(Duration::from_hours(1)));
    assert_eq!(answer.scopes, None);

    let request = canary.only();
    assert!(request.starts_with("POST /-/oauth_token HTTP/1.1"), "{request}");
    assert!(
        !request.to_ascii_lowercase().contains("authorization:"),
        "{request}"
    );
    let want = [
        ("client_id", "app-id"),
        ("client_secret", "canary-secret-1"),
        ("code", "canary-code-2"),
        ("code_verifier", "canary-verifier-3"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "http://localhost:3000/callback/x"),
    ];
    let want: Vec<_> = want
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(body(&request), want);
}

#[tokio::test]
async fn a_code_is_exchanged_as_json_with_basic_credentials() {
    let (canary, answer) = exchange(
        &integration("notion"),
        Reply::json(200, r#"{"access_token":"A1"}"#),
    )
    .await;
    assert!(answer.unwrap().refresh.is_none());
    let request = canary.only();
    // "app-id:canary-secret-1"
    assert!(
        request.contains("Basic YXBwLWlkOmNhbmFyeS1zZWNyZXQtMQ=="),
        "{request}"
    );
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_ascii_lowercase()
            .contains("content-type: application/json"),
        "{head}"
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["grant_type"], "authorization_code");
    assert_eq!(body["code"], "canary-code-2");
    assert!(body.get("client_secret").is_none());
}

#[tokio::test]
async fn parameters_and_headers_of_the_dialect_are_sent() {
    let mut integration = integration("asana");
    dialect(&mut integration)
        .token_params
        .insert("grant_type".into(), "odd".into());
    dialect(&mut integration)
        .token_headers
        .insert("X-Version".into(), "7".into());
    let (canary, _) = exchange(&integration, Reply::json(200, r#"{"access_token":"A1"}"#)).await;
    let request = canary.only();
    assert!(request.contains("x-version: 7\r\n"), "{request}");
    let grant_types: Vec<_> = body(&request)
        .into_iter()
        .filter(|(name, _)| name == "grant_type")
        .collect();
    assert_eq!(grant_types, [("grant_type".to_owned(), "odd".to_owned())]);
}

#[tokio::test]
async fn l06_odd_answers_are_sane() {
    let asana = integration("asana");
    for (text, expires) in [
        (r#"{"access_token":"A1"}"#, None),
        (r#"{"access_token":"A1","expires_in":0}"#, None),
        (r#"{"access_token":"A1","expires_in":-5}"#, None),
        (r#"{"access_token":"A1","expires_in":"3600"}"#, Some(3600)),
        (r#"{"access_token":"A1","expires_in":3600.7}"#, Some(3600)),
        (r#"{"access_token":"A1","expires_in":1e12}"#, None),
    ] {
        let (_, answer) = refresh(&asana, Reply::json(200, text)).await;
        let answer = answer.unwrap();
        assert_eq!(answer.expires_in, expires.map(Duration::from_secs), "{text}");
        // No refresh token in the answer: the old one stays.
        assert!(answer.refresh.is_none());
    }
}

#[tokio::test]
async fn github_answers_in_a_form_or_with_an_error_in_a_200() {
    let github = integration("github");
    let form = Reply::with(
        200,
        &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        "access_token=gho_A1&scope=repo%2Cread%3Auser&token_type=bearer",
    );
    let (canary, answer) = exchange(&github, form).await;
    let scopes = answer.unwrap().scopes.unwrap();
    assert_eq!(scopes, ["repo", "read:user"]);
    assert!(
        canary
            .only()
            .to_ascii_lowercase()
            .contains("accept: application/json")
    );

    let error = |word: &str| {
        Reply::json(
            200,
            &format!(r#"{{"error":"{word}","error_description":"canary-5"}}"#),
        )
    };
    for (word, kind, code) in [
        ("bad_verification_code", ProviderErrorKind::Refused, None),
        (
            "incorrect_client_credentials",
            ProviderErrorKind::AppConfig,
            Some("incorrect_client_credentials"),
        ),
        (
            "bad_refresh_token",
            ProviderErrorKind::Refused,
            Some("bad_refresh_token"),
        ),
        ("slow_down", ProviderErrorKind::Unavailable, Some("slow_down")),
    ] {
        let (_, answer) = exchange(&github, error(word)).await;
        let failed = answer.unwrap_err();
        assert_eq!((&failed.kind, failed.code.as_deref()), (&kind, code), "{word}");
        assert!(!format!("{failed:?} {failed}").contains("canary"));
    }
}

#[tokio::test]
async fn an_empty_scope_is_no_scope_and_a_missing_one_is_as_asked() {
    let github = integration("github");
    let (_, none) = exchange(&github, Reply::json(200, r#"{"access_token":"A","scope":""}"#)).await;
    assert_eq!(none.unwrap().scopes, Some(vec![]));
    let (_, asked) = exchange(&github, Reply::json(200, r#"{"access_token":"A"}"#)).await;
    assert_eq!(asked.unwrap().scopes, None);
    let (_, list) = exchange(
        &github,
        Reply::json(200, r#"{"access_token":"A","scope":["a","b"]}"#),
    )
    .await;
    assert_eq!(list.unwrap().scopes, Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart() {
    use ProviderErrorKind::{AppConfig, Garbled, Limited, Refused, Unavailable};
    let asana = integration("asana");
    let html = [("content-type", "text/html")];
    for (reply, kind, maybe_done) in [
        (Reply::with(200, &html, "<html>hello</html>"), Garbled, true),
        (Reply::json(200, r#"{"access_token":"A1"#), Garbled, true),
        (Reply::json(200, "{}"), Garbled, true),
        (Reply::with(502, &html, "<html>"), Unavailable, false),
        (Reply::json(400, r#"{"error":"invalid_grant"}"#), Refused, false),
        (
            Reply::json(401, r#"{"error":"invalid_client"}"#),
            AppConfig,
            false,
        ),
        (
            Reply::with(429, &[("retry-after", "120")], ""),
            Limited {
                retry_after: Some(Duration::from_mins(2)),
            },
            false,
        ),
        (
            Reply::with(302, &[("location", "http://169.254.169.254/")], ""),
            Garbled,
            false,
        ),
        (Reply::Silence, Unavailable, true),
        (Reply::Endless, Garbled, true),
    ] {
        let shown = format!("{reply:?}");
        let (canary, answer) = exchange(&asana, reply).await;
        let failed = answer.unwrap_err();
        assert_eq!(failed.kind, kind, "{shown}");
        assert_eq!(failed.maybe_done, maybe_done, "{shown}");
        assert_eq!(canary.seen().len(), 1, "{shown}");
    }
}

#[tokio::test]
async fn s34_a_returned_value_that_is_not_allowed_is_refused_and_the_tokens_can_be_given_back() {
    let mut integration = integration("asana");
    integration.returned = vec![ReturnedValue {
        name: "instance".into(),
        from: ReturnedFrom::Token,
        path: "instance_url".into(),
        prefix: String::new(),
        pattern: r"^https://[a-z]+\.my\.example\.com$".into(),
        call_url: None,
        pick: None,
    }];
    let answer = |url: &str| Reply::json(200, &format!(r#"{{"access_token":"A1","instance_url":"{url}"}}"#));
    let (_, good) = exchange(&integration, answer("https://a.my.example.com")).await;
    assert_eq!(
        good.unwrap().values.unwrap()["instance"],
        "https://a.my.example.com"
    );
    for url in ["http://10.0.0.1", "https://a.my.example.com.evil.example"] {
        let (_, bad) = exchange(&integration, answer(url)).await;
        let bad = bad.unwrap();
        assert_eq!(bad.values, Err(Blocked::Value));
        assert_eq!(bad.access.expose_secret(), "A1");
    }
}

/// An answer whose token says when it ends.
fn ends(exp: &str) -> Reply {
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{exp},"uid":1}}"#));
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln");
    Reply::json(200, &format!(r#"{{"access_token":"{token}"}}"#))
}

#[tokio::test]
async fn l06_a_token_tells_its_own_end_where_the_catalogue_lets_it() {
    let monday = integration("monday");
    let (_, first) = exchange(&monday, ends("1780003600")).await;
    let (_, second) = refresh(&monday, ends("1780003600")).await;
    for answer in [first.unwrap(), second.unwrap()] {
        assert_eq!((answer.ends_at, answer.expires_in), (Some(1_780_003_600), None));
    }
    for odd in ["\"soon\"", "-1", "0", "1e300", "null"] {
        let (_, answer) = exchange(&monday, ends(odd)).await;
        assert_eq!(answer.unwrap().ends_at, None, "{odd}");
    }
    let (_, opaque) = exchange(&monday, Reply::json(200, r#"{"access_token":"A1"}"#)).await;
    assert_eq!(opaque.unwrap().ends_at, None);
    // Elsewhere a token is opaque, whatever it looks like.
    let (_, other) = exchange(&integration("asana"), ends("1780003600")).await;
    assert_eq!(other.unwrap().ends_at, None);
}

#[tokio::test]
async fn a_refresh_goes_to_its_own_address_where_there_is_one() {
    let (canary, answer) = refresh(
        &integration("figma"),
        Reply::json(200, r#"{"access_token":"A2"}"#),
    )
    .await;
    answer.unwrap();
    let request = canary.only();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let integration = integration("figma");
    let want = integration.oauth2().unwrap().refresh.url.clone().unwrap();
    assert!(want.ends_with(&path), "{want} {path}");
    assert!(body(&request).contains(&("refresh_token".to_owned(), "canary-refresh-4".to_owned())));
}

#[tokio::test]
async fn no_secret_is_printed() {
    let (_, answer) = exchange(
        &integration("asana"),
        Reply::json(
            200,
            r#"{"access_token":"canary-a","refresh_token":"canary-r","scope":"x"}"#,
        ),
    )
    .await;
    let printed = format!("{:?} {:?}", answer.unwrap(), app());
    assert!(!printed.contains("canary"), "{printed}");
    let asana = integration("asana");
    let verifier = secret("canary-v");
    let request = ExchangeRequest {
        integration: &asana,
        app: &app(),
        values: &nothing(),
        redirect_uri: "x",
        code: &secret("canary-c"),
        verifier: Some(&verifier),
    };
    assert!(!format!("{request:?}").contains("canary"));
}
