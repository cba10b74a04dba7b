//! Canva: PKCE required, a refresh token that works once, two kinds of revocation, `{code, message}` errors.

use serde_json::Value;

use super::{BASIC, Door, FORM, WRONG_BASIC, bench};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const CANVA: Door = Door {
    host: "www.canva.com",
    path: "/api/oauth/authorize",
    own: &[("scope", "profile:read design:meta:read")],
    pkce: true,
};
const API: &str = "api.canva.com";
const ANA: &str = "auAnaRuiz2rQNNOsUl5O1";

async fn post(bench: &Bench, path: &str, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    let path = format!("/rest/v1/oauth/{path}");
    bench.send("POST", API, &path, &headers, &encode(pairs)).await
}

async fn tokens(bench: &Bench) -> Value {
    let code = CANVA.code(bench, ANA).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    post(bench, "token", BASIC, &pairs).await.json()
}

async fn refresh(bench: &Bench, token: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    post(bench, "token", BASIC, &pairs).await
}

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get(API, "/rest/v1/users/me", token).await
}

fn code_of(answer: &Answer) -> (u16, String) {
    let word = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    (answer.status, word)
}

fn told(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

#[tokio::test]
async fn canva_wants_pkce_and_calls_a_wrong_secret_an_invalid_access_token() {
    let bench = bench().await;
    for (other, word) in [
        (
            vec![("code_challenge", ""), ("code_challenge_method", "")],
            "invalid_request",
        ),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("scope", "design:content:write")], "invalid_scope"),
    ] {
        assert_eq!(
            CANVA.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let code = CANVA.code(&bench, ANA).await;
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(
        code_of(&post(&bench, "token", WRONG_BASIC, &good).await),
        told(401, "invalid_access_token")
    );
    assert_eq!(
        code_of(&post(&bench, "token", BASIC, &good[..3]).await),
        told(400, "invalid_grant")
    );
    // Credentials in the body work as well.
    let in_body = [("client_id", "patchbay"), ("client_secret", SECRET)];
    let answer = bench
        .form(API, "/rest/v1/oauth/token", &[&good[..], &in_body[..]].concat())
        .await;
    let tokens = answer.json();
    assert_eq!(tokens["expires_in"], 14_400);
    assert!(
        tokens["access_token"].as_str().unwrap().len() > 1024,
        "tokens are long"
    );
    let who = me(&bench, &tokens).await.json();
    assert_eq!(who["team_user"]["user_id"], ANA);
    let token = tokens["access_token"].as_str().unwrap();
    let profile = bench.get(API, "/rest/v1/users/me/profile", token).await.json();
    assert_eq!(profile["profile"]["display_name"], "Ana Ruiz");
}

#[tokio::test]
async fn canvas_refresh_token_works_once_and_using_it_again_ends_its_lineage() {
    let bench = bench().await;
    let first = tokens(&bench).await;
    let fresh = refresh(&bench, &first["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], first["refresh_token"]);
    assert_eq!(me(&bench, &fresh).await.status, 200);
    let other = tokens(&bench).await;
    assert_eq!(
        code_of(&refresh(&bench, &first["refresh_token"]).await),
        told(400, "invalid_grant")
    );
    assert_eq!(
        code_of(&refresh(&bench, &fresh["refresh_token"]).await),
        told(400, "invalid_grant")
    );
    assert_eq!(
        code_of(&me(&bench, &fresh).await),
        told(401, "invalid_access_token")
    );
    assert_eq!(me(&bench, &other).await.status, 200);
}

#[tokio::test]
async fn at_canva_an_access_token_ends_alone_and_a_refresh_token_takes_all_with_it() {
    let bench = bench().await;
    let given = tokens(&bench).await;
    let revoke = async |basic: &str, token: &Value| {
        let pairs = [("token", token.as_str().unwrap())];
        post(&bench, "revoke", basic, &pairs).await
    };
    assert_eq!(
        code_of(&revoke(WRONG_BASIC, &given["refresh_token"]).await),
        told(401, "invalid_access_token")
    );
    assert_eq!(
        code_of(&revoke(BASIC, &"neither".into()).await),
        told(400, "bad_request_params")
    );
    assert_eq!(revoke(BASIC, &given["access_token"]).await.status, 200);
    assert_eq!(me(&bench, &given).await.status, 401);
    let fresh = refresh(&bench, &given["refresh_token"]).await.json();
    assert_eq!(me(&bench, &fresh).await.status, 200);
    assert_eq!(revoke(BASIC, &fresh["refresh_token"]).await.status, 200);
    assert_eq!(me(&bench, &fresh).await.status, 401);
    assert_eq!(
        code_of(&refresh(&bench, &fresh["refresh_token"]).await),
        told(400, "invalid_grant")
    );
}
