//! What belongs to the company: people, sessions, verifications. Provider apps are in `provider_apps.rs`.

use std::time::Duration;

use patchbay_store::people::{self, Membership, RoleWord};
use patchbay_store::verifications::{self, Evidence, EvidenceResult, NewVerification, VerificationState};
use patchbay_store::{StoreError, sessions};
use secrecy::SecretString;

use crate::sample;

fn member(role: RoleWord, tenant: Option<&str>) -> Membership {
    Membership {
        person_id: "ana".into(),
        role,
        tenant_id: tenant.map(Into::into),
    }
}

on_both! {
    async fn an_address_is_one_of_its_kind_however_it_is_written(db: &Db) {
        sample::tenants(db).await;
        let mut tx = db.system().await;
        let found = people::by_email(&mut tx, " ANA@acme.example ").await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.email.as_str()), ("ana", "ana@acme.example"));
        let twin = people::NewPerson {
            id: "other".into(),
            email: "ana@ACME.example".to_owned(),
            name: "Another".to_owned(),
            password_hash: Some(SecretString::from("hash")),
            created_at: db.now(),
        };
        assert!(matches!(people::insert(&mut tx, &twin).await, Err(StoreError::Conflict(_))));
    }

    async fn roles_go_with_a_tenant_or_without_one(db: &Db) {
        sample::tenants(db).await;
        for wrong in [member(RoleWord::Admin, None), member(RoleWord::Engineer, Some("acme"))] {
            let mut tx = db.system().await;
            assert!(people::add_membership(&mut tx, &wrong).await.is_err(), "{wrong:?}");
        }
        let mut tx = db.system().await;
        people::add_membership(&mut tx, &member(RoleWord::Admin, Some("acme"))).await.unwrap();
        people::add_membership(&mut tx, &member(RoleWord::Pm, None)).await.unwrap();
        let held = people::memberships(&mut tx, &"ana".into()).await.unwrap();
        assert_eq!(held, [member(RoleWord::Pm, None), member(RoleWord::Admin, Some("acme"))]);
        tx.commit().await.unwrap();
        let mut tx = db.tenant("globex").await;
        assert!(people::memberships(&mut tx, &"ana".into()).await.unwrap().is_empty());
    }

    async fn s49_sessions_are_found_by_the_hash_while_they_last(db: &Db) {
        sample::tenants(db).await;
        let (now, end) = (db.now(), db.now().plus(Duration::from_mins(1)));
        let mut tx = db.system().await;
        for hash in ["h1", "h2", "h3"] {
            sessions::insert(&mut tx, hash, &"ana".into(), now, end).await.unwrap();
        }
        sessions::touch(&mut tx, "h1", now.plus(Duration::from_secs(5))).await.unwrap();
        let found = sessions::find(&mut tx, "h1", now).await.unwrap().unwrap();
        assert_eq!(found.seen_at, now.plus(Duration::from_secs(5)));
        assert!(sessions::find(&mut tx, "h1", end).await.unwrap().is_none(), "expired");
        assert!(sessions::find(&mut tx, "unknown", now).await.unwrap().is_none());
        sessions::end(&mut tx, "h1", now).await.unwrap();
        assert!(sessions::find(&mut tx, "h1", now).await.unwrap().is_none(), "ended");
        assert_eq!(sessions::end_all_of(&mut tx, &"ana".into(), now).await.unwrap(), 2);
        assert!(sessions::find(&mut tx, "h2", now).await.unwrap().is_none());
    }

    async fn the_last_finished_verification_stands(db: &Db) {
        let mut tx = db.system().await;
        let later = db.now().plus(Duration::from_secs(1));
        for (id, at) in [("v1", db.now()), ("v2", later)] {
            let new = NewVerification { id: id.into(), build: id.to_owned(), started_at: at, total: 2 };
            verifications::start(&mut tx, &new).await.unwrap();
        }
        verifications::progress(&mut tx, &"v1".into(), 1, Some("asana")).await.unwrap();
        let evidence = Evidence {
            id: "e1".to_owned(),
            verification_id: "v1".into(),
            integration_id: "asana".to_owned(),
            gate: "flow".to_owned(),
            result: EvidenceResult::Passed,
            word: "simulated".to_owned(),
            step: None,
            expected: None,
            got: None,
            build: "v1".to_owned(),
            at: db.now(),
        };
        verifications::add_evidence(&mut tx, &evidence).await.unwrap();
        verifications::finish(&mut tx, &"v1".into(), VerificationState::Done, None, later).await.unwrap();
        // What has ended does not change any more.
        verifications::progress(&mut tx, &"v1".into(), 0, None).await.unwrap();

        let stands = verifications::latest_finished(&mut tx).await.unwrap().unwrap();
        assert_eq!((stands.id.as_str(), stands.done, stands.finished_at), ("v1", 1, Some(later)));
        assert_eq!(verifications::latest(&mut tx).await.unwrap().unwrap().id, "v2".into());
        assert_eq!(verifications::evidence_of(&mut tx, &"v1".into()).await.unwrap(), [evidence]);
    }
}
