//! The shape of `patchbay catalog --json`, which scripts rely on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::builtin;

fn entry(id: &str) -> Value {
    let all = builtin().json();
    all.as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["id"] == id)
        .unwrap()
        .clone()
}

#[test]
fn every_entry_has_exactly_the_fields() {
    let fields = BTreeSet::from([
        "id",
        "name",
        "category",
        "auth",
        "authorize_url",
        "token_url",
        "refresh_url",
        "revoke_url",
        "whoami_url",
        "scopes",
        "scope_separator",
        "pkce",
        "client_auth",
        "token_body",
        "refresh",
        "connection_params",
        "sources",
    ]);
    let all = builtin().json();

    assert_eq!(all.as_array().unwrap().len(), 39);
    for entry in all.as_array().unwrap() {
        let found: BTreeSet<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, fields, "{}", entry["id"]);
        let refresh: BTreeSet<&str> = entry["refresh"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            refresh,
            BTreeSet::from(["issued", "rotates", "idle_days"]),
            "{}",
            entry["id"]
        );
        assert!(
            !entry["sources"].as_array().unwrap().is_empty(),
            "{}",
            entry["id"]
        );
    }
}

#[test]
fn words_are_the_agreed_ones() {
    for entry in builtin().json().as_array().unwrap() {
        let one_of = |field: &str, words: &[&str]| match &entry[field] {
            Value::Null => words.contains(&"null"),
            word => words.contains(&word.as_str().unwrap()),
        };
        assert!(
            one_of("auth", &["oauth2", "oauth1", "link", "api_key"]),
            "{entry}"
        );
        assert!(one_of("pkce", &["required", "supported", "none"]), "{entry}");
        assert!(one_of("client_auth", &["basic", "body", "null"]), "{entry}");
        assert!(one_of("token_body", &["form", "json", "null"]), "{entry}");
    }
}

#[test]
fn an_oauth2_entry_says_it_all() {
    let asana = entry("asana");

    assert_eq!(asana["auth"], "oauth2");
    assert_eq!(asana["authorize_url"], "https://app.asana.com/-/oauth_authorize");
    assert_eq!(asana["token_url"], "https://app.asana.com/-/oauth_token");
    assert_eq!(asana["refresh_url"], Value::Null);
    assert_eq!(asana["revoke_url"], "https://app.asana.com/-/oauth_revoke");
    assert_eq!(
        asana["refresh"],
        json!({ "issued": true, "rotates": false, "idle_days": null })
    );
    assert_eq!(asana["connection_params"], json!([]));
    assert_eq!(
        entry("figma")["refresh_url"],
        "https://api.figma.com/v1/oauth/refresh"
    );
}

#[test]
fn what_does_not_apply_is_null() {
    let sendgrid = entry("sendgrid");
    for field in [
        "authorize_url",
        "token_url",
        "refresh_url",
        "revoke_url",
        "scope_separator",
        "client_auth",
        "token_body",
    ] {
        assert_eq!(sendgrid[field], Value::Null, "{field}");
    }
    assert_eq!(sendgrid["scopes"], json!([]));

    let plaid = entry("plaid");
    assert_eq!(plaid["authorize_url"], Value::Null);
    assert_eq!(plaid["token_url"], "{env}/item/public_token/exchange");
}

#[test]
fn hosts_with_a_default_are_written_out_and_other_parts_kept() {
    assert_eq!(
        entry("sendgrid")["whoami_url"],
        "https://api.sendgrid.com/v3/scopes"
    );
    assert_eq!(
        entry("quickbooks")["whoami_url"],
        "https://quickbooks.api.intuit.com/v3/company/{realmId}/companyinfo/{realmId}"
    );
    assert_eq!(entry("plaid")["revoke_url"], "{env}/item/remove");
    assert_eq!(entry("gitlab")["token_url"], "https://{host}/oauth/token");
}

#[test]
fn what_is_typed_is_listed_with_its_pattern() {
    assert_eq!(
        entry("shopify")["connection_params"],
        json!([{ "name": "shop", "pattern": r"^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$" }])
    );
    let names: Vec<Value> = entry("sendgrid")["connection_params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|param| param["name"].clone())
        .collect();
    assert_eq!(names, ["api_key", "region"]);
}
