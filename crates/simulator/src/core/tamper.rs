//! Faults that change what a provider does, or spoil what it answers.

use std::collections::BTreeSet;

use axum::http::HeaderValue;
use serde_json::Value;

use super::{answer::Answer, call::Call, faults::FaultKind, ledger::Ledger, random::hash, world::World};
use crate::profiles::Profile;

/// Changes what stands behind a request, before it is processed.
pub fn before(world: &World, profile: &dyn Profile, call: &Call, fault: &FaultKind) {
    let change: &dyn Fn(&mut String, &mut Vec<String>) = match fault {
        FaultKind::FewerScopes => &|_, scopes| {
            if scopes.len() > 1 {
                scopes.pop();
            }
        },
        FaultKind::OtherAccount => &|account, _| {
            if let Some(next) = next_account(profile, call, account) {
                *account = next;
            }
        },
        _ => return,
    };
    let carried: BTreeSet<String> = texts(call).iter().map(|text| hash(text)).collect();
    world.change(|ledger| change_behind(ledger, profile.id(), &carried, change));
}

/// Account and scopes of every code, grant and key that the hashes name.
fn change_behind(
    ledger: &mut Ledger,
    profile: &str,
    carried: &BTreeSet<String>,
    change: &dyn Fn(&mut String, &mut Vec<String>),
) {
    let mut grants = BTreeSet::new();
    for named in carried {
        if let Some(token) = ledger.tokens.get(named) {
            grants.insert(token.grant);
        }
        if let Some(code) = ledger.codes.get_mut(named).filter(|code| code.profile == profile) {
            change(&mut code.account, &mut code.scopes);
        }
        if let Some(key) = ledger.keys.get_mut(named).filter(|key| key.profile == profile) {
            change(&mut key.account, &mut key.rights);
        }
    }
    for number in grants {
        if let Some(grant) = ledger
            .grants
            .get_mut(&number)
            .filter(|grant| grant.profile == profile)
        {
            change(&mut grant.account, &mut grant.scopes);
        }
    }
}

/// The sample account after this one, of those that this host knows if it knows several.
fn next_account(profile: &dyn Profile, call: &Call, account: &str) -> Option<String> {
    let here = profile.accounts_at(&call.host);
    let all = if here.len() > 1 {
        here
    } else {
        profile.accounts().iter().collect()
    };
    let at = all.iter().position(|known| known.id == account)?;
    let next = all.get((at + 1) % all.len())?;
    Some(next.id.to_owned())
}

/// Everything in a request that could be a code, a token or a key.
fn texts(call: &Call) -> Vec<String> {
    let mut found: Vec<String> = call.query.iter().map(|(_, value)| value.to_owned()).collect();
    found.extend(call.path.split('/').map(str::to_owned));
    if let Some(form) = call.form() {
        found.extend(form.iter().map(|(_, value)| value.to_owned()));
    }
    if let Some(body) = call.json() {
        add_texts(&body, &mut found);
    }
    for value in call.headers.values().filter_map(|value| value.to_str().ok()) {
        // `Bearer TOKEN`, `TOKEN`, `OAuth oauth_token="TOKEN", …`.
        found.extend(value.split([' ', '"']).map(str::to_owned));
    }
    found.extend(
        call.basic()
            .into_iter()
            .flat_map(|(user, password)| [user, password]),
    );
    found
}

fn add_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| add_texts(field, found)),
        _ => {}
    }
}

/// Spoils an answer.
pub fn after(mut answer: Answer, fault: &FaultKind) -> Answer {
    match fault {
        FaultKind::HalfBody => answer.body = answer.body.slice(..answer.body.len() / 2),
        FaultKind::ContentType(media) => {
            answer.headers.retain(|(name, _)| *name != "content-type");
            answer.headers.extend(
                HeaderValue::from_str(media)
                    .ok()
                    .map(|media| ("content-type", media)),
            );
        }
        FaultKind::NoNewRefreshToken => {
            if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
                leave_out(&mut body, "refresh_token");
                answer.body = body.to_string().into();
            }
        }
        _ => {}
    }
    answer
}

/// Takes a field out, wherever it stands: some answers hold their tokens in a part of their own.
fn leave_out(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.remove(name);
            fields.values_mut().for_each(|field| leave_out(field, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| leave_out(item, name)),
        _ => {}
    }
}
