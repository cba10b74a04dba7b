//! S65: every route with every role, compared with a table of its own. The walk goes over the router's own list: a
//! route without a row fails, and so does a row without a route.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use patchbay_server::web::entries;
use patchbay_store::ConnectionId;

use crate::support::{Answer, Browser, FORM, TestApp};

/// What a request comes to.
#[derive(Debug, Clone, Copy)]
enum Comes {
    /// 200.
    Ok,
    /// 303 to the sign-in page, which comes back to the page where it was one.
    SignIn,
    /// 303 to an address that begins so.
    To(&'static str),
    /// A page that says that this role may not.
    Forbidden,
    /// A page that says that there is none.
    NotFound,
    /// A status of its own.
    Status(u16),
}

use Comes::{Forbidden, NotFound, Ok, SignIn, Status, To};

/// Method, path, and what it comes to for: nobody signed in, an engineer, a PM, an admin of the tenant whose rows the
/// ids name, an admin of another tenant.
type Row = (&'static str, &'static str, [Comes; 5]);

const TABLE: &[Row] = &[
    // Pages.
    ("GET", "/", [SignIn, Ok, Ok, Ok, Ok]),
    ("GET", "/sign-in", [Ok, Ok, Ok, Ok, Ok]),
    ("GET", "/integrations", [SignIn, Ok, Ok, Ok, Ok]),
    ("GET", "/integrations/{id}", [SignIn, Ok, Ok, Ok, Ok]),
    (
        "GET",
        "/connect/{flow}",
        [SignIn, NotFound, NotFound, Ok, NotFound],
    ),
    (
        "GET",
        "/connections/{id}/disconnect",
        [SignIn, NotFound, NotFound, Ok, NotFound],
    ),
    (
        "GET",
        "/connections/{id}/other-account",
        [SignIn, NotFound, NotFound, Ok, NotFound],
    ),
    ("GET", "/rollout", [SignIn, Ok, Ok, NotFound, NotFound]),
    ("GET", "/report", [SignIn, Ok, Ok, NotFound, NotFound]),
    ("GET", "/activity", [SignIn, Ok, NotFound, Ok, Ok]),
    (
        "GET",
        "/settings/apps",
        [SignIn, Ok, NotFound, NotFound, NotFound],
    ),
    (
        "GET",
        "/settings/apps/{id}",
        [SignIn, Ok, NotFound, NotFound, NotFound],
    ),
    (
        "GET",
        "/settings/apps/import",
        [SignIn, Ok, NotFound, NotFound, NotFound],
    ),
    ("GET", "/dev/components", [Ok, Ok, Ok, Ok, Ok]),
    // Files, streams, probes.
    ("GET", "/report/export", [SignIn, Ok, Ok, NotFound, NotFound]),
    ("GET", "/activity/export", [SignIn, Ok, NotFound, Ok, Ok]),
    (
        "GET",
        "/settings/apps/import/template",
        [SignIn, Ok, NotFound, NotFound, NotFound],
    ),
    ("GET", "/events", [Status(401), Ok, Ok, Ok, Ok]),
    ("GET", "/healthz", [Ok, Ok, Ok, Ok, Ok]),
    ("GET", "/readyz", [Ok, Ok, Ok, Ok, Ok]),
    // Without a query nobody's callback says anything; callback.rs has the rest.
    (
        "GET",
        "/callback/{id}",
        [Status(400), Status(400), Status(400), Status(400), Status(400)],
    ),
    // Who signs in, and as whom.
    ("POST", "/sign-in", [To("/"), To("/"), To("/"), To("/"), To("/")]),
    ("POST", "/sign-out", [To("/sign-in?notice=signed-out"); 5]),
    // The first owner of a live deployment; this one is a demo.
    ("GET", "/setup", [NotFound; 5]),
    ("POST", "/setup", [NotFound; 5]),
    (
        "POST",
        "/act-for",
        [SignIn, NotFound, NotFound, To("/"), NotFound],
    ),
    ("POST", "/theme", [To("/"); 5]),
    // What admins do for their tenant. The other admin's own tenant connects as well as this one.
    (
        "POST",
        "/integrations/{id}/connect",
        [SignIn, Forbidden, Forbidden, To("/connect/"), To("/connect/")],
    ),
    (
        "POST",
        "/integrations/{id}/key",
        [SignIn, Forbidden, Forbidden, To(KEPT), To(KEPT)],
    ),
    (
        "POST",
        "/connections/{id}/test",
        [SignIn, Forbidden, Forbidden, To(TESTED), NotFound],
    ),
    (
        "POST",
        "/connections/{id}/sync",
        [SignIn, Forbidden, Forbidden, To(SYNCED), NotFound],
    ),
    (
        "POST",
        "/connections/{id}/disconnect",
        [SignIn, Forbidden, Forbidden, To(ENDED), NotFound],
    ),
    (
        "POST",
        "/connections/{id}/other-account",
        [SignIn, Forbidden, Forbidden, To(LET_GO), NotFound],
    ),
    // Proving with a test account is for live deployments; proving.rs has the rest. This one is a demo.
    (
        "POST",
        "/integrations/{id}/prove",
        [SignIn, NotFound, NotFound, NotFound, NotFound],
    ),
    (
        "GET",
        "/proofs/{id}/recording",
        [SignIn, NotFound, NotFound, NotFound, NotFound],
    ),
    // What the company's people do.
    (
        "POST",
        "/rollout/verify",
        [
            SignIn,
            To("/rollout?notice=verification-started"),
            NotFound,
            NotFound,
            NotFound,
        ],
    ),
    (
        "POST",
        "/settings/apps/{id}",
        [SignIn, To(SAVED), NotFound, NotFound, NotFound],
    ),
    // In this order: the secret that was saved is replaced, then the other one is removed.
    (
        "POST",
        "/settings/apps/{id}/rotate",
        [SignIn, To(ROTATED), NotFound, NotFound, NotFound],
    ),
    (
        "POST",
        "/settings/apps/{id}/forget",
        [SignIn, To(FORGOTTEN), NotFound, NotFound, NotFound],
    ),
    (
        "POST",
        "/settings/apps/{id}/progress",
        [SignIn, To(SAID), NotFound, NotFound, NotFound],
    ),
    (
        "POST",
        "/settings/apps/{id}/check",
        [SignIn, To(CHECKED), NotFound, NotFound, NotFound],
    ),
    (
        "POST",
        "/settings/apps/import",
        [SignIn, To(IMPORTED), NotFound, NotFound, NotFound],
    ),
    // What browsers report by themselves.
    ("POST", "/csp-report", [Status(204); 5]),
];

const KEPT: &str = "/integrations/sendgrid?notice=key-";
const TESTED: &str = "/integrations/asana?notice=tested-ok";
const SYNCED: &str = "/integrations/asana?notice=sync-started";
const ENDED: &str = "/integrations/asana?notice=disconnected";
const LET_GO: &str = "/integrations/asana?notice=other-account";
const SAVED: &str = "/settings/apps/asana?notice=app-saved";
const ROTATED: &str = "/settings/apps/asana?notice=app-secret-added";
const FORGOTTEN: &str = "/settings/apps/asana?notice=app-secret-forgotten";
const SAID: &str = "/settings/apps/asana?notice=app-progress";
const CHECKED: &str = "/settings/apps/asana?notice=app-checked";
const IMPORTED: &str = "/settings/apps?notice=imported";

/// Who asks, in the order of the columns.
const ROLES: [Option<&str>; 5] = [
    None,
    Some("erin@patchbay.example"),
    Some("paul@patchbay.example"),
    Some("ana@acme.example"),
    Some("ben@globex.example"),
];

/// In which order the roles come: the one whose rows these are last, because it may end them.
const ORDER: [usize; 5] = [0, 1, 2, 4, 3];

/// Ids of rows that exist, all of Acme.
struct Real {
    connection: ConnectionId,
    flow: String,
    tenant: String,
    erin: String,
}

impl Real {
    async fn of(app: &TestApp) -> Self {
        let mut ana = app.ana().await;
        ana.connect("asana", crate::support::Decision::Approve(0)).await;
        app.work_history().await;
        let started = ana.post_form("/integrations/github/connect", &[]).await;
        let connection = app.the_connection().await;
        Self {
            flow: started.location().trim_start_matches("/connect/").to_owned(),
            tenant: connection.tenant_id.to_string(),
            connection: connection.id,
            erin: app.person("erin@patchbay.example").await,
        }
    }

