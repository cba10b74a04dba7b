//! Every provider that can be connected, by what differs between them.

use patchbay_catalog::{Denial, Integration, Pkce};
use patchbay_hub::verify;
use patchbay_store::connections::ConnectionState;

use crate::support::{Answer, Browser, Decision, TestApp, fields_of};

/// What each provider is asked for, as it was reviewed: a change in the catalogue must be approved here (S25). The
/// second column is the parameter that carries it, of the address or of the call that creates a link; none where the
/// provider's own form decides.
const REVIEWED: [(&str, &str, Option<&str>); 36] = [
    (
        "airtable",
        "scope",
        Some("data.records:read schema.bases:read user.email:read"),
    ),
    (
        "asana",
        "scope",
        Some("users:read workspaces:read projects:read tasks:read"),
    ),
    ("box", "scope", Some("root_readonly")),
    (
        "calendly",
        "scope",
        Some("users:read organizations:read event_types:read scheduled_events:read"),
    ),
    ("canva", "scope", Some("profile:read design:meta:read")),
    ("clickup", "scope", None),
    ("discord", "scope", Some("identify email guilds")),
    ("dropbox", "scope", Some("account_info.read files.metadata.read")),
    (
        "figma",
        "scope",
        Some("current_user:read,projects:read,file_metadata:read,file_versions:read"),
    ),
    ("github", "scope", Some("read:user user:email read:org repo")),
    ("gitlab", "scope", Some("read_user read_api")),
    (
        "gmail",
        "scope",
        Some("openid email https://www.googleapis.com/auth/gmail.readonly"),
    ),
    (
        "google-calendar",
        "scope",
        Some("openid email https://www.googleapis.com/auth/calendar.readonly"),
    ),
    (
        "google-chat",
        "scope",
        Some(
            "openid email https://www.googleapis.com/auth/chat.spaces.readonly \
             https://www.googleapis.com/auth/chat.messages.readonly \
             https://www.googleapis.com/auth/chat.memberships.readonly",
        ),
    ),
    (
        "google-drive",
        "scope",
        Some("openid email https://www.googleapis.com/auth/drive.metadata.readonly"),
    ),
    (
        "hubspot",
        "scope",
        Some(
            "oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read \
             crm.objects.owners.read",
        ),
    ),
    ("intercom", "scope", None),
    (
        "jira",
        "scope",
        Some("offline_access read:me read:jira-work read:jira-user"),
    ),
    ("linear", "scope", Some("read")),
    ("linkedin", "scope", Some("openid profile email")),
    ("mailchimp", "scope", None),
    (
        "microsoft-teams",
        "scope",
        Some("openid profile offline_access User.Read Chat.Read Team.ReadBasic.All Channel.ReadBasic.All"),
    ),
    (
        "monday",
        "scope",
        Some("me:read account:read boards:read users:read workspaces:read updates:read"),
    ),
    ("notion", "scope", None),
    (
        "outlook",
        "scope",
        Some("openid profile offline_access User.Read Mail.Read Calendars.Read"),
    ),
    ("plaid", "products", Some("[\"transactions\"]")),
    (
        "quickbooks",
        "scope",
        Some("com.intuit.quickbooks.accounting openid profile email"),
    ),
    ("salesforce", "scope", Some("api refresh_token openid profile")),
    (
        "shopify",
        "scope",
        Some("read_orders,read_products,read_customers"),
    ),
    (
        "slack",
        "scope",
        Some("channels:read,channels:history,users:read,team:read"),
    ),
    (
        "spotify",
        "scope",
        Some("user-read-private user-read-email user-read-recently-played user-library-read"),
    ),
    ("trello", "scope", Some("read,account")),
    (
        "xero",
        "scope",
        Some(
            "openid profile email offline_access accounting.invoices.read accounting.payments.read \
             accounting.banktransactions.read accounting.contacts.read accounting.settings.read",
        ),
    ),
    ("zendesk", "scope", Some("read")),
    (
        "zoho-books",
        "scope",
        Some("ZohoBooks.settings.READ,ZohoBooks.contacts.READ,ZohoBooks.invoices.READ"),
    ),
    ("zoom", "scope", None),
];

/// Integrations that are connected by an authorization and can be.
fn offered(app: &TestApp) -> impl Iterator<Item = &Integration> {
    let catalog = app.hub.catalog();
    catalog
        .iter()
        .filter(|integration| !integration.is_api_key() && verify::has_check(integration))
}

