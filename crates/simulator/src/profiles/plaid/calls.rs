//! What all calls have in common: a JSON body with the app's id and secret in it, no field that is not documented, and one
//! shape of error.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Environment, Plaid};
use crate::{
    core::{answer::Answer, call::Call, random::hash, world::World},
    profiles::Profile,
};

/// A call and where it goes.
pub struct Request<'a> {
    pub world: &'a World,
    pub call: &'a Call,
    pub(super) environment: Environment,
}

/// The fields of a body whose app is known.
pub struct Body {
    /// The app.
    pub client_id: String,
    /// Everything that was sent.
    pub fields: Map<String, Value>,
}

/// Why a call is refused.
pub struct Failure {
    status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
}

impl Failure {
    /// The request itself is not as documented.
    pub fn request(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "INVALID_REQUEST",
            code,
            message: message.into(),
        }
    }

    /// There is no such call.
    pub fn nothing_there(message: &'static str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::request("NOT_FOUND", message)
        }
    }

    /// Something in it is not known here.
    pub fn input(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: "INVALID_INPUT",
            ..Self::request(code, message)
        }
    }

    /// The Item is in no state for this.
    pub fn item(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind: "ITEM_ERROR",
            ..Self::request(code, message)
        }
    }

    /// The error as it stands in answers, and in Items.
    pub fn value(&self) -> Value {
        json!({
            "display_message": null,
            "documentation_url": "https://plaid.com/docs/?ref=error#errors",
            "error_code": self.code,
            "error_message": self.message,
            "error_type": self.kind,
            "suggested_action": null,
        })
    }

    /// The answer, marked as a refusal. Messages hold no secret.
    pub fn answer(&self, request: &Request<'_>) -> Answer {
        let body = request.identified(self.value());
        Answer::json(self.status, &body).refused(format!("{}: {}", self.code, self.message))
    }
}

impl Request<'_> {
    /// The body, as its app sent it: with these fields and no other, the first `needed` of them required.
    pub fn body(&self, known: &[&str], needed: usize) -> Result<Body, Failure> {
        if self.call.method != Method::POST {
            return Err(Failure::nothing_there("only POST is offered here"));
        }
        if !self.call.query.is_empty() {
            return Err(Failure::request(
                "UNKNOWN_FIELDS",
                "there are fields in the query",
            ));
        }
        let Some(Value::Object(fields)) = self.call.json() else {
            return Err(Failure::request(
                "INVALID_BODY",
                "the body is not JSON with a matching content type",
            ));
        };
        if self
            .call
            .header("plaid-version")
            .is_some_and(|version| version != "2020-09-14")
        {
            return Err(Failure::request(
                "INVALID_HEADERS",
                "Plaid-Version is not a version of this API",
            ));
        }
        let is_known = |name: &str| ["client_id", "secret"].contains(&name) || known.contains(&name);
        if let Some(name) = fields.keys().find(|name| !is_known(name)) {
            let message = format!("the following fields are not recognized by this endpoint: {name}");
            return Err(Failure::request("UNKNOWN_FIELDS", message));
        }
        let missing: Vec<&str> = ["client_id", "secret"]
            .iter()
            .chain(&known[..needed])
            .filter(|name| fields.get(**name).is_none_or(Value::is_null))
            .copied()
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "the following required fields are missing: {}",
                missing.join(", ")
            );
            return Err(Failure::request("MISSING_FIELDS", message));
        }
        let client_id = self.authenticated(&fields)?;
        Ok(Body { client_id, fields })
    }

    fn authenticated(&self, fields: &Map<String, Value>) -> Result<String, Failure> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, secret) = (text("client_id"), text("secret"));
        if self
            .world
            .read(|ledger| ledger.authenticates(Plaid.id(), id, secret))
        {
            Ok(id.to_owned())
        } else {
            Err(Failure::input(
                "INVALID_API_KEYS",
                "invalid client_id or secret provided",
            ))
        }
    }

    /// The same with the id of this request, which every answer has.
    pub fn identified(&self, mut body: Value) -> Value {
        let id = hash(&format!("{} {}", self.call.now, self.world.mint(8)));
        body["request_id"] = json!(id[..15]);
        body
    }
}

impl Body {
    /// A field that has to be a text.
    pub fn text(&self, name: &str) -> Result<&str, Failure> {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| invalid(name, "must be a non-empty string"))
    }

    /// A field that has to be a list of texts, and not an empty one.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, Failure> {
        let list = self.fields.get(name).and_then(Value::as_array);
        list.filter(|list| !list.is_empty())
            .and_then(|list| list.iter().map(Value::as_str).collect())
            .ok_or_else(|| invalid(name, "must be a non-empty array of strings"))
    }

    /// A member of a field that is an object; none where the field was not sent.
    pub fn member(&self, name: &str, inner: &str) -> Option<&Value> {
        super::member(self.fields.get(name)?, inner)
    }
}

/// A field with a value that can't be.
pub fn invalid(name: &str, why: &str) -> Failure {
    Failure::request("INVALID_FIELD", format!("{name} {why}"))
}
