//! PKCE as RFC 7636 says, S256 only (RFC 9700 section 2.1.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::params::Params;

/// Length of a base64url SHA-256 without padding.
const CHALLENGE_LENGTH: usize = 43;

/// Reads the challenge of an authorization request.
///
/// # Errors
/// What is wrong with it, in words: another method than S256, a missing method (which would mean
/// `plain`, RFC 7636 section 4.3), a wrong shape, or a method without a challenge.
pub fn challenge(params: &Params) -> Result<Option<String>, &'static str> {
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err("code_challenge_method came without code_challenge"),
        (Some(challenge), Some("S256")) if well_shaped(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => Err("code_challenge is not a base64url SHA-256"),
        (Some(_), _) => Err("code_challenge_method must be S256"),
    }
}

fn well_shaped(challenge: &str) -> bool {
    challenge.len() == CHALLENGE_LENGTH
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// True when the verifier answers the challenge, or when neither was sent.
///
/// A verifier without a challenge is refused: it would hide that the challenge was stripped
/// (RFC 9700 section 4.8.2).
pub fn verifies(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let legal = (43..=128).contains(&verifier.len())
                && verifier
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            let answer = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            legal && bool::from(answer.as_bytes().ct_eq(challenge.as_bytes()))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s15_the_example_of_rfc_7636_verifies_and_nothing_else_does() {
        // RFC 7636 appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifies(Some(challenge), Some(verifier)));
        assert!(!verifies(Some(challenge), None));
        assert!(!verifies(None, Some(verifier)));
        assert!(!verifies(Some(challenge), Some(&verifier.replace('d', "e"))));
        assert!(!verifies(Some(challenge), Some(challenge)));
        assert!(verifies(None, None));
    }

    #[test]
    fn s15_plain_and_a_missing_method_are_refused() {
        let challenge_of = |query: &str| challenge(&Params::parse(query));
        let text = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(challenge_of(&format!("code_challenge={text}&code_challenge_method=S256")).is_ok());
        assert!(challenge_of(&format!("code_challenge={text}&code_challenge_method=plain")).is_err());
        assert!(challenge_of(&format!("code_challenge={text}")).is_err());
        assert!(challenge_of("code_challenge_method=S256").is_err());
        assert!(challenge_of("code_challenge=short&code_challenge_method=S256").is_err());
    }
}
