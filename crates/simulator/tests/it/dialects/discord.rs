//! Discord: forms only, credentials in either place, a revocation that ends everything.

use serde_json::{Value, json};

use super::{BASIC, Desk, Door, FORM, JSON, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const ANA: &str = "ana.ruiz";
const DISCORD: Desk = Desk {
    door: Door {
        host: "discord.com",
        path: "/oauth2/authorize",
        own: &[("scope", "identify email guilds"), ("prompt", "consent")],
        pkce: true,
    },
    host: "discord.com",
    path: "/api/oauth2/token",
    basic: true,
};

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("discord.com", "/api/v10/users/@me", token).await
}

#[tokio::test]
async fn discord_reads_forms_with_credentials_in_one_place_of_two() {
    let bench = bench().await;
    for (other, word) in [
        (("prompt", "login"), "invalid_request"),
        (("scope", "identify messages.read"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
    ] {
        assert_eq!(
            DISCORD.door.told(&bench, &[other]).await.as_deref(),
            Some(word),
            "{other:?}"
        );
    }
    for in_body in [false, true] {
        let code = DISCORD.door.code(&bench, ANA).await;
        let good = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let own = [("client_id", "patchbay"), ("client_secret", SECRET)];
        let with_own = [&good[..], &own[..]].concat();
        let basic = [("authorization", BASIC), FORM];
        let both = bench
            .send("POST", DISCORD.host, DISCORD.path, &basic, &encode(&with_own))
            .await;
        assert_eq!(error(&both), refused(401, "invalid_client"));
        let text = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
        let as_json = [("authorization", BASIC), JSON];
        let refusal = bench
            .send("POST", DISCORD.host, DISCORD.path, &as_json, &text.to_string())
            .await;
        assert_eq!(error(&refusal), refused(400, "invalid_request"));
        let answer = if in_body {
            bench.form(DISCORD.host, DISCORD.path, &with_own).await
        } else {
            DISCORD.redeem(&bench, &code, &[]).await
        };
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["expires_in"], 604_800);
        let again = DISCORD.redeem(&bench, &code, &[]).await;
        assert_eq!(again.json()["error_description"], r#"Invalid "code" in request."#);
    }
}

#[tokio::test]
async fn discord_ends_all_tokens_of_an_authorization_with_any_of_them() {
    let bench = bench().await;
    for kind in ["access_token", "refresh_token"] {
        let first = DISCORD.tokens(&bench, ANA).await;
        let fresh = DISCORD.refresh(&bench, &first, &[]).await.json();
        assert_eq!(
            error(&DISCORD.refresh(&bench, &first, &[]).await),
            refused(400, "invalid_grant")
        );
        let other = DISCORD.tokens(&bench, ANA).await;
        let pairs = [
            ("token", fresh[kind].as_str().unwrap()),
            ("token_type_hint", "access_token"),
        ];
        let revoked = DISCORD.post(&bench, "/api/oauth2/token/revoke", &pairs).await;
        assert_eq!((revoked.status, revoked.json()), (200, json!({})));
        for dead in [&first, &fresh] {
            assert_eq!(
                me(&bench, dead).await.json()["message"],
                "401: Unauthorized",
                "{kind}"
            );
        }
        assert_eq!(
            error(&DISCORD.refresh(&bench, &fresh, &[]).await),
            refused(400, "invalid_grant")
        );
        assert_eq!(me(&bench, &other).await.status, 200, "another authorization");
    }
}

#[tokio::test]
async fn discord_tells_an_address_only_where_its_scope_was_given() {
    let bench = bench().await;
    for (scope, status, email) in [
        ("identify email", 200, Some("ana@acme.example")),
        ("identify", 200, None),
        ("guilds", 403, None),
    ] {
        let back = DISCORD
            .door
            .approve(&bench, &[("scope", scope)], &[("account", ANA)])
            .await;
        let tokens = DISCORD
            .redeem(&bench, &back.sent("code").unwrap(), &[])
            .await
            .json();
        let answer = me(&bench, &tokens).await;
        assert_eq!(answer.status, status, "{scope}");
        assert_eq!(answer.json()["email"].as_str(), email, "{scope}");
    }
}

#[tokio::test]
async fn discord_lists_servers_by_id_up_to_200() {
    let bench = bench().await;
    let tokens = DISCORD.tokens(&bench, ANA).await;
    let token = tokens["access_token"].as_str().unwrap();
    let list = "/api/v10/users/@me/guilds";
    let all = bench.get("discord.com", list, token).await.json();
    let all = all.as_array().unwrap().clone();
    assert_eq!(all.len(), 130);
    let after = format!("{list}?limit=2&after={}", all[1]["id"].as_str().unwrap());
    assert_eq!(
        bench.get("discord.com", &after, token).await.json(),
        json!(all[2..4])
    );
    for query in ["limit=0", "limit=201", "after=first"] {
        let answer = bench.get("discord.com", &format!("{list}?{query}"), token).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!(50035)),
            "{query}"
        );
    }
}
