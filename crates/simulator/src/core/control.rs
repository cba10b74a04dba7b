//! The simulator's own switches, for tests that drive it from outside the process.
//!
//! At `http://control.sim.localhost:PORT`, or `http://localhost:PORT/_/control`:
//! `GET /log`, `DELETE /log`, `POST /faults`, `DELETE /faults`, `POST /revoke-grant`,
//! `POST /expire-access`. Bodies are JSON. It is as open as the rest of the simulator: it listens
//! on loopback and holds no real account; pages of other sites are refused.

use axum::http::{Method, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::{answer::Answer, call::Call, faults::Fault, world::World};

/// One sample account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    profile: String,
    account: String,
}

/// Answers a call of the control host. These calls are not logged.
pub fn answer(world: &World, call: &Call) -> Answer {
    if call.sent_by_another_site() {
        return Answer::text(StatusCode::FORBIDDEN, "Not from another site's page.\n");
    }
    match (call.path.as_str(), &call.method) {
        ("/log", &Method::GET) => Answer::json(StatusCode::OK, &json!(world.log().all())),
        ("/log", &Method::DELETE) => {
            world.log().clear();
            Answer::empty(StatusCode::NO_CONTENT)
        }
        ("/faults", &Method::POST) => with_body(call, |fault: Fault| {
            world.faults().set(fault);
            Answer::empty(StatusCode::NO_CONTENT)
        }),
        ("/faults", &Method::DELETE) => {
            world.faults().clear();
            Answer::empty(StatusCode::NO_CONTENT)
        }
        ("/revoke-grant", &Method::POST) => with_body(call, |whose: Whose| {
            on_account(
                world,
                &whose,
                |profile, account| json!({"revoked": world.change(|ledger| ledger.revoke_account(profile, account, None))}),
            )
        }),
        ("/expire-access", &Method::POST) => with_body(call, |whose: Whose| {
            on_account(
                world,
                &whose,
                |profile, account| json!({"expired": world.change(|ledger| ledger.expire_access(profile, account, call.now))}),
            )
        }),
        _ => Answer::text(StatusCode::NOT_FOUND, "The control host has no such call.\n"),
    }
}

fn with_body<T: DeserializeOwned>(call: &Call, then: impl FnOnce(T) -> Answer) -> Answer {
    match call.json().map(serde_json::from_value) {
        Some(Ok(value)) => then(value),
        Some(Err(error)) => Answer::text(StatusCode::BAD_REQUEST, format!("{error}\n")),
        None => Answer::text(
            StatusCode::BAD_REQUEST,
            "Send JSON, declared as application/json.\n",
        ),
    }
}

fn on_account(
    world: &World,
    whose: &Whose,
    act: impl FnOnce(&'static str, &'static str) -> serde_json::Value,
) -> Answer {
    let profile = world.profile(&whose.profile);
    match profile.and_then(|profile| Some((profile.id(), profile.account(&whose.account)?.id))) {
        Some((profile, account)) => Answer::json(StatusCode::OK, &act(profile, account)),
        None => Answer::text(StatusCode::NOT_FOUND, "No such profile or sample account.\n"),
    }
}
