//! Access is renewed once, whoever asks and whatever goes wrong on the way.

use std::time::Duration;

use patchbay_hub::{Hub, connections::Tested, tokens::worker};
use patchbay_simulator::{Fault, FaultKind};
use patchbay_store::{
    Scope,
    connections::{Connection, ConnectionState},
    grants, refreshes,
};

use crate::support::{Browser, Decision, TestApp};

/// Calendly's refresh tokens are good for one use.
const SPENT_AT_ONCE: (&str, &str, &str) = ("calendly", "auth.calendly.com", "/oauth/token");
/// Whoever uses a spent token of Airtable's loses the whole grant.
const REUSE_ENDS_ALL: (&str, &str, &str) = ("airtable", "airtable.com", "/oauth2/v1/token");

/// Connects, and lets the access token end.
async fn ended(app: &TestApp, integration: &str) -> (Browser, Connection) {
    let mut ana = app.ana().await;
    let typed: &[(&str, &str)] = if integration == "shopify" {
        &[("shop", "acme.myshopify.com")]
    } else {
        &[]
    };
    let leaving = ana.leave_for_with(integration, typed).await;
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    ana.get(&back).await;
    app.wait(Duration::from_hours(12));
    app.simulator().clear_log();
    (app.ana().await, app.the_connection().await)
}

/// What the admin's test of the connection says.
async fn tested(browser: &mut Browser, connection: &Connection) -> String {
    let answer = browser
        .post_form(&format!("/connections/{}/test", connection.id), &[])
        .await;
    let (_, notice) = answer.location().split_once("notice=").unwrap();
    notice.to_owned()
}

fn breaks(app: &TestApp, (_, host, path): (&str, &str, &str), times: u32, kind: FaultKind) {
    app.simulator().set_fault(Fault {
        host: host.to_owned(),
        path_prefix: path.to_owned(),
        times,
        kind,
    });
}

async fn row(app: &TestApp, connection: &Connection) -> refreshes::Refresh {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    refreshes::get(&mut tx, &connection.id).await.unwrap().unwrap()
}

/// Other processes of the same deployment.
fn nodes(app: &TestApp, count: usize) -> Vec<Hub> {
    (0..count)
        .map(|_| app.hub_with(app.hub.settings().clone()))
        .collect()
}

