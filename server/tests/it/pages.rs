//! Every page for everyone who may see it: it is there, it is whole, and it works with scripts off.

use std::collections::BTreeSet;

use patchbay_catalog::Integration;
use patchbay_hub::verify;

use crate::support::{Answer, Browser, Decision, TestApp, forms, headings, links, title};

/// What every page has, whoever looks.
fn is_whole(page: &Answer) {
    let asked = &page.asked;
    assert_eq!(page.status, 200, "{asked}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{asked}");
    assert_eq!(headings(&page.body, "h1").len(), 1, "{asked}: one h1");
    assert!(!headings(&page.body, "h1")[0].is_empty(), "{asked}");
    assert!(
        title(&page.body).ends_with("Patchbay"),
        "{asked}: “{}”",
        title(&page.body)
    );
    assert!(page.body.starts_with("<!DOCTYPE html>"), "{asked}");
    assert!(page.body.contains("<html lang=\"en\""), "{asked}");
    assert_eq!(page.body.matches("<main").count(), 1, "{asked}");
    assert!(
        page.text().contains("Demo: sample data, simulated providers."),
        "{asked}: the banner of demo mode"
    );
    assert!(
        links(&page.body).iter().any(|link| link == "#main"),
        "{asked}: a way past the menu"
    );
    let mut ids = BTreeSet::new();
    for id in page
        .body
        .split(" id=\"")
        .skip(1)
        .map(|rest| &rest[..rest.find('"').unwrap()])
    {
        assert!(ids.insert(id), "{asked}: two elements are called “{id}”");
    }
    for form in forms(&page.body) {
        assert!(form.action.starts_with('/'), "{asked}: {form:?}");
        // A button outside a form, or a form without one, would need scripts.
        assert!(
            form.inner.contains("<button"),
            "{asked}: a form without a button: {}",
            form.action
        );
    }
    // Those that only scripts can use are hidden until a script shows them.
    let shown = |rest: &&str| !rest[..rest.find('>').unwrap()].contains(" hidden");
    let all = page.body.split("<button").skip(1).filter(shown).count();
    let inside: usize = forms(&page.body)
        .iter()
        .map(|form| form.inner.matches("<button").count())
        .sum();
    assert_eq!(all, inside, "{asked}: a button that does nothing without scripts");
}

async fn see(browser: &mut Browser, path: &str) -> Answer {
    let page = browser.get(path).await;
    is_whole(&page);
    page
}

fn has_form(page: &Answer, action: &str) {
    let found = forms(&page.body)
        .into_iter()
        .any(|form| form.action == action && form.method == "post");
    assert!(found, "{}: a form that posts to {action}", page.asked);
}

