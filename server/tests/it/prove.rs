//! Proving with real accounts, in a live deployment. The simulator stands in for the providers here, which no release
//! build allows.

use std::time::Duration;

use patchbay_hub::{Mode, prove, verify};
use patchbay_simulator::FaultKind;
use patchbay_store::{
    Scope, StoreError,
    live_evidence::{self, LiveEvidence},
    proofs::{self, NewProof, Proof, ProofState, ProofStep, StepResult},
    verifications::EvidenceResult,
};

use crate::{
    setup::owner,
    support::{Answer, Browser, Decision, Home, Setup, TestApp, forms},
};

/// A live deployment with its first owner, who is an engineer too, and provider apps that are registered.
pub async fn live(home: Home) -> (TestApp, Browser) {
    let app = TestApp::with(Setup {
        home,
        mode: Mode::Live,
        samples: false,
        ..Setup::default()
    })
    .await;
    app.hub.store.claim_mode("live").await.unwrap();
    patchbay_hub::demo::register(&app.hub, app.simulator())
        .await
        .unwrap();
    let olga = owner(&app).await;
    (app, olga)
}

/// Fills in the form, approves at the provider, comes back.
pub async fn prove(browser: &mut Browser, integration: &str, fields: &[(&str, &str)]) -> Answer {
    let leaving = leave(browser, integration, fields).await;
    let back = browser.consent(&leaving, Decision::Approve(0)).await;
    browser.get(&back).await
}

