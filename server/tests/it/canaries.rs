//! S46: recognisable words stand in every place that holds a secret, everything is driven once, and nothing that comes
//! out holds one of them: no page, no stream, no download, no log, no row, no file.

use std::{
    io::Write,
    sync::{Arc, Mutex, OnceLock},
};

use patchbay_hub::live;
use patchbay_simulator::{App, FaultKind};
use patchbay_store::{FlowId, Kek, Place, Scope, flows, grants};
use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, Browser, Decision, Home, Setup, TestApp};

const CLIENT_SECRET: &str = "CANARY-client-secret-of-our-app-at-asana";
const KEY: &str = "SG.CANARY-key-that-works.0123456789-CANARY-0123456789-abcdefghij";
const REFUSED_KEY: &str = "SG.CANARY-key-refused.0123456789-CANARY-0123456789-klmnopqrst";
const SHAPELESS_KEY: &str = "CANARY-something-that-is-no-key";
const PUBLIC_TOKEN: &str = "public-sandbox-CANARY-of-a-link";
const APP_SECRET: &str = "CANARY-secret-that-an-engineer-typed";
const NEW_SECRET: &str = "CANARY-second-secret-of-an-app";
const FILE_SECRET: &str = "CANARY-secret-that-came-in-a-file";
const BROKEN_SECRET: &str = "CANARY-secret-in-a-broken-row";
const KEK: &str = "CANARY-key-encryption-key-32byte";
/// The same as base64, which is how a key is given.
const KEK_TEXT: &str = "Q0FOQVJZLWtleS1lbmNyeXB0aW9uLWtleS0zMmJ5dGU=";

/// Where logs go during the test.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Captures logs at the level that says most. For the whole process and once, because databases log from threads
    /// of their own; the other tests log into it too, which does no harm: they know none of these words.
    fn start() -> &'static Self {
        static LOGS: OnceLock<Logs> = OnceLock::new();
        LOGS.get_or_init(|| {
            let logs = Self::default();
            let started = tracing_subscriber::fmt()
                .with_max_level(tracing::Level::DEBUG)
                .with_writer(logs.clone())
                .try_init();
            started.expect("nobody else captures logs");
            logs
        })
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The secrets that were seen, each with a name for the message of a failing test.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, name: &'static str, secret: &str) {
        assert!(
            secret.len() >= 16,
            "{name} is long enough to be told from anything else"
        );
        self.0.push((name, secret.to_owned()));
    }

    /// Fails where one of them stands in this text, as it is, escaped for an address, or as hexadecimal digits.
    fn are_not_in(&self, text: &str, place: &str) {
        for (name, secret) in &self.0 {
            let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let hex = secret
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .concat();
            for form in [secret, &escaped, &hex, &hex.to_uppercase()] {
                assert!(!text.contains(form.as_str()), "{name} stands in {place}");
            }
        }
    }

    fn are_not_in_bytes(&self, bytes: &[u8], place: &str) {
        for (name, secret) in &self.0 {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{name} stands in {place}");
        }
    }
}

/// What the flow that this leaving page belongs to keeps for its way back.
async fn verifier(app: &TestApp, leaving: &Answer) -> String {
    let id = FlowId::from(leaving.asked.rsplit('/').next().unwrap());
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let flow = flows::get(&mut tx, &id).await.unwrap().unwrap();
    let place = Place {
        table: "flows",
        row: id.as_str(),
        tenant: Some(&flow.tenant_id),
        connection: None,
        field: "verifier",
    };
    tx.open(&place, &flow.verifier.unwrap())
        .await
        .unwrap()
        .expose_secret()
        .to_owned()
}

