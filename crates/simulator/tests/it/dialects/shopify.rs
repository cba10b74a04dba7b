//! Shopify: a host per shop, a signed answer, expiring tokens with a grace.

use serde_json::{Value, json};

use super::{Door, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET};

const SHOPIFY: Door = Door {
    host: "acme.myshopify.com",
    path: "/admin/oauth/authorize",
    own: &[("scope", "read_orders,read_products")],
    pkce: false,
};

const TOKEN: &str = "/admin/oauth/access_token";
const ACME: &str = "gid://shopify/Shop/63000000101";

async fn shopify_token(bench: &Bench, host: &str, body: &Value) -> Answer {
    bench.send("POST", host, TOKEN, &[JSON], &body.to_string()).await
}

async fn shopify_exchange(bench: &Bench, code: &str) -> Answer {
    let body = json!({"client_id": "patchbay", "client_secret": SECRET, "code": code, "expiring": 1});
    shopify_token(bench, SHOPIFY.host, &body).await
}

async fn shopify_refresh(bench: &Bench, host: &str, token: &Value) -> Answer {
    let body = json!({
        "client_id": "patchbay", "client_secret": SECRET,
        "grant_type": "refresh_token", "refresh_token": token,
    });
    shopify_token(bench, host, &body).await
}

async fn shop(bench: &Bench, host: &str, token: &Value) -> Answer {
    let headers = [("x-shopify-access-token", token.as_str().unwrap()), JSON];
    let body = r#"{"query":"{ shop { id name myshopifyDomain } }"}"#;
    bench
        .send("POST", host, "/admin/api/2026-07/graphql.json", &headers, body)
        .await
}

#[tokio::test]
async fn shopify_sends_back_shop_time_and_signature() {
    let bench = bench().await;
    let back = SHOPIFY.approve(&bench, &[], &[("account", ACME)]).await;
    assert_eq!(back.sent("shop").as_deref(), Some("acme.myshopify.com"));
    assert_eq!(back.sent("timestamp").as_deref(), Some("1776254400"));
    assert_eq!(back.sent("hmac").map(|hmac| hmac.len()), Some(64));
    assert!(back.sent("host").is_some() && back.sent("code").is_some());
    let denied = bench
        .form(SHOPIFY.host, &SHOPIFY.query(&[]), &[("decision", "deny")])
        .await;
    assert_eq!(denied.sent("error").as_deref(), Some("access_denied"));
    assert!(denied.sent("hmac").is_some(), "a refusal is signed too");
    let page = SHOPIFY.ask(&bench, &[]).await.body;
    assert!(page.contains("wants to use your Shopify shop") && page.contains("acme.myshopify.com"));
    assert!(!page.contains("Globex"), "only the shop whose address this is");
    // Another shop's account can't be approved here.
    let other = [("account", "gid://shopify/Shop/63000000103")];
    assert_eq!(SHOPIFY.approve(&bench, &[], &other).await.status, 400);
}

#[tokio::test]
async fn a_shop_that_does_not_exist_has_no_pages() {
    let bench = bench().await;
    for path in [SHOPIFY.query(&[]), TOKEN.to_owned()] {
        let answer = bench.send("GET", "nobody.myshopify.com", &path, &[], "").await;
        assert_eq!(answer.status, 404);
        assert!(answer.headers["content-type"].starts_with("text/html"));
    }
    let answer = bench
        .send("GET", "myshopify.com.evil.example", TOKEN, &[], "")
        .await;
    assert!(answer.body.contains("No such host"));
}

