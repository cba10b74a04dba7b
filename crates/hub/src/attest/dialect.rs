//! Which standards a dialect claims to speak, and where it leaves them.

use patchbay_catalog::{BodyKind, CallAuth, Integration, Method, OAuth2, Pkce, Revoke};

use crate::view::Gate;

/// Providers that answer a refused token request with status 200, which RFC 6749 section 5.2 does not know. The catalogue
/// has no field for it: our engine looks for an error in every answer.
const ERRORS_IN_200: [&str; 3] = ["github", "slack", "zoho-books"];

/// Providers whose answers name the granted scopes with commas between them, where RFC 6749 section 3.3 has spaces.
const COMMAS_IN_ANSWERS: [&str; 1] = ["linkedin"];

/// Why an independent program could not complete this gate as the standards have it; none where it should.
pub fn off_standard(integration: &Integration, gate: Gate) -> Option<&'static str> {
    match gate {
        Gate::Flow => flow(integration),
        Gate::Lifecycle => flow(integration).or_else(|| lifecycle(integration)),
        Gate::Storage => None,
        Gate::History => Some("no standard says how a provider's records are listed"),
    }
}

/// The standards that a gate keeps to, where it does.
pub fn standards(integration: &Integration, gate: Gate) -> String {
    let refreshes = integration.oauth2().is_some_and(|dialect| dialect.refresh.issued);
    let parts: &[(&str, bool)] = match gate {
        Gate::Flow => &[
            ("RFC 5849", integration.oauth1().is_some()),
            ("RFC 6749 sections 4.1, 5.1", integration.oauth2().is_some()),
            (
                "RFC 7636",
                integration
                    .oauth2()
                    .is_some_and(|dialect| dialect.pkce != Pkce::None),
            ),
            ("RFC 6750", integration.oauth2().is_some()),
        ],
        Gate::Lifecycle => &[
            ("RFC 6749 section 6", refreshes),
            ("RFC 7009", integration.revoke().is_some()),
        ],
        Gate::Storage => &[("draft-irtf-cfrg-xchacha-03", true)],
        Gate::History => &[],
    };
    let kept: Vec<&str> = parts
        .iter()
        .filter(|(_, kept)| *kept)
        .map(|(name, _)| *name)
        .collect();
    kept.join(", ")
}

fn flow(integration: &Integration) -> Option<&'static str> {
    if integration.oauth1().is_some() {
        return None;
    }
    let Some(dialect) = integration.oauth2() else {
        return Some("it is no OAuth");
    };
    let reasons = [
        (
            dialect.bare_exchange,
            "a code is exchanged without grant_type and redirect_uri",
        ),
        (
            dialect.token_body == BodyKind::Json,
            "token requests are JSON, not a form",
        ),
        (
            dialect.token_part.is_some(),
            "the tokens lie inside an object of the answer",
        ),
        (has_other_separator(dialect), "scopes are not separated by spaces"),
        (
            ERRORS_IN_200.contains(&integration.id.as_str()),
            "a refusal has status 200",
        ),
        (
            COMMAS_IN_ANSWERS.contains(&integration.id.as_str()),
            "the answer's scopes are not separated by spaces",
        ),
        (
            dialect.signed_callback.is_some(),
            "the callback is signed in the provider's own way",
        ),
        (
            integration.api_auth.value != "Bearer {token}",
            "the API does not take the token as Bearer",
        ),
        (
            integration
                .whoami
                .headers
                .values()
                .any(|value| value.contains("{token}")),
            "the call that tells the account does not take the token as Bearer",
        ),
    ];
    first(&reasons)
}

fn has_other_separator(dialect: &OAuth2) -> bool {
    dialect
        .scope_separator
        .as_ref()
        .is_some_and(|between| between != " ")
}

fn lifecycle(integration: &Integration) -> Option<&'static str> {
    let dialect = integration.oauth2();
    let refreshes = dialect.is_some_and(|dialect| dialect.refresh.issued);
    let own_address = dialect.is_some_and(|dialect| dialect.refresh.url.is_some());
    first(&[
        (
            !refreshes && integration.revoke().is_none(),
            "there is neither a refresh nor a revocation to check",
        ),
        (own_address, "a refresh goes to an address of its own"),
    ])
    .or_else(|| integration.revoke().and_then(revocation))
}

/// RFC 7009 section 2.1: a form with the token, sent by a client that proves itself.
fn revocation(revoke: &Revoke) -> Option<&'static str> {
    first(&[
        (revoke.method != Method::Post, "a revocation is no POST"),
        (
            !matches!(revoke.auth, CallAuth::Basic | CallAuth::Body),
            "a revocation does not ask who the client is",
        ),
        (revoke.body != Some(BodyKind::Form), "a revocation is no form"),
        (
            revoke.token_field.as_deref() != Some("token"),
            "a revocation names the token otherwise",
        ),
    ])
}

fn first(reasons: &[(bool, &'static str)]) -> Option<&'static str> {
    reasons
        .iter()
        .find(|(applies, _)| *applies)
        .map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use patchbay_catalog::Catalog;

    use super::*;

    #[test]
    fn providers_that_leave_the_standard_by_their_documentation_are_known() {
        let catalog = Catalog::builtin().unwrap();
        let off = |gate: Gate| -> Vec<&str> {
            catalog
                .iter()
                .filter(|integration| !integration.is_api_key())
                .filter(|integration| off_standard(integration, gate).is_some())
                .map(|integration| integration.id.as_str())
                .collect()
        };
        let flow = off(Gate::Flow);
        for id in ["slack", "notion", "shopify", "plaid", "clickup", "github"] {
            assert!(flow.contains(&id), "{id}");
        }
        for id in ["asana", "xero", "trello", "gmail", "microsoft-teams"] {
            assert!(!flow.contains(&id), "{id}");
        }
        let lifecycle = off(Gate::Lifecycle);
        for id in ["gmail", "trello", "quickbooks", "slack"] {
            assert!(lifecycle.contains(&id), "{id}");
        }
        assert!(!lifecycle.contains(&"xero"));
    }
}
