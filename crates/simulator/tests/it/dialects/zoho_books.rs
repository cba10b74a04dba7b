//! Zoho Books: data centres, errors in a 200, a refresh token for offline access that was asked for again.

use serde_json::{Value, json};

use super::{Door, bench};
use crate::client::{Answer, BACK, Bench, SECRET};

const SCOPES: &str = "ZohoBooks.settings.READ,ZohoBooks.invoices.READ";
const ZOHO: Door = Door {
    host: "accounts.zoho.com",
    path: "/oauth/v2/auth",
    own: &[
        ("scope", SCOPES),
        ("access_type", "offline"),
        ("prompt", "consent"),
    ],
    pkce: false,
};
const EU: &str = "accounts.zoho.eu";
const ACME: &str = "20060001001";
const CANADA: &str = "60060001002";

async fn zoho_token(bench: &Bench, host: &str, pairs: &[(&str, &str)]) -> Answer {
    let mut all = vec![("client_id", "patchbay"), ("client_secret", SECRET)];
    for (name, value) in pairs {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    bench.form(host, "/oauth/v2/token", &all).await
}

async fn exchange(bench: &Bench, host: &str, code: &str, other: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", code),
    ];
    pairs.extend_from_slice(other);
    zoho_token(bench, host, &pairs).await
}

async fn refresh(bench: &Bench, host: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    zoho_token(
        bench,
        host,
        &[("grant_type", "refresh_token"), ("refresh_token", token)],
    )
    .await
}

async fn organizations(bench: &Bench, host: &str, scheme: &str, tokens: &Value) -> Answer {
    let header = format!("{scheme} {}", tokens["access_token"].as_str().unwrap());
    let path = "/books/v3/organizations";
    bench
        .send("GET", host, path, &[("authorization", &header)], "")
        .await
}

/// Errors come with status 200.
fn in_a_200(word: &str) -> (u16, Value) {
    (200, json!({"error": word}))
}

