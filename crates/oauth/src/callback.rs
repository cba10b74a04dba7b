//! What the browser brings back from the provider (RFC 6749 section 4.1.2).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use patchbay_catalog::model::ErrorWords;
use secrecy::SecretString;
use url::form_urlencoded;

use crate::error::kind_of;
use crate::state::StateHash;

/// Most bytes of a callback's query.
const LONGEST: usize = 8 * 1024;

/// A callback whose form is right. Nothing in it is proven yet: its state must name a waiting flow of this browser.
pub struct CallbackQuery {
    /// By which the flow is looked up.
    pub state: StateHash,
    /// Yes or no.
    pub outcome: Outcome,
    /// The issuer, where the provider names itself (RFC 9207).
    pub issuer: Option<String>,
    /// All other parameters, unchecked: see [`crate::values`].
    pub extra: BTreeMap<String, String>,
}

impl fmt::Debug for CallbackQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: some providers sign or identify with the extra values.
        f.debug_struct("CallbackQuery")
            .field("outcome", &self.outcome)
            .field("extra", &self.extra.keys())
            .finish_non_exhaustive()
    }
}

/// Yes or no.
#[derive(Debug)]
pub enum Outcome {
    /// The admin approved.
    Approved {
        /// The authorization code.
        code: SecretString,
    },
    /// The provider or the admin said no.
    Denied {
        /// The provider's word, if it is a known one; else "unknown". [`crate::error::kind_of`] says what it means.
        error: String,
    },
}

/// Why a callback is not looked at further. Holds nothing that came with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// More than 8 KiB.
    #[error("the callback is too long")]
    TooLong,
    /// No state, or one that can't be ours.
    #[error("the callback has no state of ours")]
    State,
    /// A parameter twice (RFC 6749 section 3.1).
    #[error("the callback has a parameter twice")]
    Duplicate,
    /// Text that is not UTF-8 or holds control characters.
    #[error("the callback is not readable")]
    Unreadable,
    /// Neither a code nor an error, or both.
    #[error("the callback has neither one code nor one error")]
    Unclear,
}

/// Reads the query of a callback (without `?`), knowing the words of the standards only.
///
/// # Errors
/// As [`parse_with`].
pub fn parse(query: &str) -> Result<CallbackQuery, CallbackError> {
    parse_with(query, &ErrorWords::default())
}

/// Reads the query of a callback (without `?`). `words` are the integration's own error words.
///
/// # Errors
/// [`CallbackError`]; the state's form is judged before everything else.
pub fn parse_with(query: &str, words: &ErrorWords) -> Result<CallbackQuery, CallbackError> {
    if query.len() > LONGEST {
        return Err(CallbackError::TooLong);
    }
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let state = pairs.iter().find(|(name, _)| name == "state");
    let state = StateHash::of(state.map_or("", |(_, value)| value)).ok_or(CallbackError::State)?;
    let mut seen = BTreeSet::new();
    for (name, value) in &pairs {
        if !seen.insert(name) {
            return Err(CallbackError::Duplicate);
        }
        if is_unreadable(name) || (is_unreadable(value) && !is_lines(name, value)) {
            return Err(CallbackError::Unreadable);
        }
    }
    let mut rest: BTreeMap<String, String> = pairs
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    rest.remove("state");
    let code = rest.remove("code").filter(|code| !code.is_empty());
    let error = rest.remove("error").filter(|error| !error.is_empty());
    // A text for people from an unknown sender: not kept, so it can't be shown.
    let description = rest.remove("error_description").unwrap_or_default();
    rest.remove("error_uri");
    let outcome = match (code, error) {
        (Some(code), None) => Outcome::Approved { code: code.into() },
        (None, Some(error)) => denied(error, &description, words),
        _ => return Err(CallbackError::Unclear),
    };
    Ok(CallbackQuery {
        state,
        outcome,
        issuer: rest.remove("iss"),
        extra: rest,
    })
}

