//! What an address must look like before anything is sent to it.
//!
//! The second half of the guard, which sees what a name resolves to, is in [`super::resolve`].

use url::{Host, Url};

/// Why a call was not made. Says nothing about the address itself, so it can go anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// Not an address at all, or one with a part that nothing fills.
    #[error("the address is not complete")]
    Incomplete,
    /// Only https is spoken to providers (RFC 9700 section 2.6).
    #[error("the address is not https")]
    NotHttps,
    /// `https://user:password@host/` hides which host is meant.
    #[error("the address carries a user name")]
    UserInfo,
    /// An address in numbers, in whatever spelling; providers have names.
    #[error("the address is an IP number")]
    IpNumber,
    /// Another port than 443.
    #[error("the address names a port")]
    Port,
    /// A name that is not a public host name.
    #[error("the host is not a public name")]
    Host,
    /// The name resolves to addresses inside our own network only.
    #[error("the host resolves to an address that is not public")]
    Address,
    /// An answer points to another host than the one that gave it.
    #[error("the answer points to another host")]
    OtherHost,
    /// A returned value does not look as the catalogue says it must.
    #[error("the provider returned a value that is not allowed")]
    Value,
}

/// Names that never belong to a provider: RFC 6761, RFC 6762, RFC 8375, RFC 9476 and ICANN's `internal`.
const PRIVATE_SUFFIXES: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "test",
    "invalid",
    "onion",
    "alt",
];

/// Checks an address before a call.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(url: &Url) -> Result<(), Blocked> {
    if url.scheme() != "https" {
        return Err(Blocked::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Blocked::UserInfo);
    }
    if url.port().is_some() {
        return Err(Blocked::Port);
    }
    // The url crate has already read 0x7f.1, 2130706433 and their kin as the IPv4 numbers that they are.
    match url.host() {
        Some(Host::Domain(name)) => check_name(name),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(Blocked::IpNumber),
        None => Err(Blocked::Host),
    }
}

fn check_name(name: &str) -> Result<(), Blocked> {
    let labels_ok = name.len() <= 253
        && name.contains('.')
        && name.split('.').all(|label| {
            // An empty label is a trailing or doubled dot: another spelling of a name that patterns would miss.
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    let private = PRIVATE_SUFFIXES.iter().any(|suffix| {
        name.strip_suffix(suffix)
            .is_some_and(|front| front.is_empty() || front.ends_with('.'))
    });
    if labels_ok && !private {
        Ok(())
    } else {
        Err(Blocked::Host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str) -> Result<(), Blocked> {
        check(&Url::parse(address).unwrap())
    }

    #[test]
    fn a_provider_address_passes() {
        assert_eq!(verdict("https://api.notion.com/v1/oauth/token"), Ok(()));
        assert_eq!(verdict("https://api.notion.com:443/"), Ok(()));
    }

    #[test]
    fn s38_plain_http_is_refused() {
        assert_eq!(verdict("http://api.notion.com/"), Err(Blocked::NotHttps));
        assert_eq!(verdict("ftp://api.notion.com/"), Err(Blocked::NotHttps));
    }

    #[test]
    fn s32_numbers_in_any_spelling_are_refused() {
        for address in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://１２７.0.0.1/",
            "https://169.254.169.254#.example.com/",
        ] {
            assert_eq!(verdict(address), Err(Blocked::IpNumber), "{address}");
        }
    }

    #[test]
    fn s32_names_that_are_not_public_are_refused() {
        for address in [
            "https://localhost/",
            "https://intranet/",
            "https://api.notion.com./",
            "https://a..b/",
            "https://api.notion.com.sim.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://router.home.arpa/",
        ] {
            assert_eq!(verdict(address), Err(Blocked::Host), "{address}");
        }
        // Only whole labels count as a suffix.
        assert_eq!(verdict("https://www.mylocal.example.com/"), Ok(()));
        assert_eq!(verdict("https://contest.com/"), Ok(()));
    }

    #[test]
    fn user_names_and_ports_are_refused() {
        assert_eq!(
            verdict("https://api.notion.com@evil.example.com/"),
            Err(Blocked::UserInfo)
        );
        assert_eq!(verdict("https://:x@evil.example.com/"), Err(Blocked::UserInfo));
        assert_eq!(verdict("https://api.notion.com:8443/"), Err(Blocked::Port));
    }
}
