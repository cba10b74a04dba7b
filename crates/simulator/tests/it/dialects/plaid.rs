//! Plaid: our app in every body, an environment in every token, a page that says nothing on the way back.

use serde_json::{Value, json};

use super::{JSON, bench};
use crate::client::{Answer, BACK, Bench, SECRET};

const SANDBOX: &str = "sandbox.plaid.com";
const PRODUCTION: &str = "production.plaid.com";
const PAGE: &str = "secure.plaid.com";
const VERSION: (&str, &str) = ("plaid-version", "2020-09-14");
const DAY_MS: i64 = 86_400_000;

/// A call with our app in its body, and some fields set to other values; null leaves one out.
async fn call(bench: &Bench, host: &str, path: &str, fields: Value) -> Answer {
    let mut body = json!({"client_id": "patchbay", "secret": SECRET});
    for (name, value) in fields.as_object().unwrap() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    bench
        .send("POST", host, path, &[JSON, VERSION], &body.to_string())
        .await
}

fn wanted() -> Value {
    json!({
        "client_name": "Patchbay",
        "language": "en",
        "country_codes": ["US"],
        "user": {"client_user_id": "person-1"},
        "products": ["transactions"],
        "transactions": {"days_requested": 90},
        "hosted_link": {"completion_redirect_uri": format!("{BACK}?state=a-state")},
    })
}

/// The same with one field set to another value.
fn with(name: &str, value: Value) -> Value {
    let mut wanted = wanted();
    wanted[name] = value;
    wanted
}

