//! Events: what has changed, in the order in which it did. They commit with the change and feed the live pages.

use crate::tx::Link;
use crate::{Millis, StoreError, TenantId, Tx};

/// The advisory lock that puts writers of events in line: any number that nothing else in this database uses.
const IN_LINE: i64 = 0x0070_6174_6368_6261;

/// Something that has changed.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Event {
    /// Growing; a later event never has a smaller one.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Whose it is; `None` for what is the company's.
    pub tenant_id: Option<TenantId>,
    /// What kind of thing changed.
    pub topic: String,
    /// Which.
    pub subject: String,
}

/// Adds an event, and gives its id. Call it last in a transaction: in `PostgreSQL` writers of events wait here for
/// each other until they commit. Without that, a smaller id could become visible after a larger one, and who had
/// already read the larger one would never see it.
///
/// # Errors
/// [`StoreError::WrongScope`].
pub async fn append(
    tx: &mut Tx,
    now: Millis,
    tenant: Option<&TenantId>,
    topic: &str,
    subject: &str,
) -> Result<i64, StoreError> {
    if let Link::Postgres(link) = tx.link() {
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(IN_LINE)
            .execute(&mut **link)
            .await?;
    }
    let (id,) = insert_one!(
        tx,
        tenant,
        (i64,),
        "INSERT INTO events (tenant_id, at, topic, subject) VALUES ($1, $2, $3, $4) RETURNING id",
        now,
        topic,
        subject
    )?;
    Ok(id)
}

/// The events in scope after this one, oldest first. A tenant sees its own, not the company's.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn after(tx: &mut Tx, id: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    scoped_all!(
        tx,
        Event,
        "SELECT * FROM events WHERE ($1 = '*' OR tenant_id = $1) AND id > $2 ORDER BY id LIMIT $3",
        id,
        limit
    )
}

/// The id of the last event in scope; 0 if there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn last_id(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = scoped_one!(
        tx,
        (Option<i64>,),
        "SELECT max(id) FROM events WHERE ($1 = '*' OR tenant_id = $1)"
    )?;
    Ok(row.and_then(|(id,)| id).unwrap_or(0))
}
