//! Intercom: an exchange of three fields, a token without an end, and an uninstall that ends all of a workspace.

use serde_json::{Value, json};

use super::{Door, bench};
use crate::client::{Answer, BACK, Bench, SECRET};

const INTERCOM: Door = Door {
    host: "app.intercom.com",
    path: "/oauth",
    own: &[],
    pkce: false,
};

const API: &str = "api.intercom.io";
const TOKEN: &str = "/auth/eagle/token";

async fn intercom_exchange(bench: &Bench, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("client_id", "patchbay"),
        ("client_secret", SECRET),
        ("code", code),
    ];
    for (name, value) in more {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    bench.form(API, TOKEN, &pairs).await
}

async fn intercom_token(bench: &Bench, account: &str) -> String {
    let code = INTERCOM.code(bench, account).await;
    let answer = intercom_exchange(bench, &code, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn code_of(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["errors"][0]["code"].clone())
}

#[tokio::test]
async fn intercoms_exchange_takes_three_fields_within_five_minutes() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for other in [
        vec![("scope", "read_admins")],
        vec![
            ("code_challenge", long.as_str()),
            ("code_challenge_method", "S256"),
        ],
    ] {
        assert!(INTERCOM.told(&bench, &other).await.is_some(), "{other:?}");
    }
    // The address needs no response type.
    assert_eq!(INTERCOM.ask(&bench, &[("response_type", "")]).await.status, 200);
    let code = INTERCOM.code(&bench, "acme0001").await;
    for (more, wanted) in [
        (
            ("grant_type", "authorization_code"),
            (400, json!("parameter_invalid")),
        ),
        (("redirect_uri", BACK), (400, json!("parameter_invalid"))),
        (("client_secret", "wrong"), (401, json!("invalid_client"))),
        (("code", "unknown"), (401, json!("unauthorized"))),
    ] {
        let answer = intercom_exchange(&bench, &code, &[more]).await;
        assert_eq!(code_of(&answer), wanted, "{more:?}");
    }
    let answer = intercom_exchange(&bench, &code, &[]).await.json();
    assert_eq!(answer["token"], answer["access_token"]);
    assert!(answer.get("expires_in").is_none() && answer.get("refresh_token").is_none());
    let late = INTERCOM.code(&bench, "acme0001").await;
    bench.later(5 * 60_000);
    assert_eq!(
        code_of(&intercom_exchange(&bench, &late, &[]).await),
        (401, json!("unauthorized"))
    );
}

#[tokio::test]
async fn intercoms_workspaces_are_known_in_their_region_only() {
    let bench = bench().await;
    let token = intercom_token(&bench, "acme0002").await;
    let me = bench.get(API, "/me", &token).await.json();
    assert_eq!(
        (
            me["app"]["id_code"].clone(),
            me["app"]["name"].clone(),
            me["app"]["region"].clone()
        ),
        (json!("acme0002"), json!("Acme Labs"), json!("US"))
    );
    for host in ["api.eu.intercom.io", "api.au.intercom.io"] {
        let answer = bench.get(host, "/me", &token).await;
        assert_eq!(code_of(&answer), (401, json!("unauthorized")), "{host}");
    }
    let bearer = format!("Bearer {token}");
    for (version, status) in [("2.14", 200), ("2.99", 400), ("latest", 400)] {
        let headers = [("authorization", bearer.as_str()), ("intercom-version", version)];
        let answer = bench.send("GET", API, "/me", &headers, "").await;
        assert_eq!(answer.status, status, "{version}");
    }
}

#[tokio::test]
async fn intercoms_uninstall_ends_every_token_of_the_workspace() {
    let bench = bench().await;
    let (first, second, other) = (
        intercom_token(&bench, "acme0001").await,
        intercom_token(&bench, "acme0001").await,
        intercom_token(&bench, "globex03").await,
    );
    bench.later(400 * 86_400_000);
    assert_eq!(bench.get(API, "/me", &first).await.status, 200, "no end");
    let uninstall = async |host: &str| {
        let bearer = format!("Bearer {first}");
        bench
            .send("POST", host, "/auth/uninstall", &[("authorization", &bearer)], "")
            .await
            .status
    };
    assert_eq!(uninstall("api.eu.intercom.io").await, 401);
    assert_eq!(uninstall(API).await, 200);
    for (token, status) in [(&first, 401), (&second, 401), (&other, 200)] {
        assert_eq!(bench.get(API, "/me", token).await.status, status);
    }
    assert_eq!(uninstall(API).await, 401);
}