/// Fills in the form and looks at the page that leaves.
async fn leave(browser: &mut Browser, integration: &str, fields: &[(&str, &str)]) -> Answer {
    let begun = browser
        .post_form(&format!("/integrations/{integration}/prove"), fields)
        .await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    assert!(begun.location().starts_with("/connect/"), "{}", begun.location());
    let page = browser.get(begun.location()).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

async fn newest(app: &TestApp, integration: &str) -> Proof {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    proofs::newest(&mut tx, integration).await.unwrap().unwrap()
}

/// The steps of the newest proof, each with its result and kind.
async fn steps(app: &TestApp, integration: &str) -> Vec<(ProofStep, StepResult, String)> {
    let proof = newest(app, integration).await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let steps = proofs::steps(&mut tx, &proof.id).await.unwrap();
    steps
        .into_iter()
        .map(|step| (step.step, step.result, step.class.unwrap_or_default()))
        .collect()
}

async fn evidence(app: &TestApp) -> Vec<LiveEvidence> {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    live_evidence::list(&mut tx).await.unwrap()
}

/// Whether any token of any connection is still stored.
async fn any_token(app: &TestApp) -> bool {
    let grants = app.rows(&["grants"]).await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let mut any = false;
    for connection in app.connections().await {
        let of = patchbay_store::grants::all(&mut tx, &connection.id)
            .await
            .unwrap();
        any |= of
            .iter()
            .any(|grant| grant.access.is_some() || grant.refresh.is_some());
    }
    assert!(!grants["grants"].is_empty(), "there were some");
    any
}

async fn work(app: &TestApp) -> usize {
    prove::worker::work_once(&app.hub).await.unwrap()
}

use ProofStep::{Connect, Page, Refresh, Revoke, Whoami};
use StepResult::{Failed, Passed};

async fn proven_whole(home: Home) {
    let (app, mut olga) = live(home).await;
    let page = olga.get("/integrations/asana").await;
    assert!(page.text().contains("Prove it here"), "{}", page.text());
    let form = forms(&page.body)
        .into_iter()
        .find(|form| form.action == "/integrations/asana/prove")
        .expect("a form, with scripts off");
    assert!(
        form.fields
            .contains(&("checkbox".to_owned(), "end_access".to_owned()))
    );

    let back = prove(&mut olga, "asana", &[("end_access", "yes")]).await;
    assert_eq!(back.location(), "/integrations/asana?notice=proving");
    let page = olga.get(back.location()).await;
    assert!(
        page.text()
            .contains("A test account of yours has connected to Asana")
    );
    assert_eq!(
        steps(&app, "asana").await.len(),
        1,
        "connected, and nothing else yet"
    );
    assert!(evidence(&app).await.is_empty());

    assert_eq!(work(&app).await, 1);
    assert_eq!(app.work_revocations().await, 1, "the provider is asked");
    app.wait(Duration::from_secs(5));
    assert_eq!(work(&app).await, 1);
    let taken = steps(&app, "asana").await;
    let wanted = [Connect, Whoami, Refresh, Page, Revoke].map(|step| (step, Passed, "passed".to_owned()));
    assert_eq!(taken, wanted);
    let proof = newest(&app, "asana").await;
    assert_eq!((proof.state, proof.passed), (ProofState::Done, Some(true)));
    assert!(!any_token(&app).await, "nothing of the account's access is left");

    let found = evidence(&app).await;
    let gates: Vec<&str> = found.iter().map(|row| row.gate.as_str()).collect();
    assert_eq!(gates, ["flow", "history", "lifecycle"]);
    assert!(found.iter().all(|row| row.result == EvidenceResult::Passed
        && row.build == app.hub.settings().build
        && row.at.0 > 0));
    counted(&app, &mut olga).await;
    app.close().await;
}

/// What pages and reports say of it.
async fn counted(app: &TestApp, olga: &mut Browser) {
    let rollout = olga.get("/rollout?status=live").await.text();
    assert!(rollout.contains("Proven live here 1 of 39"), "{rollout}");
    assert!(
        rollout.contains("In use 0 of 39"),
        "no customer uses it: {rollout}"
    );
    assert!(
        rollout.contains("Asana") && !rollout.contains("Airtable"),
        "{rollout}"
    );
    let page = olga.get("/integrations/asana").await.text();
    assert!(
        page.contains("Proven live on") && page.contains("with a test account of Olga Owner"),
        "{page}"
    );
    assert!(page.contains("No tenant uses it yet."), "{page}");
    let report = olga.get("/report/export?format=json").await.body;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let counts = &report["counts"];
    assert_eq!(counts["proven_live_here"]["integrations"], 1, "{counts}");
    assert_eq!(counts["in_use"]["integrations"], 0, "{counts}");
    // Neither account nor content, in what is kept of it or shown.
    let kept = app
        .rows(&["proofs", "proof_steps", "live_evidence", "records", "sync_runs"])
        .await;
    assert!(
        kept["records"].is_empty() && kept["sync_runs"].is_empty(),
        "nothing was kept of its history"
    );
    let account = app.simulator().accounts("asana").unwrap()[0];
    for text in [format!("{kept:?}"), page, rollout, report.to_string()] {
        for own in [account.id, account.name] {
            assert!(!text.contains(own), "{own} in {text}");
        }
    }
    let audit = app.audit().await;
    for action in ["proof.started", "proof.finished"] {
        let row = audit.iter().find(|row| row.action == action).expect(action);
        assert_eq!(
            (row.actor_name.as_str(), row.tenant_id.as_ref()),
            ("Olga Owner", None)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_account_proves_an_integration_live() {
    proven_whole(Home::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_account_proves_an_integration_live_on_postgres() {
    if let Some(home) = Home::postgres().await {
        proven_whole(home).await;
    }
}

/// The proving tenant is nobody's: no customer, and nobody can act for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proving_tenant_is_no_customer() {
    let (app, mut olga) = live(Home::sqlite()).await;
    prove(&mut olga, "asana", &[]).await;
    let connection = app.the_connection().await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let usage = patchbay_store::connections::usage(&mut tx).await.unwrap();
    let customers = patchbay_store::tenants::list(&mut tx).await.unwrap();
    drop(tx);
    assert!(
        usage.is_empty(),
        "a healthy connection, and not in use: {usage:?}"
    );
    assert!(customers.iter().all(|tenant| tenant.id != connection.tenant_id));
    let chosen = olga
        .post_form("/act-for", &[("tenant", connection.tenant_id.as_str())])
        .await;
    assert_eq!(chosen.status, 404);
    for action in ["test", "sync", "disconnect"] {
        let answer = olga
            .post_form(&format!("/connections/{}/{action}", connection.id), &[])
            .await;
        assert_eq!(answer.status, 403, "{action}");
    }
    assert_eq!(app.work_history().await, 0, "its history is not imported");
}

/// Without the tick the provider is not asked, and the tokens are gone all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_access_outlives_its_proof() {
    let (app, mut olga) = live(Home::sqlite()).await;
    prove(&mut olga, "asana", &[]).await;
    assert!(any_token(&app).await);
    work(&app).await;
    assert!(!any_token(&app).await);
    assert_eq!(app.work_revocations().await, 0);
    let taken = steps(&app, "asana").await;
    assert!(taken.iter().all(|(step, ..)| *step != Revoke), "{taken:?}");
    assert_eq!(newest(&app, "asana").await.state, ProofState::Done);
}

/// A provider that fails is written down step by step, counts as nothing, and its access is let go of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_is_readable_and_proves_nothing() {
    let (app, mut olga) = live(Home::sqlite()).await;
    prove(&mut olga, "asana", &[("end_access", "yes")]).await;
    let broken = FaultKind::Status {
        code: 503,
        body: None,
    };
    app.break_provider("app.asana.com", "/-/oauth_token", broken);
    work(&app).await;
    let taken = steps(&app, "asana").await;
    assert_eq!(taken[1], (Whoami, Passed, "passed".to_owned()));
    assert_eq!(taken[2], (Refresh, Failed, "unavailable".to_owned()));
    let page = olga.get("/integrations/asana").await.text();
    assert!(
        page.contains("expected new access, got the provider is not available (status 503"),
        "{page}"
    );
    assert!(page.contains("Not proven"), "{page}");
    let rollout = olga.get("/rollout").await.text();
    assert!(rollout.contains("Proven live here 0 of 39"), "{rollout}");
    let failed: Vec<_> = evidence(&app)
        .await
        .into_iter()
        .filter(|row| row.result == EvidenceResult::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0].gate.as_str(), failed[0].step.as_deref()),
        ("lifecycle", Some("refresh"))
    );
    assert_eq!(
        newest(&app, "asana").await.state,
        ProofState::Ending,
        "the access is still to be ended"
    );
}

/// Who declines, or does not come back, has proven nothing, and reads so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_connect_proves_nothing() {
    let (app, mut olga) = live(Home::sqlite()).await;
    let leaving = leave(&mut olga, "asana", &[]).await;
    let back = olga.consent(&leaving, Decision::Deny).await;
    let answer = olga.get(&back).await;
    assert!(
        answer
            .location()
            .starts_with("/integrations/asana?notice=declined"),
        "{}",
        answer.location()
    );
    assert_eq!(newest(&app, "asana").await.passed, Some(false));
    assert!(
        olga.get("/integrations/asana")
            .await
            .text()
            .contains("expected a connection, got declined")
    );

    app.wait(Duration::from_secs(1));
    leave(&mut olga, "asana", &[]).await;
    let page = olga.get("/integrations/asana").await.text();
    assert!(
        page.contains("At the provider") && page.contains("Waiting for your approval"),
        "{page}"
    );
    app.wait(Duration::from_mins(13));
    let mut olga = app.browser();
    olga.post_form(
        "/sign-in",
        &[
            ("email", "olga@company.example"),
            ("password", "four words in a row"),
        ],
    )
    .await;
    assert_eq!(work(&app).await, 1);
    let page = olga.get("/integrations/asana").await.text();
    assert!(page.contains("nobody came back within ten minutes"), "{page}");
    assert!(evidence(&app).await.is_empty());
}

