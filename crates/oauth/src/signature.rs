//! Callbacks that a provider signs with our app's secret. The signature says that the provider wrote this very answer:
//! no parameter was changed, added or taken away, and it is not an old one.
//!
//! Checked before anything else in the answer is believed (checks S30, S31).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hmac::{Hmac, Mac as _};
use patchbay_catalog::model::SignedCallback;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

/// Why a callback is not the provider's answer to this flow. Holds nothing that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// It carries no signature, or two.
    #[error("the callback is not signed")]
    Unsigned,
    /// The signature is another one.
    #[error("the callback's signature is wrong")]
    Wrong,
    /// It carries no time that can be read, or one too far from now.
    #[error("the callback was not signed just now")]
    Old,
    /// It is about something else than what the flow was started for.
    #[error("the callback is about another account than was asked for")]
    Other,
}

/// Checks the query of a callback (without `?`). `now` is in seconds since 1970; `typed` is what the admin typed when
/// the flow was started.
///
/// # Errors
/// [`Forged`]; the signature is judged before everything else, in constant time.
pub fn verify(
    signed: &SignedCallback,
    query: &str,
    secret: &SecretString,
    now: i64,
    typed: &BTreeMap<String, String>,
) -> Result<(), Forged> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut given = Vec::new();
    pairs.retain(|(name, value)| {
        let is_signature = *name == signed.signature;
        if is_signature {
            given.push(value.clone());
        }
        !is_signature
    });
    let [given] = given.as_slice() else {
        return Err(Forged::Unsigned);
    };
    let wanted = sign(&pairs, secret);
    if !bool::from(wanted.as_bytes().ct_eq(given.as_bytes())) {
        return Err(Forged::Wrong);
    }
    let get = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    let at: i64 = get(&signed.timestamp)
        .and_then(|text| text.parse().ok())
        .ok_or(Forged::Old)?;
    if now.abs_diff(at) > u64::from(signed.max_age_s) {
        return Err(Forged::Old);
    }
    let same = |name: &String| typed.get(name).is_some_and(|typed| get(name) == Some(typed));
    if signed.same.iter().all(same) {
        Ok(())
    } else {
        Err(Forged::Other)
    }
}

/// The signature of these parameters: hex HMAC-SHA256 of them, sorted by name and form-encoded.
pub fn sign(pairs: &[(String, String)], secret: &SecretString) -> String {
    let mut sorted: Vec<&(String, String)> = pairs.iter().collect();
    sorted.sort();
    let message = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(sorted)
        .finish();
    // HMAC takes keys of every length (RFC 2104 section 2).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(message.as_bytes());
    mac.finalize()
        .into_bytes()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha_256_in_hex() {
        // Computed with OpenSSL over "a=1&b=2".
        let pairs = [("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())];
        let sorted = [pairs[1].clone(), pairs[0].clone()];
        let secret = SecretString::from("Jefe");
        assert_eq!(sign(&pairs, &secret), sign(&sorted, &secret));
        assert_eq!(
            sign(&pairs, &secret),
            "ff63e8eaa8b2322de82e8c02caf9ff91939eb4f01af1e9f3ad88cd0f77d0ca67"
        );
    }
}
