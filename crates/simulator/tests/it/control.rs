//! The control host and the request log.

use serde_json::json;

use crate::client::{ASANA, ASANA_SCOPES, Answer, Bench, GITHUB, GITHUB_SCOPES, KEY, SECRET, VERIFIER};

async fn control(bench: &Bench, method: &str, path: &str, body: &str) -> Answer {
    bench
        .send(
            method,
            "control",
            path,
            &[("content-type", "application/json")],
            body,
        )
        .await
}

#[tokio::test]
async fn faults_are_set_and_taken_back() {
    let bench = Bench::start().await;
    let fault = json!({"host": "api.sendgrid.com", "path_prefix": "/v3", "times": 2, "kind": {"status": {"code": 500}}});
    assert_eq!(
        control(&bench, "POST", "/faults", &fault.to_string())
            .await
            .status,
        204
    );
    assert_eq!(bench.get("api.sendgrid.com", "/v3/scopes", KEY).await.status, 500);
    assert_eq!(control(&bench, "DELETE", "/faults", "").await.status, 204);
    assert_eq!(bench.get("api.sendgrid.com", "/v3/scopes", KEY).await.status, 200);
    for kind in [
        json!("html200"),
        json!({"hang": 5}),
        json!("drop_before_answer"),
        json!("cut_after_processing"),
        json!({"huge_body": 9}),
        json!({"redirect_to": "https://x.example"}),
        json!({"retry_after": "7"}),
    ] {
        let fault = json!({"host": "x.example", "path_prefix": "/", "times": 1, "kind": kind});
        assert_eq!(
            control(&bench, "POST", "/faults", &fault.to_string())
                .await
                .status,
            204,
            "{kind}"
        );
    }
    assert_eq!(
        control(&bench, "POST", "/faults", r#"{"kind":"fire"}"#)
            .await
            .status,
        400
    );
    assert_eq!(
        bench
            .send("POST", "control", "/faults", &[], &fault.to_string())
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_person_can_withdraw_access_at_the_provider() {
    let bench = Bench::start().await;
    let token = bench.tokens(&GITHUB, "ana-ruiz-acme", GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let whose = json!({"profile": "github", "account": "ana-ruiz-acme"}).to_string();
    assert_eq!(
        control(&bench, "POST", "/revoke-grant", &whose).await.json(),
        json!({"revoked": 1})
    );
    assert_eq!(bench.get("api.github.com", "/user", &token).await.status, 401);
    assert_eq!(
        control(
            &bench,
            "POST",
            "/revoke-grant",
            r#"{"profile":"github","account":"x"}"#
        )
        .await
        .status,
        404
    );
}

#[tokio::test]
async fn access_can_be_made_to_expire() {
    let bench = Bench::start().await;
    let token = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let whose = json!({"profile": "asana", "account": "ana@acme.example"}).to_string();
    assert_eq!(
        control(&bench, "POST", "/expire-access", &whose).await.json(),
        json!({"expired": 1})
    );
    assert!(
        bench
            .get(ASANA.host, "/api/1.0/users/me", &token)
            .await
            .body
            .contains("expired")
    );
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let bench = Bench::start().await;
    let answer = bench
        .send("GET", "control", "/log", &[("sec-fetch-site", "cross-site")], "")
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn the_log_tells_everything_but_secrets() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    let tokens = bench.redeem(&ASANA, &code, &[]).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    bench.get(ASANA.host, "/api/1.0/users/me", access).await;
    bench
        .form(
            ASANA.host,
            "/-/oauth_revoke",
            &[
                ("client_id", "patchbay"),
                ("client_secret", SECRET),
                ("token", refresh),
            ],
        )
        .await;
    bench.get("api.sendgrid.com", "/v3/scopes", KEY).await;
    bench
        .send(
            "DELETE",
            "api.github.com",
            "/applications/patchbay/token",
            &[("content-type", "application/json")],
            &json!({"access_token": access}).to_string(),
        )
        .await;

    let log = control(&bench, "GET", "/log", "").await;
    for secret in [code.as_str(), access, refresh, SECRET, KEY, VERIFIER, "a-state"] {
        assert!(!log.body.contains(secret), "{secret}");
    }
    let entries = bench.simulator.log();
    assert_eq!(log.json().as_array().unwrap().len(), entries.len());
    assert_eq!(
        entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    let exchange = &entries[1];
    assert_eq!(
        (
            exchange.method.as_str(),
            exchange.host.as_str(),
            exchange.path.as_str(),
            exchange.status
        ),
        ("POST", ASANA.host, ASANA.token, 200)
    );
    assert_eq!(exchange.value("grant_type"), Some("authorization_code"));
    assert_eq!(exchange.value("client_secret"), None);
    // The same verifier shows the same hash, so a test can compare without knowing.
    let hashed = exchange.param("code_verifier").unwrap().sha256.clone().unwrap();
    assert_eq!(hashed.len(), 16);
    assert!(exchange.refused.is_none() && entries[5].refused.is_some());

    assert_eq!(control(&bench, "DELETE", "/log", "").await.status, 204);
    assert!(bench.simulator.log().is_empty());
}
