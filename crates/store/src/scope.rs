//! Whose rows a transaction may see.

use crate::TenantId;

/// Whose rows a transaction may see and change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Scope {
    /// One tenant's rows. Company tables are closed.
    Tenant(TenantId),
    /// All tenants' rows and the company's: for workers, sign-in and company roles.
    System,
}

impl Scope {
    /// What statements compare `tenant_id` with: the tenant's id, or `*` for all.
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Tenant(tenant) => tenant.as_str(),
            Self::System => "*",
        }
    }

    /// Whether a row of this tenant (or of the company, if `None`) lies inside the scope.
    pub(crate) fn covers(&self, tenant: Option<&TenantId>) -> bool {
        match self {
            Self::System => true,
            Self::Tenant(own) => tenant == Some(own),
        }
    }

    /// A tenant id that reads as "all" or "none" must never become a scope.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::System => true,
            Self::Tenant(tenant) => !matches!(tenant.as_str(), "" | "*" | "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_named_like_everything_is_no_scope() {
        for name in ["", "*", "-"] {
            assert!(!Scope::Tenant(name.into()).is_sound(), "{name:?}");
        }
        assert!(Scope::Tenant("acme".into()).is_sound());
    }

    #[test]
    fn company_rows_lie_outside_a_tenants_scope() {
        let scope = Scope::Tenant("acme".into());
        assert!(scope.covers(Some(&"acme".into())));
        assert!(!scope.covers(Some(&"globex".into())));
        assert!(!scope.covers(None));
    }
}
