//! Our three cookies (S52): the session, the flow's browser, the theme.

use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

/// Name of the session cookie, without prefix.
const SESSION: &str = "patchbay_session";
/// Name of the cookie that binds flows to a browser, without prefix.
const FLOW: &str = "patchbay_flow";
/// Name of the theme cookie, without prefix.
const THEME: &str = "patchbay_theme";

/// How cookies are named and marked for this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `__Host-` and Secure, as always.
    Locked,
    /// Neither: a browser that refuses Secure cookies on plain localhost, in demo mode only.
    Plain,
}

impl Style {
    /// Safari refuses Secure cookies on plain localhost; every other browser accepts them there.
    pub fn of(headers: &HeaderMap, demo_over_http: bool) -> Self {
        let agent = headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let safari = agent.contains("Safari/") && !agent.contains("Chrome/") && !agent.contains("Chromium/");
        if demo_over_http && safari {
            Self::Plain
        } else {
            Self::Locked
        }
    }

    fn cookie(self, name: &str, value: String) -> Cookie<'static> {
        let locked = self == Self::Locked;
        let name = if locked {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        };
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(locked)
            .same_site(SameSite::Lax)
            .build()
    }

    /// Keeps a session in the browser until it is closed or the session ends.
    pub fn keep_session(self, token: &SecretString) -> Option<HeaderValue> {
        header_of(&self.cookie(SESSION, token.expose_secret().to_owned()))
    }

    /// Takes the session out of the browser.
    pub fn drop_session(self) -> Option<HeaderValue> {
        let mut cookie = self.cookie(SESSION, String::new());
        cookie.make_removal();
        header_of(&cookie)
    }

    /// Binds a flow to this browser for as long as a flow lasts.
    pub fn keep_flow(self, value: &SecretString) -> Option<HeaderValue> {
        let mut cookie = self.cookie(FLOW, value.expose_secret().to_owned());
        cookie.set_max_age(Duration::minutes(10));
        header_of(&cookie)
    }

    /// Remembers the theme for a year.
    pub fn keep_theme(self, theme: &str) -> Option<HeaderValue> {
        let mut cookie = self.cookie(THEME, theme.to_owned());
        cookie.set_max_age(Duration::days(365));
        header_of(&cookie)
    }
}

/// A cookie as a header. Our values are all plain ASCII, so this does not fail.
fn header_of(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The session token, if the browser sent one.
pub(super) fn session(headers: &HeaderMap) -> Option<SecretString> {
    find(headers, SESSION).map(SecretString::from)
}

/// The value that binds flows to this browser, if it sent one.
pub(super) fn flow(headers: &HeaderMap) -> Option<SecretString> {
    find(headers, FLOW).map(SecretString::from)
}

/// The chosen theme.
pub(super) fn theme(headers: &HeaderMap) -> Option<String> {
    find(headers, THEME)
}

/// A cookie's value, under its locked name first.
fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let locked = format!("__Host-{name}");
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut plain = None;
    for (key, value) in pairs {
        if key == locked {
            return Some(value.to_owned());
        }
        if key == name {
            plain = Some(value.to_owned());
        }
    }
    plain
}
