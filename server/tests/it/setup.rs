//! How a deployment starts, or refuses to: keys, modes, the first owner.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use patchbay_hub::Mode;
use patchbay_server::{config::Config, setup};
use patchbay_store::{Kek, OsEntropy};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use crate::support::{Browser, Setup, TestApp, forms};

/// Settings for this folder, with no variables of the one who runs the tests.
fn config(folder: &Path, mode: Mode) -> Config {
    let file = folder.join("settings.toml");
    let data = folder.join("data");
    let text = format!(
        "mode = \"{}\"\ndata_dir = \"{}\"\n",
        mode.as_str(),
        data.display()
    );
    fs::write(&file, text).unwrap();
    Config::load(Some(&file)).unwrap()
}

async fn refuses(config: &Config, words: &[&str]) {
    let Err(refusal) = setup::hub(config, None).await else {
        panic!("it started")
    };
    let mut said = refusal.to_string();
    if let Some(cause) = refusal.source() {
        said = format!("{said}: {cause}");
    }
    for word in words {
        assert!(said.contains(word), "“{word}” in: {said}");
    }
}

fn put_key(config: &Config, text: &str, mode: u32) {
    fs::create_dir_all(&config.data_dir).unwrap();
    let path = config.data_dir.join("patchbay.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A key of the right length as text.
const GOOD: &str = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_live_mode_does_not_start_without_a_key() {
    let folder = TempDir::new().unwrap();
    let config = config(folder.path(), Mode::Live);
    refuses(&config, &["there is no key", "patchbay keys init"]).await;
    assert!(
        !config.data_dir.join("patchbay.sqlite").exists(),
        "nothing was opened without one"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_a_key_that_others_can_read_or_of_another_length_is_refused() {
    for mode in [Mode::Live, Mode::Demo] {
        let folder = TempDir::new().unwrap();
        let config = config(folder.path(), mode);
        put_key(&config, GOOD, 0o644);
        refuses(&config, &["open to others", "chmod 600"]).await;
        put_key(&config, "QUFBQUFBQUE=", 0o600);
        refuses(&config, &["must be exactly 32"]).await;
        put_key(&config, "not base64 at all !", 0o600);
        refuses(&config, &["not base64"]).await;
        put_key(&config, "", 0o600);
        refuses(&config, &["key"]).await;
        put_key(&config, GOOD, 0o600);
        setup::hub(&config, None).await.unwrap().store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_a_demo_makes_a_key_for_its_owner_only_and_keeps_it() {
    let folder = TempDir::new().unwrap();
    let config = config(folder.path(), Mode::Demo);
    setup::hub(&config, None).await.unwrap().store.close().await;
    let path = config.data_dir.join("patchbay.key");
    let key = fs::read(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(&config.data_dir).unwrap().permissions().mode() & 0o777,
        0o700
    );
    setup::hub(&config, None).await.unwrap().store.close().await;
    assert_eq!(fs::read(&path).unwrap(), key, "the second start keeps it");
}

/// A key that is not this data's own does not start on it: nothing would open.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_another_key_does_not_open_what_was_sealed() {
    let folder = TempDir::new().unwrap();
    let config = config(folder.path(), Mode::Demo);
    let hub = setup::hub(&config, None).await.unwrap();
    let secret = secrecy::SecretString::from("a secret of ours");
    hub.put_app("asana", "our-id", &secret, "test").await.unwrap();
    hub.store.close().await;
    fs::remove_file(config.data_dir.join("patchbay.key")).unwrap();
    Kek::generate(&OsEntropy)
        .write_new(&config.data_dir.join("patchbay.key"))
        .unwrap();
    // Whether at the start or at the first use: it must not pass silently.
    if let Ok(hub) = setup::hub(&config, None).await {
        let error = hub
            .put_app("github", "our-id", &secret, "test")
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("sealed under another key"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_belongs_to_one_mode() {
    for (first, second) in [(Mode::Demo, Mode::Live), (Mode::Live, Mode::Demo)] {
        let folder = TempDir::new().unwrap();
        let started = config(folder.path(), first);
        put_key(&started, GOOD, 0o600);
        setup::hub(&started, None).await.unwrap().store.close().await;
        let other = config(folder.path(), second);
        refuses(&other, &[first.as_str(), second.as_str()]).await;
        let again = config(folder.path(), first);
        setup::hub(&again, None).await.unwrap().store.close().await;
    }
}

/// What the set-up page asks for.
fn form(token: &str) -> [(&'static str, String); 5] {
    [
        ("token", token.to_owned()),
        ("name", "Olga Owner".to_owned()),
        ("email", "olga@company.example".to_owned()),
        ("password", "four words in a row".to_owned()),
        ("tenant", "First Customer".to_owned()),
    ]
}

async fn post(
    browser: &mut Browser,
    path: &str,
    fields: &[(&'static str, String)],
) -> crate::support::Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post_form(path, &fields).await
}

/// The first owner of a live deployment, signed in.
pub async fn owner(app: &TestApp) -> Browser {
    let token = app
        .hub
        .setup_token()
        .await
        .unwrap()
        .expect("a token where nobody is");
    let mut browser = app.browser();
    let answer = post(&mut browser, "/setup", &form(token.expose_secret())).await;
    assert_eq!(
        answer.location(),
        "/settings/apps?notice=set-up",
        "{}",
        answer.text()
    );
    browser
}

async fn live() -> TestApp {
    TestApp::with(Setup {
        mode: Mode::Live,
        samples: false,
        ..Setup::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_the_first_owner_is_made_once_with_the_token() {
    let app = live().await;
    let token = app.hub.setup_token().await.unwrap().unwrap();
    let mut browser = app.browser();
    // A wrong token, and fields that are not right: nothing is made, what was typed stays but for the secrets.
    let wrong = post(&mut browser, "/setup", &form("not-the-token-that-was-printed")).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("Olga Owner") && wrong.body.contains("olga@company.example"),
        "{}",
        wrong.body
    );
    for secret in ["four words in a row", "not-the-token-that-was-printed"] {
        assert!(!wrong.body.contains(secret), "{secret}");
    }
    let mut short = form(token.expose_secret());
    short[3].1 = "short".to_owned();
    assert_eq!(post(&mut browser, "/setup", &short).await.status, 422);
    assert_eq!(browser.session(), None);
    // The right one.
    assert_eq!(
        post(&mut browser, "/setup", &form(token.expose_secret()))
            .await
            .status,
        303
    );
    assert!(browser.session().is_some());
    // A second time there is no such page.
    let mut second = app.browser();
    assert_eq!(
        post(&mut second, "/setup", &form(token.expose_secret()))
            .await
            .status,
        404
    );
    assert!(
        app.hub.setup_token().await.unwrap().is_none(),
        "and no token is printed any more"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_the_token_lasts_half_an_hour() {
    let app = live().await;
    let token = app.hub.setup_token().await.unwrap().unwrap();
    app.wait(Duration::from_mins(30));
    let answer = post(&mut app.browser(), "/setup", &form(token.expose_secret())).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    owner(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s62_a_wrong_password_says_the_same_as_an_unknown_address() {
    let app = live().await;
    owner(&app).await;
    let mut said = Vec::new();
    for (email, password) in [
        ("olga@company.example", "not the password at all"),
        ("nobody@company.example", "four words in a row"),
    ] {
        let mut browser = app.browser();
        let answer = browser
            .post_form("/sign-in", &[("email", email), ("password", password)])
            .await;
        assert_eq!(answer.status, 422);
        assert_eq!(browser.session(), None);
        assert!(!answer.body.contains(password), "never echoed");
        said.push(answer.text().replace(email, "ADDRESS"));
    }
    assert_eq!(said[0], said[1]);
    let mut browser = app.browser();
    let fields = [
        ("email", "OLGA@company.example"),
        ("password", "four words in a row"),
    ];
    assert_eq!(browser.post_form("/sign-in", &fields).await.status, 303);
    assert_eq!(browser.get("/rollout").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s62_many_wrong_passwords_are_slowed_down() {
    let app = live().await;
    owner(&app).await;
    let mut browser = app.browser();
    let mut last = 0;
    for _ in 0..30 {
        let fields = [
            ("email", "olga@company.example"),
            ("password", "not the password at all"),
        ];
        let answer = browser.post_form("/sign-in", &fields).await;
        last = answer.status.as_u16();
        if last == 429 {
            assert!(!answer.header("retry-after").is_empty());
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s61_passwords_are_stored_as_argon2id() {
    let app = live().await;
    owner(&app).await;
    let people = app.rows(&["people"]).await["people"].join("\n");
    assert!(
        people.contains("$argon2id$v=19$m=") && !people.contains("four words in a row"),
        "{people}"
    );
}

/// The set-up page is a form, with scripts off; in a demo there is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_the_set_up_page_is_for_live_deployments_without_an_owner() {
    let app = live().await;
    let page = app.browser().get("/setup").await;
    assert_eq!(page.status, 200);
    let form = forms(&page.body)
        .into_iter()
        .find(|form| form.action == "/setup")
        .expect("a form");
    for name in ["token", "password"] {
        assert!(
            form.fields.contains(&("password".to_owned(), name.to_owned())),
            "{:?}",
            form.fields
        );
    }
    owner(&app).await;
    assert_eq!(app.browser().get("/setup").await.status, 404);
    let demo = TestApp::start().await;
    assert_eq!(demo.browser().get("/setup").await.status, 404);
}
