//! What a provider tells after it gave access decides what is stored, and whether anything is.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use patchbay_hub::connect::Refusal;
use serde_json::{Value, json};

use crate::stub::{START, Stubbed};

const ACME_SITE: &str = "1324a887-45db-4bf4-8e99-ef0ff456d421";
const LABS_SITE: &str = "2bb2a9a1-0c5d-4a55-9b1e-7f0d1c2b3a4f";
const ACME_ORG: &str = "45e4708e-d862-4111-ab3a-dd8cd03913e1";

/// Nothing of it was stored.
async fn nothing_stored(stubbed: &Stubbed) {
    assert_eq!(stubbed.connections().await, []);
}

fn tokens() -> Value {
    json!({"access_token": "A1", "refresh_token": "R1", "token_type": "Bearer", "expires_in": 3600})
}

async fn jira() -> Stubbed {
    let site = |id, name| {
        let scopes = ["read:jira-work", "read:jira-user"];
        json!({"id": id, "url": format!("https://{name}.atlassian.net"), "name": name, "scopes": scopes})
    };
    let sites = json!([site(ACME_SITE, "acme"), site(LABS_SITE, "acme-labs")]);
    let me = json!({"accountId": "5b10", "emailAddress": "ana@acme.example"});
    let at_acme = "GET /ex/jira/1324a887-45db-4bf4-8e99-ef0ff456d421/rest/api/3/myself";
    let at_labs = "GET /ex/jira/2bb2a9a1-0c5d-4a55-9b1e-7f0d1c2b3a4f/rest/api/3/myself";
    let answers = [
        ("POST /oauth/token", 200, tokens()),
        ("GET /oauth/token/accessible-resources", 200, sites),
        (at_acme, 200, me.clone()),
        (at_labs, 200, me),
    ];
    Stubbed::new("jira", answers).await
}

#[tokio::test]
async fn of_several_jira_sites_the_typed_one_is_stored() {
    let stubbed = jira().await;
    stubbed
        .connect("jira", &[("site", "acme-labs")], "")
        .await
        .unwrap();
    stubbed.connect("jira", &[("site", "acme")], "").await.unwrap();
    let again = stubbed.connect("jira", &[("site", "acme")], "").await.unwrap();
    assert!(again.renewed);
    let mut stored: Vec<String> = stubbed
        .connections()
        .await
        .into_iter()
        .map(|c| c.values)
        .collect();
    stored.sort();
    let wanted = [ACME_SITE, LABS_SITE].map(|site| json!({ "cloudId": site }).to_string());
    assert_eq!(stored, wanted, "another site is another connection");
}

#[tokio::test]
async fn without_a_typed_jira_site_the_admin_is_told_which_field_to_fill_in() {
    let stubbed = jira().await;
    let refusal = stubbed.connect("jira", &[], "").await.unwrap_err();
    let field = Some("Jira site".to_owned());
    assert_eq!(refusal, Refusal::WhichOne { field: field.clone() });
    let refusal = stubbed
        .connect("jira", &[("site", "other")], "")
        .await
        .unwrap_err();
    assert_eq!(refusal, Refusal::NoneFits { field });
    nothing_stored(&stubbed).await;
}

async fn xero(tenant: &str) -> Stubbed {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"authentication_event_id":"e-2"}"#);
    let mut answer = tokens();
    answer["access_token"] = json!(format!("e30.{claims}.c2ln"));
    let organisation = |tenant, event| json!({"id": "c", "authEventId": event, "tenantId": tenant, "tenantType": "ORGANISATION", "tenantName": "Acme"});
    let earlier = organisation("7b3c4d5e-6f78-4a0b-9c2d-3e4f5a6b7c8d", "e-1");
    let list = json!([earlier, organisation(tenant, "e-2")]);
    let answers = [
        ("POST /connect/token", 200, answer),
        ("GET /connections", 200, list),
        ("POST /connect/revocation", 200, Value::Null),
    ];
    Stubbed::new("xero", answers).await
}

