//! Nothing leaves for an address of our own network, nothing follows a redirect, nothing outgrows its limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use patchbay_oauth::ProviderErrorKind;
use patchbay_oauth::http::resolve::Looking;
use patchbay_oauth::http::{Blocked, Client, Limits, Lookup, Request, Route, SendError};
use url::Url;

use crate::canary::{Canary, Reply};
use crate::world::{client, client_within, hasty};

/// A name server that answers what it is told.
struct Told(Vec<SocketAddr>);

impl Lookup for Told {
    fn lookup(&self, _host: &str) -> Looking {
        let addresses = self.0.clone();
        Box::pin(async move { Ok(addresses) })
    }
}

fn get(address: &str) -> Request {
    Request::new(Method::GET, Url::parse(address).unwrap())
}

#[tokio::test]
async fn s35_a_name_that_resolves_to_our_own_network_is_blocked_where_it_is_resolved() {
    // Given a listener on loopback that does take connections
    let canary = Canary::start(vec![Reply::json(200, "{}")]).await;
    client(&canary)
        .send(get("https://api.example.com/"))
        .await
        .unwrap();
    let before = canary.seen().len();
    assert_eq!(before, 1);

    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:10.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ] {
        // When an allowed host resolves to such an address, with the listener's port
        let target = format!("{address}:{}", canary.port).parse().unwrap();
        let direct = Client::with(Route::Direct, Arc::new(Told(vec![target])), hasty()).unwrap();
        let answer = direct.send(get("https://api.example.com/")).await;
        // Then the call is blocked
        assert_eq!(
            answer.unwrap_err(),
            SendError::Blocked(Blocked::Address),
            "{address}"
        );
    }
    // And no connection arrived
    assert_eq!(canary.seen().len(), before);
}

#[tokio::test]
async fn a_simulated_route_reaches_nothing_but_the_simulator() {
    let canary = Canary::start(vec![Reply::json(200, "{}")]).await;
    let client = client(&canary);
    for (address, why) in [
        ("http://api.example.com/", Blocked::NotHttps),
        ("https://127.0.0.1/", Blocked::IpNumber),
        ("https://localhost/", Blocked::Host),
        ("https://api.example.com:8443/", Blocked::Port),
    ] {
        let answer = client.send(get(address)).await;
        assert_eq!(answer.unwrap_err(), SendError::Blocked(why), "{address}");
    }
    assert!(canary.seen().is_empty());
}

#[tokio::test]
async fn a_call_says_who_we_are_and_asks_for_plain_bytes() {
    let canary = Canary::start(vec![Reply::json(200, "{}")]).await;
    client(&canary)
        .send(get("https://api.example.com/a?b=c"))
        .await
        .unwrap();
    let request = canary.only().to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
    assert!(request.contains("user-agent: patchbay/"), "{request}");
    assert!(
        request.contains(&format!(
            "host: api.example.com.sim.localhost:{}\r\n",
            canary.port
        )),
        "{request}"
    );
}

#[tokio::test]
async fn s36_a_redirect_is_an_answer_and_is_not_followed() {
    let other = Canary::start(vec![Reply::json(200, "{}")]).await;
    for target in [
        "http://169.254.169.254/latest/meta-data".to_owned(),
        format!("http://elsewhere.sim.localhost:{}/", other.port),
        "/same-host".to_owned(),
    ] {
        let canary = Canary::start(vec![Reply::with(302, &[("location", &target)], "")]).await;
        let answer = client(&canary)
            .send(get("https://api.example.com/"))
            .await
            .unwrap();
        assert_eq!(answer.status, 302);
        assert_eq!(canary.seen().len(), 1, "{target}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn s37_a_body_that_never_ends_is_cut_at_the_cap() {
    let canary = Canary::start(vec![Reply::Endless]).await;
    let answer = client(&canary).send(get("https://api.example.com/")).await;
    assert_eq!(answer.unwrap_err(), SendError::BodyTooLarge { cap: 1024 * 1024 });
}

#[tokio::test]
async fn s37_an_announced_size_beyond_the_cap_is_not_even_read() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n".to_vec();
    let canary = Canary::start(vec![Reply::Bytes(head)]).await;
    let answer = client(&canary)
        .send(get("https://api.example.com/").cap(1000))
        .await;
    assert_eq!(answer.unwrap_err(), SendError::BodyTooLarge { cap: 1000 });
}

#[tokio::test]
async fn s37_compressed_bytes_stay_compressed() {
    // Given an empty gzip member, which any decompressor would turn into nothing
    let mut bytes =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\nconnection: close\r\n\r\n"
            .to_vec();
    let gzip = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend_from_slice(&gzip);
    let canary = Canary::start(vec![Reply::Bytes(bytes)]).await;
    let answer = client(&canary)
        .send(get("https://api.example.com/"))
        .await
        .unwrap();
    assert_eq!(&answer.body[..], &gzip);
}

#[tokio::test]
async fn s37_the_deadline_covers_the_whole_call() {
    for reply in [
        Reply::Silence,
        // Half a body, and then the connection stays open without a word.
        Reply::Endless,
    ] {
        let canary = Canary::start(vec![reply]).await;
        let patient = Limits {
            cap: usize::MAX,
            ..hasty()
        };
        let began = Instant::now();
        let answer = client_within(&canary, patient)
            .send(get("https://api.example.com/"))
            .await;
        assert_eq!(answer.unwrap_err(), SendError::Timeout);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_cut_connection_may_have_done_its_work_and_a_closed_port_has_not() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access".to_vec();
    let canary = Canary::start(vec![Reply::Bytes(half)]).await;
    let cut = client(&canary)
        .send(get("https://api.example.com/"))
        .await
        .unwrap_err();
    assert_eq!(cut, SendError::Cut);
    assert!(cut.may_be_done());

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let closed = Client::new(Route::Simulated { port }).unwrap();
    let error = closed.send(get("https://api.example.com/")).await.unwrap_err();
    assert_eq!(error, SendError::Connect);
    assert!(!error.may_be_done());
    let kind = patchbay_oauth::ProviderError::from(error).kind;
    assert_eq!(kind, ProviderErrorKind::Unavailable);
}

#[tokio::test]
async fn no_secret_is_printed() {
    let canary = Canary::start(vec![Reply::json(200, "\"canary-9\"")]).await;
    let mut request = get("https://api.example.com/canary-1?token=canary-2").body("text/plain", "canary-3");
    request.header("x-a", "canary-4").unwrap();
    request
        .secret_header("authorization", &"canary-5".into())
        .unwrap();
    let before = format!("{request:?} {:?}", client(&canary));
    let answer = client(&canary).send(request).await.unwrap();
    let failed = Canary::start(vec![Reply::Silence]).await;
    let error = client_within(&failed, hasty())
        .send(get("https://api.example.com/canary-6?token=canary-7"))
        .await
        .unwrap_err();
    let printed = format!("{before} {answer:?} {error:?} {error}");
    assert!(!printed.contains("canary-"), "{printed}");
}
