//! Where calls really go: to the provider, or to the simulator on this machine.

use url::Url;

use super::guard::Blocked;

/// The end of every simulated host name.
pub(super) const SIMULATED_SUFFIX: &str = ".sim.localhost";

/// Where calls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// To the provider.
    Direct,
    /// To the simulator: `https://HOST/PATH` becomes `http://HOST.sim.localhost:PORT/PATH`.
    Simulated {
        /// The simulator's port on loopback.
        port: u16,
    },
}

impl Route {
    /// The address that a guarded address stands for on this route.
    pub(super) fn map(self, url: &Url) -> Result<Url, Blocked> {
        let Route::Simulated { port } = self else {
            return Ok(url.clone());
        };
        let host = format!("{}{SIMULATED_SUFFIX}", url.host_str().ok_or(Blocked::Host)?);
        let mut mapped = url.clone();
        mapped.set_scheme("http").map_err(|()| Blocked::Incomplete)?;
        mapped.set_host(Some(&host)).map_err(|_| Blocked::Host)?;
        mapped.set_port(Some(port)).map_err(|()| Blocked::Port)?;
        Ok(mapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simulated_address_keeps_path_and_query() {
        let url = Url::parse("https://api.notion.com/v1/oauth/token?a=b%20c").unwrap();
        let mapped = Route::Simulated { port: 4010 }.map(&url).unwrap();
        assert_eq!(
            mapped.as_str(),
            "http://api.notion.com.sim.localhost:4010/v1/oauth/token?a=b%20c"
        );
        assert_eq!(Route::Direct.map(&url).unwrap(), url);
    }
}