#[tokio::test]
async fn xeros_organisation_is_asked_for_once_and_stored() {
    let stubbed = xero(ACME_ORG).await;
    stubbed.connect("xero", &[], "").await.unwrap();
    let stored = stubbed.connections().await.remove(0);
    assert_eq!(stored.account_id, ACME_ORG);
    assert_eq!(stored.values, json!({ "tenantId": ACME_ORG }).to_string());
    assert_eq!(stubbed.requests(), ["POST /connect/token", "GET /connections"]);
}

#[tokio::test]
async fn s34_a_value_from_a_call_that_is_not_allowed_ends_the_connect_and_access_is_given_back() {
    let stubbed = xero("45e4708e\r\nx-other: 1").await;
    let refusal = stubbed.connect("xero", &[], "").await.unwrap_err();
    assert_eq!(refusal, Refusal::ExchangeFailed);
    nothing_stored(&stubbed).await;
    let wanted = [
        "POST /connect/token",
        "GET /connections",
        "POST /connect/revocation",
    ];
    assert_eq!(stubbed.requests(), wanted);
}

#[tokio::test]
async fn s34_a_value_in_the_token_answer_that_is_not_allowed_ends_the_connect_and_access_is_given_back() {
    let mut answer = tokens();
    answer["api_domain"] = json!("https://www.zohoapis.evil.example");
    let answers = [
        ("POST /oauth/v2/token", 200, answer),
        ("POST /oauth/v2/token/revoke", 200, json!({"status": "success"})),
    ];
    let stubbed = Stubbed::new("zoho-books", answers).await;
    let server = "&accounts-server=https%3A%2F%2Faccounts.zoho.eu";
    let refusal = stubbed.connect("zoho-books", &[], server).await.unwrap_err();
    assert_eq!(refusal, Refusal::ExchangeFailed);
    nothing_stored(&stubbed).await;
    let wanted = ["POST /oauth/v2/token", "POST /oauth/v2/token/revoke"];
    assert_eq!(stubbed.requests(), wanted);
}

async fn quickbooks() -> Stubbed {
    let company = json!({"CompanyInfo": {"Id": "1", "CompanyName": "Acme"}});
    let fault = json!({"Fault": {"Error": [{"code": "3100"}], "type": "AUTHORIZATION"}});
    let own = "GET /v3/company/9130357849016596/companyinfo/9130357849016596";
    let foreign = "GET /v3/company/4620816365009878/companyinfo/4620816365009878";
    let answers = [
        ("POST /oauth2/v1/tokens/bearer", 200, tokens()),
        (own, 200, company),
        (foreign, 403, fault),
        ("POST /v2/oauth2/tokens/revoke", 200, Value::Null),
    ];
    Stubbed::new("quickbooks", answers).await
}

#[tokio::test]
async fn s40_the_company_of_the_callback_is_stored_once_the_new_token_was_let_in() {
    let stubbed = quickbooks().await;
    let connected = stubbed
        .connect("quickbooks", &[], "&realmId=9130357849016596")
        .await;
    connected.unwrap();
    let stored = stubbed.connections().await.remove(0);
    assert_eq!(stored.account_id, "9130357849016596");
    assert_eq!(stored.values, json!({"realmId": "9130357849016596"}).to_string());
}

#[tokio::test]
async fn s40_a_foreign_company_in_a_tampered_callback_is_refused() {
    let stubbed = quickbooks().await;
    let refusal = stubbed
        .connect("quickbooks", &[], "&realmId=4620816365009878")
        .await;
    assert_eq!(refusal.unwrap_err(), Refusal::ExchangeRefused);
    nothing_stored(&stubbed).await;
    let given_back = stubbed.requests().pop().unwrap();
    assert_eq!(given_back, "POST /v2/oauth2/tokens/revoke");

    // None at all, and one that is none.
    let refusal = stubbed.connect("quickbooks", &[], "").await.unwrap_err();
    assert_eq!(refusal, Refusal::ExchangeFailed);
    let before = stubbed.requests().len();
    let refusal = stubbed
        .connect("quickbooks", &[], "&realmId=..%2Fx")
        .await
        .unwrap_err();
    assert_eq!(refusal, Refusal::Forged);
    assert_eq!(stubbed.requests().len(), before, "nothing was sent");
    nothing_stored(&stubbed).await;
}

