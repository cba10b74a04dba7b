//! Gmail's API: whose mailbox it is.
//!
//! Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{GMAIL_READ, Google};
use crate::core::{answer::Answer, call::Call, world::World};

/// Answers a call of `gmail.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    if path != "/gmail/v1/users/me/profile" {
        return Answer::no_such_path(&call.host, path);
    }
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    match google.caller(world, call, GMAIL_READ) {
        Ok((_, account)) => {
            let body = json!({
                "emailAddress": account.label, "messagesTotal": 4210, "threadsTotal": 1870, "historyId": "918273",
            });
            Answer::json(StatusCode::OK, &body)
        }
        Err(refusal) => refusal,
    }
}
