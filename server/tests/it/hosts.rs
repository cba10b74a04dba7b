//! Hosts that come from outside: typed by an admin, brought back by a callback, told by a token's answer. Until they are
//! proven to be the provider's own, nothing of ours goes there.

use std::time::Duration;

use patchbay_simulator::{Fault, FaultKind};
use patchbay_store::{Scope, connections};

use crate::support::Decision;

on_both! {
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
        app.wait(Duration::from_secs(91));
        assert!(ana.get(&back).await.status.is_client_error());
        let asked = app.simulator().log().into_iter().filter(|entry| entry.path.ends_with("/access_token"));
        assert_eq!(asked.count(), 0, "no code and no secret leaves");
        assert_eq!(app.connections().await, []);
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
