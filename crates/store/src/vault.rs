//! The vault: seals secrets with XChaCha20-Poly1305 under data keys, which the key-encryption key wraps.
//!
//! Every tenant has a data key, the deployment has one. Nonces are 192 random bits, so a key can seal far more
//! values than there will ever be without a nonce coming up twice (XChaCha20-Poly1305,
//! draft-irtf-cfrg-xchacha-03, section 3.1; the 2^32 limit of random 96-bit nonces in NIST SP 800-38D, section 8.3,
//! does not apply).
//!
//! Sealing and opening go through [`Tx::seal`](crate::Tx::seal) and [`Tx::open`](crate::Tx::open): they find the
//! data key, and check the tenant against the transaction's scope.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::kek::KEY;
pub use crate::kek::Kek;
pub use crate::place::Place;
pub use crate::sealed::Sealed;
use crate::sealed::{KEY_ID, NONCE, VERSION, hex};
use crate::{Clock, Entropy, SystemClock, TenantId, entropy};

/// What the vault refuses, and why. Holds nothing of any secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no key file.
    #[error(
        "there is no key at {path}: `patchbay keys init` makes one; if there was one before, put it back, for what it sealed opens with no other"
    )]
    KeyMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The key file can't be read or written.
    #[error("the key file {path} can't be used: {error}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Others than its owner can get at the key file.
    #[error(
        "the key file {path} is open to others (mode {mode:04o}): run `chmod 600 {path}`, and make a new key if someone may have read it"
    )]
    KeyExposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The key is no base64.
    #[error("the key is not base64 text: a key is 32 bytes written as 44 characters of base64")]
    KeyText,
    /// The key has another length.
    #[error("the key is {found} bytes long: it must be exactly 32")]
    KeyLength {
        /// Its length in bytes.
        found: usize,
    },
    /// The data key was wrapped by another key-encryption key.
    #[error(
        "this data was sealed under another key (its id is {wanted}, the one given is {given}): start with the key that belongs to this data"
    )]
    OtherKek {
        /// The id of the key that wrapped it.
        wanted: String,
        /// The id of the key at hand.
        given: String,
    },
    /// The data key is damaged.
    #[error("a data key does not unwrap: it was changed")]
    Unwrap,
    /// The data key is not there, or was destroyed, or is another tenant's.
    #[error("there is no data key for this value here")]
    NoDataKey,
    /// Not a sealed value of a known version.
    #[error("this is not a sealed value of a version that this program knows")]
    Layout,
    /// The value was changed, or belongs to another place.
    #[error("a sealed value does not open in this place: it was changed or moved")]
    DoesNotOpen,
    /// The opened bytes are no text.
    #[error("a sealed value opened, but is not text")]
    NotText,
    /// The value could not be sealed (too long).
    #[error("this value can't be sealed")]
    CannotSeal,
}

/// The key-encryption key, the data keys in use, and where nonces come from. Clones share them.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    kek: Kek,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    by_id: HashMap<[u8; KEY_ID], Arc<DataKey>>,
    newest: HashMap<Option<TenantId>, Arc<DataKey>>,
}

/// A data key, unwrapped. Wiped from memory when the last user drops it.
pub(crate) struct DataKey {
    pub id: [u8; KEY_ID],
    pub tenant: Option<TenantId>,
    pub version: i64,
    key: Zeroizing<[u8; KEY]>,
}

impl Vault {
    /// A vault under this key-encryption key, with the machine's clock.
    pub fn new(kek: Kek, entropy: Arc<dyn Entropy>) -> Self {
        Self::with_clock(kek, entropy, Arc::new(SystemClock))
    }

