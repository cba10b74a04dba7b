//! monday.com: JSON with PKCE and a secret, access that says its end itself, GraphQL errors in a 200.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Door, FORM, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, NOON, SECRET, VERIFIER, encode};

const MONDAY: Door = Door {
    host: "auth.monday.com",
    path: "/oauth2/authorize",
    own: &[
        ("scope", "me:read account:read"),
        ("force_install_if_needed", "true"),
    ],
    pkce: true,
};
const API: &str = "api.monday.com";
const WHO: &str = "{ me { email account { id name } } }";

async fn monday_post(bench: &Bench, path: &str, own: &Value) -> Answer {
    let mut body = json!({"client_id": "patchbay", "client_secret": SECRET});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    let path = format!("/oauth_ms/oauth/{path}");
    bench
        .send("POST", MONDAY.host, &path, &[JSON], &body.to_string())
        .await
}

async fn monday_tokens(bench: &Bench, other: &[(&str, &str)]) -> Value {
    let back = MONDAY.approve(bench, other, &[("account", "Acme")]).await;
    let own = json!({
        "grant_type": "authorization_code", "redirect_uri": BACK,
        "code": back.sent("code").unwrap(), "code_verifier": VERIFIER,
    });
    monday_post(bench, "token", &own).await.json()
}

async fn monday_refresh(bench: &Bench, token: &Value) -> Answer {
    let own = json!({"grant_type": "refresh_token", "refresh_token": token});
    monday_post(bench, "token", &own).await
}

async fn monday_asks(bench: &Bench, authorization: &str, query: &str) -> Answer {
    let headers = [("authorization", authorization), JSON];
    let body = json!({ "query": query }).to_string();
    bench.send("POST", API, "/v2", &headers, &body).await
}

#[tokio::test]
async fn monday_wants_pkce_json_and_to_be_installed() {
    let bench = bench().await;
    for (other, word) in [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (vec![("force_install_if_needed", "")], "unauthorized_client"),
        (vec![("scope", "me:read,account:read")], "invalid_scope"),
        (vec![("scope", "boards:write")], "invalid_scope"),
    ] {
        assert_eq!(
            MONDAY.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = MONDAY.code(&bench, "Acme").await;
    let pairs = [
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let path = "/oauth_ms/oauth/token";
    let form = bench
        .send("POST", MONDAY.host, path, &[FORM], &encode(&pairs))
        .await;
    assert_eq!(error(&form), refused(400, "invalid_request"));
    let own = json!({"grant_type": "authorization_code", "redirect_uri": BACK, "code": code});
    assert_eq!(
        error(&monday_post(&bench, "token", &own).await),
        refused(400, "invalid_grant"),
        "no verifier"
    );
    let legacy = bench
        .send("POST", MONDAY.host, "/oauth2/token", &[JSON], &own.to_string())
        .await;
    assert_eq!(legacy.status, 404, "the flow before is not played");
}

#[tokio::test]
async fn mondays_access_token_says_itself_when_it_ends() {
    let bench = bench().await;
    let tokens = monday_tokens(&bench, &[]).await;
    assert!(tokens.get("expires_in").is_none());
    let access = tokens["access_token"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(access.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["exp"], NOON / 1000 + 3600);
    // With and without a scheme.
    for authorization in [access.to_owned(), format!("Bearer {access}")] {
        let answer = monday_asks(&bench, &authorization, WHO).await.json();
        let wanted = json!({"email": "ana@acme.example", "account": {"id": "17020201", "name": "Acme"}});
        assert_eq!(answer["data"]["me"], wanted);
    }
    assert_eq!(
        monday_asks(&bench, &format!("Token {access}"), WHO).await.status,
        401
    );
    // What is wrong with a query or with rights is said in a 200.
    for (query, code) in [("{ me { login } }", "undefinedField"), ("me", "parseError")] {
        let answer = monday_asks(&bench, access, query).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["errors"][0]["extensions"]["code"], code, "{query}");
    }
    for scope in ["me:read", "account:read"] {
        let less = monday_tokens(&bench, &[("scope", scope)]).await;
        let answer = monday_asks(&bench, less["access_token"].as_str().unwrap(), WHO).await;
        assert_eq!((answer.status, &answer.json()["data"]), (200, &json!([])));
        let code = &answer.json()["errors"][0]["extensions"]["code"];
        assert_eq!(code, "UserUnauthorizedException", "{scope} alone");
    }
    bench.later(3_600_000);
    let ended = monday_asks(&bench, access, WHO).await;
    assert_eq!(ended.status, 401);
    assert_eq!(ended.json()["errors"][0]["message"], "Not Authenticated");
}

#[tokio::test]
async fn mondays_approval_lasts_half_a_year_and_can_be_revoked() {
    let bench = bench().await;
    let tokens = monday_tokens(&bench, &[]).await;
    let other = monday_tokens(&bench, &[]).await;
    bench.later(179 * 86_400_000);
    let fresh = monday_refresh(&bench, &tokens["refresh_token"]).await.json();
    assert_eq!(
        error(&monday_refresh(&bench, &tokens["refresh_token"]).await),
        refused(400, "invalid_grant"),
        "once only"
    );
    let access = fresh["access_token"].as_str().unwrap();
    assert_eq!(monday_asks(&bench, access, WHO).await.status, 200);
    let done = json!({"success": true});
    let revoke = json!({"token": fresh["refresh_token"], "token_type_hint": "refresh_token"});
    assert_eq!(monday_post(&bench, "revoke", &revoke).await.json(), done);
    assert_eq!(monday_asks(&bench, access, WHO).await.status, 401);
    assert_eq!(monday_post(&bench, "revoke", &revoke).await.json(), done, "again");
    // However often it is refreshed.
    let fresh = monday_refresh(&bench, &other["refresh_token"]).await.json();
    bench.later(86_400_000);
    assert_eq!(
        error(&monday_refresh(&bench, &fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}
