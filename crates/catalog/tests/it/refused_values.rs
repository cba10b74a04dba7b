//! What loading refuses about values that providers return: calls, lists, and the account that a part stands for.

use crate::refused::refused;

const JIRA: &str = include_str!("../../integrations/jira.toml");
const XERO: &str = include_str!("../../integrations/xero.toml");
const QUICKBOOKS: &str = include_str!("../../integrations/quickbooks.toml");
const ZOHO: &str = include_str!("../../integrations/zoho-books.toml");

const HOLDS: &str = "holds = { scopes = [\"read:jira-work\", \"read:jira-user\"] }";
const SAME: &str = "same = { url = \"https://{site}.atlassian.net\" }";

#[test]
fn a_pick_must_make_sense() {
    let conditions = format!("{SAME}\n{HOLDS}\nask = \"site\"\n");
    for (old, new, field, words) in [
        (conditions.as_str(), "", "returned.cloudId.pick", "which entry"),
        (
            SAME,
            "same = { url = \"{other}\" }",
            "returned.cloudId.pick.same.url",
            "nothing fills {other}",
        ),
        (
            HOLDS,
            "holds = { scopes = [] }",
            "returned.cloudId.pick",
            "is empty",
        ),
        (
            HOLDS,
            "holds = { \"\" = [\"x\"] }",
            "returned.cloudId.pick",
            "is empty",
        ),
        (
            HOLDS,
            "claims = { id = \"\" }",
            "returned.cloudId.pick",
            "is empty",
        ),
        (SAME, "", "returned.cloudId.pick.ask", "optional field"),
        (
            "ask = \"site\"",
            "ask = \"place\"",
            "returned.cloudId.pick.ask",
            "optional field",
        ),
        (
            "required = false",
            "required = true",
            "returned.cloudId.pick.ask",
            "optional field",
        ),
    ] {
        refused("jira.toml", JIRA, old, new, field, words);
    }
    refused(
        "jira.toml",
        JIRA,
        HOLDS,
        "hold = { scopes = [\"x\"] }",
        "line ",
        "unknown field",
    );
    let from_token = "from = \"token\"\npath = \"api_domain\"";
    let with_pick = format!("pick = {{ same = {{ a = \"b\" }} }}\n{from_token}");
    refused(
        "zoho-books.toml",
        ZOHO,
        from_token,
        &with_pick,
        "returned.api_domain",
        "not from a call",
    );
}

#[test]
fn claims_are_for_tokens_that_have_some() {
    refused(
        "xero.toml",
        XERO,
        "access_token = \"jwt\"",
        "access_token = \"opaque\"",
        "returned.tenantId.pick",
        "only a token that is a JWT",
    );
}

#[test]
fn a_call_that_needs_what_only_calls_tell_is_refused() {
    let address = "call_url = \"https://api.atlassian.com/oauth/token/accessible-resources\"";
    let circle = "call_url = \"https://api.atlassian.com/ex/jira/{cloudId}\"";
    refused(
        "jira.toml",
        JIRA,
        address,
        circle,
        "returned.cloudId.call_url",
        "only after a call",
    );
    let whoami = "[whoami]\nmethod = \"GET\"";
    let fallback = "[whoami.fallback]\nurl = \"https://api.xero.com/me\"\nid_paths = [\"id\"]\nlabel_paths = []\n\n[whoami]\nmethod = \"GET\"";
    refused(
        "xero.toml",
        XERO,
        whoami,
        fallback,
        "returned.tenantId.call_url",
        "fallback",
    );
}

#[test]
fn a_later_whoami_knows_no_claims_and_asks_nobody() {
    let old = "same = { tenantId = \"{tenantId}\" }";
    for more in ["claims = { id = \"sub\" }", "ask = \"tenantId\""] {
        refused(
            "xero.toml",
            XERO,
            old,
            &format!("{old}\n{more}"),
            "whoami.pick",
            "only same and holds",
        );
    }
}

#[test]
fn s40_a_value_of_the_callback_that_no_call_confirms_is_refused() {
    let whoami = "url = \"{api}/v3/company/{realmId}/companyinfo/{realmId}\"";
    let unconfirmed = "url = \"{api}/v3/userinfo\"";
    refused(
        "quickbooks.toml",
        QUICKBOOKS,
        whoami,
        unconfirmed,
        "returned.realmId",
        "has to confirm it",
    );
    refused(
        "quickbooks.toml",
        QUICKBOOKS,
        whoami,
        unconfirmed,
        "whoami.id_part",
        "has to confirm it",
    );
    let label = "label_paths = [\"CompanyInfo.CompanyName\"]";
    refused(
        "quickbooks.toml",
        QUICKBOOKS,
        label,
        "label_paths = []",
        "whoami.id_part",
        "nothing in the answer",
    );
    let server = "token_url = \"{accounts-server}";
    let fixed = "token_url = \"https://accounts.zoho.com";
    refused(
        "zoho-books.toml",
        ZOHO,
        server,
        fixed,
        "returned.accounts-server",
        "has to confirm it",
    );
}
