//! People with passwords: the first owner by a one-time token, and signing in.

use std::{collections::BTreeMap, time::Duration};

use base64::Engine as _;
use patchbay_store::{
    Scope, Tx, audit,
    ids::{PersonId, TenantId},
    people::{self, Membership, NewPerson, RoleWord},
    setup,
    tenants::{self, Tenant},
};
use secrecy::SecretString;

use crate::{
    Hub, HubError, Mode, Result,
    connect::after,
    passwords,
    people::{SignedIn, person_did, token_hash},
    view::Viewer,
};

/// How long the set-up token can be used (S60).
const SETUP_LIFE: Duration = Duration::from_mins(30);

/// What the set-up page asks for.
#[derive(Debug)]
pub struct SetUp {
    /// The token that was printed at the first start.
    pub token: SecretString,
    /// The owner's name.
    pub name: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's password.
    pub password: SecretString,
    /// The first tenant, which the owner can act for.
    pub tenant: String,
}

impl Hub {
    /// A one-time token for the first owner, where live mode has nobody yet; replaces the one before. To be shown once.
    pub async fn setup_token(&self) -> Result<Option<SecretString>> {
        if self.settings.mode != Mode::Live {
            return Ok(None);
        }
        let mut tx = self.store.write(Scope::System).await?;
        if !people::list(&mut tx).await?.is_empty() {
            return Ok(None);
        }
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.random::<32>());
        let token = SecretString::from(token);
        let now = self.now();
        setup::put(&mut tx, &token_hash(&token), now, after(now, SETUP_LIFE)).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Whether the first owner is still to be made.
    pub async fn needs_setup(&self) -> Result<bool> {
        if self.settings.mode != Mode::Live {
            return Ok(false);
        }
        let mut tx = self.store.read(Scope::System).await?;
        Ok(people::list(&mut tx).await?.is_empty())
    }

    /// Makes the first owner and the first tenant, and signs the owner in.
    ///
    /// # Errors
    /// [`HubError::Fields`] with a sentence for each field that is not right; nothing is stored then, and the token
    /// can be used again.
    pub async fn set_up(&self, form: SetUp) -> Result<SignedIn> {
        if !self.needs_setup().await? {
            return Err(HubError::NotFound);
        }
        let (name, email, tenant) = (form.name.trim(), form.email.trim(), form.tenant.trim());
        check_setup(name, email, tenant, &form.password)?;
        let token = token_hash(&form.token);
        let mut tx = self.store.read(Scope::System).await?;
        if !setup::is_good(&mut tx, &token, self.now()).await? {
            return Err(wrong_token());
        }
        drop(tx);
        let hash = passwords::hash(form.password, self.random()).await?;
        let mut tx = self.store.write(Scope::System).await?;
        if !setup::use_up(&mut tx, &token, self.now()).await? {
            return Err(wrong_token());
        }
        let person = self.insert_owner(&mut tx, name, email, hash, tenant).await?;
        let token = self.start_session(&mut tx, &person).await?;
        tx.commit().await?;
        Ok(SignedIn { token, person })
    }

    /// The owner, the first tenant, and the owner's two roles.
    async fn insert_owner(
        &self,
        tx: &mut Tx,
        name: &str,
        email: &str,
        hash: SecretString,
        tenant: &str,
    ) -> Result<PersonId> {
        let now = self.now();
        let person: PersonId = self.new_id();
        let new = NewPerson {
            id: person.clone(),
            email: email.to_owned(),
            name: name.to_owned(),
            password_hash: Some(hash),
            created_at: now,
        };
        people::insert(tx, &new).await?;
        let id: TenantId = self.new_id();
        let row = Tenant {
            id: id.clone(),
            name: tenant.to_owned(),
            slug: slug(tenant),
            created_at: now,
        };
        tenants::insert(tx, &row).await?;
        for (role, tenant_id) in [(RoleWord::Owner, None), (RoleWord::Admin, Some(id))] {
            people::add_membership(
                tx,
                &Membership {
                    person_id: person.clone(),
                    role,
                    tenant_id,
                },
            )
            .await?;
        }
        audit::append(tx, &person_did(now, &person, name, "owner.made", None)).await?;
        Ok(person)
    }

