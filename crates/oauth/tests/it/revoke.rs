//! The end of access at the provider.

use std::time::Duration;

use patchbay_catalog::Integration;
use patchbay_oauth::revoke::{self, RevokeRequest, Revoked};
use patchbay_oauth::{ProviderError, ProviderErrorKind};

use crate::canary::{Canary, Reply};
use crate::world::{app, client_within, hasty, integration, nothing, secret};

async fn revoke(integration: &Integration, reply: Reply) -> (Canary, Result<Revoked, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let refresh = secret("canary-refresh");
    let request = RevokeRequest {
        integration,
        app: Some(&app()),
        values: &nothing(),
        access: &secret("canary-access"),
        refresh: Some(&refresh),
    };
    assert!(!format!("{request:?}").contains("canary"));
    let revoked = revoke::revoke(&client_within(&canary, hasty()), &request).await;
    (canary, revoked)
}

#[tokio::test]
async fn asana_ends_the_refresh_token_in_a_form() {
    let (canary, revoked) = revoke(&integration("asana"), Reply::json(200, "{}")).await;
    assert_eq!(revoked.unwrap(), Revoked::Done);
    let request = canary.only();
    assert!(request.starts_with("POST /-/oauth_revoke HTTP/1.1"), "{request}");
    assert!(
        request.ends_with("client_id=app-id&client_secret=canary-secret-1&token=canary-refresh"),
        "{request}"
    );
}

#[tokio::test]
async fn github_deletes_the_access_token_with_our_credentials() {
    let github = integration("github");
    let (canary, revoked) = revoke(&github, Reply::with(204, &[], "")).await;
    assert_eq!(revoked.unwrap(), Revoked::Done);
    let request = canary.only();
    assert!(
        request.starts_with("DELETE /applications/app-id/token HTTP/1.1"),
        "{request}"
    );
    assert!(
        request.contains("Basic YXBwLWlkOmNhbmFyeS1zZWNyZXQtMQ=="),
        "{request}"
    );
    assert!(
        request.contains("accept: application/vnd.github+json"),
        "{request}"
    );
    assert!(
        request.ends_with(r#"{"access_token":"canary-access"}"#),
        "{request}"
    );
    let (_, gone) = revoke(&github, Reply::json(404, "{}")).await;
    assert_eq!(gone.unwrap(), Revoked::Gone);
}

#[tokio::test]
async fn s75_the_answers_of_a_revocation() {
    let asana = integration("asana");
    let later = |seconds| Revoked::Later {
        retry_after: Some(Duration::from_secs(seconds)),
    };
    for (reply, want) in [
        // RFC 7009 section 2.2: an unknown token is 200 like any other.
        (Reply::with(200, &[], ""), Revoked::Done),
        (Reply::with(503, &[("retry-after", "30")], ""), later(30)),
        (
            Reply::with(429, &[("retry-after", "1000000000")], ""),
            later(3600),
        ),
        (
            Reply::with(500, &[], "<html>"),
            Revoked::Later { retry_after: None },
        ),
        (Reply::Silence, Revoked::Later { retry_after: None }),
        (Reply::json(400, r#"{"error":"invalid_grant"}"#), Revoked::Gone),
        (Reply::json(400, r#"{"error":"invalid_token"}"#), Revoked::Gone),
    ] {
        let shown = format!("{reply:?}");
        let (_, revoked) = revoke(&asana, reply).await;
        assert_eq!(revoked.unwrap(), want, "{shown}");
    }
}

#[tokio::test]
async fn s75_a_refusal_that_proves_nothing_does_not_count_as_gone() {
    let asana = integration("asana");
    for (reply, kind) in [
        (
            Reply::json(401, r#"{"error":"invalid_client"}"#),
            ProviderErrorKind::AppConfig,
        ),
        (
            Reply::json(400, r#"{"error":"never heard"}"#),
            ProviderErrorKind::Garbled,
        ),
        (
            Reply::json(200, r#"{"ok":false,"error":"never heard"}"#),
            ProviderErrorKind::Garbled,
        ),
        (
            Reply::with(302, &[("location", "/")], ""),
            ProviderErrorKind::Garbled,
        ),
    ] {
        let shown = format!("{reply:?}");
        let (_, revoked) = revoke(&asana, reply).await;
        assert_eq!(revoked.unwrap_err().kind, kind, "{shown}");
    }
}

#[tokio::test]
async fn a_token_that_authorises_its_own_end_is_gone_when_it_is_unknown() {
    let (canary, revoked) = revoke(&integration("dropbox"), Reply::json(401, "{}")).await;
    assert_eq!(revoked.unwrap(), Revoked::Gone);
    let request = canary.only();
    assert!(request.contains("authorization: Bearer canary-"), "{request}");
}

#[tokio::test]
async fn trello_deletes_a_token_by_itself_and_a_wrong_key_does_not_count_as_gone() {
    let trello = integration("trello");
    let text = |status, body| Reply::with(status, &[("content-type", "text/plain")], body);
    let (canary, revoked) = revoke(&trello, Reply::json(200, "{}")).await;
    assert_eq!(revoked.unwrap(), Revoked::Done);
    let request = canary.only();
    assert!(
        request.starts_with("DELETE /1/tokens/canary-access HTTP/1.1"),
        "{request}"
    );
    assert!(
        request.contains(
            "authorization: OAuth oauth_consumer_key=\"app-id\", oauth_token=\"canary-access\"\r\n"
        ),
        "{request}"
    );
    for (status, body) in [
        (401, "invalid token"),
        (401, "expired token"),
        (404, "token not found"),
    ] {
        let (_, gone) = revoke(&trello, text(status, body)).await;
        assert_eq!(gone.unwrap(), Revoked::Gone, "{body}");
    }
    let (_, refused) = revoke(&trello, text(401, "invalid key")).await;
    assert_eq!(refused.unwrap_err().kind, ProviderErrorKind::AppConfig);
}

#[tokio::test]
async fn a_provider_without_the_call_is_said_to_have_none() {
    let (canary, revoked) = revoke(&integration("figma"), Reply::json(200, "{}")).await;
    assert_eq!(revoked.unwrap(), Revoked::NoCall);
    assert!(canary.seen().is_empty());
}
