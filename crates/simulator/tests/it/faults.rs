//! Faults, each as a client meets it.

use std::time::Instant;

use patchbay_simulator::{Fault, FaultKind};

use serde_json::json;

use crate::{
    client::{ASANA, ASANA_SCOPES, Answer, BACK, Bench, KEY, SECRET, VERIFIER, encode},
    dialects::{self, jira::JIRA, trello},
};

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
async fn scopes(bench: &Bench) -> Option<Answer> {
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

/// One provider of each kind, by how access is made there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// OAuth 2.0 with a form: Asana.
    Form,
    /// OAuth 2.0 with JSON: Jira.
    Json,
    /// OAuth 1.0a: Trello.
    Signed,
    /// A key: SendGrid, where the call that tests it stands for the one that makes access.
    Key,
}

const KINDS: [Kind; 4] = [Kind::Form, Kind::Json, Kind::Signed, Kind::Key];

/// A request that makes access of an approval. Sent again it is refused, except that of a key.
struct Ready {
    method: &'static str,
    host: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Ready {
    async fn of(bench: &Bench, kind: Kind, nonce: &str) -> Self {
        let ready = |method, host, path, headers, body| Self {
            method,
            host,
            path,
            headers,
            body,
        };
        match kind {
            Kind::Form => {
                let code = bench.code(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
                let pairs = [
                    ("grant_type", "authorization_code"),
                    ("client_id", "patchbay"),
                    ("client_secret", SECRET),
                    ("redirect_uri", BACK),
                    ("code", &code),
                    ("code_verifier", VERIFIER),
                ];
                let media = ("content-type", "application/x-www-form-urlencoded".to_owned());
                ready("POST", ASANA.host, ASANA.token, vec![media], encode(&pairs))
            }
            Kind::Json => {
                let body = json!({
                    "grant_type": "authorization_code", "client_id": "patchbay", "client_secret": SECRET,
                    "redirect_uri": BACK, "code": JIRA.code(bench, "ana@acme.example").await,
                });
                let media = ("content-type", "application/json".to_owned());
                ready("POST", JIRA.host, "/oauth/token", vec![media], body.to_string())
            }
            Kind::Signed => {
                let (token, secret, verifier) = trello::approved(bench, nonce, trello::ASKED).await;
                let header =
                    trello::Call::access(&format!("{nonce}-access"), &token, &secret, &verifier).header();
                let signed = vec![("authorization", header)];
                ready("POST", trello::WEB, trello::ACCESS, signed, String::new())
            }
            Kind::Key => {
                let bearer = vec![("authorization", format!("Bearer {KEY}"))];
                ready("GET", HOST, PATH, bearer, String::new())
            }
        }
    }

    /// Sends it; none where the connection closed without an answer.
    async fn send(&self, bench: &Bench) -> Option<Answer> {
        let mut headers = vec![("user-agent", "patchbay-tests"), ("accept", "application/json")];
        headers.extend(self.headers.iter().map(|(name, value)| (*name, value.as_str())));
        let host = format!("{}.sim.localhost", self.host);
        bench
            .raw(self.method, &host, self.path, &headers, &self.body)
            .await
    }

    /// Sends it with a fault.
    async fn hit(&self, bench: &Bench, kind: FaultKind) -> Option<Answer> {
        fault(bench, self.host, self.path, kind);
        self.send(bench).await
    }

    /// Whether an answer hands over access, or says what a key may do.
    fn is_good(answer: &Answer) -> bool {
        let named = ["access_token", "oauth_token_secret", "scopes"];
        answer.status == 200 && named.iter().any(|name| answer.body.contains(name))
    }
}

async fn all() -> Bench {
    dialects::bench().await
}

/// Faults that come instead: what the client gets, and that nothing was processed, because the same request then works.
#[tokio::test]
async fn whatever_comes_instead_leaves_the_request_undone_at_every_kind() {
    let bench = all().await;
    let far = "http://169.254.169.254/latest/".to_owned();
    for (at, kind) in KINDS.into_iter().enumerate() {
        for (place, (fault, status, header)) in [
            (
                FaultKind::Status {
                    code: 500,
                    body: None,
                },
                500,
                ("content-type", "text/plain; charset=utf-8"),
            ),
            (
                FaultKind::Html200,
                200,
                ("content-type", "text/html; charset=utf-8"),
            ),
            (
                FaultKind::RedirectTo(far.clone()),
                302,
                ("location", far.as_str()),
            ),
            (FaultKind::RetryAfter("90".to_owned()), 429, ("retry-after", "90")),
            (
                FaultKind::RetryDateIn(90),
                429,
                ("retry-after", "Wed, 15 Apr 2026 12:01:30 GMT"),
            ),
            (FaultKind::ResetIn(90), 429, ("x-ratelimit-reset", "1776254490")),
            (
                FaultKind::HugeBody(300_000),
                200,
                ("content-type", "application/json"),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let ready = Ready::of(&bench, kind, &format!("instead-{at}-{place}")).await;
            let answer = ready.hit(&bench, fault.clone()).await.unwrap();
            assert_eq!(answer.status, status, "{kind:?} {fault:?}");
            assert_eq!(answer.headers[header.0], header.1, "{kind:?} {fault:?}");
            match fault {
                FaultKind::HugeBody(_) => assert!(answer.body.len() > 300_000, "{kind:?}"),
                FaultKind::ResetIn(_) => assert_eq!(answer.headers["x-ratelimit-remaining"], "0"),
                FaultKind::RetryDateIn(_) => {
                    assert_eq!(answer.headers["date"], "Wed, 15 Apr 2026 12:00:00 GMT");
                }
                _ => {}
            }
            assert!(!Ready::is_good(&answer), "{kind:?} {fault:?}");
            let again = ready.send(&bench).await.unwrap();
            assert!(Ready::is_good(&again), "{kind:?} {fault:?}: {}", again.body);
        }
        let ready = Ready::of(&bench, kind, &format!("dropped-{at}")).await;
        assert!(ready.hit(&bench, FaultKind::DropBeforeAnswer).await.is_none());
        assert!(Ready::is_good(&ready.send(&bench).await.unwrap()), "{kind:?}");
        let slow = Ready::of(&bench, kind, &format!("slow-{at}")).await;
        let start = Instant::now();
        assert!(Ready::is_good(
            &slow.hit(&bench, FaultKind::Hang(60)).await.unwrap()
        ));
        assert!(start.elapsed().as_millis() >= 60, "{kind:?}");
    }
}

/// Faults on the way back: what was asked for was done.
#[tokio::test]
async fn whatever_spoils_an_answer_comes_after_the_work_at_every_kind() {
    let bench = all().await;
    for (at, kind) in KINDS.into_iter().enumerate() {
        let whole = Ready::of(&bench, kind, &format!("whole-{at}")).await;
        let whole = whole.send(&bench).await.unwrap().body.len();
        for (place, fault) in [FaultKind::CutAfterProcessing, FaultKind::HalfBody]
            .into_iter()
            .enumerate()
        {
            let ready = Ready::of(&bench, kind, &format!("spoilt-{at}-{place}")).await;
            let answer = ready.hit(&bench, fault.clone()).await.unwrap();
            let announced: usize = answer.headers["content-length"].parse().unwrap();
            assert_eq!(answer.status, 200);
            if fault == FaultKind::HalfBody {
                assert_eq!(announced, answer.body.len(), "{kind:?}: as if it were all");
                assert!(
                    (whole / 2).abs_diff(announced) <= 2,
                    "{kind:?}: {announced} of {whole}"
                );
            } else {
                assert!(answer.body.len() < announced, "{kind:?}");
            }
            let again = ready.send(&bench).await.unwrap();
            assert_eq!(
                Ready::is_good(&again),
                kind == Kind::Key,
                "{kind:?} {fault:?}: {}",
                again.body
            );
        }
        let ready = Ready::of(&bench, kind, &format!("media-{at}")).await;
        let answer = ready
            .hit(&bench, FaultKind::ContentType("image/png".to_owned()))
            .await
            .unwrap();
        assert_eq!(answer.headers["content-type"], "image/png");
        assert!(Ready::is_good(&answer), "{kind:?}: only its name is wrong");
    }
}

/// Whose access it is and how far it goes, by asking.
async fn seen(bench: &Bench, kind: Kind, answer: &Answer) -> String {
    match kind {
        Kind::Form => {
            let token = answer.json()["access_token"].as_str().unwrap().to_owned();
            let me = bench.get(ASANA.host, "/api/1.0/users/me", &token).await;
            let tasks = bench.get(ASANA.host, "/api/1.0/tasks?project=1", &token).await;
            let may = !tasks.body.contains("needs the scope tasks:read");
            format!("{} tasks:{may}", me.json()["data"]["email"].as_str().unwrap())
        }
        Kind::Json => {
            let token = answer.json()["access_token"].as_str().unwrap().to_owned();
            let sites = bench
                .get("api.atlassian.com", "/oauth/token/accessible-resources", &token)
                .await;
            let sites = sites.json();
            format!(
                "{} sites, {}",
                sites.as_array().unwrap().len(),
                sites[0]["scopes"]
            )
        }
        Kind::Signed => {
            let token = trello::field(answer, "oauth_token");
            let (status, me) = trello::me(bench, &token).await;
            assert_eq!(status, 200, "{me}");
            let me: serde_json::Value = serde_json::from_str(&me).unwrap();
            format!("{} {}", me["username"], me["email"])
        }
        Kind::Key => answer.json()["scopes"].to_string(),
    }
}

#[tokio::test]
async fn access_can_become_less_or_anothers_at_every_kind() {
    let bench = all().await;
    for (at, (kind, usual, less, other)) in [
        (
            Kind::Form,
            "ana@acme.example tasks:true",
            "ana@acme.example tasks:false",
            "ops@acme.example tasks:true",
        ),
        (
            Kind::Json,
            r#"1 sites, ["read:jira-work","read:jira-user"]"#,
            r#"1 sites, ["read:jira-work"]"#,
            r#"2 sites, ["read:jira-work","read:jira-user"]"#,
        ),
        (
            Kind::Signed,
            r#""anaruiz" "anaruiz@example.com""#,
            r#""anaruiz" null"#,
            r#""acmeoperations" "acmeoperations@example.com""#,
        ),
        // A key is one account's, and stands for no other; this goes last, because its rights stay away.
        (
            Kind::Key,
            r#"["mail.send","stats.read"]"#,
            r#"["mail.send"]"#,
            r#"["mail.send"]"#,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let plain = Ready::of(&bench, kind, &format!("usual-{at}")).await;
        let answer = plain.send(&bench).await.unwrap();
        assert_eq!(seen(&bench, kind, &answer).await, usual);
        for (fault, wanted) in [(FaultKind::FewerScopes, less), (FaultKind::OtherAccount, other)] {
            let ready = Ready::of(&bench, kind, &format!("{}-{at}", fault.name())).await;
            let answer = ready.hit(&bench, fault.clone()).await.unwrap();
            assert_eq!(seen(&bench, kind, &answer).await, wanted, "{kind:?} {fault:?}");
        }
    }
}

/// In an API call too: the token of an account becomes the next one's.
#[tokio::test]
async fn a_token_can_become_another_accounts() {
    let bench = all().await;
    let tokens = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    let token = tokens["access_token"].as_str().unwrap();
    fault(&bench, ASANA.host, "/api/1.0/users/me", FaultKind::OtherAccount);
    for _ in 0..2 {
        let me = bench.get(ASANA.host, "/api/1.0/users/me", token).await;
        assert_eq!(me.json()["data"]["email"], "ops@acme.example", "from then on");
    }
}

/// The old refresh token is spent and no new one comes; where nothing rotates, the answer is as it would be for a code.
#[tokio::test]
async fn a_rotation_can_hand_over_nothing() {
    let bench = all().await;
    let exchange = Ready::of(&bench, Kind::Json, "n").await;
    let tokens = exchange.send(&bench).await.unwrap().json();
    let refresh = json!({
        "grant_type": "refresh_token", "client_id": "patchbay", "client_secret": SECRET,
        "refresh_token": tokens["refresh_token"],
    });
    let refresh = Ready {
        body: refresh.to_string(),
        ..exchange
    };
    let renewed = refresh
        .hit(&bench, FaultKind::NoNewRefreshToken)
        .await
        .unwrap()
        .json();
    assert!(renewed["access_token"].is_string() && renewed.get("refresh_token").is_none());
    let again = refresh.send(&bench).await.unwrap();
    assert_eq!(
        (again.status, again.json()["error"].as_str()),
        (403, Some("invalid_grant"))
    );
    for kind in KINDS {
        let ready = Ready::of(&bench, kind, &format!("none-{kind:?}")).await;
        let answer = ready.hit(&bench, FaultKind::NoNewRefreshToken).await.unwrap();
        assert!(
            Ready::is_good(&answer) && !answer.body.contains("refresh_token"),
            "{kind:?}"
        );
    }
}

/// Every kind can be set from outside the process too.
#[tokio::test]
async fn every_fault_can_be_set_at_the_control_host() {
    let bench = Bench::start().await;
    for kind in [
        json!({"status": {"code": 500}}),
        json!("html200"),
        json!({"hang": 1}),
        json!("drop_before_answer"),
        json!("cut_after_processing"),
        json!("half_body"),
        json!({"huge_body": 9}),
        json!({"content_type": "image/png"}),
        json!({"redirect_to": "http://10.0.0.1/"}),
        json!({"retry_after": "7"}),
        json!({"retry_date_in": 7}),
        json!({"reset_in": 7}),
        json!("fewer_scopes"),
        json!("other_account"),
        json!("no_new_refresh_token"),
    ] {
        let name = match &kind {
            serde_json::Value::String(name) => name.clone(),
            fields => fields.as_object().unwrap().keys().next().unwrap().clone(),
        };
        let fault = json!({"host": HOST, "path_prefix": PATH, "times": 1, "kind": kind}).to_string();
        let json = [("content-type", "application/json")];
        let set = bench.send("POST", "control", "/faults", &json, &fault).await;
        assert_eq!(set.status, 204, "{fault}: {}", set.body);
        scopes(&bench).await;
        assert_eq!(bench.simulator.log().last().unwrap().faults, [name]);
    }
}