fn got(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_zoho_code_and_its_tokens_work_in_one_data_centre() {
    let bench = bench().await;
    let back = ZOHO.approve(&bench, &[], &[("account", ACME)]).await;
    assert_eq!(back.sent("location").as_deref(), Some("eu"));
    assert_eq!(
        back.sent("accounts-server").as_deref(),
        Some("https://accounts.zoho.eu")
    );
    let canada = ZOHO.approve(&bench, &[], &[("account", CANADA)]).await;
    assert_eq!(
        canada.sent("accounts-server").as_deref(),
        Some("https://accounts.zohocloud.ca")
    );
    // The other hosts know their own people only.
    let india = Door {
        host: "accounts.zoho.in",
        ..ZOHO
    };
    assert_eq!(india.approve(&bench, &[], &[("account", ACME)]).await.status, 404);
    let code = back.sent("code").unwrap();
    assert_eq!(
        got(&exchange(&bench, ZOHO.host, &code, &[]).await),
        in_a_200("invalid_code")
    );
    let tokens = exchange(&bench, EU, &code, &[]).await.json();
    assert_eq!(tokens["api_domain"], "https://www.zohoapis.eu");
    assert_eq!(
        got(&refresh(&bench, ZOHO.host, &tokens).await),
        in_a_200("invalid_code")
    );
    let who = organizations(&bench, "www.zohoapis.eu", "Zoho-oauthtoken", &tokens).await;
    assert_eq!(who.json()["organizations"][0]["organization_id"], ACME);
    for (host, scheme) in [
        ("www.zohoapis.com", "Zoho-oauthtoken"),
        ("www.zohoapis.eu", "Bearer"),
    ] {
        let refused = organizations(&bench, host, scheme, &tokens).await;
        assert_eq!(refused.status, 401, "{host} {scheme}");
        assert_eq!(refused.json()["code"], 57);
    }
}

#[tokio::test]
async fn zoho_says_errors_in_a_200() {
    let bench = bench().await;
    let code = ZOHO.code(&bench, ACME).await;
    for (other, word) in [
        (("client_secret", "wrong"), "invalid_client_secret"),
        (("client_id", ""), "invalid_client"),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            "invalid_redirect_uri",
        ),
        (("grant_type", "password"), "unsupported_grant_type"),
        (("code", "unknown"), "invalid_code"),
    ] {
        assert_eq!(
            got(&exchange(&bench, EU, &code, &[other]).await),
            in_a_200(word),
            "{other:?}"
        );
    }
    assert!(exchange(&bench, EU, &code, &[]).await.json()["access_token"].is_string());
    let late = ZOHO.code(&bench, ACME).await;
    bench.later(60_000);
    assert_eq!(
        got(&exchange(&bench, EU, &late, &[]).await),
        in_a_200("invalid_code")
    );
    for (other, word) in [
        (("access_type", "forever"), "invalid_request"),
        (
            ("scope", "ZohoBooks.settings.READ ZohoBooks.invoices.READ"),
            "invalid_scope",
        ),
        (("scope", "ZohoBooks.fullaccess.all"), "invalid_scope"),
    ] {
        assert_eq!(
            ZOHO.told(&bench, &[other]).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
}

#[tokio::test]
async fn zoho_gives_a_refresh_token_for_offline_access_and_its_revocation_ends_all() {
    let bench = bench().await;
    let tokens = async |other: &[(&str, &str)]| {
        let back = ZOHO.approve(&bench, other, &[("account", ACME)]).await;
        exchange(&bench, EU, &back.sent("code").unwrap(), &[])
            .await
            .json()
    };
    assert!(
        tokens(&[("access_type", "")])
            .await
            .get("refresh_token")
            .is_none()
    );
    // Approved before: only who asks for consent again gets one.
    assert!(tokens(&[("prompt", "")]).await.get("refresh_token").is_none());
    let given = tokens(&[]).await;
    bench.later(3_600_000);
    assert_eq!(
        organizations(&bench, "www.zohoapis.eu", "Zoho-oauthtoken", &given)
            .await
            .status,
        401
    );
    let fresh = refresh(&bench, EU, &given).await.json();
    assert!(fresh["access_token"].is_string() && fresh.get("refresh_token").is_none());
    let revoke = async |host: &str, query: &str, form: &[(&str, &str)]| {
        let path = format!("/oauth/v2/token/revoke{query}");
        let answer = bench.form(host, &path, form).await;
        (answer.status, answer.json()["status"].clone())
    };
    let token = given["refresh_token"].as_str().unwrap();
    let wrong = (400, Value::Null);
    assert_eq!(revoke(EU, "", &[]).await, wrong);
    assert_eq!(revoke(EU, "?token=unknown", &[]).await, wrong);
    assert_eq!(revoke(ZOHO.host, "", &[("token", token)]).await, wrong);
    assert_eq!(
        revoke(EU, &format!("?token={token}"), &[("token", token)]).await,
        wrong
    );
    assert_eq!(revoke(EU, "", &[("token", token)]).await, (200, json!("success")));
    assert_eq!(got(&refresh(&bench, EU, &given).await), in_a_200("invalid_code"));
    assert_eq!(
        organizations(&bench, "www.zohoapis.eu", "Zoho-oauthtoken", &fresh)
            .await
            .status,
        401
    );
    // The twenty-first refresh token of a person ends their first.
    let mut given = Vec::new();
    for _ in 0..21 {
        bench.later(1000);
        given.push(tokens(&[]).await);
    }
    assert_eq!(
        got(&refresh(&bench, EU, &given[0]).await),
        in_a_200("invalid_code")
    );
    assert!(refresh(&bench, EU, &given[1]).await.json()["access_token"].is_string());
    // In the address, as most pages show it.
    let other = tokens(&[]).await;
    let query = format!("?token={}", other["refresh_token"].as_str().unwrap());
    assert_eq!(revoke(EU, &query, &[]).await, (200, json!("success")));
}
