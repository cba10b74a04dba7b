//! From a request to an answer: find the provider, apply faults, ask the profile, write the log.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use futures::stream;

use super::{
    answer::Answer,
    authorize,
    call::Call,
    control,
    faults::FaultKind,
    history::http_date,
    hosts::{self, Place},
    log::{self, LogEntry},
    params::Params,
    tamper,
    wire::Cut,
    world::World,
};
use crate::profiles::Profile;

/// No provider takes more than this from us.
const BODY_LIMIT: usize = 1024 * 1024;
/// Size of the pieces of a huge body.
const PIECE: usize = 64 * 1024;

/// Answers every request to the listener.
pub async fn handle(
    State(world): State<Arc<World>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return plain(Answer::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request is too large.\n",
        ));
    };
    let named = host_header(&head.headers).unwrap_or_default().to_owned();
    let (host, path) = match hosts::place(&named, head.uri.path()) {
        Place::Provider { host, path } => (host, path),
        Place::Control { path } => ("control".to_owned(), path),
        Place::Nowhere => (String::new(), head.uri.path().to_owned()),
    };
    let call = Call {
        method: head.method,
        host,
        path,
        query: Params::parse(head.uri.query().unwrap_or_default()),
        headers: head.headers,
        body,
        now: world.now(),
    };
    if call.host == "control" {
        return plain(control::answer(&world, &call));
    }
    match world.profile_of_host(&call.host) {
        Some(profile) => provider(&world, profile, &call, &cut).await,
        None => nowhere(&world, &call, &named),
    }
}

/// The `Host` header, when there is exactly one (RFC 9112 section 3.2).
fn host_header(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::HOST).iter();
    match (values.next(), values.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

fn nowhere(world: &World, call: &Call, named: &str) -> Response {
    let answer = Answer::text(
        StatusCode::NOT_FOUND,
        "No such host here (simulated providers).\n",
    )
    .refused("no such host here");
    let host = if call.host.is_empty() { named } else { &call.host };
    let shown = Shown {
        host: log::shortened(host),
        path: log::shortened(&call.path),
        plain: &[],
    };
    record(world, call, shown, &answer, &[]);
    plain(answer)
}

async fn provider(world: &World, profile: &dyn Profile, call: &Call, cut: &Cut) -> Response {
    let faults = world.faults().take(&call.host, &call.path);
    let mut end = None;
    for fault in &faults {
        match fault {
            FaultKind::Hang(milliseconds) => hang(world, *milliseconds).await,
            other => end = Some(other),
        }
    }
    let answer = match end {
        None => process(world, profile, call),
        Some(fault) if fault.is_processed() => {
            tamper::before(world, profile, call, fault);
            tamper::after(process(world, profile, call), fault)
        }
        Some(fault) => faulty(fault, call.now),
    };
    let shown = Shown {
        host: call.host.clone(),
        path: log::shortened(&profile.shown_path(call)),
        plain: profile.plain_params(),
    };
    record(world, call, shown, &answer, &faults);
    match end {
        Some(FaultKind::DropBeforeAnswer) => {
            cut.cut();
            plain(answer)
        }
        Some(FaultKind::CutAfterProcessing) => half(answer, cut),
        Some(FaultKind::HugeBody(bytes)) => huge(*bytes),
        _ => plain(answer),
    }
}

fn process(world: &World, profile: &dyn Profile, call: &Call) -> Answer {
    match profile.oauth() {
        Some(rules) if profile.authorizes(call) => authorize::answer(world, profile, rules, call),
        _ => profile.answer(world, call),
    }
}

async fn hang(world: &World, milliseconds: u64) {
    let mut stopping = world.stopping.subscribe();
    tokio::select! {
        () = tokio::time::sleep(Duration::from_millis(milliseconds)) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

/// The answer of a fault that comes instead of the provider's.
fn faulty(fault: &FaultKind, now: i64) -> Answer {
    match fault {
        FaultKind::Status { code, body } => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Answer::text(status, body.clone().unwrap_or_default())
        }
        FaultKind::Html200 => Answer::html(
            StatusCode::OK,
            "<!doctype html><title>Maintenance</title><p>We will be back soon.</p>".to_owned(),
        ),
        FaultKind::RedirectTo(url) => Answer::empty(StatusCode::FOUND).with("location", url),
        FaultKind::RetryAfter(text) => limited(now).with("retry-after", text),
        FaultKind::RetryDateIn(seconds) => limited(now).with("retry-after", &http_date(later(now, *seconds))),
        FaultKind::ResetIn(seconds) => limited(now)
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", &(later(now, *seconds) / 1000).to_string()),
        // What the others send, if anything, is decided by the caller.
        _ => Answer::empty(StatusCode::OK),
    }
}

/// Status 429, dated by the provider's clock, which other dates in it are measured against.
fn limited(now: i64) -> Answer {
    Answer::text(StatusCode::TOO_MANY_REQUESTS, "Too many requests.\n").with("date", &http_date(now))
}

fn later(now: i64, seconds: u64) -> i64 {
    now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000))
}

fn plain(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    response
}

/// The first half of the answer, then the end of the connection.
fn half(answer: Answer, cut: &Cut) -> Response {
    let length = answer.body.len();
    if length < 2 {
        cut.cut();
        return plain(answer);
    }
    let first = answer.body.slice(..length / 2);
    let pieces = stream::unfold(Some(first), |piece| async {
        if let Some(piece) = piece {
            return Some((Ok(piece), None));
        }
        // Time for the first half to leave before the connection breaks.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)),
            None,
        ))
    });
    let mut response = plain(Answer {
        body: Bytes::new(),
        ..answer
    });
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *response.body_mut() = Body::from_stream(pieces);
    response
}

/// A JSON string of that many bytes.
fn huge(bytes: u64) -> Response {
    let pieces = stream::unfold(bytes, |left| async move {
        let piece = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
        let rest = left.saturating_sub(u64::try_from(piece).unwrap_or(left));
        (piece > 0).then(|| (Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; piece])), rest))
    });
    let quote = || stream::iter([Ok(Bytes::from_static(b"\""))]);
    let body = futures::StreamExt::chain(futures::StreamExt::chain(quote(), pieces), quote());
    let mut response = Response::new(Body::from_stream(body));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What the log may show of a request.
struct Shown {
    host: String,
    path: String,
    plain: &'static [&'static str],
}

fn record(world: &World, call: &Call, shown: Shown, answer: &Answer, faults: &[FaultKind]) {
    let entry = LogEntry {
        sequence: 0,
        at_ms: call.now,
        method: call.method.to_string(),
        host: shown.host,
        path: shown.path,
        status: answer.status.as_u16(),
        params: log::params(call, shown.plain),
        refused: answer.refused.clone(),
        faults: faults.iter().map(|fault| fault.name().to_owned()).collect(),
    };
    tracing::debug!(
        method = entry.method,
        host = entry.host,
        path = entry.path,
        status = entry.status,
        "simulated"
    );
    world.log().add(entry);
}
