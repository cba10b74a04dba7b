//! The scopes that were reviewed, by integration. What the catalogue asks for must be what stands here: a scope that is
//! added or changed there fails until someone has looked at it and changed this list too.

use crate::builtin;

/// Integration, and what it may ask for.
const REVIEWED: [(&str, &[&str]); 39] = [
    ("notion", &[]),
    (
        "google-calendar",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/calendar.readonly",
        ],
    ),
    (
        "monday",
        &[
            "me:read",
            "account:read",
            "boards:read",
            "users:read",
            "workspaces:read",
            "updates:read",
        ],
    ),
    (
        "figma",
        &[
            "current_user:read",
            "projects:read",
            "file_metadata:read",
            "file_versions:read",
        ],
    ),
    (
        "slack",
        &["channels:read", "channels:history", "users:read", "team:read"],
    ),
    ("salesforce", &["api", "refresh_token", "openid", "profile"]),
    (
        "hubspot",
        &[
            "oauth",
            "crm.objects.contacts.read",
            "crm.objects.companies.read",
            "crm.objects.deals.read",
            "crm.objects.owners.read",
        ],
    ),
    (
        "jira",
        &["offline_access", "read:me", "read:jira-work", "read:jira-user"],
    ),
    (
        "zoom",
        &[
            "user:read:user",
            "meeting:read:list_meetings",
            "cloud_recording:read:list_user_recordings",
        ],
    ),
    ("github", &["read:user", "user:email", "read:org", "repo"]),
    ("dropbox", &["account_info.read", "files.metadata.read"]),
    ("discord", &["identify", "email", "guilds"]),
    (
        "microsoft-teams",
        &[
            "openid",
            "profile",
            "offline_access",
            "User.Read",
            "Chat.Read",
            "Team.ReadBasic.All",
            "Channel.ReadBasic.All",
        ],
    ),
    ("gitlab", &["read_user", "read_api"]),
    ("linkedin", &["openid", "profile", "email"]),
    (
        "asana",
        &["users:read", "workspaces:read", "projects:read", "tasks:read"],
    ),
    (
        "airtable",
        &["data.records:read", "schema.bases:read", "user.email:read"],
    ),
    ("linear", &["read"]),
    ("clickup", &[]),
    ("box", &["root_readonly"]),
    (
        "gmail",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/gmail.readonly",
        ],
    ),
    (
        "google-chat",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/chat.spaces.readonly",
            "https://www.googleapis.com/auth/chat.messages.readonly",
            "https://www.googleapis.com/auth/chat.memberships.readonly",
        ],
    ),
    (
        "google-drive",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/drive.metadata.readonly",
        ],
    ),
    (
        "outlook",
        &[
            "openid",
            "profile",
            "offline_access",
            "User.Read",
            "Mail.Read",
            "Calendars.Read",
        ],
    ),
    ("trello", &["read", "account"]),
    ("shopify", &["read_orders", "read_products", "read_customers"]),
    ("zendesk", &["read"]),
    (
        "spotify",
        &[
            "user-read-private",
            "user-read-email",
            "user-read-recently-played",
            "user-library-read",
        ],
    ),
    ("canva", &["profile:read", "design:meta:read"]),
    (
        "calendly",
        &[
            "users:read",
            "organizations:read",
            "event_types:read",
            "scheduled_events:read",
        ],
    ),
    (
        "xero",
        &[
            "openid",
            "profile",
            "email",
            "offline_access",
            "accounting.invoices.read",
            "accounting.payments.read",
            "accounting.banktransactions.read",
            "accounting.contacts.read",
            "accounting.settings.read",
        ],
    ),
    (
        "quickbooks",
        &["com.intuit.quickbooks.accounting", "openid", "profile", "email"],
    ),
    ("plaid", &["transactions"]),
    (
        "zoho-books",
        &[
            "ZohoBooks.settings.READ",
            "ZohoBooks.contacts.READ",
            "ZohoBooks.invoices.READ",
        ],
    ),
    ("sendgrid", &[]),
    ("stripe", &[]),
    ("openai", &[]),
    ("intercom", &[]),
    ("mailchimp", &[]),
];

#[test]
fn s25_only_reviewed_scopes_are_asked_for() {
    let catalog = builtin();

    let asked: Vec<(&str, Vec<&str>)> = catalog
        .iter()
        .map(|integration| {
            (
                integration.id.as_str(),
                integration.scopes().iter().map(String::as_str).collect(),
            )
        })
        .collect();

    let reviewed: Vec<(&str, Vec<&str>)> = REVIEWED
        .into_iter()
        .map(|(id, scopes)| (id, scopes.to_vec()))
        .collect();
    assert_eq!(asked, reviewed);
}

#[test]
fn s25_scopes_that_let_us_write_say_so() {
    let can_write = [
        ("github", "repo"),
        ("quickbooks", "com.intuit.quickbooks.accounting"),
    ];

    for integration in &builtin() {
        for (scope, words) in integration.scope_words() {
            let expected = can_write.contains(&(integration.id.as_str(), scope.as_str()));
            assert_eq!(
                words.starts_with("Can change: "),
                expected,
                "{}: {scope}",
                integration.id
            );
        }
    }
}
