//! Slack: errors in a 200, no PKCE, a nested user token.

use serde_json::{Value, json};

use super::{BASIC, Door, FORM, WRONG_BASIC, bench};
use crate::client::{Answer, BACK, Bench, VERIFIER, encode};

const SLACK: Door = Door {
    host: "slack.com",
    path: "/oauth/v2/authorize",
    own: &[("scope", "channels:read,team:read")],
    pkce: false,
};

async fn slack_access(bench: &Bench, basic: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", basic), FORM];
    bench
        .send(
            "POST",
            SLACK.host,
            "/api/oauth.v2.access",
            &headers,
            &encode(pairs),
        )
        .await
}

async fn slack_call(bench: &Bench, method: &str, token: &Value) -> Value {
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let answer = bench
        .send(
            "POST",
            SLACK.host,
            &format!("/api/{method}"),
            &[("authorization", &bearer)],
            "",
        )
        .await;
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn slack_refuses_pkce_and_unknown_scopes() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for (other, word) in [
        (
            vec![
                ("code_challenge", long.as_str()),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
        (vec![("scope", "channels:read team:read")], "invalid_scope"),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("user_scope", "everything")], "invalid_scope"),
    ] {
        assert_eq!(
            SLACK.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let page = SLACK.ask(&bench, &[]).await.body;
    assert!(page.contains("wants to use your Slack workspace") && page.contains("Globex"));
}

#[tokio::test]
async fn slack_says_errors_in_a_200() {
    let bench = bench().await;
    let code = SLACK.code(&bench, "Acme").await;
    let good = [("code", code.as_str()), ("redirect_uri", BACK)];
    for (basic, pairs, word) in [
        (WRONG_BASIC, good.to_vec(), "bad_client_secret"),
        (
            BASIC,
            vec![("code", "unknown"), ("redirect_uri", BACK)],
            "invalid_code",
        ),
        (
            BASIC,
            vec![good[0], ("redirect_uri", "http://localhost:3000/other")],
            "bad_redirect_uri",
        ),
        (
            BASIC,
            vec![good[0], good[1], ("code_verifier", VERIFIER)],
            "invalid_arguments",
        ),
        (BASIC, vec![("grant_type", "refresh_token")], "invalid_grant_type"),
    ] {
        let answer = slack_access(&bench, basic, &pairs).await;
        assert_eq!(answer.json(), json!({"ok": false, "error": word}));
        assert_eq!(answer.status, 200);
    }
    let tokens = slack_access(&bench, BASIC, &good).await.json();
    assert_eq!(tokens["ok"], true);
    assert_eq!(tokens["scope"], "channels:read,team:read");
    assert_eq!(tokens["team"]["name"], "Acme");
    assert!(tokens["authed_user"]["id"].is_string() && tokens["authed_user"].get("access_token").is_none());
    assert!(tokens.get("refresh_token").is_none() && tokens.get("expires_in").is_none());
    assert_eq!(
        slack_call(&bench, "auth.test", &tokens["access_token"]).await["team_id"],
        "T0ACME00001"
    );
    assert_eq!(
        slack_call(&bench, "auth.test", &json!("xoxb-unknown")).await["error"],
        "invalid_auth"
    );
    assert_eq!(
        slack_call(&bench, "auth.revoke", &tokens["access_token"]).await,
        json!({"ok": true, "revoked": true})
    );
    for method in ["auth.test", "auth.revoke"] {
        assert_eq!(
            slack_call(&bench, method, &tokens["access_token"]).await["error"],
            "token_revoked"
        );
    }
    // A second use of the code ends what the first gave.
    let used = slack_access(&bench, BASIC, &good).await.json();
    assert_eq!(used["error"], "code_already_used");
}

#[tokio::test]
async fn slacks_user_token_is_nested() {
    let bench = bench().await;
    let only_user = [("scope", ""), ("user_scope", "users:read")];
    let both = [("user_scope", "users:read")];
    for (other, bot) in [(only_user.as_slice(), false), (both.as_slice(), true)] {
        let back = SLACK.approve(&bench, other, &[("account", "Acme")]).await;
        let code = back.sent("code").unwrap();
        let tokens = slack_access(&bench, BASIC, &[("code", code.as_str()), ("redirect_uri", BACK)])
            .await
            .json();
        assert_eq!(tokens.get("access_token").is_some(), bot, "{other:?}");
        assert_eq!(tokens["authed_user"]["scope"], "users:read");
        let user = &tokens["authed_user"]["access_token"];
        assert_eq!(slack_call(&bench, "auth.test", user).await["ok"], true);
    }
}
