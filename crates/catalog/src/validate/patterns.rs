//! Patterns: they compile, hold at both ends, let nothing through that leads elsewhere, and fit the field's examples.

use regex::Regex;

use super::Checks;
use crate::model::{ConnectionParam, ValueError};

/// Values that would leave a host or a path segment. No pattern of a URL part may let one through.
const LEAD_ELSEWHERE: [&str; 14] = [
    "",
    "evil.tld#",
    "evil.tld/",
    "evil.tld?",
    "a@evil.tld",
    "a:80",
    "a\\b",
    "a b",
    "a%2e",
    "..",
    "[::1]",
    "169.254.169.254",
    "https://evil.tld",
    "https://169.254.169.254",
];

impl Checks<'_> {
    /// A pattern must compile and hold at both ends.
    pub(super) fn pattern(&mut self, field: &str, pattern: &str) {
        if let Err(error) = Regex::new(pattern) {
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default().trim();
            self.refuse(field, format!("the pattern can't be read: {last}"));
        } else if !is_anchored(pattern) {
            self.refuse(
                field,
                "the pattern must be anchored: ^ first, $ last, alternatives in brackets, no flags",
            );
        }
    }

    /// A pattern of a value that fills a URL must also keep it where it is.
    pub(super) fn url_pattern(&mut self, field: &str, pattern: &str) {
        self.pattern(field, pattern);
        if let Ok(regex) = Regex::new(pattern) {
            for value in LEAD_ELSEWHERE.iter().filter(|value| regex.is_match(value)) {
                self.refuse(field, format!("the pattern lets {value:?} through"));
            }
        }
    }

    pub(super) fn param(&mut self, param: &ConnectionParam) {
        let field = format!("params.{}", param.name);
        self.url_pattern(&format!("{field}.pattern"), &param.pattern);
        let told = !param.label.trim().is_empty() && !param.help.trim().is_empty();
        self.require(told, &field, "label and help must say something");
        let shown = param
            .default
            .iter()
            .chain(&param.example)
            .chain(param.options.keys());
        for value in shown {
            if param.accept(value) != Ok::<_, ValueError>(Some(value.clone())) {
                self.refuse(
                    &field,
                    format!("{value:?} is shown to the admin but would be refused"),
                );
            }
        }
        self.require(
            !param.own_app || param.default.is_some(),
            &field,
            "own_app needs the default that our app is for",
        );
        self.hosts(&field, param);
    }

    fn hosts(&mut self, field: &str, param: &ConnectionParam) {
        if param.hosts.is_empty() && param.host_part.is_none() {
            return;
        }
        self.require(
            param.host_part.is_some(),
            field,
            "there are hosts, but no host_part that they fill",
        );
        self.require(
            param.hosts.keys().eq(param.options.keys()),
            field,
            "each option needs its host",
        );
        self.require(
            param.required || param.default.is_some(),
            field,
            "a URL is built from it, so it can't stay empty",
        );
        for host in param.hosts.values() {
            self.url(&format!("{field}.hosts"), host, &[]);
            let bare = host
                .strip_prefix("https://")
                .is_some_and(|rest| !rest.contains(['/', '?', '{']));
            self.require(
                bare,
                &format!("{field}.hosts"),
                "only https:// and a host can be given",
            );
        }
    }
}

/// Whether a pattern starts with `^`, ends with `$`, and has no alternative outside brackets that would slip past one
/// of them. Flags could change what the anchors mean, so they are refused.
fn is_anchored(pattern: &str) -> bool {
    let Some(inside) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else {
        return false;
    };
    if pattern.replace("(?:", "").contains("(?") {
        return false;
    }
    let mut depth = 0_usize;
    let mut in_class = false;
    let mut escaped = false;
    for c in inside.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return false,
            _ => {}
        }
    }
    // A trailing backslash means that the last $ stood for itself.
    !escaped
}

#[cfg(test)]
mod tests {
    use super::is_anchored;

    #[test]
    fn anchors_are_found_and_missing_ones_too() {
        for good in ["^a$", "^(a|b)$", "^[a|b]$", r"^a\|b$", "^(?:a|b)c$"] {
            assert!(is_anchored(good), "{good}");
        }
        for bad in ["a", "^a", "a$", "^a|b$", r"^a\$", "(?m)^a$", "^(?i)a$"] {
            assert!(!is_anchored(bad), "{bad}");
        }
    }
}