/// One who begins anew gives their own waiting proof up; its answer comes to nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_starts_the_second_counts() {
    let (app, mut olga) = live(Home::sqlite()).await;
    let first = leave(&mut olga, "asana", &[]).await;
    let second = leave(&mut olga, "asana", &[]).await;
    let back = olga.consent(&first, Decision::Approve(0)).await;
    assert_eq!(olga.get(&back).await.status, 409, "used up");
    let back = olga.consent(&second, Decision::Approve(0)).await;
    assert_eq!(
        olga.get(&back).await.location(),
        "/integrations/asana?notice=proving"
    );
    // While its steps are to be taken, nothing else begins.
    let third = olga.post_form("/integrations/asana/prove", &[]).await;
    assert_eq!(third.location(), "/integrations/asana?notice=proof-underway");
    assert_eq!(app.connections().await.len(), 1);
}

/// A server that stops in the middle of a step goes on with it; one that stops before the proof heard of its connection
/// finds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_goes_on_where_it_was() {
    let (app, mut olga) = live(Home::sqlite()).await;
    prove(&mut olga, "asana", &[]).await;
    let proof = newest(&app, "asana").await;
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    let lease = Duration::from_mins(15);
    let held = proofs::claim(&mut tx, app.hub.now(), "a server that is gone", lease)
        .await
        .unwrap()
        .unwrap();
    let step = proofs::Step {
        proof_id: proof.id.clone(),
        step: Whoami,
        result: StepResult::Running,
        class: None,
        expected: None,
        got: None,
        started_at: app.hub.now(),
        ms: None,
    };
    proofs::put_step(&mut tx, &step).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(work(&app).await, 0, "leased");
    assert!(olga.get("/integrations/asana").await.text().contains("Running"));
    app.hub.free_leases().await.unwrap();
    assert_eq!(work(&app).await, 1);
    assert_eq!(newest(&app, "asana").await.passed, Some(true));
    // What the one that was gone would have written comes too late.
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    assert_eq!(
        proofs::holds(&mut tx, &held).await.unwrap(),
        patchbay_store::Fenced::Lost
    );
}