/// A token that ends this many seconds after the test began.
fn ends_after(seconds: i64) -> Value {
    let end = START.0 / 1000 + seconds;
    let claims = URL_SAFE_NO_PAD.encode(json!({ "exp": end }).to_string());
    json!({"access_token": format!("e30.{claims}.c2ln"), "refresh_token": "R1"})
}

#[tokio::test]
async fn mondays_token_says_when_it_ends_and_the_refreshed_one_too() {
    let me = json!({"data": {"me": {"id": "1", "email": "a", "account": {"id": "7", "name": "Acme"}}}});
    let answers = [
        ("POST /oauth_ms/oauth/token", 200, ends_after(900)),
        ("POST /v2", 200, me),
    ];
    let stubbed = Stubbed::new("monday", answers).await;
    stubbed.connect("monday", &[], "").await.unwrap();
    let connection = stubbed.connections().await.remove(0);
    let after = |seconds| Some(START.plus(Duration::from_secs(seconds)));
    assert_eq!(stubbed.grant(&connection).await.expires_at, after(900));

    stubbed.answer("POST /oauth_ms/oauth/token", 200, ends_after(1800));
    stubbed.test(&connection).await;
    assert_eq!(
        stubbed.grant(&connection).await.expires_at,
        after(900),
        "it is still good"
    );
    stubbed.clock.advance(Duration::from_secs(850));
    stubbed.test(&connection).await;
    assert_eq!(stubbed.grant(&connection).await.expires_at, after(1800));

    // An end that has passed, or that nobody lives to see, is none.
    for odd in [100, 400_000_000] {
        stubbed.answer("POST /oauth_ms/oauth/token", 200, ends_after(odd));
        stubbed.connect("monday", &[], "").await.unwrap();
        assert_eq!(stubbed.grant(&connection).await.expires_at, None, "{odd}");
    }
    // What the answer says beats what the token says.
    let mut both = ends_after(1800);
    both["expires_in"] = json!(3600);
    stubbed.answer("POST /oauth_ms/oauth/token", 200, both);
    stubbed.connect("monday", &[], "").await.unwrap();
    assert_eq!(stubbed.grant(&connection).await.expires_at, after(850 + 3600));
}

async fn asana(expires_in: Value) -> Stubbed {
    let mut answer = tokens();
    answer["expires_in"] = expires_in;
    let me = json!({"data": {"gid": "12", "email": "ana@acme.example"}});
    let answers = [
        ("POST /-/oauth_token", 200, answer),
        ("GET /api/1.0/users/me", 200, me),
    ];
    Stubbed::new("asana", answers).await
}

#[tokio::test]
async fn l06_a_life_that_is_none_is_the_usual_one() {
    for odd in [json!(null), json!(0), json!(-5), json!(1e12), json!("soon")] {
        let stubbed = asana(odd.clone()).await;
        stubbed.connect("asana", &[], "").await.unwrap();
        let grant = stubbed.grant(&stubbed.connections().await[0]).await;
        assert_eq!(
            grant.expires_at,
            Some(START.plus(Duration::from_hours(1))),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn l06_a_short_life_is_used_before_it_is_renewed() {
    let stubbed = asana(json!("60")).await;
    stubbed.connect("asana", &[], "").await.unwrap();
    let connection = stubbed.connections().await.remove(0);
    let first = stubbed.grant(&connection).await.id;
    stubbed.test(&connection).await;
    assert_eq!(stubbed.grant(&connection).await.id, first, "half a life is left");
    stubbed.clock.advance(Duration::from_secs(31));
    stubbed.test(&connection).await;
    assert_ne!(stubbed.grant(&connection).await.id, first);
}
