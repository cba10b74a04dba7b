//! Tenants: the customer organisations, and one that is none: the company proves integrations in it.

use crate::{Millis, StoreError, TenantId, Tx};

/// A tenant.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name, for people.
    pub name: String,
    /// Its name in addresses; one of its kind.
    pub slug: String,
    /// When it was added.
    pub created_at: Millis,
}

/// Adds a tenant. Only under the system's scope: a tenant does not make itself.
///
/// # Errors
/// [`StoreError::Conflict`] if the id or slug is taken.
pub async fn insert(tx: &mut Tx, new: &Tenant) -> Result<(), StoreError> {
    tx.require_system()?;
    insert!(
        tx,
        Some(&new.id),
        "INSERT INTO tenants (id, name, slug, created_at) VALUES ($1, $2, $3, $4)",
        &new.name,
        &new.slug,
        new.created_at
    )?;
    Ok(())
}

/// One tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
    scoped_one!(
        tx,
        Tenant,
        "SELECT * FROM tenants WHERE ($1 = '*' OR id = $1) AND id = $2",
        id
    )
}

/// All customers in scope, by name.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Tenant>, StoreError> {
    scoped_all!(
        tx,
        Tenant,
        "SELECT * FROM tenants WHERE ($1 = '*' OR id = $1) AND kind = 'customer' ORDER BY name, id"
    )
}

/// The tenant that the company proves integrations in, if there is one. No customer, and in no list and no count.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn proving(tx: &mut Tx) -> Result<Option<Tenant>, StoreError> {
    scoped_one!(
        tx,
        Tenant,
        "SELECT * FROM tenants WHERE ($1 = '*' OR id = $1) AND kind = 'proving'"
    )
}

/// Adds the tenant that the company proves integrations in, or leaves the one that is there.
///
/// # Errors
/// [`StoreError::WrongScope`], [`StoreError::Database`].
pub async fn insert_proving(tx: &mut Tx, new: &Tenant) -> Result<(), StoreError> {
    tx.require_system()?;
    insert!(
        tx,
        Some(&new.id),
        "INSERT INTO tenants (id, name, slug, created_at, kind) VALUES ($1, $2, $3, $4, 'proving')
         ON CONFLICT DO NOTHING",
        &new.name,
        &new.slug,
        new.created_at
    )?;
    Ok(())
}