/// Link token, and path of its page.
async fn created(bench: &Bench, host: &str) -> (String, String) {
    let answer = call(bench, host, "/link/token/create", wanted()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let made = answer.json();
    let page = made["hosted_link_url"].as_str().unwrap();
    let path = page.strip_prefix("https://secure.plaid.com").unwrap().to_owned();
    (made["link_token"].as_str().unwrap().to_owned(), path)
}

async fn decide(bench: &Bench, path: &str, decision: &str) -> Answer {
    let form = [("account", "ins_109508"), ("decision", decision)];
    bench.form(PAGE, path, &form).await
}

async fn sessions(bench: &Bench, host: &str, token: &str) -> Value {
    let answer = call(bench, host, "/link/token/get", json!({"link_token": token})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["link_sessions"].clone()
}

async fn public_token(bench: &Bench, host: &str) -> String {
    let (token, page) = created(bench, host).await;
    assert_eq!(decide(bench, &page, "approve").await.status, 303);
    let found = sessions(bench, host, &token).await;
    let token = &found[0]["results"]["item_add_results"][0]["public_token"];
    token.as_str().unwrap().to_owned()
}

async fn access(bench: &Bench, host: &str) -> Value {
    let public = public_token(bench, host).await;
    let answer = call(
        bench,
        host,
        "/item/public_token/exchange",
        json!({"public_token": public}),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

async fn item(bench: &Bench, host: &str, token: &Value) -> Answer {
    call(bench, host, "/item/get", json!({"access_token": token})).await
}

/// Status, type and code of an error.
fn error(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    assert!(body["request_id"].is_string(), "{body}");
    (answer.status, text("error_type"), text("error_code"))
}

fn refused(kind: &str, code: &str) -> (u16, String, String) {
    (400, kind.to_owned(), code.to_owned())
}

#[tokio::test]
async fn plaid_wants_our_app_in_every_body_and_no_field_that_it_does_not_document() {
    let bench = bench().await;
    let (token, _) = created(&bench, SANDBOX).await;
    let path = "/link/token/get";
    for (fields, kind, code) in [
        (
            json!({"link_token": token, "secret": "wrong"}),
            "INVALID_INPUT",
            "INVALID_API_KEYS",
        ),
        (
            json!({"link_token": token, "client_id": "nobody"}),
            "INVALID_INPUT",
            "INVALID_API_KEYS",
        ),
        (
            json!({"link_token": token, "secret": null}),
            "INVALID_REQUEST",
            "MISSING_FIELDS",
        ),
        (
            json!({"link_token": token, "client_secret": SECRET}),
            "INVALID_REQUEST",
            "UNKNOWN_FIELDS",
        ),
        (json!({}), "INVALID_REQUEST", "MISSING_FIELDS"),
        (
            json!({"link_token": "link-sandbox-x"}),
            "INVALID_INPUT",
            "INVALID_LINK_TOKEN",
        ),
    ] {
        let answer = call(&bench, SANDBOX, path, fields.clone()).await;
        assert_eq!(error(&answer), refused(kind, code), "{fields}");
    }
    let body = json!({"client_id": "patchbay", "secret": SECRET, "link_token": token}).to_string();
    for (headers, code) in [
        (&[("content-type", "text/plain")][..], "INVALID_BODY"),
        (&[JSON, ("plaid-version", "2019-05-29")][..], "INVALID_HEADERS"),
    ] {
        let answer = bench.send("POST", SANDBOX, path, headers, &body).await;
        assert_eq!(error(&answer), refused("INVALID_REQUEST", code));
    }
    let missing = call(&bench, SANDBOX, "/link/token/make", json!({})).await;
    assert_eq!(error(&missing).2, "NOT_FOUND");
    // A token of one environment is nothing in the other.
    let answer = call(&bench, PRODUCTION, path, json!({"link_token": token})).await;
    assert_eq!(error(&answer), refused("INVALID_INPUT", "INVALID_LINK_TOKEN"));
    assert_eq!(
        call(&bench, SANDBOX, path, json!({"link_token": token}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn plaid_creates_sessions_for_what_it_documents() {
    let bench = bench().await;
    let hosted = |uri: &str| json!({"completion_redirect_uri": uri});
    for (fields, code) in [
        (with("client_name", json!("x".repeat(31))), "INVALID_FIELD"),
        (with("client_name", json!(null)), "MISSING_FIELDS"),
        (with("language", json!("tlh")), "INVALID_FIELD"),
        (with("country_codes", json!(["USA"])), "INVALID_FIELD"),
        (with("country_codes", json!([])), "INVALID_FIELD"),
        (with("country_codes", json!("US")), "INVALID_FIELD"),
        (
            with("user", json!({"client_user_id": "ana@acme.example"})),
            "INVALID_FIELD",
        ),
        (
            with("products", json!(["transactions", "auth"])),
            "INVALID_PRODUCT",
        ),
        (
            with("transactions", json!({"days_requested": 731})),
            "INVALID_FIELD",
        ),
        (
            with("hosted_link", hosted("http://evil.example/callback/test")),
            "INVALID_FIELD",
        ),
        (
            with("hosted_link", hosted("http://localhost:3000/")),
            "INVALID_FIELD",
        ),
        (
            with("hosted_link", json!({"redirect_uri": BACK})),
            "UNKNOWN_FIELDS",
        ),
        (with("redirect_url", json!(BACK)), "UNKNOWN_FIELDS"),
    ] {
        let answer = call(&bench, SANDBOX, "/link/token/create", fields.clone()).await;
        assert_eq!(error(&answer).2, code, "{fields}");
    }
    // Other countries have to be asked for in production.
    let german = with("country_codes", json!(["DE"]));
    let answer = call(&bench, PRODUCTION, "/link/token/create", german.clone()).await;
    assert_eq!(error(&answer).2, "INVALID_FIELD");
    assert_eq!(
        call(&bench, SANDBOX, "/link/token/create", german).await.status,
        200
    );
    // Without hosted_link there is a session and no page.
    let plain = call(
        &bench,
        SANDBOX,
        "/link/token/create",
        with("hosted_link", json!(null)),
    )
    .await;
    assert!(plain.status == 200 && plain.json().get("hosted_link_url").is_none());
    let entry = bench.simulator.log().pop().unwrap();
    assert_eq!(entry.value("products"), Some(r#"["transactions"]"#));
    assert!(entry.value("secret").is_none() && entry.param("secret").is_some());
}

#[tokio::test]
async fn plaids_page_comes_back_with_nothing_and_the_session_tells_what_happened() {
    let bench = bench().await;
    let (token, page) = created(&bench, PRODUCTION).await;
    assert_eq!(
        sessions(&bench, PRODUCTION, &token).await,
        Value::Null,
        "nobody came"
    );
    let shown = bench.send("GET", PAGE, &page, &[], "").await;
    assert!(shown.status == 200 && shown.body.contains("First Platypus Bank"));
    assert!(
        shown
            .body
            .contains("see the transactions of the accounts you pick")
    );
    let open = sessions(&bench, PRODUCTION, &token).await;
    assert!(open[0]["started_at"].is_string() && open[0]["finished_at"].is_null());
    assert!(open[0]["results"].is_null() && open[0]["exit"].is_null());

    let back = decide(&bench, &page, "approve").await;
    assert_eq!(
        back.headers["location"],
        format!("{BACK}?state=a-state"),
        "our own address, as it was"
    );
    let done = sessions(&bench, PRODUCTION, &token).await;
    assert!(done[0]["finished_at"].is_string() && done[0]["exit"].is_null());
    let added = &done[0]["results"]["item_add_results"][0];
    assert!(
        added["public_token"]
            .as_str()
            .unwrap()
            .starts_with("public-production-")
    );
    assert_eq!(added["institution"]["name"], "First Platypus Bank");
    // It was decided: the page is over.
    assert_eq!(decide(&bench, &page, "deny").await.status, 400);
    assert_eq!(bench.send("GET", PAGE, &page, &[], "").await.status, 400);

    let (token, page) = created(&bench, SANDBOX).await;
    let back = decide(&bench, &page, "deny").await;
    assert_eq!(
        back.headers["location"],
        format!("{BACK}?state=a-state"),
        "the same"
    );
    let left = sessions(&bench, SANDBOX, &token).await;
    assert!(left[0]["finished_at"].is_string() && left[0]["results"].is_null());
    assert!(left[0]["exit"]["error"].is_null() && left[0]["exit"]["metadata"].is_object());

    let (_, page) = created(&bench, SANDBOX).await;
    bench.later(30 * 60_000);
    assert_eq!(
        bench.send("GET", PAGE, &page, &[], "").await.status,
        400,
        "too old"
    );
    assert!(
        bench
            .simulator
            .log()
            .iter()
            .all(|entry| !entry.path.contains(&page[4..]))
    );
}

#[tokio::test]
async fn plaids_public_tokens_are_exchanged_once_soon_and_where_they_are_from() {
    let bench = bench().await;
    let exchange = async |host: &str, token: &str| {
        let fields = json!({"public_token": token});
        call(&bench, host, "/item/public_token/exchange", fields).await
    };
    let unknown = refused("INVALID_INPUT", "INVALID_PUBLIC_TOKEN");
    let token = public_token(&bench, SANDBOX).await;
    for (host, wrong) in [
        (PRODUCTION, token.as_str()),
        (SANDBOX, "public-sandbox-not-one-of-theirs"),
        (SANDBOX, "not-one-of-theirs"),
    ] {
        assert_eq!(error(&exchange(host, wrong).await), unknown, "{host} {wrong}");
    }
    let given = exchange(SANDBOX, &token).await.json();
    assert!(
        given["access_token"]
            .as_str()
            .unwrap()
            .starts_with("access-sandbox-")
    );
    assert_eq!(error(&exchange(SANDBOX, &token).await), unknown, "once");
    let late = public_token(&bench, SANDBOX).await;
    bench.later(30 * 60_000);
    assert_eq!(error(&exchange(SANDBOX, &late).await), unknown, "soon");
}

#[tokio::test]
async fn plaids_items_are_new_each_time_and_end_when_they_are_removed() {
    let bench = bench().await;
    let (first, second) = (access(&bench, PRODUCTION).await, access(&bench, PRODUCTION).await);
    assert_ne!(first["item_id"], second["item_id"], "the same bank, linked twice");
    let token = &first["access_token"];
    let found = item(&bench, PRODUCTION, token).await.json();
    assert_eq!(found["item"]["item_id"], first["item_id"]);
    assert_eq!(found["item"]["institution_name"], "First Platypus Bank");
    assert_eq!(found["item"]["error"], Value::Null);
    assert_eq!(
        error(&item(&bench, SANDBOX, token).await),
        refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN")
    );
    assert_eq!(
        error(&item(&bench, PRODUCTION, &json!("access-production-x")).await),
        refused("INVALID_INPUT", "INVALID_ACCESS_TOKEN")
    );
    let bearer = [JSON, ("authorization", "Bearer x")];
    let answer = bench.send("POST", PRODUCTION, "/item/get", &bearer, "{}").await;
    assert_eq!(error(&answer).2, "MISSING_FIELDS");

    let remove = async || {
        let fields = json!({"access_token": token});
        call(&bench, PRODUCTION, "/item/remove", fields).await
    };
    assert_eq!(remove().await.status, 200);
    let gone = refused("ITEM_ERROR", "ITEM_NOT_FOUND");
    assert_eq!(error(&item(&bench, PRODUCTION, token).await), gone);
    assert_eq!(error(&remove().await), gone);
    assert_eq!(
        item(&bench, PRODUCTION, &second["access_token"]).await.status,
        200
    );
}

#[tokio::test]
async fn plaids_sandbox_asks_for_a_new_login_after_thirty_days() {
    let bench = bench().await;
    let (test, real) = (access(&bench, SANDBOX).await, access(&bench, PRODUCTION).await);
    bench.later(30 * DAY_MS);
    let found = item(&bench, SANDBOX, &test["access_token"]).await;
    assert_eq!(found.status, 200, "an Item with an error still answers");
    assert_eq!(found.json()["item"]["error"]["error_code"], "ITEM_LOGIN_REQUIRED");
    let found = item(&bench, PRODUCTION, &real["access_token"]).await.json();
    assert_eq!(found["item"]["error"], Value::Null);
}
