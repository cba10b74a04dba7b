//! A raw HTTP client and a ready simulator.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use patchbay_simulator::{App, Simulator, SimulatorConfig};
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::{Url, form_urlencoded};

/// 2026-04-15T12:00:00Z.
pub const NOON: i64 = 1_776_254_400_000;
pub const SECRET: &str = "a-client-secret-that-is-not-short";
pub const BACK: &str = "http://localhost:3000/callback/test";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const KEY: &str = "SG.abcdefghijklmnop.abcdefghijklmnopqrstuvwxyzABCDEF";

/// The challenge that a verifier answers.
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// An answer, or what there was of it.
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// A parameter of the address it redirects to.
    pub fn sent(&self, name: &str) -> Option<String> {
        let url = Url::parse(self.headers.get("location")?).unwrap();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// A simulator with an app at Asana and GitHub, a key at SendGrid, and a clock that stands still.
pub struct Bench {
    pub simulator: Simulator,
    pub clock: Arc<AtomicI64>,
}

impl Bench {
    pub async fn start() -> Self {
        Self::with_state(None).await
    }

    pub async fn with_state(state_file: Option<PathBuf>) -> Self {
        let clock = Arc::new(AtomicI64::new(NOON));
        let simulator = Simulator::start(SimulatorConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            seed: 7,
            clock: {
                let clock = Arc::clone(&clock);
                Arc::new(move || clock.load(Ordering::SeqCst))
            },
            state_file,
        })
        .await
        .unwrap();
        for profile in ["asana", "github"] {
            simulator
                .register_app(&App {
                    profile: profile.to_owned(),
                    client_id: "patchbay".to_owned(),
                    client_secret: SecretString::from(SECRET),
                    redirect_uris: vec![BACK.to_owned(), "http://localhost:3000/other".to_owned()],
                })
                .unwrap();
        }
        simulator
            .register_key("sendgrid", &SecretString::from(KEY), &["mail.send", "stats.read"])
            .unwrap();
        Self { simulator, clock }
    }

    pub fn later(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// One request, written by hand; `None` when the connection closed without a whole answer head.
    pub async fn raw(
        &self,
        method: &str,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text.push_str(body);
        let mut stream = TcpStream::connect(("127.0.0.1", self.simulator.port()))
            .await
            .unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // A cut connection may end in an error; what came before counts.
        let _end = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Some(Answer {
            status,
            headers,
            body: body.to_owned(),
        })
    }

    /// One request to a provider's real host.
    pub async fn send(
        &self,
        method: &str,
        host: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let host = format!("{host}.sim.localhost:{}", self.simulator.port());
        let mut all = vec![("user-agent", "patchbay-tests"), ("accept", "application/json")];
        all.extend_from_slice(headers);
        self.raw(method, &host, target, &all, body).await.unwrap()
    }

    pub async fn get(&self, host: &str, target: &str, bearer: &str) -> Answer {
        self.send(
            "GET",
            host,
            target,
            &[("authorization", &format!("Bearer {bearer}"))],
            "",
        )
        .await
    }

    pub async fn form(&self, host: &str, target: &str, pairs: &[(&str, &str)]) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", host, target, &headers, &encode(pairs)).await
    }

    /// Approves as the consent page's form does, and returns the code.
    pub async fn code(&self, place: &Place, account: &str, scope: &str) -> String {
        let query = place.query(&[("scope", scope)]);
        let answer = self
            .form(
                place.host,
                &query,
                &[("account", account), ("decision", "approve")],
            )
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.sent("state").as_deref(), Some("a-state"));
        answer.sent("code").unwrap()
    }

    /// Redeems a code with some parameters set to other values; an empty value leaves one out.
    pub async fn redeem(&self, place: &Place, code: &str, other: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "patchbay"),
            ("client_secret", SECRET),
            ("redirect_uri", BACK),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        set(&mut pairs, other);
        self.form(place.host, place.token, &pairs).await
    }

    /// The whole way to an access token.
    pub async fn tokens(&self, place: &Place, account: &str, scope: &str) -> Value {
        let code = self.code(place, account, scope).await;
        let answer = self.redeem(place, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

/// The OAuth endpoints of a provider.
pub struct Place {
    pub host: &'static str,
    pub authorize: &'static str,
    pub token: &'static str,
}

pub const ASANA: Place = Place {
    host: "app.asana.com",
    authorize: "/-/oauth_authorize",
    token: "/-/oauth_token",
};
pub const GITHUB: Place = Place {
    host: "github.com",
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
};
pub const ASANA_SCOPES: &str = "users:read workspaces:read projects:read tasks:read";
pub const GITHUB_SCOPES: &str = "read:user user:email read:org repo";

impl Place {
    /// A correct authorization request, with some parameters set to other values.
    pub fn query(&self, other: &[(&str, &str)]) -> String {
        let challenge = challenge(VERIFIER);
        let mut pairs = vec![
            ("client_id", "patchbay"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            (
                "scope",
                if self.host == ASANA.host {
                    ASANA_SCOPES
                } else {
                    GITHUB_SCOPES
                },
            ),
            ("state", "a-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        set(&mut pairs, other);
        format!("{}?{}", self.authorize, encode(&pairs))
    }
}

fn set<'a>(pairs: &mut Vec<(&'a str, &'a str)>, other: &[(&'a str, &'a str)]) {
    for (name, value) in other {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
}

pub fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
