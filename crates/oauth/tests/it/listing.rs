//! Lists, page by page.

use std::collections::BTreeMap;

use patchbay_catalog::{Integration, Listing, Method, Paging, Ready};
use patchbay_oauth::api::ApiCall;
use patchbay_oauth::http::Blocked;
use patchbay_oauth::listing::{self, Page, Parts};
use patchbay_oauth::{ProviderError, ProviderErrorKind};

use crate::canary::{Canary, Reply};
use crate::world::{client, integration, nothing, secret};

/// Tasks of a project.
const TASKS: &str = "/tasks?project={project}&modified_since={from}";

fn listing<'a>(request: &'a str, paging: &'a Paging) -> Listing<'a> {
    Listing {
        method: Method::Get,
        request,
        body: None,
        headers: None,
        records_path: "",
        may_be_absent: false,
        single: false,
        paging,
    }
}

fn parts(project: &str) -> Parts {
    Parts {
        own: BTreeMap::from([("from".to_owned(), "2026-01-02T00:00:00Z".to_owned())]),
        numeric: false,
        foreign: BTreeMap::from([("project".to_owned(), project.to_owned())]),
    }
}

async fn read(
    integration: &Integration,
    listing: &Listing<'_>,
    parts: &Parts,
    place: Option<&str>,
    reply: Reply,
) -> (Canary, Result<Page, ProviderError>) {
    let canary = Canary::start(vec![reply]).await;
    let call = ApiCall {
        integration,
        app: None,
        token: &secret("canary-token-1"),
        values: &nothing(),
    };
    let page = listing::read(&client(&canary), &call, listing, parts, place).await;
    (canary, page)
}

/// One page of an answer that is its own list.
async fn page(
    id: &str,
    request: &str,
    paging: &Paging,
    place: Option<&str>,
    reply: Reply,
) -> (Canary, Result<Page, ProviderError>) {
    read(
        &integration(id),
        &listing(request, paging),
        &parts("1"),
        place,
        reply,
    )
    .await
}

fn cursor(path: &str, param: &str) -> Paging {
    Paging::Cursor {
        path: path.into(),
        param: Some(param.into()),
        field: None,
        more_path: None,
        next_request: None,
        next_body: None,
    }
}

#[tokio::test]
async fn a_request_is_filled_and_foreign_ids_stay_ids() {
    let asana = integration("asana");
    let tasks = listing(TASKS, &Paging::None);
    for (id, sent) in [
        ("12", "12"),
        ("1&assignee=me#", "1%26assignee%3Dme%23"),
        ("a/b", "a%2Fb"),
    ] {
        let (canary, answer) = read(&asana, &tasks, &parts(id), None, Reply::json(200, "[]")).await;
        assert_eq!(answer.unwrap().records.len(), 0);
        let wanted =
            format!("GET /api/1.0/tasks?project={sent}&modified_since=2026-01-02T00:00:00Z HTTP/1.1");
        assert!(canary.only().starts_with(&wanted), "{}", canary.only());
    }
    let (canary, answer) = read(&asana, &tasks, &Parts::default(), None, Reply::json(200, "[]")).await;
    assert_eq!(
        answer.unwrap_err().kind,
        ProviderErrorKind::Blocked(Blocked::Incomplete)
    );
    assert!(canary.seen().is_empty());
}

