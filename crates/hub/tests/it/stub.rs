//! A provider that answers what a test tells it to, and a deployment that connects there: for what the engine does with
//! answers that no strict provider gives.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use patchbay_catalog::Catalog;
use patchbay_hub::{
    Hub, Mode, Settings,
    connect::{Callback, Connected, Refusal, Start},
    demo,
    view::Viewer,
};
use patchbay_oauth::http::{Client, Route};
use patchbay_store::{
    Kek, ManualClock, Millis, OsEntropy, Scope, Store, Vault,
    connections::{self, Connection},
    entropy::Entropy,
    grants::{self, Grant},
    people,
    time::Clock,
};
use secrecy::SecretString;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// When every test begins.
pub const START: Millis = Millis(1_780_000_000_000);

/// What the provider answers, by the start of the request line: `GET /connections`.
pub type Answers = BTreeMap<&'static str, (u16, Value)>;

/// A deployment with Ana of Acme, and a provider that answers as told.
pub struct Stubbed {
    pub hub: Hub,
    pub clock: Arc<ManualClock>,
    ana: Viewer,
    answers: Arc<Mutex<Answers>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Stubbed {
    pub async fn new(
        integration: &str,
        answers: impl IntoIterator<Item = (&'static str, u16, Value)>,
    ) -> Self {
        let answers = answers
            .into_iter()
            .map(|(request, status, body)| (request, (status, body)))
            .collect();
        let (answers, seen) = (Arc::new(Mutex::new(answers)), Arc::default());
        let port = listen(Arc::clone(&answers), Arc::clone(&seen)).await;
        let clock = Arc::new(ManualClock::new(START));
        let hub = hub(port, &clock).await;
        demo::seed(&hub).await.unwrap();
        let app = hub.catalog().get(integration).unwrap().provider_app.clone();
        let secret = SecretString::from("canary-secret");
        hub.put_app(&app, "app-id", &secret, "test").await.unwrap();
        let ana = ana(&hub).await;
        Self {
            hub,
            clock,
            ana,
            answers,
            seen,
        }
    }

    /// From now on this request is answered so.
    pub fn answer(&self, request: &'static str, status: u16, body: Value) {
        self.answers.lock().unwrap().insert(request, (status, body));
    }

    /// The whole way, approved. `also` is what the provider sends back besides code and state.
    pub async fn connect(
        &self,
        integration: &str,
        typed: &[(&str, &str)],
        also: &str,
    ) -> Result<Connected, Refusal> {
        let params = typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let start = Start {
            integration: integration.to_owned(),
            params: params.collect(),
            return_to: None,
            browser: None,
            choose_account: false,
        };
        let started = self.hub.start(&self.ana, start).await.unwrap();
        let leaving = self.hub.leaving(&self.ana, started.flow.as_str()).await.unwrap();
        let address = Url::parse(&leaving.unwrap().href).unwrap();
        let state = address.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let query = format!("code=canary-code&state={state}{also}");
        let callback = Callback {
            integration,
            query: &query,
            viewer: Some(&self.ana),
            browser: Some(started.browser),
        };
        self.hub.finish(callback).await.unwrap().outcome
    }

    /// Asks the provider whether the connection works; refreshes its access where that has to be.
    pub async fn test(&self, connection: &Connection) {
        let tested = self.hub.test_connection(&self.ana, connection.id.as_str()).await;
        tested.unwrap();
    }

    /// All connections.
    pub async fn connections(&self) -> Vec<Connection> {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        connections::list(&mut tx).await.unwrap()
    }

    /// The grant in use.
    pub async fn grant(&self, connection: &Connection) -> Grant {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        grants::current(&mut tx, &connection.id).await.unwrap().unwrap()
    }

    /// The request lines that reached the provider, without the protocol.
    pub fn requests(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let line = |request: &String| {
            let line = request.lines().next().unwrap_or_default();
            line.trim_end_matches(" HTTP/1.1").to_owned()
        };
        seen.iter().map(line).collect()
    }
}

async fn hub(port: u16, clock: &Arc<ManualClock>) -> Hub {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    Hub::new(
        Store::open("sqlite::memory:", vault).await.unwrap(),
        Arc::new(Catalog::builtin().unwrap()),
        Client::new(Route::Simulated { port }).unwrap(),
        Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
        Settings {
            mode: Mode::Demo,
            public_url: "http://localhost:3000".to_owned(),
            build: "test".to_owned(),
            offer_unproven: true,
            left_out: Vec::new(),
        },
    )
}

async fn ana(hub: &Hub) -> Viewer {
    let mut tx = hub.store.read(Scope::System).await.unwrap();
    let ana = people::by_email(&mut tx, "ana@acme.example")
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let signed_in = hub.sign_in_sample(ana.id.as_str(), None).await.unwrap();
    hub.viewer(&signed_in.token).await.unwrap().unwrap()
}

/// Listens on a free port; what nobody told about is not there.
async fn listen(answers: Arc<Mutex<Answers>>, seen: Arc<Mutex<Vec<String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read(&mut stream).await;
            let known = |told: &Answers| {
                told.iter()
                    .find(|(start, _)| request.starts_with(&format!("{start} ")))
                    .map(|(_, answer)| answer.clone())
            };
            let (status, body) = known(&answers.lock().unwrap()).unwrap_or((404, Value::Null));
            seen.lock().unwrap().push(request);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} Whatever\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut block = [0; 4096];
    while !is_whole(&String::from_utf8_lossy(&request)) {
        match stream.read(&mut block).await {
            Ok(read) if read > 0 => request.extend_from_slice(&block[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    body.len() >= length.unwrap_or(0)
}
