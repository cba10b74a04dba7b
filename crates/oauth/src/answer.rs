//! What a provider's answer means, whatever form it has.

use serde_json::{Map, Value};
use url::form_urlencoded;

use patchbay_catalog::model::ErrorWords;
use patchbay_catalog::path::text;

use crate::error::{ProviderError, ProviderErrorKind, kind_of, listed_kind};
use crate::http::Answer;
use crate::retry_after;

/// Where providers put the word for an error, most telling first.
const WORD_PATHS: [&str; 14] = [
    "error_codes.0",
    "error",
    "error.code",
    "error.type",
    "error.status",
    "error_code",
    "code",
    "ECODE",
    "reason",
    "status",
    "errors.0.code",
    "errors.0.extensions.code",
    "errors.0.error",
    "errors.0.message",
];

/// What was asked: the same status means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A token, with our app's id and secret.
    Token,
    /// Data, or an end of access, with a token or key.
    Api,
}

/// The body as JSON, whatever content type it claims to have.
pub(crate) fn json(answer: &Answer) -> Option<Value> {
    serde_json::from_slice(&answer.body).ok()
}

/// The body as a JSON object, or as the form that some token endpoints answer with.
pub(crate) fn object(answer: &Answer) -> Option<Value> {
    if let Some(value) = json(answer) {
        return value.is_object().then_some(value);
    }
    let may_be_form = matches!(
        answer.media_type().as_deref(),
        None | Some("application/x-www-form-urlencoded" | "text/plain")
    );
    if !may_be_form {
        return None;
    }
    let fields: Map<String, Value> = form_urlencoded::parse(&answer.body)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    // Any text parses as a form; only one with a telling field is one.
    (fields.contains_key("access_token") || fields.contains_key("error")).then_some(Value::Object(fields))
}

/// Whether a body is an error whatever its status: `error` is set, `ok` is false, or there are errors and no data.
pub(crate) fn says_error(value: &Value) -> bool {
    let error = match value.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(word)) => !word.is_empty(),
        Some(_) => true,
    };
    error || says_failed(value)
}

/// Whether an API's answer is a failure whatever its status: `ok` is false, or as in GraphQL there are errors and no
/// data.
pub(crate) fn says_failed(value: &Value) -> bool {
    let has = |name: &str| match value.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(_) => true,
    };
    let errors = value.get("errors").is_some_and(Value::is_array) && has("errors");
    value.get("ok") == Some(&Value::Bool(false)) || (errors && !has("data"))
}

/// What an answer that is no success means.
pub(crate) fn failure(
    answer: &Answer,
    value: Option<&Value>,
    words: &ErrorWords,
    asked: Asked,
) -> ProviderError {
    let status = answer.status.as_u16();
    let bare = bare_word(answer, words);
    let known = bare
        .clone()
        .or_else(|| value.and_then(|value| known_word(value, words, asked)));
    let wait = retry_after::read(answer);
    let limited = status == 429 || (matches!(status, 403 | 503) && wait.is_some());
    let kind = if limited {
        ProviderErrorKind::Limited { retry_after: wait }
    } else if let Some((_, kind)) = bare {
        kind
    } else if status >= 500 {
        ProviderErrorKind::Unavailable
    } else if let Some((_, kind)) = &known {
        kind.clone()
    } else {
        kind_of_status(status, value, asked)
    };
    let blames_client = kind == ProviderErrorKind::AppConfig
        && known
            .as_ref()
            .map_or(status == 401, |(word, _)| words.blames_client(word));
    ProviderError {
        blames_client,
        // A success that can't be read may well have been one.
        maybe_done: status < 300 && kind == ProviderErrorKind::Garbled,
        ..ProviderError::of(kind)
    }
    .status(status)
    .code(known.map(|(word, _)| word))
}

/// The word of an answer that is nothing but a word of the catalogue's: some providers put no more than that into a
/// plain text, and the status beside it can be any (Trello says with 500 that a signature is wrong).
fn bare_word(answer: &Answer, words: &ErrorWords) -> Option<(String, ProviderErrorKind)> {
    let plain = matches!(
        answer.media_type().as_deref(),
        None | Some("text/plain" | "text/html")
    );
    let word = std::str::from_utf8(&answer.body).ok().filter(|_| plain)?.trim();
    let kind = listed_kind(word, words)?;
    Some((word.to_owned(), kind))
}

fn known_word(value: &Value, words: &ErrorWords, asked: Asked) -> Option<(String, ProviderErrorKind)> {
    WORD_PATHS.iter().find_map(|place| {
        let word = text(value, place)?;
        // The words of the standard are a token endpoint's: an API may use them for anything.
        let kind = match asked {
            // Nobody is asked at a token endpoint, so nobody said no: Auth0 and who builds on it answers a wrong secret
            // so, with the status that says it.
            Asked::Token => kind_of(&word, words).filter(|kind| *kind != ProviderErrorKind::UserRefused),
            Asked::Api => listed_kind(&word, words),
        }?;
        Some((word, kind))
    })
}

