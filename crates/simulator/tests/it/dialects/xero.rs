//! Xero: several organisations of one person, access tokens that say which authorization they are of, half an hour's
//! grace for a refresh token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{BASIC, Door, FORM, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, VERIFIER, encode};

const XERO: Door = Door {
    host: "login.xero.com",
    path: "/identity/connect/authorize",
    own: &[("scope", "openid offline_access accounting.invoices.read")],
    pkce: true,
};
const IDENTITY: &str = "identity.xero.com";
const ACME: &str = "fe79f7dd-b6d4-4a92-ba7b-538af6280001";
const RETAIL: &str = "fe79f7dd-b6d4-4a92-ba7b-538af6280002";
const GLOBEX: &str = "fe79f7dd-b6d4-4a92-ba7b-538af6280003";
const MINUTE_MS: i64 = 60_000;

async fn post(bench: &Bench, path: &str, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench.send("POST", IDENTITY, path, &headers, &encode(pairs)).await
}

async fn tokens(bench: &Bench, account: &str, other: &[(&str, &str)]) -> Value {
    let back = XERO.approve(bench, other, &[("account", account)]).await;
    let code = back.sent("code").unwrap();
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    post(bench, "/connect/token", BASIC, &pairs).await.json()
}

async fn refresh(bench: &Bench, tokens: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    post(bench, "/connect/token", BASIC, &pairs).await
}

async fn connections(bench: &Bench, query: &str, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench
        .get("api.xero.com", &format!("/connections{query}"), token)
        .await
}

fn claims(tokens: &Value) -> Value {
    let part = tokens["access_token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn organisations(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|connection| connection["tenantId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn xero_lists_what_was_connected_before_too_and_the_token_says_which_is_new() {
    let bench = bench().await;
    let first = tokens(&bench, ACME, &[("state", "the-first-of-two")]).await;
    bench.later(MINUTE_MS);
    let second = tokens(&bench, RETAIL, &[("state", "the-second-of-two")]).await;
    tokens(&bench, GLOBEX, &[("state", "of-another-person")]).await;
    let list = connections(&bench, "", &second).await.json();
    assert_eq!(
        organisations(&list),
        [ACME, RETAIL],
        "oldest first, and nobody else's"
    );
    let event = claims(&second)["authentication_event_id"].clone();
    assert_eq!(list[1]["authEventId"], event);
    assert_ne!(list[0]["authEventId"], event);
    assert_ne!(list[0]["id"], list[0]["tenantId"]);
    let query = format!("?authEventId={}", event.as_str().unwrap());
    let filtered = connections(&bench, &query, &second).await.json();
    assert_eq!(organisations(&filtered), [RETAIL]);
    // A fresh token is of the same authorization.
    let fresh = refresh(&bench, &first).await.json();
    assert_eq!(
        claims(&fresh)["authentication_event_id"],
        claims(&first)["authentication_event_id"]
    );
    assert_eq!(
        claims(&first)["exp"],
        json!(claims(&first)["nbf"].as_i64().unwrap() + 1800)
    );
}

#[tokio::test]
async fn xeros_old_refresh_token_can_be_sent_again_for_half_an_hour() {
    let bench = bench().await;
    let first = tokens(&bench, ACME, &[]).await;
    let second = refresh(&bench, &first).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    bench.later(30 * MINUTE_MS - 1);
    assert_eq!(refresh(&bench, &first).await.status, 200);
    bench.later(1);
    assert_eq!(
        error(&refresh(&bench, &first).await),
        refused(400, "invalid_grant")
    );
    let third = refresh(&bench, &second).await.json();
    bench.later(60 * 24 * 60 * MINUTE_MS);
    assert_eq!(
        error(&refresh(&bench, &third).await),
        refused(400, "invalid_grant")
    );
    let without = [("scope", "openid accounting.invoices.read")];
    assert!(
        tokens(&bench, ACME, &without)
            .await
            .get("refresh_token")
            .is_none()
    );
}

#[tokio::test]
async fn a_revocation_at_xero_ends_all_that_the_person_connected() {
    let bench = bench().await;
    let first = tokens(&bench, ACME, &[("state", "the-first-of-two")]).await;
    let second = tokens(&bench, RETAIL, &[("state", "the-second-of-two")]).await;
    let ben = tokens(&bench, GLOBEX, &[("state", "of-another-person")]).await;
    let revoke = async |basic: &str, token: &Value| {
        let pairs = [("token", token.as_str().unwrap())];
        post(&bench, "/connect/revocation", basic, &pairs).await
    };
    assert_eq!(
        error(&revoke(WRONG_BASIC, &second["refresh_token"]).await),
        refused(400, "invalid_client")
    );
    // An access token is not asked for here, and there is nothing to say about one that is not known.
    assert_eq!(revoke(BASIC, &second["access_token"]).await.status, 200);
    assert_eq!(connections(&bench, "", &second).await.status, 200);
    assert_eq!(revoke(BASIC, &second["refresh_token"]).await.status, 200);
    for tokens in [&first, &second] {
        assert_eq!(
            connections(&bench, "", tokens).await.json()["detail"],
            "AuthenticationUnsuccessful"
        );
        assert_eq!(
            error(&refresh(&bench, tokens).await),
            refused(400, "invalid_grant")
        );
    }
    assert_eq!(
        organisations(&connections(&bench, "", &ben).await.json()),
        [GLOBEX]
    );
    for (other, word) in [
        (("scope", "accounting.transactions"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        assert_eq!(
            XERO.told(&bench, &[other]).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
}