fn has_link(page: &Answer, href: &str) {
    assert!(
        links(&page.body).iter().any(|link| link == href),
        "{}: a link to {href}",
        page.asked
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admins_pages_are_whole() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let before = see(&mut ana, "/integrations/asana").await;
    has_form(&before, "/integrations/asana/connect");
    has_form(
        &see(&mut ana, "/integrations/sendgrid").await,
        "/integrations/sendgrid/key",
    );
    let leaving = ana.leave_for("asana").await;
    is_whole(&leaving);
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    ana.get(&back).await;
    let arriving = see(&mut ana, "/integrations/asana").await;
    assert!(
        title(&arriving.body).starts_with("Connecting Asana"),
        "{}",
        title(&arriving.body)
    );
    app.work_history().await;
    let id = app.the_connection().await.id;
    let connected = see(&mut ana, "/integrations/asana").await;
    has_form(&connected, &format!("/connections/{id}/test"));
    has_form(&connected, &format!("/connections/{id}/sync"));
    has_link(&connected, &format!("/connections/{id}/disconnect"));
    has_form(
        &see(&mut ana, &format!("/connections/{id}/disconnect")).await,
        &format!("/connections/{id}/disconnect"),
    );
    has_link(&connected, &format!("/connections/{id}/other-account"));
    has_form(
        &see(&mut ana, &format!("/connections/{id}/other-account")).await,
        &format!("/connections/{id}/other-account"),
    );
    let home = see(&mut ana, "/").await;
    for hidden in ["/rollout", "/report"] {
        assert!(
            !links(&home.body).iter().any(|link| link.starts_with(hidden)),
            "no way to {hidden}"
        );
    }
    has_form(&home, "/sign-out");
    has_form(&home, "/theme");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_companys_pages_are_whole() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    for email in ["erin@patchbay.example", "paul@patchbay.example"] {
        let mut browser = app.signed_in(email).await;
        for path in [
            "/",
            "/integrations",
            "/integrations/asana",
            "/integrations/sendgrid",
            "/integrations/notion",
        ] {
            see(&mut browser, path).await;
        }
        let rollout = see(&mut browser, "/rollout").await;
        let may_verify = forms(&rollout.body)
            .iter()
            .any(|form| form.action == "/rollout/verify");
        assert_eq!(may_verify, email.starts_with("erin"), "{email}");
        for show in ["pending", "complete", "live", "used", "no-such-word"] {
            see(&mut browser, &format!("/rollout?status={show}")).await;
        }
        has_link(&see(&mut browser, "/report").await, "/report/export?format=md");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_signed_out_see_who_can_sign_in() {
    let app = TestApp::start().await;
    let page = see(&mut app.browser(), "/sign-in").await;
    has_form(&page, "/sign-in");
    for name in [
        "Erin Park, Engineer",
        "Paul Meyer, PM",
        "Ana Ruiz, Admin of Acme",
        "Ben Cole, Admin of Globex",
    ] {
        assert!(page.text().contains(name), "{name} in: {}", page.text());
    }
    // The parts' samples lead nowhere, so that page is not whole in every way.
    let samples = app.browser().get("/dev/components").await;
    assert_eq!(
        (samples.status.as_u16(), headings(&samples.body, "h1").len()),
        (200, 1)
    );
}

/// The names of the cards of a list.
fn cards(page: &Answer) -> Vec<String> {
    let list = page.body.split("<ul class=\"cards\">").nth(1).unwrap_or_default();
    let list = &list[..list.find("</ul>").unwrap_or_default()];
    let mut names: Vec<String> = links(list)
        .into_iter()
        .filter_map(|link| {
            Some(
                link.strip_prefix("/integrations/")?
                    .split(['?', '#'])
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_shows_all_39_and_narrows_by_its_address() {
    let app = TestApp::start().await;
    for mut browser in [app.ana().await, app.signed_in("paul@patchbay.example").await] {
        assert_eq!(cards(&see(&mut browser, "/integrations").await).len(), 39);
        assert_eq!(
            cards(&see(&mut browser, "/integrations?q=asana").await),
            ["asana"]
        );
        assert_eq!(
            cards(&see(&mut browser, "/integrations?q=ASANA").await),
            ["asana"]
        );
        assert_eq!(
            cards(&see(&mut browser, "/integrations?category=no-such-thing").await).len(),
            39
        );
        let nothing = see(&mut browser, "/integrations?q=slck").await;
        assert!(
            nothing.text().contains("No integration matches “slck”."),
            "{}",
            nothing.text()
        );
        has_link(&nothing, "/integrations");
    }
    let mut ana = app.ana().await;
    let open = cards(&see(&mut ana, "/integrations?state=not-connected").await);
    for id in ["asana", "github", "sendgrid"] {
        assert!(open.contains(&id.to_owned()), "{id} in {open:?}");
    }
    let without_check = |integration: &&Integration| !verify::has_check(integration);
    for integration in app.hub.catalog().iter().filter(without_check) {
        assert!(
            !open.contains(&integration.id),
            "what is not offered is not among them"
        );
    }
    ana.connect("asana", Decision::Approve(0)).await;
    app.work_history().await;
    assert_eq!(
        cards(&see(&mut ana, "/integrations?state=connected").await),
        ["asana"]
    );
}

/// S72: what is typed into an address is shown as what it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s72_an_address_is_no_markup() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let typed = "%3Cscript%3Ealert(1)%3C/script%3E%22%20autofocus%20onfocus=%22alert(1)";
    for path in [
        format!("/integrations?q={typed}"),
        format!("/integrations/asana?notice={typed}&ref={typed}"),
        format!("/sign-in?return_to={typed}&notice={typed}"),
    ] {
        let page = see(&mut ana, &path).await;
        assert!(!page.body.contains("<script>alert"), "{path}");
        // Inside a value quotes are escaped, so that nothing of it becomes an attribute.
        let tags = page
            .body
            .split('<')
            .skip(1)
            .map(|tag| tag.split('>').next().unwrap_or_default());
        for tag in tags {
            assert!(!tag.contains("onfocus=\""), "{path}: {tag}");
        }
    }
}

/// The theme is the person's, and kept in a cookie of the browser.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_theme_is_kept() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    assert!(
        !ana.get("/").await.body.contains("data-theme="),
        "as the system has it"
    );
    let answer = ana
        .post_form("/theme", &[("theme", "dark"), ("return_to", "/integrations?q=a")])
        .await;
    assert_eq!(answer.location(), "/integrations?q=a");
    assert!(ana.get("/").await.body.contains("data-theme=\"dark\""));
    ana.post_form("/theme", &[("theme", "\" onload=\"alert(1)")])
        .await;
    assert!(!ana.get("/").await.body.contains("onload"));
}