/// A server that stops between a connection and its proof's hearing of it: the connection is found, proven and let go of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_no_proof_heard_of_is_found() {
    let (app, mut olga) = live(Home::sqlite()).await;
    prove(&mut olga, "asana", &[]).await;
    let proof = newest(&app, "asana").await;
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    let step = proofs::steps(&mut tx, &proof.id).await.unwrap().remove(0);
    // Another proof is begun that has heard of nothing yet.
    proofs::judge(&mut tx, &proof, false, None, None, app.hub.now())
        .await
        .unwrap();
    let again = NewProof {
        id: "the-same-again".into(),
        integration_id: proof.integration_id.clone(),
        person_id: proof.person_id.clone(),
        build: proof.build.clone(),
        end_access: false,
        flow_id: None,
        connection_id: None,
        state: ProofState::Waiting,
        created_at: step.started_at,
        due_at: app.hub.now(),
    };
    proofs::insert(&mut tx, &again).await.unwrap();
    tx.commit().await.unwrap();
    work(&app).await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let found = proofs::get(&mut tx, &again.id).await.unwrap().unwrap();
    drop(tx);
    assert_eq!((found.state, found.passed), (ProofState::Done, Some(true)));
    assert!(!any_token(&app).await);
}

/// A key is proven without leaving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s29_a_key_is_proven_and_not_kept() {
    const KEY: &str = "SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1";
    const UNKNOWN: &str = "SG.sample-key-for-demo-9.nobody-at-the-simulated-sendgrid-knows-it-9";
    let (app, mut olga) = live(Home::sqlite()).await;
    let before = app.rows(&["proofs", "audit"]).await;
    for misshapen in [" ", "SG.not.a-key"] {
        let refused = olga
            .post_form("/integrations/sendgrid/prove", &[("key", misshapen)])
            .await;
        assert_eq!(refused.status, 422, "{misshapen:?}");
    }
    let after = app.rows(&["proofs", "audit"]).await;
    assert_eq!(after, before, "a form that is not filled in begins nothing");
    let wrong = olga
        .post_form("/integrations/sendgrid/prove", &[("key", UNKNOWN)])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(!wrong.body.contains(UNKNOWN), "never echoed");
    assert_eq!(newest(&app, "sendgrid").await.passed, Some(false));
    app.wait(Duration::from_secs(1));
    let begun = olga
        .post_form("/integrations/sendgrid/prove", &[("key", KEY)])
        .await;
    assert_eq!(begun.location(), "/integrations/sendgrid?notice=proving");
    work(&app).await;
    let taken = steps(&app, "sendgrid").await;
    assert_eq!(
        taken[..2],
        [
            (Connect, Passed, "passed".to_owned()),
            (Whoami, Passed, "passed".to_owned())
        ]
    );
    assert_eq!(taken[2], (Refresh, StepResult::None, "none".to_owned()));
    assert!(!any_token(&app).await);
}

/// The simulator proves nothing live: in demo mode there is no such action, no such part of the page, and the store takes
/// no such row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_proves_nothing_live() {
    let app = TestApp::start().await;
    app.hub.store.claim_mode("demo").await.unwrap();
    let mut erin = app.signed_in("erin@patchbay.example").await;
    assert!(
        !erin
            .get("/integrations/asana")
            .await
            .text()
            .contains("Prove it here")
    );
    assert_eq!(erin.post_form("/integrations/asana/prove", &[]).await.status, 404);
    assert!(app.connections().await.is_empty());
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    let erin = patchbay_store::PersonId::from(app.person("erin@patchbay.example").await);
    let proof = NewProof {
        id: "a-proof".into(),
        integration_id: "asana".to_owned(),
        person_id: erin.clone(),
        build: "a-build".to_owned(),
        end_access: false,
        flow_id: None,
        connection_id: None,
        state: ProofState::Waiting,
        created_at: app.hub.now(),
        due_at: app.hub.now(),
    };
    proofs::insert(&mut tx, &proof).await.unwrap();
    let row = LiveEvidence {
        id: "a-row".to_owned(),
        proof_id: proof.id.clone(),
        integration_id: proof.integration_id.clone(),
        gate: "flow".to_owned(),
        result: EvidenceResult::Passed,
        step: None,
        expected: None,
        got: None,
        build: proof.build.clone(),
        person_id: erin,
        at: app.hub.now(),
    };
    let refused = live_evidence::add(&mut tx, &row).await;
    assert!(matches!(refused, Err(StoreError::NotLive)), "{refused:?}");
}

/// What the binary starts in live mode reaches the real providers: nothing else is at the other end of a proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_server_reaches_real_providers_only() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("settings.toml");
    let data = folder.path().join("data");
    std::fs::write(
        &file,
        format!("mode = \"live\"\ndata_dir = \"{}\"\n", data.display()),
    )
    .unwrap();
    let mut config = patchbay_server::config::Config::load(Some(&file)).unwrap();
    config.key = Some("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=".into());
    // Even where a simulator runs beside it.
    let beside = TestApp::start().await;
    let hub = patchbay_server::setup::hub(&config, Some(beside.simulator()))
        .await
        .unwrap();
    assert_eq!(hub.client.route(), patchbay_oauth::http::Route::Direct);
    assert_eq!(verify::LIVE_GATES.len(), 3);
    assert!(
        !verify::replayed(&hub, "asana"),
        "there is no recording of a real account"
    );
}
