//! Form-encoded parameters, kept in order and with their repetitions.

use std::collections::HashSet;

use url::form_urlencoded;

/// The parameters of a query or of a form body.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text.
    pub fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// Parameters that were not text before.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// All values of a parameter that may come several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// The value of a parameter. One sent without a value counts as not sent (RFC 6749 section 3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The first parameter that comes twice, which OAuth forbids (RFC 6749 sections 3.1 and 3.2).
    pub fn repeated(&self) -> Option<&str> {
        self.repeated_but("")
    }

    /// As [`Params::repeated`], where one parameter may come several times.
    pub fn repeated_but(&self, allowed: &str) -> Option<&str> {
        let mut seen = HashSet::new();
        self.0
            .iter()
            .map(|(key, _)| key.as_str())
            .find(|key| *key != allowed && !seen.insert(*key))
    }

    /// All parameters in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// True when nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same parameters as text, without one of them, and in a fixed order.
    ///
    /// Paging uses it to bind an offset or a next link to its query.
    pub fn sorted_without(&self, name: &str) -> String {
        let mut rest: Vec<_> = self.iter().filter(|(key, _)| *key != name).collect();
        rest.sort_unstable();
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(rest)
            .finish()
    }

    /// The same parameters as text, with one of them set to another value.
    pub fn with(&self, name: &str, value: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.iter().filter(|(key, _)| *key != name))
            .append_pair(name, value)
            .finish()
    }
}
