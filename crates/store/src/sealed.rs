//! A sealed value as it lies in a column.

use crate::VaultError;

/// The version of the layout: version, key id (16 bytes), nonce (24 bytes), ciphertext with its tag.
pub(crate) const VERSION: u8 = 1;
/// Bytes of a data key's id.
pub(crate) const KEY_ID: usize = 16;
/// Bytes of an XChaCha20-Poly1305 nonce.
pub(crate) const NONCE: usize = 24;
/// Bytes of a Poly1305 tag.
pub(crate) const TAG: usize = 16;

/// A secret under lock: only the vault, given the same place, opens it.
///
/// Shows nothing of itself when printed, and is no part of any answer: it can't be serialised.
#[derive(Clone, Eq, PartialEq, sqlx::Type)]
#[sqlx(transparent)]
pub struct Sealed(Vec<u8>);

/// The parts of a sealed value.
pub(crate) struct Parts<'a> {
    pub key_id: [u8; KEY_ID],
    pub nonce: [u8; NONCE],
    pub ciphertext: &'a [u8],
}

impl Sealed {
    /// Puts the parts together.
    pub(crate) fn join(key_id: [u8; KEY_ID], nonce: [u8; NONCE], ciphertext: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(1 + KEY_ID + NONCE + ciphertext.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&key_id);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(ciphertext);
        Self(bytes)
    }

    /// Takes the parts apart.
    pub(crate) fn split(&self) -> Result<Parts<'_>, VaultError> {
        let (version, rest) = self.0.split_first().ok_or(VaultError::Layout)?;
        let (key_id, rest) = rest.split_first_chunk::<KEY_ID>().ok_or(VaultError::Layout)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(VaultError::Layout)?;
        if *version != VERSION || ciphertext.len() < TAG {
            return Err(VaultError::Layout);
        }
        Ok(Parts {
            key_id: *key_id,
            nonce: *nonce,
            ciphertext,
        })
    }

    /// The id of the data key that it is sealed under, in hexadecimal: for counting what a rotation has still to do.
    ///
    /// # Errors
    /// [`VaultError::Layout`] if this is not a sealed value.
    pub fn key_id(&self) -> Result<String, VaultError> {
        Ok(hex(&self.split()?.key_id))
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed([redacted])")
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_short_or_of_another_version_has_no_parts() {
        let whole = Sealed::join([1; KEY_ID], [2; NONCE], &[3; TAG + 4]);
        assert!(whole.split().is_ok());
        for length in 0..(1 + KEY_ID + NONCE + TAG) {
            assert!(
                Sealed(whole.0[..length].to_vec()).split().is_err(),
                "{length} bytes"
            );
        }
        let mut other = whole;
        other.0[0] = 2;
        assert!(other.split().is_err());
    }

    #[test]
    fn s47_sealed_prints_nothing_of_itself() {
        assert_eq!(
            format!("{:?}", Sealed::join([1; KEY_ID], [2; NONCE], &[3; 40])),
            "Sealed([redacted])"
        );
    }
}
