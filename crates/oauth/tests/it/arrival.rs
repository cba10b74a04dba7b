//! What is asked right after an exchange: Mailchimp's data centre, Jira's site, Xero's organisation, QuickBooks' company.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay_oauth::api::{self, ApiCall};
use patchbay_oauth::arrival::{self, Arrival, ArrivalError};
use patchbay_oauth::http::Blocked;
use patchbay_oauth::{ProviderError, ProviderErrorKind};
use serde_json::{Value, json};

use crate::canary::{Canary, Reply};
use crate::world::{app, client, integration, secret};

const ACME_SITE: &str = "1324a887-45db-4bf4-8e99-ef0ff456d421";
const LABS_SITE: &str = "2bb2a9a1-0c5d-4a55-9b1e-7f0d1c2b3a4f";
const ACME_ORG: &str = "45e4708e-d862-4111-ab3a-dd8cd03913e1";
const LABS_ORG: &str = "7b3c4d5e-6f78-4a0b-9c2d-3e4f5a6b7c8d";

type Values = BTreeMap<String, String>;

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn arrive(
    id: &str,
    token: &str,
    values: &Values,
    answers: &[Value],
) -> (Vec<String>, Result<Arrival, ArrivalError>) {
    let replies = answers
        .iter()
        .map(|answer| Reply::json(200, &answer.to_string()))
        .collect();
    let canary = Canary::start(replies).await;
    let integration = integration(id);
    let call = ApiCall {
        integration: &integration,
        app: Some(&app()),
        token: &secret(token),
        values,
    };
    let arrival = arrival::arrive(&client(&canary), &call).await;
    (canary.seen(), arrival)
}

fn failed(answer: Result<Arrival, ArrivalError>) -> ProviderErrorKind {
    match answer {
        Err(ArrivalError::Provider(error)) => error.kind,
        other => panic!("{other:?}"),
    }
}

fn jwt(claims: &Value) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part("{}"),
        part(&claims.to_string()),
        part("signature")
    )
}

#[tokio::test]
async fn mailchimp_is_asked_once_with_a_scheme_of_its_own() {
    let metadata = json!({"dc": "us21", "user_id": 12345, "accountname": "Acme"});
    let (seen, arrival) = arrive("mailchimp", "canary-token-1", &Values::new(), &[metadata]).await;
    let arrival = arrival.unwrap();
    assert_eq!(arrival.values, values(&[("dc", "us21")]));
    assert_eq!(
        (arrival.account.id.as_str(), arrival.account.label.as_str()),
        ("12345", "Acme")
    );
    assert_eq!(seen.len(), 1, "one call tells both");
    assert!(
        seen[0].starts_with("GET /oauth2/metadata HTTP/1.1"),
        "{}",
        seen[0]
    );
    assert!(
        seen[0].contains("authorization: OAuth canary-token-1\r\n"),
        "{}",
        seen[0]
    );
    assert!(!seen[0].contains("Bearer"), "{}", seen[0]);
}

#[tokio::test]
async fn mailchimp_says_no_with_a_200() {
    let (_, arrival) = arrive(
        "mailchimp",
        "t",
        &Values::new(),
        &[json!({"error": "invalid_token"})],
    )
    .await;
    assert_eq!(failed(arrival), ProviderErrorKind::Refused);
}

#[tokio::test]
async fn s34_a_data_centre_that_is_none_ends_it() {
    for dc in ["us21.evil.example/", "evil.example#", "US21", "", "10.0.0.1"] {
        let metadata = json!({"dc": dc, "user_id": 1, "accountname": "Acme"});
        let (seen, arrival) = arrive("mailchimp", "t", &Values::new(), &[metadata]).await;
        let kind = failed(arrival);
        let wanted = if dc.is_empty() {
            ProviderErrorKind::Garbled
        } else {
            ProviderErrorKind::Blocked(Blocked::Value)
        };
        assert_eq!(kind, wanted, "{dc}");
        assert_eq!(seen.len(), 1, "{dc}: nothing is asked at a host built from it");
    }
}

fn site(id: &str, name: &str, scopes: &[&str]) -> Value {
    json!({"id": id, "url": format!("https://{name}.atlassian.net"), "name": name, "scopes": scopes})
}

const JIRA: [&str; 2] = ["read:jira-work", "read:jira-user"];

