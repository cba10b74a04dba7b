//! Asana's token and deauthorization endpoints.

use serde_json::Value;

use crate::client::{ASANA, ASANA_SCOPES, Bench, GITHUB, SECRET};

const ANA: &str = "1200000000000101";

async fn me(bench: &Bench, token: &Value) -> u16 {
    bench
        .get(ASANA.host, "/api/1.0/users/me", token.as_str().unwrap())
        .await
        .status
}

async fn refresh(bench: &Bench, token: &Value, other: &[(&str, &str)]) -> crate::client::Answer {
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("refresh_token", token.as_str().unwrap()),
    ];
    for (name, value) in other {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    bench.form(ASANA.host, ASANA.token, &pairs).await
}

async fn revoke(bench: &Bench, token: &str) -> crate::client::Answer {
    let pairs = [
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("token", token),
    ];
    bench.form(ASANA.host, "/-/oauth_revoke", &pairs).await
}

#[tokio::test]
async fn a_code_becomes_tokens_that_work() {
    let bench = Bench::start().await;
    let tokens = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["data"]["gid"], ANA);
    assert_eq!(tokens["data"]["email"], "ana@acme.example");
    let user = bench
        .get(
            ASANA.host,
            "/api/1.0/users/me",
            tokens["access_token"].as_str().unwrap(),
        )
        .await
        .json();
    assert_eq!(user["data"]["gid"], ANA);
    assert_eq!(user["data"]["email"], "ana@acme.example");
}

