//! Grants: the sets of tokens of a connection, one after the other. The newest is in use, the older ones are
//! history; only wiping changes a row.

use crate::{ConnectionId, GrantId, Millis, Sealed, StoreError, TenantId, Tx};

words! {
    /// What a grant is.
    pub enum GrantKind {
        /// Tokens that an authorization gave.
        Token => "token",
        /// An API key that an admin typed.
        Key => "key",
    }
}

/// One set of tokens.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// 1 for the first of a connection, growing by one.
    pub generation: i64,
    /// What it is.
    pub kind: GrantKind,
    /// The sealed access token or key; `None` once wiped.
    pub access: Option<Sealed>,
    /// The sealed refresh token, if there is one.
    pub refresh: Option<Sealed>,
    /// The scopes it carries, separated by spaces; `None` if the provider did not say.
    pub scopes: Option<String>,
    /// When the access token expires; `None` if it does not or the provider does not say.
    pub expires_at: Option<Millis>,
    /// When we got it.
    pub obtained_at: Millis,
    /// When its tokens were wiped.
    pub wiped_at: Option<Millis>,
}

/// A grant to be added.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// What it is.
    pub kind: GrantKind,
    /// The sealed access token or key.
    pub access: Option<Sealed>,
    /// The sealed refresh token, if there is one.
    pub refresh: Option<Sealed>,
    /// The scopes it carries, separated by spaces; `None` if the provider did not say.
    pub scopes: Option<String>,
    /// When the access token expires.
    pub expires_at: Option<Millis>,
    /// When we got it.
    pub obtained_at: Millis,
}

/// Adds a grant and puts it in use, and gives its generation.
///
/// # Errors
/// [`StoreError::WrongScope`]; [`StoreError::Missing`] if the tenant has no such living connection.
pub async fn append(tx: &mut Tx, new: &NewGrant) -> Result<i64, StoreError> {
    add(tx, new, false).await
}

/// Adds a grant that is kept and not put in use: its tokens came after newer ones were stored.
///
/// # Errors
/// As [`append`].
pub async fn append_spare(tx: &mut Tx, new: &NewGrant) -> Result<i64, StoreError> {
    add(tx, new, true).await
}

async fn add(tx: &mut Tx, new: &NewGrant, spare: bool) -> Result<i64, StoreError> {
    tx.require(Some(&new.tenant_id))?;
    // This also locks the connection: two grants at once get two generations.
    let moved = scoped_one!(
        tx,
        (i64,),
        "UPDATE connections SET grant_generation = grant_generation + 1
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND tenant_id = $3 AND ended_at IS NULL
         RETURNING grant_generation",
        &new.connection_id,
        &new.tenant_id
    )?;
    let (generation,) = moved.ok_or(StoreError::Missing("connection"))?;
    insert!(
        tx,
        Some(&new.tenant_id),
        "INSERT INTO grants (tenant_id, id, connection_id, generation, kind, access, refresh, scopes, expires_at,
             obtained_at, spare)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &new.id,
        &new.connection_id,
        generation,
        new.kind,
        &new.access,
        &new.refresh,
        &new.scopes,
        new.expires_at,
        new.obtained_at,
        i64::from(spare)
    )?;
    Ok(generation)
}

/// The grant in use: the newest that is no spare.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn current(tx: &mut Tx, connection: &ConnectionId) -> Result<Option<Grant>, StoreError> {
    scoped_one!(
        tx,
        Grant,
        "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND spare = 0
         ORDER BY generation DESC LIMIT 1",
        connection
    )
}

/// The spares that came after the grant in use and still hold tokens, newest first.
///
/// # Errors
/// As [`current`].
pub async fn spares(tx: &mut Tx, connection: &ConnectionId) -> Result<Vec<Grant>, StoreError> {
    scoped_all!(
        tx,
        Grant,
        "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND spare = 1
             AND wiped_at IS NULL AND generation > (SELECT MAX(generation) FROM grants
                 WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND spare = 0)
         ORDER BY generation DESC",
        connection
    )
}

/// One grant.
///
/// # Errors
/// As [`current`].
pub async fn get(tx: &mut Tx, id: &GrantId) -> Result<Option<Grant>, StoreError> {
    scoped_one!(
        tx,
        Grant,
        "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1) AND id = $2",
        id
    )
}

/// All grants of a connection, newest first.
///
/// # Errors
/// As [`current`].
pub async fn all(tx: &mut Tx, connection: &ConnectionId) -> Result<Vec<Grant>, StoreError> {
    scoped_all!(
        tx,
        Grant,
        "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 ORDER BY generation DESC",
        connection
    )
}

/// Puts newer tokens into a grant that only waits for its revocation: an ended connection takes no new grant.
///
/// # Errors
/// [`StoreError::Missing`] if the grant was wiped in the meantime or is still of use; [`StoreError::Database`].
pub async fn renew(
    tx: &mut Tx,
    id: &GrantId,
    access: &Sealed,
    refresh: Option<&Sealed>,
    expires_at: Option<Millis>,
) -> Result<(), StoreError> {
    let renewed = scoped_run!(
        tx,
        "UPDATE grants SET access = $3, refresh = $4, expires_at = $5
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND wiped_at IS NULL
             AND connection_id IN (SELECT id FROM connections
                 WHERE ($1 = '*' OR tenant_id = $1) AND ended_at IS NOT NULL)",
        id,
        access,
        refresh,
        expires_at
    )?;
    if renewed == 0 {
        return Err(StoreError::Missing("grant"));
    }
    Ok(())
}

/// Wipes the tokens of a grant. Doing it twice does no harm; the first moment stands.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn wipe(tx: &mut Tx, id: &GrantId, now: Millis) -> Result<(), StoreError> {
    scoped_run!(
        tx,
        "UPDATE grants SET access = NULL, refresh = NULL, wiped_at = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND wiped_at IS NULL",
        id,
        now
    )?;
    Ok(())
}

/// Wipes the tokens of all grants of a connection.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn wipe_all(tx: &mut Tx, connection: &ConnectionId, now: Millis) -> Result<(), StoreError> {
    wipe_before(tx, connection, i64::MAX, now).await
}

/// Wipes the tokens of a connection's grants that are older than a generation.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn wipe_before(
    tx: &mut Tx,
    connection: &ConnectionId,
    generation: i64,
    now: Millis,
) -> Result<(), StoreError> {
    scoped_run!(
        tx,
        "UPDATE grants SET access = NULL, refresh = NULL, wiped_at = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND generation < $3 AND wiped_at IS NULL",
        connection,
        generation,
        now
    )?;
    Ok(())
}