async fn at_jira(typed: &[(&str, &str)], sites: Value) -> (Vec<String>, Result<Arrival, ArrivalError>) {
    let me = json!({"accountId": "5b10a2844c20165700ede21g", "emailAddress": "ana@acme.example"});
    arrive("jira", "t", &values(typed), &[sites, me]).await
}

#[tokio::test]
async fn jiras_only_site_is_the_one() {
    let sites = json!([
        site(
            "00000000-0000-4000-8000-000000000000",
            "acme",
            &["read:confluence-content.all"]
        ),
        site(ACME_SITE, "acme", &JIRA),
        // The same site again, for another product with rights of the same name.
        site(
            ACME_SITE,
            "acme",
            &["read:jira-user", "read:servicedesk-request", "read:jira-work"]
        ),
    ]);
    let (seen, arrival) = at_jira(&[], sites).await;
    let arrival = arrival.unwrap();
    assert_eq!(arrival.values, values(&[("cloudId", ACME_SITE)]));
    assert_eq!(arrival.account.label, "ana@acme.example");
    assert!(
        seen[0].starts_with("GET /oauth/token/accessible-resources HTTP/1.1"),
        "{}",
        seen[0]
    );
    assert!(seen[0].contains("authorization: Bearer t\r\n"), "{}", seen[0]);
    assert!(
        seen[1].starts_with(&format!("GET /ex/jira/{ACME_SITE}/rest/api/3/myself HTTP/1.1")),
        "{}",
        seen[1]
    );
}

