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
    /// SHA-256 of the session token: binds a flow to the session that started it.
    pub session_hash: String,
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