#[tokio::test]
async fn shopifys_token_endpoint_takes_what_it_documents() {
    let bench = bench().await;
    let long = "x".repeat(43);
    let pkce = [
        ("code_challenge", long.as_str()),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(
        SHOPIFY.told(&bench, &pkce).await.as_deref(),
        Some("invalid_request")
    );
    let code = SHOPIFY.code(&bench, ACME).await;
    let good = json!({"client_id": "patchbay", "client_secret": SECRET, "code": code, "expiring": 1});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (host, body, word) in [
        (
            SHOPIFY.host,
            with("client_secret", json!("wrong")),
            "invalid_client",
        ),
        (SHOPIFY.host, with("code", json!("unknown")), "invalid_request"),
        (SHOPIFY.host, with("redirect_uri", json!(BACK)), "invalid_request"),
        (
            SHOPIFY.host,
            with("grant_type", json!("authorization_code")),
            "unsupported_grant_type",
        ),
        (SHOPIFY.host, with("expiring", json!(2)), "invalid_request"),
        ("globex.myshopify.com", good.clone(), "invalid_request"),
    ] {
        assert_eq!(
            error(&shopify_token(&bench, host, &body).await),
            refused(400, word),
            "{host} {body}"
        );
    }
    let tokens = shopify_exchange(&bench, &code).await.json();
    assert_eq!(
        (
            tokens["expires_in"].clone(),
            tokens["refresh_token_expires_in"].clone(),
            tokens["scope"].clone()
        ),
        (json!(3600), json!(7_776_000), json!("read_orders,read_products"))
    );
    // Without `expiring` the token has no end and no refresh.
    let body =
        json!({"client_id": "patchbay", "client_secret": SECRET, "code": SHOPIFY.code(&bench, ACME).await});
    let endless = shopify_token(&bench, SHOPIFY.host, &body).await.json();
    assert!(endless.get("refresh_token").is_none() && endless.get("expires_in").is_none());
    bench.later(30 * 86_400_000);
    assert_eq!(
        shop(&bench, SHOPIFY.host, &endless["access_token"]).await.status,
        200
    );
    assert_eq!(
        shop(&bench, SHOPIFY.host, &tokens["access_token"]).await.status,
        401
    );
}

#[tokio::test]
async fn shopifys_old_refresh_token_works_until_the_new_one_is_used() {
    let bench = bench().await;
    let tokens = shopify_exchange(&bench, &SHOPIFY.code(&bench, ACME).await)
        .await
        .json();
    let old = &tokens["refresh_token"];
    let first = shopify_refresh(&bench, SHOPIFY.host, old).await.json();
    assert_ne!(first["refresh_token"], *old);
    // The answer was lost: the same again.
    let second = shopify_refresh(&bench, SHOPIFY.host, old).await;
    assert_eq!(second.status, 200);
    assert_eq!(
        error(&shopify_refresh(&bench, "globex.myshopify.com", old).await),
        refused(400, "invalid_grant")
    );
    let third = shopify_refresh(&bench, SHOPIFY.host, &second.json()["refresh_token"]).await;
    assert_eq!(third.status, 200);
    assert_eq!(
        error(&shopify_refresh(&bench, SHOPIFY.host, old).await),
        refused(400, "invalid_grant")
    );
    let with_extra = json!({
        "client_id": "patchbay", "client_secret": SECRET, "expiring": 1,
        "grant_type": "refresh_token", "refresh_token": third.json()["refresh_token"],
    });
    assert_eq!(
        error(&shopify_token(&bench, SHOPIFY.host, &with_extra).await),
        refused(400, "invalid_request")
    );
}

#[tokio::test]
async fn shopifys_api_wants_its_own_header_and_a_served_version_and_uninstalling_ends_all() {
    let bench = bench().await;
    let tokens = shopify_exchange(&bench, &SHOPIFY.code(&bench, ACME).await)
        .await
        .json();
    let token = &tokens["access_token"];
    let found = shop(&bench, SHOPIFY.host, token).await.json();
    assert_eq!(
        found["data"]["shop"],
        json!({"id": ACME, "name": "Acme", "myshopifyDomain": "acme.myshopify.com"})
    );
    assert_eq!(shop(&bench, "globex.myshopify.com", token).await.status, 401);
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let body = r#"{"query":"{ shop { id } }"}"#;
    let path = "/admin/api/2026-07/graphql.json";
    let answer = bench
        .send(
            "POST",
            SHOPIFY.host,
            path,
            &[("authorization", &bearer), JSON],
            body,
        )
        .await;
    assert_eq!(answer.status, 401);
    let header = ("x-shopify-access-token", token.as_str().unwrap());
    let old = "/admin/api/2020-01/graphql.json";
    assert_eq!(
        bench
            .send("POST", SHOPIFY.host, old, &[header, JSON], body)
            .await
            .status,
        404
    );
    let odd = r#"{"query":"{ shop { secret } }"}"#;
    let answer = bench.send("POST", SHOPIFY.host, path, &[header, JSON], odd).await;
    assert!(answer.status == 200 && answer.json()["errors"].is_array());
    let uninstall = async || {
        bench
            .send(
                "DELETE",
                SHOPIFY.host,
                "/admin/api_permissions/current.json",
                &[header],
                "",
            )
            .await
            .status
    };
    assert_eq!(uninstall().await, 200);
    assert_eq!(shop(&bench, SHOPIFY.host, token).await.status, 401);
    assert_eq!(
        error(&shopify_refresh(&bench, SHOPIFY.host, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(uninstall().await, 401);
}
