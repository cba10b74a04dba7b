//! Notion: Basic credentials, JSON, a version with every call, refresh tokens that work once.

use serde_json::{Value, json};

use super::{BASIC, Door, FORM, JSON, WRONG_BASIC, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET};

const NOTION: Door = Door {
    host: "api.notion.com",
    path: "/v1/oauth/authorize",
    own: &[("owner", "user")],
    pkce: false,
};

const VERSION: (&str, &str) = ("notion-version", "2025-09-03");

async fn notion(bench: &Bench, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    bench
        .send("POST", NOTION.host, path, headers, &body.to_string())
        .await
}

async fn notion_tokens(bench: &Bench) -> Value {
    let code = NOTION.code(bench, "Acme").await;
    let body = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
    let answer = notion(
        bench,
        "/v1/oauth/token",
        &[("authorization", BASIC), JSON, VERSION],
        &body,
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn notion_me(bench: &Bench, tokens: &Value) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    bench
        .send(
            "GET",
            NOTION.host,
            "/v1/users/me",
            &[("authorization", &bearer), VERSION],
            "",
        )
        .await
}

#[tokio::test]
async fn notion_wants_owner_user_and_neither_pkce_nor_scopes() {
    let bench = bench().await;
    let long = "x".repeat(43);
    for other in [
        vec![("owner", "")],
        vec![("owner", "workspace")],
        vec![("scope", "read")],
        vec![
            ("code_challenge", long.as_str()),
            ("code_challenge_method", "S256"),
        ],
    ] {
        assert_eq!(
            NOTION.told(&bench, &other).await.as_deref(),
            Some("invalid_request"),
            "{other:?}"
        );
    }
    let page = NOTION.ask(&bench, &[]).await.body;
    for words in [
        "wants to use your Notion workspace",
        "<legend>Workspace</legend>",
        "Acme Labs",
        "pages that you share",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn notion_wants_basic_json_and_its_version() {
    let bench = bench().await;
    let code = NOTION.code(&bench, "Acme").await;
    let good = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
    let mut in_body = good.clone();
    in_body["client_id"] = json!("patchbay");
    in_body["client_secret"] = json!(SECRET);
    let mut other_back = good.clone();
    other_back["redirect_uri"] = json!("http://localhost:3000/other");
    let basic = ("authorization", BASIC);
    for (headers, body, wanted) in [
        (vec![JSON, VERSION], &in_body, refused(401, "invalid_client")),
        (
            vec![basic, JSON, VERSION],
            &in_body,
            refused(401, "invalid_client"),
        ),
        (
            vec![("authorization", WRONG_BASIC), JSON, VERSION],
            &good,
            refused(401, "invalid_client"),
        ),
        (vec![basic, FORM, VERSION], &good, refused(400, "invalid_request")),
        (
            vec![basic, JSON, VERSION],
            &other_back,
            refused(400, "invalid_grant"),
        ),
    ] {
        let answer = notion(&bench, "/v1/oauth/token", &headers, body).await;
        assert_eq!(error(&answer), wanted, "{headers:?} {body}");
    }
    for headers in [
        vec![basic, JSON],
        vec![basic, JSON, ("notion-version", "1999-01-01")],
    ] {
        let answer = notion(&bench, "/v1/oauth/token", &headers, &good).await;
        assert_eq!(
            (answer.status, answer.json()["code"].clone()),
            (400, json!("missing_version"))
        );
    }
    let answer = notion(&bench, "/v1/oauth/token", &[basic, JSON, VERSION], &good).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = answer.json();
    assert_eq!(tokens["workspace_name"], "Acme");
    assert!(tokens["workspace_id"].is_string() && tokens["bot_id"].is_string());
    assert_eq!(tokens["owner"]["type"], "user");
    assert_eq!(tokens.get("expires_in"), None);
    let me = notion_me(&bench, &tokens).await.json();
    assert_eq!(
        (me["id"].clone(), me["bot"]["workspace_name"].clone()),
        (tokens["bot_id"].clone(), json!("Acme"))
    );
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let bare = bench
        .send(
            "GET",
            NOTION.host,
            "/v1/users/me",
            &[("authorization", &bearer)],
            "",
        )
        .await;
    assert_eq!(bare.json()["code"], "missing_version");
}

#[tokio::test]
async fn notions_refresh_token_works_once_and_revoking_ends_both() {
    let bench = bench().await;
    let tokens = notion_tokens(&bench).await;
    let headers = [("authorization", BASIC), JSON, VERSION];
    let refresh = async |token: &Value| {
        let body = json!({"grant_type": "refresh_token", "refresh_token": token});
        notion(&bench, "/v1/oauth/token", &headers, &body).await
    };
    let fresh = refresh(&tokens["refresh_token"]).await.json();
    assert_ne!(fresh["refresh_token"], tokens["refresh_token"]);
    assert_eq!(
        error(&refresh(&tokens["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(notion_me(&bench, &fresh).await.status, 200);
    let revoke = async |headers: &[(&str, &str)]| {
        notion(
            &bench,
            "/v1/oauth/revoke",
            headers,
            &json!({"token": fresh["access_token"]}),
        )
        .await
    };
    assert_eq!(
        error(&revoke(&[JSON, VERSION]).await),
        refused(401, "invalid_client")
    );
    assert_eq!(notion_me(&bench, &fresh).await.status, 200);
    assert_eq!(revoke(&headers).await.status, 200);
    assert_eq!(notion_me(&bench, &fresh).await.json()["code"], "unauthorized");
    assert_eq!(
        error(&refresh(&fresh["refresh_token"]).await),
        refused(400, "invalid_grant")
    );
}
