//! What happened, as sentences.

use patchbay_store::audit::{self, AuditRow};

use crate::{Hub, apps, view::Outcome};

/// "Ana Ruiz connected Asana for Acme."
pub(super) fn sentence(hub: &Hub, row: &AuditRow, tenant: Option<&str>) -> String {
    let name = row
        .integration_id
        .as_deref()
        .and_then(|id| hub.catalog.get(id))
        .map_or("an integration", |integration| integration.name.as_str());
    let who = &row.actor_name;
    let done = row.outcome == audit::Outcome::Done;
    let what = match row.action.as_str() {
        "connect.started" if done => format!("{who} left for {name} to connect it"),
        "connect.started" => format!("{name} did not let {who} begin to connect it"),
        "connect.callback" => return refusal(who, name, row, tenant),
        "connection.made" => format!("{who} connected {name}"),
        "connection.renewed" => format!("{who} reconnected {name}"),
        "connection.ended" => format!("{who} disconnected {name}"),
        "connection.wrong_account" => {
            format!("{who} let go of the wrong {name} account; its records were deleted")
        }
        "connection.tested" if done => format!("{who} tested {name}: it works"),
        "connection.tested" => format!("{who} tested {name}: it does not work"),
        "connection.refresh" => format!("Access to {name} could not be renewed"),
        "access.revoked" => format!("{name} confirmed that our access ended"),
        "key.added" => format!("{who} added a {name} key"),
        "key.replaced" => format!("{who} replaced the {name} key"),
        "key.tested" => format!("{who} tried a {name} key that was not stored"),
        "sync.started" => format!("{who} asked for the last 90 days of {name} again"),
        "sync.finished" => format!("The last 90 days of {name} arrived"),
        "proof.started" => format!("{who} began to prove {name} with a test account"),
        "proof.finished" if done => format!("{who} proved {name} live"),
        "proof.finished" => format!("{name} could not be proven live with {who}’s test account"),
        "session.started" => format!("{who} signed in"),
        "owner.made" => format!("{who} became the first owner"),
        "verification.started" => format!("{who} started a verification"),
        "verification.finished" => "A verification finished".to_owned(),
        other => apps::sentence(hub, row).unwrap_or_else(|| format!("{who}: {other}")),
    };
    match tenant {
        Some(tenant) => format!("{what} ({tenant})"),
        None => what,
    }
}

/// A refused callback in words.
fn refusal(who: &str, name: &str, row: &AuditRow, tenant: Option<&str>) -> String {
    let why = match row.reason.as_deref().unwrap_or_default() {
        "declined" => format!("{who} declined at {name}"),
        "approval-needed" => format!("{who} may not approve at {name} without an administrator"),
        "unfinished" => format!("{who} left {name} before finishing"),
        "used" => format!("An approval for {name} that was already used came again"),
        "late" => format!("An approval for {name} came after its ten minutes"),
        "other-browser" => format!("An approval for {name} came back in another browser"),
        "other-person" => format!("{who} came back with an approval for {name} that someone else started"),
        "other-tenant" => format!("{who} came back with an approval of another customer"),
        "other-integration" => format!("An approval for {name} came to another integration's address"),
        "signed-out" => format!("An approval for {name} came while nobody was signed in"),
        "exchange-refused" => format!("{name} would not turn {who}’s approval into access"),
        "exchange-failed" => format!("{name} failed to hand over access to {who}"),
        "which-one" => format!("{who} approved at {name} without saying which account"),
        "none-fits" => format!("{who} approved at {name}, but not for the account that was meant"),
        "app-config" => format!("{name} refused our provider app"),
        _ => "A callback that matches nothing we started was refused".to_owned(),
    };
    match tenant {
        Some(tenant) => format!("{why} ({tenant})"),
        None => why,
    }
}

/// How it ended, as pages show it.
pub(super) fn outcome(of: audit::Outcome) -> Outcome {
    match of {
        audit::Outcome::Done => Outcome::Done,
        audit::Outcome::Refused => Outcome::Refused,
        audit::Outcome::Failed => Outcome::Failed,
    }
}
