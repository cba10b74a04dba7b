use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use patchbay_store::{DatabaseKind, Scope, Store, StoreError, SystemClock, tenants};

use crate::database::{START, vault};
use crate::sample;

on_both! {
    async fn a_database_from_the_future_is_refused_in_words(db: &Db) {
        let checksum = match db.store.kind() {
            DatabaseKind::Sqlite => "X'00'",
            DatabaseKind::Postgres => "'\\x00'",
        };
        db.raw(&format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'later', TRUE, {checksum}, 0)"
        ))
        .await;
        let error = Store::open(&db.url, vault(Arc::new(SystemClock))).await.unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 9999, .. }), "{error:?}");
        assert!(error.to_string().contains("newer version"), "{error}");
    }

    async fn data_belongs_to_one_mode(db: &Db) {
        db.store.claim_mode("demo").await.unwrap();
        db.store.claim_mode("demo").await.unwrap();
        let error = db.store.claim_mode("live").await.unwrap_err();
        assert!(matches!(error, StoreError::Mode { .. }), "{error:?}");
        assert!(error.to_string().contains("demo mode"), "{error}");
        assert!(matches!(db.store.claim_mode("other").await, Err(StoreError::UnknownMode(_))));
    }

    async fn what_is_not_committed_is_gone(db: &Db) {
        sample::tenants(db).await;
        let mut tx = db.system().await;
        let more = tenants::Tenant {
            id: "more".into(),
            name: "More".to_owned(),
            slug: "more".to_owned(),
            created_at: START,
        };
        tenants::insert(&mut tx, &more).await.unwrap();
        drop(tx);
        let mut tx = db.store.read(Scope::System).await.unwrap();
        assert_eq!(tenants::list(&mut tx).await.unwrap().len(), 2);
    }

    /// A page's figures agree with each other whatever is committed while it reads.
    async fn a_reader_sees_one_moment(db: &Db) {
        sample::tenants(db).await;
        let mut reader = db.store.read(Scope::System).await.unwrap();
        assert_eq!(tenants::list(&mut reader).await.unwrap().len(), 2);
        let mut writer = db.system().await;
        let more = tenants::Tenant {
            id: "more".into(),
            name: "More".to_owned(),
            slug: "more".to_owned(),
            created_at: START,
        };
        tenants::insert(&mut writer, &more).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(tenants::list(&mut reader).await.unwrap().len(), 2);
    }

    async fn a_reader_can_not_write(db: &Db) {
        let mut tx = db.store.read(Scope::System).await.unwrap();
        let more = tenants::Tenant {
            id: "more".into(),
            name: "More".to_owned(),
            slug: "more".to_owned(),
            created_at: START,
        };
        assert!(tenants::insert(&mut tx, &more).await.is_err());
    }
}

#[tokio::test]
async fn a_store_in_memory_reads_while_it_writes_and_leaves_nothing() {
    let store = Store::open("sqlite::memory:", vault(Arc::new(SystemClock)))
        .await
        .unwrap();
    let mut reader = store.read(Scope::System).await.unwrap();
    let writer = store.write(Scope::System).await.unwrap();
    assert!(tenants::list(&mut reader).await.unwrap().is_empty());
    drop((reader, writer));
    store.close().await;
}

#[tokio::test]
async fn the_database_file_is_the_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let url = format!("sqlite://{}", path.display());
    let store = Store::open(&url, vault(Arc::new(SystemClock))).await.unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_repeating_it() {
    for url in [
        "mysql://u:password@h/d",
        "sqlite:",
        "sqlite::elsewhere:",
        "",
        "postgres://[",
    ] {
        let error = Store::open(url, vault(Arc::new(SystemClock))).await.unwrap_err();
        assert!(matches!(error, StoreError::Address), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("password"));
    }
}
