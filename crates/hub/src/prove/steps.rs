//! What the provider is asked, one step at a time. What a step found is written down without an account, a token or
//! content: kinds of results, and counts.

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::{
    api::{self, ApiCall},
    key,
};
use patchbay_store::{
    connections::Connection,
    proofs::{ProofStep, StepResult},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Hub, HubError, Result, apps::secrets::HeldApp, history};

/// What is proven, and what its calls need.
pub(super) struct Subject<'a> {
    pub integration: &'a Integration,
    pub connection: &'a Connection,
    pub app: Option<HeldApp>,
    pub values: BTreeMap<String, String>,
}

impl Subject<'_> {
    fn call<'b>(&'b self, token: &'b SecretString) -> ApiCall<'b> {
        ApiCall {
            integration: self.integration,
            app: self.app.as_ref().map(HeldApp::app),
            token,
            values: &self.values,
        }
    }
}

/// What came of a step.
pub(super) struct Came {
    pub result: StepResult,
    pub class: &'static str,
    pub expected: Option<String>,
    pub got: String,
}

impl Came {
    pub fn passed(got: impl Into<String>) -> Self {
        Self {
            result: StepResult::Passed,
            class: "passed",
            expected: None,
            got: got.into(),
        }
    }

    /// The provider has no such thing, as the catalogue says.
    pub fn none(got: impl Into<String>) -> Self {
        Self {
            result: StepResult::None,
            class: "none",
            expected: None,
            got: got.into(),
        }
    }

    /// The provider did what the catalogue does not say.
    fn mismatch(expected: &str, got: impl Into<String>) -> Self {
        Self::failed("mismatch", expected, got)
    }

    pub fn failed(class: &'static str, expected: &str, got: impl Into<String>) -> Self {
        Self {
            result: StepResult::Failed,
            class,
            expected: Some(expected.to_owned()),
            got: got.into(),
        }
    }
}

/// Takes one step. A provider that fails is what came; only our own failures are errors.
pub(super) async fn take(hub: &Hub, subject: &Subject<'_>, step: ProofStep) -> Result<Came> {
    let (expected, came) = match step {
        ProofStep::Whoami => ("the account that connected", whoami(hub, subject).await),
        ProofStep::Refresh => ("new access", refresh(hub, subject).await),
        ProofStep::Page => ("a page of records", page(hub, subject).await),
        // Connecting is the callback's, ending the worker's.
        ProofStep::Connect | ProofStep::Revoke => return Err(HubError::Broken("a step of another kind")),
    };
    match came {
        Ok(came) => Ok(came),
        Err(HubError::Provider(error)) => Ok(Came::failed(error.kind.as_str(), expected, error.to_string())),
        Err(HubError::NotFound) => Ok(Came::failed("no-access", expected, "no access is left")),
        Err(HubError::NotOffered) => Ok(Came::failed(
            "app-config",
            expected,
            "no provider app to ask with",
        )),
        Err(ours) => Err(ours),
    }
}

/// The provider says whose account it is, and that it is the one that connected.
async fn whoami(hub: &Hub, subject: &Subject<'_>) -> Result<Came> {
    let token = hub.usable(subject.connection).await?;
    asks_who(hub, subject, &token, "the account that connected").await
}

async fn asks_who(hub: &Hub, subject: &Subject<'_>, token: &SecretString, got: &str) -> Result<Came> {
    if subject.integration.is_api_key() {
        key::test(&hub.client, &subject.call(token)).await?;
        return Ok(Came::passed("the key works"));
    }
    let app = subject.app.as_ref().ok_or(HubError::NotOffered)?;
    let ask = || async { api::whoami(&hub.client, &subject.call(token)).await };
    let account = app.ask(ask).await?;
    if account.id == subject.connection.account_id {
        Ok(Came::passed(got))
    } else {
        Ok(Came::mismatch("the account that connected", "another one"))
    }
}

/// Access is renewed and the new one works; or there is nothing to renew it with, exactly where the catalogue says so.
async fn refresh(hub: &Hub, subject: &Subject<'_>) -> Result<Came> {
    let issues = subject
        .integration
        .oauth2()
        .is_some_and(|dialect| dialect.refresh.issued);
    let before = hub
        .open_grant(subject.connection)
        .await?
        .ok_or(HubError::NotFound)?;
    match (&before.refresh, issues) {
        (None, false) => return Ok(Came::none("does not refresh, as the catalogue says")),
        (None, true) => return Ok(Came::mismatch("a refresh token", "none")),
        (Some(_), false) => {
            return Ok(Came::mismatch("no refresh token, as the catalogue says", "one"));
        }
        (Some(_), true) => {}
    }
    let access = hub.refresh(subject.connection, &before.grant.id).await?;
    let after = hub
        .open_grant(subject.connection)
        .await?
        .ok_or(HubError::NotFound)?;
    let text = |token: &Option<SecretString>| token.as_ref().map(|token| token.expose_secret().to_owned());
    let stays = text(&before.refresh) == text(&after.refresh);
    let got = if stays {
        "new access, which works; the refresh token stayed"
    } else {
        "new access, which works; a new refresh token"
    };
    asks_who(hub, subject, &access, got).await
}

/// A page of history has records that can be read; none of them is kept.
async fn page(hub: &Hub, subject: &Subject<'_>) -> Result<Came> {
    if subject.integration.history.is_empty() {
        return Ok(Came::failed(
            "not-built",
            "a history that the catalogue describes",
            "none yet",
        ));
    }
    let token = hub.usable(subject.connection).await?;
    let taste = history::taste(hub, subject.connection, &subject.call(&token)).await?;
    if taste.records == 0 {
        let got = format!(
            "none of the last 90 days ({} pages): put something into the test account",
            taste.calls
        );
        return Ok(Came::failed("empty", "a page with records", got));
    }
    Ok(Came::passed(format!(
        "a page of {} records, none of them kept",
        taste.records
    )))
}
