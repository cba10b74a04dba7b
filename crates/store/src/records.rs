//! Records: what the import of history brought. Title and payload are customers' content, sealed with the tenant's
//! key; only a tenant's scope, or the system's on its behalf, opens them.

use zeroize::Zeroizing;

use crate::{ConnectionId, Millis, Place, Sealed, StoreError, SyncRunId, TenantId, Tx};

/// A record to be saved.
#[derive(Clone)]
pub struct NewRecord {
    /// The provider's id of it; one of its kind within connection and stream.
    pub upstream_id: String,
    /// When it happened at the provider.
    pub occurred_at: Millis,
    /// What to call it; sealed on the way in.
    pub title: String,
    /// All of it as the provider gave it, usually JSON; sealed on the way in.
    pub payload: Vec<u8>,
}

/// A record without its payload, opened for those who may read it.
#[derive(Clone, Eq, PartialEq)]
pub struct Record {
    /// The provider's id of it.
    pub upstream_id: String,
    /// When it happened at the provider.
    pub occurred_at: Millis,
    /// What to call it.
    pub title: String,
    /// When it was last saved.
    pub updated_at: Millis,
}

/// How many records a stream has.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct StreamCount {
    /// The stream.
    pub stream: String,
    /// Its records.
    #[sqlx(try_from = "i64")]
    pub records: u64,
    /// When the oldest happened.
    pub oldest_at: Option<Millis>,
    /// When the newest happened.
    pub newest_at: Option<Millis>,
}

/// Where a page of records goes.
pub(crate) struct Target<'a> {
    pub tenant: &'a TenantId,
    pub connection: &'a ConnectionId,
    pub run: &'a SyncRunId,
    pub stream: &'a str,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: TenantId,
    upstream_id: String,
    occurred_at: Millis,
    title: Sealed,
    updated_at: Millis,
}

impl std::fmt::Debug for NewRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRecord")
            .field("occurred_at", &self.occurred_at)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("occurred_at", &self.occurred_at)
            .finish_non_exhaustive()
    }
}

/// Saves records, each in place of the one with the same upstream id. Gives how many of them the run had not
/// brought before.
pub(crate) async fn upsert_all(
    tx: &mut Tx,
    target: &Target<'_>,
    page: &[NewRecord],
    now: Millis,
) -> Result<i64, StoreError> {
    let mut new = 0;
    for record in page {
        let row = row_name(target.stream, &record.upstream_id);
        let place = place(target.tenant, target.connection, &row, "title");
        let title = tx.seal_bytes(&place, record.title.as_bytes()).await?;
        let payload = tx
            .seal_bytes(
                &Place {
                    field: "payload",
                    ..place
                },
                &record.payload,
            )
            .await?;
        if upsert(tx, target, record, &title, &payload, now).await? {
            new += 1;
        }
    }
    Ok(new)
}

/// A record that this run has already brought is replaced without being counted again: providers repeat records at
/// the seams of pages and windows.
async fn upsert(
    tx: &mut Tx,
    target: &Target<'_>,
    record: &NewRecord,
    title: &Sealed,
    payload: &Sealed,
    now: Millis,
) -> Result<bool, StoreError> {
    let new_to_run = insert!(
        tx,
        Some(target.tenant),
        "INSERT INTO records (tenant_id, connection_id, stream, upstream_id, occurred_at, title, payload, run_id,
             updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (connection_id, stream, upstream_id) DO UPDATE SET occurred_at = excluded.occurred_at,
             title = excluded.title, payload = excluded.payload, run_id = excluded.run_id,
             updated_at = excluded.updated_at
         WHERE records.run_id <> excluded.run_id",
        target.connection,
        target.stream,
        &record.upstream_id,
        record.occurred_at,
        title,
        payload,
        target.run,
        now
    )?;
    if new_to_run > 0 {
        return Ok(true);
    }
    scoped_run!(
        tx,
        "UPDATE records SET occurred_at = $5, title = $6, payload = $7, updated_at = $8
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND stream = $3 AND upstream_id = $4",
        target.connection,
        target.stream,
        &record.upstream_id,
        record.occurred_at,
        title,
        payload,
        now
    )?;
    Ok(false)
}

