//! Sample people and tenants, and provider apps registered with the simulator: what demo mode and the throw-away
//! database of a verification start from.

use patchbay_oauth::App;
use patchbay_simulator::{App as SimulatedApp, Simulator, SimulatorError};
use patchbay_store::{
    Scope,
    ids::{PersonId, TenantId},
    people::{self, Membership, NewPerson, RoleWord as Role},
    tenants::{self, Tenant},
};
use secrecy::SecretString;

use crate::{Hub, HubError, Result};

/// A sample person: name, e-mail address, role, and the slug of their tenant if they have one.
struct Sample(&'static str, &'static str, Role, Option<&'static str>);

/// The sample tenants: slug and name.
const TENANTS: [(&str, &str); 2] = [("acme", "Acme"), ("globex", "Globex")];

/// The sample people.
const PEOPLE: [Sample; 5] = [
    Sample("Erin Park", "erin@patchbay.example", Role::Engineer, None),
    Sample("Paul Meyer", "paul@patchbay.example", Role::Pm, None),
    Sample("Ana Ruiz", "ana@acme.example", Role::Admin, Some("acme")),
    Sample("Mia Lind", "mia@acme.example", Role::Admin, Some("acme")),
    Sample("Ben Cole", "ben@globex.example", Role::Admin, Some("globex")),
];

/// Keys that the simulated providers of keys accept, with what they let do. They are no secrets: the key form shows the
/// first of them.
const KEYS: [(&str, &str, &[&str]); 6] = [
    (
        "sendgrid",
        "SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1",
        &["stats.read", "suppression.read"],
    ),
    (
        "sendgrid",
        "SG.sample-key-for-demo-2.accepted-by-the-simulated-sendgrid-only-2",
        &["stats.read", "suppression.read"],
    ),
    (
        "stripe",
        "rk_test_sampleKeyForDemo1AcceptedByTheSimulatedStripeOnly",
        &["balance_read", "invoice_read"],
    ),
    // Good, and without the right to read the balance that it is tested with.
    (
        "stripe",
        "rk_test_sampleKeyForDemo2AcceptedByTheSimulatedStripeOnly",
        &["invoice_read"],
    ),
    // Good, and tested with a call that admin keys may not make.
    (
        "openai",
        "sk-admin-sample-key-for-demo-1-simulated-openai-only",
        &[],
    ),
    (
        "openai",
        "sk-admin-sample-key-for-demo-2-simulated-openai-only",
        &[],
    ),
];

/// What can go wrong while a demo is prepared.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// In the hub.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// In the simulator.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
}

/// A key that works in this demo, for the integration's form.
pub(crate) fn sample_key(integration: &str) -> Option<&'static str> {
    KEYS.iter()
        .find(|(id, ..)| *id == integration)
        .map(|(_, key, _)| *key)
}

/// All sample keys of an integration.
pub(crate) fn sample_keys(integration: &str) -> impl Iterator<Item = SecretString> {
    KEYS.iter()
        .filter(move |(id, ..)| *id == integration)
        .map(|(_, key, _)| SecretString::from(*key))
}

/// Adds the sample tenants and people that are not there yet.
pub async fn seed(hub: &Hub) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.store.write(Scope::System).await?;
    let there = tenants::list(&mut tx).await?;
    let mut ids: Vec<(&str, TenantId)> = Vec::new();
    for (slug, name) in TENANTS {
        if let Some(found) = there.iter().find(|tenant| tenant.slug == slug) {
            ids.push((slug, found.id.clone()));
            continue;
        }
        let tenant = Tenant {
            id: hub.new_id(),
            name: name.to_owned(),
            slug: slug.to_owned(),
            created_at: now,
        };
        tenants::insert(&mut tx, &tenant).await?;
        ids.push((slug, tenant.id));
    }
    for Sample(name, email, role, tenant) in PEOPLE {
        if people::by_email(&mut tx, email).await?.is_some() {
            continue;
        }
        let id: PersonId = hub.new_id();
        people::insert(
            &mut tx,
            &NewPerson {
                id: id.clone(),
                email: email.to_owned(),
                name: name.to_owned(),
                password_hash: None,
                created_at: now,
            },
        )
        .await?;
        let tenant_id = ids
            .iter()
            .find(|(slug, _)| Some(*slug) == tenant)
            .map(|(_, id)| id.clone());
        people::add_membership(
            &mut tx,
            &Membership {
                person_id: id,
                role,
                tenant_id,
            },
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Gives each simulated provider our app, with a client id and secret of this deployment, and the sample keys. The
/// simulator plays providers: one that several integrations share gets one app with the redirect URIs of all of them.
pub async fn register(hub: &Hub, simulator: &Simulator) -> std::result::Result<(), DemoError> {
    for provider in simulator.profiles() {
        let integrations = || {
            hub.catalog()
                .iter()
                .filter(move |found| found.provider_app == provider)
        };
        let redirect_uris: Vec<String> = integrations()
            .filter(|integration| !integration.is_api_key())
            .map(|integration| hub.redirect_uri(&integration.id))
            .collect();
        if !redirect_uris.is_empty() {
            let app = sample_app(hub, provider).await?;
            simulator.register_app(&SimulatedApp {
                profile: provider.to_owned(),
                client_id: app.client_id,
                client_secret: app.client_secret,
                redirect_uris,
            })?;
        }
        for integration in integrations() {
            for (_, key, rights) in KEYS.iter().filter(|(id, ..)| *id == integration.id) {
                simulator.register_key(provider, &SecretString::from(*key), rights)?;
            }
        }
    }
    Ok(())
}

/// The stored provider app, or a new one made of random letters.
async fn sample_app(hub: &Hub, id: &str) -> Result<App> {
    match hub.app(id).await {
        Err(HubError::NotOffered) => {
            let client_id = format!("demo-{id}-{}", hub.new_reference().to_lowercase());
            let secret: String = (0..4).map(|_| hub.new_reference()).collect();
            hub.put_app(id, &client_id, &SecretString::from(secret), "demo")
                .await?;
            hub.app(id).await
        }
        found => found,
    }
}
