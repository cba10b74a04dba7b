//! Trello: signed requests, a request token that is approved and exchanged once, tokens that live as long as was asked.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::json;
use sha1::Sha1;
use url::form_urlencoded;

use super::bench;
use crate::client::{Answer, BACK, Bench, NOON, SECRET};

pub const WEB: &str = "trello.com";
const API: &str = "api.trello.com";
const REQUEST: &str = "/1/OAuthGetRequestToken";
pub const ACCESS: &str = "/1/OAuthGetAccessToken";
const ANA_RUIZ: &str = "5e0f1a2b3c4d5e6f7a8b9c01";

/// A signed request; what differs from a good one is in `Call`.
#[derive(Clone)]
pub struct Call {
    method: &'static str,
    path: &'static str,
    /// Own parameters, and others of the protocol to be set anew; an empty value leaves one out.
    params: Vec<(&'static str, String)>,
    secret: String,
    token_secret: String,
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~")
}

impl Call {
    fn request(nonce: &str) -> Self {
        Self {
            method: "POST",
            path: REQUEST,
            params: vec![
                ("oauth_consumer_key", "patchbay".to_owned()),
                ("oauth_nonce", nonce.to_owned()),
                ("oauth_signature_method", "HMAC-SHA1".to_owned()),
                ("oauth_timestamp", (NOON / 1000).to_string()),
                ("oauth_version", "1.0".to_owned()),
                ("oauth_callback", format!("{BACK}?state=a-state")),
            ],
            secret: SECRET.to_owned(),
            token_secret: String::new(),
        }
    }

    pub fn access(nonce: &str, token: &str, token_secret: &str, verifier: &str) -> Self {
        let mut call = Self::request(nonce);
        call.path = ACCESS;
        token_secret.clone_into(&mut call.token_secret);
        call.with("oauth_callback", "")
            .with("oauth_token", token)
            .with("oauth_verifier", verifier)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.params.retain(|(key, _)| *key != name);
        if !value.is_empty() {
            self.params.push((name, value.to_owned()));
        }
        self
    }

    pub fn header(&self) -> String {
        let mut pairs: Vec<_> = self
            .params
            .iter()
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        pairs.sort();
        let joined: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let address = format!("https://{WEB}{}", self.path);
        let base = [self.method, &address, &joined.join("&")].map(encoded).join("&");
        let key = format!("{}&{}", encoded(&self.secret), encoded(&self.token_secret));
        let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(base.as_bytes());
        pairs.push((
            "oauth_signature".to_owned(),
            encoded(&STANDARD.encode(mac.finalize().into_bytes())),
        ));
        let parts: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        format!("OAuth {}", parts.join(", "))
    }