/// All tokens and keys that are sealed now, opened.
async fn open_grants(app: &TestApp, secrets: &mut Secrets) {
    let connections = app.connections().await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    for connection in connections {
        for grant in grants::all(&mut tx, &connection.id).await.unwrap() {
            for (field, sealed) in [("access", &grant.access), ("refresh", &grant.refresh)] {
                let Some(sealed) = sealed else { continue };
                let place = Place {
                    table: "grants",
                    row: grant.id.as_str(),
                    tenant: Some(&connection.tenant_id),
                    connection: Some(&connection.id),
                    field,
                };
                secrets.add(field, tx.open(&place, sealed).await.unwrap().expose_secret());
            }
        }
    }
}

/// Connects Asana, and notes every secret of the way.
async fn connect(app: &TestApp, ana: &mut Browser, secrets: &mut Secrets) {
    let leaving = ana.leave_for("asana").await;
    secrets.add("verifier", &verifier(app, &leaving).await);
    secrets.add("state", &leaving.asked_for("state").unwrap());
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    let query = back.split_once('?').unwrap().1;
    let code = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "code")
        .unwrap()
        .1;
    secrets.add("code", &code);
    ana.get(&back).await;
    ana.get(&back).await;
    for (name, value) in &ana.cookies {
        secrets.add(
            if name.contains("flow") {
                "flow cookie"
            } else {
                "session cookie"
            },
            value,
        );
    }
    open_grants(app, secrets).await;
}

