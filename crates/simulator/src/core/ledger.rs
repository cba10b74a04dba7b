//! What the simulator remembers: apps, keys, codes, grants. Secrets only as SHA-256 hashes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::random::hash;
use crate::profiles::Context;

/// Everything that survives a restart. What is in here is what the state file holds.
#[derive(Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Running number of everything minted, so that no token comes twice.
    pub minted: u64,
    /// Registered apps, by `profile/client_id`.
    pub apps: BTreeMap<String, AppRecord>,
    /// Registered API keys, by hash.
    pub keys: BTreeMap<String, KeyRecord>,
    /// Authorization codes, by hash.
    pub codes: BTreeMap<String, CodeRecord>,
    /// What people have approved, by number.
    pub grants: BTreeMap<u64, GrantRecord>,
    /// Access and refresh tokens, by hash.
    pub tokens: BTreeMap<String, TokenRecord>,
    /// What apps asked for before anyone came to decide, by the hash of its token.
    #[serde(default)]
    pub asked: BTreeMap<String, AskedRecord>,
    /// Nonces of signed requests, by hash, with when they came in epoch milliseconds.
    #[serde(default)]
    pub nonces: BTreeMap<String, i64>,
}

/// A registered app of one provider.
#[derive(Serialize, Deserialize)]
pub struct AppRecord {
    secret_hash: String,
    redirect_uris: Vec<String>,
}

impl AppRecord {
    /// True when this redirect URI is registered, character by character (RFC 9700 section 2.1).
    pub fn knows(&self, redirect_uri: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == redirect_uri)
    }
}

/// A registered API key.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The provider.
    pub profile: String,
    /// The account it belongs to.
    pub account: String,
    /// What it may do, in the provider's words.
    pub rights: Vec<String>,
}

/// An authorization code and everything it is bound to.
#[derive(Clone, Serialize, Deserialize)]
pub struct CodeRecord {
    /// The provider.
    pub profile: String,
    /// The app it was given to.
    pub client_id: String,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// The PKCE challenge, when one was sent.
    pub challenge: Option<String>,
    /// Who approved.
    pub account: String,
    /// What was approved.
    pub scopes: Vec<String>,
    /// What else it carries.
    #[serde(default)]
    pub context: Context,
    /// Epoch milliseconds after which it no longer works.
    pub expires_at: i64,
    /// The grant it became; set means used.
    pub spent_as: Option<u64>,
}

/// What an app asked for in a call of its own, before a person came: a request token of OAuth 1.0a, a session of a link.
#[derive(Clone, Serialize, Deserialize)]
pub struct AskedRecord {
    /// The provider.
    pub profile: String,
    /// The app.
    pub client_id: String,
    /// Where the person is sent back to.
    pub back: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// What else it carries.
    pub context: Context,
    /// When it was asked for, in epoch milliseconds.
    pub asked_at: i64,
    /// Epoch milliseconds after which nobody can decide any more.
    pub expires_at: i64,
    /// When the page was first opened.
    pub opened_at: Option<i64>,
    /// What was decided; one person decides once.
    pub decided: Option<Decided>,
}

/// A person's decision.
#[derive(Clone, Serialize, Deserialize)]
pub struct Decided {
    /// The account that was approved; none: they said no.
    pub account: Option<String>,
    /// When, in epoch milliseconds.
    pub at: i64,
}

/// One approval that became tokens.
#[derive(Clone, Serialize, Deserialize)]
pub struct GrantRecord {
    /// The provider.
    pub profile: String,
    /// The app.
    pub client_id: String,
    /// The account.
    pub account: String,
    /// The scopes approved.
    pub scopes: Vec<String>,
    /// What else it carries.
    #[serde(default)]
    pub context: Context,
    /// When its code was redeemed, in epoch milliseconds.
    #[serde(default)]
    pub since: i64,
    /// True where the code was bound to a PKCE challenge.
    #[serde(default)]
    pub pkce: bool,
    /// True once revoked, by the app or by the person.
    pub revoked: bool,
}

