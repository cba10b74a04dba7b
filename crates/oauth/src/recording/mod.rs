//! Recordings: what went over the wire while an integration was proven with a real account, without anything that belongs
//! to anybody. What is known (`known`) is kept, everything else is replaced as it is heard (`scrub`): by structure, not by
//! a list of what to look for. Raw values are kept nowhere, not even in memory.

mod known;
mod scrub;

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use http::header::{AUTHORIZATION, CONTENT_TYPE, LINK, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use patchbay_catalog::Integration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use crate::http::{Exchange, Recorder, Route};
use known::Known;
use scrub::Scrubber;

/// The only form there is so far.
const VERSION: u32 = 1;
/// Schemes of an `Authorization` header that are kept.
const SCHEMES: [&str; 5] = ["Bearer", "Basic", "OAuth", "Token", "Bot"];

/// A recording, as its file holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The form of the file.
    pub version: u32,
    /// Of which integration.
    pub integration: String,
    /// Who answered.
    pub source: Source,
    /// When it was made, in milliseconds since 1970, by the day.
    pub day: i64,
    /// Of which build.
    pub build: String,
    /// What the catalogue said of the integration then ([`digest`]).
    pub digest: String,
    /// The calls, in order.
    pub calls: Vec<Call>,
}

/// Who answered the calls of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The real provider.
    Provider,
    /// Something that stood in for it, in a test: it shows nothing about the provider.
    StandIn,
}

/// One call and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The step of the proof in which it was made.
    pub step: String,
    /// HTTP method.
    pub method: String,
    /// Host.
    pub host: String,
    /// Path.
    pub path: String,
    /// Query.
    pub query: Vec<(String, String)>,
    /// Headers of the call.
    pub headers: Vec<(String, String)>,
    /// Body of the call.
    pub body: Body,
    /// Status of the answer.
    pub status: u16,
    /// Headers of the answer that the engine reads.
    pub answer_headers: Vec<(String, String)>,
    /// Body of the answer.
    pub answer: Body,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// None.
    Empty,
    /// JSON.
    Json(Value),
    /// A form.
    Form(Vec<(String, String)>),
    /// Anything else: only that there was something.
    Other,
}

/// A digest of what the catalogue says of an integration: a recording made with other facts proves nothing about these.
pub fn digest(integration: &Integration) -> String {
    Sha256::digest(format!("{integration:?}"))
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl Recording {
    /// Whether it shows that the catalogue's present facts worked with the real provider.
    pub fn counts_for(&self, integration: &Integration) -> bool {
        self.version == VERSION
            && self.source == Source::Provider
            && self.integration == integration.id
            && self.digest == digest(integration)
    }
}

/// Recordings of real accounts that were committed to this crate's `recordings/`: integration and text of each. A test
/// holds the list to the folder. There is none yet.
pub const COMMITTED: &[(&str, &str)] = &[];

/// Whether a committed recording of a real account still fits what the catalogue says of this integration.
pub fn replayed(integration: &Integration) -> bool {
    COMMITTED.iter().any(|(id, text)| {
        *id == integration.id
            && serde_json::from_str(text).is_ok_and(|found: Recording| found.counts_for(integration))
    })
}

/// Records the calls of one proof.
pub struct Tape {
    source: Source,
    integration: String,
    digest: String,
    day: i64,
    heard: Mutex<Heard>,
}

struct Heard {
    step: String,
    scrubber: Scrubber,
    calls: Vec<Call>,
}

impl Tape {
    /// An empty one. `salt` must be random and is kept nowhere else; `now` is in milliseconds since 1970.
    pub fn new(integration: &Integration, route: Route, salt: [u8; 32], now: i64) -> Self {
        Self {
            source: match route {
                Route::Direct => Source::Provider,
                Route::Simulated { .. } => Source::StandIn,
            },
            integration: integration.id.clone(),
            digest: digest(integration),
            day: now - now.rem_euclid(86_400_000),
            heard: Mutex::new(Heard {
                step: String::new(),
                scrubber: Scrubber::new(Known::of(integration), salt, now),
                calls: Vec::new(),
            }),
        }
    }

    /// The calls that follow belong to this step.
    pub fn step(&self, step: &str) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        step.clone_into(&mut heard.step);
    }

    /// What was recorded so far.
    pub fn recording(&self, build: &str) -> Recording {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        Recording {
            version: VERSION,
            integration: self.integration.clone(),
            source: self.source,
            day: self.day,
            build: build.to_owned(),
            digest: self.digest.clone(),
            calls: heard.calls.clone(),
        }
    }
}