/// Fills in the form, clicks Connect, and looks at the page that leaves.
async fn leave_for(browser: &mut Browser, integration: &Integration) -> Answer {
    browser
        .leave_for_with(&integration.id, &fields_of(integration))
        .await
}

/// What the provider was asked for under this name: in the address, or where that says nothing in the newest call.
fn asked(app: &TestApp, integration: &Integration, leaving: &Answer, name: &str) -> Option<String> {
    if integration.link().is_none() {
        return leaving.asked_for(name);
    }
    let newest = app.requests_to("/link/token/create").pop()?;
    newest.value(name).map(ToOwned::to_owned)
}

on_both! {
    async fn every_offered_provider_connects_is_tested_and_disconnects(app: &TestApp) {
        let mut ana = app.ana().await;
        for integration in offered(app) {
            let id = integration.id.as_str();
            let leaving = leave_for(&mut ana, integration).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let answer = ana.get(&back).await;
            assert_eq!(answer.location(), format!("/integrations/{id}?notice=connected"));
            let connection = app.connections().await.into_iter().find(|c| c.integration_id == id).unwrap();
            let page = ana.get(answer.location()).await.text();
            assert!(page.contains(&format!("is connected as “{}”", connection.account_label)), "{id}: {page}");
            assert!(!connection.account_label.is_empty(), "{id}");
            app.work_history().await;
            let tested = ana.post_form(&format!("/connections/{}/test", connection.id), &[]).await;
            assert_eq!(tested.location(), format!("/integrations/{id}?notice=tested-ok"));
            let ended = ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
            assert_eq!(ended.location(), format!("/integrations/{id}?notice=disconnected"));
            app.work_revocations().await;
            assert_eq!(ana.get(ended.location()).await.status, 200, "{id}");
        }
    }

    async fn every_offered_provider_can_be_declined(app: &TestApp) {
        let mut ana = app.ana().await;
        for integration in offered(app) {
            let leaving = leave_for(&mut ana, integration).await;
            let back = ana.answers(&leaving, Decision::Deny).await;
            let stays = integration.oauth2().is_some_and(|dialect| dialect.denial == Denial::Stays);
            assert_eq!(back.is_none(), stays, "{}", integration.id);
            let Some(back) = back else {
                // Who was kept there comes back without an answer, and can start again.
                leave_for(&mut ana, integration).await;
                continue;
            };
            let answer = ana.get(&back).await;
            // A link's page comes back in one way only, so nobody can tell a no from leaving.
            let notice = if integration.link().is_some() { "unfinished" } else { "declined" };
            let declined = format!("/integrations/{}?notice={notice}&ref=", integration.id);
            assert!(answer.location().starts_with(&declined), "{}", answer.location());
        }
        assert_eq!(app.connections().await, []);
        assert_eq!(app.token_requests(), 0);
    }

    async fn s25_exactly_the_reviewed_scopes_are_asked_for(app: &TestApp) {
        let mut ana = app.ana().await;
        for integration in offered(app) {
            let id = integration.id.as_str();
            let found = REVIEWED.iter().find(|(reviewed, ..)| *reviewed == id);
            let (_, parameter, scopes) = found.unwrap_or_else(|| panic!("the scopes of {id} were not reviewed"));
            let leaving = leave_for(&mut ana, integration).await;
            assert_eq!(asked(app, integration, &leaving, parameter).as_deref(), *scopes, "{id}");
            if integration.oauth2().is_some() {
                let redirect = format!("http://localhost:3000/callback/{id}");
                assert_eq!(leaving.asked_for("redirect_uri"), Some(redirect), "from configuration");
                assert_eq!(leaving.asked_for("response_type").as_deref(), Some("code"), "{id}");
            }
        }
        assert_eq!(REVIEWED.len(), offered(app).count(), "no row for what can't be connected");
    }

    /// S17: where a provider documents no PKCE, the flow is bound by state and cookie, and the engineer reads so.
    async fn s17_a_provider_without_pkce_says_so(app: &TestApp) {
        let (mut ana, mut erin) = (app.ana().await, app.signed_in("erin@patchbay.example").await);
        let mut without = 0;
        for (integration, dialect) in offered(app).filter_map(|found| Some((found, found.oauth2()?))) {
            let leaving = leave_for(&mut ana, integration).await;
            let details = erin.get(&format!("/integrations/{}", integration.id)).await.text();
            let none = dialect.pkce == Pkce::None;
            assert_eq!(leaving.asked_for("code_challenge").is_none(), none, "{}", integration.id);
            assert_eq!(details.contains("No PKCE"), none, "{}: {details}", integration.id);
            if none {
                without += 1;
                // Bound all the same: another browser's callback is refused.
                let back = ana.consent(&leaving, Decision::Approve(0)).await;
                assert_eq!(app.ana().await.get(&back).await.status, 403, "{}", integration.id);
            }
        }
        assert!(without >= 3, "Notion, Slack and Shopify");
    }

    /// One approval of a Google account stands behind four integrations, and one call ends it: said before it is done, and
    /// seen afterwards.
    async fn google_ends_all_four_at_once_and_the_page_says_so(app: &TestApp) {
        let mut ana = app.ana().await;
        for id in ["gmail", "google-drive"] {
            ana.connect(id, Decision::Approve(0)).await;
        }
        let of = async |id: &str| app.connections().await.into_iter().find(|c| c.integration_id == id).unwrap();
        let drive = of("google-drive").await.id;
        let question = ana.get(&format!("/connections/{drive}/disconnect")).await.text();
        assert!(question.contains("for Gmail, Calendar, Chat and Drive alike"), "{question}");
        ana.post_form(&format!("/connections/{drive}/disconnect"), &[]).await;
        app.work_revocations().await;
        let gmail = of("gmail").await.id;
        let tested = ana.post_form(&format!("/connections/{gmail}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/gmail?notice=test-refused");
        assert_eq!(of("gmail").await.state, ConnectionState::NeedsReconnect);
    }

    /// Microsoft names the cause by a number before its text, in the same error for three causes.
    async fn microsofts_no_is_told_from_an_approval_that_is_missing(app: &TestApp) {
        let mut ana = app.ana().await;
        for (description, notice, sentence) in [
            (
                "AADSTS90094: The grant requires admin permission.\r\nTrace ID: CANARY",
                "approval-needed",
                "wants an administrator of your organisation to approve this",
            ),
            ("AADSTS65004: User declined.\r\nTrace ID: CANARY", "declined", "was declined at"),
            ("", "declined", "was declined at"),
        ] {
            let leaving = ana.leave_for("microsoft-teams").await;
            let query: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("error", "access_denied")
                .append_pair("error_description", description)
                .append_pair("state", &leaving.asked_for("state").unwrap())
                .finish();
            let answer = ana.get(&format!("/callback/microsoft-teams?{query}")).await;
            let wanted = format!("/integrations/microsoft-teams?notice={notice}&ref=");
            assert!(answer.location().starts_with(&wanted), "{description}: {}", answer.location());
            let page = ana.get(answer.location()).await;
            assert!(page.text().contains(sentence) && !page.body.contains("CANARY"), "{description}");
            assert_eq!(app.audit().await[0].reason.as_deref(), Some(notice));
        }
        assert_eq!(app.connections().await, []);
    }

    /// A region that is not the workspace's own: its API does not know the token, so nothing is stored.
    async fn an_intercom_workspace_is_in_the_region_that_was_chosen(app: &TestApp) {
        let mut ana = app.ana().await;
        for (region, connects) in [("eu", false), ("us", true)] {
            let leaving = ana.leave_for_with("intercom", &[("region", region)]).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let answer = ana.get(&back).await;
            assert_eq!(answer.location().contains("notice=connected"), connects, "{region}: {}", answer.location());
            assert_eq!(app.connections().await.len(), usize::from(connects), "{region}");
        }
    }

    /// S75: who withdrew our access there before disconnecting here sees it end here too, whatever the provider says to
    /// a token that is none any more.
    async fn s75_access_that_was_withdrawn_there_counts_as_ended(app: &TestApp) {
        let mut ana = app.ana().await;
        for integration in offered(app) {
            let id = integration.id.as_str();
            let leaving = leave_for(&mut ana, integration).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            ana.get(&back).await;
            let connection = app.connections().await.into_iter().find(|c| c.integration_id == id).unwrap();
            // Approved as the first account of the consent page.
            let profile = integration.provider_app.as_str();
            let account = app.simulator().accounts(profile).unwrap()[0];
            assert_ne!(app.simulator().revoke_grants(profile, account.id).unwrap(), 0, "{id}");
            ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
            app.work_revocations().await;
            let wanted = if integration.revoke().is_some() { "done" } else { "no_call" };
            assert_eq!(app.revocation_of(&connection).await, wanted, "{id}");
        }
    }
}
