//! Microsoft: tenants in the path, offline access that no answer names, refresh tokens that stay good beside their
//! successors, errors with numbers, and what only an administrator can give.

use serde_json::{Value, json};

use super::{ANA, BASIC, Door, FORM, bench, error, refused};
use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, encode};

const LOGIN: &str = "login.microsoftonline.com";
const SCOPES: &[(&str, &str)] = &[(
    "scope",
    "openid profile offline_access User.Read Mail.Read Calendars.Read",
)];
pub(super) const COMMON: Door = Door {
    host: LOGIN,
    path: "/common/oauth2/v2.0/authorize",
    own: SCOPES,
    pkce: true,
};
const ACME: Door = Door {
    path: "/acme.onmicrosoft.com/oauth2/v2.0/authorize",
    ..COMMON
};
const DAY: i64 = 86_400_000;

/// A request to the token endpoint of a tenant, with the app's id and secret in the body.
async fn ask(bench: &Bench, tenant: &str, pairs: &[(&str, &str)]) -> Answer {
    let own = [("client_id", "patchbay"), ("client_secret", SECRET)];
    let path = format!("/{tenant}/oauth2/v2.0/token");
    bench.form(LOGIN, &path, &[&own[..], pairs].concat()).await
}

fn exchange(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

async fn refresh(bench: &Bench, tenant: &str, token: &Value) -> Answer {
    let token = token.as_str().unwrap();
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", token)];
    ask(bench, tenant, &pairs).await
}

async fn tokens(bench: &Bench) -> Value {
    let code = COMMON.code(bench, ANA).await;
    ask(bench, "common", &exchange(&code)).await.json()
}

async fn me(bench: &Bench, tokens: &Value) -> Answer {
    let token = tokens["access_token"].as_str().unwrap();
    bench.get("graph.microsoft.com", "/v1.0/me", token).await
}

/// The number of an error, as its list, its text and its address have it.
fn number(answer: &Answer) -> i64 {
    let body = answer.json();
    let number = body["error_codes"][0].as_i64().unwrap();
    let text = body["error_description"].as_str().unwrap();
    assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
    number
}

#[tokio::test]
async fn microsoft_gives_a_refresh_token_for_offline_access_and_never_names_it() {
    let bench = bench().await;
    let with = tokens(&bench).await;
    assert_eq!(with["scope"], "openid profile User.Read Mail.Read Calendars.Read");
    assert!(with["refresh_token"].is_string() && with["id_token"].is_string());
    let less = [("scope", "User.Read Chat.Read")];
    let back = COMMON.approve(&bench, &less, &[("account", ANA)]).await;
    assert!(back.sent("session_state").is_some());
    let without = ask(&bench, "common", &exchange(&back.sent("code").unwrap()))
        .await
        .json();
    assert_eq!(without["scope"], "User.Read Chat.Read");
    assert!(without.get("refresh_token").is_none() && without.get("id_token").is_none());
    // Whose account it is, to those who may read it, as long as the answer said.
    assert_eq!(me(&bench, &with).await.json()["userPrincipalName"], ANA);
    bench.later(with["expires_in"].as_i64().unwrap() * 1000 + 1000);
    let late = me(&bench, &with).await;
    assert_eq!(late.status, 401);
    assert_eq!(late.json()["error"]["code"], "InvalidAuthenticationToken");
    let back = COMMON
        .approve(&bench, &[("scope", "Mail.Read")], &[("account", ANA)])
        .await;
    let mail = ask(&bench, "common", &exchange(&back.sent("code").unwrap())).await;
    let forbidden = me(&bench, &mail.json()).await;
    assert_eq!(forbidden.status, 403);
    assert_eq!(forbidden.json()["error"]["code"], "Authorization_RequestDenied");
}

#[tokio::test]
async fn microsofts_refresh_tokens_stay_good_beside_their_successors_for_90_days_each() {
    let bench = bench().await;
    let first = tokens(&bench).await;
    let second = refresh(&bench, "common", &first["refresh_token"]).await.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    bench.later(60 * DAY);
    // A refresh token is bound to no tenant.
    let third = refresh(&bench, "acme.onmicrosoft.com", &first["refresh_token"])
        .await
        .json();
    assert_eq!(me(&bench, &third).await.status, 200);
    bench.later(30 * DAY);
    for old in [&first, &second] {
        let answer = refresh(&bench, "common", &old["refresh_token"]).await;
        assert_eq!(error(&answer), refused(400, "invalid_grant"));
        assert_eq!(number(&answer), 70000);
    }
    let fourth = refresh(&bench, "common", &third["refresh_token"]).await;
    assert_eq!(me(&bench, &fourth.json()).await.status, 200);
    // Access withdrawn by hand ends all of them.
    assert_eq!(bench.simulator.revoke_grants("microsoft", ANA).unwrap(), 1);
    let answer = refresh(&bench, "common", &fourth.json()["refresh_token"]).await;
    assert_eq!(error(&answer), refused(400, "invalid_grant"));
}

#[tokio::test]
async fn microsoft_holds_codes_and_people_to_the_tenant_of_the_address() {
    let bench = bench().await;
    let code = COMMON.code(&bench, ANA).await;
    let answer = ask(&bench, "acme.onmicrosoft.com", &exchange(&code)).await;
    assert_eq!(error(&answer), refused(400, "invalid_grant"));
    assert_eq!(number(&answer), 700_005);
    assert_eq!(ask(&bench, "common", &exchange(&code)).await.status, 200);
    let code = ACME.code(&bench, ANA).await;
    let answer = ask(&bench, "acme.onmicrosoft.com", &exchange(&code)).await;
    assert_eq!(answer.status, 200);
    for (path, account, number) in [
        (ACME.path, "ben@globex.example", "AADSTS50020"),
        ("/consumers/oauth2/v2.0/authorize", ANA, "AADSTS500208"),
    ] {
        let door = Door { path, ..COMMON };
        let back = door.approve(&bench, &[], &[("account", account)]).await;
        assert_eq!(back.sent("error").as_deref(), Some("access_denied"), "{path}");
        assert!(back.sent("error_description").unwrap().starts_with(number));
        assert_eq!(back.sent("code"), None);
    }
    // An organisation that is not there: a page for people, an error for apps, and nothing is sent back.
    let door = Door {
        path: "/initech.onmicrosoft.com/oauth2/v2.0/authorize",
        ..COMMON
    };
    let page = door.ask(&bench, &[]).await;
    assert_eq!((page.status, page.headers.get("location")), (400, None));
    assert!(page.body.contains("AADSTS90002"), "{}", page.body);
    let answer = ask(&bench, "initech.onmicrosoft.com", &exchange("x")).await;
    assert_eq!(error(&answer), refused(400, "invalid_request"));
    assert_eq!(number(&answer), 90002);
}

#[tokio::test]
async fn microsoft_says_who_said_no() {
    let bench = bench().await;
    let query = COMMON.query(&[]);
    let back = bench.form(LOGIN, &query, &[("decision", "deny")]).await;
    assert_eq!(back.sent("error").as_deref(), Some("access_denied"));
    let text = back.sent("error_description").unwrap();
    assert!(
        text.starts_with("AADSTS65004: ") && text.contains("\r\n"),
        "{text}"
    );
    let teams = [(
        "scope",
        "offline_access User.Read Chat.Read ChannelMessage.Read.All",
    )];
    let back = COMMON.approve(&bench, &teams, &[("account", ANA)]).await;
    assert_eq!(back.sent("error").as_deref(), Some("access_denied"));
    assert!(
        back.sent("error_description")
            .unwrap()
            .starts_with("AADSTS90094: ")
    );
    assert_eq!(back.sent("code"), None);
}

#[tokio::test]
async fn microsoft_refuses_odd_requests_each_with_its_number() {
    let bench = bench().await;
    for (other, word) in [
        (("response_mode", "fragment"), "invalid_request"),
        (("prompt", "none"), "interaction_required"),
        (("prompt", "always"), "invalid_request"),
        (("prompt", "consent select_account"), "invalid_request"),
        (("scope", "openid Mail.ReadWrite"), "invalid_client"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        let told = COMMON.told(&bench, &[other]).await;
        assert_eq!(told.as_deref(), Some(word), "{other:?}");
    }
    let code = COMMON.code(&bench, ANA).await;
    let good = exchange(&code);
    for (other, wanted, aadsts) in [
        (
            ("client_secret", "wrong"),
            refused(401, "invalid_client"),
            7_000_215,
        ),
        (("client_secret", ""), refused(401, "invalid_client"), 7_000_218),
        (
            ("redirect_uri", "http://localhost:3000/x"),
            refused(401, "invalid_client"),
            500_112,
        ),
        (("code_verifier", ""), refused(400, "invalid_grant"), 501_481),
        (("code", "unknown"), refused(400, "invalid_grant"), 70_000),
        (("code", ""), refused(400, "invalid_request"), 900_144),
        (
            ("grant_type", "password"),
            refused(400, "unsupported_grant_type"),
            70_003,
        ),
    ] {
        let mut pairs = vec![("client_id", "patchbay"), ("client_secret", SECRET)];
        pairs.extend_from_slice(&good);
        pairs.retain(|(name, _)| *name != other.0);
        pairs.push(other);
        let answer = bench.form(LOGIN, "/common/oauth2/v2.0/token", &pairs).await;
        assert_eq!((error(&answer), number(&answer)), (wanted, aadsts), "{other:?}");
    }
    // Basic is as good as the body, and once is once.
    let basic = [("authorization", BASIC), FORM];
    let answer = bench
        .send("POST", LOGIN, "/common/oauth2/v2.0/token", &basic, &encode(&good))
        .await;
    assert_eq!(answer.status, 200);
    let again = ask(&bench, "common", &good).await;
    assert_eq!((error(&again).0, number(&again)), (400, 54005));
    assert_eq!(again.json()["error"], json!("invalid_grant"));
}

#[tokio::test]
async fn graphs_lists_hold_requests_to_their_options() {
    let bench = bench().await;
    let tokens = tokens(&bench).await;
    let token = tokens["access_token"].as_str().unwrap();
    let chat = "/v1.0/chats/19%3Aunknown%40thread.v2/messages";
    for (target, status, code) in [
        ("/v1.0/me/messages?$top=1001", 400, "BadRequest"),
        ("/v1.0/me/messages?$limit=10", 400, "BadRequest"),
        ("/v1.0/me/messages?$select=id,colour", 400, "BadRequest"),
        ("/v1.0/me/messages?$orderby=subject", 400, "InefficientFilter"),
        (
            "/v1.0/me/messages?$filter=receivedDateTime%20ge%20yesterday",
            400,
            "BadRequest",
        ),
        ("/v1.0/me/messages?$skiptoken=made-up", 400, "BadRequest"),
        (
            "/v1.0/me/calendarView?startDateTime=2026-01-01",
            400,
            "ErrorInvalidParameter",
        ),
        (chat, 403, "Authorization_RequestDenied"),
    ] {
        let answer = bench.get("graph.microsoft.com", target, token).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (status, &Value::from(code)),
            "{target}"
        );
    }
    let first = bench
        .get("graph.microsoft.com", "/v1.0/me/messages?$select=subject", token)
        .await
        .json();
    let names: Vec<&String> = first["value"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "subject"]);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let target = next.strip_prefix("https://graph.microsoft.com").unwrap();
    let second = bench.get("graph.microsoft.com", target, token).await.json();
    assert_ne!(first["value"][9]["id"], second["value"][0]["id"]);
}
