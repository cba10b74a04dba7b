//! Signed requests (RFC 5849 section 3): what is signed, with what, and the header that carries it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use url::Url;

use crate::App;

/// When a request is signed, and a word that no other request of this moment has (section 3.3).
#[derive(Debug, Clone)]
pub struct Moment {
    seconds: i64,
    nonce: String,
}

impl Moment {
    /// A moment in seconds since 1970, with fresh random bytes for its nonce.
    pub fn new(seconds: i64, random: [u8; 16]) -> Self {
        let nonce = random.iter().fold(String::with_capacity(32), |mut hex, byte| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self { seconds, nonce }
    }
}

/// A token with its secret: a request token, or an access token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Credentials<'a> {
    pub(super) token: &'a SecretString,
    pub(super) secret: &'a SecretString,
}

/// The value of the `Authorization` header of a request without a body (section 3.5.1). `own` are parameters of the
/// protocol besides the usual ones: `oauth_callback`, `oauth_verifier`.
pub(super) fn header(
    method: &http::Method,
    url: &Url,
    app: &App,
    token: Option<Credentials<'_>>,
    own: &[(&str, &str)],
    moment: &Moment,
) -> SecretString {
    let timestamp = moment.seconds.to_string();
    let mut params = vec![
        ("oauth_consumer_key", app.client_id.as_str()),
        ("oauth_nonce", &moment.nonce),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &timestamp),
        ("oauth_version", "1.0"),
    ];
    params.extend(token.map(|token| ("oauth_token", token.token.expose_secret())));
    params.extend_from_slice(own);
    let base = base_string(method.as_str(), url, &params);
    let signature = signature(&base, &app.client_secret, token.map(|token| token.secret));
    params.push(("oauth_signature", &signature));
    let parts: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{}=\"{}\"", encoded(name), encoded(value)))
        .collect();
    format!("OAuth {}", parts.join(", ")).into()
}

/// What is signed (section 3.4.1): the method, the address without its query, and all parameters: those of the query
/// and `others`, which are decoded.
fn base_string(method: &str, url: &Url, others: &[(&str, &str)]) -> String {
    let mut params: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .chain(others.iter().map(|(name, value)| (encoded(name), encoded(value))))
        .collect();
    // By name, then by value, byte by byte and after the encoding (section 3.4.1.3.2).
    params.sort();
    let params: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    // The url crate writes scheme and host in lower case and leaves out the scheme's own port (section 3.4.1.2).
    let address = format!("{}{}", url.origin().ascii_serialization(), url.path());
    format!(
        "{}&{}&{}",
        method.to_ascii_uppercase(),
        encoded(&address),
        encoded(&params.join("&"))
    )
}

/// HMAC-SHA1 under both secrets, in base64 (section 3.4.2).
fn signature(base: &str, client_secret: &SecretString, token_secret: Option<&SecretString>) -> String {
    let token_secret = token_secret.map_or("", |secret| secret.expose_secret());
    let key = SecretString::from(format!(
        "{}&{}",
        encoded(client_secret.expose_secret()),
        encoded(token_secret)
    ));
    // HMAC takes keys of every length (RFC 2104 section 2).
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The encoding of section 3.6: everything but letters, digits, `-`, `.`, `_` and `~` as percents, in capitals. Forms
/// encode otherwise.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.into()
    }

    /// Section 3.4.1.1, character by character.
    #[test]
    fn s24_the_base_string_of_rfc_5849() {
        let url = Url::parse("http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b").unwrap();
        let others = [
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
            // The form of the example's body.
            ("c2", ""),
            ("a3", "2 q"),
        ];
        let base = base_string("post", &url, &others);
        assert_eq!(
            base,
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540\
             %3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DH\
             MAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
        // Computed with OpenSSL: the signature that the RFC prints with this example is wrong (erratum 2550).
        assert_eq!(
            signature(&base, &secret("j49sk3j29djd"), Some(&secret("dh893hdasih9"))),
            "r6/TJjbCOr97/+UU0NsvSne7s5g="
        );
    }

    /// The three signed requests of section 1.2.
    #[test]
    fn s24_the_signatures_of_rfc_5849() {
        let consumer = secret("kd94hf93k423kf44");
        let sign = |method: &str, address: &str, own: &[(&str, &str)], token_secret: Option<&str>| {
            let mut params = vec![
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_signature_method", "HMAC-SHA1"),
            ];
            params.extend_from_slice(own);
            let base = base_string(method, &Url::parse(address).unwrap(), &params);
            signature(&base, &consumer, token_secret.map(secret).as_ref())
        };
        let initiate = [
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ];
        assert_eq!(
            sign("POST", "https://photos.example.net/initiate", &initiate, None),
            "74KNZJeDHnMBp0EMJ9ZHt/XKycU="
        );
        let token = [
            ("oauth_token", "hh5s93j4hdidpola"),
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "walatlh"),
            ("oauth_verifier", "hfdp7dh39dks9884"),
        ];
        assert_eq!(
            sign(
                "POST",
                "https://photos.example.net/token",
                &token,
                Some("hdhd0244k9j7ao03")
            ),
            "gKgrFCywp7rO0OXSjdot/IHF7IU="
        );
        let photo = [
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ];
        assert_eq!(
            sign(
                "GET",
                "http://photos.example.net/photos?file=vacation.jpg&size=original",
                &photo,
                Some("pfkkdhi9sl3r4s00")
            ),
            "MdpQcU8iPSUjWoN/UDMsK2sui9I="
        );
    }

    #[test]
    fn a_header_holds_every_parameter_once_and_encoded() {
        let app = App {
            client_id: "a key".to_owned(),
            client_secret: secret("canary-secret"),
        };
        let moment = Moment::new(1_776_254_400, [0xab; 16]);
        let url = Url::parse("https://trello.com/1/OAuthGetRequestToken").unwrap();
        let own = [("oauth_callback", "http://localhost:3000/callback/trello?state=S")];
        let header = header(&http::Method::POST, &url, &app, None, &own, &moment);
        let text = header.expose_secret();
        let parts: Vec<&str> = text.strip_prefix("OAuth ").unwrap().split(", ").collect();
        assert_eq!(
            parts[..6],
            [
                "oauth_consumer_key=\"a%20key\"",
                "oauth_nonce=\"abababababababababababababababab\"",
                "oauth_signature_method=\"HMAC-SHA1\"",
                "oauth_timestamp=\"1776254400\"",
                "oauth_version=\"1.0\"",
                "oauth_callback=\"http%3A%2F%2Flocalhost%3A3000%2Fcallback%2Ftrello%3Fstate%3DS\"",
            ]
        );
        assert!(parts[6].starts_with("oauth_signature=\"") && parts.len() == 7);
        assert!(!text.contains("canary"), "the secret signs and stays");
    }

    #[test]
    fn only_unreserved_characters_stay_as_they_are() {
        assert_eq!(encoded("aZ09-._~"), "aZ09-._~");
        assert_eq!(encoded(" +*&=%/ü"), "%20%2B%2A%26%3D%25%2F%C3%BC");
    }
}