#[tokio::test]
async fn a_cursor_leads_to_the_next_page_until_there_is_none() {
    let paging = cursor("next_page.offset", "offset");
    let asana = integration("asana");
    let tasks = Listing {
        records_path: "data",
        ..listing(TASKS, &paging)
    };
    let reply = Reply::json(200, r#"{"data":[{"gid":"1"}],"next_page":{"offset":"a&b=c"}}"#);
    let (_, answer) = read(&asana, &tasks, &parts("1"), None, reply).await;
    let first = answer.unwrap();
    assert_eq!((first.records.len(), first.next.as_deref()), (1, Some("a&b=c")));
    let reply = Reply::json(200, r#"{"data":[],"next_page":null}"#);
    let (canary, answer) = read(&asana, &tasks, &parts("1"), first.next.as_deref(), reply).await;
    assert_eq!(answer.unwrap().next, None);
    assert!(canary.only().contains("&offset=a%26b%3Dc "), "{}", canary.only());
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_new_is_refused() {
    let paging = cursor("next", "offset");
    let reply = || Reply::json(200, r#"{"next":"same","list":[]}"#);
    let asana = integration("asana");
    let list = Listing {
        records_path: "list",
        ..listing("/tasks", &paging)
    };
    let (_, answer) = read(&asana, &list, &parts("1"), Some("same"), reply()).await;
    assert_eq!(answer.unwrap_err().kind, ProviderErrorKind::Garbled);
}

#[tokio::test]
async fn an_answer_without_the_list_makes_no_sense_unless_it_may_be_absent() {
    let asana = integration("asana");
    let list = Listing {
        records_path: "data",
        ..listing("/tasks", &Paging::None)
    };
    let (_, answer) = read(&asana, &list, &parts("1"), None, Reply::json(200, "{}")).await;
    assert_eq!(answer.unwrap_err().kind, ProviderErrorKind::Garbled);
    let absent = Listing {
        may_be_absent: true,
        ..list
    };
    let (_, answer) = read(&asana, &absent, &parts("1"), None, Reply::json(200, "{}")).await;
    assert_eq!(answer.unwrap().records.len(), 0);
}

#[tokio::test]
async fn one_record_can_stand_in_the_place_of_a_list() {
    let answer = || Reply::json(200, r#"{"user": {"sub": "1"}, "list": []}"#);
    let one = |records_path| Listing {
        records_path,
        single: true,
        ..listing("/userinfo", &Paging::None)
    };
    let asana = integration("asana");
    let (_, page) = read(&asana, &one("user"), &parts("1"), None, answer()).await;
    let page = page.unwrap();
    assert_eq!(page.records, [serde_json::json!({"sub": "1"})]);
    assert_eq!(page.next, None);
    let (_, page) = read(&asana, &one("person"), &parts("1"), None, answer()).await;
    assert_eq!(page.unwrap_err().kind, ProviderErrorKind::Garbled);
}

#[tokio::test]
async fn a_link_header_leads_to_the_next_page() {
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
        let (_, answer) = page("github", "/issues?page=1", &Paging::LinkHeader, None, reply).await;
        assert_eq!(answer.unwrap().next.as_deref(), next, "{link}");
    }
    let place = "https://api.github.com/issues?page=2";
    let (canary, _) = page(
        "github",
        "/issues",
        &Paging::LinkHeader,
        Some(place),
        Reply::json(200, "[]"),
    )
    .await;
    assert!(
        canary.only().starts_with("GET /issues?page=2 "),
        "{}",
        canary.only()
    );
}

#[tokio::test]
async fn a_link_in_the_answer_is_absolute_or_a_path() {
    let paging = Paging::NextLink {
        path: "next".into(),
        more_path: Some("!done".into()),
    };
    let github = integration("github");
    let list = Listing {
        records_path: "list",
        ..listing("/issues", &paging)
    };
    for (body, next) in [
        (
            r#"{"list":[],"next":"https://api.github.com/x?p=2"}"#,
            Some("https://api.github.com/x?p=2"),
        ),
        (
            r#"{"list":[],"next":"/query/01g-2000"}"#,
            Some("https://api.github.com/query/01g-2000"),
        ),
        (r#"{"list":[],"next":"/query/01g-2000","done":true}"#, None),
        (r#"{"list":[],"next":""}"#, None),
        (r#"{"list":[]}"#, None),
    ] {
        let (_, answer) = read(&github, &list, &parts("1"), None, Reply::json(200, body)).await;
        assert_eq!(answer.unwrap().next.as_deref(), next, "{body}");
    }
}

#[tokio::test]
async fn pages_and_records_are_counted_until_one_is_not_full() {
    let pages = Paging::Page {
        param: Some("page".into()),
        start: 0,
        size: Some(2),
        more_path: None,
    };
    let (canary, answer) = page("github", "/x", &pages, None, Reply::json(200, "[1,2]")).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("1"));
    assert!(canary.only().starts_with("GET /x "), "{}", canary.only());
    let (canary, answer) = page("github", "/x", &pages, Some("1"), Reply::json(200, "[3]")).await;
    assert_eq!(answer.unwrap().next, None);
    assert!(canary.only().starts_with("GET /x?page=1 "), "{}", canary.only());

    let inside = Paging::Offset {
        param: None,
        start: 1,
        size: 2,
    };
    let request = "/query?q=startposition%20{offset}%20maxresults%202";
    let (canary, answer) = page("github", request, &inside, None, Reply::json(200, "[1,2]")).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("3"));
    assert!(
        canary.only().contains("startposition%201%20"),
        "{}",
        canary.only()
    );
    let (canary, _) = page("github", request, &inside, Some("3"), Reply::json(200, "[3]")).await;
    assert!(
        canary.only().contains("startposition%203%20"),
        "{}",
        canary.only()
    );
}

#[tokio::test]
async fn the_last_id_leads_on() {
    let paging = Paging::LastId {
        param: Some("starting_after".into()),
        next_body: None,
        path: "id".into(),
        size: None,
        more_path: Some("has_more".into()),
    };
    let github = integration("github");
    let list = Listing {
        records_path: "data",
        ..listing("/invoices?limit=2", &paging)
    };
    let reply = Reply::json(200, r#"{"data":[{"id":"in_1"},{"id":"in_2"}],"has_more":true}"#);
    let (_, answer) = read(&github, &list, &parts("1"), None, reply).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("in_2"));
    let reply = Reply::json(200, r#"{"data":[{"id":"in_3"}],"has_more":false}"#);
    let (canary, answer) = read(&github, &list, &parts("1"), Some("in_2"), reply).await;
    assert_eq!(answer.unwrap().next, None);
    assert!(
        canary.only().contains("limit=2&starting_after=in_2 "),
        "{}",
        canary.only()
    );
}

#[tokio::test]
async fn the_last_id_can_lead_on_in_the_body() {
    let paging = Paging::LastId {
        param: None,
        next_body: Some(r#"{"above":"{cursor}","since":"{from}"}"#.into()),
        path: "id".into(),
        size: Some(2),
        more_path: None,
    };
    let github = integration("github");
    let list = Listing {
        method: Method::Post,
        body: Some(r#"{"since":"{from}"}"#),
        ..listing("/search", &paging)
    };
    let since = r#""since":"2026-01-02T00:00:00Z"}"#;
    let reply = Reply::json(200, r#"[{"id":"7"},{"id":"9"}]"#);
    let (canary, answer) = read(&github, &list, &parts("1"), None, reply).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("9"));
    assert!(
        canary.only().ends_with(&format!("{{{since}")),
        "{}",
        canary.only()
    );
    let reply = Reply::json(200, r#"[{"id":"12"}]"#);
    let (canary, answer) = read(&github, &list, &parts("1"), Some("9"), reply).await;
    assert_eq!(answer.unwrap().next, None);
    let wanted = format!(r#"{{"above":"9",{since}"#);
    assert!(canary.only().ends_with(&wanted), "{}", canary.only());
}

#[tokio::test]
async fn a_body_takes_times_ids_and_the_cursor() {
    let paging = Paging::Cursor {
        path: "next".into(),
        param: None,
        field: Some("variables.after".into()),
        more_path: Some("more".into()),
        next_request: None,
        next_body: None,
    };
    let body = r#"{"query":"{ x { id } }","variables":{"since":"{from}","board":"b-{project}"}}"#;
    let list = Listing {
        method: Method::Post,
        body: Some(body),
        records_path: "list",
        ..listing("/graphql", &paging)
    };
    let times = Parts {
        own: BTreeMap::from([("from".to_owned(), "1767225600".to_owned())]),
        numeric: true,
        foreign: BTreeMap::from([("project".to_owned(), "\"x".to_owned())]),
    };
    let github = integration("github");
    let reply = Reply::json(200, r#"{"list":[],"next":"c1","more":true}"#);
    let (canary, answer) = read(&github, &list, &times, None, reply).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("c1"));
    let sent = canary.only();
    let sent = sent.rsplit("\r\n\r\n").next().unwrap();
    let sent: serde_json::Value = serde_json::from_str(sent).unwrap();
    let wanted =
        serde_json::json!({"query": "{ x { id } }", "variables": {"since": 1_767_225_600, "board": "b-\"x"}});
    assert_eq!(sent, wanted);
    let reply = Reply::json(200, r#"{"list":[],"next":"c2","more":false}"#);
    let (canary, answer) = read(&github, &list, &times, Some("c1"), reply).await;
    assert_eq!(answer.unwrap().next, None);
    assert!(canary.only().contains(r#""after":"c1""#), "{}", canary.only());
}

#[tokio::test]
async fn following_pages_can_have_an_address_and_a_body_of_their_own() {
    let paging = Paging::Cursor {
        path: "cursor".into(),
        param: None,
        field: None,
        more_path: Some("has_more".into()),
        next_request: Some("/files/list_folder/continue".into()),
        next_body: Some(r#"{"cursor":"{cursor}"}"#.into()),
    };
    let list = Listing {
        method: Method::Post,
        body: Some(r#"{"path":""}"#),
        records_path: "entries",
        ..listing("/files/list_folder", &paging)
    };
    let github = integration("github");
    let reply = Reply::json(200, r#"{"entries":[1],"cursor":"k","has_more":true}"#);
    let (canary, answer) = read(&github, &list, &parts("1"), None, reply).await;
    assert_eq!(answer.unwrap().next.as_deref(), Some("k"));
    assert!(
        canary.only().starts_with("POST /files/list_folder ") && canary.only().ends_with(r#"{"path":""}"#)
    );
    let reply = Reply::json(200, r#"{"entries":[],"cursor":"k2","has_more":false}"#);
    let (canary, answer) = read(&github, &list, &parts("1"), Some("k"), reply).await;
    assert_eq!(answer.unwrap().next, None);
    assert!(
        canary.only().starts_with("POST /files/list_folder/continue "),
        "{}",
        canary.only()
    );
    assert!(canary.only().ends_with(r#"{"cursor":"k"}"#), "{}", canary.only());
}

#[tokio::test]
async fn s36_an_api_call_never_leaves_its_host() {
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
        let (canary, answer) = page("github", "/issues", &Paging::LinkHeader, None, reply).await;
        let kind = answer.unwrap_err().kind;
        assert!(matches!(kind, ProviderErrorKind::Blocked(_)), "{target} {kind:?}");
        assert_eq!(canary.seen().len(), 1);
        // One that was stored before: the token does not leave
        let reply = Reply::json(200, "[]");
        let (canary, answer) = page("github", "/issues", &Paging::LinkHeader, Some(target), reply).await;
        let kind = answer.unwrap_err().kind;
        assert!(matches!(kind, ProviderErrorKind::Blocked(_)), "{target} {kind:?}");
        assert!(canary.seen().is_empty());
    }
    // A redirect
    let reply = Reply::with(302, &[("location", "http://169.254.169.254/")], "");
    let (canary, answer) = page("github", "/issues", &Paging::None, None, reply).await;
    assert_eq!(answer.unwrap_err().kind, ProviderErrorKind::Garbled);
    assert_eq!(canary.seen().len(), 1);
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
        "github",
        "/issues",
        &Paging::None,
        None,
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
        "github",
        "/issues",
        &Paging::None,
        None,
        Reply::json(200, r#"["canary-mail"]"#),
    )
    .await;
    assert!(!format!("{:?}", answer.unwrap()).contains("canary"));
}

#[tokio::test]
async fn what_is_still_being_collected_is_not_ready() {
    let ready = Ready {
        method: Method::Post,
        request: "/transactions/sync".into(),
        body: Some(r#"{"count":1}"#.into()),
        path: "status".into(),
        is: "COMPLETE".into(),
    };
    let github = integration("github");
    for (told, is_ready) in [
        (r#"{"status":"COMPLETE"}"#, true),
        (r#"{"status":"INITIAL"}"#, false),
        ("{}", false),
    ] {
        let canary = Canary::start(vec![Reply::json(200, told)]).await;
        let call = ApiCall {
            integration: &github,
            app: None,
            token: &secret("canary-token-1"),
            values: &nothing(),
        };
        let answer = listing::is_ready(&client(&canary), &call, &ready, &parts("1")).await;
        assert_eq!(answer.unwrap(), is_ready, "{told}");
        let sent = canary.only();
        assert!(sent.starts_with("POST /transactions/sync ") && sent.ends_with(r#"{"count":1}"#));
    }
}

#[tokio::test]
async fn records_can_be_counted_in_the_body() {
    let paging = Paging::Offset {
        param: None,
        start: 0,
        size: 2,
    };
    let list = Listing {
        method: Method::Post,
        body: Some(r#"{"options":{"offset":"{offset}"}}"#),
        records_path: "list",
        ..listing("/transactions", &paging)
    };
    let github = integration("github");
    let (canary, answer) = read(
        &github,
        &list,
        &parts("1"),
        None,
        Reply::json(200, r#"{"list":[1,2]}"#),
    )
    .await;
    assert!(
        canary.only().ends_with(r#"{"options":{"offset":0}}"#),
        "{}",
        canary.only()
    );
    let next = answer.unwrap().next;
    let (canary, answer) = read(
        &github,
        &list,
        &parts("1"),
        next.as_deref(),
        Reply::json(200, r#"{"list":[3]}"#),
    )
    .await;
    assert!(
        canary.only().ends_with(r#"{"options":{"offset":2}}"#),
        "{}",
        canary.only()
    );
    assert_eq!(answer.unwrap().next, None);
}
