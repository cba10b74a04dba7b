//! LinkedIn: its own words for a person who cancels and for a code that is no good; no refresh tokens.

use serde_json::Value;

use super::{ANA, Desk, Door, bench, error, refused};
use crate::client::{Answer, Bench, VERIFIER, challenge};

const LINKEDIN: Desk = Desk {
    door: Door {
        host: "www.linkedin.com",
        path: "/oauth/v2/authorization",
        own: &[("scope", "openid profile email")],
        pkce: false,
    },
    host: "www.linkedin.com",
    path: "/oauth/v2/accessToken",
    basic: false,
};

async fn userinfo(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("api.linkedin.com", "/v2/userinfo", token).await
}

#[tokio::test]
async fn linkedin_has_its_own_words_for_scopes_and_for_a_person_who_cancels() {
    let bench = bench().await;
    let challenge = challenge(VERIFIER);
    for (other, word) in [
        (
            vec![("scope", "openid r_organization_social")],
            "unauthorized_scope_error",
        ),
        (vec![("scope", "")], "unauthorized_scope_error"),
        (
            vec![
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
    ] {
        assert_eq!(
            LINKEDIN.door.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let query = LINKEDIN.door.query(&[]);
    let back = bench.form(LINKEDIN.host, &query, &[("decision", "deny")]).await;
    assert_eq!(back.sent("error").as_deref(), Some("user_cancelled_authorize"));
    assert_eq!(back.sent("state").as_deref(), Some("a-state-of-sixteen-or-more"));
}

#[tokio::test]
async fn linkedin_calls_a_bad_code_a_bad_request_and_gives_no_refresh_token() {
    let bench = bench().await;
    let code = LINKEDIN.door.code(&bench, ANA).await;
    for (other, wanted) in [
        (("client_secret", "wrong"), refused(401, "invalid_client")),
        (("code", "unknown"), refused(400, "invalid_request")),
        (
            ("redirect_uri", "http://localhost:3000/other"),
            refused(400, "invalid_redirect_uri"),
        ),
    ] {
        let answer = LINKEDIN.redeem(&bench, &code, &[other]).await;
        assert_eq!(error(&answer), wanted, "{other:?}");
    }
    let tokens = LINKEDIN.redeem(&bench, &code, &[]).await.json();
    assert_eq!(tokens["scope"], "email,openid,profile");
    assert_eq!(tokens["expires_in"], 5_184_000);
    assert!(tokens.get("refresh_token").is_none());
    assert!(tokens["id_token"].is_string());
    let as_refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["access_token"].as_str().unwrap()),
    ];
    let refusal = LINKEDIN.post(&bench, LINKEDIN.path, &as_refresh).await;
    assert_eq!(error(&refusal), refused(400, "invalid_grant"));
    assert_eq!(userinfo(&bench, &tokens).await.json()["email"], ANA);
}

#[tokio::test]
async fn linkedins_api_says_whether_a_token_was_revoked_or_has_ended() {
    let bench = bench().await;
    let code = async |tokens: &Value| {
        let answer = userinfo(&bench, tokens).await;
        (answer.status, answer.json()["serviceErrorCode"].as_u64())
    };
    let revoked = LINKEDIN.tokens(&bench, ANA).await;
    let token = ("token", revoked["access_token"].as_str().unwrap());
    assert_eq!(
        LINKEDIN.post(&bench, "/oauth/v2/revoke", &[token]).await.status,
        200
    );
    assert_eq!(code(&revoked).await, (401, Some(65_601)));
    let other = LINKEDIN.tokens(&bench, ANA).await;
    bench.later(60 * 86_400_000 - 1);
    assert_eq!(userinfo(&bench, &other).await.status, 200);
    bench.later(1);
    assert_eq!(code(&other).await, (401, Some(65_602)));
    let unknown = serde_json::json!({"access_token": "unknown"});
    assert_eq!(code(&unknown).await, (401, Some(65_600)));
}