/// Connects Trello and Plaid, and notes every secret of the way; then a link whose public token is refused.
async fn connect_others(app: &TestApp, ana: &mut Browser, secrets: &mut Secrets) {
    let all = |text: &str| -> Vec<String> {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    let leaving = ana.leave_for("trello").await;
    for part in all(&verifier(app, &leaving).await) {
        secrets.add("request token or its secret", &part);
    }
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    for part in all(back.split_once('?').unwrap().1) {
        secrets.add("state, request token or verifier", &part);
    }
    let connected = ana.get(&back).await;
    assert!(
        connected.location().ends_with("notice=connected"),
        "{connected:?}"
    );
    ana.get(&back).await;
    for public_token in [None, Some(PUBLIC_TOKEN)] {
        let leaving = ana.leave_for_with("plaid", &[("environment", "sandbox")]).await;
        secrets.add("link token", &verifier(app, &leaving).await);
        let page = leaving.provider_link();
        secrets.add("page of a link", page.path().rsplit('/').next().unwrap());
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        secrets.add("state", &all(back.split_once('?').unwrap().1)[0]);
        if let Some(token) = public_token {
            let body = format!(
                "{{\"link_sessions\":[{{\"finished_at\":\"now\",\"results\":{{\"item_add_results\":[{{\"public_token\":\
                 \"{token}\"}}]}}}}]}}"
            );
            let kind = FaultKind::Status {
                code: 200,
                body: Some(body),
            };
            app.break_provider("sandbox.plaid.com", "/link/token/get", kind);
        }
        let answer = ana.get(&back).await;
        app.simulator().clear_faults();
        let notice = if public_token.is_some() {
            "exchange-refused"
        } else {
            "connected"
        };
        assert!(answer.location().contains(notice), "{answer:?}");
        ana.get(answer.location()).await;
    }
    for (id, host, path) in [
        ("trello", "trello.com", "/1/OAuthGetRequestToken"),
        ("plaid", "sandbox.plaid.com", "/link/token/create"),
    ] {
        let kind = FaultKind::Status {
            code: 401,
            body: Some(format!("{{\"error_message\":\"{CLIENT_SECRET}\"}}")),
        };
        app.break_provider(host, path, kind);
        let fields = [("environment", "sandbox")];
        let fields = if id == "plaid" { &fields[..] } else { &[] };
        let answer = ana
            .post_form(&format!("/integrations/{id}/connect"), fields)
            .await;
        app.simulator().clear_faults();
        ana.get(answer.location()).await;
    }
}

/// Everything that an admin does, the ways in which it fails, and a panic.
async fn drive(app: &TestApp, ana: &mut Browser, secrets: &mut Secrets) {
    connect(app, ana, secrets).await;
    connect_others(app, ana, secrets).await;
    app.work_history().await;
    // Renewed: the access token before it is a secret still.
    app.simulator()
        .expire_access("asana", "ana@acme.example")
        .unwrap();
    app.wait(std::time::Duration::from_mins(25));
    ana.get("/").await;
    app.wait(std::time::Duration::from_mins(25));
    ana.get("/").await;
    app.wait(std::time::Duration::from_mins(25));
    for connection in app.connections().await {
        for action in ["test", "sync"] {
            ana.post_form(&format!("/connections/{}/{action}", connection.id), &[])
                .await;
        }
    }
    app.work_history().await;
    open_grants(app, secrets).await;
    for key in [SHAPELESS_KEY, REFUSED_KEY, KEY] {
        let answer = ana.post_form("/integrations/sendgrid/key", &[("key", key)]).await;
        ana.get(if answer.location().is_empty() {
            "/integrations/sendgrid"
        } else {
            answer.location()
        })
        .await;
    }
    // The provider fails while it holds a secret of ours, and says it back.
    for kind in [
        FaultKind::Status {
            code: 400,
            body: Some(format!("{{\"error\":\"{CLIENT_SECRET}\"}}")),
        },
        FaultKind::Status {
            code: 500,
            body: Some(CLIENT_SECRET.to_owned()),
        },
        FaultKind::DropBeforeAnswer,
        FaultKind::CutAfterProcessing,
    ] {
        let leaving = ana.leave_for("asana").await;
        let back = ana.consent(&leaving, Decision::Approve(1)).await;
        app.break_provider("app.asana.com", "/-/oauth_token", kind);
        let answer = ana.get(&back).await;
        app.simulator().clear_faults();
        ana.get(answer.location()).await;
    }
    app.clock.break_once();
    ana.post_form("/integrations/sendgrid/key", &[("key", KEY)]).await;
    for path in [
        "/",
        "/integrations",
        "/integrations/asana",
        "/integrations/sendgrid",
    ] {
        ana.get(path).await;
    }
    for connection in app.connections().await {
        let path = format!("/connections/{}/disconnect", connection.id);
        ana.get(&path).await;
        ana.post_form(&path, &[]).await;
    }
    app.work_revocations().await;
}

/// What the company's people look at and download.
async fn look_around(app: &TestApp) {
    let mut erin = app.signed_in("erin@patchbay.example").await;
    for secret in [APP_SECRET, ""] {
        erin.post_form(
            "/settings/apps/github",
            &[("client_id", "an id with spaces"), ("client_secret", secret)],
        )
        .await;
        erin.post_form(
            "/settings/apps/github",
            &[("client_id", "our-id"), ("client_secret", secret)],
        )
        .await;
    }
    // A second secret, refused and taken; a file of which a row is broken; a check that asks the provider.
    for (id, keep_until) in [("github", "soon"), ("github", "2026-09-01")] {
        erin.post_form(
            &format!("/settings/apps/{id}/rotate"),
            &[("new_secret", NEW_SECRET), ("keep_until", keep_until)],
        )
        .await;
    }
    let file = format!(
        "[apps.figma]\nclient_id = \"our-id\"\nclient_secret = \"{FILE_SECRET}\"\n[apps.slack]\nclient_secret = \
         \"{BROKEN_SECRET}\n[apps.{BROKEN_SECRET}]\n"
    );
    erin.post_file("/settings/apps/import", &file).await;
    erin.post_form("/settings/apps/github/check", &[]).await;
    for path in [
        "/settings/apps/import/template?format=toml",
        "/settings/apps/import/template?format=json",
        "/settings/apps/import",
        "/settings/apps/figma",
        "/",
        "/integrations",
        "/integrations/asana",
        "/integrations/sendgrid",
        "/rollout",
        "/report",
        "/report/export?format=md",
        "/report/export?format=csv",
        "/report/export?format=json",
        "/settings/apps",
        "/settings/apps/github",
    ] {
        erin.get(path).await;
    }
}

/// An answer without what a browser must be given: its own cookies, and the state on the way out.
fn shown(answer: &Answer) -> String {
    let mut headers = answer.headers.clone();
    headers.remove("set-cookie");
    let leaving = answer.asked.starts_with("GET /connect/") && answer.status == 200;
    let body = if leaving { "" } else { answer.body.as_str() };
    format!("{} {headers:?} {body}", answer.status)
}

async fn run(home: Home) {
    let logs = Logs::start();
    let kek = Kek::from_base64(&SecretString::from(KEK_TEXT)).unwrap();
    let app = TestApp::with(Setup {
        home,
        kek,
        ..Setup::default()
    })
    .await;
    plant(&app).await;
    let tail = tokio::spawn(live::tail(app.hub.clone()));
    let mut secrets = Secrets::default();
    for (name, secret) in [
        ("client secret", CLIENT_SECRET),
        ("key", KEY),
        ("refused key", REFUSED_KEY),
        ("shapeless key", SHAPELESS_KEY),
        ("public token", PUBLIC_TOKEN),
        ("typed secret", APP_SECRET),
        ("second secret", NEW_SECRET),
        ("secret of a file", FILE_SECRET),
        ("secret of a broken row", BROKEN_SECRET),
        ("key-encryption key", KEK),
        ("key-encryption key as text", KEK_TEXT),
    ] {
        secrets.add(name, secret);
    }
    let mut ana = app.ana().await;
    let mut stream = ana.listen(Some(0)).await.unwrap();
    drive(&app, &mut ana, &mut secrets).await;
    look_around(&app).await;
    stream.next_change().await.unwrap();
    app.stop.send(true).unwrap();
    while stream.next().await.is_some() {}
    tail.abort();

    let mut names: Vec<_> = secrets.0.iter().map(|(name, _)| *name).collect();
    names.dedup();
    assert!(
        names.contains(&"access") && names.contains(&"refresh") && names.contains(&"code"),
        "{names:?}"
    );
    let answers = app.answers();
    assert!(answers.len() > 50);
    for answer in &answers {
        secrets.are_not_in(
            &shown(answer),
            &format!("the answer to {}", answer.asked.split('?').next().unwrap()),
        );
    }
    assert!(stream.all.contains("integration asana"));
    secrets.are_not_in(&stream.all, "the stream of events");
    for (table, rows) in app.rows_but(&[]).await {
        secrets.are_not_in(&rows.join("\n"), &format!("table {table}"));
    }
    for (number, bytes) in app.files().iter().enumerate() {
        secrets.are_not_in_bytes(bytes, &format!("the database's file {number}"));
    }
    let logged = String::from_utf8_lossy(&logs.0.lock().unwrap()).into_owned();
    for word in [
        "sqlx",
        "exchange failed",
        "a request panicked",
        "callback refused",
    ] {
        assert!(logged.contains(word), "the log was captured: {word}");
    }
    secrets.are_not_in(&logged, "the log");
    app.close().await;
}

/// Puts the words where the providers expect them.
async fn plant(app: &TestApp) {
    let secret = SecretString::from(CLIENT_SECRET);
    app.hub
        .put_app("asana", "canary-app", &secret, "test")
        .await
        .unwrap();
    let registered = App {
        profile: "asana".to_owned(),
        client_id: "canary-app".to_owned(),
        client_secret: secret,
        redirect_uris: vec![app.hub.redirect_uri("asana")],
    };
    app.simulator().register_app(&registered).unwrap();
    let key = SecretString::from(KEY);
    app.simulator()
        .register_key("sendgrid", &key, &["stats.read"])
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s46_no_secret_comes_out_sqlite() {
    run(Home::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s46_no_secret_comes_out_postgres() {
    if let Some(home) = Home::postgres().await {
        run(home).await;
    }
}
