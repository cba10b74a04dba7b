//! Every provider that can be connected, by what differs between them.

use std::time::Duration;

use patchbay_catalog::{Denial, Integration, Pkce};
use patchbay_hub::verify;
use patchbay_simulator::{Fault, FaultKind};
use patchbay_store::{
    Scope,
    connections::{self, ConnectionState},
};

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

    /// S30: only a shop's own address passes, and no request leaves for any other.
    async fn s30_a_shop_is_one_of_shopifys_own(app: &TestApp) {
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for typed in [
            "",
            "a.myshopify.com.evil.tld",
            "evil.tld#.myshopify.com",
            "evil.tld/.myshopify.com",
            "evil.tld\\.myshopify.com",
            "a.b.myshopify.com",
            "-a.myshopify.com",
            "a.myshopify.com:8080",
            "a.myshopify.com.",
            "user@a.myshopify.com",
            "a。myshopify.com",
            "a.myshopify.com\nevil.tld",
            "169.254.169.254",
            "localhost",
        ] {
            let answer = ana.post_form("/integrations/shopify/connect", &[("shop", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?} went to {}", answer.location());
            assert!(answer.body.contains("aria-invalid=\"true\""), "{typed:?}: the field is marked");
        }
        assert!(app.rows(&["flows"]).await["flows"].is_empty());
        assert_eq!(app.simulator().log(), []);
        // What people paste is understood.
        for typed in ["acme.myshopify.com", " ACME.myshopify.com ", "https://acme.myshopify.com/admin/products"] {
            let leaving = ana.leave_for_with("shopify", &[("shop", typed)]).await;
            let host = leaving.provider_link().host_str().unwrap().to_owned();
            assert_eq!(host, "acme.myshopify.com.sim.localhost", "{typed:?}");
        }
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

    /// Nothing has to be typed: then anyone's organisation will do. What is typed is where people are sent.
    async fn an_organisation_at_microsoft_can_be_typed(app: &TestApp) {
        let mut ana = app.ana().await;
        let guid = "7E1D0C3A-0000-4000-8000-000000000201";
        for (typed, tenant) in [
            ("", "common"),
            (" Acme.OnMicrosoft.com ", "acme.onmicrosoft.com"),
            ("https://acme.example/", "acme.example"),
            (guid, "7e1d0c3a-0000-4000-8000-000000000201"),
        ] {
            let leaving = ana.leave_for_with("outlook", &[("tenant", typed)]).await;
            let path = leaving.provider_link().path().to_owned();
            assert_eq!(path, format!("/{tenant}/oauth2/v2.0/authorize"), "{typed:?}");
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let connected = ana.get(&back).await;
            let notice = if typed.is_empty() { "connected" } else { "renewed" };
            assert_eq!(connected.location(), format!("/integrations/outlook?notice={notice}"), "{typed:?}");
        }
        assert_eq!(app.connections().await.len(), 1, "one account, whatever way it came by");
        app.simulator().clear_log();
        for typed in ["acme", "acme.example/x?", "../common", "a..b", "acme.example#", "acme_x.com"] {
            let answer = ana.post_form("/integrations/outlook/connect", &[("tenant", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?} went to {}", answer.location());
        }
        assert_eq!(app.simulator().log(), []);
    }

    /// S32: only a label in front of Zendesk's own domain passes, and no request leaves for anything else.
    async fn s32_a_zendesk_is_a_label_of_zendesks_own(app: &TestApp) {
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for typed in [
            "",
            "169.254.169.254#",
            "169.254.169.254",
            "localhost",
            "[::1]",
            "0x7f.1",
            "a.b",
            "evil.tld/",
            "evil.tld#",
            "evil.tld?",
            "evil.tld\\",
            "user@evil.tld",
            "acme:8080",
            "-acme",
            "acme-",
            "ac me",
            "acme\nevil.tld",
            "acme。evil",
            "https://evil.tld/.zendesk.com",
            "acme.zendesk.com.evil.tld",
        ] {
            let answer = ana.post_form("/integrations/zendesk/connect", &[("subdomain", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?} went to {}", answer.location());
            assert!(answer.body.contains("aria-invalid=\"true\""), "{typed:?}: the field is marked");
        }
        assert!(app.rows(&["flows"]).await["flows"].is_empty());
        assert_eq!(app.simulator().log(), []);
        // What people paste is understood.
        for typed in ["acme", " ACME ", "acme.zendesk.com", "https://acme.zendesk.com/agent/dashboard"] {
            let leaving = ana.leave_for_with("zendesk", &[("subdomain", typed)]).await;
            let host = leaving.provider_link().host_str().unwrap().to_owned();
            assert_eq!(host, "acme.zendesk.com.sim.localhost", "{typed:?}");
        }
    }

    /// S34: an instance address that is not Salesforce's ends the connect, and nothing is asked there.
    async fn s34_an_instance_that_is_not_salesforces_is_refused(app: &TestApp) {
        const ACME: &str = "acme.my.salesforce.com";
        let mut ana = app.ana().await;
        for instance in [
            Some("http://10.0.0.1"),
            Some("https://10.0.0.1"),
            Some("https://evil.example"),
            Some("http://acme.my.salesforce.com"),
            Some("https://acme.my.salesforce.com.evil.example"),
            Some("https://acme.my.salesforce.com@evil.example"),
            Some("https://evil.example/.salesforce.com"),
            Some("https://acme.my.salesforce.com:8443"),
            Some(""),
            None,
        ] {
            let leaving = ana.leave_for_with("salesforce", &[("hostname", ACME)]).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let mut body = serde_json::json!({
                "access_token": "00D!told-with-a-foreign-address", "refresh_token": "5Aep861", "token_type": "Bearer",
                "scope": "api refresh_token openid profile", "instance_url": instance,
            });
            body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            app.simulator().clear_log();
            app.simulator().set_fault(Fault {
                host: ACME.to_owned(),
                path_prefix: "/services/oauth2/token".to_owned(),
                times: 1,
                kind: FaultKind::Status { code: 200, body: Some(body.to_string()) },
            });
            let answer = ana.get(&back).await;
            assert!(!answer.location().contains("notice=connected"), "{instance:?}: {}", answer.location());
            assert_eq!(app.audit().await[0].reason.as_deref(), Some("exchange-failed"), "{instance:?}");
            // Where there is no address at all, access is given back at the host that was typed.
            let asked = app.simulator().log();
            assert!(asked.iter().all(|entry| entry.host == ACME), "{instance:?}: {asked:?}");
            assert_eq!(asked.iter().filter(|entry| entry.path.ends_with("/token")).count(), 1, "{instance:?}");
        }
        assert_eq!(app.connections().await, []);
        // The real answer connects, wherever the person signed in.
        for (typed, host, notice) in [("", "login.salesforce.com", "connected"), (ACME, ACME, "renewed")] {
            let leaving = ana.leave_for_with("salesforce", &[("hostname", typed)]).await;
            let at = leaving.provider_link().host_str().unwrap().to_owned();
            assert_eq!(at, format!("{host}.sim.localhost"), "{typed:?}");
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let connected = format!("/integrations/salesforce?notice={notice}");
            assert_eq!(ana.get(&back).await.location(), connected, "{typed:?}");
        }
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

    /// S31: what Shopify signed comes back as it was, and soon.
    async fn s31_an_answer_that_shopify_did_not_sign_is_refused(app: &TestApp) {
        let mut ana = app.ana().await;
        let tampered: [fn(&str) -> String; 6] = [
            |back| without(back, "hmac"),
            |back| back.replace("hmac=", "hmac=0"),
            |back| format!("{back}&extra=1"),
            |back| back.replace("shop=acme.", "shop=globex."),
            |back| without(back, "timestamp"),
            |back| back.replace("code=", "code=0"),
        ];
        for (case, tamper) in tampered.into_iter().enumerate() {
            let leaving = ana.leave_for_with("shopify", &[("shop", "acme.myshopify.com")]).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            assert!(back.contains("hmac=") && back.contains("shop=acme.") && back.contains("timestamp="), "{back}");
            let answer = ana.get(&tamper(&back)).await;
            assert!(answer.status.is_client_error(), "case {case}: {} {}", answer.status, answer.location());
            assert_eq!(app.audit().await[0].reason.as_deref(), Some("forged"), "case {case}");
        }
        // Too late, though the flow itself still waits.
        let leaving = ana.leave_for_with("shopify", &[("shop", "acme.myshopify.com")]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        app.wait(std::time::Duration::from_secs(91));
        assert!(ana.get(&back).await.status.is_client_error());
        let asked = app.simulator().log().into_iter().filter(|entry| entry.path.ends_with("/access_token"));
        assert_eq!(asked.count(), 0, "no code and no secret leaves");
        assert_eq!(app.connections().await, []);
    }

    /// S32: our app's secret is for gitlab.com. Whatever else is typed, nothing leaves, and a connection whose host was
    /// changed behind our back asks nobody.
    async fn s32_no_typed_host_gets_the_secret_of_our_gitlab_app(app: &TestApp) {
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for typed in [
            "gitlab.acme.example",
            "gitlab.com.evil.tld",
            "evil.tld#gitlab.com",
            "evil.tld/gitlab.com",
            "evil.tld\\gitlab.com",
            "ana@gitlab.com",
            "gitlab.com:8443",
            "gitlab.com.",
            "gitlab。com",
            "gitlab.com\nevil.tld",
            "169.254.169.254",
            "169.254.169.254#",
            "localhost",
            "[::1]",
            "0x7f.1",
            "a.b",
        ] {
            let answer = ana.post_form("/integrations/gitlab/connect", &[("host", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?} went to {}", answer.location());
            assert!(answer.body.contains("aria-invalid=\"true\""), "{typed:?}: the field is marked");
        }
        let own = ana.post_form("/integrations/gitlab/connect", &[("host", "gitlab.acme.example")]).await;
        assert!(own.text().contains("it needs a provider app of its own"), "{}", own.text());
        assert!(app.rows(&["flows"]).await["flows"].is_empty());
        assert_eq!(app.simulator().log(), []);
        for typed in ["", "gitlab.com", " GitLab.com ", "https://gitlab.com/acme/shop"] {
            let leaving = ana.leave_for_with("gitlab", &[("host", typed)]).await;
            let host = leaving.provider_link().host_str().unwrap().to_owned();
            assert_eq!(host, "gitlab.com.sim.localhost", "{typed:?}");
        }
        let leaving = ana.leave_for_with("gitlab", &[]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        assert_eq!(ana.get(&back).await.location(), "/integrations/gitlab?notice=connected");
        // Someone writes another host over the connection's own.
        let connection = app.the_connection().await;
        let mut tx = app.hub.store.write(Scope::System).await.unwrap();
        let moved = r#"{"host":"gitlab.acme.example"}"#;
        connections::set_given(&mut tx, &connection.id, moved, "{}", None).await.unwrap();
        tx.commit().await.unwrap();
        app.simulator().clear_log();
        let test = format!("/connections/{}/test", connection.id);
        let tested = ana.post_form(&test, &[]).await;
        // Long enough for the access token, and for Ana's session.
        app.wait(Duration::from_hours(3));
        let mut ana = app.ana().await;
        let refreshed = ana.post_form(&test, &[]).await;
        for answer in [tested, refreshed] {
            assert!(!answer.status.is_success() && answer.location().is_empty(), "{}", answer.text());
        }
        let ended = ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
        assert_eq!(ended.location(), "/integrations/gitlab?notice=disconnected");
        app.work_revocations().await;
        assert_eq!(app.simulator().log(), [], "neither test, refresh nor revocation leaves");
    }

    /// S33: who gets the code and our secret is told by Zoho's answer, so it is one of Zoho's own or nobody.
    async fn s33_a_server_that_zohos_answer_names_is_one_of_zohos_own(app: &TestApp) {
        const TOLD: &str = "accounts-server=https%3A%2F%2Faccounts.zoho.eu";
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for server in [
            "https://evil.tld",
            "https://accounts.zoho.com.evil.tld",
            "https://evil.tld/accounts.zoho.com",
            "https://accounts.zoho.com@evil.tld",
            "https://accounts.zoho.com/../evil",
            "https://accounts.zoho.com:8443",
            "https://accounts.zoho.com#",
            "http://accounts.zoho.com",
            "https://accounts.zoho.evil",
            "https://ACCOUNTS.ZOHO.COM",
            "https://accounts.zoho.com ",
            "//accounts.zoho.com",
            "accounts.zoho.com",
        ] {
            let leaving = ana.leave_for_with("zoho-books", &[]).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            assert!(back.contains(TOLD), "{back}");
            let encoded: String = url::form_urlencoded::byte_serialize(server.as_bytes()).collect();
            let answer = ana.get(&back.replace(TOLD, &format!("accounts-server={encoded}"))).await;
            assert_eq!(answer.status, 403, "{server:?} went to {}", answer.location());
            assert_eq!(app.audit().await[0].reason.as_deref(), Some("forged"), "{server:?}");
        }
        let leaving = ana.leave_for_with("zoho-books", &[]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        let twice = ana.get(&format!("{back}&accounts-server=https%3A%2F%2Fevil.tld")).await;
        assert_eq!(twice.status, 400);
        let leaving = ana.leave_for_with("zoho-books", &[]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        let nowhere = ana.get(&without(&back, "accounts-server")).await;
        assert_eq!(nowhere.status, 303, "there is nobody to ask");
        // The simulator is also what plays evil.tld: every request of ours would stand in its log.
        let left = app.simulator().log();
        assert!(left.iter().all(|entry| entry.path == "/oauth/v2/auth"), "no code and no secret leaves: {left:?}");
        assert_eq!(app.connections().await, []);
        // As it came it is taken, and the secret goes to the one server that it names.
        let leaving = ana.leave_for_with("zoho-books", &[]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        assert_eq!(ana.get(&back).await.location(), "/integrations/zoho-books?notice=connected");
        let log = app.simulator().log();
        let asked: Vec<&str> = log
            .iter()
            .filter(|entry| entry.param("client_secret").is_some())
            .map(|entry| entry.host.as_str())
            .collect();
        assert_eq!(asked, ["accounts.zoho.eu"]);
    }
}

/// A path without one parameter of its query.
fn without(path: &str, name: &str) -> String {
    let (path, query) = path.split_once('?').unwrap();
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| pair.split('=').next() != Some(name))
        .collect();
    format!("{path}?{}", kept.join("&"))
}
