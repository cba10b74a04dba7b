//! The `state` of a flow (RFC 6749 section 10.12): 256 random bits that only the browser and the provider see. Stored
//! is its hash, so a copy of the database finishes no flow.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Characters of a state.
const LENGTH: usize = 43;

/// The state of a new flow.
#[derive(Debug, Clone)]
pub struct State(SecretString);

impl State {
    /// Makes a state of fresh random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random).into())
    }

    /// 43 characters of base64url.
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// What is stored: hex SHA-256 of the text.
    pub fn hash(&self) -> String {
        hash(self.0.expose_secret().as_bytes())
    }
}

/// The hash of a state that came back, by which its flow is looked up.
#[derive(Debug, Clone)]
pub struct StateHash(String);

impl StateHash {
    /// Hashes what came back; none: it can't be one of ours. The work is the same for every input, however long
    /// (check S14).
    pub fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut block = [0_u8; LENGTH];
        let length = bytes.len().min(LENGTH);
        block[..length].copy_from_slice(&bytes[..length]);
        let foreign = block.iter().fold(0_u8, |found, byte| {
            let known = [byte.is_ascii_alphanumeric(), *byte == b'-', *byte == b'_'];
            found | u8::from(known == [false; 3])
        });
        let hash = hash(&block);
        (bytes.len() == LENGTH && foreign == 0).then_some(Self(hash))
    }

    /// Hex SHA-256.
    pub fn hash(&self) -> &str {
        &self.0
    }

    /// Compares with a stored hash in constant time.
    pub fn matches(&self, stored: &str) -> bool {
        self.0.as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
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
    fn a_state_is_found_again_by_its_hash() {
        let state = State::new([7; 32]);
        let text = state.text().expose_secret();
        assert_eq!(text.len(), 43);
        let back = StateHash::of(text).unwrap();
        assert_eq!(back.hash(), state.hash());
        assert!(back.matches(&state.hash()));
        assert!(!back.matches(&State::new([8; 32]).hash()));
        assert!(!back.matches(""));
    }

    #[test]
    fn the_hash_is_sha_256_in_hex() {
        // FIPS 180-2 appendix B.1.
        assert_eq!(
            hash(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn s14_what_can_not_be_a_state_is_refused() {
        let good = State::new([7; 32]).text().expose_secret().to_owned();
        for bad in [
            String::new(),
            good[..42].to_owned(),
            format!("{good}A"),
            format!("{}=", &good[..42]),
            format!("{} ", &good[..42]),
            format!("{}é", &good[..41]),
            "A".repeat(1024 * 1024),
        ] {
            assert!(StateHash::of(&bad).is_none(), "{} bytes", bad.len());
        }
    }

    #[test]
    fn s14_a_flipped_bit_is_another_state() {
        let state = State::new([7; 32]);
        let good = state.text().expose_secret();
        for index in 0..good.len() {
            for bit in 0..7 {
                let mut bytes = good.to_owned().into_bytes();
                bytes[index] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).unwrap();
                let matches = StateHash::of(&flipped).is_some_and(|hash| hash.matches(&state.hash()));
                assert!(!matches, "byte {index} bit {bit}");
            }
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let state = State::new([7; 32]);
        assert!(!format!("{state:?}").contains(state.text().expose_secret()));
    }
}
