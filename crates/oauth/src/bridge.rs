//! Between the oauth2 crate and the guarded client: what we send gets the provider's dialect, what the provider
//! answers loses it. The crate sees only well-formed successes; every failure is judged here, and no body leaves.

use std::collections::BTreeMap;
use std::pin::Pin;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use patchbay_catalog::model::{BodyKind, Integration, OAuth2, TokenForm};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use crate::answer::{self, Asked};
use crate::error::ProviderError;
use crate::http::{Answer, Blocked, Client, Request};
use crate::jwt::Claims;
use crate::values;

/// The field under which checked values travel through the crate; null: one was refused.
pub(crate) const VALUES_FIELD: &str = "patchbay_values";

/// The field under which the end of an access token travels that the token itself tells.
pub(crate) const ENDS_FIELD: &str = "patchbay_ends_at";

/// Longest token that is believed, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;

/// A life beyond ten years is no life but a mistake or a point in time, in seconds.
const LONGEST_LIFE: f64 = 315_576_000.0;

/// Sends the crate's requests in one provider's dialect.
///
/// It owns what it needs: with a borrow of its own the compiler can't see that the crate's future may move between
/// threads.
pub(crate) struct Bridge {
    pub(crate) client: Client,
    pub(crate) integration: Integration,
    pub(crate) oauth: OAuth2,
    pub(crate) grant: Grant,
}

/// What tokens are asked for with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Code,
    Refresh,
}

impl<'c> AsyncHttpClient<'c> for Bridge {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = self.outgoing(request)?;
            let answer = self.client.send(request).await?;
            let body = self.incoming(&answer)?;
            let mut response = HttpResponse::new(body.to_string().into_bytes());
            response
                .headers_mut()
                .insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
            Ok(response)
        })
    }
}

impl Bridge {
    fn outgoing(&self, request: HttpRequest) -> Result<Request, ProviderError> {
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string()).map_err(|_| Blocked::Incomplete)?;
        let mut out = Request::new(head.method, url);
        out.headers = head.headers;
        if let Some(credentials) = out.headers.get_mut(AUTHORIZATION) {
            credentials.set_sensitive(true);
        }
        for (name, value) in &self.oauth.token_headers {
            out.header(name, value).map_err(|_| Blocked::Incomplete)?;
        }
        // A parameter of the dialect replaces the standard one of the same name.
        let mut fields: BTreeMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
        if self.grant == Grant::Code && self.oauth.bare_exchange {
            for standard in ["grant_type", "redirect_uri"] {
                if !self.oauth.token_params.contains_key(standard) {
                    fields.remove(standard);
                }
            }
        }
        Ok(match self.oauth.token_body {
            BodyKind::Form => encode(out, BodyKind::Form, &fields),
            BodyKind::Json => out.body("application/json", self.json(fields).to_string()),
        })
    }

    /// The fields as JSON: a parameter of the dialect that is all digits is a number.
    fn json(&self, fields: BTreeMap<String, String>) -> Value {
        let is_number = |name: &str, value: &str| {
            extra_params(&self.oauth, self.grant).contains_key(name)
                && !value.is_empty()
                && value.bytes().all(|byte| byte.is_ascii_digit())
        };
        let field = |(name, value): (String, String)| match value.parse::<u64>() {
            Ok(number) if is_number(&name, &value) => (name, json!(number)),
            _ => (name, Value::String(value)),
        };
        Value::Object(fields.into_iter().map(field).collect())
    }

    /// The part of an answer that holds the tokens: the answer itself, or where there are none the dialect's own part.
    fn token_part<'a>(&self, answer: &'a Value) -> &'a Value {
        let nested = || self.oauth.token_part.as_ref().and_then(|name| answer.get(name));
        match answer.get("access_token") {
            Some(_) => answer,
            None => nested().unwrap_or(answer),
        }
    }

    /// A success in the form of RFC 6749 section 5.1, or what went wrong.
    fn incoming(&self, answer: &Answer) -> Result<Value, ProviderError> {
        let value = answer::object(answer);
        let failure = || answer::failure(answer, value.as_ref(), &self.integration.errors, Asked::Token);
        match &value {
            Some(body) if answer.status.is_success() && !answer::says_error(body) => {
                let part = self.token_part(body);
                let mut tokens = standard(part).ok_or_else(failure)?;
                // The tokens are real whatever stands beside them: who can give them back has to get them.
                let values = values::from_token(&self.integration.returned, body).ok();
                tokens.insert(VALUES_FIELD.into(), json!(values));
                if self.oauth.access_token == TokenForm::Jwt {
                    tokens.insert(ENDS_FIELD.into(), json!(end_in_token(part)));
                }
                Ok(Value::Object(tokens))
            }
            _ => Err(failure()),
        }
    }
}

/// The dialect's own parameters for what tokens are asked for with.
pub(crate) fn extra_params(oauth: &OAuth2, grant: Grant) -> &BTreeMap<String, String> {
    match (grant, &oauth.refresh_params) {
        (Grant::Refresh, Some(own)) => own,
        _ => &oauth.token_params,
    }
}

