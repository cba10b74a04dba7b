//! The table of data keys: one key per tenant and one for the deployment, wrapped by the key-encryption key.

use crate::sealed::hex;
use crate::vault::DataKey;
use crate::{Millis, Sealed, StoreError, TenantId, Tx, VaultError};

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Option<TenantId>,
    version: i64,
    kek_id: String,
    wrapped: Sealed,
}

/// The newest key of the tenant (or of the deployment) that still stands.
pub(crate) async fn newest(tx: &mut Tx, tenant: Option<&TenantId>) -> Result<Option<DataKey>, StoreError> {
    let row = scoped_one!(
        tx,
        Row,
        "SELECT tenant_id, version, kek_id, wrapped FROM data_keys
         WHERE ($1 = '*' OR tenant_id = $1) AND coalesce(tenant_id, '-') = $2 AND destroyed_at IS NULL
         ORDER BY version DESC LIMIT 1",
        tenant.map_or("-", TenantId::as_str)
    )?;
    row.map(|row| unwrap(tx, &row)).transpose()
}

/// The key with this id, if it still stands.
pub(crate) async fn by_id(tx: &mut Tx, id: &[u8]) -> Result<Option<DataKey>, StoreError> {
    let row = scoped_one!(
        tx,
        Row,
        "SELECT tenant_id, version, kek_id, wrapped FROM data_keys
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND destroyed_at IS NULL",
        hex(id)
    )?;
    row.map(|row| unwrap(tx, &row)).transpose()
}

/// Makes the first key of the tenant (or of the deployment), unless someone else has just done so: then theirs.
pub(crate) async fn make_first(tx: &mut Tx, tenant: Option<&TenantId>) -> Result<DataKey, StoreError> {
    let key = tx.vault().new_key(tenant, 1);
    let wrapped = tx.vault().wrap(&key)?;
    let kek_id = tx.vault().kek_id().to_owned();
    let now: Millis = tx.vault().clock().now();
    // Waits for another writer of the same row, then does nothing: no error that would spoil the transaction.
    insert!(
        tx,
        tenant,
        "INSERT INTO data_keys (id, tenant_id, version, kek_id, wrapped, created_at) VALUES ($2, $1, 1, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        hex(&key.id),
        kek_id,
        wrapped,
        now
    )?;
    newest(tx, tenant)
        .await?
        .ok_or(StoreError::Vault(VaultError::NoDataKey))
}

fn unwrap(tx: &Tx, row: &Row) -> Result<DataKey, StoreError> {
    Ok(tx
        .vault()
        .unwrap(&row.kek_id, &row.wrapped, row.tenant_id.as_ref(), row.version)?)
}
