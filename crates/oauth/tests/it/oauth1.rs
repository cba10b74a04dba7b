//! OAuth 1.0a: the three steps as Trello speaks them, and what is not taken for an answer.

use patchbay_catalog::{Auth, Integration};
use patchbay_oauth::authorize::AuthorizeError;
use patchbay_oauth::oauth1::{self, Moment, RequestToken, SignedCall};
use patchbay_oauth::{ProviderError, ProviderErrorKind, TokenAnswer};
use secrecy::ExposeSecret;

use crate::canary::{Canary, Reply};
use crate::world::{app, client_within, hasty, integration, nothing, secret};

const CONFIRMED: &str = "oauth_token=canary-t&oauth_token_secret=canary-s&oauth_callback_confirmed=true";

fn form(status: u16, body: &str) -> Reply {
    Reply::with(
        status,
        &[("content-type", "application/x-www-form-urlencoded")],
        body,
    )
}

fn text(status: u16, body: &str) -> Reply {
    Reply::with(status, &[("content-type", "text/plain")], body)
}

/// The moment of every call here.
fn moment() -> Moment {
    Moment::new(1_776_254_400, [7; 16])
}

async fn request_token(reply: Reply) -> (Canary, Result<RequestToken, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let trello = integration("trello");
    let call = SignedCall {
        integration: &trello,
        app: &app(),
        values: &nothing(),
        moment: &moment(),
    };
    let callback = secret("http://localhost:3000/callback/trello?state=canary-state");
    let token = oauth1::request_token(&client_within(&canary, hasty()), &call, &callback).await;
    (canary, token)
}

async fn access_token(reply: Reply) -> (Canary, Result<TokenAnswer, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let trello = integration("trello");
    let call = SignedCall {
        integration: &trello,
        app: &app(),
        values: &nothing(),
        moment: &moment(),
    };
    let token = RequestToken::from_secret(&secret("oauth_token=canary-t&oauth_token_secret=canary-s"));
    let client = client_within(&canary, hasty());
    let answer = oauth1::access_token(&client, &call, &token.unwrap(), &secret("canary-verifier")).await;
    (canary, answer)
}

/// The parameters of the `Authorization` header, still encoded.
fn signed(request: &str) -> Vec<(String, String)> {
    let header = request
        .lines()
        .find_map(|line| line.strip_prefix("authorization: OAuth "))
        .unwrap_or_else(|| panic!("a signed request: {request}"));
    header
        .split(", ")
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap();
            (name.to_owned(), value.trim_matches('"').to_owned())
        })
        .collect()
}

