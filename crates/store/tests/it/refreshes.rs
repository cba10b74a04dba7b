use std::time::Duration;

use patchbay_store::refreshes::{self, Claim, Conclusion};
use patchbay_store::{ConnectionId, Fenced, GrantId, Scope, StoreError, grants, lease, sync};

use crate::database::Db;
use crate::sample;

const LEASE: Duration = Duration::from_mins(1);

async fn started(db: &Db) -> (ConnectionId, GrantId) {
    sample::tenants(db).await;
    let connection = sample::connected(db, "acme").await;
    let mut tx = db.tenant("acme").await;
    refreshes::start(&mut tx, &"acme".into(), &connection, "asana", Some(db.now()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (connection, "acme-g".into())
}

fn claim<'a>(connection: &'a ConnectionId, grant: &'a GrantId, owner: &'a str) -> Claim<'a> {
    Claim {
        connection,
        grant,
        owner,
        lease: LEASE,
    }
}

on_both! {
    async fn a_request_is_known_before_it_leaves_and_until_it_is_concluded(db: &Db) {
        let (connection, grant) = started(db).await;
        let mut tx = db.system().await;
        let held = refreshes::claim(&mut tx, claim(&connection, &grant, "a"), db.now()).await.unwrap().unwrap();
        assert_eq!((held.sent_grant.as_ref(), held.sent_at, held.lost), (Some(&grant), Some(db.now()), 0));
        let second = refreshes::claim(&mut tx, claim(&connection, &grant, "b"), db.now()).await.unwrap();
        assert!(second.is_none(), "leased");
        assert!(refreshes::due(&mut tx, "asana", db.now(), 9).await.unwrap().is_empty(), "someone is at it");
        let later = db.now().plus(LEASE);
        let done = refreshes::conclude(&mut tx, &held, Conclusion::Renewed, Some(later), None).await.unwrap();
        assert_eq!(done, Fenced::Saved);
        let row = refreshes::get(&mut tx, &connection).await.unwrap().unwrap();
        assert_eq!((row.sent_at, row.lease_until, row.due_at), (None, None, Some(later)));
    }

    async fn a_request_that_was_never_concluded_counts_as_lost(db: &Db) {
        let (connection, grant) = started(db).await;
        let mut tx = db.system().await;
        let first = refreshes::claim(&mut tx, claim(&connection, &grant, "a"), db.now()).await.unwrap().unwrap();
        let later = db.now().plus(LEASE);
        let second = refreshes::claim(&mut tx, claim(&connection, &grant, "b"), later).await.unwrap().unwrap();
        assert_eq!((second.lost, second.lease_generation), (1, first.lease_generation + 1));
        let stale = refreshes::conclude(&mut tx, &first, Conclusion::Renewed, None, None).await.unwrap();
        assert_eq!(stale, Fenced::Lost, "the first was away too long");
        refreshes::conclude(&mut tx, &second, Conclusion::Lost, Some(later), Some(later)).await.unwrap();
        let row = refreshes::get(&mut tx, &connection).await.unwrap().unwrap();
        assert_eq!((row.lost, row.attempt, row.wait_until), (2, 1, Some(later)));
        // A new authorization forgets it.
        refreshes::start(&mut tx, &"acme".into(), &connection, "asana", None).await.unwrap();
        let row = refreshes::get(&mut tx, &connection).await.unwrap().unwrap();
        assert_eq!((row.lost, row.attempt, row.wait_until, row.due_at), (0, 0, None, None));
    }

    async fn what_is_due_comes_in_order_and_by_integration(db: &Db) {
        let (connection, _) = started(db).await;
        let mut tx = db.system().await;
        assert_eq!(refreshes::due_integrations(&mut tx, db.now()).await.unwrap(), ["asana"]);
        assert_eq!(refreshes::due(&mut tx, "asana", db.now(), 9).await.unwrap(), std::slice::from_ref(&connection));
        assert!(refreshes::due(&mut tx, "github", db.now(), 9).await.unwrap().is_empty());
        refreshes::put_off(&mut tx, &connection, Some(db.now().plus(LEASE))).await.unwrap();
        assert!(refreshes::due_integrations(&mut tx, db.now()).await.unwrap().is_empty());
        refreshes::put_off(&mut tx, &connection, Some(db.now())).await.unwrap();
        patchbay_store::connections::end(&mut tx, &connection, &"ana".into(), db.now()).await.unwrap();
        assert!(refreshes::due(&mut tx, "asana", db.now(), 9).await.unwrap().is_empty(), "it is over");
    }

    async fn claims_at_once_are_one(db: &Db) {
        let (connection, grant) = started(db).await;
        let claims = (0..12).map(|number| {
            let (store, now) = (db.store.clone(), db.now());
            let (connection, grant, owner) = (connection.clone(), grant.clone(), format!("p{number}"));
            tokio::spawn(async move {
                let mut tx = store.write(Scope::Tenant("acme".into())).await.unwrap();
                let held = refreshes::claim(&mut tx, claim(&connection, &grant, &owner), now).await.unwrap();
                tx.commit().await.unwrap();
                held.is_some()
            })
        });
        let held = futures::future::join_all(claims).await.into_iter().filter(|held| *held.as_ref().unwrap());
        assert_eq!(held.count(), 1);
    }

    async fn a_spare_is_kept_and_not_in_use(db: &Db) {
        let (connection, _) = started(db).await;
        let mut tx = db.tenant("acme").await;
        let current = grants::current(&mut tx, &connection).await.unwrap().unwrap();
        let new = |id: &str| grants::NewGrant {
            id: id.into(),
            tenant_id: "acme".into(),
            connection_id: connection.clone(),
            kind: current.kind,
            access: current.access.clone(),
            refresh: current.refresh.clone(),
            scopes: None,
            expires_at: None,
            obtained_at: db.now(),
        };
        grants::append_spare(&mut tx, &new("spare")).await.unwrap();
        assert_eq!(grants::current(&mut tx, &connection).await.unwrap().unwrap().id, current.id);
        let spares = grants::spares(&mut tx, &connection).await.unwrap();
        assert_eq!(spares.iter().map(|grant| grant.id.as_str()).collect::<Vec<_>>(), ["spare"]);
        grants::append(&mut tx, &new("newer")).await.unwrap();
        assert!(grants::spares(&mut tx, &connection).await.unwrap().is_empty(), "older than what is in use");
        grants::wipe_before(&mut tx, &connection, 3, db.now()).await.unwrap();
        let held = async |tx: &mut patchbay_store::Tx| {
            let all = grants::all(tx, &connection).await.unwrap();
            all.into_iter().filter(|grant| grant.access.is_some()).map(|grant| grant.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(held(&mut tx).await, ["newer"]);
        grants::wipe_all(&mut tx, &connection, db.now()).await.unwrap();
        assert!(held(&mut tx).await.is_empty());
    }

    /// What a killed server had leased is free for the next one, and counts as sent.
    async fn leases_of_a_server_that_is_gone_can_be_freed(db: &Db) {
        let (connection, grant) = started(db).await;
        sample::run(db, "acme", 1).await;
        let mut tx = db.system().await;
        refreshes::claim(&mut tx, claim(&connection, &grant, "gone"), db.now()).await.unwrap().unwrap();
        let window = sync::claim(&mut tx, db.now(), "gone", LEASE, &[]).await.unwrap().unwrap();
        assert!(sync::claim(&mut tx, db.now(), "next", LEASE, &[]).await.unwrap().is_none());
        lease::free_all(&mut tx, db.now()).await.unwrap();
        let held = refreshes::claim(&mut tx, claim(&connection, &grant, "next"), db.now()).await.unwrap().unwrap();
        assert_eq!(held.lost, 1);
        let again = sync::claim(&mut tx, db.now(), "next", LEASE, &[]).await.unwrap().unwrap();
        assert_eq!(again.id, window.id);
        let stale = sync::finish_window(&mut tx, &window.id, window.lease_generation, db.now()).await.unwrap();
        assert_eq!(stale, Fenced::Lost, "who wakes up again writes nothing");
        tx.commit().await.unwrap();
        let refused = lease::free_all(&mut db.tenant("acme").await, db.now()).await;
        assert!(matches!(refused, Err(StoreError::WrongScope)));
    }
}
