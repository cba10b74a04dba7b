//! The first owner of a live deployment, and signing in.

use std::{sync::Arc, time::Duration};

use patchbay_catalog::Catalog;
use patchbay_hub::{
    Hub, HubError, Mode, Settings,
    access::{Permission, Role},
    accounts::SetUp,
    apps::save::SaveApp,
    connect::Start,
};
use patchbay_oauth::http::{Client, Route};
use patchbay_store::{Kek, ManualClock, Millis, OsEntropy, Store, Vault, entropy::Entropy, time::Clock};
use secrecy::{ExposeSecret as _, SecretString};

const PASSWORD: &str = "correct horse battery staple";

/// A live deployment in which nobody can sign in yet, and its clock.
async fn deployment() -> (Hub, Arc<ManualClock>) {
    deployment_with(Catalog::builtin().expect("a catalogue")).await
}

/// The same with another catalogue.
async fn deployment_with(catalog: Catalog) -> (Hub, Arc<ManualClock>) {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let clock = Arc::new(ManualClock::new(Millis(1_780_000_000_000)));
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    let hub = Hub::new(
        Store::open("sqlite::memory:", vault).await.expect("a store"),
        Arc::new(catalog),
        Client::new(Route::Direct).expect("a client"),
        Arc::clone(&clock) as Arc<dyn Clock>,
        entropy,
        Settings {
            mode: Mode::Live,
            public_url: "https://connect.example.com".to_owned(),
            build: "test".to_owned(),
            offer_unproven: false,
            left_out: Vec::new(),
        },
    );
    (hub, clock)
}

fn form(token: &SecretString, password: &str) -> SetUp {
    SetUp {
        token: token.clone(),
        name: "Olga Owner".to_owned(),
        email: "Olga@Acme.example".to_owned(),
        password: SecretString::from(password),
        tenant: "Acme".to_owned(),
    }
}

