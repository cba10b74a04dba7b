//! Who may do what. Decided here and nowhere else; pages, routes and streams ask.

use std::fmt;

use patchbay_store::{Scope, people::RoleWord};

use crate::view::Viewer;

/// What a person is to the company or to a tenant.
pub type Role = RoleWord;

/// Something that a role may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Look at the list of integrations and at one of them.
    SeeIntegrations,
    /// Look at the tenant's own connections.
    SeeOwnConnections,
    /// Connect, reconnect, test, sync and disconnect for the tenant.
    Connect,
    /// Look at the rollout.
    SeeRollout,
    /// Look at gates, evidence and addresses of one integration.
    SeeDetails,
    /// Start a verification.
    RunVerification,
    /// Look at the report.
    SeeReport,
    /// Export the report.
    ExportReport,
    /// Look at what happened, and export it.
    SeeActivity,
    /// Register provider apps and replace their secrets.
    ManageApps,
    /// Prove an integration with a test account of one's own.
    ProveLive,
    /// Leave for a provider with a flow of one's own.
    Leave,
}

/// What a role may do.
pub fn may(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match permission {
        P::SeeIntegrations => true,
        P::SeeActivity => !matches!(role, Role::Pm | Role::Viewer),
        P::SeeOwnConnections => matches!(role, Role::Admin | Role::Member),
        P::Connect => role == Role::Admin,
        P::SeeRollout | P::SeeReport | P::ExportReport => {
            matches!(role, Role::Owner | Role::Engineer | Role::Pm | Role::Viewer)
        }
        P::SeeDetails | P::RunVerification | P::ManageApps | P::ProveLive => {
            matches!(role, Role::Owner | Role::Engineer)
        }
        P::Leave => may(role, P::Connect) || may(role, P::ProveLive),
    }
}

impl Viewer {
    /// Whether this viewer may do it.
    pub fn may(&self, permission: Permission) -> bool {
        may(self.role, permission)
    }

    /// The rows that this viewer's calls reach: one tenant's, or all for the company's people.
    pub fn scope(&self) -> Scope {
        match &self.tenant {
            Some(tenant) => Scope::Tenant(tenant.clone()),
            None => Scope::System,
        }
    }
}

/// A role in words, as people read it.
pub struct RoleName(pub Role);

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Role::Owner => "Owner",
            Role::Engineer => "Engineer",
            Role::Pm => "PM",
            Role::Viewer => "Viewer",
            Role::Admin => "Admin",
            Role::Member => "Member",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s69_a_pm_reads_figures_and_touches_no_connection() {
        assert!(may(Role::Pm, Permission::ExportReport));
        for refused in [
            Permission::Connect,
            Permission::SeeOwnConnections,
            Permission::RunVerification,
            Permission::SeeActivity,
            Permission::ProveLive,
            Permission::Leave,
        ] {
            assert!(!may(Role::Pm, refused), "{refused:?}");
        }
    }

    #[test]
    fn tenants_people_see_nothing_of_the_rollout() {
        for role in [Role::Admin, Role::Member] {
            for refused in [
                Permission::SeeRollout,
                Permission::SeeReport,
                Permission::SeeDetails,
                Permission::ProveLive,
            ] {
                assert!(!may(role, refused), "{role:?} {refused:?}");
            }
        }
    }
}
