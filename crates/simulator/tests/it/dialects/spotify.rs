//! Spotify: refresh tokens that change only with PKCE, and half a year for each approval.

use serde_json::{Value, json};

use super::{BASIC, Door, FORM, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const SPOTIFY: Door = Door {
    host: "accounts.spotify.com",
    path: "/authorize",
    own: &[("scope", "user-read-private user-read-email user-library-read")],
    pkce: true,
};
const ANA: &str = "aNa1Ruiz2A";
const WITHOUT: [(&str, &str); 2] = [("code_challenge", ""), ("code_challenge_method", "")];
const DAY_MS: i64 = 86_400_000;

async fn token(bench: &Bench, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench
        .send("POST", SPOTIFY.host, "/api/token", &headers, &encode(pairs))
        .await
}

async fn tokens(bench: &Bench, pkce: bool) -> Value {
    let other: &[_] = if pkce { &[] } else { &WITHOUT };
    let back = SPOTIFY.approve(bench, other, &[("account", ANA)]).await;
    let code = back.sent("code").unwrap();
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
    ];
    if pkce {
        pairs.push(("code_verifier", VERIFIER));
    }
    token(bench, BASIC, &pairs).await.json()
}

async fn refresh(bench: &Bench, token_value: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token_value.as_str().unwrap()),
    ];
    token(bench, BASIC, &pairs).await
}

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("api.spotify.com", "/v1/me", token).await
}

#[tokio::test]
async fn spotifys_refresh_token_changes_only_where_the_approval_came_with_pkce() {
    let bench = bench().await;
    let plain = tokens(&bench, false).await;
    let again = refresh(&bench, &plain["refresh_token"]).await.json();
    assert!(again.get("refresh_token").is_none());
    assert_eq!(refresh(&bench, &plain["refresh_token"]).await.status, 200);
    let bound = tokens(&bench, true).await;
    let fresh = refresh(&bench, &bound["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], bound["refresh_token"]);
    assert_eq!(
        error(&refresh(&bench, &bound["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    // Using the old one was a mistake of one request: the new one still works.
    assert_eq!(refresh(&bench, &fresh["refresh_token"]).await.status, 200);
}

#[tokio::test]
async fn half_a_year_after_the_approval_spotify_wants_another_however_often_it_was_refreshed() {
    let bench = bench().await;
    let mut newest = tokens(&bench, true).await["refresh_token"].clone();
    for _ in 0..17 {
        bench.later(10 * DAY_MS);
        newest = refresh(&bench, &newest).await.json()["refresh_token"].clone();
    }
    bench.later(10 * DAY_MS);
    assert_eq!(
        error(&refresh(&bench, &newest).await),
        refused(400, "invalid_grant")
    );
}

#[tokio::test]
async fn spotify_tells_what_the_scopes_allow_and_says_400_to_a_wrong_app() {
    let bench = bench().await;
    let who = me(&bench, &tokens(&bench, true).await).await.json();
    assert_eq!(
        (
            &who["account_id"],
            &who["display_name"],
            &who["email"],
            &who["product"]
        ),
        (
            &json!(ANA),
            &json!("Ana Ruiz"),
            &json!("ana@acme.example"),
            &json!("premium")
        )
    );
    assert_ne!(
        who["id"], who["account_id"],
        "the id can change, the account's can not"
    );
    let code = SPOTIFY.code(&bench, ANA).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ];
    let in_body = [("client_id", "patchbay"), ("client_secret", SECRET)];
    for (basic, pairs) in [
        (WRONG_BASIC, pairs.to_vec()),
        (BASIC, [&pairs[..], &in_body[..]].concat()),
    ] {
        assert_eq!(
            error(&token(&bench, basic, &pairs).await),
            refused(400, "invalid_client")
        );
    }
    assert_eq!(
        SPOTIFY
            .told(&bench, &[("scope", "user-top-read")])
            .await
            .as_deref(),
        Some("invalid_scope")
    );
    let less = SPOTIFY
        .approve(&bench, &[("scope", "")], &[("account", ANA)])
        .await;
    let code = less.sent("code").unwrap();
    let pairs = [pairs[0], ("code", code.as_str()), pairs[2], pairs[3]];
    let tokens = token(&bench, BASIC, &pairs).await.json();
    let who = me(&bench, &tokens).await.json();
    assert!(who.get("email").is_none() && who.get("country").is_none());
    bench.later(3_600_000);
    assert_eq!(me(&bench, &tokens).await.json()["error"]["status"], 401);
}