fn kind_of_status(status: u16, value: Option<&Value>, asked: Asked) -> ProviderErrorKind {
    let is_object = value.is_some_and(Value::is_object);
    match (status, asked) {
        (200..300, _) if value.is_some_and(says_error) => ProviderErrorKind::Refused,
        // RFC 6749 section 5.2: 401 is what a client gets that is not who it says.
        (401, Asked::Token) if is_object => ProviderErrorKind::AppConfig,
        (401 | 403 | 404 | 410, Asked::Api) => ProviderErrorKind::Refused,
        (408, _) => ProviderErrorKind::Unavailable,
        (400..500, _) if is_object => ProviderErrorKind::Refused,
        _ => ProviderErrorKind::Garbled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use std::time::Duration;

    fn answer(status: u16, content_type: Option<&str>, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn words() -> ErrorWords {
        ErrorWords {
            permanent: vec!["bad_refresh_token".into()],
            temporary: vec!["fatal_error".into()],
            app_config: vec!["incorrect_client_credentials".into()],
            ..ErrorWords::default()
        }
    }

    fn kind(status: u16, body: &str, asked: Asked) -> ProviderErrorKind {
        let answer = answer(status, Some("application/json"), body);
        let value = object(&answer);
        failure(&answer, value.as_ref(), &words(), asked).kind
    }

    #[test]
    fn a_wrong_secret_is_told_from_other_faults_of_the_set_up() {
        let words = ErrorWords {
            app_config: vec!["BAD_SECRET".into(), "bad_redirect".into()],
            wrong_client: vec!["BAD_SECRET".into()],
            ..words()
        };
        let blames = |status, body: &str, asked| {
            let answer = answer(status, Some("application/json"), body);
            failure(&answer, object(&answer).as_ref(), &words, asked).blames_client
        };
        for (status, word, expected) in [
            (401, "invalid_client", true),
            (400, "invalid_client", true),
            (200, "bad_secret", true),
            (401, "who_are_you", true),
            (400, "who_are_you", false),
            (401, "bad_redirect", false),
            (401, "unauthorized_client", false),
            (401, "invalid_grant", false),
            (503, "invalid_client", false),
        ] {
            let body = format!("{{\"error\":\"{word}\"}}");
            assert_eq!(blames(status, &body, Asked::Token), expected, "{status} {word}");
        }
        let unknown = r#"{"error":"who_are_you"}"#;
        assert!(
            !blames(401, unknown, Asked::Api),
            "an access token that is no good"
        );
    }

    #[test]
    fn words_decide_before_the_status_does() {
        use ProviderErrorKind::{AppConfig, Garbled, Refused, Unavailable};
        let token = |status, body| kind(status, body, Asked::Token);
        assert_eq!(token(400, r#"{"error":"invalid_grant"}"#), Refused);
        assert_eq!(
            token(200, r#"{"error":"incorrect_client_credentials"}"#),
            AppConfig
        );
        assert_eq!(token(200, r#"{"ok":false,"error":"fatal_error"}"#), Unavailable);
        assert_eq!(
            token(400, r#"{"errors":[{"code":"bad_refresh_token"}]}"#),
            Refused
        );
        assert_eq!(token(401, r#"{"message":"who are you"}"#), AppConfig);
        assert_eq!(token(400, r#"{"error":"never heard"}"#), Refused);
        assert_eq!(token(500, r#"{"error":"invalid_grant"}"#), Unavailable);
        assert_eq!(token(400, "<html>"), Garbled);
        assert_eq!(token(302, ""), Garbled);
        assert_eq!(token(200, "{}"), Garbled);
    }

    #[test]
    fn a_number_beside_the_word_decides_where_the_catalogue_knows_it() {
        let words = ErrorWords {
            temporary: vec!["50196".into()],
            ..words()
        };
        let read = |body: &str| {
            let answer = answer(400, None, body);
            failure(&answer, object(&answer).as_ref(), &words, Asked::Token)
        };
        let looped = read(r#"{"error":"invalid_grant","error_codes":[50196]}"#);
        assert_eq!(looped.kind, ProviderErrorKind::Unavailable);
        assert_eq!(looped.code.as_deref(), Some("50196"));
        let unknown = read(r#"{"error":"invalid_grant","error_codes":[1]}"#);
        assert_eq!(unknown.kind, ProviderErrorKind::Refused);
        assert_eq!(unknown.code.as_deref(), Some("invalid_grant"));
    }

    #[test]
    fn an_api_does_not_speak_the_token_endpoints_words() {
        assert_eq!(
            kind(400, r#"{"code":"invalid_client"}"#, Asked::Api),
            ProviderErrorKind::Refused
        );
        assert_eq!(kind(401, "<html>", Asked::Api), ProviderErrorKind::Refused);
    }

    #[test]
    fn at_a_token_endpoint_nobody_says_no() {
        use ProviderErrorKind::{AppConfig, Refused};
        let body = r#"{"error":"access_denied","error_description":"Unauthorized"}"#;
        assert_eq!(kind(401, body, Asked::Token), AppConfig);
        assert_eq!(
            kind(400, r#"{"error":"interaction_required"}"#, Asked::Token),
            Refused
        );
    }

    #[test]
    fn graphql_says_failures_in_a_200() {
        let failed = |body: &str| says_failed(&serde_json::from_str(body).unwrap());
        assert!(failed(r#"{"data":null,"errors":[{"message":"no"}]}"#));
        assert!(failed(r#"{"data":[],"errors":[{"message":"no"}]}"#));
        assert!(failed(r#"{"errors":[{"message":"no"}]}"#));
        assert!(!failed(r#"{"data":{"me":{}},"errors":[{"message":"in part"}]}"#));
        assert!(!failed(r#"{"data":{"me":{}},"errors":[]}"#));
        assert!(!failed(r#"{"errors":0}"#));
        let code = |word: &str, status| {
            let body = format!(r#"{{"data":[],"errors":[{{"extensions":{{"code":"{word}"}}}}]}}"#);
            kind(status, &body, Asked::Api)
        };
        assert_eq!(code("bad_refresh_token", 200), ProviderErrorKind::Refused);
        assert_eq!(code("fatal_error", 400), ProviderErrorKind::Unavailable);
        assert_eq!(code("never heard", 200), ProviderErrorKind::Refused);
    }

    #[test]
    fn only_known_words_are_kept() {
        let code = |body: &str| {
            let answer = answer(400, None, body);
            failure(&answer, object(&answer).as_ref(), &words(), Asked::Token).code
        };
        assert_eq!(
            code(r#"{"error":"invalid_grant"}"#).as_deref(),
            Some("invalid_grant")
        );
        assert_eq!(code(r#"{"error":"token canary-9 is bad"}"#), None);
    }

    #[test]
    fn a_plain_word_of_the_catalogues_says_what_it_means() {
        use ProviderErrorKind::{AppConfig, Garbled, Refused, Unavailable};
        let words = ErrorWords {
            permanent: vec!["invalid token".into()],
            app_config: vec!["invalid key".into(), "invalid signature".into()],
            ..ErrorWords::default()
        };
        let read = |status, media, body: &str| {
            let answer = answer(status, Some(media), body);
            failure(&answer, object(&answer).as_ref(), &words, Asked::Api)
        };
        let plain = "text/plain; charset=utf-8";
        for (status, body, kind) in [
            (401, "invalid token", Refused),
            (401, "invalid key\n", AppConfig),
            (500, "Invalid signature", AppConfig),
            (500, "invalid signature, said someone", Unavailable),
            (400, "something else", Garbled),
        ] {
            assert_eq!(read(status, plain, body).kind, kind, "{status} {body}");
        }
        assert_eq!(read(500, "application/json", "invalid key").kind, Unavailable);
        assert_eq!(
            read(401, plain, "invalid key").code.as_deref(),
            Some("invalid key")
        );
        let error = read(400, plain, "canary-1");
        assert_eq!(
            (error.kind, error.code),
            (Garbled, None),
            "unknown words are not kept"
        );
    }

    #[test]
    fn l09_too_many_calls_carry_the_wait() {
        for status in [429, 403, 503] {
            let mut answer = answer(status, None, "");
            answer.headers.insert("retry-after", "120".parse().unwrap());
            assert_eq!(
                failure(&answer, None, &words(), Asked::Api).kind,
                ProviderErrorKind::Limited {
                    retry_after: Some(Duration::from_mins(2))
                }
            );
        }
        let without = failure(&answer(429, None, ""), None, &words(), Asked::Api);
        assert_eq!(without.kind, ProviderErrorKind::Limited { retry_after: None });
        let refused = failure(&answer(403, None, ""), None, &words(), Asked::Api);
        assert_eq!(refused.kind, ProviderErrorKind::Refused);
    }

    #[test]
    fn forms_are_read_and_pages_are_not() {
        let form = Some("application/x-www-form-urlencoded; charset=utf-8");
        let value = object(&answer(200, form, "access_token=a%20b&scope=x%2Cy")).unwrap();
        assert_eq!(value["access_token"], "a b");
        assert!(object(&answer(200, None, "access_token=a")).is_some());
        assert!(object(&answer(200, Some("text/html"), "access_token=a")).is_none());
        assert!(object(&answer(200, form, "hello")).is_none());
        assert!(object(&answer(200, Some("application/json"), "[1]")).is_none());
        assert!(object(&answer(200, Some("text/html"), r#"{"access_token":"a"}"#)).is_some());
    }
}
