//! What every page needs to know besides its own data. The server provides it as context for each request.

use leptos::prelude::*;
use patchbay_hub::view::Viewer;
use patchbay_store::time::Millis;

/// Light, dark or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in cookie, form and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From a cookie or a form; what is unknown follows the system.
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.as_str() == word)
            .unwrap_or_default()
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// What every page needs to know besides its own data.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Who looks; none: nobody is signed in.
    pub viewer: Option<Viewer>,
    /// Whether sample data and simulated providers stand behind it.
    pub demo: bool,
    /// The person's choice of theme.
    pub theme: Theme,
    /// The present.
    pub now: Millis,
    /// Path and query of the request: to come back to, and to tell whether reloading was stopped.
    pub path: String,
}

impl Frame {
    /// The request's frame. Outside a request, as in a test of one component, an empty one of live mode.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self {
            viewer: None,
            demo: false,
            theme: Theme::System,
            now: Millis(0),
            path: "/".to_owned(),
        })
    }

    /// Whether the person stopped the page from reloading by itself.
    pub fn reload_stopped(&self) -> bool {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        query.split('&').any(|pair| pair == "refresh=off")
    }

    /// The path without its query.
    pub fn page(&self) -> &str {
        self.path.split_once('?').map_or(&self.path, |(page, _)| page)
    }

    /// The same address, with reloading on or off.
    pub fn with_reload(&self, on: bool) -> String {
        let mut pairs = self.pairs_without(&["refresh"]);
        if !on {
            pairs.push("refresh=off");
        }
        self.with_pairs(&pairs)
    }

    /// The same address without the notice of an action: what a reload asks for, so that it is said once.
    pub fn without_notice(&self) -> String {
        self.with_pairs(&self.pairs_without(&["notice", "ref"]))
    }

    /// The query's pairs, but for those of these names.
    fn pairs_without(&self, names: &[&str]) -> Vec<&str> {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        let named = |pair: &str| names.contains(&pair.split('=').next().unwrap_or(pair));
        query
            .split('&')
            .filter(|pair| !pair.is_empty() && !named(pair))
            .collect()
    }

    fn with_pairs(&self, pairs: &[&str]) -> String {
        if pairs.is_empty() {
            self.page().to_owned()
        } else {
            format!("{}?{}", self.page(), pairs.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Frame {
        Frame {
            path: path.to_owned(),
            ..Frame::current()
        }
    }

    #[test]
    fn reloading_is_switched_in_the_address_and_the_rest_stays() {
        let frame = at("/rollout?status=pending");
        assert!(!frame.reload_stopped());
        assert_eq!(frame.with_reload(false), "/rollout?status=pending&refresh=off");
        let stopped = at("/rollout?status=pending&refresh=off");
        assert!(stopped.reload_stopped());
        assert_eq!(stopped.with_reload(true), "/rollout?status=pending");
        assert_eq!(at("/?refresh=off").with_reload(true), "/");
    }

    #[test]
    fn a_reload_says_no_notice_again() {
        let frame = at("/integrations/asana?notice=declined&ref=8F3K2M9Q&refresh=off");
        assert_eq!(frame.without_notice(), "/integrations/asana?refresh=off");
    }

    #[test]
    fn an_unknown_theme_follows_the_system() {
        assert_eq!(Theme::parse("dark"), Theme::Dark);
        assert_eq!(Theme::parse("\" onload="), Theme::System);
    }
}