impl Recorder for Tape {
    fn heard(&self, exchange: &Exchange<'_>) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let step = heard.step.clone();
        let call = heard.scrubber.call(step, exchange);
        heard.calls.push(call);
    }
}

impl Scrubber {
    /// A call without anything that is not known.
    fn call(&mut self, step: String, exchange: &Exchange<'_>) -> Call {
        let answer = exchange.answer;
        Call {
            step,
            method: exchange.method.to_string(),
            host: self.host(exchange.url),
            path: self.path(exchange.url),
            query: self.query(exchange.url),
            headers: self.headers(exchange.headers),
            body: self.body(exchange.headers, exchange.body),
            status: answer.status.as_u16(),
            answer_headers: self.answer_headers(&answer.headers),
            answer: self.body(&answer.headers, &answer.body),
        }
    }

    fn body(&mut self, headers: &HeaderMap, body: &[u8]) -> Body {
        if body.is_empty() {
            return Body::Empty;
        }
        // Some providers call JSON by another name, and some a form.
        if let Ok(json) = serde_json::from_slice::<Value>(body) {
            return Body::Json(self.json("", &json));
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let text = std::str::from_utf8(body).unwrap_or_default();
        if kind.is_some_and(|kind| kind.contains("form-urlencoded")) || is_form(text) {
            let pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
            return Body::Form(self.pairs(&pairs));
        }
        Body::Other
    }

    /// The headers of a call whose names are known.
    fn headers(&mut self, headers: &HeaderMap) -> Vec<(String, String)> {
        let mut kept = Vec::new();
        for (name, value) in headers {
            let value = value.to_str().unwrap_or_default();
            if name == CONTENT_TYPE {
                kept.push((name.to_string(), media_type(value)));
            } else if name == AUTHORIZATION {
                kept.push((name.to_string(), self.authorization(value)));
            } else if self.known().name(name.as_str()) {
                kept.push((name.to_string(), self.text(name.as_str(), value)));
            }
        }
        kept
    }

    /// The scheme is kept, what follows is not.
    fn authorization(&mut self, value: &str) -> String {
        match value.split_once(' ') {
            Some((scheme, rest)) if SCHEMES.contains(&scheme) => {
                format!("{scheme} {}", self.text("", rest))
            }
            _ => self.text("", value),
        }
    }

    fn answer_headers(&mut self, headers: &HeaderMap) -> Vec<(String, String)> {
        let get = |name: HeaderName| headers.get(name)?.to_str().ok();
        let mut kept = Vec::new();
        if let Some(kind) = get(CONTENT_TYPE) {
            kept.push((CONTENT_TYPE.to_string(), media_type(kind)));
        }
        if let Some(seconds) = get(RETRY_AFTER).filter(|text| text.parse::<u32>().is_ok()) {
            kept.push((RETRY_AFTER.to_string(), seconds.to_owned()));
        }
        if let Some(links) = get(LINK) {
            kept.push((LINK.to_string(), self.links(links)));
        }
        kept
    }

    /// RFC 8288: addresses are scrubbed, relations kept.
    fn links(&mut self, links: &str) -> String {
        let each: Vec<String> = links
            .split(',')
            .filter_map(|link| {
                let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
                let url = Url::parse(address).ok()?;
                let rel = ["next", "prev", "first", "last"]
                    .into_iter()
                    .find(|rel| rest.contains(&format!("rel=\"{rel}\"")))?;
                Some(format!("<{}>; rel=\"{rel}\"", self.url(&url)))
            })
            .collect();
        each.join(", ")
    }
}

/// The media type without parameters, where it is one of those that the engine knows.
fn media_type(value: &str) -> String {
    let media = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let plain = media
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'-' | b'.'));
    if plain && media.len() <= 64 {
        media
    } else {
        "other".to_owned()
    }
}

/// Whether a text is a form although nothing says so: OAuth 1.0a answers are.
fn is_form(text: &str) -> bool {
    text.starts_with("oauth_") && text.contains('=') && !text.contains(char::is_whitespace)
}
