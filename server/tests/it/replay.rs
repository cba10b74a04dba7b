//! Recordings are replayed through the engine: the same proof that made one is taken again, and the answers come from the
//! file.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, StatusCode};
use patchbay_catalog::{Auth, Catalog};
use patchbay_hub::{
    Hub, Mode, Settings,
    access::Role,
    connect::{Callback, Start},
    demo,
    prove::{self, Begun, Wish},
    view::Viewer,
};
use patchbay_oauth::{
    http::{Client, Route},
    recording::{Body, Call, Recording, Source},
};
use patchbay_store::{
    Clock, Entropy, Kek, ManualClock, Millis, OsEntropy, Scope, Store, Vault, people,
    proofs::{self, ProofStep, StepResult},
};
use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;

use crate::{
    prove::{live, prove},
    support::{self, Home, fields_of},
};

/// What the stand-in has given out so far, and what it was asked for in vain.
struct Tape {
    calls: Vec<(Call, bool)>,
    missed: Vec<String>,
}

type Shared = Arc<Mutex<Tape>>;

/// Whether a part of a recorded address is something put in the place of a customer's.
fn is_placeholder(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbered = part.strip_prefix('t').map(|rest| rest.trim_end_matches('x'));
    digits(part) || numbered.is_some_and(digits) || part.strip_prefix("host").is_some_and(digits)
}

fn same(recorded: &str, asked: &str, between: char) -> bool {
    let (recorded, asked) = (recorded.split(between), asked.split(between));
    recorded.clone().count() == asked.clone().count()
        && recorded
            .zip(asked)
            .all(|(recorded, asked)| recorded == asked || is_placeholder(recorded))
}

