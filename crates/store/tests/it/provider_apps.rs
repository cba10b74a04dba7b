//! Provider apps: their secrets, of which there can be two, and how far each app is.

use std::time::Duration;

use patchbay_store::app_progress::{self, AppProgress, Checked, Grade, Stage};
use patchbay_store::provider_apps::{self, ProviderApp};
use patchbay_store::vault::Place;
use patchbay_store::{Sealed, Tx};
use secrecy::{ExposeSecret as _, SecretString};

use crate::database::START;

const DAY: Duration = Duration::from_hours(24);

fn place<'a>(id: &'a str, field: &'a str) -> Place<'a> {
    Place {
        table: "provider_apps",
        row: id,
        tenant: None,
        connection: None,
        field,
    }
}

async fn seal(tx: &mut Tx, id: &str, field: &str, text: &str) -> Sealed {
    tx.seal(&place(id, field), &SecretString::from(text))
        .await
        .unwrap()
}

async fn app(tx: &mut Tx, id: &str, secret: &str) -> ProviderApp {
    ProviderApp {
        id: id.to_owned(),
        client_id: "our-id".to_owned(),
        secret: seal(tx, id, "secret", secret).await,
        secret_since: Some(START),
        secret_ends_at: None,
        secret_accepted_at: None,
        other_secret: None,
        other_since: None,
        other_ends_at: None,
        updated_at: START,
        updated_by: "erin".to_owned(),
    }
}

/// An app that holds two secrets.
async fn pair(tx: &mut Tx, id: &str) -> ProviderApp {
    ProviderApp {
        secret_ends_at: Some(START.plus(DAY * 365)),
        other_secret: Some(seal(tx, id, "other_secret", "old").await),
        other_since: Some(START),
        other_ends_at: Some(START.plus(DAY)),
        ..app(tx, id, "new").await
    }
}

fn progress(id: &str, stage: Stage) -> AppProgress {
    AppProgress {
        id: id.to_owned(),
        stage,
        owner: "Ben Cole".to_owned(),
        review_since: Some(START),
        review_expected: Some(START.plus(DAY * 30)),
        notes: "Ask for the video".to_owned(),
        uris_at: Some("https://connect.example".to_owned()),
        checked_at: None,
        check_grade: None,
        check_findings: None,
        updated_at: START,
        updated_by: "erin".to_owned(),
    }
}

fn checked(id: &str) -> Checked {
    Checked {
        id: id.to_owned(),
        at: START,
        grade: Grade::Wrong,
        findings: "[]".to_owned(),
        by: "erin".to_owned(),
    }
}

