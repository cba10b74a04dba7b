//! Signed requests (RFC 5849 section 3), as a provider checks them: the `Authorization: OAuth` header, its timestamp and
//! nonce, and the signature over method, address and every parameter.

use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::{call::Call, params::Params, world::World};

/// How far a timestamp may be from now, in seconds.
const MOST_APART_S: u64 = 300;

/// Why a signed request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A parameter is missing, twice or not readable, or the method is another than asked for.
    Malformed(&'static str),
    /// The timestamp is not of now, or the nonce was used.
    Stale(&'static str),
    /// The signature is not the one of this request.
    Signature,
}

impl Refusal {
    /// The reason for the request log.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed(reason) | Self::Stale(reason) => reason,
            Self::Signature => "signature does not match",
        }
    }
}

/// The parameters of an `Authorization: OAuth` header (section 3.5.1), decoded and without the realm. No `Debug`: they
/// hold tokens.
pub struct Signed(Params);

impl Signed {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn read(call: &Call) -> Result<Self, Refusal> {
        let text = call
            .credentials("OAuth")
            .ok_or(Refusal::Malformed("no Authorization: OAuth header"))?;
        let pairs: Option<Vec<_>> = text.split(',').map(|part| pair(part.trim())).collect();
        let mut pairs = pairs.ok_or(Refusal::Malformed("the Authorization header is not readable"))?;
        pairs.retain(|(name, _)| !name.eq_ignore_ascii_case("realm"));
        let params = Params::from_pairs(pairs);
        match params.repeated() {
            Some(_) => Err(Refusal::Malformed("a parameter came twice")),
            None => Ok(Self(params)),
        }
    }

    /// A parameter; one without a value counts as not sent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// Checks everything about the request that does not depend on who is meant: the method, the version, the time.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn check_form(&self, call: &Call) -> Result<(), Refusal> {
        if call.method != Method::POST {
            return Err(Refusal::Malformed("not a POST"));
        }
        if self.0.iter().any(|(name, _)| !name.starts_with("oauth_")) {
            return Err(Refusal::Malformed(
                "a parameter of another protocol in the header",
            ));
        }
        if self.get("oauth_signature_method") != Some("HMAC-SHA1") {
            return Err(Refusal::Malformed("signature method not offered"));
        }
        if self.get("oauth_version").is_some_and(|version| version != "1.0") {
            return Err(Refusal::Malformed("oauth_version is not 1.0"));
        }
        let now = u64::try_from(call.now.div_euclid(1000)).unwrap_or_default();
        let at: u64 = self
            .get("oauth_timestamp")
            .and_then(|text| text.parse().ok())
            .ok_or(Refusal::Malformed("oauth_timestamp is not a number of seconds"))?;
        if now.abs_diff(at) > MOST_APART_S {
            return Err(Refusal::Stale("oauth_timestamp is not of now"));
        }
        match self.get("oauth_nonce") {
            Some(_) => Ok(()),
            None => Err(Refusal::Malformed("oauth_nonce is missing")),
        }
    }

    /// Checks the signature, and uses up the nonce.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn check_signature(
        &self,
        world: &World,
        call: &Call,
        client_secret: &str,
        token_secret: &str,
    ) -> Result<(), Refusal> {
        let wanted = signature(&self.base_string(call), client_secret, token_secret);
        let given = self.get("oauth_signature").unwrap_or_default();
        if !bool::from(wanted.as_bytes().ct_eq(given.as_bytes())) {
            return Err(Refusal::Signature);
        }
        // Section 3.3: unique for the same app, token and time.
        let used = [
            "oauth_consumer_key",
            "oauth_token",
            "oauth_timestamp",
            "oauth_nonce",
        ];
        let nonce = used.map(|name| self.get(name).unwrap_or_default()).join("\n");
        if world.change(|ledger| ledger.use_nonce(&nonce, call.now)) {
            Ok(())
        } else {
            Err(Refusal::Stale("oauth_nonce was used before"))
        }
    }

    /// What has to be signed (section 3.4.1). Providers are spoken to at their own https addresses, without a port.
    fn base_string(&self, call: &Call) -> String {
        let address = format!("https://{}{}", call.host, call.path);
        let own = self.0.iter().filter(|(name, _)| *name != "oauth_signature");
        let form = call.form().unwrap_or_default();
        let all = own.chain(call.query.iter()).chain(form.iter());
        base_string(call.method.as_str(), &address, all)
    }
}

fn base_string<'a>(method: &str, address: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut encoded: Vec<_> = params
        .map(|(name, value)| (percent(name), percent(value)))
        .collect();
    encoded.sort_unstable();
    let joined: Vec<_> = encoded
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    [method, address, &joined.join("&")].map(percent).join("&")
}

fn signature(base: &str, client_secret: &str, token_secret: &str) -> String {
    let key = format!("{}&{}", percent(client_secret), percent(token_secret));
    Hmac::<Sha1>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(base.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        },
    )
}

/// `name="value"`, both decoded.
fn pair(part: &str) -> Option<(String, String)> {
    let (name, quoted) = part.split_once('=')?;
    let value = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some((decoded(name)?, decoded(value)?))
}

/// Undoes the encoding of section 3.6. A plus is a plus.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, left) = after.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = left;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The encoding of section 3.6.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first signed request of RFC 5849 section 1.2.
    #[test]
    fn s24_the_signature_of_rfc_5849() {
        let params = [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131200"),
            ("oauth_nonce", "wIjqoS"),
            ("oauth_callback", "http://printer.example.com/ready"),
        ];
        let base = base_string("POST", "https://photos.example.net/initiate", params.into_iter());
        assert_eq!(
            signature(&base, "kd94hf93k423kf44", ""),
            "74KNZJeDHnMBp0EMJ9ZHt/XKycU="
        );
    }

    #[test]
    fn a_header_is_decoded_once() {
        assert_eq!(
            pair(r#"oauth_callback="a%20b%2B+%253D""#),
            Some(("oauth_callback".to_owned(), "a b++%3D".to_owned()))
        );
        for broken in ["x", "x=y", r#"x="y"#, r#"x="%2""#, r#"x="%zz""#, r#"x="%ff""#] {
            assert_eq!(pair(broken), None, "{broken}");
        }
    }
}
