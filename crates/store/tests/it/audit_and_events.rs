use patchbay_store::audit::{self, AuditFilter, NewAudit, Outcome};
use patchbay_store::{Millis, Scope, StoreError, TenantId, events, status_events};

use crate::sample;

fn entry(tenant: Option<&str>, outcome: Outcome) -> NewAudit {
    NewAudit {
        at: crate::database::START,
        tenant_id: tenant.map(TenantId::from),
        actor_kind: "person".to_owned(),
        actor_id: "ana".to_owned(),
        actor_name: "Ana Ruiz".to_owned(),
        action: "connection.made".to_owned(),
        target_kind: "integration".to_owned(),
        target_id: "asana".to_owned(),
        integration_id: Some("asana".to_owned()),
        outcome,
        reason: None,
        severity: None,
        reference: Some("REF".to_owned()),
    }
}

on_both! {
    async fn the_trail_is_filtered_and_paged(db: &Db) {
        sample::tenants(db).await;
        let mut tx = db.system().await;
        for _ in 0..3 {
            audit::append(&mut tx, &entry(Some("acme"), Outcome::Done)).await.unwrap();
        }
        audit::append(&mut tx, &entry(Some("globex"), Outcome::Refused)).await.unwrap();
        audit::append(&mut tx, &entry(None, Outcome::Failed)).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.system().await;
        let all = audit::list(&mut tx, &AuditFilter::default()).await.unwrap();
        assert_eq!(all.len(), 5);
        assert!(all.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
        let older = AuditFilter { before: Some(all[1].id), limit: 2, ..AuditFilter::default() };
        let page = audit::list(&mut tx, &older).await.unwrap();
        assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [all[2].id, all[3].id]);
        let refused = AuditFilter { outcome: Some(Outcome::Refused), ..AuditFilter::default() };
        assert_eq!(audit::list(&mut tx, &refused).await.unwrap().len(), 1);
        let acme = AuditFilter { tenant: Some("acme".into()), ..AuditFilter::default() };
        assert_eq!(audit::list(&mut tx, &acme).await.unwrap().len(), 3);
        let newer = AuditFilter { after: Some(all[4].id), limit: 2, ..AuditFilter::default() };
        let page = audit::list(&mut tx, &newer).await.unwrap();
        assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [all[2].id, all[3].id], "the oldest of the newer");
        for (actor, found) in [("ruiz", 5), ("ANA R", 5), ("ben", 0), ("%", 0), ("a_a", 0)] {
            let by = AuditFilter { actor: Some(actor.to_owned()), ..AuditFilter::default() };
            assert_eq!(audit::list(&mut tx, &by).await.unwrap().len(), found, "{actor}");
        }
        for (action, found) in [("connect", 5), ("connection.", 5), ("key.", 0)] {
            let of = AuditFilter { action: Some(action), ..AuditFilter::default() };
            assert_eq!(audit::list(&mut tx, &of).await.unwrap().len(), found, "{action}");
        }
        let start = crate::database::START;
        for (from, to, found) in [(0, 1, 5), (1, 2, 0), (-1, 0, 0)] {
            let within = AuditFilter {
                from: Some(Millis(start.0 + from)),
                to: Some(Millis(start.0 + to)),
                ..AuditFilter::default()
            };
            assert_eq!(audit::list(&mut tx, &within).await.unwrap().len(), found, "{from} to {to}");
        }
        let other = AuditFilter { integration: Some("github".to_owned()), ..AuditFilter::default() };
        assert!(audit::list(&mut tx, &other).await.unwrap().is_empty());
    }

    async fn a_tenant_sees_its_own_rows_and_not_the_companys(db: &Db) {
        sample::tenants(db).await;
        let mut tx = db.system().await;
        for tenant in [Some("acme"), Some("globex"), None] {
            audit::append(&mut tx, &entry(tenant, Outcome::Done)).await.unwrap();
            events::append(&mut tx, db.now(), tenant.map(TenantId::from).as_ref(), "topic", "x").await.unwrap();
        }
        tx.commit().await.unwrap();

        let mut tx = db.tenant("acme").await;
        let rows = audit::list(&mut tx, &AuditFilter::default()).await.unwrap();
        assert_eq!(rows.into_iter().map(|row| row.tenant_id).collect::<Vec<_>>(), [Some("acme".into())]);
        let seen = events::after(&mut tx, 0, 10).await.unwrap();
        assert_eq!(seen.iter().map(|event| event.tenant_id.clone()).collect::<Vec<_>>(), [Some("acme".into())]);
        assert_eq!(events::last_id(&mut tx).await.unwrap(), seen[0].id);
        for tenant in [Some("globex"), None] {
            let refused = audit::append(&mut tx, &entry(tenant, Outcome::Done)).await;
            assert!(matches!(refused, Err(StoreError::WrongScope)));
        }
    }

    /// Who reads on from the last id that they saw misses nothing, however many write at once.
    async fn a_reader_of_events_misses_none(db: &Db) {
        sample::tenants(db).await;
        let writers = (0..40).map(|number| {
            let (store, now) = (db.store.clone(), db.now());
            tokio::spawn(async move {
                let mut tx = store.write(Scope::System).await.unwrap();
                events::append(&mut tx, now, None, "n", &number.to_string()).await.unwrap();
                tokio::task::yield_now().await;
                tx.commit().await.unwrap();
            })
        });
        let writing = tokio::spawn(futures::future::join_all(writers.collect::<Vec<_>>()));
        let (mut last, mut seen) = (0, 0);
        for _ in 0..2000 {
            let mut tx = db.store.read(Scope::System).await.unwrap();
            for event in events::after(&mut tx, last, 100).await.unwrap() {
                last = event.id;
                seen += 1;
            }
            drop(tx);
            if seen == 40 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        for written in writing.await.unwrap() {
            written.unwrap();
        }
        assert_eq!(seen, 40);
    }

    /// The writer who began first commits last: a reader in between must not be led past its event.
    async fn an_event_never_appears_behind_a_later_one(db: &Db) {
        let mut first = db.system().await;
        events::append(&mut first, db.now(), None, "n", "first").await.unwrap();
        let (store, now) = (db.store.clone(), db.now());
        let second = tokio::spawn(async move {
            let mut tx = store.write(Scope::System).await.unwrap();
            events::append(&mut tx, now, None, "n", "second").await.unwrap();
            tx.commit().await.unwrap();
        });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let mut tx = db.store.read(Scope::System).await.unwrap();
        let mut seen = events::after(&mut tx, 0, 10).await.unwrap();
        drop(tx);

        first.commit().await.unwrap();
        second.await.unwrap();
        let last = seen.last().map_or(0, |event| event.id);
        let mut tx = db.store.read(Scope::System).await.unwrap();
        seen.extend(events::after(&mut tx, last, 10).await.unwrap());
        let subjects: Vec<&str> = seen.iter().map(|event| event.subject.as_str()).collect();
        assert_eq!(subjects, ["first", "second"]);
    }

    async fn status_changes_come_in_their_order(db: &Db) {
        let mut tx = db.system().await;
        for (id, status) in [("s1", "pending"), ("s2", "implemented")] {
            let event = status_events::StatusEvent {
                id: id.to_owned(),
                integration_id: "asana".to_owned(),
                at: db.now(),
                status: status.to_owned(),
                build: "b".to_owned(),
                source: "verification".to_owned(),
            };
            status_events::append(&mut tx, &event).await.unwrap();
        }
        let all = status_events::list(&mut tx).await.unwrap();
        assert_eq!(all.iter().map(|event| event.status.as_str()).collect::<Vec<_>>(), ["pending", "implemented"]);
    }
}
