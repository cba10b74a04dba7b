//! Reads: whose account, and pages.

use std::collections::BTreeMap;

use patchbay_catalog::{ApiAuth, ApiAuthPlace, Integration, Paging};
use patchbay_oauth::api::{self, Account, ApiCall, Page};
use patchbay_oauth::http::Blocked;
use patchbay_oauth::{ProviderError, ProviderErrorKind};
use url::Url;

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

async fn page(
    integration: &Integration,
    address: &str,
    paging: &Paging,
    reply: Reply,
) -> (Canary, Result<Page, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let call = ApiCall {
        integration,
        app: None,
        token: &secret("canary-token-1"),
        values: &nothing(),
    };
    let url = Url::parse(address).unwrap();
    let page = api::get_page(&client(&canary), &call, &url, paging).await;
    (canary, page)
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

#[test]
fn the_first_address_of_a_window() {
    let asana = integration("asana");
    let call = ApiCall {
        integration: &asana,
        app: None,
        token: &secret("t"),
        values: &nothing(),
    };
    let values = BTreeMap::from([
        ("project".to_owned(), "12".to_owned()),
        ("from".to_owned(), "2026-01-02T00:00:00Z".to_owned()),
    ]);
    let url = api::first_url(&call, "/tasks?project={project}&modified_since={from}", &values).unwrap();
    assert_eq!(
        url.as_str(),
        "https://app.asana.com/api/1.0/tasks?project=12&modified_since=2026-01-02T00:00:00Z"
    );
    let missing = api::first_url(&call, "/tasks?project={project}", &nothing());
    assert_eq!(missing, Err(Blocked::Incomplete));
    // An id from the provider can't become more than an id.
    let hostile = BTreeMap::from([("project".to_owned(), "1&assignee=me#".to_owned())]);
    assert!(api::first_url(&call, "/tasks?project={project}", &hostile).is_err());
}

#[tokio::test]
async fn a_cursor_leads_to_the_next_page_until_there_is_none() {
    let asana = integration("asana");
    let paging = Paging::Cursor {
        path: "next_page.offset".into(),
        param: "offset".into(),
    };
    let first = "https://app.asana.com/api/1.0/tasks?project=1&offset=old";
    let (_, answer) = page(
        &asana,
        first,
        &paging,
        Reply::json(200, r#"{"data":[],"next_page":{"offset":"a&b=c"}}"#),
    )
    .await;
    assert_eq!(
        answer.unwrap().next.unwrap().as_str(),
        "https://app.asana.com/api/1.0/tasks?project=1&offset=a%26b%3Dc"
    );
    let (_, answer) = page(
        &asana,
        first,
        &paging,
        Reply::json(200, r#"{"data":[],"next_page":null}"#),
    )
    .await;
    assert_eq!(answer.unwrap().next, None);
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_new_is_refused() {
    let paging = Paging::Cursor {
        path: "next".into(),
        param: "offset".into(),
    };
    let address = "https://app.asana.com/api/1.0/tasks?offset=same";
    let (_, answer) = page(
        &integration("asana"),
        address,
        &paging,
        Reply::json(200, r#"{"next":"same"}"#),
    )
    .await;
    assert_eq!(answer.unwrap_err().kind, ProviderErrorKind::Garbled);
}

#[tokio::test]
async fn a_link_header_leads_to_the_next_page() {
    let github = integration("github");
    let address = "https://api.github.com/issues?page=1";
    for (link, next) in [
        (
            r#"<https://api.github.com/issues?page=2>; rel="next", <https://api.github.com/issues?page=9>; rel="last""#,
            Some("https://api.github.com/issues?page=2"),
        ),
        (
            r#"<https://api.github.com/issues?page=1>; rel="prev", </issues?page=3>; title="a,b"; rel=next"#,
            Some("https://api.github.com/issues?page=3"),
        ),
        (r#"<https://api.github.com/issues?page=9>; rel="last""#, None),
    ] {
        let reply = Reply::with(200, &[("link", link)], "[]");
        let (_, answer) = page(&github, address, &Paging::LinkHeader, reply).await;
        assert_eq!(answer.unwrap().next.as_ref().map(Url::as_str), next, "{link}");
    }
}

#[tokio::test]
async fn s36_an_api_call_never_leaves_its_host() {
    let github = integration("github");
    let address = "https://api.github.com/issues";
    // A next page elsewhere
    for target in [
        "https://evil.example.com/issues?page=2",
        "http://api.github.com/issues?page=2",
        "http://169.254.169.254/",
        "//evil.example.com/",
        "https://api.github.com@evil.example.com/",
    ] {
        let link = format!("<{target}>; rel=\"next\"");
        let reply = Reply::with(200, &[("link", &link)], "[]");
        let (canary, answer) = page(&github, address, &Paging::LinkHeader, reply).await;
        let kind = answer.unwrap_err().kind;
        assert!(matches!(kind, ProviderErrorKind::Blocked(_)), "{target} {kind:?}");
        assert_eq!(canary.seen().len(), 1);
    }
    // A redirect
    let reply = Reply::with(302, &[("location", "http://169.254.169.254/")], "");
    let (canary, answer) = page(&github, address, &Paging::None, reply).await;
    assert_eq!(answer.unwrap_err().kind, ProviderErrorKind::Garbled);
    assert_eq!(canary.seen().len(), 1);
    // An address on another host to begin with: the token does not leave
    let (canary, answer) = page(
        &github,
        "https://evil.example.com/",
        &Paging::None,
        Reply::json(200, "[]"),
    )
    .await;
    assert_eq!(
        answer.unwrap_err().kind,
        ProviderErrorKind::Blocked(Blocked::OtherHost)
    );
    assert!(canary.seen().is_empty());
}

#[tokio::test]
async fn l09_a_limit_carries_the_wait_by_the_providers_own_clock() {
    let headers = [
        ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("x-ratelimit-remaining", "0"),
        // 08:50:37
        ("x-ratelimit-reset", "784111837"),
    ];
    let (_, answer) = page(
        &integration("github"),
        "https://api.github.com/issues",
        &Paging::None,
        Reply::with(403, &headers, "{}"),
    )
    .await;
    assert_eq!(
        answer.unwrap_err().kind,
        ProviderErrorKind::Limited {
            retry_after: Some(std::time::Duration::from_mins(1))
        }
    );
}

#[tokio::test]
async fn no_content_is_printed() {
    let (_, answer) = page(
        &integration("github"),
        "https://api.github.com/issues",
        &Paging::None,
        Reply::json(200, r#"["canary-mail"]"#),
    )
    .await;
    assert!(!format!("{:?}", answer.unwrap()).contains("canary"));
}
