//! A fact that is wrong in the catalogue is found: the simulator does not read the catalogue, so a check can't pass by
//! agreeing with itself.

use futures::{StreamExt as _, stream};
use patchbay_catalog::Catalog;
use patchbay_hub::{scratch::scratch_with, verify};

/// Integration, what stands in its file, what stands there instead, and the gate that must find it.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "gmail",
        "access_type = \"offline\"",
        "access_type = \"online\"",
        "lifecycle",
    ),
    ("gmail", "userinfo.email\"]", "userinfo.mail\"]", "flow"),
    (
        "gmail",
        "https://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com/v2/token",
        "flow",
    ),
    (
        "gmail",
        "openidconnect.googleapis.com/v1/userinfo",
        "openidconnect.googleapis.com/userinfo",
        "flow",
    ),
    (
        "google-calendar",
        "v3/users/me/calendarList/primary",
        "v3/calendarList/primary",
        "flow",
    ),
    (
        "google-calendar",
        "prompt = \"consent\"",
        "prompt = \"login\"",
        "flow",
    ),
    (
        "github",
        "params = { prompt = \"select_account\" }",
        "params = { prompt = \"choose\" }",
        "flow",
    ),
    (
        "dropbox",
        "force_reauthentication = \"true\"",
        "force_reapprove = \"true\"",
        "flow",
    ),
    (
        "salesforce",
        "params = { prompt = \"login\" }",
        "params = { prompt = \"select_account\" }",
        "flow",
    ),
    ("google-chat", "chat.messages.readonly", "chat.messages", "flow"),
    (
        "google-chat",
        "token_field = \"token\"",
        "token_field = \"refresh_token\"",
        "lifecycle",
    ),
    ("google-drive", "about?fields=user,storageQuota", "about", "flow"),
    (
        "google-drive",
        "id_paths = [\"email\"]",
        "id_paths = [\"sub\"]",
        "flow",
    ),
    (
        "microsoft-teams",
        "Channel.ReadBasic.All",
        "ChannelMessage.Read.All",
        "flow",
    ),
    (
        "microsoft-teams",
        "rotates = true",
        "rotates = false",
        "lifecycle",
    ),
    (
        "microsoft-teams",
        "$orderby=lastModifiedDateTime%20desc",
        "$orderby=createdDateTime%20desc",
        "history",
    ),
    (
        "microsoft-teams",
        "only = { path = \"messageType\"",
        "only = { path = \"type\"",
        "history",
    ),
    (
        "notion",
        "client_auth = \"basic\"",
        "client_auth = \"body\"",
        "flow",
    ),
    ("notion", "token_body = \"json\"", "token_body = \"form\"", "flow"),
    ("notion", "owner = \"user\"", "owner = \"workspace\"", "flow"),
    (
        "notion",
        "[api_headers]\nNotion-Version",
        "[api_headers]\nX-Version",
        "flow",
    ),
    ("notion", "rotates = true", "rotates = false", "lifecycle"),
    ("outlook", "scope = \"offline_access\"\n", "", "flow"),
    (
        "outlook",
        "response_mode = \"query\"",
        "response_mode = \"form_post\"",
        "flow",
    ),
    (
        "outlook",
        "{tenant}/oauth2/v2.0/token",
        "common/oauth2/v2.0/token",
        "flow",
    ),
    (
        "outlook",
        "headers = { Prefer = 'IdType=\"ImmutableId\"' }\n",
        "",
        "history",
    ),
    (
        "outlook",
        "path = \"@odata.nextLink\"",
        "path = \"@odata.next\"",
        "history",
    ),
    ("outlook", "time = \"utc\"", "time = \"rfc3339\"", "history"),
    ("airtable", "pkce = \"required\"", "pkce = \"none\"", "flow"),
    ("slack", "pkce = \"none\"", "pkce = \"supported\"", "flow"),
    (
        "slack",
        "scope_separator = \",\"",
        "scope_separator = \" \"",
        "flow",
    ),
    ("slack", "auth.revoke", "auth.revoked", "lifecycle"),
    ("shopify", "expiring = \"1\"", "expiring = \"0\"", "lifecycle"),
    ("shopify", "bare_exchange = true", "bare_exchange = false", "flow"),
    (
        "shopify",
        "signature = \"hmac\"",
        "signature = \"signature\"",
        "flow",
    ),
    ("shopify", "same = [\"shop\"]", "same = []", "flow"),
    (
        "shopify",
        "name = \"X-Shopify-Access-Token\"",
        "name = \"X-Shopify-Token\"",
        "flow",
    ),
    (
        "hubspot",
        "access_outlives = true",
        "access_outlives = false",
        "lifecycle",
    ),
    (
        "hubspot",
        "api.hubapi.com/oauth/2026-03/token\"",
        "api.hubapi.com/oauth/v1/token\"",
        "flow",
    ),
    ("hubspot", "hs_lastmodifieddate", "lastmodifieddate", "history"),
    (
        "hubspot",
        "\"direction\":\"ASCENDING\"",
        "\"direction\":\"DESCENDING\"",
        "history",
    ),
    ("hubspot", "milliseconds_text", "milliseconds", "history"),
    (
        "zendesk",
        "value = \"Bearer {token}\"",
        "value = \"Token {token}\"",
        "flow",
    ),
    (
        "zendesk",
        "expires_in = \"172799\"",
        "expires_in = \"172800\"",
        "flow",
    ),
    (
        "zendesk",
        "token_body = \"json\"",
        "token_body = \"form\"",
        "flow",
    ),
    ("zendesk", "\"!end_of_stream\"", "\"end_of_stream\"", "history"),
    (
        "zendesk",
        "times = \"seconds\"",
        "times = \"milliseconds\"",
        "history",
    ),
    (
        "intercom",
        "bare_exchange = true",
        "bare_exchange = false",
        "flow",
    ),
    ("intercom", "default = \"us\"", "default = \"eu\"", "flow"),
    (
        "intercom",
        "pages.next.starting_after",
        "pages.starting_after",
        "history",
    ),
    (
        "intercom",
        "times = \"seconds\"",
        "times = \"milliseconds\"",
        "history",
    ),
    (
        "calendly",
        "client_auth = \"basic\"",
        "client_auth = \"body\"",
        "flow",
    ),
    ("calendly", "auth = \"body\"", "auth = \"basic\"", "lifecycle"),
    (
        "calendly",
        "/organizations/{organization}&",
        "/organisations/{organization}&",
        "history",
    ),
    (
        "calendly",
        "\"pagination.next_page_token\"",
        "\"pagination.next_token\"",
        "history",
    ),
    (
        "salesforce",
        "(salesforce|force)\\.com$'",
        "(salesforce|force)\\.example$'",
        "flow",
    ),
    ("salesforce", "rotates = true", "rotates = false", "lifecycle"),
    ("salesforce", "{from}", "'{from}'", "history"),
    (
        "salesforce",
        "more_path = \"!done\"",
        "more_path = \"done\"",
        "history",
    ),
    ("linear", "urlKey", "slug", "flow"),
    (
        "linear",
        "token_field = \"refresh_token\"",
        "token_field = \"token\"",
        "lifecycle",
    ),
    ("linear", "includeArchived: true, ", "", "history"),
    (
        "linear",
        ", more_path = \"data.issues.pageInfo.hasNextPage\"",
        "",
        "history",
    ),
    ("clickup", "bare_exchange = true", "bare_exchange = false", "flow"),
    ("clickup", "denial = \"stays\"", "denial = \"returns\"", "flow"),
    ("clickup", "issued = false", "issued = true", "lifecycle"),
    ("clickup", "include_closed=true&", "", "history"),
    ("clickup", "\"!last_page\"", "\"last_page\"", "history"),
    (
        "figma",
        "client_auth = \"basic\"",
        "client_auth = \"body\"",
        "flow",
    ),
    ("figma", "current_user:read", "current_user:see", "flow"),
    (
        "figma",
        "https://api.figma.com/v1/oauth/refresh",
        "https://api.figma.com/v1/oauth/token",
        "lifecycle",
    ),
    (
        "figma",
        "records_path = \"files\"",
        "records_path = \"data.files\"",
        "history",
    ),
    ("figma", "id_path = \"key\"", "id_path = \"name\"", "history"),
    ("monday", "pkce = \"required\"", "pkce = \"none\"", "flow"),
    ("monday", "oauth_ms/oauth/token", "oauth2/token", "flow"),
    (
        "monday",
        "force_install_if_needed = \"true\"",
        "force_install_if_needed = \"false\"",
        "flow",
    ),
    ("monday", "direction: desc", "direction: asc", "history"),
    (
        "monday",
        ", cursor: $cursor)",
        ", cursor: $cursor, query_params: {})",
        "history",
    ),
    (
        "jira",
        "audience = \"api.atlassian.com\"",
        "audience = \"atlassian.net\"",
        "flow",
    ),
    (
        "jira",
        "/oauth/token/accessible-resources",
        "/oauth/resources",
        "flow",
    ),
    ("jira", "/rest/api/3/myself", "/rest/api/3/user", "flow"),
    (
        "jira",
        "&fields=summary,status,issuetype,project,assignee,created,updated",
        "",
        "history",
    ),
    ("jira", "times = \"date\"", "times = \"seconds\"", "history"),
    ("zoom", "omit_scope = true", "omit_scope = false", "flow"),
    (
        "zoom",
        "client_auth = \"basic\"",
        "client_auth = \"body\"",
        "flow",
    ),
    ("zoom", "span_days = 28", "span_days = 90", "history"),
    ("zoom", "type=previous_meetings", "type=scheduled", "history"),
    (
        "dropbox",
        "token_access_type = \"offline\"",
        "token_access_type = \"online\"",
        "lifecycle",
    ),
    (
        "dropbox",
        "[whoami]\nmethod = \"POST\"",
        "[whoami]\nmethod = \"GET\"",
        "flow",
    ),
    (
        "dropbox",
        "invalid_client: Invalid client_id or client_secret",
        "invalid_client: Not a client",
        "flow",
    ),
    ("dropbox", "\"recursive\": true, ", "", "history"),
    (
        "dropbox",
        "more_path = \"has_more\"",
        "more_path = \"more\"",
        "history",
    ),
    (
        "discord",
        "token_body = \"form\"",
        "token_body = \"json\"",
        "flow",
    ),
    ("discord", "prompt = \"consent\"", "prompt = \"login\"", "flow"),
    ("discord", "param = \"after\"", "param = \"before\"", "history"),
    (
        "gitlab",
        "redirect_uri_on_refresh = true",
        "redirect_uri_on_refresh = false",
        "lifecycle",
    ),
    (
        "gitlab",
        "client_auth = \"body\"",
        "client_auth = \"basic\"",
        "flow",
    ),
    ("gitlab", "membership=true&", "", "history"),
    ("gitlab", "with_issues_enabled=true&", "", "history"),
    ("gitlab", "state=all&", "state=opened&", "history"),
    (
        "linkedin",
        "\"user_cancelled_authorize\"",
        "\"user_canceled\"",
        "flow",
    ),
    ("linkedin", "\"invalid_request\", ", "", "flow"),
    ("linkedin", "issued = false", "issued = true", "lifecycle"),
    ("linkedin", "pkce = \"none\"", "pkce = \"supported\"", "flow"),
    ("linkedin", "single = true\n", "", "history"),
    ("box", "client_auth = \"body\"", "client_auth = \"basic\"", "flow"),
    ("box", "rotates = true", "rotates = false", "lifecycle"),
    ("box", "is = \"folder\" }", "is = \"directory\" }", "history"),
    ("box", "param = \"marker\"", "param = \"next_marker\"", "history"),
    (
        "trello",
        "https://trello.com/1/OAuthGetRequestToken",
        "https://api.trello.com/1/OAuthGetRequestToken",
        "flow",
    ),
    (
        "trello",
        "scope_separator = \",\"",
        "scope_separator = \" \"",
        "flow",
    ),
    (
        "trello",
        "expiration = \"never\"",
        "expiration = \"30days\"",
        "lifecycle",
    ),
    (
        "trello",
        "value = 'OAuth oauth_consumer_key=",
        "value = 'OAuth oauth_client_key=",
        "flow",
    ),
    ("trello", "/1/tokens/{token}", "/1/token/{token}", "lifecycle"),
    ("trello", "param = \"before\"", "param = \"since\"", "history"),
    ("trello", "limit=1000&", "limit=1001&", "history"),
    (
        "plaid",
        "secret = \"secret\"",
        "secret = \"client_secret\"",
        "flow",
    ),
    (
        "plaid",
        "page_host = \"secure.plaid.com\"",
        "page_host = \"cdn.plaid.com\"",
        "flow",
    ),
    ("plaid", "countries = [\"US\"]", "countries = [\"GB\"]", "flow"),
    ("plaid", "{env}/item/remove", "{env}/item/delete", "lifecycle"),
    (
        "plaid",
        "is = \"HISTORICAL_UPDATE_COMPLETE\"",
        "is = \"INITIAL_UPDATE_COMPLETE\"",
        "history",
    ),
    (
        "plaid",
        "\"offset\":\"{offset}\"",
        "\"skip\":\"{offset}\"",
        "history",
    ),
    (
        "zoho-books",
        "{api_domain}/books/v3/organizations",
        "https://www.zohoapis.com/books/v3/organizations",
        "flow",
    ),
    ("zoho-books", "Zoho-oauthtoken {token}", "Bearer {token}", "flow"),
    (
        "zoho-books",
        "prompt = \"consent\"",
        "prompt = \"login\"",
        "lifecycle",
    ),
    (
        "zoho-books",
        "token = \"refresh\"",
        "token = \"access\"",
        "lifecycle",
    ),
    ("zoho-books", "sort_order=D", "sort_order=A", "history"),
    (
        "zoho-books",
        "page_context.has_more_page",
        "has_more_page",
        "history",
    ),
    ("spotify", "pkce = \"supported\"", "pkce = \"none\"", "lifecycle"),
    (
        "spotify",
        "client_auth = \"basic\"",
        "client_auth = \"body\"",
        "flow",
    ),
    (
        "spotify",
        "records_path = \"items\"\nid_path = \"played_at\"",
        "records_path = \"plays\"\nid_path = \"played_at\"",
        "history",
    ),
    (
        "spotify",
        "time_path = \"added_at\"",
        "time_path = \"saved_at\"",
        "history",
    ),
    ("canva", "pkce = \"required\"", "pkce = \"none\"", "flow"),
    (
        "canva",
        "id_paths = [\"team_user.user_id\"]",
        "id_paths = [\"team_user.team_id\"]",
        "flow",
    ),
    ("canva", "token = \"refresh\"", "token = \"access\"", "lifecycle"),
    (
        "canva",
        "sort_by=modified_descending",
        "sort_by=relevance",
        "history",
    ),
    (
        "canva",
        "time = \"seconds\"",
        "time = \"milliseconds\"",
        "history",
    ),
    ("quickbooks", "path = \"realmId\"", "path = \"realm_id\"", "flow"),
    (
        "quickbooks",
        "id_part = \"realmId\"\nid_paths = []",
        "id_paths = [\"CompanyInfo.Id\"]",
        "flow",
    ),
    ("quickbooks", "rotates = true", "rotates = false", "lifecycle"),
    ("quickbooks", "body = \"json\"", "body = \"form\"", "lifecycle"),
    (
        "quickbooks",
        "kind = \"offset\", start = 1",
        "kind = \"offset\", start = 0",
        "history",
    ),
    (
        "quickbooks",
        "QueryResponse.Payment",
        "QueryResponse.Payments",
        "history",
    ),
    ("xero", "rotates = true", "rotates = false", "lifecycle"),
    (
        "xero",
        "claims = { authEventId = \"authentication_event_id\" }",
        "claims = { authEventId = \"auth_event_id\" }",
        "flow",
    ),
    ("xero", "param = \"page\"", "param = \"offset\"", "history"),
    ("xero", "time = \"json_date\"", "time = \"rfc3339\"", "history"),
    ("mailchimp", "path = \"dc\"", "path = \"data_center\"", "flow"),
    ("mailchimp", "issued = false", "issued = true", "lifecycle"),
    (
        "mailchimp",
        "since_send_time={from}",
        "since_time={from}",
        "history",
    ),
    ("mailchimp", "sort_dir=DESC", "sort_dir=ASC", "history"),
];

