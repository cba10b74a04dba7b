//! The chain over the audit trail.

use patchbay_store::audit::{self, NewAudit, Outcome};
use patchbay_store::chain::{self, Break, Checkpoint};
use patchbay_store::{Scope, StoreError, TenantId};

use crate::database::Db;
use crate::sample;

/// Six rows, of two tenants and the company, in three transactions. Their ids are given back.
async fn written(db: &Db) -> Vec<i64> {
    sample::tenants(db).await;
    let mut ids = Vec::new();
    for pair in [[Some("acme"), None], [Some("globex"), None], [None, Some("acme")]] {
        let mut tx = db.system().await;
        for tenant in pair {
            ids.push(audit::append(&mut tx, &row(tenant, ids.len())).await.unwrap());
        }
        tx.commit().await.unwrap();
    }
    ids
}

fn row(tenant: Option<&str>, number: usize) -> NewAudit {
    NewAudit {
        at: crate::database::START,
        tenant_id: tenant.map(TenantId::from),
        actor_kind: "person".to_owned(),
        actor_id: "ana".to_owned(),
        actor_name: format!("Ana Ruiz {number}"),
        action: "connection.made".to_owned(),
        target_kind: "integration".to_owned(),
        target_id: "asana".to_owned(),
        integration_id: Some("asana".to_owned()),
        outcome: Outcome::Done,
        reason: None,
        severity: None,
        reference: None,
    }
}

async fn checked(db: &Db, seen: Option<&Checkpoint>) -> chain::Checked {
    let mut tx = db.store.read(Scope::System).await.unwrap();
    chain::check(&mut tx, seen).await.unwrap()
}

async fn broken(db: &Db) -> Option<Break> {
    checked(db, None).await.broken
}

on_both! {
    async fn s74_a_trail_that_nobody_touched_is_whole(db: &Db) {
        assert_eq!(checked(db, None).await.entries, 0);
        written(db).await;
        let first = checked(db, None).await;
        assert_eq!((first.entries, first.broken), (6, None));
        let head = first.head.unwrap();
        assert_eq!(head.seq, 6);

        let mut tx = db.tenant("acme").await;
        audit::append(&mut tx, &row(Some("acme"), 7)).await.unwrap();
        tx.commit().await.unwrap();
        let later = checked(db, Some(&head)).await;
        assert_eq!((later.entries, later.broken), (7, None), "a tenant's transaction links too");
    }

    async fn s74_an_edited_row_is_named(db: &Db) {
        let ids = written(db).await;
        db.raw(&format!("UPDATE audit SET actor_name = 'Ben Cole' WHERE id = {}", ids[2])).await;
        assert_eq!(broken(db).await, Some(Break::Changed { seq: 3, audit_id: ids[2] }));
    }

    async fn s74_a_word_that_moved_to_another_column_is_found(db: &Db) {
        let ids = written(db).await;
        db.raw(&format!("UPDATE audit SET reason = 'asana', integration_id = NULL WHERE id = {}", ids[1])).await;
        assert_eq!(broken(db).await, Some(Break::Changed { seq: 2, audit_id: ids[1] }));
    }

    async fn s74_a_row_that_was_taken_away_is_named(db: &Db) {
        let ids = written(db).await;
        db.raw(&format!("DELETE FROM audit WHERE id = {}", ids[4])).await;
        assert_eq!(broken(db).await, Some(Break::RowGone { seq: 5, audit_id: ids[4] }));
    }

    async fn s74_a_row_that_was_taken_away_with_its_link_is_named(db: &Db) {
        let ids = written(db).await;
        db.raw(&format!("DELETE FROM audit WHERE id = {0}; DELETE FROM audit_links WHERE audit_id = {0}", ids[1])).await;
        assert_eq!(broken(db).await, Some(Break::LinkGone { seq: 2 }));
    }

    async fn s74_a_row_that_was_slipped_in_is_named(db: &Db) {
        written(db).await;
        db.raw(
            "INSERT INTO audit (at, actor_kind, actor_id, actor_name, action, target_kind, target_id, outcome)
             VALUES (1, 'person', 'x', 'X', 'connection.made', 'integration', 'asana', 'done')"
        ).await;
        assert!(matches!(broken(db).await, Some(Break::SlippedIn { .. })));
    }

    async fn s74_a_link_that_was_computed_anew_breaks_the_next(db: &Db) {
        let ids = written(db).await;
        db.raw("UPDATE audit_links SET link = (SELECT link FROM audit_links WHERE seq = 1) WHERE seq = 2").await;
        assert_eq!(broken(db).await, Some(Break::Changed { seq: 2, audit_id: ids[1] }));
    }

    async fn s74_a_cut_end_is_found_by_a_checkpoint_alone(db: &Db) {
        let ids = written(db).await;
        let seen = checked(db, None).await.head.unwrap();
        db.raw(&format!("DELETE FROM audit WHERE id >= {0}; DELETE FROM audit_links WHERE audit_id >= {0}", ids[4])).await;
        assert_eq!(broken(db).await, None, "what is left is whole in itself");
        let found = checked(db, Some(&seen)).await.broken;
        assert_eq!(found, Some(Break::CutOff { last: 4, reached: 6 }));
    }

    async fn s74_another_chain_of_the_same_length_is_found_by_a_checkpoint(db: &Db) {
        written(db).await;
        let seen = Checkpoint { seq: 3, link: "3f".repeat(32) };
        assert_eq!(checked(db, Some(&seen)).await.broken, Some(Break::Replaced { seq: 3 }));
    }

    async fn what_was_audited_before_there_was_a_chain_is_its_beginning(db: &Db) {
        written(db).await;
        db.raw("DELETE FROM audit_links").await;
        drop(db.reopened().await);
        let whole = checked(db, None).await;
        assert_eq!((whole.entries, whole.broken), (6, None));
    }

    async fn a_transaction_that_is_given_up_leaves_no_link(db: &Db) {
        written(db).await;
        let mut tx = db.system().await;
        audit::append(&mut tx, &row(None, 9)).await.unwrap();
        drop(tx);
        assert_eq!(checked(db, None).await.entries, 6);
    }

    async fn many_who_write_at_once_make_one_chain(db: &Db) {
        sample::tenants(db).await;
        let writers = (0..20).map(|number| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let mut tx = store.write(Scope::System).await.unwrap();
                audit::append(&mut tx, &row(None, number)).await.unwrap();
                tokio::task::yield_now().await;
                tx.commit().await.unwrap();
            })
        });
        for written in futures::future::join_all(writers).await {
            written.unwrap();
        }
        let whole = checked(db, None).await;
        assert_eq!((whole.entries, whole.broken), (20, None));
    }

    async fn the_chain_is_checked_by_the_company_alone(db: &Db) {
        written(db).await;
        let refused = chain::check(&mut db.tenant("acme").await, None).await;
        assert!(matches!(refused, Err(StoreError::WrongScope)));
    }
}
