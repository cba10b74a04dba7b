//! What an admin types and what a provider returns: the good pass, the rest goes nowhere.

use std::collections::BTreeMap;

use patchbay_catalog::{Integration, ValueError, template};

use crate::{builtin, integration};

fn typed(integration: &Integration, name: &str, value: &str) -> Result<BTreeMap<String, String>, ValueError> {
    integration.accept_params(&BTreeMap::from([(name.to_owned(), value.to_owned())]))
}

#[test]
fn s30_only_shops_of_shopify_pass() {
    let shopify = integration("shopify");

    for bad in [
        "a.myshopify.com.evil.tld",
        "evil.tld#.myshopify.com",
        "evil.tld/.myshopify.com",
        "a.myshopify.com/../",
        "a\u{3002}myshopify.com",
        "a\u{ff0e}myshopify.com",
        "a.myshopify.com.",
        "a.b.myshopify.com",
        "-a.myshopify.com",
        "user@a.myshopify.com",
        "a.myshopify.com:80",
        "a.myshopify.com\nevil.tld",
        ".myshopify.com",
        "myshopify.com",
        "https://a.myshopify.com",
        "",
    ] {
        assert!(typed(&shopify, "shop", bad).is_err(), "{bad:?}");
    }
    for (good, used) in [
        ("a.myshopify.com", "a.myshopify.com"),
        ("Acme-2.MyShopify.com", "acme-2.myshopify.com"),
        ("  acme.myshopify.com ", "acme.myshopify.com"),
    ] {
        assert_eq!(typed(&shopify, "shop", good).unwrap()["shop"], used);
    }
}

#[test]
fn s32_labels_and_hosts_that_lead_elsewhere_are_refused() {
    let bad = [
        "169.254.169.254#",
        "169.254.169.254",
        "localhost",
        "[::1]",
        "::1",
        "0x7f.1",
        "2130706433.1",
        "a.b",
        "a..b.com",
        "evil.tld/",
        "evil.tld?x",
        "user@evil.tld",
        "evil.tld:443",
        "-a",
        "a-",
        "a%2eb",
        "ünicode",
        "evil.tld.",
    ];
    for (id, name) in [
        ("zendesk", "subdomain"),
        ("gitlab", "host"),
        ("salesforce", "hostname"),
        ("jira", "site"),
    ] {
        let integration = integration(id);
        for value in bad {
            assert!(typed(&integration, name, value).is_err(), "{id}: {value:?}");
        }
    }

    assert_eq!(
        typed(&integration("zendesk"), "subdomain", "Acme-1").unwrap()["subdomain"],
        "acme-1"
    );
    assert_eq!(
        typed(&integration("gitlab"), "host", "git.acme.example").unwrap()["host"],
        "git.acme.example"
    );
    assert_eq!(
        typed(&integration("gitlab"), "host", "").unwrap()["host"],
        "gitlab.com"
    );
}

#[test]
fn s32_the_secret_of_the_gitlab_com_app_is_for_gitlab_com() {
    let gitlab = integration("gitlab");
    let needs = |host: &str| {
        let values = BTreeMap::from([("host".to_owned(), host.to_owned())]);
        gitlab.needs_own_app(&values).map(str::to_owned)
    };

    assert_eq!(needs("gitlab.com"), None);
    for other in ["git.acme.example", "gitlab.com.evil.tld", "GITLAB.COM", ""] {
        assert_eq!(needs(other).as_deref(), Some(other));
    }
    assert_eq!(gitlab.needs_own_app(&BTreeMap::new()), None, "the default");
    let subdomain = BTreeMap::from([("subdomain".to_owned(), "acme".to_owned())]);
    assert_eq!(integration("zendesk").needs_own_app(&subdomain), None);
}

#[test]
fn s32_salesforce_takes_its_own_hosts_only() {
    let salesforce = integration("salesforce");

    for bad in [
        "acme.lightning.force.com",
        "evil.tld",
        "my.salesforce.com",
        "acme.my.salesforce.com.evil.tld",
        "xlogin.salesforce.com",
    ] {
        assert!(typed(&salesforce, "hostname", bad).is_err(), "{bad}");
    }
    for good in [
        "login.salesforce.com",
        "test.salesforce.com",
        "acme.my.salesforce.com",
        "acme--dev.sandbox.my.salesforce.com",
    ] {
        assert_eq!(typed(&salesforce, "hostname", good).unwrap()["hostname"], good);
    }
}