    /// Signs in by e-mail address and password. `before` is the browser's present session, which ends (S57).
    ///
    /// # Errors
    /// [`HubError::Fields`] under `"password"`, the same for an unknown address and a wrong password;
    /// [`HubError::TooMany`] after many failures for one address.
    pub async fn sign_in(
        &self,
        email: &str,
        password: SecretString,
        before: Option<&SecretString>,
    ) -> Result<SignedIn> {
        let email = email.trim().to_lowercase();
        self.attempts.check(&email, self.now())?;
        let mut tx = self.store.read(Scope::System).await?;
        let person = people::by_email(&mut tx, &email).await?;
        let hash = match &person {
            Some(person) => people::password_hash(&mut tx, &person.id).await?,
            None => None,
        };
        drop(tx);
        let same = passwords::matches(password, hash).await?;
        let Some(person) = person.filter(|_| same) else {
            self.attempts.failed(&email, self.now());
            tracing::info!("a sign-in failed");
            let sentence = "E-mail or password is not right.".to_owned();
            return Err(HubError::Fields(BTreeMap::from([(
                "password".to_owned(),
                sentence,
            )])));
        };
        self.attempts.succeeded(&email);
        let mut tx = self.store.write(Scope::System).await?;
        if let Some(before) = before {
            patchbay_store::sessions::end(&mut tx, &token_hash(before), self.now()).await?;
        }
        let row = person_did(self.now(), &person.id, &person.name, "session.started", None);
        audit::append(&mut tx, &row).await?;
        let token = self.start_session(&mut tx, &person.id).await?;
        tx.commit().await?;
        Ok(SignedIn {
            token,
            person: person.id,
        })
    }

    /// Chooses the tenant that the viewer acts for, of those where they hold a role; none: the company.
    pub async fn act_for(&self, viewer: &Viewer, tenant: Option<&str>) -> Result<()> {
        let tenant = tenant.map(TenantId::from);
        if !viewer.hats.iter().any(|hat| hat.tenant == tenant) {
            return Err(HubError::NotFound);
        }
        let mut tx = self.store.write(Scope::System).await?;
        patchbay_store::sessions::act_for(&mut tx, &viewer.session_hash, tenant.as_ref()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A sentence for each field that is not right.
fn check_setup(name: &str, email: &str, tenant: &str, password: &SecretString) -> Result<()> {
    let mut errors = BTreeMap::new();
    let mut say = |field: &str, sentence: &str| {
        errors.insert(field.to_owned(), sentence.to_owned());
    };
    if name.is_empty() || name.chars().count() > 100 {
        say("name", "Enter your name");
    }
    let parts: Vec<&str> = email.split('@').collect();
    if !matches!(parts.as_slice(), [user, host] if !user.is_empty() && host.contains('.'))
        || email.len() > 254
    {
        say("email", "Enter your e-mail address, for example ana@acme.com");
    }
    if tenant.is_empty() || tenant.chars().count() > 100 {
        say(
            "tenant",
            "Enter the name of a first customer; your own company will do for a try",
        );
    }
    if let Some(weakness) = passwords::weakness(password) {
        say("password", &weakness);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(HubError::Fields(errors))
    }
}

/// The token is not, or no longer, good.
fn wrong_token() -> HubError {
    let sentence = "This set-up token is not right, was used, or is older than 30 minutes. Restart the server for a \
                    new one.";
    HubError::Fields(BTreeMap::from([("token".to_owned(), sentence.to_owned())]))
}

/// A name as it stands in addresses.
fn slug(name: &str) -> String {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "tenant".to_owned()
    } else {
        parts.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_not_right_is_named_at_once() {
        let Err(HubError::Fields(errors)) = check_setup("", "nobody", "", &SecretString::from("short"))
        else {
            panic!("nothing was refused");
        };
        assert_eq!(
            errors.keys().collect::<Vec<_>>(),
            ["email", "name", "password", "tenant"]
        );
    }

    #[test]
    fn a_slug_holds_letters_digits_and_hyphens() {
        assert_eq!(slug("Acme & Söhne, Ltd."), "acme-s-hne-ltd");
        assert_eq!(slug("日本"), "tenant");
    }
}
