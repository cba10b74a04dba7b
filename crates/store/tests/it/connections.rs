use patchbay_store::connections::{self, ConnectionState};
use patchbay_store::{DatabaseKind, StoreError, grants};

use crate::sample;

on_both! {
    async fn a_tenant_has_one_living_connection_to_an_account(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let second = sample::connection("second", "acme", "account");

        let mut tx = db.tenant("acme").await;
        assert!(matches!(connections::insert(&mut tx, &second).await, Err(StoreError::Conflict(_))));
        drop(tx);

        let mut tx = db.tenant("acme").await;
        connections::end(&mut tx, &id, &"ana".into(), db.now()).await.unwrap();
        connections::insert(&mut tx, &second).await.unwrap();
        let live = connections::live_for_account(&mut tx, &"acme".into(), "asana", "account").await.unwrap();
        assert_eq!(live.map(|found| found.id), Some("second".into()));
        let ended = connections::get(&mut tx, &id).await.unwrap().unwrap();
        assert_eq!((ended.ended_at, ended.ended_by), (Some(db.now()), Some("ana".into())));
        assert!(matches!(connections::end(&mut tx, &id, &"ana".into(), db.now()).await, Err(StoreError::Missing(_))));
    }

    async fn the_moment_of_a_state_moves_only_with_the_state(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let (begin, later) = (db.now(), db.now().plus(std::time::Duration::from_mins(1)));
        let mut tx = db.tenant("acme").await;

        connections::set_state(&mut tx, &id, ConnectionState::Healthy, None, later).await.unwrap();
        assert_eq!(connections::get(&mut tx, &id).await.unwrap().unwrap().state_since, begin);
        connections::set_state(&mut tx, &id, ConnectionState::NeedsReconnect, Some("refused"), later).await.unwrap();
        let found = connections::get(&mut tx, &id).await.unwrap().unwrap();
        assert_eq!((found.state, found.state_since), (ConnectionState::NeedsReconnect, later));
        assert_eq!(found.cause.as_deref(), Some("refused"));

        connections::set_check(&mut tx, &id, later, "ok", Some(41)).await.unwrap();
        connections::set_account(&mut tx, &id, "account", "New name").await.unwrap();
        let found = connections::get(&mut tx, &id).await.unwrap().unwrap();
        assert_eq!((found.checked_at, found.check_latency_ms), (Some(later), Some(41)));
        assert_eq!((found.account_label.as_str(), found.values.as_str()), ("New name", r#"{"realm":"7"}"#));
    }

    async fn usage_counts_living_healthy_connections(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        let globex = sample::connected(db, "globex").await;
        let mut tx = db.tenant("acme").await;
        connections::insert(&mut tx, &sample::connection("more", "acme", "other")).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.system().await;
        let usage = connections::usage(&mut tx).await.unwrap();
        assert_eq!((usage[0].connections, usage[0].tenants, usage[0].tenant_ids.len()), (3, 2, 2));
        connections::set_state(&mut tx, &globex, ConnectionState::Degraded, None, db.now()).await.unwrap();
        let usage = connections::usage(&mut tx).await.unwrap();
        assert_eq!((usage[0].connections, usage[0].tenants), (2, 1));
    }

    async fn grants_count_up_and_are_kept(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let mut tx = db.tenant("acme").await;
        assert_eq!(sample::grant(&mut tx, "acme", &id, "g2").await, 2);
        tx.commit().await.unwrap();

        let mut tx = db.tenant("acme").await;
        assert_eq!(grants::current(&mut tx, &id).await.unwrap().unwrap().id, "g2".into());
        assert_eq!(connections::get(&mut tx, &id).await.unwrap().unwrap().grant_generation, 2);
        grants::wipe(&mut tx, &"acme-g".into(), db.now()).await.unwrap();
        let all = grants::all(&mut tx, &id).await.unwrap();
        assert_eq!(all.iter().map(|grant| grant.generation).collect::<Vec<_>>(), [2, 1]);
        assert!(all[0].access.is_some() && all[0].wiped_at.is_none());
        assert!(all[1].access.is_none() && all[1].refresh.is_none() && all[1].wiped_at == Some(db.now()));
    }

    /// Refreshes that race get generations of their own; none is lost.
    async fn grants_at_once_get_generations_of_their_own(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let adds = (0..8).map(|number| {
            let (store, id) = (db.store.clone(), id.clone());
            tokio::spawn(async move {
                let mut tx = store.write(patchbay_store::Scope::Tenant("acme".into())).await.unwrap();
                let generation = sample::grant(&mut tx, "acme", &id, &format!("p{number}")).await;
                tx.commit().await.unwrap();
                generation
            })
        });
        let mut generations: Vec<i64> =
            futures::future::join_all(adds).await.into_iter().map(Result::unwrap).collect();
        generations.sort_unstable();
        assert_eq!(generations, (2..=9).collect::<Vec<_>>());
    }

    /// A revocation that needs a living access token keeps what it got in the place of the old one.
    async fn a_grant_is_renewed_in_its_place_only_while_it_waits_for_its_revocation(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let mut tx = db.tenant("acme").await;
        let grant = grants::current(&mut tx, &id).await.unwrap().unwrap();
        let (access, ends) = (grant.refresh.clone().unwrap(), Some(db.now()));
        let renewed = grants::renew(&mut tx, &grant.id, &access, None, ends).await;
        assert!(matches!(renewed, Err(StoreError::Missing(_))), "a living connection gets a grant of its own");
        connections::end(&mut tx, &id, &"ana".into(), db.now()).await.unwrap();
        grants::renew(&mut tx, &grant.id, &access, None, ends).await.unwrap();
        let after = grants::current(&mut tx, &id).await.unwrap().unwrap();
        assert_eq!((after.id.clone(), after.generation), (grant.id.clone(), grant.generation));
        assert!(after.access == Some(access.clone()) && after.refresh.is_none() && after.expires_at == ends);
        grants::wipe(&mut tx, &grant.id, db.now()).await.unwrap();
        let late = grants::renew(&mut tx, &grant.id, &access, None, ends).await;
        assert!(matches!(late, Err(StoreError::Missing(_))), "what was wiped stays wiped");
    }

    async fn an_ended_connection_takes_no_grant(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let mut tx = db.tenant("acme").await;
        connections::end(&mut tx, &id, &"ana".into(), db.now()).await.unwrap();
        let current = grants::current(&mut tx, &id).await.unwrap().unwrap();
        let late = grants::NewGrant {
            id: "late".into(),
            tenant_id: "acme".into(),
            connection_id: id.clone(),
            kind: grants::GrantKind::Token,
            access: current.access,
            refresh: None,
            scopes: None,
            expires_at: None,
            obtained_at: db.now(),
        };
        assert!(matches!(grants::append(&mut tx, &late).await, Err(StoreError::Missing(_))));
    }

    /// A word that this program never writes is reported, not guessed at.
    async fn a_corrupted_word_is_refused(db: &Db) {
        sample::tenants(db).await;
        let id = sample::connected(db, "acme").await;
        let plant = "UPDATE connections SET state = 'splendid'";
        match db.store.kind() {
            DatabaseKind::Sqlite => db.raw(&format!("PRAGMA ignore_check_constraints = ON; {plant}")).await,
            DatabaseKind::Postgres => {
                db.raw(&format!("ALTER TABLE connections DROP CONSTRAINT connections_state_check; {plant}")).await;
            }
        }
        let mut tx = db.tenant("acme").await;
        let error = connections::get(&mut tx, &id).await.unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().contains("splendid"), "{error}");
    }
}
