//! One tenant's scope reaches nothing of another's, in any module.

use std::time::Duration;

use patchbay_store::connections::ConnectionState;
use patchbay_store::flows::Consumed;
use patchbay_store::{
    ConnectionId, Fenced, Scope, StoreError, app_progress, connections, events, flows, grants, people,
    provider_apps, records, refreshes, revocations, sessions, status_events, sync, tenants, verifications,
};

use crate::sample;

on_both! {
    async fn s66_ids_of_another_tenant_find_nothing(db: &Db) {
        sample::tenants(db).await;
        sample::flow_of(db, "f1", "acme").await;
        let theirs = sample::connected(db, "acme").await;
        sample::run(db, "acme", 2).await;
        let mut own = db.tenant("acme").await;
        refreshes::start(&mut own, &"acme".into(), &theirs, "asana", Some(db.now())).await.unwrap();
        own.commit().await.unwrap();
        let (tenant, run) = ("acme".into(), "acme-r".into());

        let mut tx = db.tenant("globex").await;
        let tx = &mut tx;
        assert!(tenants::get(tx, &tenant).await.unwrap().is_none());
        assert_eq!(tenants::list(tx).await.unwrap().len(), 1);
        assert!(connections::get(tx, &theirs).await.unwrap().is_none());
        assert!(connections::list(tx).await.unwrap().is_empty());
        assert!(connections::list_of_tenant(tx, &tenant).await.unwrap().is_empty());
        assert!(connections::list_of_integration(tx, "asana").await.unwrap().is_empty());
        assert!(connections::live_for_account(tx, &tenant, "asana", "account").await.unwrap().is_none());
        assert!(connections::usage(tx).await.unwrap().is_empty());
        assert!(grants::current(tx, &theirs).await.unwrap().is_none());
        assert!(grants::get(tx, &"acme-g".into()).await.unwrap().is_none());
        assert!(grants::all(tx, &theirs).await.unwrap().is_empty());
        assert!(flows::get(tx, &"f1".into()).await.unwrap().is_none());
        assert!(matches!(flows::consume(tx, "state-of-f1", db.now()).await.unwrap(), Consumed::Unknown));
        assert!(flows::open_of_tenant(tx, &tenant, db.now()).await.unwrap().is_empty());
        assert_eq!(flows::count_since(tx, &tenant, db.now()).await.unwrap(), 0);
        assert!(sync::latest_run(tx, &theirs).await.unwrap().is_none());
        assert!(sync::get_run(tx, &run).await.unwrap().is_none());
        assert!(sync::open_runs(tx, &tenant).await.unwrap().is_empty());
        assert!(sync::progress(tx, &run).await.unwrap().is_none());
        assert!(records::counts(tx, &theirs).await.unwrap().is_empty());
        assert!(revocations::pending_of(tx, &theirs).await.unwrap().is_empty());
        assert!(refreshes::get(tx, &theirs).await.unwrap().is_none());
        assert!(refreshes::due_integrations(tx, db.now()).await.unwrap().is_empty());
    }

    async fn s66_ids_of_another_tenant_change_nothing(db: &Db) {
        sample::tenants(db).await;
        let theirs = sample::connected(db, "acme").await;
        sample::run(db, "acme", 1).await;
        let mut tx = db.system().await;
        let window = sync::claim(&mut tx, db.now(), "w", Duration::from_mins(1), &[]).await.unwrap().unwrap();
        tx.commit().await.unwrap();

        let mut foreign = db.tenant("globex").await;
        let tx = &mut foreign;
        let now = db.now();
        let missing = |done: Result<(), StoreError>| assert!(matches!(done, Err(StoreError::Missing(_))));
        missing(connections::set_state(tx, &theirs, ConnectionState::Degraded, None, now).await);
        missing(connections::set_check(tx, &theirs, now, "ok", None).await);
        missing(connections::set_account(tx, &theirs, "a", "b").await);
        missing(connections::end(tx, &theirs, &"ana".into(), now).await);
        missing(sync::insert_windows(tx, &"acme-r".into(), &[]).await);
        grants::wipe(tx, &"acme-g".into(), now).await.unwrap();
        assert!(!sync::cancel_run(tx, &"acme-r".into(), now).await.unwrap());
        assert!(sync::settle_run(tx, &"acme-r".into(), now).await.unwrap().is_none());
        let generation = window.lease_generation;
        let saved = sync::save_page(tx, &window.id, generation, &[], None, None, now).await.unwrap();
        assert_eq!(saved, Fenced::Lost);
        assert_eq!(sync::finish_window(tx, &window.id, generation, now).await.unwrap(), Fenced::Lost);
        assert_eq!(records::delete_all(tx, &theirs).await.unwrap(), 0);
        foreign.commit().await.unwrap();

        let mut tx = db.tenant("acme").await;
        assert!(grants::current(&mut tx, &theirs).await.unwrap().unwrap().access.is_some());
    }

    async fn rows_for_another_tenant_are_refused(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        let mut tx = db.tenant("globex").await;
        let flow = flows::insert(&mut tx, &sample::flow("f1", "acme")).await;
        assert!(matches!(flow, Err(StoreError::WrongScope)));
        let connection = connections::insert(&mut tx, &sample::connection("c", "acme", "x")).await;
        assert!(matches!(connection, Err(StoreError::WrongScope)));
        let event = events::append(&mut tx, db.now(), Some(&"acme".into()), "t", "s").await;
        assert!(matches!(event, Err(StoreError::WrongScope)));
        let admin = people::Membership {
            person_id: "ana".into(),
            role: people::RoleWord::Admin,
            tenant_id: Some("acme".into()),
        };
        assert!(matches!(people::add_membership(&mut tx, &admin).await, Err(StoreError::WrongScope)));
    }

    async fn company_tables_are_closed_to_tenants(db: &Db) {
        sample::tenants(db).await;
        let mut tx = db.tenant("acme").await;
        let tx = &mut tx;
        assert!(matches!(people::list(tx).await, Err(StoreError::WrongScope)));
        assert!(matches!(people::get(tx, &"ana".into()).await, Err(StoreError::WrongScope)));
        assert!(matches!(sessions::find(tx, "h", db.now()).await, Err(StoreError::WrongScope)));
        assert!(matches!(provider_apps::list(tx).await, Err(StoreError::WrongScope)));
        assert!(matches!(app_progress::list(tx).await, Err(StoreError::WrongScope)));
        assert!(matches!(verifications::latest(tx).await, Err(StoreError::WrongScope)));
        assert!(matches!(status_events::list(tx).await, Err(StoreError::WrongScope)));
        let claimed = sync::claim(tx, db.now(), "w", Duration::from_secs(1), &[]).await;
        assert!(matches!(claimed, Err(StoreError::WrongScope)));
    }

    async fn a_tenant_id_that_reads_as_all_is_no_scope(db: &Db) {
        for id in ["*", "", "-"] {
            assert!(matches!(db.store.read(Scope::Tenant(id.into())).await, Err(StoreError::WrongScope)));
        }
    }

    /// Many transactions over the same few connections, scopes mixed: each sees its own.
    async fn s67_a_pooled_connection_carries_nothing_over(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::connected(db, "globex").await;
        let looks = (0..60).map(|number| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let (scope, expected): (_, Vec<ConnectionId>) = match number % 4 {
                    0 => (Scope::Tenant("acme".into()), vec!["acme-c".into()]),
                    1 => (Scope::Tenant("globex".into()), vec!["globex-c".into()]),
                    2 => (Scope::Tenant("nobody".into()), vec![]),
                    _ => (Scope::System, vec!["acme-c".into(), "globex-c".into()]),
                };
                let mut tx = if number % 3 == 0 {
                    store.write(scope).await.unwrap()
                } else {
                    store.read(scope).await.unwrap()
                };
                let mut found: Vec<ConnectionId> =
                    connections::list(&mut tx).await.unwrap().into_iter().map(|c| c.id).collect();
                found.sort();
                assert_eq!(found, expected);
                if number % 2 == 0 {
                    tx.commit().await.unwrap();
                }
            })
        });
        for look in futures::future::join_all(looks).await {
            look.unwrap();
        }
    }
}
