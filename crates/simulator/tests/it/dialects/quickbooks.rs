//! QuickBooks: the company comes with the callback, the refresh token changes once a day.

use serde_json::{Value, json};

use super::{BASIC, Door, FORM, JSON, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, encode};

const QUICKBOOKS: Door = Door {
    host: "appcenter.intuit.com",
    path: "/connect/oauth2",
    own: &[("scope", "com.intuit.quickbooks.accounting openid profile email")],
    pkce: false,
};
const TOKENS: &str = "oauth.platform.intuit.com";
const API: &str = "quickbooks.api.intuit.com";
const ACME: &str = "4620816365001001001";
const RETAIL: &str = "4620816365001001002";
const DAY_MS: i64 = 86_400_000;

async fn token(bench: &Bench, headers: &[(&str, &str)], pairs: &[(&str, &str)]) -> Answer {
    let mut all = vec![FORM];
    all.extend_from_slice(headers);
    bench
        .send("POST", TOKENS, "/oauth2/v1/tokens/bearer", &all, &encode(pairs))
        .await
}

async fn tokens(bench: &Bench) -> Value {
    let code = QUICKBOOKS.code(bench, ACME).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
    ];
    token(bench, &[("authorization", BASIC)], &pairs).await.json()
}

async fn refresh(bench: &Bench, value: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", value.as_str().unwrap()),
    ];
    token(bench, &[("authorization", BASIC)], &pairs).await
}

async fn company(bench: &Bench, host: &str, realm: &str, accept: &str, tokens: &Value) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let path = format!("/v3/company/{realm}/companyinfo/{realm}");
    // The client's own Accept would be a second one.
    let address = format!("{host}.sim.localhost:{}", bench.simulator.port());
    let headers = [("authorization", bearer.as_str()), ("accept", accept)];
    bench.raw("GET", &address, &path, &headers, "").await.unwrap()
}

#[tokio::test]
async fn quickbooks_sends_the_company_along_and_a_token_opens_no_other() {
    let bench = bench().await;
    let back = QUICKBOOKS.approve(&bench, &[], &[("account", RETAIL)]).await;
    assert_eq!(back.sent("realmId").as_deref(), Some(RETAIL));
    let denied = bench
        .form(QUICKBOOKS.host, &QUICKBOOKS.query(&[]), &[("decision", "deny")])
        .await;
    assert_eq!(denied.sent("realmId"), None);
    let tokens = tokens(&bench).await;
    let own = company(&bench, API, ACME, "application/json", &tokens).await;
    assert_eq!(own.json()["CompanyInfo"]["CompanyName"], "Acme Inc.");
    assert_eq!(own.json()["CompanyInfo"]["Id"], "1", "no company's own number");
    let xml = company(&bench, API, ACME, "*/*", &tokens).await;
    assert!(xml.status == 200 && xml.body.starts_with("<?xml"), "{}", xml.body);
    for (host, realm) in [(API, RETAIL), ("sandbox-quickbooks.api.intuit.com", ACME)] {
        let other = company(&bench, host, realm, "application/json", &tokens).await;
        assert_eq!(other.status, 403, "{host} {realm}");
        assert_eq!(other.json()["fault"]["error"][0]["code"], "3100");
    }
    bench.later(3_600_000);
    let ended = company(&bench, API, ACME, "application/json", &tokens).await;
    assert_eq!(ended.status, 401);
    assert_eq!(ended.json()["fault"]["error"][0]["code"], "3200");
}

#[tokio::test]
async fn quickbooks_changes_the_refresh_token_once_a_day_and_takes_the_old_one_a_day_longer() {
    let bench = bench().await;
    let first = tokens(&bench).await;
    let old = &first["refresh_token"];
    assert_eq!(first["x_refresh_token_expires_in"], 8_640_000);
    assert!(first["id_token"].as_str().unwrap().split('.').count() == 3);
    bench.later(DAY_MS - 1000);
    assert_eq!(refresh(&bench, old).await.json()["refresh_token"], *old);
    bench.later(1000);
    let new = refresh(&bench, old).await.json()["refresh_token"].clone();
    assert_ne!(new, *old);
    bench.later(DAY_MS - 1000);
    assert_eq!(refresh(&bench, old).await.status, 200);
    bench.later(1000);
    assert_eq!(error(&refresh(&bench, old).await), refused(400, "invalid_grant"));
    // The new one lives a hundred days from its last use.
    bench.later(98 * DAY_MS);
    let new = refresh(&bench, &new).await.json()["refresh_token"].clone();
    bench.later(100 * DAY_MS);
    assert_eq!(error(&refresh(&bench, &new).await), refused(400, "invalid_grant"));
}

#[tokio::test]
async fn quickbooks_reads_basic_and_accept_and_revokes_by_json() {
    let bench = bench().await;
    let code = QUICKBOOKS.code(&bench, ACME).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
    ];
    assert_eq!(
        error(&token(&bench, &[("authorization", WRONG_BASIC)], &pairs).await),
        refused(401, "invalid_client")
    );
    // A header that comes twice is none.
    let twice = [("authorization", BASIC), ("accept", "*/*")];
    assert_eq!(
        error(&token(&bench, &twice, &pairs).await),
        refused(400, "invalid_request")
    );
    let hard = [
        ("authorization", BASIC),
        ("x-include-refresh-token-hard-expires-in", "true"),
    ];
    let tokens = token(&bench, &hard, &pairs).await.json();
    assert_eq!(tokens["x_refresh_token_hard_expires_in"], 1825 * 86_400);
    let revoke = async |content: (&str, &str), body: &str| {
        let headers = [("authorization", BASIC), content];
        let host = "developer.api.intuit.com";
        bench
            .send("POST", host, "/v2/oauth2/tokens/revoke", &headers, body)
            .await
    };
    let body = json!({"token": tokens["refresh_token"]}).to_string();
    assert_eq!(revoke(FORM, &body).await.status, 400);
    assert_eq!(revoke(JSON, &body).await.status, 200);
    assert_eq!(revoke(JSON, &body).await.status, 400, "there is nothing left");
    assert_eq!(
        company(&bench, API, ACME, "application/json", &tokens)
            .await
            .status,
        401
    );
    assert_eq!(
        error(&refresh(&bench, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}