#[tokio::test]
async fn each_wrong_exchange_is_refused_and_the_right_one_still_works() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    let wrong_verifier = "x".repeat(43);
    for (other, status, error) in [
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("client_secret", ""), 401, "invalid_client"),
        (("client_id", "someone-else"), 401, "invalid_client"),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            400,
            "invalid_grant",
        ),
        (("redirect_uri", ""), 400, "invalid_grant"),
        (("code_verifier", wrong_verifier.as_str()), 400, "invalid_grant"),
        (("code_verifier", ""), 400, "invalid_grant"),
        (("code", "never-given-out"), 400, "invalid_grant"),
        (("code", ""), 400, "invalid_request"),
        (("grant_type", "password"), 400, "unsupported_grant_type"),
        (("grant_type", ""), 400, "invalid_request"),
    ] {
        let answer = bench.redeem(&ASANA, &code, &[other]).await;
        assert_eq!(answer.status, status, "{other:?}");
        assert_eq!(answer.json()["error"], error, "{other:?}");
    }
    assert_eq!(bench.redeem(&ASANA, &code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let bench = Bench::start().await;
    let query = ASANA.query(&[("code_challenge", ""), ("code_challenge_method", "")]);
    let approve = [("account", ANA), ("decision", "approve")];
    let code = bench
        .form(ASANA.host, &query, &approve)
        .await
        .sent("code")
        .unwrap();
    assert_eq!(
        bench.redeem(&ASANA, &code, &[]).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(
        bench.redeem(&ASANA, &code, &[("code_verifier", "")]).await.status,
        200
    );
}

#[tokio::test]
async fn a_second_use_of_a_code_is_refused_and_ends_the_first_ones_tokens() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    let tokens = bench.redeem(&ASANA, &code, &[]).await.json();
    assert_eq!(me(&bench, &tokens["access_token"]).await, 200);
    assert_eq!(
        bench.redeem(&ASANA, &code, &[]).await.json()["error"],
        "invalid_grant"
    );
    assert_eq!(me(&bench, &tokens["access_token"]).await, 401);
    assert_eq!(
        refresh(&bench, &tokens["refresh_token"], &[]).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn of_fifty_parallel_uses_of_a_code_at_most_one_succeeds() {
    let bench = std::sync::Arc::new(Bench::start().await);
    let code = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    let uses = (0..50).map(|_| {
        let (bench, code) = (std::sync::Arc::clone(&bench), code.clone());
        tokio::spawn(async move { bench.redeem(&ASANA, &code, &[]).await.status })
    });
    let mut succeeded = 0;
    for used in uses.collect::<Vec<_>>() {
        succeeded += usize::from(used.await.unwrap() == 200);
    }
    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes() {
    let bench = Bench::start().await;
    let early = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    let late = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    bench.later(599_999);
    assert_eq!(bench.redeem(&ASANA, &early, &[]).await.status, 200);
    bench.later(1);
    assert_eq!(
        bench.redeem(&ASANA, &late, &[]).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_code_works_at_its_own_provider_only() {
    let bench = Bench::start().await;
    let code = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    assert_eq!(
        bench.redeem(&GITHUB, &code, &[]).await.json()["error"],
        "bad_verification_code"
    );
    assert_eq!(bench.redeem(&ASANA, &code, &[]).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_takes_a_form_post_without_other_credentials() {
    let bench = Bench::start().await;
    let body = crate::client::encode(&[
        ("grant_type", "refresh_token"),
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("refresh_token", "x"),
    ]);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let basic = ("authorization", "Basic cGF0Y2hiYXk6eA==");
    assert_eq!(
        bench
            .send("GET", ASANA.host, ASANA.token, &[form], &body)
            .await
            .status,
        405
    );
    for (target, headers, error) in [
        (ASANA.token, vec![json], "invalid_request"),
        ("/-/oauth_token?client_id=patchbay", vec![form], "invalid_request"),
        (ASANA.token, vec![form, basic], "invalid_client"),
    ] {
        let answer = bench.send("POST", ASANA.host, target, &headers, &body).await;
        assert_eq!(answer.json()["error"], error, "{target}");
    }
    let twice = format!("{body}&refresh_token=y");
    assert_eq!(
        bench
            .send("POST", ASANA.host, ASANA.token, &[form], &twice)
            .await
            .json()["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn a_refresh_gives_a_new_access_token_and_keeps_the_refresh_token() {
    let bench = Bench::start().await;
    let tokens = bench.tokens(&ASANA, ANA, ASANA_SCOPES).await;
    bench.later(3_600_000);
    let expired = bench
        .get(
            ASANA.host,
            "/api/1.0/users/me",
            tokens["access_token"].as_str().unwrap(),
        )
        .await;
    assert_eq!(expired.status, 401);
    assert!(expired.body.contains("The bearer token has expired"));
    for _ in 0..2 {
        let fresh = refresh(&bench, &tokens["refresh_token"], &[]).await;
        assert_eq!(fresh.status, 200);
        assert!(fresh.json().get("refresh_token").is_none());
        assert_ne!(fresh.json()["access_token"], tokens["access_token"]);
        assert_eq!(me(&bench, &fresh.json()["access_token"]).await, 200);
    }
}

#[tokio::test]
async fn a_wrong_refresh_is_refused() {
    let bench = Bench::start().await;
    let tokens = bench.tokens(&ASANA, ANA, ASANA_SCOPES).await;
    for (other, status, error) in [
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("refresh_token", "r2/unknown"), 400, "invalid_grant"),
        (
            ("refresh_token", tokens["access_token"].as_str().unwrap()),
            400,
            "invalid_grant",
        ),
        (("refresh_token", ""), 400, "invalid_request"),
    ] {
        let answer = refresh(&bench, &tokens["refresh_token"], &[other]).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str().unwrap()),
            (status, error)
        );
    }
    // A refresh token is no access token either.
    assert_eq!(me(&bench, &tokens["refresh_token"]).await, 401);
}

#[tokio::test]
async fn revoking_ends_access_and_refresh() {
    let bench = Bench::start().await;
    let tokens = bench.tokens(&ASANA, ANA, ASANA_SCOPES).await;
    let access = revoke(&bench, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(access.status, 400);
    assert_eq!(me(&bench, &tokens["access_token"]).await, 200);
    assert_eq!(
        revoke(&bench, tokens["refresh_token"].as_str().unwrap())
            .await
            .status,
        200
    );
    assert_eq!(me(&bench, &tokens["access_token"]).await, 401);
    assert_eq!(
        refresh(&bench, &tokens["refresh_token"], &[]).await.json()["error"],
        "invalid_grant"
    );
    // Not found counts as done; a missing token does not.
    assert_eq!(revoke(&bench, "r2/unknown").await.status, 200);
    assert_eq!(revoke(&bench, "").await.status, 400);
    let wrong = [
        ("client_id", "patchbay"),
        ("client_secret", "wrong"),
        ("token", "r2/unknown"),
    ];
    assert_eq!(
        bench.form(ASANA.host, "/-/oauth_revoke", &wrong).await.status,
        401
    );
}

#[tokio::test]
async fn codes_and_tokens_of_one_app_are_nothing_to_another() {
    let bench = Bench::start().await;
    let other_app = [("client_id", "another-app"), ("client_secret", "another-secret")];
    bench
        .simulator
        .register_app(&patchbay_simulator::App {
            profile: "asana".to_owned(),
            client_id: "another-app".to_owned(),
            client_secret: "another-secret".to_owned().into(),
            redirect_uris: vec![crate::client::BACK.to_owned()],
        })
        .unwrap();
    let code = bench.code(&ASANA, ANA, ASANA_SCOPES).await;
    assert_eq!(
        bench.redeem(&ASANA, &code, &other_app).await.json()["error"],
        "invalid_grant"
    );
    let tokens = bench.redeem(&ASANA, &code, &[]).await.json();
    assert_eq!(
        refresh(&bench, &tokens["refresh_token"], &other_app).await.json()["error"],
        "invalid_grant"
    );
    let [id, secret] = other_app;
    let theirs = [id, secret, ("token", tokens["refresh_token"].as_str().unwrap())];
    assert_eq!(
        bench.form(ASANA.host, "/-/oauth_revoke", &theirs).await.status,
        200
    );
    assert_eq!(me(&bench, &tokens["access_token"]).await, 200);
}
