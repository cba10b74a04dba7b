//! GitHub's token endpoint, its revocation, and its rules for API calls.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::client::{Answer, BACK, Bench, GITHUB, GITHUB_SCOPES, SECRET, VERIFIER, encode};

const API: &str = "api.github.com";
const ANA: &str = "ana-ruiz-acme";

async fn delete(bench: &Bench, what: &str, secret: &str, body: &str) -> Answer {
    let basic = format!("Basic {}", STANDARD.encode(format!("patchbay:{secret}")));
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/json"),
    ];
    bench
        .send(
            "DELETE",
            API,
            &format!("/applications/patchbay/{what}"),
            &headers,
            body,
        )
        .await
}

#[tokio::test]
async fn a_code_becomes_a_token_without_end_and_without_refresh() {
    let bench = Bench::start().await;
    let token = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await;
    assert_eq!(token["token_type"], "bearer");
    assert_eq!(token["scope"], "read:user,user:email,read:org,repo");
    assert!(token.get("refresh_token").is_none() && token.get("expires_in").is_none());
    bench.later(400 * 86_400_000);
    let user = bench
        .get(API, "/user", token["access_token"].as_str().unwrap())
        .await;
    assert_eq!(user.status, 200);
    assert_eq!(user.json()["id"], 5_100_101);
    assert_eq!(user.json()["login"], ANA);
    assert_eq!(
        user.headers["x-oauth-scopes"],
        "read:user, user:email, read:org, repo"
    );
    assert_eq!(user.headers["x-ratelimit-limit"], "5000");
    assert_eq!(user.headers["x-ratelimit-remaining"], "4999");
}

#[tokio::test]
async fn without_accept_json_the_answer_is_a_form() {
    let bench = Bench::start().await;
    let code = bench.code(&GITHUB, ANA, GITHUB_SCOPES).await;
    let body = encode(&[
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("redirect_uri", BACK),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ]);
    let host = format!("github.com.sim.localhost:{}", bench.simulator.port());
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = bench
        .raw("POST", &host, GITHUB.token, &headers, &body)
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.headers["content-type"].starts_with("application/x-www-form-urlencoded"));
    assert!(answer.body.starts_with("access_token=gho_"));
    assert!(
        answer
            .body
            .contains("scope=read%3Auser%2Cuser%3Aemail%2Cread%3Aorg%2Crepo")
    );
}

#[tokio::test]
async fn errors_of_the_token_endpoint_come_with_status_200() {
    let bench = Bench::start().await;
    let code = bench.code(&GITHUB, ANA, GITHUB_SCOPES).await;
    let wrong_verifier = "x".repeat(43);
    for (other, error) in [
        (("client_secret", "wrong"), "incorrect_client_credentials"),
        (("client_id", "someone-else"), "incorrect_client_credentials"),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            "redirect_uri_mismatch",
        ),
        (
            ("code_verifier", wrong_verifier.as_str()),
            "bad_verification_code",
        ),
        (("code_verifier", ""), "bad_verification_code"),
        (("code", "never-given-out"), "bad_verification_code"),
        (("grant_type", "refresh_token"), "unsupported_grant_type"),
    ] {
        let answer = bench.redeem(&GITHUB, &code, &[other]).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str().unwrap()),
            (200, error),
            "{other:?}"
        );
    }
    let token = bench.redeem(&GITHUB, &code, &[]).await.json();
    let again = bench.redeem(&GITHUB, &code, &[]).await.json();
    assert_eq!(again["error"], "bad_verification_code");
    assert_eq!(
        bench
            .get(API, "/user", token["access_token"].as_str().unwrap())
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn deleting_a_token_ends_that_token_only() {
    let bench = Bench::start().await;
    let first = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = format!(r#"{{"access_token":"{first}"}}"#);
    assert_eq!(delete(&bench, "token", "wrong", &body).await.status, 401);
    assert_eq!(delete(&bench, "token", SECRET, "{}").await.status, 422);
    assert_eq!(
        delete(&bench, "token", SECRET, r#"{"access_token":"gho_unknown"}"#)
            .await
            .status,
        404
    );
    assert_eq!(bench.get(API, "/user", &first).await.status, 200);
    assert_eq!(delete(&bench, "token", SECRET, &body).await.status, 204);
    let after = bench.get(API, "/user", &first).await;
    assert_eq!(
        (after.status, after.json()["message"].as_str().unwrap()),
        (401, "Bad credentials")
    );
    assert_eq!(delete(&bench, "token", SECRET, &body).await.status, 404);
    assert_eq!(bench.get(API, "/user", &second).await.status, 200);
}

#[tokio::test]
async fn deleting_the_grant_ends_all_its_users_tokens() {
    let bench = Bench::start().await;
    let first = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = bench.tokens(&GITHUB, "acme-ops", GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        delete(
            &bench,
            "grant",
            SECRET,
            &format!(r#"{{"access_token":"{first}"}}"#)
        )
        .await
        .status,
        204
    );
    assert_eq!(bench.get(API, "/user", &second).await.status, 401);
    assert_eq!(bench.get(API, "/user", &other).await.status, 200);
}

#[tokio::test]
async fn the_api_wants_a_user_agent_a_token_and_a_known_version() {
    let bench = Bench::start().await;
    let token = bench.tokens(&GITHUB, ANA, GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let bearer = format!("Bearer {token}");
    let host = format!("{API}.sim.localhost");
    let silent = bench
        .raw("GET", &host, "/user", &[("authorization", &bearer)], "")
        .await
        .unwrap();
    assert_eq!(silent.status, 403);
    assert_eq!(
        bench.send("GET", API, "/user", &[], "").await.json()["message"],
        "Requires authentication"
    );
    assert_eq!(
        bench.get(API, "/user", "gho_unknown").await.json()["message"],
        "Bad credentials"
    );
    let version = [
        ("authorization", bearer.as_str()),
        ("x-github-api-version", "1999-01-01"),
    ];
    assert_eq!(bench.send("GET", API, "/user", &version, "").await.status, 400);
    assert_eq!(bench.get(API, "/users", &token).await.status, 404);
    for query in [
        "per_page=0",
        "page=0",
        "sort=size",
        "direction=up",
        "state=half",
        "filter=some",
        "since=yesterday",
    ] {
        assert_eq!(
            bench.get(API, &format!("/issues?{query}"), &token).await.status,
            422,
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_left_of_the_hours_calls_is_told_and_renewed() {
    let bench = Bench::start().await;
    let token = bench.tokens(&GITHUB, ANA, "").await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..3 {
        bench.get(API, "/user", &token).await;
    }
    let answer = bench.get(API, "/user", &token).await;
    assert_eq!(answer.headers["x-ratelimit-remaining"], "4996");
    bench.later(3_600_000);
    let answer = bench.get(API, "/user", &token).await;
    assert_eq!(answer.headers["x-ratelimit-remaining"], "4999");
}