on_both! {
    /// L01: 200 callers in four processes want one token that has ended, and its refresh token can be used once.
    async fn l01_of_many_callers_one_asks_and_all_get_the_new_token(app: &TestApp) {
        let (_, connection) = ended(app, "calendly").await;
        let nodes = nodes(app, 4);
        let ana = app.person("ana@acme.example").await;
        let signed = app.hub.sign_in_sample(&ana, None).await.unwrap();
        let callers = (0..200).map(|number| {
            let (hub, token, id) = (nodes[number % 4].clone(), signed.token.clone(), connection.id.clone());
            tokio::spawn(async move {
                let viewer = hub.viewer(&token).await.unwrap().unwrap();
                hub.test_connection(&viewer, id.as_str()).await.unwrap().1
            })
        });
        for caller in futures::future::join_all(callers).await {
            assert!(matches!(caller.unwrap(), Tested::Works(_)));
        }
        assert_eq!(app.requests_to(SPENT_AT_ONCE.2).len(), 1);
        assert_eq!(app.the_connection().await.state, ConnectionState::Healthy);
    }

    /// L02: the provider did it and the line was cut; its old token works until the new one is used.
    async fn l02_a_lost_answer_heals_where_the_provider_gives_grace(app: &TestApp) {
        let (mut ana, connection) = ended(app, "shopify").await;
        let shop = ("shopify", "acme.myshopify.com", "/admin/oauth/access_token");
        breaks(app, shop, 1, FaultKind::CutAfterProcessing);
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
        assert_eq!(app.requests_to(shop.2).len(), 2);
        let row = row(app, &connection).await;
        assert_eq!((row.sent_at, row.lost, row.lease_until), (None, 0, None), "nothing is left open");
    }

    /// L03: without grace the second request is a reuse, and says that the connection is lost: once, and no more.
    async fn l03_a_lost_answer_without_grace_asks_for_a_person_once(app: &TestApp) {
        let (mut ana, connection) = ended(app, "airtable").await;
        breaks(app, REUSE_ENDS_ALL, 1, FaultKind::CutAfterProcessing);
        assert_eq!(tested(&mut ana, &connection).await, "test-refused");
        assert_eq!(app.requests_to(REUSE_ENDS_ALL.2).len(), 2);
        let lost = app.the_connection().await;
        assert_eq!(lost.state, ConnectionState::NeedsReconnect);
        let audit = app.audit().await;
        let told: Vec<_> = audit.iter().filter(|row| row.action == "connection.refresh").collect();
        assert_eq!((told.len(), told[0].reason.as_deref()), (1, Some("answer-lost")));
        let page = ana.get("/integrations/airtable").await.text();
        assert!(page.contains("answer was lost"), "{page}");
        assert_eq!(worker::work_once(&app.hub).await.unwrap(), 0, "nobody asks again by itself");
        // A person mends it.
        ana.connect("airtable", Decision::Approve(0)).await;
        let mended = app.the_connection().await;
        assert_eq!((mended.state, &mended.id), (ConnectionState::Healthy, &connection.id));
    }

    /// A request that never reached anyone costs nothing.
    async fn a_request_that_never_arrived_is_sent_again(app: &TestApp) {
        let (mut ana, connection) = ended(app, "calendly").await;
        breaks(app, SPENT_AT_ONCE, 1, FaultKind::DropBeforeAnswer);
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
    }

    /// L04, L05: a process that took the lease and is gone holds nobody up for longer than the lease, and what it sent
    /// counts as sent.
    async fn l05_who_is_held_up_beyond_the_lease_writes_over_nothing(app: &TestApp) {
        let (mut ana, connection) = ended(app, "calendly").await;
        let mut tx = app.hub.store.write(Scope::System).await.unwrap();
        let before = grants::current(&mut tx, &connection.id).await.unwrap().unwrap();
        let claim = refreshes::Claim {
            connection: &connection.id,
            grant: &before.id,
            owner: "a process that is gone",
            lease: Duration::from_mins(1),
        };
        let stale = refreshes::claim(&mut tx, claim, app.hub.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        app.wait(Duration::from_mins(1));
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
        let mut tx = app.hub.store.write(Scope::System).await.unwrap();
        let late = refreshes::conclude(&mut tx, &stale, refreshes::Conclusion::Failed, None, None).await.unwrap();
        assert_eq!(late, patchbay_store::Fenced::Lost);
        let after = grants::current(&mut tx, &connection.id).await.unwrap().unwrap();
        assert_eq!(after.generation, before.generation + 1);
    }

    /// L09: whatever a provider asks for is waited for, within reason, and nobody asks meanwhile.
    async fn l09_a_wait_that_the_provider_asks_for_is_kept(app: &TestApp) {
        let (mut ana, connection) = ended(app, "calendly").await;
        for (asked, least, most) in [("120", 120, 121), ("1000000000", 3000, 3601), ("soon", 1, 3601)] {
            app.simulator().clear_faults();
            app.simulator().clear_log();
            breaks(app, SPENT_AT_ONCE, 1, FaultKind::RetryAfter(asked.to_owned()));
            let now = app.hub.now();
            assert_eq!(tested(&mut ana, &connection).await, "test-unreachable");
            let wait = (row(app, &connection).await.wait_until.unwrap().0 - now.0) / 1000;
            assert!((least..=most).contains(&wait), "{asked}: {wait}");
            assert_eq!(tested(&mut ana, &connection).await, "test-unreachable");
            assert_eq!(app.requests_to(SPENT_AT_ONCE.2).len(), 1, "{asked}: nobody asks meanwhile");
            app.wait(Duration::from_secs(u64::try_from(wait).unwrap() + 1));
            ana = app.ana().await;
        }
        assert_eq!(worker::work_once(&app.hub).await.unwrap(), 1, "due by itself");
        assert_eq!(app.the_connection().await.state, ConnectionState::Healthy);
    }

    /// L25: a provider that is down is not asked over and over; nobody is told to reconnect, and it heals by itself.
    async fn l25_a_provider_that_is_down_is_left_alone_until_it_is_back(app: &TestApp) {
        let (mut ana, connection) = ended(app, "calendly").await;
        breaks(app, SPENT_AT_ONCE, 1_000, FaultKind::Status { code: 503, body: None });
        for _ in 0..20 {
            assert_eq!(tested(&mut ana, &connection).await, "test-unreachable");
        }
        let asked = app.requests_to(SPENT_AT_ONCE.2).len();
        assert!((5..=6).contains(&asked), "{asked} requests");
        assert_eq!(app.the_connection().await.state, ConnectionState::Degraded);
        let page = ana.get("/integrations/calendly").await.text();
        assert!(page.contains("Nothing to do"), "{page}");
        app.simulator().clear_faults();
        app.wait(Duration::from_hours(1));
        assert_eq!(worker::work_once(&app.hub).await.unwrap(), 1);
        assert_eq!(app.the_connection().await.state, ConnectionState::Healthy);
    }

    /// Renewed before it ends, without anyone asking; and a token that has not ended is used while the provider is away.
    async fn access_is_renewed_ahead_of_its_end(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("calendly", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        app.simulator().clear_log();
        assert_eq!(worker::work_once(&app.hub).await.unwrap(), 0, "not yet");
        app.wait(Duration::from_mins(119));
        breaks(app, SPENT_AT_ONCE, 2, FaultKind::DropBeforeAnswer);
        let mut ana = app.ana().await;
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok", "what we hold still works");
        app.wait(Duration::from_secs(31));
        assert_eq!(worker::work_once(&app.hub).await.unwrap(), 1);
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
        assert_eq!(app.requests_to(SPENT_AT_ONCE.2).last().unwrap().status, 200);
    }

    /// Tokens that are no longer of use are not kept.
    async fn old_tokens_are_wiped_and_all_of_them_after_a_revocation(app: &TestApp) {
        let (mut ana, connection) = ended(app, "calendly").await;
        for _ in 0..3 {
            assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
            app.wait(Duration::from_hours(12));
            ana = app.ana().await;
        }
        let held = async || {
            let mut tx = app.hub.store.read(Scope::System).await.unwrap();
            let all = grants::all(&mut tx, &connection.id).await.unwrap();
            let held = all.iter().filter(|grant| grant.access.is_some()).count();
            (all.len(), held)
        };
        assert_eq!(held().await, (4, 2), "the newest and the one before it");
        ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
        app.work_revocations().await;
        assert_eq!(app.revocation_of(&connection).await, "done");
        assert_eq!(held().await, (4, 0));
    }
}
