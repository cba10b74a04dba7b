use std::sync::Arc;

use patchbay_store::vault::Place;
use patchbay_store::{
    ConnectionId, GrantId, Kek, OsEntropy, Scope, SeededEntropy, Store, StoreError, TenantId, Vault,
    VaultError, grants,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::sample::{self, access_place, refresh_place};

fn note<'a>(tenant: Option<&'a TenantId>, row: &'a str) -> Place<'a> {
    Place {
        table: "notes",
        row,
        tenant,
        connection: None,
        field: "text",
    }
}

async fn open_access(store: &Store, tenant: &str) -> Result<SecretString, StoreError> {
    let tenant = TenantId::from(tenant);
    let connection = ConnectionId::from(format!("{tenant}-c"));
    let mut tx = store.read(Scope::Tenant(tenant.clone())).await?;
    let grant = grants::current(&mut tx, &connection).await?.unwrap();
    tx.open(
        &access_place(&tenant, &connection, &grant.id),
        &grant.access.unwrap(),
    )
    .await
}

on_both! {
    async fn s41_a_row_copied_from_another_tenant_does_not_open(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::connected(db, "globex").await;
        let store = db.reopened().await;
        assert_eq!(open_access(&store, "globex").await.unwrap().expose_secret(), "access of globex");

        db.raw(
            "UPDATE grants SET access = (SELECT a.access FROM grants a WHERE a.tenant_id = 'acme')
             WHERE tenant_id = 'globex'",
        )
        .await;

        // With the keys of both tenants at hand, and with none cached.
        for store in [store, db.reopened().await] {
            let error = open_access(&store, "globex").await.unwrap_err();
            assert!(matches!(error, StoreError::Vault(VaultError::NoDataKey)), "{error:?}");
            assert_eq!(open_access(&store, "acme").await.unwrap().expose_secret(), "access of acme");
            store.close().await;
        }
    }

    /// Even where the copy comes from the same tenant, and so has the right key.
    async fn s41_a_value_copied_to_another_row_of_the_tenant_does_not_open(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let mut tx = db.tenant("acme").await;
        sample::grant(&mut tx, "acme", &id, "g2").await;
        tx.commit().await.unwrap();
        db.raw("UPDATE grants SET access = (SELECT a.access FROM grants a WHERE a.id = 'acme-g') WHERE id = 'g2'")
            .await;
        let error = open_access(&db.store, "acme").await.unwrap_err();
        assert!(matches!(error, StoreError::Vault(VaultError::DoesNotOpen)), "{error:?}");
    }

    async fn s42_access_and_refresh_swapped_do_not_open(db: &Db) {
        sample::tenants(db).await;
        let connection = sample::connected(db, "acme").await;
        db.raw("UPDATE grants SET access = refresh, refresh = access").await;
        let (tenant, grant_id) = (TenantId::from("acme"), GrantId::from("acme-g"));
        let mut tx = db.tenant("acme").await;
        let grant = grants::current(&mut tx, &connection).await.unwrap().unwrap();
        for (place, sealed) in [
            (access_place(&tenant, &connection, &grant_id), grant.access.unwrap()),
            (refresh_place(&tenant, &connection, &grant_id), grant.refresh.unwrap()),
        ] {
            let error = tx.open(&place, &sealed).await.unwrap_err();
            assert!(matches!(error, StoreError::Vault(VaultError::DoesNotOpen)), "{error:?}");
        }
    }

    async fn a_changed_byte_does_not_open(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        let flip = match db.store.kind() {
            patchbay_store::DatabaseKind::Sqlite => {
                "UPDATE grants SET access = CAST(substr(access, 1, length(access) - 1)
                     || CASE substr(access, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB)"
            }
            patchbay_store::DatabaseKind::Postgres => {
                "UPDATE grants SET access = set_byte(access, length(access) - 1,
                     get_byte(access, length(access) - 1) # 1)"
            }
        };
        db.raw(flip).await;
        assert!(matches!(open_access(&db.store, "acme").await, Err(StoreError::Vault(_))));
    }

    async fn the_deployments_secrets_are_closed_to_tenants(db: &Db) {
        sample::tenants(db).await;
        let secret = SecretString::from("company secret");
        let mut tx = db.system().await;
        let sealed = tx.seal(&note(None, "1"), &secret).await.unwrap();
        assert_eq!(tx.open(&note(None, "1"), &sealed).await.unwrap().expose_secret(), "company secret");
        tx.commit().await.unwrap();

        let (own, other) = (TenantId::from("acme"), TenantId::from("globex"));
        let mut tx = db.tenant("acme").await;
        for place in [note(None, "1"), note(Some(&other), "1")] {
            assert!(matches!(tx.open(&place, &sealed).await, Err(StoreError::WrongScope)));
            assert!(matches!(tx.seal(&place, &secret).await, Err(StoreError::WrongScope)));
        }
        let moved = tx.open(&note(Some(&own), "1"), &sealed).await;
        assert!(matches!(moved, Err(StoreError::Vault(VaultError::NoDataKey))));
    }

    async fn reading_makes_no_key(db: &Db) {
        sample::tenants(db).await;
        let acme = TenantId::from("acme");
        let mut tx = db.store.read(Scope::Tenant(acme.clone())).await.unwrap();
        let sealed = tx.seal(&note(Some(&acme), "1"), &SecretString::from("x")).await;
        assert!(matches!(sealed, Err(StoreError::ReadOnly)));
    }

    /// A key whose making was rolled back must not seal anything: nothing could ever open it.
    async fn a_key_that_was_not_stored_is_not_used(db: &Db) {
        sample::tenants(db).await;
        let acme = TenantId::from("acme");
        let mut tx = db.tenant("acme").await;
        tx.seal(&note(Some(&acme), "1"), &SecretString::from("lost")).await.unwrap();
        drop(tx);

        let mut tx = db.tenant("acme").await;
        let sealed = tx.seal(&note(Some(&acme), "1"), &SecretString::from("kept")).await.unwrap();
        tx.commit().await.unwrap();
        let store = db.reopened().await;
        let mut tx = store.read(Scope::Tenant(acme.clone())).await.unwrap();
        assert_eq!(tx.open(&note(Some(&acme), "1"), &sealed).await.unwrap().expose_secret(), "kept");
        drop(tx);
        store.close().await;
    }

    /// Many first uses at once, from processes that know nothing of each other, end with one key.
    async fn first_uses_at_once_share_one_key(db: &Db) {
        sample::tenants(db).await;
        let mut stores = Vec::new();
        for _ in 0..4 {
            stores.push(db.reopened().await);
        }
        let uses = stores.iter().cloned().map(|store| {
            tokio::spawn(async move {
                let acme = TenantId::from("acme");
                let mut tx = store.write(Scope::Tenant(acme.clone())).await.unwrap();
                let sealed = tx.seal(&note(Some(&acme), "1"), &SecretString::from("x")).await.unwrap();
                tx.commit().await.unwrap();
                sealed.key_id().unwrap()
            })
        });
        let ids: std::collections::BTreeSet<String> =
            futures::future::join_all(uses).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(ids.len(), 1);
        for store in stores {
            store.close().await;
        }
    }

    async fn another_key_encryption_key_is_named_as_the_reason(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        let other = Vault::new(Kek::generate(&SeededEntropy::new(2)), Arc::new(OsEntropy));
        let store = Store::open(&db.url, other).await.unwrap();
        let error = open_access(&store, "acme").await.unwrap_err();
        assert!(matches!(error, StoreError::Vault(VaultError::OtherKek { .. })), "{error:?}");
        store.close().await;
    }

    async fn s45_nonces_are_24_bytes_and_never_come_twice(db: &Db) {
        sample::tenants(db).await;
        let acme = TenantId::from("acme");
        let mut tx = db.tenant("acme").await;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let sealed = tx.seal(&note(Some(&acme), "1"), &SecretString::from("same")).await.unwrap();
            assert!(seen.insert(format!("{:?}", raw_bytes(&sealed))), "the same seal twice");
        }
    }
}

/// The bytes of a sealed value, which it does not give away: through the database's own encoding.
fn raw_bytes(sealed: &patchbay_store::Sealed) -> Vec<u8> {
    let mut buffer = sqlx::postgres::PgArgumentBuffer::default();
    let _ = <patchbay_store::Sealed as sqlx::Encode<'_, sqlx::Postgres>>::encode_by_ref(sealed, &mut buffer)
        .unwrap();
    assert_eq!(buffer.len(), 1 + 16 + 24 + 4 + 16);
    buffer.to_vec()
}
