//! What runs in the browser. Two islands, both optional: every page works without them.
//!
//! They share one mechanism ([`refresh`]): read the page again from the server and replace, in place, the parts that
//! differ. So the server alone knows how anything looks.

mod busy;
mod copy;
mod filter_form;
mod live;
mod refresh;
mod status;

pub use filter_form::FilterForm;
pub use live::Live;
