//! A transaction: its database, its scope, and the vault's door.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sqlx::{Postgres, Sqlite, Transaction};
use zeroize::Zeroizing;

use crate::vault::{self, DataKey};
use crate::{Place, Scope, Sealed, StoreError, TenantId, Vault, VaultError, chain, data_keys};

/// The database behind a transaction.
pub(crate) enum Link {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction under a scope. Dropped without [`Tx::commit`], nothing of it stays.
///
/// Don't hold one while calling a provider: in `SQLite` there is one writer.
pub struct Tx {
    link: Link,
    scope: Scope,
    vault: Vault,
    writes: bool,
    /// Keys made here: others may use them only once they are stored for good.
    fresh: Vec<Arc<DataKey>>,
    /// Rows of the audit trail that were added here: they become part of its chain at the end.
    unlinked: Vec<chain::Unlinked>,
}

impl Tx {
    pub(crate) fn new(link: Link, scope: Scope, vault: Vault, writes: bool) -> Self {
        Self {
            link,
            scope,
            vault,
            writes,
            fresh: Vec::new(),
            unlinked: Vec::new(),
        }
    }

    /// The scope that it was started with.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Keeps what was written.
    ///
    /// # Errors
    /// [`StoreError::Database`] if the database could not; then nothing was kept.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let unlinked = std::mem::take(&mut self.unlinked);
        chain::extend(&mut self, &unlinked).await?;
        match self.link {
            Link::Sqlite(link) => link.commit().await?,
            Link::Postgres(link) => link.commit().await?,
        }
        for key in self.fresh {
            self.vault.remember(key);
        }
        Ok(())
    }

    /// Seals a text for its place, under the tenant's data key (or the deployment's). The first call for a tenant
    /// makes its key, in this transaction.
    ///
    /// # Errors
    /// [`StoreError::WrongScope`] if the place's tenant is not in scope; [`StoreError::ReadOnly`] if the key would
    /// have to be made in a transaction that only reads.
    pub async fn seal(&mut self, place: &Place<'_>, plain: &SecretString) -> Result<Sealed, StoreError> {
        self.seal_bytes(place, plain.expose_secret().as_bytes()).await
    }

    /// The same for bytes.
    ///
    /// # Errors
    /// As [`Tx::seal`].
    pub async fn seal_bytes(&mut self, place: &Place<'_>, plain: &[u8]) -> Result<Sealed, StoreError> {
        self.require(place.tenant)?;
        let key = self.sealing_key(place.tenant).await?;
        Ok(self.vault.seal(&key, place, plain)?)
    }

    /// Opens a sealed text in its place.
    ///
    /// # Errors
    /// [`StoreError::WrongScope`] as above. [`StoreError::Vault`] with [`VaultError::NoDataKey`],
    /// [`VaultError::DoesNotOpen`] or [`VaultError::Layout`] if it was changed, or belongs to another tenant, row
    /// or field: nothing of it is given out, and the log has a line at level ERROR.
    pub async fn open(&mut self, place: &Place<'_>, sealed: &Sealed) -> Result<SecretString, StoreError> {
        let bytes = self.open_bytes(place, sealed).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| VaultError::NotText)?;
        // Copied at its exact length: a growing or shrinking buffer would leave a copy behind unwiped.
        Ok(SecretBox::new(Box::<str>::from(text)))
    }

    /// The same for bytes; they are wiped when dropped.
    ///
    /// # Errors
    /// As [`Tx::open`].
    pub async fn open_bytes(
        &mut self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.require(place.tenant)?;
        let opened = self.try_open(place, sealed).await;
        if let Err(StoreError::Vault(error)) = &opened {
            tracing::error!(
                table = place.table,
                row = place.row,
                field = place.field,
                tenant = place.tenant.map(TenantId::as_str),
                %error,
                "a sealed value did not open"
            );
        }
        opened
    }

    async fn try_open(
        &mut self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let id = sealed.split()?.key_id;
        let held = self
            .fresh
            .iter()
            .find(|key| key.id == id)
            .cloned()
            .or_else(|| self.vault.by_id(&id));
        let key = if let Some(key) = held {
            key
        } else {
            let key = data_keys::by_id(self, &id).await?.ok_or(VaultError::NoDataKey)?;
            let key = Arc::new(key);
            self.vault.remember(Arc::clone(&key));
            key
        };
        // A value that lies in one tenant's row under another tenant's key was moved there.
        if key.tenant.as_ref() != place.tenant {
            return Err(VaultError::NoDataKey.into());
        }
        Ok(vault::open(&key, place, sealed)?)
    }

    async fn sealing_key(&mut self, tenant: Option<&TenantId>) -> Result<Arc<DataKey>, StoreError> {
        let held = self
            .fresh
            .iter()
            .find(|key| key.tenant.as_ref() == tenant)
            .cloned();
        if let Some(key) = held.or_else(|| self.vault.newest(tenant)) {
            return Ok(key);
        }
        if let Some(key) = data_keys::newest(self, tenant).await? {
            let key = Arc::new(key);
            self.vault.remember(Arc::clone(&key));
            return Ok(key);
        }
        if !self.writes {
            return Err(StoreError::ReadOnly);
        }
        let key = Arc::new(data_keys::make_first(self, tenant).await?);
        self.fresh.push(Arc::clone(&key));
        Ok(key)
    }

    pub(crate) fn remember_to_link(&mut self, row: chain::Unlinked) {
        self.unlinked.push(row);
    }

    pub(crate) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    pub(crate) fn scope_key(&self) -> String {
        self.scope.key().to_owned()
    }

    /// Refuses a row of a tenant (of the company, if `None`) that the scope does not cover.
    pub(crate) fn require(&self, tenant: Option<&TenantId>) -> Result<(), StoreError> {
        if self.scope.covers(tenant) {
            Ok(())
        } else {
            Err(StoreError::WrongScope)
        }
    }

    /// Refuses any scope but the system's.
    pub(crate) fn require_system(&self) -> Result<(), StoreError> {
        self.require(None)
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("scope", &self.scope)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}