#[tokio::test]
async fn of_several_jira_sites_the_typed_one_is_meant() {
    let sites = || {
        json!([
            site(ACME_SITE, "acme", &JIRA),
            site(LABS_SITE, "acme-labs", &JIRA)
        ])
    };
    let mut accounts = Vec::new();
    for (typed, meant) in [("acme-labs", LABS_SITE), ("acme", ACME_SITE)] {
        let (_, arrival) = at_jira(&[("site", typed)], sites()).await;
        let arrival = arrival.unwrap();
        assert_eq!(arrival.values["cloudId"], meant, "{typed}");
        accounts.push(arrival.account.id);
    }
    // The same person, but another site: another account.
    assert_ne!(accounts[0], accounts[1]);

    let (seen, arrival) = at_jira(&[], sites()).await;
    assert_eq!(arrival, Err(ArrivalError::Several));
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn a_jira_site_that_was_not_approved_is_not_taken_for_another() {
    for (typed, sites) in [
        (
            vec![("site", "acme")],
            json!([site(LABS_SITE, "acme-labs", &JIRA)]),
        ),
        (
            vec![("site", "acme")],
            json!([site(LABS_SITE, "acme.evil", &JIRA)]),
        ),
        (vec![], json!([site(ACME_SITE, "acme", &["read:jira-user"])])),
        (
            vec![],
            json!([{"id": ACME_SITE, "url": "https://acme.atlassian.net"}]),
        ),
        (vec![], json!([])),
    ] {
        let (seen, arrival) = at_jira(&typed, sites).await;
        assert_eq!(arrival, Err(ArrivalError::NoneFits), "{typed:?}");
        assert_eq!(seen.len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_list_of_sites_makes_no_sense() {
    for odd in [
        json!({"sites": []}),
        json!("x"),
        json!([{"id": null, "scopes": JIRA}]),
    ] {
        let (_, arrival) = at_jira(&[], odd).await;
        assert_eq!(failed(arrival), ProviderErrorKind::Garbled);
    }
    let (_, arrival) = at_jira(&[], json!([site("../../x", "acme", &JIRA)])).await;
    assert_eq!(failed(arrival), ProviderErrorKind::Blocked(Blocked::Value));
}

fn organisation(tenant: &str, name: &str, event: &str) -> Value {
    json!({"id": "c-1", "authEventId": event, "tenantId": tenant, "tenantType": "ORGANISATION", "tenantName": name})
}

fn organisations() -> Value {
    json!([
        organisation(ACME_ORG, "Acme", "e-1"),
        organisation(LABS_ORG, "Acme Labs", "e-2"),
        {"id": "c-3", "authEventId": "e-2", "tenantId": "x", "tenantType": "PRACTICE", "tenantName": "P"},
    ])
}

#[tokio::test]
async fn xeros_organisation_is_the_one_that_was_just_approved() {
    let token = jwt(&json!({"authentication_event_id": "e-2"}));
    let (seen, arrival) = arrive("xero", &token, &Values::new(), &[organisations()]).await;
    let arrival = arrival.unwrap();
    assert_eq!(arrival.values, values(&[("tenantId", LABS_ORG)]));
    assert_eq!(
        (arrival.account.id.as_str(), arrival.account.label.as_str()),
        (LABS_ORG, "Acme Labs")
    );
    assert_eq!(seen.len(), 1, "one call tells both");
    assert!(seen[0].starts_with("GET /connections HTTP/1.1"), "{}", seen[0]);
    assert!(!seen[0].contains("xero-tenant-id"), "{}", seen[0]);
}

#[tokio::test]
async fn a_xero_token_that_does_not_say_which_is_good_for_a_single_organisation_only() {
    let none = &Values::new();
    let single = json!([organisation(ACME_ORG, "Acme", "e-1")]);
    let (_, arrival) = arrive("xero", "opaque", none, std::slice::from_ref(&single)).await;
    assert_eq!(arrival.unwrap().account.label, "Acme");
    let (_, arrival) = arrive("xero", "opaque", none, &[organisations()]).await;
    assert_eq!(arrival, Err(ArrivalError::Several));

    let other = jwt(&json!({"authentication_event_id": "e-9"}));
    let (_, arrival) = arrive("xero", &other, none, &[single]).await;
    assert_eq!(arrival, Err(ArrivalError::NoneFits));
}

async fn who(id: &str, values: &Values, reply: Reply) -> Result<api::Account, ProviderError> {
    let canary = Canary::start(vec![reply]).await;
    let integration = integration(id);
    let call = ApiCall {
        integration: &integration,
        app: Some(&app()),
        token: &secret("opaque"),
        values,
    };
    api::whoami(&client(&canary), &call).await
}

#[tokio::test]
async fn later_xero_is_asked_about_the_stored_organisation() {
    let stored = |tenant| values(&[("tenantId", tenant)]);
    let list = || Reply::json(200, &organisations().to_string());
    let account = who("xero", &stored(LABS_ORG), list()).await.unwrap();
    assert_eq!(account.label, "Acme Labs");
    // Disconnected there, though the token is good for others.
    let gone = "00000000-0000-4000-8000-000000000000";
    let refused = who("xero", &stored(gone), list()).await.unwrap_err();
    assert_eq!(refused.kind, ProviderErrorKind::Refused);
    // Without a stored one nothing says which.
    let unclear = who("xero", &Values::new(), list()).await.unwrap_err();
    assert_eq!(unclear.kind, ProviderErrorKind::Garbled);
}

#[tokio::test]
async fn s40_a_company_counts_once_the_new_token_was_let_in() {
    let typed = || {
        let mut values = integration("quickbooks").accept_params(&Values::new()).unwrap();
        values.insert("realmId".to_owned(), "9130357849016596".to_owned());
        values
    };
    let company = json!({"CompanyInfo": {"Id": "1", "CompanyName": "Acme"}});
    let account = who("quickbooks", &typed(), Reply::json(200, &company.to_string())).await;
    let account = account.unwrap();
    assert_eq!(
        (account.id.as_str(), account.label.as_str()),
        ("9130357849016596", "Acme")
    );

    let fault = json!({"Fault": {"Error": [{"code": "3100", "Message": "ApplicationAuthorizationFailed"}]}});
    let refused = who("quickbooks", &typed(), Reply::json(403, &fault.to_string())).await;
    assert_eq!(refused.unwrap_err().kind, ProviderErrorKind::Refused);
    // A success that says nothing of a company confirms none.
    let hollow = who("quickbooks", &typed(), Reply::json(200, &fault.to_string())).await;
    assert_eq!(hollow.unwrap_err().kind, ProviderErrorKind::Garbled);
    // The callback brought none.
    let missing = integration("quickbooks").accept_params(&Values::new()).unwrap();
    let missing = who("quickbooks", &missing, Reply::json(200, &company.to_string())).await;
    assert_eq!(
        missing.unwrap_err().kind,
        ProviderErrorKind::Blocked(Blocked::Incomplete)
    );
}
