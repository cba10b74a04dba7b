use std::time::Duration;

use patchbay_store::records::{self, NewRecord};
use patchbay_store::sync::{self, RunState, Window};
use patchbay_store::{Fenced, Millis, Scope};

use crate::database::Db;
use crate::sample;

const LEASE: Duration = Duration::from_mins(1);

fn record(id: &str) -> NewRecord {
    NewRecord {
        upstream_id: id.to_owned(),
        occurred_at: crate::database::START,
        title: format!("Title of {id}"),
        payload: b"{}".to_vec(),
    }
}

async fn claim(db: &Db) -> Option<Window> {
    let mut tx = db.system().await;
    let window = sync::claim(&mut tx, db.now(), "w", LEASE, &[]).await.unwrap();
    tx.commit().await.unwrap();
    window
}

async fn save(db: &Db, window: &Window, ids: &[&str], cursor: Option<&str>) -> Fenced {
    let page: Vec<NewRecord> = ids.iter().map(|id| record(id)).collect();
    let mut tx = db.tenant(window.tenant_id.as_str()).await;
    let saved = sync::save_page(
        &mut tx,
        &window.id,
        window.lease_generation,
        &page,
        cursor,
        Some(window.from_at),
        db.now(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    saved
}

async fn finish(db: &Db, window: &Window) -> Fenced {
    let mut tx = db.system().await;
    let done = sync::finish_window(&mut tx, &window.id, window.lease_generation, db.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    done
}

async fn two_tenants(db: &Db, days_of_acme: i64, days_of_globex: i64) {
    sample::tenants(db).await;
    sample::connected(db, "acme").await;
    sample::connected(db, "globex").await;
    sample::run(db, "acme", days_of_acme).await;
    sample::run(db, "globex", days_of_globex).await;
}

on_both! {
    /// A tenant with a long import does not hold up one with a short one.
    async fn claims_take_turns_between_tenants(db: &Db) {
        two_tenants(db, 6, 2).await;
        let mut order = Vec::new();
        while let Some(window) = claim(db).await {
            order.push(window.tenant_id.as_str().to_owned());
        }
        assert_eq!(order.len(), 8);
        let globex: Vec<usize> = order.iter().enumerate().filter(|(_, t)| *t == "globex").map(|(at, _)| at).collect();
        assert!(globex.iter().all(|at| *at < 4), "{order:?}");
        assert_ne!(order[0], order[1]);
    }

    async fn claims_at_once_never_take_the_same_window(db: &Db) {
        two_tenants(db, 8, 8).await;
        let claims = (0..24).map(|_| {
            let (store, now) = (db.store.clone(), db.now());
            tokio::spawn(async move {
                let mut tx = store.write(Scope::System).await.unwrap();
                let claimed = sync::claim(&mut tx, now, "w", LEASE, &[]).await.unwrap();
                tx.commit().await.unwrap();
                claimed.map(|window| window.id)
            })
        });
        let mut ids: Vec<_> =
            futures::future::join_all(claims).await.into_iter().filter_map(Result::unwrap).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((all, ids.len()), (16, 16));
    }

    /// A place in a tree can be found twice.
    async fn a_window_that_is_there_already_stays_as_it_is(db: &Db) {
        two_tenants(db, 1, 1).await;
        let first = claim(db).await.unwrap();
        let mut tx = db.tenant(first.tenant_id.as_str()).await;
        let again = [sync::NewWindow {
            id: "another".into(),
            integration_id: first.integration_id.clone(),
            stream: first.stream.clone(),
            position: 7,
            window_key: first.window_key.clone(),
            from_at: first.from_at,
            to_at: first.to_at,
            due_at: db.now(),
        }];
        sync::insert_windows(&mut tx, &first.run_id, &again).await.unwrap();
        let progress = sync::progress(&mut tx, &first.run_id).await.unwrap().unwrap();
        assert_eq!(progress.total(), 1);
        assert_eq!(progress.streams[0].running, 1);
    }

    async fn connections_that_cool_down_are_left_alone(db: &Db) {
        two_tenants(db, 1, 1).await;
        let mut tx = db.system().await;
        let cooling = ["acme-c".into()];
        let first = sync::claim(&mut tx, db.now(), "w", LEASE, &cooling).await.unwrap().unwrap();
        assert_eq!(first.connection_id, "globex-c".into());
        assert!(sync::claim(&mut tx, db.now(), "w", LEASE, &cooling).await.unwrap().is_none());
        let both = ["globex-c".into(), "acme-c".into()];
        assert!(sync::claim(&mut tx, db.now(), "w", LEASE, &both).await.unwrap().is_none());
        assert!(sync::claim(&mut tx, db.now(), "w", LEASE, &[]).await.unwrap().is_some());
    }

    /// A worker whose lease ran out wakes up after another took over: it writes nothing.
    async fn a_worker_that_was_away_writes_nothing(db: &Db) {
        sample::tenants(db).await;
        let connection = sample::connected(db, "acme").await;
        sample::run(db, "acme", 1).await;
        let sleepy = claim(db).await.unwrap();
        assert_eq!(save(db, &sleepy, &["1"], Some("page-2")).await, Fenced::Saved);
        db.clock.advance(LEASE);
        let awake = claim(db).await.unwrap();
        assert_eq!((awake.id.clone(), awake.cursor.as_deref()), (sleepy.id.clone(), Some("page-2")));

        assert_eq!(save(db, &sleepy, &["stale"], Some("page-9")).await, Fenced::Lost);
        assert_eq!(finish(db, &sleepy).await, Fenced::Lost);
        let mut tx = db.system().await;
        let deferred = sync::defer_window(&mut tx, &sleepy.id, sleepy.lease_generation, db.now(), "x").await;
        assert_eq!(deferred.unwrap(), Fenced::Lost);
        let aside = sync::set_aside(&mut tx, &sleepy.id, sleepy.lease_generation, "x", db.now()).await;
        assert_eq!(aside.unwrap(), Fenced::Lost);
        drop(tx);

        assert_eq!(save(db, &awake, &["2"], None).await, Fenced::Saved);
        assert_eq!(finish(db, &awake).await, Fenced::Saved);
        let mut tx = db.tenant("acme").await;
        let ids = records::ids(&mut tx, &connection, "tasks", Millis(0), Millis(i64::MAX)).await.unwrap();
        assert_eq!(ids, ["1", "2"]);
    }

    async fn a_record_that_comes_twice_counts_once(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::run(db, "acme", 2).await;
        let first = claim(db).await.unwrap();
        save(db, &first, &["1", "2"], Some("p2")).await;
        save(db, &first, &["2", "3"], None).await;
        finish(db, &first).await;
        let second = claim(db).await.unwrap();
        save(db, &second, &["3", "4"], None).await;

        let mut tx = db.tenant("acme").await;
        let progress = sync::progress(&mut tx, &"acme-r".into()).await.unwrap().unwrap();
        assert_eq!((progress.records(), progress.done(), progress.total()), (4, 1, 2));
        let counts = records::counts(&mut tx, &"acme-c".into()).await.unwrap();
        assert_eq!((counts[0].stream.as_str(), counts[0].records), ("tasks", 4));
    }

    async fn a_run_goes_from_queued_to_done(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::run(db, "acme", 2).await;
        let (first, second) = (claim(db).await.unwrap(), claim(db).await.unwrap());
        assert_eq!((first.position, second.position), (0, 1));
        let mut tx = db.system().await;
        let run = sync::get_run(&mut tx, &"acme-r".into()).await.unwrap().unwrap();
        assert_eq!((run.state, run.started_at), (RunState::Running, Some(db.now())));
        assert!(run.state.is_open());
        assert_eq!(sync::open_runs(&mut tx, &"acme".into()).await.unwrap().len(), 1);
        drop(tx);
        finish(db, &first).await;
        let mut tx = db.system().await;
        assert!(sync::settle_run(&mut tx, &run.id, db.now()).await.unwrap().is_none(), "one window is open");
        drop(tx);
        finish(db, &second).await;
        let mut tx = db.system().await;
        assert_eq!(sync::settle_run(&mut tx, &run.id, db.now()).await.unwrap(), Some(RunState::Done));
        assert!(sync::settle_run(&mut tx, &run.id, db.now()).await.unwrap().is_none(), "it settles once");
        let settled = sync::latest_run(&mut tx, &"acme-c".into()).await.unwrap().unwrap();
        assert_eq!(settled.finished_at, Some(db.now()));
    }

    async fn windows_put_off_and_set_aside_show_in_the_progress(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::run(db, "acme", 2).await;
        let (first, second) = (claim(db).await.unwrap(), claim(db).await.unwrap());
        let due = db.now().plus(Duration::from_secs(30));
        let mut tx = db.system().await;
        sync::defer_window(&mut tx, &first.id, first.lease_generation, due, "limited").await.unwrap();
        sync::set_aside(&mut tx, &second.id, second.lease_generation, "garbled", db.now()).await.unwrap();
        let progress = sync::progress(&mut tx, &"acme-r".into()).await.unwrap().unwrap();
        let stream = &progress.streams[0];
        assert_eq!((stream.total, stream.running, stream.aside), (2, 0, 1));
        assert_eq!((stream.waiting_until, stream.waiting_reason.as_deref()), (Some(due), Some("limited")));
        tx.commit().await.unwrap();

        assert!(claim(db).await.is_none(), "not yet due");
        db.clock.advance(Duration::from_secs(30));
        let again = claim(db).await.unwrap();
        assert_eq!((again.attempt, again.waiting_reason.clone()), (1, None));
        finish(db, &again).await;
        let mut tx = db.system().await;
        let settled = sync::settle_run(&mut tx, &"acme-r".into(), db.now()).await.unwrap();
        assert_eq!(settled, Some(RunState::Gaps));
    }

    async fn a_cancelled_run_takes_nothing_more(db: &Db) {
        sample::tenants(db).await;
        sample::connected(db, "acme").await;
        sample::run(db, "acme", 3).await;
        let done = claim(db).await.unwrap();
        finish(db, &done).await;
        let at_it = claim(db).await.unwrap();
        let mut tx = db.tenant("acme").await;
        assert!(sync::cancel_run(&mut tx, &"acme-r".into(), db.now()).await.unwrap());
        assert!(!sync::cancel_run(&mut tx, &"acme-r".into(), db.now()).await.unwrap());
        tx.commit().await.unwrap();

        assert_eq!(save(db, &at_it, &["1"], None).await, Fenced::Lost);
        assert!(claim(db).await.is_none());
        let mut tx = db.system().await;
        assert!(sync::settle_run(&mut tx, &"acme-r".into(), db.now()).await.unwrap().is_none());
        let progress = sync::progress(&mut tx, &"acme-r".into()).await.unwrap().unwrap();
        assert_eq!((progress.run.state, progress.done(), progress.records()), (RunState::Cancelled, 1, 0));
    }
}
