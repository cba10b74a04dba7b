//! Jira: sites that are asked for before anything else, a refresh token for a scope, a secret's error that reads like a no.

use serde_json::{Value, json};

use super::{ANA, Door, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET};

pub const JIRA: Door = Door {
    host: "auth.atlassian.com",
    path: "/authorize",
    own: &[
        ("audience", "api.atlassian.com"),
        ("prompt", "consent"),
        ("scope", "offline_access read:me read:jira-work read:jira-user"),
    ],
    pkce: false,
};
const API: &str = "api.atlassian.com";

async fn jira_token(bench: &Bench, secret: &str, own: &Value) -> Answer {
    let mut body = json!({"client_id": "patchbay", "client_secret": secret});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    bench
        .send("POST", JIRA.host, "/oauth/token", &[JSON], &body.to_string())
        .await
}

async fn jira_tokens(bench: &Bench, account: &str, other: &[(&str, &str)]) -> Value {
    let back = JIRA.approve(bench, other, &[("account", account)]).await;
    let own = json!({
        "grant_type": "authorization_code", "redirect_uri": BACK, "code": back.sent("code").unwrap(),
    });
    jira_token(bench, SECRET, &own).await.json()
}

async fn jira_refresh(bench: &Bench, token: &Value) -> Answer {
    let own = json!({"grant_type": "refresh_token", "refresh_token": token});
    jira_token(bench, SECRET, &own).await
}

async fn jira_sites(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(API, "/oauth/token/accessible-resources", token).await
}

async fn jira_me(bench: &Bench, tokens: &Value, site: &Value) -> Answer {
    let path = format!("/ex/jira/{}/rest/api/3/myself", site["id"].as_str().unwrap());
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(API, &path, token).await
}

#[tokio::test]
async fn jira_wants_every_documented_parameter() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for (other, word) in [
        (vec![("audience", "")], "invalid_request"),
        (vec![("audience", "acme.atlassian.net")], "invalid_request"),
        (vec![("prompt", "")], "invalid_request"),
        (vec![("state", "")], "invalid_request"),
        (vec![("scope", "write:jira-work")], "invalid_scope"),
        (
            vec![
                ("code_challenge", long.as_str()),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
    ] {
        assert_eq!(
            JIRA.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = JIRA.code(&bench, ANA).await;
    let own = json!({"grant_type": "authorization_code", "redirect_uri": BACK, "code": code});
    assert_eq!(
        error(&jira_token(&bench, "wrong", &own).await),
        refused(401, "access_denied")
    );
    let mut unknown = own.clone();
    unknown["code"] = json!("unknown");
    assert_eq!(
        error(&jira_token(&bench, SECRET, &unknown).await),
        refused(403, "invalid_grant")
    );
    assert_eq!(jira_token(&bench, SECRET, &own).await.json()["expires_in"], 3600);
    // Without offline_access there is no refresh token.
    let online = jira_tokens(&bench, ANA, &[("scope", "read:jira-user")]).await;
    assert!(online.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_jira_address_needs_the_cloud_id_of_a_site_of_ones_own() {
    let bench = bench().await;
    let ana = jira_tokens(&bench, ANA, &[]).await;
    let sites = jira_sites(&bench, &ana).await.json();
    assert_eq!(sites.as_array().unwrap().len(), 1);
    assert_eq!(sites[0]["url"], "https://acme.atlassian.net");
    assert_eq!(sites[0]["scopes"], json!(["read:jira-work", "read:jira-user"]));
    let me = jira_me(&bench, &ana, &sites[0]).await.json();
    assert_eq!(me["accountId"], "712020:6f1d0000-0000-4000-8000-000000000201");
    assert_eq!(me["emailAddress"], ANA);
    // Who has two sites hears of both, and who keeps an address private is shown by name.
    let ops = jira_tokens(&bench, "Acme Operations", &[]).await;
    let both = jira_sites(&bench, &ops).await.json();
    assert_eq!(both.as_array().unwrap().len(), 2);
    let me = jira_me(&bench, &ops, &both[1]).await.json();
    assert!(me.get("emailAddress").is_none());
    assert_eq!(me["displayName"], "Acme Operations");
    assert_eq!(jira_me(&bench, &ana, &both[1]).await.status, 404, "not Ana's");
    let less = jira_tokens(&bench, ANA, &[("scope", "read:me read:jira-work")]).await;
    let refusal = jira_me(&bench, &less, &sites[0]).await;
    assert_eq!(refusal.status, 401);
    assert_eq!(refusal.json()["message"], "Unauthorized; scope does not match");
    let stranger = json!({"access_token": "unknown"});
    assert_eq!(jira_sites(&bench, &stranger).await.status, 401);
}

#[tokio::test]
async fn jiras_refresh_token_works_once_and_for_a_year_at_most() {
    let bench = bench().await;
    let tokens = jira_tokens(&bench, ANA, &[]).await;
    let spent = jira_refresh(&bench, &tokens["refresh_token"]).await.json();
    let again = jira_refresh(&bench, &tokens["refresh_token"]).await;
    assert_eq!(error(&again), refused(403, "invalid_grant"));
    assert_eq!(
        again.json()["error_description"],
        "Unknown or invalid refresh token."
    );
    let mut newest = spent;
    for _ in 0..4 {
        bench.later(89 * 86_400_000);
        newest = jira_refresh(&bench, &newest["refresh_token"]).await.json();
    }
    bench.later(9 * 86_400_000);
    assert_eq!(
        error(&jira_refresh(&bench, &newest["refresh_token"]).await),
        refused(403, "invalid_grant"),
        "356 and 9 days"
    );
    let idle = jira_tokens(&bench, ANA, &[]).await;
    bench.later(90 * 86_400_000);
    assert_eq!(
        error(&jira_refresh(&bench, &idle["refresh_token"]).await),
        refused(403, "invalid_grant")
    );
}
