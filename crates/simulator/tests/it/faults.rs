//! Faults, each as a client meets it.

use std::time::Instant;

use patchbay_simulator::{Fault, FaultKind};

use crate::client::{ASANA, ASANA_SCOPES, Bench, KEY};

const HOST: &str = "api.sendgrid.com";
const PATH: &str = "/v3/scopes";

fn fault(bench: &Bench, host: &str, path_prefix: &str, kind: FaultKind) {
    bench.simulator.set_fault(Fault {
        host: host.to_owned(),
        path_prefix: path_prefix.to_owned(),
        times: 1,
        kind,
    });
}

/// A request that may end without an answer.
async fn scopes(bench: &Bench) -> Option<crate::client::Answer> {
    let bearer = format!("Bearer {KEY}");
    let headers = [("authorization", bearer.as_str()), ("accept", "*/*")];
    bench
        .raw("GET", &format!("{HOST}.sim.localhost"), PATH, &headers, "")
        .await
}

#[tokio::test]
async fn answers_that_come_instead() {
    let bench = Bench::start().await;
    for (kind, status, body) in [
        (
            FaultKind::Status {
                code: 503,
                body: Some("later".to_owned()),
            },
            503,
            "later",
        ),
        (
            FaultKind::Status {
                code: 500,
                body: None,
            },
            500,
            "",
        ),
        (FaultKind::Html200, 200, "<!doctype html>"),
        (
            FaultKind::RedirectTo("http://169.254.169.254/".to_owned()),
            302,
            "",
        ),
        (FaultKind::RetryAfter("120".to_owned()), 429, "Too many"),
    ] {
        fault(&bench, HOST, "/v3", kind.clone());
        let answer = scopes(&bench).await.unwrap();
        assert_eq!(answer.status, status, "{kind:?}");
        assert!(answer.body.starts_with(body), "{kind:?}");
        match kind {
            FaultKind::RedirectTo(url) => assert_eq!(answer.headers["location"], url),
            FaultKind::RetryAfter(text) => assert_eq!(answer.headers["retry-after"], text),
            _ => {}
        }
        // Once asked for, once done.
        assert_eq!(scopes(&bench).await.unwrap().json()["scopes"][0], "mail.send");
    }
}

#[tokio::test]
async fn a_dropped_connection_sends_nothing_and_processes_nothing() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    fault(&bench, ASANA.host, ASANA.token, FaultKind::DropBeforeAnswer);
    let host = format!("{}.sim.localhost", ASANA.host);
    let dropped = bench.raw("POST", &host, ASANA.token, &[], "").await;
    assert!(dropped.is_none());
    assert_eq!(
        bench.simulator.log().last().unwrap().faults,
        ["drop_before_answer"]
    );
    assert_eq!(bench.redeem(&ASANA, &code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_cut_answer_was_processed() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    fault(&bench, ASANA.host, ASANA.token, FaultKind::CutAfterProcessing);
    let cut = bench.redeem(&ASANA, &code, &[]).await;
    let announced: usize = cut.headers["content-length"].parse().unwrap();
    assert!(
        !cut.body.is_empty() && cut.body.len() < announced,
        "{} of {announced}",
        cut.body.len()
    );
    // The code is used up: the client can't know, and finds out.
    assert_eq!(
        bench.redeem(&ASANA, &code, &[]).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_huge_body_is_huge() {
    let bench = Bench::start().await;
    fault(&bench, HOST, PATH, FaultKind::HugeBody(3_000_000));
    assert!(scopes(&bench).await.unwrap().body.len() > 3_000_000);
}

#[tokio::test]
async fn a_delay_delays_and_lets_others_through() {
    let bench = Bench::start().await;
    fault(&bench, HOST, PATH, FaultKind::Hang(120));
    fault(
        &bench,
        HOST,
        PATH,
        FaultKind::Status {
            code: 502,
            body: None,
        },
    );
    let start = Instant::now();
    assert_eq!(scopes(&bench).await.unwrap().status, 502);
    assert!(start.elapsed().as_millis() >= 120);
    assert_eq!(scopes(&bench).await.unwrap().status, 200);
}

#[tokio::test]
async fn faults_can_be_taken_back_and_a_hang_does_not_hold_up_a_stop() {
    let bench = Bench::start().await;
    fault(&bench, HOST, PATH, FaultKind::Html200);
    bench.simulator.clear_faults();
    assert_eq!(scopes(&bench).await.unwrap().json()["scopes"][0], "mail.send");
    fault(&bench, HOST, PATH, FaultKind::Hang(60_000));
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", bench.simulator.port()))
        .await
        .unwrap();
    let text = format!("GET {PATH} HTTP/1.1\r\nhost: {HOST}.sim.localhost\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let start = Instant::now();
    bench.simulator.stop().await.unwrap();
    assert!(start.elapsed().as_secs() < 3);
}