    async fn send(&self, bench: &Bench) -> Answer {
        let header = self.header();
        bench
            .send(self.method, WEB, self.path, &[("authorization", &header)], "")
            .await
    }
}

pub fn field(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    form_urlencoded::parse(answer.body.as_bytes())
        .find(|(key, _)| key == name)
        .unwrap()
        .1
        .into_owned()
}

fn page(token: &str, own: &str) -> String {
    format!("/1/OAuthAuthorizeToken?oauth_token={token}{own}")
}

pub const ASKED: &str = "&scope=read%2Caccount&expiration=never&name=Patchbay";

async fn decide(bench: &Bench, path: &str, decision: &str) -> Answer {
    let form = [("account", ANA_RUIZ), ("decision", decision)];
    bench.form(WEB, path, &form).await
}

/// A request token with its secret, approved; and its verifier.
pub async fn approved(bench: &Bench, nonce: &str, own: &str) -> (String, String, String) {
    let given = Call::request(nonce).send(bench).await;
    let (token, secret) = (field(&given, "oauth_token"), field(&given, "oauth_token_secret"));
    let back = decide(bench, &page(&token, own), "approve").await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert_eq!(back.sent("state").as_deref(), Some("a-state"), "our own, kept");
    assert_eq!(back.sent("oauth_token").as_deref(), Some(token.as_str()));
    (token, secret, back.sent("oauth_verifier").unwrap())
}

async fn token(bench: &Bench, nonce: &str, own: &str) -> String {
    let (token, secret, verifier) = approved(bench, nonce, own).await;
    let nonce = format!("{nonce}-again");
    field(
        &Call::access(&nonce, &token, &secret, &verifier).send(bench).await,
        "oauth_token",
    )
}

async fn api(bench: &Bench, method: &str, path: &str, key: &str, token: &str) -> Answer {
    let header = format!("OAuth oauth_consumer_key=\"{key}\", oauth_token=\"{token}\"");
    bench
        .send(method, API, path, &[("authorization", &header)], "")
        .await
}

pub async fn me(bench: &Bench, token: &str) -> (u16, String) {
    let answer = api(bench, "GET", "/1/members/me", "patchbay", token).await;
    (answer.status, answer.body)
}

fn said(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

#[tokio::test]
async fn trello_gives_request_tokens_for_signed_requests_of_now_only() {
    let bench = bench().await;
    let good = || Call::request("n-1");
    let wrong_secret = Call {
        secret: "wrong".to_owned(),
        ..good()
    };
    let get = Call {
        method: "GET",
        ..good()
    };
    for (call, status, words) in [
        (wrong_secret, 500, "Invalid signature"),
        (get, 400, "invalid OAuth parameters"),
        (good().with("oauth_consumer_key", "nobody"), 401, "invalid key"),
        (good().with("oauth_callback", ""), 400, "missing oauth_callback"),
        (
            good().with("oauth_signature_method", "PLAINTEXT"),
            400,
            "invalid OAuth parameters",
        ),
        (
            good().with("oauth_version", "2.0"),
            400,
            "invalid OAuth parameters",
        ),
        (good().with("oauth_nonce", ""), 400, "invalid OAuth parameters"),
        (
            good().with("oauth_timestamp", "soon"),
            400,
            "invalid OAuth parameters",
        ),
        (
            good().with("oauth_timestamp", &(NOON / 1000 - 301).to_string()),
            401,
            "invalid timestamp or nonce",
        ),
        (good().with("scope", "read"), 400, "invalid OAuth parameters"),
    ] {
        let answer = call.send(&bench).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, words),
            "{:?}",
            call.params
        );
    }
    // Something was changed on the way: a parameter of the query is signed too.
    let header = good().header();
    let changed = bench
        .send(
            "POST",
            WEB,
            "/1/OAuthGetRequestToken?x=1",
            &[("authorization", &header)],
            "",
        )
        .await;
    assert_eq!(changed.body, "Invalid signature");
    let given = good().send(&bench).await;
    assert_eq!(field(&given, "oauth_callback_confirmed"), "true");
    let again = good().send(&bench).await;
    assert_eq!(
        (again.status, again.body.as_str()),
        (401, "invalid timestamp or nonce")
    );
    assert_ne!(
        field(&Call::request("n-2").send(&bench).await, "oauth_token"),
        field(&given, "oauth_token")
    );
}

#[tokio::test]
async fn trello_asks_a_person_once_and_sends_them_where_the_app_is_registered() {
    let bench = bench().await;
    let ask = async |token: &str, own: &str| bench.send("GET", WEB, &page(token, own), &[], "").await;
    let one = field(&Call::request("n-1").send(&bench).await, "oauth_token");
    let shown = ask(&one, ASKED).await;
    assert!(shown.status == 200 && shown.body.contains("Ana Ruiz") && shown.body.contains("anaruiz"));
    assert!(shown.body.contains("see your boards") && shown.body.contains("see your email address"));
    assert!(
        !ask(&one, "").await.body.contains("email"),
        "read alone where nothing is asked"
    );
    for (own, words) in [
        ("&scope=read+account", "invalid value for scope"),
        ("&scope=read,write", "invalid value for scope"),
        ("&expiration=1year", "invalid value for expiration"),
    ] {
        let answer = ask(&one, own).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, words), "{own}");
    }
    assert_eq!(ask("not-one-of-theirs", ASKED).await.status, 400);
    for elsewhere in [
        "http://evil.example/callback/test",
        "http://localhost:3000/callback/x",
    ] {
        let call = Call::request(elsewhere).with("oauth_callback", elsewhere);
        let token = field(&call.send(&bench).await, "oauth_token");
        assert_eq!(ask(&token, ASKED).await.body, "Invalid return_url", "{elsewhere}");
    }
    // No is a way back without a verifier, and it is the end of this request token.
    let denied = decide(&bench, &page(&one, ASKED), "deny").await;
    assert_eq!(denied.sent("oauth_token").as_deref(), Some(one.as_str()));
    assert_eq!(denied.sent("state").as_deref(), Some("a-state"));
    assert_eq!(denied.sent("oauth_verifier"), None);
    assert_eq!(decide(&bench, &page(&one, ASKED), "approve").await.status, 400);
    bench.later(3_600_000);
    let late = field(
        &Call::request("n-2")
            .with("oauth_timestamp", &(NOON / 1000 + 3600).to_string())
            .send(&bench)
            .await,
        "oauth_token",
    );
    assert_eq!(ask(&late, ASKED).await.status, 200);
    bench.later(3_600_000);
    assert_eq!(ask(&late, ASKED).await.status, 400, "an hour later");
}

