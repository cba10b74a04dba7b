//! Password hashes: argon2id, in a thread of their own, and the same work for an address that nobody has.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{HubError, Result};

/// Memory in KiB, passes and lanes: the OWASP Password Storage Cheat Sheet's first choice for argon2id (S61).
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Shortest password, in characters (NIST SP 800-63B-4 section 3.1.1.2, for a password alone).
pub const SHORTEST: usize = 15;
/// Longest password, in characters: long ones are welcome, endless ones are an attack.
pub const LONGEST: usize = 256;

/// A hash of no one's password, to compare with where there is no one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGF0Y2hiYXktbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What is wrong with a new password, in words; none: nothing.
pub fn weakness(password: &SecretString) -> Option<String> {
    let letters = password.expose_secret().chars().count();
    if letters < SHORTEST {
        return Some(format!(
            "Use at least {SHORTEST} characters. A few words in a row are good."
        ));
    }
    if letters > LONGEST {
        return Some(format!("Use at most {LONGEST} characters."));
    }
    let first = password.expose_secret().chars().next();
    if password
        .expose_secret()
        .chars()
        .all(|letter| Some(letter) == first)
    {
        return Some("Use more than one character.".to_owned());
    }
    None
}

/// The hash of a new password, as a PHC string.
pub(crate) async fn hash(password: SecretString, salt: [u8; 16]) -> Result<SecretString> {
    work(move || {
        let salt = SaltString::encode_b64(&salt).map_err(|_| HubError::Broken("a salt of 16 bytes"))?;
        let hashed = hasher()?
            .hash_password(password.expose_secret().as_bytes(), &salt)
            .map_err(|_| HubError::Broken("a password could not be hashed"))?;
        Ok(SecretString::from(hashed.to_string()))
    })
    .await
}

/// Whether the password is the one behind the hash. Without a hash the work is the same and the answer is no.
pub(crate) async fn matches(password: SecretString, hash: Option<SecretString>) -> Result<bool> {
    work(move || {
        let stored = hash.as_ref().map_or(NOBODY, |hash| hash.expose_secret());
        let parsed = PasswordHash::new(stored).map_err(|_| HubError::Broken("a stored password hash"))?;
        let same = hasher()?
            .verify_password(password.expose_secret().as_bytes(), &parsed)
            .is_ok();
        Ok(same && hash.is_some())
    })
    .await
}

/// The hasher with our cost.
fn hasher() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params =
        Params::new(memory, passes, lanes, None).map_err(|_| HubError::Broken("argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashing takes tens of milliseconds of one core: not on a thread that serves requests.
async fn work<T: Send + 'static>(job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(job)
        .await
        .map_err(|_| HubError::Broken("hashing stopped"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn s61_passwords_are_argon2id_with_the_advised_cost() {
        let stored = hash(secret("correct horse battery"), [7; 16])
            .await
            .expect("a hash");
        assert!(
            stored
                .expose_secret()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert!(
            matches(secret("correct horse battery"), Some(stored.clone()))
                .await
                .expect("an answer")
        );
        assert!(
            !matches(secret("correct horse batterz"), Some(stored))
                .await
                .expect("an answer")
        );
        assert!(
            !matches(secret("anything at all here"), None)
                .await
                .expect("an answer")
        );
    }

    #[test]
    fn s61_short_endless_and_single_letter_passwords_are_refused() {
        assert!(weakness(&secret("fourteen chars")).is_some());
        assert!(weakness(&secret(&"a".repeat(20))).is_some());
        assert!(weakness(&secret(&"ab".repeat(200))).is_some());
        assert!(weakness(&secret(&"long enough, and 64 or more are fine ".repeat(3))).is_none());
    }
}
