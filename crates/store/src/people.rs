//! People who sign in, and the roles they hold. People are the company's; memberships of tenants are the tenants'.

use secrecy::{ExposeSecret, SecretString};

use crate::{Millis, PersonId, StoreError, TenantId, Tx};

/// Someone who signs in.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// In lower case; one of its kind.
    pub email: String,
    /// For people.
    pub name: String,
    /// When added.
    pub created_at: Millis,
}

/// Someone to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The id.
    pub id: PersonId,
    /// Stored in lower case.
    pub email: String,
    /// For people.
    pub name: String,
    /// The password's hash (argon2, PHC string); `None` for who has no password.
    pub password_hash: Option<SecretString>,
    /// When added.
    pub created_at: Millis,
}

words! {
    /// What someone may do. The first four are the company's, the others a tenant's.
    pub enum RoleWord {
        /// Runs the deployment.
        Owner => "owner",
        /// Works on integrations.
        Engineer => "engineer",
        /// Reports on the rollout.
        Pm => "pm",
        /// Looks on.
        Viewer => "viewer",
        /// Connects a tenant's accounts.
        Admin => "admin",
        /// Sees a tenant's connections.
        Member => "member",
    }
}

impl RoleWord {
    /// Whether it is a role in the company rather than in a tenant.
    pub const fn is_company(self) -> bool {
        matches!(self, Self::Owner | Self::Engineer | Self::Pm | Self::Viewer)
    }
}

/// A role that someone holds.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Membership {
    /// Who.
    pub person_id: PersonId,
    /// What.
    pub role: RoleWord,
    /// In which tenant; `None` for company roles.
    pub tenant_id: Option<TenantId>,
}

/// Adds someone.
///
/// # Errors
/// [`StoreError::Conflict`] if the e-mail address is taken.
pub async fn insert(tx: &mut Tx, new: &NewPerson) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO people (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        &new.id,
        new.email.to_lowercase(),
        &new.name,
        new.password_hash.as_ref().map(ExposeSecret::expose_secret),
        new.created_at
    )?;
    Ok(())
}

/// One person.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &PersonId) -> Result<Option<Person>, StoreError> {
    company_one!(
        tx,
        Person,
        "SELECT id, email, name, created_at FROM people WHERE id = $1",
        id
    )
}

/// The person with this e-mail address, however it is capitalised.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>, StoreError> {
    company_one!(
        tx,
        Person,
        "SELECT id, email, name, created_at FROM people WHERE email = $1",
        email.trim().to_lowercase()
    )
}

/// The hash of someone's password, if they have one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn password_hash(tx: &mut Tx, id: &PersonId) -> Result<Option<SecretString>, StoreError> {
    let row = company_one!(
        tx,
        (Option<String>,),
        "SELECT password_hash FROM people WHERE id = $1",
        id
    )?;
    Ok(row.and_then(|(hash,)| hash).map(SecretString::from))
}

/// Everyone, by name.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    company_all!(
        tx,
        Person,
        "SELECT id, email, name, created_at FROM people ORDER BY name, id"
    )
}

/// Gives someone a role. A person holds one role per tenant, and one in the company.
///
/// # Errors
/// [`StoreError::Conflict`] if they hold one there; [`StoreError::Database`] if role and tenant do not go together.
pub async fn add_membership(tx: &mut Tx, new: &Membership) -> Result<(), StoreError> {
    insert!(
        tx,
        new.tenant_id.as_ref(),
        "INSERT INTO memberships (tenant_id, person_id, role) VALUES ($1, $2, $3)",
        &new.person_id,
        new.role
    )?;
    Ok(())
}

/// The roles that someone holds, those in the company first.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn memberships(tx: &mut Tx, person: &PersonId) -> Result<Vec<Membership>, StoreError> {
    scoped_all!(
        tx,
        Membership,
        "SELECT person_id, role, tenant_id FROM memberships
         WHERE ($1 = '*' OR tenant_id = $1) AND person_id = $2 ORDER BY coalesce(tenant_id, ''), role",
        person
    )
}
