//! Who looks at a page.

use patchbay_store::ids::{PersonId, TenantId};

use crate::access::Role;

/// The signed-in person and the hat they wear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The person.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// The tenant they act for; none for the company's own people.
    pub tenant: Option<TenantId>,
    /// The tenant's name.
    pub tenant_name: Option<String>,
    /// All roles they hold, those in the company first; more than one: they can switch.
    pub hats: Vec<Hat>,
    /// SHA-256 of the session token: binds a flow to the session that started it.
    pub session_hash: String,
}

/// A role that someone holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hat {
    /// What they may do.
    pub role: Role,
    /// In which tenant; none: in the company.
    pub tenant: Option<TenantId>,
    /// The tenant's name.
    pub tenant_name: Option<String>,
}

/// One of the sample people of demo mode, offered on the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInChoice {
    /// Posted back as `person`.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they do: "Engineer", "PM", "Admin of Acme".
    pub role_words: String,
}
