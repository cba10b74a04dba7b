//! The authorization endpoint and its page.

use patchbay_simulator::ASKS_WHICH;

use crate::client::{ASANA, BACK, Bench, GITHUB, Place};

async fn ask(bench: &Bench, place: &Place, other: &[(&str, &str)]) -> crate::client::Answer {
    bench.send("GET", place.host, &place.query(other), &[], "").await
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_needs_no_scripts() {
    let bench = Bench::start().await;
    let page = ask(&bench, &ASANA, &[]).await;
    assert_eq!(page.status, 200);
    for words in [
        "<title>Approve access – Asana (simulated)</title>",
        "Patchbay wants to use your Asana account",
        "Simulated provider. No real account.",
        "ana@acme.example",
        "see the tasks that you can see",
        r#"value="approve""#,
        r#"value="deny""#,
        r#"<html lang="en">"#,
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("<script"));
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(
        policy.contains("form-action 'self' http://localhost:3000;"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
}

#[tokio::test]
async fn a_person_who_shall_choose_is_asked_and_nobody_is_chosen_for_them() {
    let bench = Bench::start().await;
    let usual = ask(&bench, &GITHUB, &[]).await;
    assert!(usual.body.contains(" checked>") && !usual.body.contains(ASKS_WHICH));
    let asked = ask(&bench, &GITHUB, &[("prompt", "select_account")]).await;
    assert!(!asked.body.contains(" checked>"), "{}", asked.body);
    assert!(asked.body.contains(ASKS_WHICH) && asked.body.contains(" required>"));
    // Another word is refused, and at a provider that documents none nothing is asked.
    let wrong = ask(&bench, &GITHUB, &[("prompt", "select_acount")]).await;
    assert_eq!(wrong.sent("error").as_deref(), Some("invalid_request"));
    let other = ask(&bench, &ASANA, &[("prompt", "select_account")]).await;
    assert!(!other.body.contains(ASKS_WHICH));
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_on_the_page() {
    let bench = Bench::start().await;
    let page = ask(&bench, &ASANA, &[("scope", "users:read")]).await;
    assert!(page.body.contains("users:read") && !page.body.contains("tasks:read"));
}

#[tokio::test]
async fn an_unknown_app_or_redirect_uri_never_redirects() {
    let bench = Bench::start().await;
    for place in [&ASANA, &GITHUB] {
        for other in [
            ("client_id", "someone-else"),
            ("client_id", ""),
            ("redirect_uri", "http://localhost:3000/callback/test/"),
            ("redirect_uri", "http://localhost:3001/callback/test"),
            ("redirect_uri", "https://evil.example/"),
            ("redirect_uri", ""),
        ] {
            let answer = ask(&bench, place, &[other]).await;
            assert_eq!(answer.status, 400, "{other:?}");
            assert!(!answer.headers.contains_key("location"), "{other:?}");
            assert!(answer.headers["content-security-policy"].contains("form-action 'none'"));
        }
    }
    assert!(bench.simulator.log().iter().all(|entry| entry.refused.is_some()));
}

#[tokio::test]
async fn other_mistakes_are_told_to_the_app() {
    let bench = Bench::start().await;
    let long = "x".repeat(43);
    for (place, other, error) in [
        (
            &ASANA,
            vec![("response_type", "token")],
            "unsupported_response_type",
        ),
        (&ASANA, vec![("response_type", "")], "invalid_request"),
        (
            &ASANA,
            vec![("scope", "tasks:read tasks:delete")],
            "forbidden_scopes",
        ),
        (&ASANA, vec![("scope", "")], "forbidden_scopes"),
        (
            &ASANA,
            vec![("code_challenge_method", "plain")],
            "invalid_request",
        ),
        (&ASANA, vec![("code_challenge_method", "")], "invalid_request"),
        (&ASANA, vec![("code_challenge", "")], "invalid_request"),
        (&ASANA, vec![("code_challenge", "tooshort")], "invalid_request"),
        (
            &GITHUB,
            vec![("response_type", "token")],
            "unsupported_response_type",
        ),
        (&GITHUB, vec![("scope", "repo read:everything")], "invalid_scope"),
        (
            &GITHUB,
            vec![
                ("code_challenge", long.as_str()),
                ("code_challenge_method", "plain"),
            ],
            "invalid_request",
        ),
    ] {
        let answer = ask(&bench, place, &other).await;
        assert_eq!(answer.status, 302, "{other:?}");
        assert!(answer.headers["location"].starts_with(BACK));
        assert_eq!(answer.sent("error").as_deref(), Some(error), "{other:?}");
        assert_eq!(answer.sent("state").as_deref(), Some("a-state"));
        assert_eq!(answer.sent("code"), None);
    }
}

#[tokio::test]
async fn github_needs_no_response_type() {
    let bench = Bench::start().await;
    assert_eq!(ask(&bench, &GITHUB, &[("response_type", "")]).await.status, 200);
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused() {
    let bench = Bench::start().await;
    let target = format!("{}&state=another", ASANA.query(&[]));
    let answer = bench.send("GET", ASANA.host, &target, &[], "").await;
    assert_eq!(answer.status, 400);
    assert!(!answer.headers.contains_key("location"));
}

#[tokio::test]
async fn deny_tells_the_app_in_the_providers_words() {
    let bench = Bench::start().await;
    for place in [&ASANA, &GITHUB] {
        let answer = bench
            .form(place.host, &place.query(&[]), &[("decision", "deny")])
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.sent("error").as_deref(), Some("access_denied"));
        assert_eq!(answer.sent("state").as_deref(), Some("a-state"));
        assert_eq!(
            answer.sent("error_description").is_some(),
            place.host == GITHUB.host
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_not_the_form_approves_nothing() {
    let bench = Bench::start().await;
    let query = ASANA.query(&[]);
    let approve = [("account", "ana@acme.example"), ("decision", "approve")];
    for pairs in [
        &approve[1..],
        &approve[..1],
        &[("account", "nobody"), ("decision", "approve")],
        &[],
    ] {
        let answer = bench.form(ASANA.host, &query, pairs).await;
        assert_eq!(answer.status, 400, "{pairs:?}");
    }
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    let body = crate::client::encode(&approve);
    assert_eq!(
        bench
            .send("POST", ASANA.host, &query, &headers, &body)
            .await
            .status,
        400
    );
    let unregistered = ASANA.query(&[("redirect_uri", "https://evil.example/")]);
    assert_eq!(bench.form(ASANA.host, &unregistered, &approve).await.status, 400);
    // The same answer from the page itself is accepted.
    assert_eq!(bench.form(ASANA.host, &query, &approve).await.status, 303);
}
