//! Dropbox: refresh tokens for offline access only, calls without arguments, errors in plain text and by tag.

use serde_json::Value;

use super::{ANA, BASIC, Desk, Door, FORM, JSON, bench, error, refused};
use crate::client::{Answer, Bench, encode};

pub(super) const DROPBOX: Desk = Desk {
    door: Door {
        host: "www.dropbox.com",
        path: "/oauth2/authorize",
        own: &[
            ("scope", "account_info.read files.metadata.read"),
            ("token_access_type", "offline"),
        ],
        pkce: true,
    },
    host: "api.dropboxapi.com",
    path: "/oauth2/token",
    basic: false,
};
const ACCOUNT: &str = "/2/users/get_current_account";
const REVOKE: &str = "/2/auth/token/revoke";

async fn call(bench: &Bench, path: &str, tokens: &Value) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    bench
        .send("POST", DROPBOX.host, path, &[("authorization", &bearer)], "")
        .await
}

#[tokio::test]
async fn dropbox_gives_a_refresh_token_for_offline_access_and_keeps_it() {
    let bench = bench().await;
    for (kind, comes) in [("offline", true), ("online", false), ("", false)] {
        let back = DROPBOX
            .door
            .approve(&bench, &[("token_access_type", kind)], &[("account", ANA)])
            .await;
        let tokens = DROPBOX
            .redeem(&bench, &back.sent("code").unwrap(), &[])
            .await
            .json();
        assert_eq!(tokens.get("refresh_token").is_some(), comes, "{kind:?}");
        assert_eq!(tokens["expires_in"], 14_400);
    }
    let forever = [("token_access_type", "forever")];
    assert_eq!(
        DROPBOX.door.told(&bench, &forever).await.as_deref(),
        Some("invalid_request")
    );
    let tokens = DROPBOX.tokens(&bench, ANA).await;
    assert_eq!(
        tokens["account_id"],
        call(&bench, ACCOUNT, &tokens).await.json()["account_id"]
    );
    bench.later(14_400_000);
    assert_eq!(
        call(&bench, ACCOUNT, &tokens).await.json()["error"][".tag"],
        "expired_access_token"
    );
    for _ in 0..2 {
        let fresh = DROPBOX.refresh(&bench, &tokens, &[]).await.json();
        // Nothing but an access token comes: the refresh token stays, and so does what was granted.
        let names: Vec<&String> = fresh.as_object().unwrap().keys().collect();
        assert_eq!(names, ["access_token", "expires_in", "token_type"]);
        assert_eq!(call(&bench, ACCOUNT, &fresh).await.json()["email"], ANA);
    }
}

#[tokio::test]
async fn dropboxs_calls_without_arguments_have_no_body_and_no_media_type() {
    let bench = bench().await;
    let tokens = DROPBOX.tokens(&bench, ANA).await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    for path in [ACCOUNT, REVOKE] {
        for (headers, body) in [
            (vec![("authorization", bearer.as_str()), FORM], ""),
            (vec![("authorization", bearer.as_str()), JSON], "{}"),
            (vec![("authorization", bearer.as_str())], "token=1"),
            (vec![], ""),
        ] {
            let answer = bench.send("POST", DROPBOX.host, path, &headers, body).await;
            assert_eq!(answer.status, 400, "{path} {headers:?} {body:?}");
            assert!(
                answer.body.starts_with("Error in call to API function"),
                "{}",
                answer.body
            );
        }
    }
    assert_eq!(
        call(&bench, ACCOUNT, &tokens).await.status,
        200,
        "none of it did harm"
    );
}

#[tokio::test]
async fn dropbox_ends_the_refresh_token_with_the_access_token_that_came_from_it() {
    let bench = bench().await;
    let code = DROPBOX.door.code(&bench, ANA).await;
    let wrong = DROPBOX.redeem(&bench, &code, &[("client_secret", "wrong")]).await;
    // The word is a sentence.
    assert_eq!(
        error(&wrong),
        refused(400, "invalid_client: Invalid client_id or client_secret")
    );
    let basic = [("authorization", BASIC), FORM];
    let pairs = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let elsewhere = bench
        .send("POST", DROPBOX.host, DROPBOX.path, &basic, &encode(&pairs))
        .await;
    assert_eq!(elsewhere.status, 400);
    let tokens = DROPBOX.redeem(&bench, &code, &[]).await.json();
    let fresh = DROPBOX.refresh(&bench, &tokens, &[]).await.json();
    let revoked = call(&bench, REVOKE, &fresh).await;
    assert_eq!((revoked.status, revoked.body.as_str()), (200, "null"));
    assert_eq!(
        call(&bench, ACCOUNT, &tokens).await.json()["error"][".tag"],
        "invalid_access_token"
    );
    assert_eq!(
        error(&DROPBOX.refresh(&bench, &tokens, &[]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(call(&bench, REVOKE, &fresh).await.status, 401);
}

#[tokio::test]
async fn dropboxs_lists_take_one_argument_and_go_on_by_cursor() {
    let bench = bench().await;
    let tokens = DROPBOX.tokens(&bench, ANA).await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let list = "/2/files/list_folder";
    let go_on = "/2/files/list_folder/continue";
    let whole = r#"{"path": "", "recursive": true, "limit": 2000}"#;
    let headers = [("authorization", bearer.as_str()), JSON];
    for (path, body, status) in [
        (list, "", 400),
        (list, r#"{"recursive": true}"#, 400),
        (list, r#"{"path": "", "limit": 2001}"#, 400),
        (list, r#"{"path": "", "since": "2026-01-01"}"#, 400),
        (list, r#"{"path": "/"}"#, 400),
        (list, r#"{"path": "/gone"}"#, 409),
        (go_on, whole, 400),
        (go_on, r#"{"cursor": "r2000.made-up"}"#, 400),
        (list, whole, 200),
    ] {
        let answer = bench.send("POST", DROPBOX.host, path, &headers, body).await;
        assert_eq!(answer.status, status, "{path} {body}");
    }
    let first = bench
        .send("POST", DROPBOX.host, list, &headers, whole)
        .await
        .json();
    assert_eq!(
        (&first["entries"][0][".tag"], &first["has_more"]),
        (&"folder".into(), &true.into())
    );
    let body = serde_json::json!({"cursor": first["cursor"]}).to_string();
    let last = bench
        .send("POST", DROPBOX.host, go_on, &headers, &body)
        .await
        .json();
    assert_eq!(last["has_more"], false);
    assert_ne!(last["entries"][0]["id"], first["entries"][0]["id"]);
}
