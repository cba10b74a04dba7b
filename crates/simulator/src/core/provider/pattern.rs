//! Hosts and paths with a `*` in them.

/// Whether a host is the one of a pattern, in which `*` stands for one label, and `|` between several.
pub fn is_host(patterns: &str, host: &str) -> bool {
    patterns.split('|').any(|pattern| is_one_host(pattern, host))
}

fn is_one_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => host
            .strip_suffix(rest)
            .and_then(|label| label.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty() && !label.contains('.')),
        None => pattern == host,
    }
}

/// Whether a path is the one of a pattern, in which `*` stands for one segment.
pub fn is_path(pattern: &str, path: &str) -> bool {
    let (wanted, got) = (pattern.split('/'), path.split('/'));
    wanted.clone().count() == got.clone().count()
        && wanted
            .zip(got)
            .all(|(wanted, got)| wanted == got || (wanted == "*" && !got.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_label_or_one_segment() {
        assert!(is_host("*.zendesk.com", "acme.zendesk.com"));
        for other in [
            "zendesk.com",
            ".zendesk.com",
            "a.b.zendesk.com",
            "acme.zendesk.com.evil.example",
            "acmezendesk.com",
        ] {
            assert!(!is_host("*.zendesk.com", other), "{other}");
        }
        assert!(is_host("accounts.zoho.com|*.zoho.eu", "accounts.zoho.eu"));
        assert!(!is_host("accounts.zoho.com|accounts.zoho.eu", "accounts.zoho"));
        assert!(is_path("/v1/tokens/*", "/v1/tokens/abc"));
        for other in ["/v1/tokens", "/v1/tokens/", "/v1/tokens/a/b", "/v2/tokens/a"] {
            assert!(!is_path("/v1/tokens/*", other), "{other}");
        }
    }
}
