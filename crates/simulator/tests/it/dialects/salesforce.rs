//! Salesforce: a host of its own for each organisation, an address with the tokens, no word of when access ends.

use serde_json::{Value, json};

use super::{ANA, Door, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER};

const LOGIN: &str = "login.salesforce.com";
const ACME: &str = "acme.my.salesforce.com";
const TOKEN: &str = "/services/oauth2/token";
const REVOKE: &str = "/services/oauth2/revoke";
const APP: [(&str, &str); 2] = [("client_id", "patchbay"), ("client_secret", SECRET)];

pub(super) const fn door(host: &'static str) -> Door {
    Door {
        host,
        path: "/services/oauth2/authorize",
        own: &[("scope", "api refresh_token openid profile")],
        pkce: true,
    }
}

async fn salesforce_exchange(bench: &Bench, code: &str, other: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        APP[0],
        APP[1],
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in other {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    bench.form(LOGIN, TOKEN, &pairs).await
}

async fn salesforce_tokens(bench: &Bench) -> Value {
    let code = door(LOGIN).code(bench, ANA).await;
    salesforce_exchange(bench, &code, &[]).await.json()
}

async fn salesforce_refresh(bench: &Bench, host: &str, token: &Value) -> Answer {
    let own = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    bench.form(host, TOKEN, &[&APP[..], &own[..]].concat()).await
}

async fn salesforce_me(bench: &Bench, host: &str, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(host, "/services/oauth2/userinfo", token).await
}

#[tokio::test]
async fn salesforces_organisations_are_reached_where_they_live() {
    let bench = bench().await;
    for (host, known, unknown) in [
        (LOGIN, "ben@globex.example", "ana@acme.example.dev"),
        (
            "test.salesforce.com",
            "ana@acme.example.dev",
            "ben@globex.example",
        ),
        (ACME, ANA, "ben@globex.example"),
        (
            "acme--dev.sandbox.my.salesforce.com",
            "ana@acme.example.dev",
            "ben@globex.example",
        ),
    ] {
        let page = door(host).ask(&bench, &[]).await.body;
        assert!(page.contains(known) && !page.contains(unknown), "{host}: {page}");
    }
    for host in ["nobody.my.salesforce.com", "acme.lightning.force.com"] {
        let answer = bench.send("GET", host, &door(host).query(&[]), &[], "").await;
        assert_eq!(answer.status, 404, "{host}");
    }
    let tokens = salesforce_tokens(&bench).await;
    assert_eq!(tokens["instance_url"], format!("https://{ACME}"));
    assert!(tokens.get("expires_in").is_none());
    let me = salesforce_me(&bench, ACME, &tokens).await.json();
    assert_eq!(
        (me["organization_id"].clone(), me["preferred_username"].clone()),
        (json!("00Dxx0000000101EAA"), json!(ANA))
    );
    let elsewhere = salesforce_me(&bench, "globex.my.salesforce.com", &tokens).await;
    assert_eq!(
        (elsewhere.status, elsewhere.body.as_str()),
        (403, "Bad_OAuth_Token")
    );
}

#[tokio::test]
async fn salesforce_has_its_words_for_what_does_not_fit() {
    let bench = bench().await;
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(
        door(LOGIN).told(&bench, &without).await.as_deref(),
        Some("invalid_request")
    );
    let code = door(LOGIN).code(&bench, ANA).await;
    let wrong = "w".repeat(43);
    for (other, word) in [
        (("client_secret", "wrong"), "invalid_client"),
        (("client_id", ""), "invalid_client_id"),
        (("code_verifier", wrong.as_str()), "invalid_request"),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            "redirect_uri_mismatch",
        ),
        (("code", "unknown"), "invalid_grant"),
    ] {
        let answer = salesforce_exchange(&bench, &code, &[other]).await;
        assert_eq!(error(&answer), refused(400, word), "{other:?}");
    }
    assert_eq!(salesforce_exchange(&bench, &code, &[]).await.status, 200);
    // Without the scope for it there is no refresh token.
    let back = door(LOGIN)
        .approve(&bench, &[("scope", "api openid")], &[("account", ANA)])
        .await;
    let short = salesforce_exchange(&bench, &back.sent("code").unwrap(), &[])
        .await
        .json();
    assert!(short.get("refresh_token").is_none());
}

#[tokio::test]
async fn salesforces_access_ends_unannounced_and_its_refresh_token_works_once() {
    let bench = bench().await;
    let tokens = salesforce_tokens(&bench).await;
    bench.later(2 * 3_600_000);
    let ended = salesforce_me(&bench, ACME, &tokens).await;
    assert_eq!((ended.status, ended.body.as_str()), (403, "Bad_OAuth_Token"));
    let fresh = salesforce_refresh(&bench, ACME, &tokens["refresh_token"])
        .await
        .json();
    assert_ne!(fresh["refresh_token"], tokens["refresh_token"]);
    assert_eq!(
        error(&salesforce_refresh(&bench, LOGIN, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(salesforce_me(&bench, ACME, &fresh).await.status, 200);
    // Thirty days without use end it.
    bench.later(30 * 86_400_000);
    assert_eq!(
        error(&salesforce_refresh(&bench, LOGIN, &fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}

#[tokio::test]
async fn salesforces_revocation_ends_what_the_kind_of_token_says() {
    let bench = bench().await;
    let tokens = salesforce_tokens(&bench).await;
    let revoke = async |token: &Value| {
        let pairs = [("token", token.as_str().unwrap())];
        bench.form(LOGIN, REVOKE, &pairs).await
    };
    assert_eq!(revoke(&tokens["access_token"]).await.status, 200);
    assert_eq!(salesforce_me(&bench, ACME, &tokens).await.status, 403);
    let fresh = salesforce_refresh(&bench, LOGIN, &tokens["refresh_token"])
        .await
        .json();
    assert_eq!(salesforce_me(&bench, ACME, &fresh).await.status, 200);
    assert_eq!(revoke(&fresh["refresh_token"]).await.status, 200);
    assert_eq!(salesforce_me(&bench, ACME, &fresh).await.status, 403);
    assert_eq!(
        error(&revoke(&fresh["refresh_token"]).await),
        refused(400, "unsupported_token_type")
    );
}
