//! Claims of an access token that is a JWT (RFC 7519), for two small questions: when it ends, and which of the things
//! that the provider lists it was given for.
//!
//! No signature is checked, so nothing may depend on a claim that the provider has not said otherwise: the token has come
//! straight from its token endpoint, and whether it is any good is for its API to say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay_catalog::path;
use serde_json::Value;

/// The claims of one token; the default has none.
#[derive(Default)]
pub(crate) struct Claims(Option<Value>);

impl Claims {
    /// Reads a token. One that is no signed JWT has no claims.
    pub(crate) fn of(token: &str) -> Self {
        let mut parts = token.split('.');
        let (_, payload) = (parts.next(), parts.next());
        // Two more would be an encrypted one, whose second part is a key.
        let signed = parts.next().is_some() && parts.next().is_none();
        let bytes = payload
            .filter(|_| signed)
            .and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        let claims: Option<Value> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self(claims.filter(Value::is_object))
    }

    /// The text or number of a claim.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        path::text(self.0.as_ref()?, name)
    }

    /// When the token ends, in seconds since 1970 (`exp`, section 4.1.4); parts of a second are cut.
    pub(crate) fn ends_at(&self) -> Option<u64> {
        /// The year 9999: what is beyond is no date.
        const LATEST: f64 = 253_402_300_799.0;
        let seconds = self.0.as_ref()?.get("exp")?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range has just been checked, and parts of a second are cut on purpose"
        )]
        (1.0..=LATEST).contains(&seconds).then_some(seconds as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(payload: &Value) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        format!(
            "{}.{}.{}",
            part(b"{}"),
            part(payload.to_string().as_bytes()),
            part(b"s")
        )
    }

    #[test]
    fn claims_are_read() {
        let claims = Claims::of(&token(&json!({"exp": 1_780_003_600.9, "event": "e-1", "n": 7})));
        assert_eq!(claims.ends_at(), Some(1_780_003_600));
        assert_eq!(claims.text("event").as_deref(), Some("e-1"));
        assert_eq!(claims.text("n").as_deref(), Some("7"));
        assert_eq!(claims.text("other"), None);
    }

    #[test]
    fn what_is_no_jwt_has_no_claims() {
        let good = token(&json!({"exp": 1_780_003_600}));
        for odd in [
            "xoxb-1",
            "a.b.c",
            "..",
            "",
            &token(&json!([1])),
            &good.replacen('.', ":", 1),
            &format!("{good}.x.y"),
            good.rsplit_once('.').unwrap().0,
        ] {
            assert_eq!(Claims::of(odd).ends_at(), None, "{odd}");
            assert_eq!(Claims::of(odd).text("exp"), None, "{odd}");
        }
    }

    #[test]
    fn l06_an_odd_end_is_none() {
        for odd in [
            json!(0),
            json!(-1),
            json!(1e18),
            json!("1780003600"),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(
                Claims::of(&token(&json!({ "exp": odd }))).ends_at(),
                None,
                "{odd}"
            );
        }
    }
}
