//! Templates with `{name}` parts.
//!
//! [`fill`] is for URLs. Values go in as they are, so it takes only characters that can't end a host or a path
//! segment: letters, digits and `-._~:`. A part at the very start of a template stands for scheme and host together
//! and takes `https://host` only. That is a second lock: what a value may look like is said by its pattern in the
//! catalogue, and checked before it gets here.
//!
//! [`fill_text`] is for header values, where only control characters are refused.

use std::collections::BTreeMap;

/// Why a template could not be filled. Values are not repeated: they can be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A part has no value.
    #[error("nothing to fill {{{0}}} with")]
    Unfilled(String),
    /// A value could change where the URL leads.
    #[error("the value for {{{0}}} has characters that don't belong there")]
    Unsafe(String),
    /// A brace without its partner, or a part without a name.
    #[error("a brace is left open, or closed without having been opened, or holds no name")]
    Malformed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'text> {
    Text(&'text str),
    Part(&'text str),
}

/// Fills a URL. Fails on a part without a value and on a value that could lead elsewhere.
pub fn fill(template: &str, values: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    fill_with(template, values, |at_start, value| {
        if at_start {
            return is_https_host(value);
        }
        let dots_only = value.chars().all(|c| c == '.');
        !dots_only
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~:".contains(c))
    })
}

/// Fills a URL whose last values are foreign: ids that a provider gave out, which can hold anything. Those are
/// percent-encoded on the way in, and one that would climb the path (`..`) is refused; `own` values are as in [`fill`].
pub fn fill_foreign(
    template: &str,
    own: &BTreeMap<String, String>,
    foreign: &BTreeMap<String, String>,
) -> Result<String, TemplateError> {
    let mut values = own.clone();
    for (name, value) in foreign {
        if value.chars().all(|c| c == '.') {
            return Err(TemplateError::Unsafe(name.clone()));
        }
        values.insert(name.clone(), encoded(value));
    }
    fill_with(template, &values, |at_start, value| {
        if at_start {
            return is_https_host(value);
        }
        !value.chars().all(|c| c == '.')
            && value
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._~:%".contains(c))
    })
}

/// Percent-encodes what is not plain in a path or a query (RFC 3986 section 2.3).
fn encoded(value: &str) -> String {
    use std::fmt::Write as _;
    value
        .bytes()
        .fold(String::with_capacity(value.len()), |mut text, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
                text.push(char::from(byte));
            } else {
                // Writing to a String can't fail.
                let _ = write!(text, "%{byte:02X}");
            }
            text
        })
}

/// Fills the value of a header. Fails on a part without a value and on control characters (header injection).
pub fn fill_text(template: &str, values: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    fill_with(template, values, |_, value| {
        !value.is_empty() && !value.chars().any(char::is_control)
    })
}

/// The names of a template's parts, in order. Empty for a malformed one, which loading the catalogue refuses.
pub fn parts(template: &str) -> Vec<&str> {
    try_parts(template).unwrap_or_default()
}

/// The names of a template's parts, in order.
pub(crate) fn try_parts(template: &str) -> Result<Vec<&str>, TemplateError> {
    Ok(split(template)?
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Part(name) => Some(name),
            Piece::Text(_) => None,
        })
        .collect())
}

fn fill_with(
    template: &str,
    values: &BTreeMap<String, String>,
    safe: impl Fn(bool, &str) -> bool,
) -> Result<String, TemplateError> {
    let mut filled = String::with_capacity(template.len() + 32);
    for (position, piece) in split(template)?.into_iter().enumerate() {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Part(name) => {
                let value = values
                    .get(name)
                    .ok_or_else(|| TemplateError::Unfilled(name.to_owned()))?;
                if !safe(position == 0, value) {
                    return Err(TemplateError::Unsafe(name.to_owned()));
                }
                filled.push_str(value);
            }
        }
    }
    Ok(filled)
}

