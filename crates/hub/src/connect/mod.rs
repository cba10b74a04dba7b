//! The way of a connect: [`start`](crate::Hub::start) writes a flow and says where to go, the provider asks the admin, and
//! [`finish`](crate::Hub::finish) takes the answer. What differs between the kinds of authorization is what a flow leaves
//! with (`departure`) and what its answer is redeemed with (`redeem`); everything else is one way for all. A key needs no
//! way: [`save_key`](crate::Hub::save_key) tests and seals it.

mod callback;
mod departure;
mod exchange;
mod fields;
mod key;
mod leave;
mod redeem;
mod refusal;
mod start;

use std::collections::BTreeMap;

pub use callback::{Callback, Connected, Finished};
pub(crate) use exchange::{after, hash_hex, missing_scopes};
pub(crate) use key::read_form;
pub use key::{KEY_FIELD, KeySaved};
pub(crate) use leave::open_leave_url;
pub use refusal::Refusal;
pub use start::{CHOOSE_ACCOUNT, Start, Started};

use patchbay_store::time::Millis;

/// How long an authorization may take, from the click on Connect to the callback (S13).
pub const FLOW_LIFE_MS: i64 = 10 * 60 * 1000;

/// The end of a flow started now.
pub(crate) fn flow_end(now: Millis) -> Millis {
    Millis(now.0 + FLOW_LIFE_MS)
}

/// What was typed into a form that was refused, so that nothing typed is lost. Never holds a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// By field.
    pub values: BTreeMap<String, String>,
    /// What is wrong, by field.
    pub errors: BTreeMap<String, String>,
}