fn names(params: &[(String, String)]) -> Vec<&str> {
    params.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_request_token_is_asked_for_with_a_signed_header_alone() {
    let (canary, token) = request_token(form(200, CONFIRMED)).await;
    assert_eq!(
        token.unwrap().to_secret().expose_secret(),
        "oauth_token=canary-t&oauth_token_secret=canary-s"
    );
    let request = canary.only();
    assert!(
        request.starts_with("POST /1/OAuthGetRequestToken HTTP/1.1"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n"), "no body: {request}");
    assert!(!request.contains("canary-secret"), "the secret signs and stays");
    let params = signed(&request);
    assert_eq!(
        names(&params),
        [
            "oauth_consumer_key",
            "oauth_nonce",
            "oauth_signature_method",
            "oauth_timestamp",
            "oauth_version",
            "oauth_callback",
            "oauth_signature",
        ]
    );
    let get = |name: &str| params.iter().find(|(key, _)| key == name).unwrap().1.as_str();
    assert_eq!(get("oauth_consumer_key"), "app-id");
    assert_eq!(get("oauth_timestamp"), "1776254400");
    assert_eq!(
        get("oauth_callback"),
        "http%3A%2F%2Flocalhost%3A3000%2Fcallback%2Ftrello%3Fstate%3Dcanary-state"
    );
    // Computed with Python over the base string of these parameters, under "canary-secret-1&".
    assert_eq!(get("oauth_signature"), "ZV1WsLWfkEpFS223d8LRwyZwGTM%3D");
}

#[tokio::test]
async fn s22_an_answer_that_does_not_confirm_the_callback_is_refused() {
    for unconfirmed in [
        "oauth_token=canary-t&oauth_token_secret=canary-s",
        "oauth_token=canary-t&oauth_token_secret=canary-s&oauth_callback_confirmed=false",
        "oauth_token=canary-t&oauth_token_secret=canary-s&oauth_callback_confirmed=",
        "oauth_token=canary-t&oauth_token_secret=canary-s&oauth_callback_confirmed=True",
        "oauth_token_secret=canary-s&oauth_callback_confirmed=true",
        "oauth_callback_confirmed=true",
        "{\"oauth_token\":\"canary-t\"}",
        "",
    ] {
        let (_, token) = request_token(form(200, unconfirmed)).await;
        let error = token.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Garbled, "{unconfirmed}");
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}

#[tokio::test]
async fn the_admin_is_sent_on_with_the_request_token_and_what_is_asked_for() {
    let mut trello = integration("trello");
    let url = |trello: &Integration| {
        let call = SignedCall {
            integration: trello,
            app: &app(),
            values: &nothing(),
            moment: &moment(),
        };
        let token = RequestToken::from_secret(&secret("oauth_token=canary-t&oauth_token_secret=canary-s"));
        oauth1::authorize_url(&call, &token.unwrap())
    };
    assert_eq!(
        url(&trello).unwrap().as_str(),
        "https://trello.com/1/OAuthAuthorizeToken?oauth_token=canary-t&scope=read%2Caccount&expiration=never&name=Patchbay"
    );
    if let Auth::OAuth1(dialect) = &mut trello.auth {
        dialect
            .authorize_params
            .insert("oauth_callback".into(), "https://evil.example".into());
    }
    assert_eq!(url(&trello).unwrap_err(), AuthorizeError::Reserved);
}

#[tokio::test]
async fn a_verifier_is_exchanged_under_both_secrets() {
    let reply = text(200, "oauth_token=canary-access&oauth_token_secret=canary-unused");
    let (canary, answer) = access_token(reply).await;
    let answer = answer.unwrap();
    assert_eq!(answer.access.expose_secret(), "canary-access");
    assert!(answer.refresh.is_none() && answer.expires_in.is_none() && answer.scopes.is_none());
    assert!(!format!("{answer:?}").contains("canary"));
    let request = canary.only();
    assert!(
        request.starts_with("POST /1/OAuthGetAccessToken HTTP/1.1"),
        "{request}"
    );
    let params = signed(&request);
    assert_eq!(
        names(&params)[5..],
        ["oauth_token", "oauth_verifier", "oauth_signature"]
    );
    assert!(
        !request.contains("canary-s\""),
        "the token's secret signs and stays"
    );
    // As above, under "canary-secret-1&canary-s".
    assert_eq!(params.last().unwrap().1, "aeLOWUMuOaMrkkTx9f6abBBdzvA%3D");
}

#[tokio::test]
async fn refusals_mean_what_the_step_makes_of_them() {
    use ProviderErrorKind::{AppConfig, Garbled, Limited, Refused, Unavailable};
    let limited = || Limited { retry_after: None };
    for (reply, asked, exchanged) in [
        // RFC 5849 section 3.2: without a word, 401 is about the app first and about the verifier then.
        (text(401, ""), AppConfig, Refused),
        (text(400, "never heard"), AppConfig, Refused),
        (text(401, "invalid key"), AppConfig, AppConfig),
        (text(401, "invalid token"), Refused, Refused),
        (text(500, "Invalid signature"), AppConfig, AppConfig),
        (text(500, "<html>"), Unavailable, Unavailable),
        (text(429, "{}"), limited(), limited()),
        (text(302, ""), Garbled, Garbled),
    ] {
        let shown = format!("{reply:?}");
        let (_, token) = request_token(reply.clone()).await;
        assert_eq!(token.unwrap_err().kind, asked, "{shown}");
        let (_, answer) = access_token(reply).await;
        assert_eq!(answer.unwrap_err().kind, exchanged, "{shown}");
    }
    // A verifier works once: an answer that is lost or makes no sense may have been a success.
    for reply in [Reply::Silence, text(200, "oauth_token=canary-access")] {
        let (_, answer) = access_token(reply).await;
        assert!(answer.unwrap_err().maybe_done);
    }
}
