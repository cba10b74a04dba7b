//! What the browser brings back from the provider. [`parse`] judges what every kind of answer has in common; what was
//! answered is read when it is known whose answer it is ([`CallbackQuery::read`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use patchbay_catalog::model::{Auth, ErrorWords, Integration};
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
    /// All other parameters, each there once.
    params: BTreeMap<String, String>,
}

impl fmt::Debug for CallbackQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: the values are secrets, or sign or identify.
        f.debug_struct("CallbackQuery")
            .field("params", &self.params.keys())
            .finish_non_exhaustive()
    }
}

/// What a provider answered.
pub struct Answer {
    /// Yes or no.
    pub outcome: Outcome,
    /// The issuer, where the provider names itself (RFC 9207).
    pub issuer: Option<String>,
    /// All other parameters, unchecked: see [`crate::values`].
    pub extra: BTreeMap<String, String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("outcome", &self.outcome)
            .field("extra", &self.extra.keys())
            .finish_non_exhaustive()
    }
}

/// Yes or no.
#[derive(Debug)]
pub enum Outcome {
    /// The admin approved.
    Approved(Proof),
    /// The provider or the admin said no.
    Denied {
        /// The provider's word, if it is a known one; else "unknown". [`crate::error::kind_of`] says what it means.
        error: String,
    },
}

/// What becomes access.
#[derive(Debug)]
pub enum Proof {
    /// OAuth 2.0: the authorization code (RFC 6749 section 4.1.2).
    Code(SecretString),
    /// OAuth 1.0a (RFC 5849 section 2.2).
    Verifier {
        /// The request token that it approves; not yet known to be the flow's own.
        token: SecretString,
        /// The verifier.
        verifier: SecretString,
    },
    /// A link's page: the way back itself says nothing, so the provider has to be asked.
    Return,
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
    /// Neither a yes nor a no, or both.
    #[error("the callback is neither one yes nor one no")]
    Unclear,
}

/// Reads the query of a callback (without `?`).
///
/// # Errors
/// [`CallbackError`]; the state's form is judged before everything else.
pub fn parse(query: &str) -> Result<CallbackQuery, CallbackError> {
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
    let mut params: BTreeMap<String, String> = pairs
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    params.remove("state");
    Ok(CallbackQuery { state, params })
}

impl CallbackQuery {
    /// Reads what this integration's provider answered.
    ///
    /// # Errors
    /// [`CallbackError::Unclear`].
    pub fn read(mut self, integration: &Integration) -> Result<Answer, CallbackError> {
        let outcome = match &integration.auth {
            Auth::OAuth2(_) => self.code(integration)?,
            Auth::OAuth1(_) => self.verifier()?,
            Auth::Link(_) => Outcome::Approved(Proof::Return),
            Auth::ApiKey(_) => return Err(CallbackError::Unclear),
        };
        Ok(Answer {
            outcome,
            issuer: self.params.remove("iss"),
            extra: self.params,
        })
    }

    /// A code or an error, never both.
    fn code(&mut self, integration: &Integration) -> Result<Outcome, CallbackError> {
        let (code, error) = (self.take("code"), self.take("error"));
        // A text for people from an unknown sender: not kept, so it can't be shown.
        let description = self.params.remove("error_description").unwrap_or_default();
        self.params.remove("error_uri");
        match (code, error) {
            (Some(code), None) => Ok(Outcome::Approved(Proof::Code(code.into()))),
            (None, Some(error)) => Ok(denied(error, &description, &integration.errors)),
            _ => Err(CallbackError::Unclear),
        }
    }

    /// A verifier and the request token that it belongs to (check S23). RFC 5849 has no way to say no: a provider sends
    /// people back without a verifier, or not at all.
    fn verifier(&mut self) -> Result<Outcome, CallbackError> {
        match (self.take("oauth_token"), self.take("oauth_verifier")) {
            (Some(token), Some(verifier)) => Ok(Outcome::Approved(Proof::Verifier {
                token: token.into(),
                verifier: verifier.into(),
            })),
            (_, None) => Ok(Outcome::Denied {
                error: DENIED.to_owned(),
            }),
            (None, Some(_)) => Err(CallbackError::Unclear),
        }
    }

    /// A parameter; one without a value counts as not sent.
    fn take(&mut self, name: &str) -> Option<String> {
        self.params.remove(name).filter(|value| !value.is_empty())
    }
}