    /// The same with a clock of your own; it dates the data keys and the deployment.
    pub fn with_clock(kek: Kek, entropy: Arc<dyn Entropy>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kek,
                entropy,
                clock,
                cache: Mutex::default(),
            }),
        }
    }

    /// The id of the key-encryption key in use.
    pub fn kek_id(&self) -> &str {
        self.inner.kek.id()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    /// A fresh data key, not yet stored.
    pub(crate) fn new_key(&self, tenant: Option<&TenantId>, version: i64) -> DataKey {
        let mut key = Zeroizing::new([0; KEY]);
        self.inner.entropy.fill(key.as_mut_slice());
        DataKey {
            id: entropy::bytes(&*self.inner.entropy),
            tenant: tenant.cloned(),
            version,
            key,
        }
    }

    /// The data key under the key-encryption key, as it is stored.
    pub(crate) fn wrap(&self, key: &DataKey) -> Result<Sealed, VaultError> {
        let id = hex(&key.id);
        self.lock(
            self.inner.kek.key(),
            key.id,
            &wrapping_place(&id, key.tenant.as_ref()),
            key.key.as_slice(),
        )
    }

    /// A stored data key, opened.
    pub(crate) fn unwrap(
        &self,
        kek_id: &str,
        wrapped: &Sealed,
        tenant: Option<&TenantId>,
        version: i64,
    ) -> Result<DataKey, VaultError> {
        if kek_id != self.kek_id() {
            return Err(VaultError::OtherKek {
                wanted: kek_id.to_owned(),
                given: self.kek_id().to_owned(),
            });
        }
        let id = wrapped.split()?.key_id;
        let text = hex(&id);
        let bytes = unlock(self.inner.kek.key(), wrapped, &wrapping_place(&text, tenant))
            .map_err(|_| VaultError::Unwrap)?;
        let mut key = Zeroizing::new([0; KEY]);
        if bytes.len() != KEY {
            return Err(VaultError::Unwrap);
        }
        key.copy_from_slice(&bytes);
        Ok(DataKey {
            id,
            tenant: tenant.cloned(),
            version,
            key,
        })
    }

    /// Seals with this data key.
    pub(crate) fn seal(&self, key: &DataKey, place: &Place<'_>, plain: &[u8]) -> Result<Sealed, VaultError> {
        self.lock(&key.key, key.id, place, plain)
    }

    /// The newest cached key of a tenant.
    pub(crate) fn newest(&self, tenant: Option<&TenantId>) -> Option<Arc<DataKey>> {
        self.cache().newest.get(&tenant.cloned()).cloned()
    }

    /// The cached key with this id.
    pub(crate) fn by_id(&self, id: &[u8; KEY_ID]) -> Option<Arc<DataKey>> {
        self.cache().by_id.get(id).cloned()
    }

    /// Keeps a key that is stored for good.
    pub(crate) fn remember(&self, key: Arc<DataKey>) {
        let mut cache = self.cache();
        let newer = cache
            .newest
            .get(&key.tenant)
            .is_none_or(|held| held.version <= key.version);
        if newer {
            cache.newest.insert(key.tenant.clone(), Arc::clone(&key));
        }
        cache.by_id.insert(key.id, key);
    }

    fn lock(
        &self,
        key: &[u8; KEY],
        key_id: [u8; KEY_ID],
        place: &Place<'_>,
        plain: &[u8],
    ) -> Result<Sealed, VaultError> {
        let nonce: [u8; NONCE] = entropy::bytes(&*self.inner.entropy);
        let bound = place.bound_to(VERSION, &key_id);
        let ciphertext = XChaCha20Poly1305::new(Key::from_slice(key))
            .encrypt(
                XNonce::from_slice(&nonce),
                Payload {
                    msg: plain,
                    aad: &bound,
                },
            )
            .map_err(|_| VaultError::CannotSeal)?;
        Ok(Sealed::join(key_id, nonce, &ciphertext))
    }

    /// A panic elsewhere can't leave the maps half-written, so a poisoned lock is still good.
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.inner.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}

/// Opens with this data key.
pub(crate) fn open(
    key: &DataKey,
    place: &Place<'_>,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    unlock(&key.key, sealed, place)
}

fn unlock(key: &[u8; KEY], sealed: &Sealed, place: &Place<'_>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let parts = sealed.split()?;
    let bound = place.bound_to(VERSION, &parts.key_id);
    XChaCha20Poly1305::new(Key::from_slice(key))
        .decrypt(
            XNonce::from_slice(&parts.nonce),
            Payload {
                msg: parts.ciphertext,
                aad: &bound,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| VaultError::DoesNotOpen)
}

fn wrapping_place<'a>(id: &'a str, tenant: Option<&'a TenantId>) -> Place<'a> {
    Place {
        table: "data_keys",
        row: id,
        tenant,
        connection: None,
        field: "wrapped",
    }
}