/// Deletes all records of a connection, and says how many there were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn delete_all(tx: &mut Tx, connection: &ConnectionId) -> Result<u64, StoreError> {
    scoped_run!(
        tx,
        "DELETE FROM records WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2",
        connection
    )
}

/// How many records a connection has, per stream.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn counts(tx: &mut Tx, connection: &ConnectionId) -> Result<Vec<StreamCount>, StoreError> {
    scoped_all!(
        tx,
        StreamCount,
        "SELECT stream, count(*) AS records, min(occurred_at) AS oldest_at, max(occurred_at) AS newest_at
         FROM records WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 GROUP BY stream ORDER BY stream",
        connection
    )
}

/// The upstream ids of a stream's records from one moment up to, and without, another, in their order.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn ids(
    tx: &mut Tx,
    connection: &ConnectionId,
    stream: &str,
    from: Millis,
    to: Millis,
) -> Result<Vec<String>, StoreError> {
    let rows = scoped_all!(
        tx,
        (String,),
        "SELECT upstream_id FROM records
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND stream = $3
             AND occurred_at >= $4 AND occurred_at < $5
         ORDER BY occurred_at, upstream_id",
        connection,
        stream,
        from,
        to
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A stream's records before a moment, newest first, with their titles opened.
///
/// # Errors
/// [`StoreError::Vault`] if a title does not open.
pub async fn list(
    tx: &mut Tx,
    connection: &ConnectionId,
    stream: &str,
    before: Option<Millis>,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let rows = scoped_all!(
        tx,
        Row,
        "SELECT tenant_id, upstream_id, occurred_at, title, updated_at FROM records
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND stream = $3 AND occurred_at < $4
         ORDER BY occurred_at DESC, upstream_id DESC LIMIT $5",
        connection,
        stream,
        before.unwrap_or(Millis(i64::MAX)),
        limit
    )?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        let name = row_name(stream, &row.upstream_id);
        let bytes = tx
            .open_bytes(&place(&row.tenant_id, connection, &name, "title"), &row.title)
            .await?;
        let title = String::from_utf8_lossy(&bytes).into_owned();
        let Row {
            upstream_id,
            occurred_at,
            updated_at,
            ..
        } = row;
        opened.push(Record {
            upstream_id,
            occurred_at,
            title,
            updated_at,
        });
    }
    Ok(opened)
}

/// The payload of one record, opened; `None` if there is no such record in scope.
///
/// # Errors
/// [`StoreError::Vault`] if it does not open.
pub async fn payload(
    tx: &mut Tx,
    connection: &ConnectionId,
    stream: &str,
    upstream_id: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let row = scoped_one!(
        tx,
        (TenantId, Sealed),
        "SELECT tenant_id, payload FROM records
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND stream = $3 AND upstream_id = $4",
        connection,
        stream,
        upstream_id
    )?;
    let Some((tenant, sealed)) = row else {
        return Ok(None);
    };
    let name = row_name(stream, upstream_id);
    Ok(Some(
        tx.open_bytes(&place(&tenant, connection, &name, "payload"), &sealed)
            .await?,
    ))
}

/// A name for the row that no other stream and id share, whatever signs a provider puts into its ids.
fn row_name(stream: &str, upstream_id: &str) -> String {
    format!("{}:{stream}:{upstream_id}", stream.len())
}

fn place<'a>(tenant: &'a TenantId, connection: &'a ConnectionId, row: &'a str, field: &'a str) -> Place<'a> {
    Place {
        table: "records",
        row,
        tenant: Some(tenant),
        connection: Some(connection),
        field,
    }
}
