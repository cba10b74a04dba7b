//! What the dialects refuse, each as its provider documents it, and what they then still accept.
//! What the dialects of the providers refuse, each as its provider documents it, and what they then still accept.

mod airtable;
mod box_;
mod calendly;
mod canva;
mod clickup;
mod discord;
mod dropbox;
mod figma;
mod gitlab;
mod google;
mod hubspot;
mod intercom;
pub mod jira;
mod linear;
mod linkedin;
mod mailchimp;
mod microsoft;
mod monday;
mod notion;
mod plaid;
mod quickbooks;
mod salesforce;
mod shopify;
mod slack;
mod spotify;
pub mod trello;
mod xero;
mod zendesk;
mod zoho_books;
mod zoom;

use patchbay_simulator::{ASKS_WHICH, App};
use secrecy::SecretString;
use serde_json::Value;

use crate::client::{Answer, BACK, Bench, SECRET, VERIFIER, challenge, encode};

const ANA: &str = "ana@acme.example";
/// "patchbay" and the secret.
const BASIC: &str = "Basic cGF0Y2hiYXk6YS1jbGllbnQtc2VjcmV0LXRoYXQtaXMtbm90LXNob3J0";
const WRONG_BASIC: &str = "Basic cGF0Y2hiYXk6d3Jvbmc=";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// A provider's authorization endpoint, and what a correct request holds besides the usual.
pub struct Door {
    pub host: &'static str,
    path: &'static str,
    own: &'static [(&'static str, &'static str)],
    pkce: bool,
}

impl Door {
    /// A correct request with some parameters set to other values; an empty one leaves one out.
    fn query(&self, other: &[(&str, &str)]) -> String {
        let challenge = challenge(VERIFIER);
        let mut pairs = vec![
            ("client_id", "patchbay"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("state", "a-state-of-sixteen-or-more"),
        ];
        pairs.extend_from_slice(self.own);
        if self.pkce {
            pairs.push(("code_challenge", &challenge));
            pairs.push(("code_challenge_method", "S256"));
        }
        for (name, value) in other {
            pairs.retain(|(key, _)| key != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        format!("{}?{}", self.path, encode(&pairs))
    }

    async fn ask(&self, bench: &Bench, other: &[(&str, &str)]) -> Answer {
        bench.send("GET", self.host, &self.query(other), &[], "").await
    }

    /// What the app is told of a wrong request.
    async fn told(&self, bench: &Bench, other: &[(&str, &str)]) -> Option<String> {
        self.ask(bench, other).await.sent("error")
    }

    async fn approve(&self, bench: &Bench, other: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![("decision", "approve")];
        pairs.extend_from_slice(form);
        bench.form(self.host, &self.query(other), &pairs).await
    }

    /// Approves, and returns the code.
    pub async fn code(&self, bench: &Bench, account: &str) -> String {
        let answer = self.approve(bench, &[], &[("account", account)]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.sent("code").unwrap()
    }
}

/// A token endpoint that reads forms.
struct Desk {
    door: Door,
    host: &'static str,
    path: &'static str,
    basic: bool,
}

impl Desk {
    /// A request with the app's credentials where this provider reads them.
    async fn post(&self, bench: &Bench, path: &str, pairs: &[(&str, &str)]) -> Answer {
        if self.basic {
            let headers = [("authorization", BASIC), FORM];
            return bench
                .send("POST", self.host, path, &headers, &encode(pairs))
                .await;
        }
        let mut all = vec![("client_id", "patchbay"), ("client_secret", SECRET)];
        all.retain(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
        all.extend_from_slice(pairs);
        bench.form(self.host, path, &all).await
    }

    /// Redeems a code, with some parameters set to other values; an empty one leaves one out.
    async fn redeem(&self, bench: &Bench, code: &str, other: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
        ];
        if self.door.pkce {
            pairs.push(("code_verifier", VERIFIER));
        }
        for (name, value) in other {
            pairs.retain(|(key, _)| key != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        self.post(bench, self.path, &pairs).await
    }

    /// The whole way to tokens.
    async fn tokens(&self, bench: &Bench, account: &str) -> Value {
        let code = self.door.code(bench, account).await;
        let answer = self.redeem(bench, &code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    async fn refresh(&self, bench: &Bench, tokens: &Value, other: &[(&str, &str)]) -> Answer {
        let token = tokens["refresh_token"].as_str().unwrap();
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        pairs.extend_from_slice(other);
        self.post(bench, self.path, &pairs).await
    }
}

/// A simulator with an app at every provider that has apps.
pub async fn bench() -> Bench {
    let bench = Bench::start().await;
    for profile in [
        "airtable",
        "box",
        "calendly",
        "canva",
        "clickup",
        "discord",
        "dropbox",
        "figma",
        "gitlab",
        "google",
        "hubspot",
        "intercom",
        "jira",
        "linear",
        "linkedin",
        "mailchimp",
        "microsoft",
        "monday",
        "notion",
        "plaid",
        "quickbooks",
        "salesforce",
        "shopify",
        "slack",
        "spotify",
        "trello",
        "xero",
        "zendesk",
        "zoho-books",
        "zoom",
    ] {
        bench
            .simulator
            .register_app(&App {
                profile: profile.to_owned(),
                client_id: "patchbay".to_owned(),
                client_secret: SecretString::from(SECRET),
                redirect_uris: vec![BACK.to_owned()],
            })
            .unwrap();
    }
    bench
}

fn error(answer: &Answer) -> (u16, String) {
    (
        answer.status,
        answer.json()["error"].as_str().unwrap_or_default().to_owned(),
    )
}

fn refused(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

/// Each provider that documents a way asks which account, and only then.
#[tokio::test]
async fn who_documents_the_choice_of_an_account_asks_for_it() {
    let bench = bench().await;
    for (door, name, word, wrong) in [
        (
            &google::GOOGLE,
            "prompt",
            "consent select_account",
            "select_acount",
        ),
        (&microsoft::COMMON, "prompt", "select_account", "select_acount"),
        (&dropbox::DROPBOX.door, "force_reauthentication", "true", "yes"),
        (&linear::LINEAR, "prompt", "consent", "select_account"),
        (
            &salesforce::door("login.salesforce.com"),
            "prompt",
            "login",
            "log_in",
        ),
    ] {
        let usual = door.ask(&bench, &[]).await;
        assert_eq!(usual.status, 200, "{}: {}", door.host, usual.body);
        assert!(!usual.body.contains(ASKS_WHICH), "{}", door.host);
        let asked = door.ask(&bench, &[(name, word)]).await;
        assert!(asked.body.contains(ASKS_WHICH), "{}", door.host);
        let told = door.told(&bench, &[(name, wrong)]).await;
        assert_eq!(told.as_deref(), Some("invalid_request"), "{}", door.host);
    }
}