/// Control characters, or the character that the decoder leaves of bytes that are not UTF-8.
fn is_unreadable(text: &str) -> bool {
    text.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Whether a value may have several lines and has no other control characters: descriptions of errors, as Microsoft
/// sends them.
fn is_lines(name: &str, value: &str) -> bool {
    name == "error_description" && !value.split(['\r', '\n']).any(is_unreadable)
}

/// The number that a description begins with tells more than the word does, where the catalogue knows it.
fn denied(error: String, description: &str, words: &ErrorWords) -> Outcome {
    let number = leading_number(description).filter(|number| words.meaning(number).is_some());
    let known = kind_of(&error, words).is_some();
    Outcome::Denied {
        error: match number {
            Some(number) => number.to_owned(),
            None if known => error,
            None => "unknown".to_owned(),
        },
    }
}

/// The digits of a text that begins like "AADSTS90094: ".
fn leading_number(description: &str) -> Option<&str> {
    let (code, _) = description.split_once(':')?;
    let number = code.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::State;
    use secrecy::ExposeSecret;

    const CANARY: &str = "canary-code-71";

    fn state() -> State {
        State::new([7; 32])
    }

    fn read(rest: &str) -> Result<CallbackQuery, CallbackError> {
        let state = state();
        let query = format!("state={}{rest}", state.text().expose_secret());
        parse(&query)
    }

    #[test]
    fn a_code_is_read() {
        let query = read(&format!(
            "&code={CANARY}&iss=https%3A%2F%2Fas.example&shop=a.myshopify.com"
        ))
        .unwrap();
        assert_eq!(query.state.hash(), state().hash());
        assert_eq!(query.issuer.as_deref(), Some("https://as.example"));
        assert_eq!(query.extra["shop"], "a.myshopify.com");
        assert_eq!(query.extra.len(), 1);
        let Outcome::Approved { code } = &query.outcome else {
            panic!("approved");
        };
        assert_eq!(code.expose_secret(), CANARY);
        assert!(!format!("{query:?}").contains(CANARY));
        assert!(!format!("{query:?}").contains("myshopify"));
    }

    fn word(query: CallbackQuery) -> String {
        match query.outcome {
            Outcome::Denied { error } => error,
            Outcome::Approved { .. } => panic!("denied"),
        }
    }

    #[test]
    fn only_known_error_words_are_kept() {
        let query = read("&error=%3Cscript%3E&error_description=call+0900&error_uri=x").unwrap();
        assert!(query.extra.is_empty());
        assert_eq!(word(query), "unknown");
        assert_eq!(word(read("&error=access_denied").unwrap()), "access_denied");
    }

    #[test]
    fn the_integrations_own_words_are_kept_where_they_are_given() {
        let words = ErrorWords {
            app_config: vec!["application_suspended".into()],
            ..ErrorWords::default()
        };
        let query = format!(
            "state={}&error=application_suspended",
            state().text().expose_secret()
        );
        assert_eq!(word(parse_with(&query, &words).unwrap()), "application_suspended");
        assert_eq!(word(parse(&query).unwrap()), "unknown");
    }

    #[test]
    fn a_number_before_the_description_tells_more_than_the_word() {
        let words = ErrorWords {
            approval: vec!["90094".into()],
            ..ErrorWords::default()
        };
        let read = |description: &str| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", state().text().expose_secret())
                .append_pair("error", "access_denied")
                .append_pair("error_description", description)
                .finish();
            parse_with(&query, &words).map(word)
        };
        assert_eq!(
            read("AADSTS90094: Ask an admin.\r\nTrace ID: 1").as_deref(),
            Ok("90094")
        );
        for other in [
            "AADSTS65004: No.\r\nTrace ID: 1",
            "90094",
            "see AADSTS90094: x",
            "AADSTS: x",
            "",
        ] {
            assert_eq!(read(other).as_deref(), Ok("access_denied"), "{other}");
        }
        assert_eq!(read("a\u{0}b"), Err(CallbackError::Unreadable));
        assert_eq!(read("\u{1b}[31m\r\n"), Err(CallbackError::Unreadable));
    }

    #[test]
    fn s14_the_state_comes_before_everything_else() {
        let long = format!("code=a&code=b&state={}", "A".repeat(100));
        for query in [
            "",
            "code=a",
            "state=&code=a",
            "code=a&code=b",
            "error=access_denied",
            &long,
        ] {
            assert_eq!(parse(query).unwrap_err(), CallbackError::State, "{query}");
        }
        let huge = format!("state={}", "A".repeat(1024 * 1024));
        assert_eq!(parse(&huge).unwrap_err(), CallbackError::TooLong);
    }

    #[test]
    fn s21_a_parameter_twice_is_refused() {
        let again = format!("&code=a&state={}", state().text().expose_secret());
        for rest in [
            "&code=a&code=b",
            "&code=a&code=a",
            "&code=a&%63ode=b",
            "&error=x&error=y",
            "&code=a&iss=x&iss=x",
            "&code=a&shop=x&shop=y",
            again.as_str(),
        ] {
            assert_eq!(read(rest).unwrap_err(), CallbackError::Duplicate, "{rest}");
        }
    }

    #[test]
    fn neither_or_both_is_refused() {
        for rest in ["", "&code=", "&error=", "&code=a&error=access_denied"] {
            assert_eq!(read(rest).unwrap_err(), CallbackError::Unclear, "{rest}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        for rest in ["&code=%ff", "&code=a%00b", "&code=a%0d%0ab"] {
            assert_eq!(read(rest).unwrap_err(), CallbackError::Unreadable, "{rest}");
        }
    }
}
