//! Signing in and out, and who a request comes from.

use std::time::Duration;

use base64::Engine as _;
use patchbay_catalog::Integration;
use patchbay_store::{
    Scope, Tx,
    audit::{self, NewAudit},
    ids::{PersonId, TenantId},
    people, sessions, tenants,
    time::Millis,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Hub, HubError, Mode, Result,
    access::{Permission, Role, RoleName},
    connect::{after, hash_hex},
    view::{Hat, SignInChoice, Viewer},
};

/// A session ends after this long without a request (S58).
const IDLE: Duration = Duration::from_mins(30);
/// A session ends after this long whatever happens (S58).
const ABSOLUTE: Duration = Duration::from_hours(8);
/// How much time must have passed before "seen" is written again: reading pages should not mean writing rows.
const SEEN_STEP_MS: i64 = 60 * 1000;

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// To be kept in the session cookie; only its hash is stored (S49).
    pub token: SecretString,
    /// Whose it is.
    pub person: PersonId,
}

impl Hub {
    /// The sample people of demo mode; none in live mode.
    pub async fn sign_in_choices(&self) -> Result<Vec<SignInChoice>> {
        if self.settings.mode != Mode::Demo {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read(Scope::System).await?;
        let mut choices = Vec::new();
        for person in people::list(&mut tx).await? {
            for membership in people::memberships(&mut tx, &person.id).await? {
                let role_words = match &membership.tenant_id {
                    Some(tenant) => {
                        let name = tenants::get(&mut tx, tenant)
                            .await?
                            .map(|t| t.name)
                            .unwrap_or_default();
                        format!("{} of {name}", RoleName(membership.role))
                    }
                    None => RoleName(membership.role).to_string(),
                };
                choices.push(SignInChoice {
                    person: person.id.clone(),
                    name: person.name.clone(),
                    email: person.email.clone(),
                    role_words,
                });
            }
        }
        Ok(choices)
    }

    /// Signs in one of the sample people. `before` is the browser's present session, which ends (S57).
    ///
    /// # Errors
    /// [`HubError::NotFound`] in live mode, and for anyone who is not a sample person.
    pub async fn sign_in_sample(&self, person: &str, before: Option<&SecretString>) -> Result<SignedIn> {
        if self.settings.mode != Mode::Demo {
            return Err(HubError::NotFound);
        }
        let person = PersonId::from(person);
        let mut tx = self.store.write(Scope::System).await?;
        let Some(found) = people::get(&mut tx, &person).await? else {
            return Err(HubError::NotFound);
        };
        if let Some(before) = before {
            sessions::end(&mut tx, &token_hash(before), self.now()).await?;
        }
        let now = self.now();
        let token = self.start_session(&mut tx, &person).await?;
        let tenant = people::memberships(&mut tx, &person)
            .await?
            .into_iter()
            .find_map(|m| m.tenant_id);
        audit::append(
            &mut tx,
            &person_did(now, &found.id, &found.name, "session.started", tenant),
        )
        .await?;
        tx.commit().await?;
        Ok(SignedIn { token, person })
    }

    /// Ends a session on the server, so that its cookie is worth nothing.
    pub async fn sign_out(&self, token: &SecretString) -> Result<()> {
        let mut tx = self.store.write(Scope::System).await?;
        sessions::end(&mut tx, &token_hash(token), self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who a session token belongs to; none where it is unknown, ended, idle or too old.
    pub async fn viewer(&self, token: &SecretString) -> Result<Option<Viewer>> {
        let now = self.now();
        let hash = token_hash(token);
        let mut tx = self.store.read(Scope::System).await?;
        let found = sessions::identities(&mut tx, &hash, now).await?;
        drop(tx);
        // The tenant that was chosen, else the company, else the first.
        let chosen = found
            .iter()
            .find(|identity| identity.tenant_id.is_some() && identity.tenant_id == identity.acting_for)
            .or(found.first());
        let Some(identity) = chosen.filter(|identity| after(identity.seen_at, IDLE) > now) else {
            return Ok(None);
        };
        if now.0 - identity.seen_at.0 >= SEEN_STEP_MS {
            let mut tx = self.store.write(Scope::System).await?;
            sessions::touch(&mut tx, &hash, now).await?;
            tx.commit().await?;
        }
        Ok(Some(Viewer {
            person: identity.person_id.clone(),
            name: identity.name.clone(),
            email: identity.email.clone(),
            role: identity.role,
            tenant: identity.tenant_id.clone(),
            tenant_name: identity.tenant_name.clone(),
            hats: found.iter().map(hat).collect(),
            session_hash: hash,
        }))
    }

    /// Starts a session; only the token's hash is stored.
    pub(crate) async fn start_session(&self, tx: &mut Tx, person: &PersonId) -> Result<SecretString> {
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random::<32>());
        let token = SecretString::from(token);
        let now = self.now();
        sessions::insert(tx, &token_hash(&token), person, now, after(now, ABSOLUTE)).await?;
        Ok(token)
    }
}

/// One of the roles that someone holds.
fn hat(identity: &sessions::Identity) -> Hat {
    Hat {
        role: identity.role,
        tenant: identity.tenant_id.clone(),
        tenant_name: identity.tenant_name.clone(),
    }
}

impl Viewer {
    /// The tenant this viewer acts for, if they may do that there.
    pub(crate) fn tenant_that_may(&self, permission: Permission) -> Result<&TenantId> {
        match &self.tenant {
            Some(tenant) if self.may(permission) => Ok(tenant),
            _ => Err(HubError::Forbidden),
        }
    }

    /// An audit row for something that this viewer did to an integration.
    pub(crate) fn did(&self, at: Millis, action: &str, integration: &Integration) -> NewAudit {
        NewAudit {
            target_kind: "integration".to_owned(),
            target_id: integration.id.clone(),
            integration_id: Some(integration.id.clone()),
            ..person_did(at, &self.person, &self.name, action, self.tenant.clone())
        }
    }
}

/// An audit row for something that a person did.
pub(crate) fn person_did(
    at: Millis,
    person: &PersonId,
    name: &str,
    action: &str,
    tenant: Option<TenantId>,
) -> NewAudit {
    NewAudit {
        at,
        tenant_id: tenant,
        actor_kind: "person".to_owned(),
        actor_id: person.to_string(),
        actor_name: name.to_owned(),
        action: action.to_owned(),
        target_kind: "person".to_owned(),
        target_id: person.to_string(),
        integration_id: None,
        outcome: audit::Outcome::Done,
        reason: None,
        severity: None,
        reference: None,
    }
}

/// An audit row for something that Patchbay did by itself for a tenant.
pub(crate) fn system_did(at: Millis, action: &str, integration: &Integration, tenant: &TenantId) -> NewAudit {
    NewAudit {
        at,
        tenant_id: Some(tenant.clone()),
        actor_kind: "system".to_owned(),
        actor_id: "patchbay".to_owned(),
        actor_name: "Patchbay".to_owned(),
        action: action.to_owned(),
        target_kind: "integration".to_owned(),
        target_id: integration.id.clone(),
        integration_id: Some(integration.id.clone()),
        outcome: audit::Outcome::Done,
        reason: None,
        severity: None,
        reference: None,
    }
}

/// Kind, id and name of whoever made a request.
pub(crate) fn actor(viewer: Option<&Viewer>) -> (String, String, String) {
    match viewer {
        Some(viewer) => (
            "person".to_owned(),
            viewer.person.to_string(),
            viewer.name.clone(),
        ),
        None => (
            "anonymous".to_owned(),
            "-".to_owned(),
            "Someone not signed in".to_owned(),
        ),
    }
}

/// A person's name.
pub(crate) async fn name_of(hub: &Hub, person: &PersonId) -> Result<String> {
    let mut tx = hub.store.read(Scope::System).await?;
    Ok(people::get(&mut tx, person)
        .await?
        .map(|person| person.name)
        .unwrap_or_default())
}

/// Names of a tenant's admins, or of the company's engineers and owners: those who can help.
pub(crate) async fn names_with(hub: &Hub, roles: &[Role], tenant: Option<&TenantId>) -> Result<Vec<String>> {
    let mut tx = hub.store.read(Scope::System).await?;
    let mut names = Vec::new();
    for person in people::list(&mut tx).await? {
        let memberships = people::memberships(&mut tx, &person.id).await?;
        if memberships
            .iter()
            .any(|m| roles.contains(&m.role) && m.tenant_id.as_ref() == tenant)
        {
            names.push(person.name);
        }
    }
    Ok(names)
}

/// What is stored of a session token.
pub(crate) fn token_hash(token: &SecretString) -> String {
    hash_hex(token.expose_secret().as_bytes())
}

/// A path of ours to come back to, or none (S18): it starts with one slash and holds only characters that our own
/// addresses hold, so no spelling of another site passes.
pub fn safe_path(path: &str) -> Option<&str> {
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'?' | b'=' | b'&' | b'.'));
    let ours = path.starts_with('/') && !path.contains("//") && !path.contains("..") && path.len() <= 200;
    // The callback and the leaving page make no sense without the request that led there.
    let lasting = !path.starts_with("/callback") && !path.starts_with("/connect");
    (plain && ours && lasting).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s18_only_paths_of_ours_are_returned_to() {
        for good in [
            "/",
            "/integrations",
            "/integrations/asana?notice=connected",
            "/rollout",
        ] {
            assert_eq!(safe_path(good), Some(good));
        }
        for bad in [
            "https://evil.tld",
            "//evil",
            "/\\evil",
            "%2f%2fevil",
            "/%2fevil",
            "javascript:alert(1)",
            "",
            "evil",
            "/a//b",
            "/..//evil",
            "/a\r\nSet-Cookie:x",
            "/callback/asana?state=1",
            "/connect/1",
            "/\t/evil",
        ] {
            assert_eq!(safe_path(bad), None, "{bad:?}");
        }
    }
}
