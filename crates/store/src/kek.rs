//! The key-encryption key: the one secret that lies outside the database.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::sealed::hex;
use crate::{Entropy, VaultError};

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// A key as base64 is 44 characters; what is far longer is another file.
const LONGEST_FILE: u64 = 4096;

/// The key-encryption key: 256 bits that wrap the data keys. Wiped from memory when dropped.
pub struct Kek {
    key: Zeroizing<[u8; KEY]>,
    id: String,
}

impl Kek {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut key = Zeroizing::new([0; KEY]);
        entropy.fill(key.as_mut_slice());
        Self::from_key(key)
    }

    /// Reads a key from its text: base64 of exactly 32 bytes.
    ///
    /// # Errors
    /// [`VaultError::KeyText`] if it is not base64, [`VaultError::KeyLength`] if it is not 32 bytes long.
    pub fn from_base64(text: &SecretString) -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(
            STANDARD
                .decode(text.expose_secret().trim())
                .map_err(|_| VaultError::KeyText)?,
        );
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(VaultError::KeyLength { found: bytes.len() });
        }
        key.copy_from_slice(&bytes);
        Ok(Self::from_key(key))
    }

    /// Reads the key file. Nobody but its owner may read it.
    ///
    /// # Errors
    /// [`VaultError::KeyMissing`], [`VaultError::KeyFile`], [`VaultError::KeyExposed`], and those of
    /// [`Kek::from_base64`].
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => VaultError::KeyMissing {
                path: path.to_owned(),
            },
            _ => VaultError::KeyFile {
                path: path.to_owned(),
                error,
            },
        })?;
        let unreadable = |error| VaultError::KeyFile {
            path: path.to_owned(),
            error,
        };
        // Asked of the open file, so that nobody can swap it between the question and the reading.
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(VaultError::KeyExposed {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST_FILE).unwrap_or(0)));
        file.take(LONGEST_FILE)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        Self::from_base64(&SecretString::from(text.as_str()))
    }

    /// Writes the key into a new file that only its owner can read (mode 0600), and to the disk.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] if the file is there already or can't be written: an existing key is never replaced.
    pub fn write_new(&self, path: &Path) -> Result<(), VaultError> {
        let unwritable = |error| VaultError::KeyFile {
            path: path.to_owned(),
            error,
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(unwritable)?;
        let text = Zeroizing::new(STANDARD.encode(self.key.as_slice()));
        file.write_all(text.as_bytes()).map_err(unwritable)?;
        file.write_all(b"\n").map_err(unwritable)?;
        file.sync_all().map_err(unwritable)
    }

    /// A name for the key that gives nothing of it away: stored beside what it wraps.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn key(&self) -> &[u8; KEY] {
        &self.key
    }

    fn from_key(key: Zeroizing<[u8; KEY]>) -> Self {
        let digest = Sha256::new()
            .chain_update(b"patchbay key-encryption key id")
            .chain_update(key.as_slice())
            .finalize();
        Self {
            id: hex(&digest[..8]),
            key,
        }
    }
}

impl std::fmt::Debug for Kek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kek([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    fn write(path: &Path, text: &[u8], mode: u32) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_written_key_reads_back_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let kek = Kek::generate(&SeededEntropy::new(1));
        kek.write_new(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(Kek::from_file(&path).unwrap().key(), kek.key());
        assert!(
            matches!(kek.write_new(&path), Err(VaultError::KeyFile { .. })),
            "an existing key is replaced"
        );
    }

    #[test]
    fn s43_no_key_file_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let error = Kek::from_file(&folder.path().join("none")).unwrap_err();
        assert!(matches!(error, VaultError::KeyMissing { .. }));
        assert!(error.to_string().contains("patchbay keys init"), "{error}");
    }

    #[test]
    fn s43_a_key_of_the_wrong_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for length in [0, 16, 31, 33, 64] {
            write(&path, STANDARD.encode(vec![7; length]).as_bytes(), 0o600);
            let error = Kek::from_file(&path).unwrap_err();
            assert!(
                matches!(error, VaultError::KeyLength { found } if found == length),
                "{length}: {error}"
            );
        }
        write(&path, b"this is no base64!", 0o600);
        assert!(matches!(Kek::from_file(&path), Err(VaultError::KeyText)));
    }

    #[test]
    fn s43_a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for mode in [0o644, 0o640, 0o604, 0o660, 0o602, 0o610] {
            write(&path, STANDARD.encode([7; 32]).as_bytes(), mode);
            let error = Kek::from_file(&path).unwrap_err();
            assert!(
                matches!(error, VaultError::KeyExposed { .. }),
                "{mode:o}: {error}"
            );
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        write(&path, STANDARD.encode([7; 32]).as_bytes(), 0o400);
        assert!(Kek::from_file(&path).is_ok());
    }

    #[test]
    fn s47_a_key_prints_nothing_of_itself() {
        let kek = Kek::generate(&SeededEntropy::new(1));
        assert_eq!(format!("{kek:?}"), "Kek([redacted])");
        assert!(!STANDARD.encode(kek.key()).contains(kek.id()));
    }
}