#[tokio::test]
async fn s23_trello_exchanges_a_request_token_once_and_for_its_own_verifier() {
    let bench = bench().await;
    let unapproved = Call::request("n-0").send(&bench).await;
    let (first, second) = (
        approved(&bench, "n-1", ASKED).await,
        approved(&bench, "n-2", ASKED).await,
    );
    let invalid = said(401, "invalid token");
    for (nonce, token, secret, verifier) in [
        ("a", first.0.as_str(), first.1.as_str(), "not-one-of-theirs"),
        ("b", &first.0, &first.1, &second.2),
        ("c", "not-one-of-theirs", &first.1, &first.2),
        (
            "d",
            &field(&unapproved, "oauth_token"),
            &field(&unapproved, "oauth_token_secret"),
            &first.2,
        ),
    ] {
        let answer = Call::access(nonce, token, secret, verifier).send(&bench).await;
        assert_eq!((answer.status, answer.body), invalid, "{nonce}");
    }
    let unsigned = Call::access("e", &first.0, "wrong", &first.2).send(&bench).await;
    assert_eq!(unsigned.body, "Invalid signature", "the token's secret signs too");
    let token = field(
        &Call::access("f", &first.0, &first.1, &first.2).send(&bench).await,
        "oauth_token",
    );
    assert_eq!(me(&bench, &token).await.0, 200);
    let again = Call::access("g", &first.0, &first.1, &first.2).send(&bench).await;
    assert_eq!((again.status, again.body), invalid);
    // Whoever redeems a verifier twice may have stolen it: what it became is over (RFC 6749 section 4.1.2, by analogy).
    assert_eq!(me(&bench, &token).await, invalid);
    field(
        &Call::access("h", &second.0, &second.1, &second.2)
            .send(&bench)
            .await,
        "oauth_token",
    );
}

#[tokio::test]
async fn trellos_tokens_live_as_long_as_was_asked_and_end_themselves() {
    let bench = bench().await;
    let never = token(&bench, "n-1", ASKED).await;
    let default = token(&bench, "n-2", "&scope=read").await;
    let found = api(&bench, "GET", "/1/members/me", "patchbay", &never)
        .await
        .json();
    assert_eq!(
        (
            found["id"].clone(),
            found["username"].clone(),
            found["email"].clone()
        ),
        (json!(ANA_RUIZ), json!("anaruiz"), json!("anaruiz@example.com"))
    );
    let less = api(&bench, "GET", "/1/members/me", "patchbay", &default)
        .await
        .json();
    assert_eq!(less["email"], json!(null), "not without the scope account");
    for (key, token, words) in [
        ("nobody", never.as_str(), "invalid key"),
        ("patchbay", "not-one-of-theirs", "invalid token"),
    ] {
        let answer = api(&bench, "GET", "/1/members/me", key, token).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, words));
    }
    let bearer = bench.get(API, "/1/members/me", &never).await;
    assert_eq!((bearer.status, bearer.body.as_str()), (401, "invalid key"));
    bench.later(30 * 86_400_000);
    assert_eq!(me(&bench, &default).await, said(401, "expired token"));
    assert_eq!(me(&bench, &never).await.0, 200);

    let other = api(&bench, "DELETE", "/1/tokens/not-mine", "patchbay", &never).await;
    assert_eq!((other.status, other.body.as_str()), (404, "token not found"));
    let path = format!("/1/tokens/{never}");
    assert_eq!(api(&bench, "DELETE", &path, "patchbay", &never).await.status, 200);
    assert_eq!(me(&bench, &never).await, said(401, "invalid token"));
    let again = api(&bench, "DELETE", &path, "patchbay", &never).await;
    assert_eq!((again.status, again.body.as_str()), (401, "invalid token"));
    let shown: Vec<_> = bench
        .simulator
        .log()
        .into_iter()
        .map(|entry| entry.path)
        .collect();
    assert!(shown.contains(&"/1/tokens/…".to_owned()) && !shown.iter().any(|path| path.contains(&never)));
}
