use std::time::Duration;

use patchbay_store::records::{self, NewRecord};
use patchbay_store::{Millis, StoreError, VaultError, sync};

use crate::database::{Db, START};
use crate::sample;

/// Three tasks of acme, an hour apart: `a`, `b`, `c`.
async fn three(db: &Db) {
    sample::tenants(db).await;
    sample::connected(db, "acme").await;
    sample::run(db, "acme", 1).await;
    let page: Vec<NewRecord> = (0_i64..)
        .zip(["a", "b", "c"])
        .map(|(hour, id)| NewRecord {
            upstream_id: id.to_owned(),
            occurred_at: Millis(START.0 + hour * 3_600_000),
            title: format!("canary title {id}"),
            payload: format!("canary payload {id}").into_bytes(),
        })
        .collect();
    let mut tx = db.system().await;
    let window = sync::claim(&mut tx, db.now(), "w", Duration::from_mins(1), &[])
        .await
        .unwrap()
        .unwrap();
    let generation = window.lease_generation;
    sync::save_page(&mut tx, &window.id, generation, &page, None, None, db.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn records_are_listed_newest_first_and_opened(db: &Db) {
        three(db).await;
        let mut tx = db.tenant("acme").await;
        let id = "acme-c".into();
        let newest = records::list(&mut tx, &id, "tasks", None, 2).await.unwrap();
        assert_eq!(newest.iter().map(|r| r.title.as_str()).collect::<Vec<_>>(), ["canary title c", "canary title b"]);
        let older = records::list(&mut tx, &id, "tasks", Some(newest[1].occurred_at), 2).await.unwrap();
        assert_eq!(older.iter().map(|r| r.upstream_id.as_str()).collect::<Vec<_>>(), ["a"]);
        let payload = records::payload(&mut tx, &id, "tasks", "b").await.unwrap().unwrap();
        assert_eq!(payload.as_slice(), b"canary payload b");
        assert!(records::payload(&mut tx, &id, "tasks", "z").await.unwrap().is_none());
        let until = Millis(START.0 + 3_600_000);
        assert_eq!(records::ids(&mut tx, &id, "tasks", START, until).await.unwrap(), ["a"]);
    }

    async fn content_of_one_record_does_not_open_as_anothers(db: &Db) {
        three(db).await;
        db.raw("UPDATE records SET title = (SELECT r.title FROM records r WHERE r.upstream_id = 'a')").await;
        let mut tx = db.tenant("acme").await;
        let error = records::list(&mut tx, &"acme-c".into(), "tasks", None, 9).await.unwrap_err();
        assert!(matches!(error, StoreError::Vault(VaultError::DoesNotOpen)), "{error:?}");
    }

    async fn records_go_with_their_connection(db: &Db) {
        three(db).await;
        let mut tx = db.tenant("acme").await;
        assert_eq!(records::delete_all(&mut tx, &"acme-c".into()).await.unwrap(), 3);
        assert!(records::counts(&mut tx, &"acme-c".into()).await.unwrap().is_empty());
    }
}

/// What lies on the disk holds nothing of what was sealed.
#[tokio::test]
async fn s41_the_file_holds_no_plain_text() {
    let db = Db::sqlite().await;
    three(&db).await;
    let path = db.url.trim_start_matches("sqlite://").to_owned();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
    assert!(bytes.len() > 50_000, "there is something to look through");
    for canary in [
        "canary title",
        "canary payload",
        "access of acme",
        "refresh of acme",
    ] {
        let found = bytes.windows(canary.len()).any(|part| part == canary.as_bytes());
        assert!(!found, "{canary}");
    }
    db.close().await;
}
