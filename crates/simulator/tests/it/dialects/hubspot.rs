//! HubSpot: everything in the body, its own words beside the standard's, and a revocation that ends renewing only.

use serde_json::{Value, json};

use super::{Door, bench};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const HUBSPOT: Door = Door {
    host: "app.hubspot.com",
    path: "/oauth/authorize",
    own: &[("scope", "oauth crm.objects.contacts.read")],
    pkce: true,
};

const API: &str = "api.hubapi.com";
const TOKEN: &str = "/oauth/2026-03/token";
const ACME: &str = "48100101";
const APP: [(&str, &str); 2] = [("client_id", "patchbay"), ("client_secret", SECRET)];

async fn hubspot_tokens(bench: &Bench) -> Value {
    let code = HUBSPOT.code(bench, ACME).await;
    let own = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = bench.form(API, TOKEN, &[&APP[..], &own[..]].concat()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn hubspot_refresh(bench: &Bench, token: &Value) -> Answer {
    let own = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    bench.form(API, TOKEN, &[&APP[..], &own[..]].concat()).await
}

async fn hubspot_me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(API, "/account-info/v3/details", token).await
}

fn words(answer: &Answer) -> (u16, Value, Value) {
    let body = answer.json();
    (answer.status, body["error"].clone(), body["status"].clone())
}

#[tokio::test]
async fn hubspot_says_each_mistake_twice_and_wants_all_in_the_body() {
    let bench = bench().await;
    let code = HUBSPOT.code(&bench, ACME).await;
    let good = [
        APP[0],
        APP[1],
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    for (place, value, error, status) in [
        (0, "someone", "invalid_client", "BAD_CLIENT_SECRET"),
        (0, "", "invalid_client", "BAD_CLIENT_ID"),
        (2, "password", "unsupported_grant_type", "BAD_GRANT_TYPE"),
        (3, "unknown", "invalid_grant", "BAD_AUTH_CODE"),
        (
            4,
            "http://localhost:3000/other",
            "invalid_grant",
            "MISMATCH_REDIRECT_URI_AUTH_CODE",
        ),
        (5, "", "invalid_grant", "BAD_AUTH_CODE"),
    ] {
        let mut pairs = good;
        pairs[place].1 = value;
        let answer = bench.form(API, TOKEN, &pairs).await;
        assert_eq!(
            words(&answer),
            (400, json!(error), json!(status)),
            "{}={value}",
            pairs[place].0
        );
    }
    let in_query = format!("{TOKEN}?{}", encode(&good));
    assert_eq!(bench.form(API, &in_query, &[]).await.status, 400);
    // The endpoints of v1 are gone for those who start now.
    assert_eq!(bench.form(API, "/oauth/v1/token", &good).await.status, 404);
    let tokens = bench.form(API, TOKEN, &good).await.json();
    assert_eq!(
        (
            tokens["expires_in"].clone(),
            tokens["hub_id"].clone(),
            tokens["scopes"].clone()
        ),
        (
            json!(1800),
            json!(48_100_101),
            json!(["oauth", "crm.objects.contacts.read"])
        )
    );
    assert_eq!(
        hubspot_me(&bench, &tokens).await.json()["portalId"],
        json!(48_100_101)
    );
}

#[tokio::test]
async fn hubspot_shows_a_page_where_the_app_has_no_such_scope() {
    let bench = bench().await;
    for scope in ["", "oauth crm.objects.contacts.write"] {
        let answer = HUBSPOT.ask(&bench, &[("scope", scope)]).await;
        assert_eq!(answer.status, 400, "{scope}");
        assert!(answer.body.contains("cannot go on") && !answer.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn hubspots_revocation_ends_renewing_and_access_runs_out() {
    let bench = bench().await;
    let tokens = hubspot_tokens(&bench).await;
    let fresh = hubspot_refresh(&bench, &tokens["refresh_token"]).await.json();
    assert_eq!(fresh["refresh_token"], tokens["refresh_token"], "it stays");
    assert_ne!(fresh["access_token"], tokens["access_token"]);
    let revoke = async |token: &Value| {
        let pairs = [APP[0], APP[1], ("token", token.as_str().unwrap())];
        bench
            .form(API, "/oauth/2026-03/token/revoke", &pairs)
            .await
            .status
    };
    // It takes refresh tokens only; what it does not know counts as gone.
    assert_eq!(revoke(&fresh["access_token"]).await, 200);
    assert_eq!(hubspot_refresh(&bench, &fresh["refresh_token"]).await.status, 200);
    assert_eq!(revoke(&fresh["refresh_token"]).await, 200);
    assert_eq!(
        words(&hubspot_refresh(&bench, &fresh["refresh_token"]).await),
        (400, json!("invalid_grant"), json!("BAD_REFRESH_TOKEN"))
    );
    assert_eq!(hubspot_me(&bench, &fresh).await.status, 200);
    bench.later(1800 * 1000);
    let ended = hubspot_me(&bench, &fresh).await;
    assert_eq!(
        (ended.status, ended.json()["category"].clone()),
        (401, json!("INVALID_AUTHENTICATION"))
    );
}