/// The fields that were refused.
fn refused<T>(result: Result<T, HubError>) -> Vec<String> {
    match result {
        Err(HubError::Fields(errors)) => errors.into_keys().collect(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[tokio::test]
async fn s60_one_token_makes_one_owner_and_there_is_no_default_account() {
    let (hub, _) = deployment().await;
    let none = hub.sign_in("admin", SecretString::from("admin"), None).await;
    assert_eq!(refused(none), ["password"], "no default account");
    assert!(hub.sign_in_choices().await.expect("an answer").is_empty());

    let token = hub.setup_token().await.expect("an answer").expect("a token");
    assert!(token.expose_secret().len() >= 43, "256 bits");
    assert_eq!(
        refused(hub.set_up(form(&SecretString::from("guess"), PASSWORD)).await),
        ["token"]
    );
    assert_eq!(
        refused(hub.set_up(form(&token, "short")).await),
        ["password"],
        "and the token is still good"
    );

    let owner = hub.set_up(form(&token, PASSWORD)).await.expect("an owner");
    let viewer = hub
        .viewer(&owner.token)
        .await
        .expect("an answer")
        .expect("signed in");
    assert_eq!(viewer.role, Role::Owner);
    assert!(viewer.may(Permission::ManageApps));

    assert!(
        matches!(hub.set_up(form(&token, PASSWORD)).await, Err(HubError::NotFound)),
        "once"
    );
    assert!(
        hub.setup_token().await.expect("an answer").is_none(),
        "no token where there is someone"
    );
}

#[tokio::test]
async fn s60_a_token_dies_after_thirty_minutes_and_with_the_next_one() {
    let (hub, clock) = deployment().await;
    let first = hub.setup_token().await.expect("an answer").expect("a token");
    let second = hub.setup_token().await.expect("an answer").expect("a token");
    assert_eq!(
        refused(hub.set_up(form(&first, PASSWORD)).await),
        ["token"],
        "replaced at the next start"
    );
    clock.advance(Duration::from_mins(31));
    assert_eq!(
        refused(hub.set_up(form(&second, PASSWORD)).await),
        ["token"],
        "too old"
    );
}

#[tokio::test]
async fn s62_a_wrong_password_and_an_unknown_address_read_the_same() {
    let (hub, _) = deployment().await;
    let token = hub.setup_token().await.expect("an answer").expect("a token");
    hub.set_up(form(&token, PASSWORD)).await.expect("an owner");
    let say = |result: Result<_, HubError>| match result {
        Err(HubError::Fields(errors)) => errors,
        _ => panic!("signed in"),
    };
    let wrong = say(hub
        .sign_in("olga@acme.example", SecretString::from("wrong"), None)
        .await
        .map(|_| ()));
    let unknown = say(hub
        .sign_in("nobody@acme.example", SecretString::from("wrong"), None)
        .await
        .map(|_| ()));
    assert_eq!(wrong, unknown);
    hub.sign_in(" OLGA@acme.example ", SecretString::from(PASSWORD), None)
        .await
        .expect("signed in");
}

#[tokio::test]
async fn s58_a_session_ends_when_idle_and_in_the_end() {
    let (hub, clock) = deployment().await;
    let token = hub.setup_token().await.expect("an answer").expect("a token");
    let idle = hub.set_up(form(&token, PASSWORD)).await.expect("an owner").token;
    clock.advance(Duration::from_mins(31));
    assert!(
        hub.viewer(&idle).await.expect("an answer").is_none(),
        "idle for 31 minutes"
    );

    let busy = hub
        .sign_in("olga@acme.example", SecretString::from(PASSWORD), None)
        .await
        .expect("in")
        .token;
    for _ in 0..24 {
        assert!(hub.viewer(&busy).await.expect("an answer").is_some());
        clock.advance(Duration::from_mins(20));
    }
    assert!(
        hub.viewer(&busy).await.expect("an answer").is_none(),
        "eight hours are over"
    );
}

#[tokio::test]
async fn the_owner_acts_for_the_company_or_for_the_first_tenant_and_for_no_other() {
    let (hub, _) = deployment().await;
    let token = hub.setup_token().await.expect("an answer").expect("a token");
    let session = hub.set_up(form(&token, PASSWORD)).await.expect("an owner").token;
    let viewer = hub.viewer(&session).await.expect("an answer").expect("signed in");
    let own = viewer
        .hats
        .iter()
        .find_map(|hat| hat.tenant.clone())
        .expect("a tenant of their own");

    hub.act_for(&viewer, Some(own.as_str()))
        .await
        .expect("a role there");
    let acting = hub.viewer(&session).await.expect("an answer").expect("signed in");
    assert_eq!(
        (acting.role, acting.tenant_name.as_deref()),
        (Role::Admin, Some("Acme"))
    );
    assert!(!acting.may(Permission::SeeRollout), "one hat at a time");

    let foreign = hub.act_for(&viewer, Some("another-tenant")).await;
    assert!(matches!(foreign, Err(HubError::NotFound)));
    hub.act_for(&acting, None).await.expect("back to the company");
    let back = hub.viewer(&session).await.expect("an answer").expect("signed in");
    assert_eq!(back.role, Role::Owner);
}

#[tokio::test]
async fn a_provider_apps_secret_goes_in_and_never_comes_out() {
    let (hub, _) = deployment().await;
    let token = hub.setup_token().await.expect("an answer").expect("a token");
    let session = hub.set_up(form(&token, PASSWORD)).await.expect("an owner").token;
    let owner = hub.viewer(&session).await.expect("an answer").expect("signed in");
    let secret = SecretString::from("CANARY-client-secret");

    let none = SecretString::from("");
    let form = |client_id, secret| SaveApp {
        client_id,
        secret,
        secret_ends: "",
    };
    let nothing = hub.save_app(&owner, "google", form("", &none)).await;
    assert_eq!(refused(nothing), ["client_id", "client_secret"]);
    hub.save_app(&owner, "google", form("1234.apps.example", &secret))
        .await
        .expect("saved");
    let page = hub
        .app_page(&owner, "google", &patchbay_hub::Typed::default())
        .await
        .expect("an answer")
        .expect("a page");
    assert_eq!(page.form.text("client_id"), "1234.apps.example");
    assert_eq!(page.needs.len(), 4, "Google's four share it");
    assert!(
        page.needs
            .iter()
            .all(|need| { need.redirect_uri == format!("https://connect.example.com/callback/{}", need.id) })
    );
    assert!(!format!("{page:?}").contains("CANARY"));

    hub.save_app(&owner, "google", form("1234.apps.example", &none))
        .await
        .expect("the secret is kept");
    let other = hub
        .save_app(&owner, "google", form("5678.apps.example", &none))
        .await;
    assert_eq!(
        refused(other),
        ["client_secret"],
        "another client id needs its own secret"
    );
}

/// An integration of a deployment's own has no simulated provider: it is offered as soon as its provider app is there.
#[tokio::test]
async fn an_integration_of_ones_own_is_offered_once_its_app_is_saved() {
    let file = patchbay_catalog::TEMPLATE.replace("\"ID\"", "\"acme-crm\"");
    let (catalog, left_out) = Catalog::with_own([("acme-crm.toml", file)]).expect("a catalogue");
    assert_eq!(left_out, []);
    let (hub, _) = deployment_with(catalog).await;
    let token = hub.setup_token().await.expect("an answer").expect("a token");
    let owner = hub.set_up(form(&token, PASSWORD)).await.expect("an owner");
    let company = hub
        .viewer(&owner.token)
        .await
        .expect("an answer")
        .expect("signed in");
    let tenant = company
        .hats
        .iter()
        .find_map(|hat| hat.tenant.clone())
        .expect("a tenant");
    hub.act_for(&company, Some(tenant.as_str()))
        .await
        .expect("the other hat");
    let admin = hub
        .viewer(&owner.token)
        .await
        .expect("an answer")
        .expect("signed in");
    let click = || Start {
        integration: "acme-crm".to_owned(),
        params: std::collections::BTreeMap::new(),
        return_to: None,
        browser: None,
        choose_account: false,
    };

    assert!(matches!(
        hub.start(&admin, click()).await,
        Err(HubError::NotOffered)
    ));
    hub.put_app("acme-crm", "our-id", &SecretString::from("our-secret"), "test")
        .await
        .expect("it is saved");
    hub.start(&admin, click()).await.expect("a flow");
}