/// Writes the fields in the encoding that the provider reads.
pub(crate) fn encode(request: Request, kind: BodyKind, fields: &BTreeMap<String, String>) -> Request {
    match kind {
        BodyKind::Form => request.body(
            "application/x-www-form-urlencoded",
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
        ),
        BodyKind::Json => request.body("application/json", json!(fields).to_string()),
    }
}

/// When the access token itself says that it ends, in seconds since 1970.
fn end_in_token(body: &Value) -> Option<u64> {
    Claims::of(token(body.get("access_token"))?).ends_at()
}

/// The token answer as the standard has it; none: there is no usable token in it.
fn standard(body: &Value) -> Option<Map<String, Value>> {
    let mut out = Map::new();
    out.insert("access_token".into(), token(body.get("access_token"))?.into());
    // Nobody but us reads the type: calls are made as the catalogue says.
    out.insert("token_type".into(), "bearer".into());
    match body.get("refresh_token") {
        None | Some(Value::Null) => {}
        Some(Value::String(empty)) if empty.is_empty() => {}
        refresh => {
            out.insert("refresh_token".into(), token(refresh)?.into());
        }
    }
    if let Some(seconds) = lifetime(body.get("expires_in")) {
        out.insert("expires_in".into(), seconds.into());
    }
    if let Some(scopes) = scopes(body.get("scope")) {
        out.insert("scope".into(), scopes.join(" ").into());
    }
    Some(out)
}

/// A token: visible ASCII (RFC 6749 appendix A.12), so that it fits a header and carries nothing else into it.
pub(crate) fn token(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| is_token(text))
}

/// Whether a text can be a token.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Seconds of life. Missing, zero, negative, unreadable or beyond ten years is none: the provider did not say, and
/// the catalogue's usual life holds (check L06).
fn lifetime(value: Option<&Value>) -> Option<u64> {
    let seconds = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range has just been checked, and parts of a second are cut on purpose"
    )]
    (1.0..=LONGEST_LIFE).contains(&seconds).then_some(seconds as u64)
}

/// Granted scopes from a list, or a text with spaces or commas; none: as asked (RFC 6749 section 5.1).
fn scopes(value: Option<&Value>) -> Option<Vec<&str>> {
    let texts: Vec<&str> = match value? {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    Some(
        texts
            .into_iter()
            .flat_map(|text| text.split(|c: char| c == ',' || c.is_whitespace()))
            .filter(|scope| !scope.is_empty())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(body: &Value) -> Option<Value> {
        standard(body).map(Value::Object)
    }

    #[test]
    fn l06_expires_in_of_every_kind_is_sane() {
        let life = |value: Value| lifetime(Some(&value));
        assert_eq!(life(json!(3600)), Some(3600));
        assert_eq!(life(json!("3600")), Some(3600));
        assert_eq!(life(json!(" 3600 ")), Some(3600));
        assert_eq!(life(json!(3599.9)), Some(3599));
        assert_eq!(life(json!(315_576_000)), Some(315_576_000));
        for none in [
            json!(0),
            json!(-1),
            json!("0"),
            json!("-3600"),
            json!(1e12),
            json!(u64::MAX),
            json!("NaN"),
            json!("inf"),
            json!("soon"),
            json!(""),
            json!(null),
            json!(true),
            json!([3600]),
        ] {
            assert_eq!(life(none.clone()), None, "{none}");
        }
        assert_eq!(lifetime(None), None);
    }

    #[test]
    fn scopes_of_every_kind_become_a_list() {
        let read = |value: Value| scopes(Some(&value)).map(|list| list.join("|"));
        assert_eq!(read(json!("a b")).as_deref(), Some("a|b"));
        assert_eq!(read(json!("a,b, c")).as_deref(), Some("a|b|c"));
        assert_eq!(read(json!(["a", "b c"])).as_deref(), Some("a|b|c"));
        assert_eq!(read(json!("")).as_deref(), Some(""));
        assert_eq!(read(json!(7)), None);
        assert_eq!(scopes(None), None);
    }

    #[test]
    fn a_missing_token_type_is_filled_in() {
        let body = normal(&json!({"access_token": "a"})).unwrap();
        assert_eq!(body["token_type"], "bearer");
        assert!(body.get("refresh_token").is_none());
        assert!(body.get("expires_in").is_none());
    }

    #[test]
    fn l06_an_empty_refresh_token_is_none() {
        for value in [json!(""), json!(null)] {
            let body = normal(&json!({"access_token": "a", "refresh_token": value})).unwrap();
            assert!(body.get("refresh_token").is_none());
        }
    }

    #[test]
    fn what_can_not_be_a_token_is_not_taken() {
        for bad in [
            json!(""),
            json!(12),
            json!("a b"),
            json!("a\r\nX: y"),
            json!("é"),
            json!("a".repeat(LONGEST_TOKEN + 1)),
        ] {
            assert_eq!(normal(&json!({"access_token": bad})), None);
            assert_eq!(
                normal(&json!({"access_token": "a", "refresh_token": "x y"})),
                None
            );
        }
        assert_eq!(normal(&json!({})), None);
    }
}
