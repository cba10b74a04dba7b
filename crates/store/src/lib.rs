//! Patchbay's data: `SQLite` by default, `PostgreSQL` beyond one machine, and the vault that seals secrets in both.
//!
//! # How a call is made
//!
//! 1. [`Store::open`] connects, migrates and refuses a database that is newer than the program.
//! 2. [`Store::read`] or [`Store::write`] starts a [`Tx`] under a [`Scope`]: one tenant's rows, or all of them.
//! 3. The functions of the resource modules ([`connections`], [`grants`], [`sync`] …) take that transaction.
//! 4. [`Tx::commit`] keeps what was written; dropping the transaction discards it.
//!
//! # How a resource is added
//!
//! 1. Its table goes into a new migration, under the same number in `migrations/sqlite` and `migrations/postgres`.
//!    A tenant table has a `tenant_id`, and in `PostgreSQL` row-level security as in `0002_roles.sql`.
//! 2. Its module holds the row struct, a `New…` struct and free functions, written with the macros of `sql.rs`:
//!    one text serves both databases.
//! 3. A statement on a tenant table carries the condition `($1 = '*' OR tenant_id = $1)`; the macro binds the scope
//!    as `$1`. `tests/it/statements.rs` reads this crate's source and fails where the condition is missing.
//! 4. The suite in `tests/it` covers it once and runs on both databases.
//!
//! # Two kinds of tables
//!
//! *Tenant tables* (tenants, memberships, flows, connections, grants, refreshes, revocations, sync runs, windows and records,
//! audit, events, data keys) answer under both scopes; under a tenant's scope only that tenant's rows exist.
//! *Company tables* (people, sessions, provider apps and their progress, verifications, evidence, proofs, status events)
//! answer only under [`Scope::System`]; under a tenant's scope they give [`StoreError::WrongScope`]. The links of the
//! audit trail's [`chain`] are the company's too, and every commit that audits adds to them, whatever its scope.

#[macro_use]
mod sql;
#[macro_use]
mod words;

pub mod app_progress;
pub mod audit;
pub mod chain;
pub mod connections;
mod data_keys;
pub mod entropy;
mod error;
pub mod events;
pub mod flows;
pub mod grants;
pub mod ids;
mod kek;
pub mod lease;
pub mod live_evidence;
mod open;
pub mod people;
mod place;
pub mod proofs;
pub mod provider_apps;
pub mod records;
pub mod refreshes;
pub mod revocations;
mod scope;
mod sealed;
pub mod sessions;
pub mod setup;
pub mod status_events;
pub mod sync;
pub mod tenants;
pub mod time;
mod tx;
pub mod vault;
pub mod verifications;

pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use error::StoreError;
pub use ids::{
    ConnectionId, FlowId, GrantId, PersonId, ProofId, RevocationId, SyncRunId, TenantId, VerificationId,
    WindowId, new_id,
};
pub use kek::Kek;
pub use lease::Fenced;
pub use open::{DatabaseKind, Store};
pub use place::Place;
pub use scope::Scope;
pub use sealed::Sealed;
pub use time::{Clock, ManualClock, Millis, SystemClock};
pub use tx::Tx;
pub use vault::{Vault, VaultError};
pub use words::UnknownWord;