/// The built-in files, with one mistake in one of them.
fn catalog(id: &str, good: &str, bad: &str) -> Catalog {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalog/integrations");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut text = std::fs::read_to_string(&path).unwrap();
        if name == format!("{id}.toml") {
            assert!(text.contains(good), "{id} has no {good:?} to get wrong");
            text = text.replace(good, bad);
        }
        (name, text)
    });
    Catalog::from_files(files).unwrap()
}

/// How many are tried at once.
const AT_ONCE: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_fact_fails_its_gate() {
    let tried = MISTAKES
        .iter()
        .copied()
        .map(|mistake| async move { tokio::spawn(is_found(mistake)).await });
    let mut tried = stream::iter(tried).buffer_unordered(AT_ONCE);
    while let Some(found) = tried.next().await {
        found.unwrap();
    }
}

async fn is_found((id, good, bad, gate): (&'static str, &'static str, &'static str, &'static str)) {
    let hub = scratch_with("test", catalog(id, good, bad)).await.unwrap();
    let only = [id.to_owned()];
    verify::run(&hub, None, Some(&only)).await.unwrap();
    let summary = verify::summary(&hub, Some(&only)).await.unwrap();
    let found = summary.integrations[0].gates[gate];
    assert_eq!(found, "failed", "{id}: {bad:?} was not found\n{summary}");
}
