use std::time::Duration;

use patchbay_store::revocations::{self, NewRevocation, RevocationState};
use patchbay_store::{Fenced, Scope};

use crate::database::Db;
use crate::sample;

const LEASE: Duration = Duration::from_mins(1);

async fn asked(db: &Db, id: &str, state: RevocationState) {
    let mut tx = db.tenant("acme").await;
    let new = NewRevocation {
        id: id.into(),
        tenant_id: "acme".into(),
        connection_id: "acme-c".into(),
        grant_id: "acme-g".into(),
        state,
        due_at: db.now(),
        created_at: db.now(),
    };
    revocations::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
}

on_both! {
    async fn a_revocation_is_tried_until_it_is_done(db: &Db) {
        sample::tenants(db).await;
        let connection = sample::connected(db, "acme").await;
        asked(db, "r1", RevocationState::Pending).await;

        let mut tx = db.system().await;
        let first = revocations::claim_due(&mut tx, db.now(), "a", LEASE).await.unwrap().unwrap();
        assert_eq!((first.attempt, first.lease_generation), (1, 1));
        assert!(revocations::claim_due(&mut tx, db.now(), "b", LEASE).await.unwrap().is_none(), "leased");
        let due = db.now().plus(Duration::from_secs(5));
        let put_off = revocations::retry_at(&mut tx, &first.id, first.lease_generation, due, "unavailable").await;
        assert_eq!(put_off.unwrap(), Fenced::Saved);
        assert!(revocations::claim_due(&mut tx, db.now(), "b", LEASE).await.unwrap().is_none(), "not yet due");

        let second = revocations::claim_due(&mut tx, due, "b", LEASE).await.unwrap().unwrap();
        assert_eq!((second.attempt, second.last_error.as_deref()), (2, Some("unavailable")));
        assert_eq!(revocations::pending_of(&mut tx, &connection).await.unwrap().len(), 1);
        let stale = revocations::done(&mut tx, &first.id, first.lease_generation, due).await.unwrap();
        assert_eq!(stale, Fenced::Lost, "the first claimant was away too long");
        let done = revocations::done(&mut tx, &second.id, second.lease_generation, due).await.unwrap();
        assert_eq!(done, Fenced::Saved);
        assert!(revocations::pending_of(&mut tx, &connection).await.unwrap().is_empty());
        let latest = revocations::latest_of(&mut tx, &connection).await.unwrap().unwrap();
        assert_eq!((latest.state, latest.done_at), (RevocationState::Done, Some(due)));
    }

    async fn a_lease_that_ran_out_is_taken_over(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        asked(db, "r1", RevocationState::Pending).await;
        let mut tx = db.system().await;
        revocations::claim_due(&mut tx, db.now(), "a", LEASE).await.unwrap().unwrap();
        let later = db.now().plus(LEASE);
        let again = revocations::claim_due(&mut tx, later, "b", LEASE).await.unwrap().unwrap();
        assert_eq!((again.lease_owner.as_deref(), again.lease_generation), (Some("b"), 2));
        let given_up = revocations::fail(&mut tx, &again.id, 2, "never", later).await.unwrap();
        assert_eq!(given_up, Fenced::Saved);
    }

    async fn where_there_is_no_call_nothing_is_due(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        asked(db, "r1", RevocationState::NoCall).await;
        let mut tx = db.system().await;
        assert!(revocations::claim_due(&mut tx, db.now(), "a", LEASE).await.unwrap().is_none());
    }

    async fn claims_at_once_never_take_the_same(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        for number in 0..6 {
            asked(db, &format!("r{number}"), RevocationState::Pending).await;
        }
        let claims = (0..12).map(|_| {
            let (store, now) = (db.store.clone(), db.now());
            tokio::spawn(async move {
                let mut tx = store.write(Scope::System).await.unwrap();
                let claimed = revocations::claim_due(&mut tx, now, "w", LEASE).await.unwrap();
                tx.commit().await.unwrap();
                claimed.map(|found| found.id)
            })
        });
        let mut ids: Vec<_> =
            futures::future::join_all(claims).await.into_iter().filter_map(Result::unwrap).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((all, ids.len()), (6, 6));
    }
}
