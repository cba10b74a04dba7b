//! Box: a code that lives for half a minute, credentials in the body, what is wrong with a token in a header.

use serde_json::{Value, json};

use super::{ANA, BASIC, Desk, Door, FORM, bench, error, refused};
use crate::client::{Answer, BACK, Bench, encode};

const BOX: Desk = Desk {
    door: Door {
        host: "account.box.com",
        path: "/api/oauth2/authorize",
        own: &[("scope", "root_readonly")],
        pkce: false,
    },
    host: "api.box.com",
    path: "/oauth2/token",
    basic: false,
};

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("api.box.com", "/2.0/users/me", token).await
}

#[tokio::test]
async fn box_wants_its_code_within_half_a_minute_and_no_basic_credentials() {
    let bench = bench().await;
    let late = BOX.door.code(&bench, ANA).await;
    bench.later(30_000);
    let answer = BOX.redeem(&bench, &late, &[]).await;
    assert_eq!(error(&answer), refused(400, "invalid_grant"));
    assert_eq!(
        answer.json()["error_description"],
        "The authorization code has expired"
    );
    let code = BOX.door.code(&bench, ANA).await;
    bench.later(29_999);
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
    ];
    let basic = [("authorization", BASIC), FORM];
    let elsewhere = bench
        .send("POST", BOX.host, BOX.path, &basic, &encode(&good))
        .await;
    assert_eq!(error(&elsewhere), refused(400, "invalid_client"));
    let other = [("redirect_uri", "http://localhost:3000/other")];
    assert_eq!(
        error(&BOX.redeem(&bench, &code, &other).await),
        refused(400, "redirect_uri_mismatch")
    );
    let tokens = BOX.redeem(&bench, &code, &[]).await.json();
    assert_eq!(tokens["expires_in"], 4175);
    assert_eq!(tokens["restricted_to"], json!([]));
    assert!(tokens.get("scope").is_none(), "what was granted is not named");
    assert_eq!(me(&bench, &tokens).await.json()["login"], ANA);
    // A request without scopes gets those of the app.
    let back = BOX
        .door
        .approve(&bench, &[("scope", "")], &[("account", ANA)])
        .await;
    let tokens = BOX.redeem(&bench, &back.sent("code").unwrap(), &[]).await.json();
    assert_eq!(me(&bench, &tokens).await.status, 200);
}

#[tokio::test]
async fn boxs_refresh_token_works_once_within_sixty_days_and_either_token_ends_access() {
    let bench = bench().await;
    let first = BOX.tokens(&bench, ANA).await;
    let fresh = BOX.refresh(&bench, &first, &[]).await.json();
    assert_eq!(
        error(&BOX.refresh(&bench, &first, &[]).await),
        refused(400, "invalid_grant")
    );
    assert_eq!(me(&bench, &fresh).await.status, 200);
    for kind in ["access_token", "refresh_token"] {
        let tokens = BOX.tokens(&bench, ANA).await;
        let token = ("token", tokens[kind].as_str().unwrap());
        assert_eq!(BOX.post(&bench, "/oauth2/revoke", &[token]).await.status, 200);
        let ended = me(&bench, &tokens).await;
        assert_eq!((ended.status, ended.body.as_str()), (401, ""), "{kind}");
        let told = &ended.headers["www-authenticate"];
        assert!(told.contains(r#"error="invalid_token""#), "{told}");
    }
    bench.later(60 * 86_400_000);
    assert_eq!(
        error(&BOX.refresh(&bench, &fresh, &[]).await),
        refused(400, "invalid_grant")
    );
}