/// What a token may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// For API calls.
    Access,
    /// For new access tokens.
    Refresh,
}

/// One token.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenRecord {
    /// The grant it belongs to.
    pub grant: u64,
    /// What it is for.
    pub kind: TokenKind,
    /// Epoch milliseconds after which it no longer works; `None` for never.
    pub expires_at: Option<i64>,
    /// True when this one token was revoked, or spent.
    pub revoked: bool,
    /// The hash of the refresh token that this one replaces and that dies with its first use.
    #[serde(default)]
    pub replaces: Option<String>,
    /// When it was given out, for refresh tokens: epoch milliseconds.
    #[serde(default)]
    pub since: Option<i64>,
}

impl Ledger {
    /// Registers an app, or replaces its secret and redirect URIs.
    pub fn register_app(&mut self, profile: &str, client_id: &str, secret: &str, redirect_uris: Vec<String>) {
        let record = AppRecord {
            secret_hash: hash(secret),
            redirect_uris,
        };
        self.apps.insert(format!("{profile}/{client_id}"), record);
    }

    /// Registers an API key, or replaces its rights.
    pub fn register_key(&mut self, key: &str, record: KeyRecord) {
        self.keys.insert(hash(key), record);
    }

    /// A registered app.
    pub fn app(&self, profile: &str, client_id: &str) -> Option<&AppRecord> {
        self.apps.get(&format!("{profile}/{client_id}"))
    }

    /// True when the app exists and this is its secret. Compared in constant time.
    pub fn authenticates(&self, profile: &str, client_id: &str, secret: &str) -> bool {
        let given = hash(secret);
        self.app(profile, client_id)
            .is_some_and(|app| bool::from(app.secret_hash.as_bytes().ct_eq(given.as_bytes())))
    }

    /// A registered API key of a provider.
    pub fn key(&self, profile: &str, key: &str) -> Option<&KeyRecord> {
        self.keys
            .get(&hash(key))
            .filter(|record| record.profile == profile)
    }

    /// Remembers what an app asks for.
    pub fn add_asked(&mut self, token: &str, record: AskedRecord) {
        self.asked.insert(hash(token), record);
    }

    /// What an app asked for at a provider.
    pub fn asked(&self, profile: &str, token: &str) -> Option<&AskedRecord> {
        self.asked
            .get(&hash(token))
            .filter(|record| record.profile == profile)
    }

    /// Remembers a decision; false where there is nothing to decide on any more.
    pub fn decide(&mut self, token: &str, account: Option<&str>, now: i64) -> bool {
        let waiting = self
            .asked
            .get_mut(&hash(token))
            .filter(|record| record.decided.is_none() && now < record.expires_at);
        let found = waiting.is_some();
        if let Some(record) = waiting {
            record.decided = Some(Decided {
                account: account.map(str::to_owned),
                at: now,
            });
        }
        found
    }

    /// Uses up a nonce; false where it was used before.
    pub fn use_nonce(&mut self, nonce: &str, now: i64) -> bool {
        self.nonces.insert(hash(nonce), now).is_none()
    }

    /// The next running number.
    pub fn next_number(&mut self) -> u64 {
        self.minted += 1;
        self.minted
    }

    /// Forgets codes and access tokens that expired long ago, so that the state stays small.
    pub fn prune(&mut self, now: i64) {
        const KEPT_MS: i64 = 24 * 3_600_000;
        self.codes.retain(|_, code| code.expires_at + KEPT_MS > now);
        self.tokens
            .retain(|_, token| token.expires_at.is_none_or(|end| end + KEPT_MS > now));
        self.asked.retain(|_, asked| asked.expires_at + KEPT_MS > now);
        self.nonces.retain(|_, came| *came + KEPT_MS > now);
    }
}