    /// The path with ids of rows that exist.
    fn path(&self, path: &str) -> String {
        let id = match path.split('/').nth(1) {
            Some("connections") => self.connection.as_str(),
            _ if path.ends_with("/key") => "sendgrid",
            _ => "asana",
        };
        let path = path.replace("{flow}", &self.flow).replace("{id}", id);
        match path.as_str() {
            "/activity/export" => format!("{path}?format=csv"),
            "/report/export" => format!("{path}?format=md"),
            "/settings/apps/import/template" => format!("{path}?format=toml"),
            _ => path,
        }
    }

    /// The fields of a form that is filled in rightly.
    fn fields(&self, path: &str) -> Vec<(&'static str, &str)> {
        match path {
            "/sign-in" => vec![("person", self.erin.as_str())],
            "/act-for" => vec![("tenant", self.tenant.as_str())],
            "/integrations/{id}/key" => {
                vec![(
                    "key",
                    "SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1",
                )]
            }
            "/settings/apps/{id}" => vec![
                ("client_id", "an-id-of-ours"),
                ("client_secret", "a-secret-of-ours"),
            ],
            "/settings/apps/{id}/rotate" => vec![
                ("new_secret", "another-secret-of-ours"),
                ("keep_until", "2026-05-01"),
            ],
            "/settings/apps/{id}/progress" => vec![("stage", "approved")],
            _ => Vec::new(),
        }
    }
}

async fn ask(
    browser: &mut Browser,
    method: &Method,
    path: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, u16> {
    if path == "/events" {
        // It has no end to be read to.
        return Err(browser
            .listen(None)
            .await
            .map_or_else(|status| status.as_u16(), |_| 200));
    }
    match *method {
        Method::GET => Result::Ok(browser.get(path).await),
        Method::POST if path == "/settings/apps/import" => {
            Result::Ok(browser.post_file(path, "[apps.figma]\nowner = \"Ben\"\n").await)
        }
        _ => Result::Ok(browser.post_form(path, fields).await),
    }
}

/// What is not as the table says; nothing where all is.
fn difference(wanted: Comes, got: &Result<Answer, u16>) -> Option<String> {
    let status = got
        .as_ref()
        .map_or_else(|status| *status, |answer| answer.status.as_u16());
    let location = got.as_ref().map_or("", |answer| answer.location());
    let says = |words: &str| got.as_ref().is_ok_and(|answer| answer.text().contains(words));
    let right = match wanted {
        Ok => status == 200,
        SignIn => status == 303 && location.starts_with("/sign-in"),
        To("/") => status == 303 && location == "/",
        To(start) => status == 303 && location.starts_with(start),
        Forbidden => status == 403 && says("Not allowed"),
        NotFound => status == 404 && says("Page not found"),
        Status(other) => status == other,
    };
    (!right).then(|| format!("wanted {wanted:?}, got {status} {location}"))
}

on_both! {
    async fn s65_every_route_lets_in_whom_the_table_says(app: &TestApp) {
        let real = Real::of(app).await;
        let rows: BTreeMap<(&str, &str), [Comes; 5]> =
            TABLE.iter().map(|(method, path, comes)| ((*method, *path), *comes)).collect();
        let mut wrong = Vec::new();
        for entry in entries() {
            let Some(row) = rows.get(&(entry.method.as_str(), entry.path.as_str())) else {
                wrong.push(format!("{} {}: no row in the table", entry.method, entry.path));
                continue;
            };
            for role in ORDER {
                let mut browser = app.browser();
                if let Some(email) = ROLES[role] {
                    browser.sign_in(email).await;
                }
                let got = ask(&mut browser, &entry.method, &real.path(&entry.path), &real.fields(&entry.path)).await;
                if let Some(difference) = difference(row[role], &got) {
                    let who = ROLES[role].unwrap_or("nobody");
                    wrong.push(format!("{} {} as {who}: {difference}", entry.method, entry.path));
                }
            }
        }
        let declared: BTreeSet<(String, String)> =
            entries().into_iter().map(|entry| (entry.method.to_string(), entry.path)).collect();
        for (method, path) in rows.keys() {
            if !declared.contains(&((*method).to_owned(), (*path).to_owned())) {
                wrong.push(format!("{method} {path}: a row without a route"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// S69: a refusal of a role is the same whether or not there is such a row.
    async fn s69_roles_without_the_right_learn_nothing_from_ids(app: &TestApp) {
        let real = Real::of(app).await;
        for email in ["erin@patchbay.example", "paul@patchbay.example"] {
            let mut browser = app.signed_in(email).await;
            for action in ["test", "sync", "disconnect", "other-account"] {
                let there = browser.post_form(&format!("/connections/{}/{action}", real.connection), &[]).await;
                let not = browser.post_form(&format!("/connections/no-such-row/{action}"), &[]).await;
                assert_eq!((there.status.as_u16(), not.status.as_u16()), (403, 403), "{email} {action}");
            }
        }
        let ended = app.the_connection().await.ended_at;
        assert_eq!(ended, None, "and nothing happened");
    }
}

/// S69: what a company role reads of a tenant's connection is a count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s69_company_roles_read_no_account_names() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    ana.connect("asana", crate::support::Decision::Approve(1)).await;
    for email in ["erin@patchbay.example", "paul@patchbay.example"] {
        let mut browser = app.signed_in(email).await;
        for path in [
            "/",
            "/integrations",
            "/integrations/asana",
            "/rollout",
            "/report",
            "/report/export?format=md",
        ] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(
                !page.body.contains("ops@acme.example"),
                "{email} reads the account on {path}"
            );
        }
    }
    assert!(
        ana.get("/integrations/asana")
            .await
            .body
            .contains("ops@acme.example"),
        "as its admin does"
    );
}

/// The list is the router: what is posted with a form's type to a path that is not in it does not exist.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s65_what_is_not_in_the_list_does_not_exist() {
    let app = TestApp::start().await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    let answer = erin.post_form("/integrations", &[]).await;
    assert_eq!(answer.status, 404);
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let mut request = erin.request(method.clone(), "/integrations/asana/connect", "");
        request
            .headers_mut()
            .insert("content-type", FORM.parse().unwrap());
        request
            .headers_mut()
            .insert("sec-fetch-site", "same-origin".parse().unwrap());
        assert_eq!(erin.send(request).await.status, 404, "{method}");
    }
}