async fn answer(State(tape): State<Shared>, request: Request) -> Response {
    let host = request.headers()["host"].to_str().unwrap();
    let host = host
        .split(':')
        .next()
        .unwrap()
        .trim_end_matches(".sim.localhost")
        .to_owned();
    let uri = request.uri();
    let mut tape = tape.lock().unwrap();
    let fits = |call: &Call| {
        call.method == request.method().as_str()
            && same(&call.host, &host, '.')
            && same(&call.path, uri.path(), '/')
    };
    let fresh = tape.calls.iter().position(|(call, used)| !used && fits(call));
    let Some(at) = fresh.or_else(|| tape.calls.iter().rposition(|(call, _)| fits(call))) else {
        let asked = format!("{} {host}{}", request.method(), uri.path());
        tape.missed.push(asked);
        return StatusCode::NOT_FOUND.into_response();
    };
    tape.calls[at].1 = true;
    let call = &tape.calls[at].0;
    let body = match &call.answer {
        Body::Json(json) => json.to_string(),
        Body::Form(pairs) => url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish(),
        Body::Empty | Body::Other => String::new(),
    };
    let mut response = (StatusCode::from_u16(call.status).unwrap(), body).into_response();
    for (name, value) in &call.answer_headers {
        let name: HeaderName = name.parse().unwrap();
        response
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

/// A live deployment whose providers answer from a recording.
async fn deployment(recording: &Recording) -> (Hub, Viewer, Shared) {
    let calls = recording.calls.iter().map(|call| (call.clone(), false)).collect();
    let tape: Shared = Arc::new(Mutex::new(Tape {
        calls,
        missed: Vec::new(),
    }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&tape));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    let store = Store::open("sqlite::memory:", vault).await.unwrap();
    store.claim_mode("live").await.unwrap();
    let settings = Settings {
        mode: Mode::Live,
        public_url: "http://localhost:3000".to_owned(),
        build: recording.build.clone(),
        offer_unproven: true,
        left_out: Vec::new(),
    };
    let hub = Hub::new(
        store,
        Arc::new(Catalog::builtin().unwrap()),
        Client::new(Route::Simulated { port }).unwrap(),
        // Its times lie before that day.
        Arc::new(ManualClock::new(Millis(recording.day + 1))) as Arc<dyn Clock>,
        entropy,
        settings,
    );
    demo::seed(&hub).await.unwrap();
    let app = hub
        .catalog()
        .get(&recording.integration)
        .unwrap()
        .provider_app
        .clone();
    hub.put_app(&app, "an-id", &SecretString::from("a-secret"), "test")
        .await
        .unwrap();
    let mut tx = hub.store.read(Scope::System).await.unwrap();
    let erin = people::by_email(&mut tx, "erin@patchbay.example")
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let viewer = Viewer {
        person: erin.id,
        name: erin.name,
        email: erin.email,
        role: Role::Engineer,
        tenant: None,
        tenant_name: None,
        hats: Vec::new(),
        session_hash: "a-session".to_owned(),
    };
    (hub, viewer, tape)
}

/// Takes the proof again; returns its steps, and what the recording had no answer for.
async fn replay(recording: &Recording) -> (Vec<(ProofStep, StepResult)>, Vec<String>) {
    let (hub, viewer, tape) = deployment(recording).await;
    let integration = hub.catalog().get(&recording.integration).unwrap();
    let params = fields_of(integration).into_iter();
    let wish = Wish {
        start: Start {
            integration: recording.integration.clone(),
            params: params
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            return_to: None,
            browser: None,
            choose_account: false,
        },
        key: None,
        end_access: false,
    };
    let Begun::Left(started) = hub.prove(&viewer, wish).await.unwrap() else {
        panic!("it leaves")
    };
    let leaving = hub
        .leaving(&viewer, started.flow.as_str())
        .await
        .unwrap()
        .unwrap();
    let leaving = Url::parse(&leaving.href).unwrap();
    let asked = |name: &str| {
        leaving
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|found| found.1.into_owned())
    };
    assert!(
        matches!(integration.auth, Auth::OAuth2(_)),
        "others need what the browser brought"
    );
    let query = format!("code=replayed&state={}", asked("state").unwrap());
    let callback = Callback {
        integration: &integration.id,
        query: &query,
        viewer: Some(&viewer),
        browser: Some(started.browser),
    };
    let finished = hub.finish(callback).await.unwrap();
    let missed = || tape.lock().unwrap().missed.clone();
    assert!(finished.outcome.is_ok(), "{:?} {:?}", finished.outcome, missed());
    prove::worker::work_once(&hub).await.unwrap();
    let mut tx = hub.store.read(Scope::System).await.unwrap();
    let proof = proofs::newest(&mut tx, &integration.id).await.unwrap().unwrap();
    let steps = proofs::steps(&mut tx, &proof.id).await.unwrap();
    drop(tx);
    (
        steps.into_iter().map(|step| (step.step, step.result)).collect(),
        missed(),
    )
}

/// Records a proof against the simulator; the file is what an engineer downloads.
async fn record(integration: &str) -> Recording {
    let (app, mut olga) = live(Home::sqlite()).await;
    let params = app.hub.catalog().get(integration).unwrap().clone();
    prove(&mut olga, integration, &fields_of(&params)).await;
    prove::worker::work_once(&app.hub).await.unwrap();
    let page = olga.get(&format!("/integrations/{integration}")).await;
    let links = support::links(&page.body);
    let link = links.iter().find(|link| link.ends_with("/recording"));
    let file = olga
        .get(link.unwrap_or_else(|| panic!("a download: {links:?}")))
        .await;
    assert_eq!(file.header("content-type"), "application/json");
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; filename=\"recording-")
    );
    // Neither whose account it is, nor anything of it, nor our own secrets.
    let account = app.simulator().accounts(&params.provider_app).unwrap()[0];
    for own in [account.id, account.name] {
        assert!(!file.body.contains(own), "{own} in {}", file.body);
    }
    for entry in app.simulator().log() {
        for name in [
            "code",
            "code_verifier",
            "client_id",
            "client_secret",
            "refresh_token",
            "token",
        ] {
            let secret = entry.value(name).filter(|value| value.len() > 8);
            let shown = secret.is_some_and(|secret| file.body.contains(secret));
            assert!(!shown, "{name} in {}", file.body);
        }
    }
    let mut stranger = app.browser();
    assert_eq!(stranger.get(link.unwrap()).await.status, 303, "not for everyone");
    serde_json::from_str(&file.body).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_replays_through_the_engine() {
    for id in ["asana", "github", "notion"] {
        let recording = record(id).await;
        // On disk and back, in a folder of the test's own: it is nobody's real account.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{id}.json"));
        std::fs::write(&path, serde_json::to_string(&recording).unwrap()).unwrap();
        let read: Recording = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(read.source, Source::StandIn);
        let catalog = Catalog::builtin().unwrap();
        assert!(
            !read.counts_for(catalog.get(id).unwrap()),
            "and never counts as replayed"
        );
        let (steps, missed) = replay(&read).await;
        assert!(missed.is_empty(), "{id}: {missed:?}");
        let failed: Vec<_> = steps
            .iter()
            .filter(|(_, result)| *result == StepResult::Failed)
            .collect();
        assert!(failed.is_empty() && steps.len() == 4, "{id}: {steps:?}");
    }
}

/// What another answer says is noticed: a replay can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_with_another_answer_does_not_replay() {
    let mut recording = record("asana").await;
    for call in recording.calls.iter_mut().filter(|call| call.step == "refresh") {
        if call.path.ends_with("oauth_token") {
            call.status = 400;
            call.answer = Body::Json(serde_json::json!({"error": "invalid_grant"}));
        }
    }
    let (steps, _) = replay(&recording).await;
    assert!(
        steps.contains(&(ProofStep::Refresh, StepResult::Failed)),
        "{steps:?}"
    );
}

/// Every recording that is committed replays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn committed_recordings_replay() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/oauth/recordings");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(
        files.iter().any(|file| file.ends_with("README.md")),
        "the folder is there"
    );
    files.retain(|file| file.extension().is_some_and(|kind| kind == "json"));
    for file in files {
        let recording: Recording = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let (steps, missed) = replay(&recording).await;
        assert!(missed.is_empty(), "{}: {missed:?}", file.display());
        assert!(
            steps.iter().all(|(_, result)| *result != StepResult::Failed),
            "{}: {steps:?}",
            file.display()
        );
    }
}
