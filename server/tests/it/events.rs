//! The stream that tells open pages what changed.

use patchbay_hub::live;
use tokio::task::JoinHandle;

use crate::support::{Decision, Heard, TestApp};

/// Hands new events to the streams, as the server does beside its requests.
fn tail(app: &TestApp) -> JoinHandle<()> {
    let hub = app.hub.clone();
    tokio::spawn(async move {
        let _ = live::tail(hub).await;
    })
}

on_both! {
    async fn the_stream_is_for_those_who_are_signed_in(app: &TestApp) {
        assert_eq!(app.browser().listen(None).await.err().unwrap(), 401);
        let mut stream = app.ana().await.listen(None).await.unwrap();
        let hello = stream.next().await.unwrap();
        assert_eq!((hello.event.as_str(), hello.data.as_str()), ("hello", "live"));
    }

    /// S66: a tenant hears of its own changes, the company of all.
    async fn s66_a_tenant_hears_of_its_own_changes_only(app: &TestApp) {
        let tail = tail(app);
        let (mut ana, mut ben) = (app.ana().await, app.ben().await);
        let erin = app.signed_in("erin@patchbay.example").await;
        let mut to_ana = ana.listen(None).await.unwrap();
        let mut to_ben = ben.listen(None).await.unwrap();
        let mut to_erin = erin.listen(None).await.unwrap();
        for stream in [&mut to_ana, &mut to_ben, &mut to_erin] {
            stream.next().await.unwrap();
        }
        // When something of Acme changes, and after it something of Globex
        ana.leave_for("asana").await;
        ben.leave_for("github").await;
        // Then
        assert_eq!(to_ana.next_change().await.unwrap().data, "integration asana");
        assert_eq!(to_ben.next_change().await.unwrap().data, "integration github", "the first that he hears of");
        assert_eq!(to_erin.next_change().await.unwrap().data, "integration asana");
        assert_eq!(to_erin.next_change().await.unwrap().data, "integration github");
        assert!(!to_ben.all.contains("asana") && !to_ana.all.contains("github"));
        tail.abort();
    }

    /// L24: what happened while nobody listened is brought by the id that was heard last.
    async fn l24_a_gap_is_filled(app: &TestApp) {
        let tail = tail(app);
        let (mut ana, mut ben) = (app.ana().await, app.ben().await);
        let mut stream = ana.listen(None).await.unwrap();
        stream.next().await.unwrap();
        ana.leave_for("asana").await;
        let last = stream.next_change().await.unwrap();
        drop(stream);
        // Given what happens in between, of both tenants
        ben.connect("asana", Decision::Approve(2)).await;
        ana.connect("github", Decision::Approve(0)).await;
        // When
        let mut again = ana.listen(last.id).await.unwrap();
        let mut heard: Vec<Heard> = Vec::new();
        again.next().await.unwrap();
        for _ in 0..2 {
            heard.push(again.next_change().await.unwrap());
        }
        // Then
        assert!(heard.iter().all(|event| event.data == "integration github"), "{heard:?}");
        assert!(heard.iter().all(|event| event.id > last.id), "in order, none twice: {heard:?}");
        assert!(heard[0].id < heard[1].id);
        // And it goes on from there.
        ana.leave_for("asana").await;
        let next = again.next_change().await.unwrap();
        assert_eq!(next.data, "integration asana");
        assert!(next.id > heard[1].id);
        tail.abort();
    }

    async fn streams_end_when_the_server_stops(app: &TestApp) {
        let mut stream = app.ana().await.listen(None).await.unwrap();
        stream.next().await.unwrap();
        app.stop.send(true).unwrap();
        assert_eq!(stream.next().await, None);
        let mut late = app.ana().await.listen(None).await.unwrap();
        while late.next().await.is_some() {}
    }
}

/// What is not a number is no id: the stream begins with the present.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_the_future_brings_nothing() {
    let app = TestApp::start().await;
    let tail = tail(&app);
    let mut ana = app.ana().await;
    let mut stream = ana.listen(Some(i64::MAX)).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "hello");
    ana.leave_for("asana").await;
    assert_eq!(stream.next_change().await.unwrap().data, "integration asana");
    tail.abort();
}

/// Every step of a connect is heard: started, connected, imported, disconnected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_heard_as_it_comes() {
    let app = TestApp::start().await;
    let tail = tail(&app);
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    let mut stream = ana.listen(None).await.unwrap();
    stream.next().await.unwrap();
    app.work_history().await;
    // The connect's own event may be announced only now: the stream was opened before the announcer woke.
    let mut first = stream.next_change().await.unwrap();
    while first.data == "integration asana" {
        first = stream.next_change().await.unwrap();
    }
    assert_eq!(first.data, "history asana");
    let id = app.the_connection().await.id;
    ana.post_form(&format!("/connections/{id}/disconnect"), &[]).await;
    app.work_revocations().await;
    loop {
        let next = stream.next_change().await.unwrap();
        assert!(next.id > first.id);
        if next.data == "integration asana" {
            break;
        }
    }
    tail.abort();
}
