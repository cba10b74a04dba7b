use std::time::Duration;

use patchbay_store::flows::{self, Consumed};
use patchbay_store::{Scope, StoreError};

use crate::sample;

on_both! {
    /// Fifty callbacks with the same state at once: one may go on.
    async fn s12_of_fifty_parallel_uses_of_a_state_one_is_fresh(db: &Db) {
        sample::tenants(db).await;
        sample::flow_of(db, "f1", "acme").await;

        let uses = (0..50).map(|_| {
            let (store, now) = (db.store.clone(), db.now());
            tokio::spawn(async move {
                let mut tx = store.write(Scope::System).await.unwrap();
                let consumed = flows::consume(&mut tx, "state-of-f1", now).await.unwrap();
                tx.commit().await.unwrap();
                consumed
            })
        });
        let ends = futures::future::join_all(uses).await;

        let fresh = ends.iter().filter(|end| matches!(end, Ok(Consumed::Fresh(_)))).count();
        let used = ends.iter().filter(|end| matches!(end, Ok(Consumed::Used(_)))).count();
        assert_eq!((fresh, used), (1, 49));
    }

    async fn s12_used_state_is_refused(db: &Db) {
        sample::tenants(db).await;
        sample::flow_of(db, "f1", "acme").await;
        let mut tx = db.system().await;
        assert!(matches!(flows::consume(&mut tx, "state-of-f1", db.now()).await.unwrap(), Consumed::Fresh(_)));
        tx.commit().await.unwrap();

        let mut tx = db.system().await;
        let again = flows::consume(&mut tx, "state-of-f1", db.now()).await.unwrap();
        assert!(matches!(again, Consumed::Used(flow) if flow.used_at == Some(db.now())));
        assert!(matches!(flows::consume(&mut tx, "other", db.now()).await.unwrap(), Consumed::Unknown));
    }

    /// A use that is rolled back was none.
    async fn a_use_counts_once_it_is_committed(db: &Db) {
        sample::tenants(db).await;
        sample::flow_of(db, "f1", "acme").await;
        let mut tx = db.system().await;
        flows::consume(&mut tx, "state-of-f1", db.now()).await.unwrap();
        drop(tx);

        let mut tx = db.system().await;
        assert!(matches!(flows::consume(&mut tx, "state-of-f1", db.now()).await.unwrap(), Consumed::Fresh(_)));
    }

    async fn a_state_is_one_of_its_kind(db: &Db) {
        sample::tenants(db).await;
        sample::flow_of(db, "f1", "acme").await;
        let mut twin = sample::flow("f2", "globex");
        "state-of-f1".clone_into(&mut twin.state_hash);
        let mut tx = db.tenant("globex").await;
        assert!(matches!(flows::insert(&mut tx, &twin).await, Err(StoreError::Conflict(_))));
    }

    async fn open_flows_are_those_unused_unended_and_in_time(db: &Db) {
        sample::tenants(db).await;
        for id in ["f1", "f2", "f3"] {
            sample::flow_of(db, id, "acme").await;
        }
        let mut tx = db.system().await;
        flows::consume(&mut tx, "state-of-f1", db.now()).await.unwrap();
        flows::set_outcome(&mut tx, &"f2".into(), "declined", db.now()).await.unwrap();
        flows::set_outcome(&mut tx, &"f2".into(), "connected", db.now()).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.tenant("acme").await;
        let acme = "acme".into();
        let open = flows::open_of_tenant(&mut tx, &acme, db.now()).await.unwrap();
        assert_eq!(open.iter().map(|flow| flow.id.as_str()).collect::<Vec<_>>(), ["f3"]);
        let latest = flows::latest_open(&mut tx, &acme, "asana", db.now()).await.unwrap();
        assert_eq!(latest.map(|flow| flow.id), Some("f3".into()));
        let late = db.now().plus(Duration::from_mins(10));
        assert!(flows::latest_open(&mut tx, &acme, "asana", late).await.unwrap().is_none());
        assert_eq!(flows::count_since(&mut tx, &acme, db.now()).await.unwrap(), 3);
        let declined = flows::get(&mut tx, &"f2".into()).await.unwrap().unwrap();
        assert_eq!(declined.outcome.as_deref(), Some("declined"), "the first outcome stands");
    }
}
