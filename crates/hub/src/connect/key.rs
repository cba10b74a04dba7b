//! A key that the admin copied from the provider: tested with one read, then sealed (S29).

use std::collections::BTreeMap;

use patchbay_catalog::{ApiKey, Integration};
use patchbay_oauth::{ProviderErrorKind, api::ApiCall, key};
use patchbay_store::{
    Tx, audit,
    connections::{self, ConnectionState, NewConnection},
    events,
    grants::{self, GrantKind, NewGrant},
    ids::{ConnectionId, TenantId},
    time::Millis,
};
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};

use super::fields;
use crate::{Hub, HubError, Result, access::Permission, history, tokens as sealed, view::Viewer, words};

/// The one account that a key stands for: providers of keys name none, and a tenant holds one key for each.
const KEY_ACCOUNT: &str = "key";

/// The form field that carries the key.
pub const KEY_FIELD: &str = "key";

/// A key that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySaved {
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// Whether it replaced another one.
    pub replaced: bool,
}

/// The key and the values beside it as they were typed, where both can be right: nothing is asked of the provider, and
/// nothing is begun, for a form that is not filled in.
///
/// # Errors
/// [`HubError::Fields`] with a sentence for the person; [`HubError::NotFound`] where the integration uses no key.
pub(crate) fn read_form(
    integration: &Integration,
    key: &SecretString,
    params: &BTreeMap<String, String>,
) -> Result<(SecretString, BTreeMap<String, String>)> {
    let spec = integration.api_key().ok_or(HubError::NotFound)?;
    let values = fields::check(integration, params)?;
    let key = SecretString::from(key.expose_secret().trim());
    check_shape(integration, spec, &key)?;
    Ok((key, values))
}

impl Hub {
    /// Tests a key with one read and seals it. A refused key leaves the stored one untouched.
    ///
    /// # Errors
    /// [`HubError::Fields`] under `"key"` with a sentence for the admin; never the key.
    pub async fn save_key(
        &self,
        viewer: &Viewer,
        integration: &str,
        key: &SecretString,
        params: &BTreeMap<String, String>,
    ) -> Result<KeySaved> {
        let tenant = viewer.tenant_that_may(Permission::Connect)?;
        let integration = self.integration_or_404(integration)?;
        let spec = integration.api_key().ok_or(HubError::NotFound)?;
        if !self.is_offered(integration).await? {
            return Err(HubError::NotOffered);
        }
        let (key, values) = read_form(integration, key, params)?;
        self.test_key(viewer, tenant, integration, spec, &key, &values)
            .await?;
        let mut tx = self.store.write(viewer.scope()).await?;
        let saved = self
            .seal_key(&mut tx, viewer, tenant, integration, &key, &values)
            .await?;
        tx.commit().await?;
        self.live.poke();
        self.live.sync_due.notify_one();
        Ok(saved)
    }

    /// One read at the provider; what it answers in words.
    async fn test_key(
        &self,
        viewer: &Viewer,
        tenant: &TenantId,
        integration: &Integration,
        spec: &ApiKey,
        key: &SecretString,
        values: &BTreeMap<String, String>,
    ) -> Result<()> {
        let call = ApiCall {
            integration,
            app: None,
            token: key,
            values,
        };
        let Err(error) = key::test(&self.client, &call).await else {
            return Ok(());
        };
        let now = self.now();
        let mut row = viewer.did(now, "key.tested", integration);
        let sentence = if error.kind == ProviderErrorKind::Refused {
            row.outcome = audit::Outcome::Refused;
            format!("{} refused this key. {}", integration.name, spec.refused_hint)
        } else {
            row.outcome = audit::Outcome::Failed;
            format!(
                "{} did not answer, so the key could not be tested and was not stored. Try again in a few minutes.",
                integration.name
            )
        };
        row.reason = Some(error.kind.as_str().to_owned());
        let mut tx = self.store.write(viewer.scope()).await?;
        audit::append(&mut tx, &row).await?;
        events::append(&mut tx, now, Some(tenant), "integration", &integration.id).await?;
        tx.commit().await?;
        self.live.poke();
        Err(field_error(sentence))
    }

    /// Connection, grant, audit and event; the keys before it are wiped.
    async fn seal_key(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        tenant: &TenantId,
        integration: &Integration,
        key: &SecretString,
        values: &BTreeMap<String, String>,
    ) -> Result<KeySaved> {
        let now = self.now();
        let existing = connections::live_for_account(tx, tenant, &integration.id, KEY_ACCOUNT).await?;
        let replaced = existing.is_some();
        let connection = match existing {
            Some(existing) => existing.id,
            None => {
                self.insert_key_connection(tx, viewer, tenant, integration, values, now)
                    .await?
            }
        };
        for old in grants::all(tx, &connection).await? {
            grants::wipe(tx, &old.id, now).await?;
        }
        let grant = self.new_id();
        let access = tx
            .seal(&sealed::grant_place(&grant, tenant, &connection, "access"), key)
            .await?;
        grants::append(
            tx,
            &NewGrant {
                id: grant,
                tenant_id: tenant.clone(),
                connection_id: connection.clone(),
                kind: GrantKind::Key,
                access: Some(access),
                refresh: None,
                scopes: None,
                expires_at: None,
                obtained_at: now,
            },
        )
        .await?;
        connections::set_state(tx, &connection, ConnectionState::Healthy, None, now).await?;
        connections::set_check(tx, &connection, now, "ok", None).await?;
        let action = if replaced { "key.replaced" } else { "key.added" };
        audit::append(tx, &viewer.did(now, action, integration)).await?;
        history::enqueue(self, tx, integration, tenant, &connection).await?;
        events::append(tx, now, Some(tenant), "integration", &integration.id).await?;
        Ok(KeySaved { connection, replaced })
    }

    /// The connection that a first key belongs to.
    async fn insert_key_connection(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        tenant: &TenantId,
        integration: &Integration,
        values: &BTreeMap<String, String>,
        now: Millis,
    ) -> Result<ConnectionId> {
        let id: ConnectionId = self.new_id();
        connections::insert(
            tx,
            &NewConnection {
                id: id.clone(),
                tenant_id: tenant.clone(),
                integration_id: integration.id.clone(),
                account_id: KEY_ACCOUNT.to_owned(),
                account_label: "API key".to_owned(),
                params: words::to_json(values),
                values: words::to_json(&BTreeMap::new()),
                state: ConnectionState::Healthy,
                scopes_granted: None,
                created_by: viewer.person.clone(),
                created_at: now,
            },
        )
        .await?;
        Ok(id)
    }
}

/// Refuses what can't be a key of this provider, before it is sent anywhere.
fn check_shape(integration: &Integration, spec: &ApiKey, key: &SecretString) -> Result<()> {
    if key.expose_secret().is_empty() {
        return Err(field_error(format!(
            "Paste your {} {}",
            integration.name, spec.label
        )));
    }
    // The catalogue's own check refuses patterns that do not compile.
    if Regex::new(&spec.pattern).is_ok_and(|pattern| pattern.is_match(key.expose_secret())) {
        return Ok(());
    }
    Err(field_error(format!(
        "This does not look like a {} key. Copy it whole; nothing was sent or stored.",
        integration.name
    )))
}

/// A sentence at the key's field.
fn field_error(sentence: String) -> HubError {
    HubError::Fields(BTreeMap::from([(KEY_FIELD.to_owned(), sentence)]))
}
