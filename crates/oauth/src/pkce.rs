//! Proof key for code exchange (RFC 7636), always S256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The code verifier of a flow.
#[derive(Debug, Clone)]
pub struct Verifier(SecretString);

impl Verifier {
    /// Makes a verifier of 43 characters from fresh random bytes (section 4.1).
    pub fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random).into())
    }

    /// Takes up a stored verifier.
    pub fn from_secret(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The S256 challenge (section 4.2).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose_secret()))
    }

    /// The verifier itself, for the token request and for sealed storage.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The octets of RFC 7636 appendix B.
    const RANDOM: [u8; 32] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
        214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];

    #[test]
    fn s15_the_example_of_rfc_7636() {
        let verifier = Verifier::new(RANDOM);
        assert_eq!(
            verifier.secret().expose_secret(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_stored_verifier_has_the_same_challenge() {
        let verifier = Verifier::new(RANDOM);
        let again = Verifier::from_secret(verifier.secret().clone());
        assert_eq!(again.challenge(), verifier.challenge());
    }

    #[test]
    fn no_secret_is_printed() {
        let verifier = Verifier::new(RANDOM);
        assert!(!format!("{verifier:?}").contains(verifier.secret().expose_secret()));
    }
}
