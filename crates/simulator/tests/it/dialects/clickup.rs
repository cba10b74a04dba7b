//! ClickUp: an exchange of three fields, errors with a code of their own, access that does not end.

use serde_json::{Value, json};

use super::{ANA, Door, JSON, bench};
use crate::client::{Answer, BACK, Bench, SECRET};

const CLICKUP: Door = Door {
    host: "app.clickup.com",
    path: "/api",
    own: &[],
    pkce: false,
};
const API: &str = "api.clickup.com";

async fn clickup_token(bench: &Bench, body: &Value) -> Answer {
    let path = "/api/v2/oauth/token";
    bench.send("POST", API, path, &[JSON], &body.to_string()).await
}

fn code_of(answer: &Answer) -> (u16, Option<String>) {
    let code = answer.json()["ECODE"].as_str().map(str::to_owned);
    (answer.status, code)
}

fn coded(status: u16, code: &str) -> (u16, Option<String>) {
    (status, Some(code.to_owned()))
}

#[tokio::test]
async fn clickup_takes_id_secret_and_code_and_nothing_else() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for other in [
        vec![("scope", "everything")],
        vec![
            ("code_challenge", long.as_str()),
            ("code_challenge_method", "S256"),
        ],
    ] {
        assert!(CLICKUP.told(&bench, &other).await.is_some(), "{other:?}");
    }
    // The documentation knows no response type.
    let short = [("response_type", "")];
    let back = CLICKUP.approve(&bench, &short, &[("account", ANA)]).await;
    let code = back.sent("code").unwrap();
    let good = json!({"client_id": "patchbay", "client_secret": SECRET, "code": code});
    let with = |name: &str, value: &str| {
        let mut body = good.clone();
        body[name] = json!(value);
        body
    };
    for (body, wanted) in [
        (with("client_secret", "wrong"), coded(401, "OAUTH_010")),
        (with("code", "unknown"), coded(400, "OAUTH_013")),
        (with("redirect_uri", BACK), (400, None)),
        (with("grant_type", "authorization_code"), (400, None)),
    ] {
        assert_eq!(code_of(&clickup_token(&bench, &body).await), wanted, "{body}");
    }
    let tokens = clickup_token(&bench, &good).await.json();
    let fields: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["access_token"]);
    let token = tokens["access_token"].as_str().unwrap();
    // A year later it still works.
    bench.later(365 * 86_400_000);
    let user = bench.get(API, "/api/v2/user", token).await.json();
    assert_eq!(user["user"]["id"], 48_110_201);
    assert_eq!(user["user"]["email"], ANA);
    let unknown = bench.get(API, "/api/v2/user", "unknown").await;
    assert_eq!(code_of(&unknown), coded(401, "OAUTH_025"));
    let nobody = bench.send("GET", API, "/api/v2/user", &[], "").await;
    assert_eq!(code_of(&nobody), coded(400, "OAUTH_017"));
    // The code a second time ends what it gave.
    assert_eq!(
        code_of(&clickup_token(&bench, &good).await),
        coded(400, "OAUTH_014")
    );
    assert_eq!(bench.get(API, "/api/v2/user", token).await.status, 401);
}

#[tokio::test]
async fn who_says_no_at_clickup_stays_there() {
    let bench = bench().await;
    let answer = bench
        .form(CLICKUP.host, &CLICKUP.query(&[]), &[("decision", "deny")])
        .await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("location"));
    assert!(answer.body.contains("Patchbay gets no access"), "{}", answer.body);
}
