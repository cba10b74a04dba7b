//! What all providers share, strict.

pub mod answer;
pub mod authorize;
pub mod call;
pub mod consent;
pub mod control;
pub mod cursor;
pub mod faults;
pub mod grants;
pub mod graphql;
pub mod history;
pub mod hosts;
pub mod ledger;
pub mod log;
pub mod oauth1;
pub mod params;
pub mod persist;
pub mod pkce;
pub mod provider;
pub mod random;
pub mod sample;
pub mod serve;
pub mod tamper;
pub mod token;
pub mod wire;
pub mod world;
