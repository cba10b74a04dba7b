//! Whose account it is.

use patchbay_catalog::{ApiAuth, ApiAuthPlace, Integration};
use patchbay_oauth::api::{self, Account, ApiCall};
use patchbay_oauth::{ProviderError, ProviderErrorKind};

use crate::canary::{Canary, Reply};
use crate::world::{app, client, integration, nothing, secret};

async fn whoami(integration: &Integration, reply: Reply) -> (Canary, Result<Account, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let call = ApiCall {
        integration,
        app: Some(&app()),
        token: &secret("canary-token-1"),
        values: &nothing(),
    };
    let account = api::whoami(&client(&canary), &call).await;
    (canary, account)
}

#[tokio::test]
async fn asana_says_whose_account_it_is() {
    let (canary, account) = whoami(
        &integration("asana"),
        Reply::json(200, r#"{"data":{"gid":"12","email":"a\u0007na@acme.example"}}"#),
    )
    .await;
    let account = account.unwrap();
    assert_eq!(account.id, "12");
    assert_eq!(account.label, "ana@acme.example");
    let request = canary.only();
    assert!(request.starts_with("GET /api/1.0/users/me HTTP/1.1"), "{request}");
    assert!(
        request.contains("authorization: Bearer canary-token-1\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn github_needs_its_headers_and_has_a_number_for_an_id() {
    let (canary, account) = whoami(
        &integration("github"),
        Reply::json(200, r#"{"id":583231,"login":"octocat"}"#),
    )
    .await;
    assert_eq!(account.unwrap().id, "583231");
    let request = canary.only();
    assert!(
        request.contains("accept: application/vnd.github+json\r\n"),
        "{request}"
    );
    assert!(
        request.contains("x-github-api-version: 2022-11-28\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn a_name_that_is_a_call_of_its_own_is_asked_for_and_can_be_missing() {
    let ids = Reply::json(200, r#"{"team_user":{"user_id":"u1","team_id":"t1"}}"#);
    for (name, wanted) in [
        (
            Reply::json(200, r#"{"profile":{"display_name":"Ana Ruiz"}}"#),
            "Ana Ruiz",
        ),
        (Reply::json(403, r#"{"code":"missing_scope"}"#), "u1"),
        (Reply::json(200, "{}"), "u1"),
    ] {
        let canary = Canary::start(vec![ids.clone(), name]).await;
        let call = ApiCall {
            integration: &integration("canva"),
            app: Some(&app()),
            token: &secret("canary-token-1"),
            values: &nothing(),
        };
        let account = api::whoami(&client(&canary), &call).await.unwrap();
        assert_eq!((account.id.as_str(), account.label.as_str()), ("u1", wanted));
        let seen = canary.seen();
        assert!(
            seen[1].starts_with("GET /rest/v1/users/me/profile HTTP/1.1"),
            "{seen:?}"
        );
        assert!(
            seen[1].contains("authorization: Bearer canary-token-1\r\n"),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_the_id_makes_no_sense() {
    for text in ["{}", r#"{"data":{"gid":null}}"#, r#"{"data":{"gid":""}}"#] {
        let (_, account) = whoami(&integration("asana"), Reply::json(200, text)).await;
        assert_eq!(account.unwrap_err().kind, ProviderErrorKind::Garbled, "{text}");
    }
}

#[tokio::test]
async fn refusals_keep_their_status() {
    for status in [401, 403, 404] {
        let (_, account) = whoami(&integration("asana"), Reply::json(status, "{}")).await;
        let failed = account.unwrap_err();
        assert_eq!(
            (failed.kind, failed.status),
            (ProviderErrorKind::Refused, Some(status))
        );
    }
}

#[tokio::test]
async fn a_token_goes_where_the_catalogue_says() {
    let mut integration = integration("asana");
    integration.api_auth = ApiAuth {
        place: ApiAuthPlace::Query,
        name: "token".into(),
        value: "{token}".into(),
        client: None,
    };
    let ok = || Reply::json(200, r#"{"data":{"gid":"1"}}"#);
    let (canary, _) = whoami(&integration, ok()).await;
    assert!(
        canary
            .only()
            .starts_with("GET /api/1.0/users/me?token=canary-token-1 ")
    );

    integration.api_auth.place = ApiAuthPlace::JsonBody;
    integration.whoami.body = Some(r#"{"a":1}"#.into());
    let (canary, _) = whoami(&integration, ok()).await;
    assert!(
        canary.only().ends_with(r#"{"a":1,"token":"canary-token-1"}"#),
        "{}",
        canary.only()
    );
}
