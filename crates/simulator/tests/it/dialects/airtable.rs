//! Airtable: PKCE required, and a spent refresh token that costs the grant.

use serde_json::Value;

use super::{ANA, BASIC, Door, FORM, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, challenge, encode};

const AIRTABLE: Door = Door {
    host: "airtable.com",
    path: "/oauth2/v1/authorize",
    own: &[("scope", "data.records:read schema.bases:read user.email:read")],
    pkce: true,
};

async fn airtable_token(bench: &Bench, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench
        .send(
            "POST",
            AIRTABLE.host,
            "/oauth2/v1/token",
            &headers,
            &encode(pairs),
        )
        .await
}

async fn airtable_tokens(bench: &Bench) -> Value {
    let code = AIRTABLE.code(bench, ANA).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    airtable_token(bench, BASIC, &pairs).await.json()
}

async fn airtable_refresh(bench: &Bench, token: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    airtable_token(bench, BASIC, &pairs).await
}

async fn airtable_me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("api.airtable.com", "/v0/meta/whoami", token).await
}

#[tokio::test]
async fn airtable_wants_pkce_and_a_long_state() {
    let bench = bench().await;
    for (other, word) in [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("state", "fifteen-letters")], "invalid_request"),
        (vec![("state", "")], "invalid_request"),
        (vec![("scope", "data.records:write")], "invalid_scope"),
    ] {
        assert_eq!(
            AIRTABLE.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let back = AIRTABLE.approve(&bench, &[], &[("account", ANA)]).await;
    assert_eq!(back.sent("code_challenge"), Some(challenge(VERIFIER)));
    let code = back.sent("code").unwrap();
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let in_body = [("client_id", "patchbay"), ("client_secret", SECRET)];
    assert_eq!(
        error(&airtable_token(&bench, WRONG_BASIC, &good).await),
        refused(401, "invalid_client")
    );
    let both = airtable_token(&bench, BASIC, &[&good[..], &in_body[..]].concat()).await;
    assert_eq!(error(&both), refused(401, "invalid_client"));
    assert_eq!(
        error(&airtable_token(&bench, BASIC, &good[..3]).await),
        refused(400, "invalid_grant")
    );
    let tokens = airtable_token(&bench, BASIC, &good).await;
    assert_eq!(tokens.json()["refresh_expires_in"], 5_184_000);
    assert_eq!(
        tokens.json()["scope"],
        "data.records:read schema.bases:read user.email:read"
    );
    assert_eq!(airtable_me(&bench, &tokens.json()).await.json()["email"], ANA);
}

#[tokio::test]
async fn airtables_spent_refresh_token_costs_the_grant() {
    let bench = bench().await;
    let tokens = airtable_tokens(&bench).await;
    let fresh = airtable_refresh(&bench, &tokens["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], tokens["refresh_token"]);
    assert_eq!(airtable_me(&bench, &fresh).await.status, 200);
    // Another grant of the same account is not touched.
    let other = airtable_tokens(&bench).await;
    assert_eq!(
        error(&airtable_refresh(&bench, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(airtable_me(&bench, &fresh).await.status, 401);
    assert_eq!(
        error(&airtable_refresh(&bench, &fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(airtable_me(&bench, &other).await.status, 200);
    // Sixty days without use end a refresh token.
    bench.later(60 * 86_400_000);
    assert_eq!(
        error(&airtable_refresh(&bench, &other["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}
