//! Figma: thirty seconds for a code, a path of its own for refresh tokens, one access token at a time.

use serde_json::Value;

use super::{ANA, BASIC, Door, FORM, WRONG_BASIC, bench};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const FIGMA: Door = Door {
    host: "www.figma.com",
    path: "/oauth",
    own: &[("scope", "current_user:read,projects:read")],
    pkce: true,
};
const API: &str = "api.figma.com";

async fn figma_post(bench: &Bench, path: &str, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench.send("POST", API, path, &headers, &encode(pairs)).await
}

async fn figma_exchange(bench: &Bench, basic: &str, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    figma_post(bench, "/v1/oauth/token", basic, &pairs).await
}

async fn figma_me(bench: &Bench, tokens: &Value) -> Answer {
    bench
        .get(API, "/v1/me", tokens["access_token"].as_str().unwrap())
        .await
}

#[tokio::test]
async fn figmas_codes_live_thirty_seconds() {
    let bench = bench().await;
    for other in [vec![("scope", "")], vec![("scope", "files:read")]] {
        assert_eq!(
            FIGMA.told(&bench, &other).await.as_deref(),
            Some("invalid_scope"),
            "{other:?}"
        );
    }
    let code = FIGMA.code(&bench, ANA).await;
    let wrong = figma_exchange(&bench, WRONG_BASIC, &code).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["error"], true);
    let in_body = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
    ];
    assert_eq!(bench.form(API, "/v1/oauth/token", &in_body).await.status, 401);
    bench.later(29_999);
    let tokens = figma_exchange(&bench, BASIC, &code).await.json();
    assert_eq!(tokens["expires_in"], 7_776_000);
    assert_eq!(tokens["user_id_string"], "1101840975000000201");
    assert_eq!(figma_me(&bench, &tokens).await.json()["email"], ANA);
    let late = FIGMA.code(&bench, ANA).await;
    bench.later(30_000);
    assert_eq!(figma_exchange(&bench, BASIC, &late).await.status, 400);
    // Another scope does not tell who it is.
    let other = [("scope", "projects:read")];
    let back = FIGMA.approve(&bench, &other, &[("account", ANA)]).await;
    let code = back.sent("code").unwrap();
    let tokens = figma_exchange(&bench, BASIC, &code).await.json();
    let refusal = figma_me(&bench, &tokens).await;
    assert_eq!(
        (refusal.status, refusal.json()["status"].as_u64()),
        (403, Some(403))
    );
}

#[tokio::test]
async fn figmas_refresh_token_stays_and_the_access_token_before_ends() {
    let bench = bench().await;
    let code = FIGMA.code(&bench, ANA).await;
    let tokens = figma_exchange(&bench, BASIC, &code).await.json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let named = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(
        figma_post(&bench, "/v1/oauth/token", BASIC, &named).await.status,
        400,
        "not there"
    );
    let mut newest = tokens.clone();
    // The documented request has the refresh token alone; the grant type does no harm.
    for pairs in [&named[1..], &named[..]] {
        let fresh = figma_post(&bench, "/v1/oauth/refresh", BASIC, pairs).await.json();
        assert!(fresh.get("refresh_token").is_none() && fresh.get("user_id_string").is_none());
        let refusal = figma_me(&bench, &newest).await;
        assert_eq!(
            (refusal.status, &refusal.json()["err"]),
            (403, &"Invalid token".into())
        );
        assert_eq!(figma_me(&bench, &fresh).await.status, 200);
        newest = fresh;
    }
    let wrong = figma_post(&bench, "/v1/oauth/refresh", WRONG_BASIC, &named).await;
    assert_eq!(wrong.status, 401);
    let unknown = [("refresh_token", "figur_unknown")];
    assert_eq!(
        figma_post(&bench, "/v1/oauth/refresh", BASIC, &unknown)
            .await
            .status,
        400
    );
    let code = [("code", "x"), ("grant_type", "authorization_code")];
    assert_eq!(
        figma_post(&bench, "/v1/oauth/refresh", BASIC, &code).await.status,
        400
    );
}