on_both! {
    async fn a_provider_app_is_replaced_and_its_secret_sealed(db: &Db) {
        let mut tx = db.system().await;
        for (client_id, secret) in [("one", "first"), ("two", "second")] {
            let app = ProviderApp { client_id: client_id.to_owned(), ..app(&mut tx, "asana", secret).await };
            provider_apps::put(&mut tx, &app).await.unwrap();
        }
        assert_eq!(provider_apps::list(&mut tx).await.unwrap().len(), 1);
        let app = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!(app.client_id, "two");
        let opened = tx.open(&place("asana", "secret"), &app.secret).await.unwrap();
        assert_eq!(opened.expose_secret(), "second");
    }

    async fn two_secrets_are_held_each_in_its_own_place(db: &Db) {
        let mut tx = db.system().await;
        let new = pair(&mut tx, "asana").await;
        provider_apps::put(&mut tx, &new).await.unwrap();
        let held = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!((held.secret_ends_at, held.other_ends_at), (new.secret_ends_at, new.other_ends_at));
        let other = held.other_secret.unwrap();
        assert_eq!(tx.open(&place("asana", "other_secret"), &other).await.unwrap().expose_secret(), "old");
        assert!(tx.open(&place("asana", "secret"), &other).await.is_err(), "it opens in its own place only");
    }

    async fn of_two_that_turn_to_the_other_secret_one_writes(db: &Db) {
        let mut tx = db.system().await;
        let before = pair(&mut tx, "asana").await;
        provider_apps::put(&mut tx, &before).await.unwrap();
        let seen = before.other_secret.clone().unwrap();
        let turned = ProviderApp {
            secret: seal(&mut tx, "asana", "secret", "old").await,
            secret_ends_at: before.other_ends_at,
            other_secret: Some(seal(&mut tx, "asana", "other_secret", "new").await),
            other_ends_at: before.secret_ends_at,
            ..before
        };
        assert!(provider_apps::put_secrets(&mut tx, &turned, &seen).await.unwrap());
        assert!(!provider_apps::put_secrets(&mut tx, &turned, &seen).await.unwrap(), "it was turned already");
        let held = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!(tx.open(&place("asana", "secret"), &held.secret).await.unwrap().expose_secret(), "old");
    }

    async fn that_the_new_secret_is_accepted_is_written_down_once(db: &Db) {
        let mut tx = db.system().await;
        let held = pair(&mut tx, "asana").await;
        provider_apps::put(&mut tx, &held).await.unwrap();
        let seen = held.other_secret.clone().unwrap();
        let stale = seal(&mut tx, "asana", "other_secret", "old").await;
        assert!(!provider_apps::accepted(&mut tx, "asana", &stale, START).await.unwrap(), "of another pair");
        assert!(provider_apps::accepted(&mut tx, "asana", &seen, START).await.unwrap());
        assert!(!provider_apps::accepted(&mut tx, "asana", &seen, START.plus(DAY)).await.unwrap(), "once");
        let app = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!(app.secret_accepted_at, Some(START));
        // A new pair is of its own.
        let again = pair(&mut tx, "asana").await;
        provider_apps::put(&mut tx, &again).await.unwrap();
        let app = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!(app.secret_accepted_at, None);
    }

    async fn the_other_secret_is_forgotten_after_its_last_day(db: &Db) {
        let mut tx = db.system().await;
        for id in ["asana", "figma"] {
            let app = pair(&mut tx, id).await;
            provider_apps::put(&mut tx, &app).await.unwrap();
        }
        let lasting = ProviderApp { other_ends_at: Some(START.plus(DAY * 9)), ..pair(&mut tx, "github").await };
        provider_apps::put(&mut tx, &lasting).await.unwrap();
        assert!(provider_apps::forget_ended(&mut tx, START).await.unwrap().is_empty(), "its day lasts");
        let mut forgotten = provider_apps::forget_ended(&mut tx, START.plus(DAY)).await.unwrap();
        forgotten.sort();
        assert_eq!(forgotten, ["asana", "figma"]);
        let asana = provider_apps::get(&mut tx, "asana").await.unwrap().unwrap();
        assert!(asana.other_secret.is_none() && asana.other_since.is_none() && asana.other_ends_at.is_none());
        assert!(provider_apps::get(&mut tx, "github").await.unwrap().unwrap().other_secret.is_some());
        assert!(provider_apps::forget_ended(&mut tx, START.plus(DAY)).await.unwrap().is_empty(), "once");
    }

    async fn how_far_an_app_is_can_be_said_before_it_is_registered(db: &Db) {
        let mut tx = db.system().await;
        assert!(app_progress::get(&mut tx, "figma").await.unwrap().is_none());
        let said = progress("figma", Stage::InReview);
        app_progress::put(&mut tx, &said).await.unwrap();
        assert_eq!(app_progress::get(&mut tx, "figma").await.unwrap(), Some(said.clone()));
        let later = AppProgress { stage: Stage::Approved, review_expected: None, ..said };
        app_progress::put(&mut tx, &later).await.unwrap();
        assert_eq!(app_progress::list(&mut tx).await.unwrap(), [later]);
    }

    async fn a_check_stands_until_something_changes(db: &Db) {
        let mut tx = db.system().await;
        // Of an app that nobody said anything about, and of one that has an owner, which the check leaves alone.
        app_progress::put_check(&mut tx, &checked("asana")).await.unwrap();
        app_progress::put(&mut tx, &progress("figma", Stage::Registered)).await.unwrap();
        app_progress::put_check(&mut tx, &checked("figma")).await.unwrap();
        let figma = app_progress::get(&mut tx, "figma").await.unwrap().unwrap();
        assert_eq!((figma.check_grade, figma.checked_at), (Some(Grade::Wrong), Some(START)));
        assert_eq!((figma.owner.as_str(), figma.stage), ("Ben Cole", Stage::Registered));
        let asana = app_progress::get(&mut tx, "asana").await.unwrap().unwrap();
        assert_eq!((asana.check_grade, asana.stage), (Some(Grade::Wrong), Stage::NotRegistered));

        app_progress::put(&mut tx, &progress("figma", Stage::InReview)).await.unwrap();
        app_progress::forget_check(&mut tx, "asana").await.unwrap();
        for app in app_progress::list(&mut tx).await.unwrap() {
            assert_eq!((app.checked_at, app.check_grade, app.check_findings), (None, None, None), "{}", app.id);
        }
    }
}