#[test]
fn s33_zoho_takes_accounts_servers_of_the_list_only() {
    let zoho = integration("zoho-books");

    for bad in [
        "https://evil.tld",
        "https://accounts.zoho.com.evil.tld",
        "https://accounts.zoho.evil",
        "http://accounts.zoho.com",
        "https://accounts.zoho.com/",
        "https://x@accounts.zoho.com",
        "accounts.zoho.com",
    ] {
        assert!(zoho.accept_returned("accounts-server", bad).is_err(), "{bad}");
    }
    for good in [
        "https://accounts.zoho.com",
        "https://accounts.zoho.com.au",
        "https://accounts.zohocloud.ca",
    ] {
        assert_eq!(zoho.accept_returned("accounts-server", good).unwrap(), good);
    }
    assert!(
        zoho.accept_returned("api_domain", "https://www.zohoapis.evil")
            .is_err()
    );
    assert!(
        zoho.accept_returned("api_domain", "https://www.zohoapis.eu")
            .is_ok()
    );
}

#[test]
fn s34_an_instance_url_elsewhere_is_refused() {
    let salesforce = integration("salesforce");

    for bad in [
        "http://10.0.0.1",
        "https://10.0.0.1",
        "https://evil.tld",
        "https://acme.my.salesforce.com.evil.tld",
        "https://salesforce.com@evil.tld",
        "https://acme.my.salesforce.com/",
        "http://acme.my.salesforce.com",
    ] {
        assert!(salesforce.accept_returned("instance_url", bad).is_err(), "{bad}");
    }
    let good = "https://acme.my.salesforce.com";
    assert_eq!(salesforce.accept_returned("instance_url", good).unwrap(), good);
}

#[test]
fn returned_parts_of_hosts_and_paths_keep_their_shape() {
    for (id, name, good, bad) in [
        ("mailchimp", "dc", "us21", "us21.evil.tld/"),
        ("quickbooks", "realmId", "9130357849016596", "1/../../x"),
        (
            "jira",
            "cloudId",
            "1324a887-45db-4bf4-8e99-ef0ff456d421",
            "../../x",
        ),
        (
            "xero",
            "tenantId",
            "45e4708e-d862-4111-ab3a-dd8cd03913e1",
            "45e4708e\r\nx: y",
        ),
    ] {
        let integration = integration(id);
        assert!(integration.accept_returned(name, good).is_ok(), "{id}");
        assert!(integration.accept_returned(name, bad).is_err(), "{id}");
        assert!(
            integration.accept_returned("something-else", good).is_err(),
            "{id}"
        );
    }
}

#[test]
fn a_choice_fills_the_host_it_stands_for() {
    let sendgrid = integration("sendgrid");

    let usual = sendgrid.accept_params(&BTreeMap::new()).unwrap();
    let eu = typed(&sendgrid, "region", "eu").unwrap();

    let whoami = |values| template::fill(&sendgrid.whoami.url, values).unwrap();
    assert_eq!(whoami(&usual), "https://api.sendgrid.com/v3/scopes");
    assert_eq!(whoami(&eu), "https://api.eu.sendgrid.com/v3/scopes");
    assert!(typed(&sendgrid, "region", "us").is_err());
    assert!(
        typed(&sendgrid, "api", "https://evil.tld").is_err(),
        "a host can't be typed"
    );
}

#[test]
fn what_must_be_given_is_asked_for_by_name() {
    let plaid = integration("plaid");

    let refused = plaid.accept_params(&BTreeMap::new()).unwrap_err();

    assert_eq!(
        refused,
        ValueError::Missing {
            label: "Environment".to_owned()
        }
    );
    assert_eq!(refused.to_string(), "Environment is missing");
}

#[test]
fn a_refusal_shows_the_example_and_not_what_was_typed() {
    let refused = typed(&integration("shopify"), "shop", "<b>evil</b>")
        .unwrap_err()
        .to_string();

    assert!(refused.contains("acme.myshopify.com"), "{refused}");
    assert!(!refused.contains("evil"), "{refused}");
}

#[test]
fn every_authorization_address_can_be_filled_from_examples() {
    for integration in &builtin() {
        let Some(oauth2) = integration.oauth2() else {
            continue;
        };
        let typed: BTreeMap<String, String> = integration
            .params
            .iter()
            .filter_map(|param| {
                Some((
                    param.name.clone(),
                    param.example.clone().or_else(|| param.default.clone())?,
                ))
            })
            .collect();

        let values = integration.accept_params(&typed).unwrap();

        let url = template::fill(&oauth2.authorize_url, &values);
        assert!(url.is_ok(), "{}: {url:?}", integration.id);
    }
}

#[test]
fn error_words_are_found_whatever_their_case() {
    use patchbay_catalog::ErrorMeaning;

    let words = integration("hubspot").errors;
    assert_eq!(words.meaning("bad_refresh_token"), Some(ErrorMeaning::Permanent));
    assert_eq!(words.meaning("BAD_CLIENT_SECRET"), Some(ErrorMeaning::AppConfig));
    assert_eq!(words.meaning("access_denied"), Some(ErrorMeaning::UserRefused));
    assert_eq!(words.meaning("something_new"), None);
}