/// The word of the standard for a person who said no.
const DENIED: &str = "access_denied";

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
    use patchbay_catalog::Catalog;
    use secrecy::ExposeSecret;

    const CANARY: &str = "canary-code-71";

    fn state() -> State {
        State::new([7; 32])
    }

    fn integration(id: &str) -> Integration {
        Catalog::builtin().unwrap().get(id).unwrap().clone()
    }

    fn query(rest: &str) -> Result<CallbackQuery, CallbackError> {
        parse(&format!("state={}{rest}", state().text().expose_secret()))
    }

    fn read(rest: &str) -> Result<Answer, CallbackError> {
        query(rest)?.read(&integration("asana"))
    }

    #[test]
    fn a_code_is_read() {
        let rest = format!("&code={CANARY}&iss=https%3A%2F%2Fas.example&shop=a.myshopify.com");
        let query = query(&rest).unwrap();
        assert_eq!(query.state.hash(), state().hash());
        assert!(!format!("{query:?}").contains(CANARY));
        let answer = query.read(&integration("asana")).unwrap();
        assert_eq!(answer.issuer.as_deref(), Some("https://as.example"));
        assert_eq!(answer.extra["shop"], "a.myshopify.com");
        assert_eq!(answer.extra.len(), 1);
        let Outcome::Approved(Proof::Code(code)) = &answer.outcome else {
            panic!("approved");
        };
        assert_eq!(code.expose_secret(), CANARY);
        assert!(!format!("{answer:?}").contains(CANARY));
        assert!(!format!("{answer:?}").contains("myshopify"));
    }

    fn word(answer: Answer) -> String {
        match answer.outcome {
            Outcome::Denied { error } => error,
            Outcome::Approved(_) => panic!("denied"),
        }
    }

    #[test]
    fn only_known_error_words_are_kept() {
        let answer = read("&error=%3Cscript%3E&error_description=call+0900&error_uri=x").unwrap();
        assert!(answer.extra.is_empty());
        assert_eq!(word(answer), "unknown");
        assert_eq!(word(read("&error=access_denied").unwrap()), "access_denied");
    }

    #[test]
    fn the_integrations_own_words_are_kept() {
        let mut asana = integration("asana");
        asana.errors.app_config = vec!["application_suspended".into()];
        let answer = |integration: &Integration| {
            let query = query("&error=application_suspended").unwrap();
            word(query.read(integration).unwrap())
        };
        assert_eq!(answer(&asana), "application_suspended");
        assert_eq!(answer(&integration("notion")), "unknown");
    }

    #[test]
    fn s23_a_verifier_belongs_to_a_request_token() {
        let read = |rest: &str| query(rest).unwrap().read(&integration("trello"));
        let answer = read("&oauth_token=canary-t&oauth_verifier=canary-v").unwrap();
        assert!(!format!("{answer:?}").contains("canary"));
        let Outcome::Approved(Proof::Verifier { token, verifier }) = answer.outcome else {
            panic!("approved");
        };
        assert_eq!(token.expose_secret(), "canary-t");
        assert_eq!(verifier.expose_secret(), "canary-v");
        // Whoever says no comes back without a verifier, and a code is nothing here.
        for no in ["", "&oauth_token=t", "&oauth_token=t&oauth_verifier=", "&code=x"] {
            assert_eq!(word(read(no).unwrap()), "access_denied", "{no}");
        }
        assert_eq!(read("&oauth_verifier=v").unwrap_err(), CallbackError::Unclear);
        // And a verifier is nothing where a code is wanted.
        let plain = query("&oauth_token=t&oauth_verifier=v").unwrap();
        assert_eq!(
            plain.read(&integration("asana")).unwrap_err(),
            CallbackError::Unclear
        );
    }

    #[test]
    fn what_comes_back_from_a_link_says_nothing_by_itself() {
        for rest in ["", "&public_token=canary-p", "&error=access_denied", "&code=x"] {
            let answer = query(rest).unwrap().read(&integration("plaid")).unwrap();
            assert!(
                matches!(answer.outcome, Outcome::Approved(Proof::Return)),
                "{rest}"
            );
            assert!(!format!("{answer:?}").contains("canary"));
        }
    }

    #[test]
    fn a_number_before_the_description_tells_more_than_the_word() {
        let words = ErrorWords {
            approval: vec!["90094".into()],
            ..ErrorWords::default()
        };
        let mut outlook = integration("outlook");
        outlook.errors = words;
        let read = |description: &str| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("state", state().text().expose_secret())
                .append_pair("error", "access_denied")
                .append_pair("error_description", description)
                .finish();
            parse(&query)?.read(&outlook).map(word)
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
            "oauth_token=a&oauth_token=b",
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
            "&oauth_token=a&oauth_token=a&oauth_verifier=b",
            "&oauth_token=a&oauth_verifier=b&oauth_verifier=c",
            again.as_str(),
        ] {
            assert_eq!(query(rest).unwrap_err(), CallbackError::Duplicate, "{rest}");
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
        for rest in [
            "&code=%ff",
            "&code=a%00b",
            "&code=a%0d%0ab",
            "&oauth_verifier=%00",
        ] {
            assert_eq!(query(rest).unwrap_err(), CallbackError::Unreadable, "{rest}");
        }
    }
}
