//! Zendesk: a host for each customer, lives as long as asked for, and a refresh that ends what was before.

use serde_json::{Value, json};

use super::{ANA, Door, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const ZENDESK: Door = Door {
    host: "acme.zendesk.com",
    path: "/oauth/authorizations/new",
    own: &[("scope", "read")],
    pkce: true,
};

const OTHER: &str = "globex.zendesk.com";
const TOKEN: &str = "/oauth/tokens";
const ME: &str = "/api/v2/users/me.json";

async fn zendesk_token(bench: &Bench, host: &str, body: &Value) -> Answer {
    bench.send("POST", host, TOKEN, &[JSON], &body.to_string()).await
}

async fn zendesk_exchange(bench: &Bench) -> Value {
    let code = ZENDESK.code(bench, ANA).await;
    json!({
        "grant_type": "authorization_code", "client_id": "patchbay", "client_secret": SECRET,
        "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER,
        "expires_in": 172_799, "refresh_token_expires_in": 7_775_999,
    })
}

fn zendesk_renewal(token: &Value) -> Value {
    json!({
        "grant_type": "refresh_token", "client_id": "patchbay", "client_secret": SECRET,
        "refresh_token": token, "expires_in": 301,
    })
}

async fn zendesk_me(bench: &Bench, host: &str, tokens: &Value) -> Answer {
    bench
        .get(host, ME, tokens["access_token"].as_str().unwrap())
        .await
}

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

#[tokio::test]
async fn zendesks_customers_each_have_their_host() {
    let bench = bench().await;
    let page = ZENDESK.ask(&bench, &[]).await.body;
    assert!(page.contains("ops@acme.example") && !page.contains("globex"));
    let elsewhere = ZENDESK
        .approve(&bench, &[], &[("account", "ben@globex.example")])
        .await;
    assert_eq!(elsewhere.status, 400);
    for host in ["nobody.zendesk.com", "a.acme.zendesk.com", "zendesk.com"] {
        let answer = bench.send("GET", host, &ZENDESK.query(&[]), &[], "").await;
        assert_eq!(answer.status, 404, "{host}");
    }
    // A code, a refresh token and an access token of one host are nothing at another.
    let body = zendesk_exchange(&bench).await;
    assert_eq!(
        error(&zendesk_token(&bench, OTHER, &body).await),
        refused(400, "invalid_grant")
    );
    let tokens = zendesk_token(&bench, ZENDESK.host, &body).await.json();
    let renewal = zendesk_renewal(&tokens["refresh_token"]);
    assert_eq!(
        error(&zendesk_token(&bench, OTHER, &renewal).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(zendesk_me(&bench, OTHER, &tokens).await.status, 401);
    let me = zendesk_me(&bench, ZENDESK.host, &tokens).await.json();
    assert_eq!(
        (me["user"]["id"].clone(), me["user"]["email"].clone()),
        (json!(360_000_000_101_i64), json!(ANA))
    );
}

#[tokio::test]
async fn zendesks_tokens_live_as_long_as_asked_within_bounds() {
    let bench = bench().await;
    let body = zendesk_exchange(&bench).await;
    for (name, value) in [
        ("expires_in", json!(300)),
        ("expires_in", json!(172_800)),
        ("expires_in", json!("3600")),
        ("refresh_token_expires_in", json!(604_800)),
        ("refresh_token_expires_in", json!(7_776_000)),
    ] {
        let answer = zendesk_token(&bench, ZENDESK.host, &with(&body, name, value.clone())).await;
        assert_eq!(error(&answer), refused(400, "invalid_request"), "{name}: {value}");
    }
    let as_form = encode(&[("grant_type", "authorization_code")]);
    let answer = bench
        .send("POST", ZENDESK.host, TOKEN, &[super::FORM], &as_form)
        .await;
    assert_eq!(error(&answer), refused(400, "invalid_request"));
    let tokens = zendesk_token(&bench, ZENDESK.host, &body).await.json();
    assert_eq!(
        (
            tokens["expires_in"].clone(),
            tokens["refresh_token_expires_in"].clone(),
            tokens["scope"].clone()
        ),
        (json!(172_799), json!(7_775_999), json!("read"))
    );
    bench.later(172_799 * 1000);
    assert_eq!(
        error(&zendesk_me(&bench, ZENDESK.host, &tokens).await),
        refused(401, "invalid_token")
    );
    // A code is good for two minutes.
    let late = zendesk_exchange(&bench).await;
    bench.later(120_000);
    assert_eq!(
        error(&zendesk_token(&bench, ZENDESK.host, &late).await),
        refused(400, "invalid_grant")
    );
}

#[tokio::test]
async fn zendesks_refresh_and_revocation_end_both_tokens() {
    let bench = bench().await;
    let body = zendesk_exchange(&bench).await;
    let tokens = zendesk_token(&bench, ZENDESK.host, &body).await.json();
    let renewal = zendesk_renewal(&tokens["refresh_token"]);
    let fresh = zendesk_token(&bench, ZENDESK.host, &renewal).await.json();
    assert_eq!(
        (
            fresh["expires_in"].clone(),
            fresh["refresh_token_expires_in"].clone()
        ),
        (json!(301), json!(2_592_000))
    );
    assert_eq!(zendesk_me(&bench, ZENDESK.host, &tokens).await.status, 401);
    assert_eq!(
        error(&zendesk_token(&bench, ZENDESK.host, &renewal).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(zendesk_me(&bench, ZENDESK.host, &fresh).await.status, 200);
    let bearer = format!("Bearer {}", fresh["access_token"].as_str().unwrap());
    let revoke = async |headers: &[(&str, &str)]| {
        let path = "/api/v2/oauth/tokens/current.json";
        bench.send("DELETE", ZENDESK.host, path, headers, "").await.status
    };
    assert_eq!(revoke(&[]).await, 401);
    assert_eq!(revoke(&[("authorization", &bearer)]).await, 204);
    assert_eq!(revoke(&[("authorization", &bearer)]).await, 401);
    assert_eq!(zendesk_me(&bench, ZENDESK.host, &fresh).await.status, 401);
    let renewal = zendesk_renewal(&fresh["refresh_token"]);
    assert_eq!(
        error(&zendesk_token(&bench, ZENDESK.host, &renewal).await),
        refused(400, "invalid_grant")
    );
}

#[tokio::test]
async fn zendesk_tells_who_does_not_sign_in_about_nobody() {
    let bench = bench().await;
    for headers in [vec![], vec![("authorization", "Basic cGF0Y2hiYXk6d3Jvbmc=")]] {
        let answer = bench.send("GET", ZENDESK.host, ME, &headers, "").await;
        assert_eq!(
            (answer.status, answer.json()["user"]["id"].clone()),
            (200, Value::Null)
        );
    }
    assert_eq!(bench.get(ZENDESK.host, ME, "unknown").await.status, 401);
}
