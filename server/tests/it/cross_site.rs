//! S55: only a page of ours changes anything, and a GET changes nothing.

use http::Method;
use patchbay_server::web::entries;

use crate::support::{Decision, FORM, TestApp};

/// What browsers send by themselves, as JSON; the route only logs.
const REPORT: &str = "/csp-report";

/// What another site can make a browser send, and what a program sends that is no browser.
const FORGED: [(&str, &[(&str, &str)]); 9] = [
    (
        "cross-site",
        &[("sec-fetch-site", "cross-site"), ("content-type", FORM)],
    ),
    (
        "same-site",
        &[("sec-fetch-site", "same-site"), ("content-type", FORM)],
    ),
    (
        "typed address",
        &[("sec-fetch-site", "none"), ("content-type", FORM)],
    ),
    (
        "text/plain",
        &[("sec-fetch-site", "same-origin"), ("content-type", "text/plain")],
    ),
    (
        "json",
        &[
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/json"),
        ],
    ),
    ("no type", &[("sec-fetch-site", "same-origin")]),
    ("no headers", &[("content-type", FORM)]),
    (
        "another origin",
        &[("origin", "https://evil.tld"), ("content-type", FORM)],
    ),
    ("null origin", &[("origin", "null"), ("content-type", FORM)]),
];

/// Rows that exist: a connection of Acme, and a flow of Acme that waits.
async fn real_path(app: &TestApp, path: &str, flow: &str) -> String {
    let id = match path.split('/').nth(1) {
        Some("connections") => app.the_connection().await.id.to_string(),
        _ if path.ends_with("/key") => "sendgrid".to_owned(),
        _ => "asana".to_owned(),
    };
    path.replace("{flow}", flow).replace("{id}", &id)
}

async fn connected(app: &TestApp) -> (crate::support::Browser, String) {
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    let started = ana.post_form("/integrations/github/connect", &[]).await;
    let flow = started.location().trim_start_matches("/connect/").to_owned();
    (ana, flow)
}

on_both! {
    async fn s55_no_other_site_changes_anything(app: &TestApp) {
        let (ana, flow) = connected(app).await;
        let erin = app.signed_in("erin@patchbay.example").await;
        let before = app.rows_but(&[]).await;
        let mut tried = 0;
        for entry in entries().into_iter().filter(|entry| entry.method != Method::GET && entry.path != REPORT) {
            let path = real_path(app, &entry.path, &flow).await;
            for (case, headers) in FORGED {
                for mut browser in [ana.clone(), erin.clone()] {
                    let body = "key=SG.x&person=x&tenant=x&client_id=x&client_secret=x";
                    let mut request = browser.request(entry.method.clone(), &path, body);
                    for (name, value) in headers {
                        request.headers_mut().insert(*name, value.parse().unwrap());
                    }
                    let answer = browser.send(request).await;
                    assert_eq!(answer.status, 403, "{path}: {case}");
                    assert!(answer.headers.get("set-cookie").is_none(), "{path}: {case}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{tried} tried");
        assert_eq!(app.rows_but(&[]).await, before, "nothing changed");
    }

    async fn s55_a_report_of_our_own_policy_changes_nothing(app: &TestApp) {
        let (mut ana, _) = connected(app).await;
        let before = app.rows_but(&[]).await;
        for body in [r#"{"csp-report":{"violated-directive":"script-src"}}"#, "not json", ""] {
            let mut request = ana.request(Method::POST, REPORT, body);
            request.headers_mut().insert("content-type", "application/csp-report".parse().unwrap());
            request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
            assert_eq!(ana.send(request).await.status, 204);
        }
        assert_eq!(app.rows_but(&[]).await, before);
    }

    /// But for the callback, which is how providers answer: callback.rs.
    async fn s55_a_get_changes_nothing(app: &TestApp) {
        let (ana, flow) = connected(app).await;
        let erin = app.signed_in("erin@patchbay.example").await;
        let before = app.rows_but(&[]).await;
        for entry in entries() {
            if entry.path == "/callback/{id}" {
                continue;
            }
            let path = real_path(app, &entry.path, &flow).await;
            for mut browser in [ana.clone(), erin.clone(), app.browser()] {
                if path == "/events" {
                    drop(browser.listen(Some(0)).await);
                    continue;
                }
                browser.get(&path).await;
                // As a link of another site, which carries the cookies.
                let mut request = browser.request(Method::GET, &path, "");
                request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
                browser.send(request).await;
            }
        }
        assert_eq!(app.rows_but(&[]).await, before);
    }
}

/// Our own pages, in a browser that sends no Fetch Metadata but the origin.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_an_older_browser_is_let_through_by_its_origin() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let mut request = ana.request(Method::POST, "/integrations/asana/connect", "");
    request
        .headers_mut()
        .insert("content-type", format!("{FORM}; charset=utf-8").parse().unwrap());
    request
        .headers_mut()
        .insert("origin", "http://localhost:3000".parse().unwrap());
    assert!(ana.send(request).await.location().starts_with("/connect/"));
}
