//! Mailchimp: tokens without end that say they have none left, a data centre of each account, no scopes.

use serde_json::{Value, json};

use super::{BASIC, Door, FORM, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, encode};

const MAILCHIMP: Door = Door {
    host: "login.mailchimp.com",
    path: "/oauth2/authorize",
    own: &[],
    pkce: false,
};

async fn token(bench: &Bench, pairs: &[(&str, &str)]) -> Answer {
    bench.form(MAILCHIMP.host, "/oauth2/token", pairs).await
}

async fn tokens(bench: &Bench, account: &str) -> Value {
    let code = MAILCHIMP.code(bench, account).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("redirect_uri", BACK),
        ("code", code.as_str()),
    ];
    token(bench, &pairs).await.json()
}

async fn metadata(bench: &Bench, header: &str) -> Answer {
    let headers = [("authorization", header)];
    bench
        .send("GET", MAILCHIMP.host, "/oauth2/metadata", &headers, "")
        .await
}

#[tokio::test]
async fn mailchimps_tokens_have_no_end_and_say_zero() {
    let bench = bench().await;
    let tokens = tokens(&bench, "40770102").await;
    let token_text = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        tokens,
        json!({"access_token": token_text, "expires_in": 0, "scope": null})
    );
    bench.later(5 * 365 * 86_400_000);
    let who = metadata(&bench, &format!("OAuth {token_text}")).await.json();
    assert_eq!(
        (&who["dc"], &who["accountname"], &who["user_id"]),
        (&json!("us6"), &json!("Acme Shop"), &json!(40_770_102))
    );
    assert_eq!(who["api_endpoint"], "https://us6.api.mailchimp.com");
    // What is no good is told in a 200.
    for header in ["OAuth unknown".to_owned(), format!("Bearer {token_text}")] {
        let answer = metadata(&bench, &header).await;
        assert_eq!(error(&answer), refused(200, "invalid_token"), "{header}");
    }
}

#[tokio::test]
async fn mailchimp_has_no_scopes_and_reads_credentials_in_the_body() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for (other, word) in [
        (vec![("scope", "campaigns")], "invalid_scope"),
        (
            vec![
                ("code_challenge", long.as_str()),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
        (vec![("response_type", "")], "invalid_request"),
    ] {
        assert_eq!(
            MAILCHIMP.told(&bench, &other).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    let page = MAILCHIMP.ask(&bench, &[]).await.body;
    assert!(
        page.contains("use everything in your account as you can"),
        "{page}"
    );
    let code = MAILCHIMP.code(&bench, "40770101").await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("code", code.as_str()),
    ];
    let headers = [("authorization", BASIC), FORM];
    let answer = bench
        .send("POST", MAILCHIMP.host, "/oauth2/token", &headers, &encode(&pairs))
        .await;
    assert_eq!(error(&answer), refused(401, "invalid_client"));
    assert!(tokens(&bench, "40770101").await["access_token"].is_string());
}
