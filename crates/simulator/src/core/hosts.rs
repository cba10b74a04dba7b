//! Which provider a request is for: by host name, or by path where a browser needs that.

/// The name under which the simulator itself is spoken to.
const CONTROL: &str = "control";
const SUFFIX: &str = ".sim.localhost";

/// Where a request is addressed to.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// A provider's real host, and the path there.
    Provider {
        /// The host as in the real https URL.
        host: String,
        /// The path as in the real https URL.
        path: String,
    },
    /// The simulator's own switches.
    Control {
        /// The path there.
        path: String,
    },
    /// No such host.
    Nowhere,
}

/// Finds the place for a `Host` header and a path.
pub fn place(host: &str, path: &str) -> Place {
    let host = without_port(host).to_ascii_lowercase();
    if let Some(real) = host.strip_suffix(SUFFIX) {
        return at(real, path);
    }
    let by_path = matches!(host.as_str(), "localhost" | "127.0.0.1");
    match path.strip_prefix("/_/") {
        Some(rest) if by_path => {
            let (real, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            at(
                &real.to_ascii_lowercase(),
                if path.is_empty() { "/" } else { path },
            )
        }
        _ => Place::Nowhere,
    }
}

fn at(real: &str, path: &str) -> Place {
    match real {
        "" => Place::Nowhere,
        CONTROL => Place::Control {
            path: path.to_owned(),
        },
        _ => Place::Provider {
            host: real.to_owned(),
            path: path.to_owned(),
        },
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(host: &str, path: &str) -> Place {
        Place::Provider {
            host: host.to_owned(),
            path: path.to_owned(),
        }
    }

    #[test]
    fn a_provider_is_told_by_host_name_or_by_path() {
        assert_eq!(
            place("api.github.com.sim.localhost:4000", "/user"),
            provider("api.github.com", "/user")
        );
        assert_eq!(
            place("API.GitHub.com.SIM.localhost", "/user"),
            provider("api.github.com", "/user")
        );
        assert_eq!(
            place("localhost:4000", "/_/api.github.com/user"),
            provider("api.github.com", "/user")
        );
        assert_eq!(
            place("127.0.0.1:4000", "/_/api.github.com"),
            provider("api.github.com", "/")
        );
        assert_eq!(
            place("control.sim.localhost", "/log"),
            Place::Control {
                path: "/log".to_owned()
            }
        );
    }

    #[test]
    fn anything_else_is_nowhere() {
        for (host, path) in [
            ("localhost:4000", "/user"),
            ("api.github.com", "/user"),
            ("sim.localhost", "/user"),
            (".sim.localhost", "/user"),
            ("sim.localhost.evil.example", "/_/api.github.com/user"),
            ("evil.example", "/_/api.github.com/user"),
            ("", "/"),
        ] {
            assert_eq!(place(host, path), Place::Nowhere, "{host}{path}");
        }
    }
}