fn split(template: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let (text, from_brace) = rest.split_at(open);
        let inside = from_brace.strip_prefix('{').ok_or(TemplateError::Malformed)?;
        let (name, after) = inside.split_once('}').ok_or(TemplateError::Malformed)?;
        if name.is_empty()
            || !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        {
            return Err(TemplateError::Malformed);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces.push(Piece::Part(name));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn is_https_host(value: &str) -> bool {
    value
        .strip_prefix("https://")
        .is_some_and(|host| !host.is_empty() && host.chars().all(in_host))
}

fn in_host(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.'
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{TemplateError, fill, fill_foreign, fill_text, parts};

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn parts_are_filled_and_named() {
        let template = "https://{sub}.zendesk.com/x/{id}?from={from}";

        let filled = fill(
            template,
            &values(&[("sub", "acme"), ("id", "7"), ("from", "2026-01-01T00:00:00Z")]),
        );

        assert_eq!(
            filled.as_deref(),
            Ok("https://acme.zendesk.com/x/7?from=2026-01-01T00:00:00Z")
        );
        assert_eq!(parts(template), ["sub", "id", "from"]);
    }

    #[test]
    fn a_part_without_a_value_is_an_error() {
        assert_eq!(
            fill("https://{host}/", &values(&[])),
            Err(TemplateError::Unfilled("host".into()))
        );
    }

    #[test]
    fn a_value_that_could_lead_elsewhere_is_refused() {
        for bad in [
            "evil.tld#",
            "a/b",
            "a?b",
            "a@b",
            "..",
            ".",
            "a%2e",
            "a\\b",
            "a b",
            "ü",
            "[::1]",
            "a\r\nb",
        ] {
            let filled = fill("https://api.example/{id}", &values(&[("id", bad)]));
            assert_eq!(filled, Err(TemplateError::Unsafe("id".into())), "{bad:?}");
        }
    }

    #[test]
    fn a_foreign_id_is_encoded_and_can_not_climb() {
        let template = "https://{sub}.example.com/x/{id}?after={id}";
        let own = values(&[("sub", "acme")]);
        for (id, encoded) in [
            ("urn:li:organization:7", "urn:li:organization:7"),
            ("spaces/AAA b", "spaces%2FAAA%20b"),
            ("a%2e?#&=é", "a%252e%3F%23%26%3D%C3%A9"),
        ] {
            assert_eq!(
                fill_foreign(template, &own, &values(&[("id", id)])),
                Ok(format!("https://acme.example.com/x/{encoded}?after={encoded}"))
            );
        }
        for id in ["..", ".", ""] {
            let filled = fill_foreign(template, &own, &values(&[("id", id)]));
            assert_eq!(filled, Err(TemplateError::Unsafe("id".into())), "{id:?}");
        }
        let sideways = fill_foreign(
            template,
            &values(&[("sub", "evil.tld/")]),
            &values(&[("id", "1")]),
        );
        assert_eq!(sideways, Err(TemplateError::Unsafe("sub".into())));
    }

    #[test]
    fn a_part_at_the_start_takes_https_and_a_host() {
        let template = "{api}/v3";

        assert_eq!(
            fill(template, &values(&[("api", "https://a.example")])).as_deref(),
            Ok("https://a.example/v3")
        );
        for bad in [
            "http://a.example",
            "a.example",
            "https://",
            "https://a.example/x",
            "https://u@a.example",
            "https://a:1",
        ] {
            assert_eq!(
                fill(template, &values(&[("api", bad)])),
                Err(TemplateError::Unsafe("api".into())),
                "{bad}"
            );
        }
    }

    #[test]
    fn braces_must_pair_up_around_a_name() {
        for bad in ["{", "}", "{a", "a}", "{}", "{a b}", "{a}}"] {
            assert_eq!(
                fill(bad, &values(&[("a", "x")])),
                Err(TemplateError::Malformed),
                "{bad}"
            );
        }
    }

    #[test]
    fn header_values_take_any_token_but_no_line_break() {
        let template = "Bearer {token}";

        assert_eq!(
            fill_text(template, &values(&[("token", "a/b+c==")])).as_deref(),
            Ok("Bearer a/b+c==")
        );
        assert_eq!(
            fill_text(template, &values(&[("token", "a\r\nX: 1")])),
            Err(TemplateError::Unsafe("token".into()))
        );
    }
}
