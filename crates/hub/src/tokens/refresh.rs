//! One refresh, step by step.
//!
//! 1. One caller of this process at a time for each connection ([`super::Refreshing`]).
//! 2. A lease in the row, and with it what will be sent, committed before the request leaves ([`Hub::take_turn`]).
//! 3. The request; where its answer never came, the same token once more: within the provider's grace that heals, and
//!    without one a second "no" is how we learn that the answer was lost ([`Hub::ask_twice`]).
//! 4. The answer is appended to the connection's grants, never dropped: a worker that was held up beyond its lease keeps
//!    it as a spare where newer tokens were stored meanwhile ([`Hub::keep`]).
//! 5. A "no" is believed once it is sure that nobody else has newer tokens, and no spare works ([`Hub::instead`]).

use std::time::Duration;

use patchbay_catalog::Integration;
use patchbay_oauth::{
    ProviderError, ProviderErrorKind, TokenAnswer,
    tokens::{self, RefreshRequest},
};
use patchbay_store::{
    Fenced, Scope, audit,
    connections::{self, Connection, ConnectionState},
    events,
    ids::GrantId,
    refreshes::{self, Claim, Conclusion, Refresh},
};
use secrecy::SecretString;

use super::{Opened, open_current};
use crate::{Hub, HubError, Result, apps::secrets::HeldApp, connect::after, connections::values_of, people};

/// Longer than three requests with the pause between them, 20 s each at most: one more than two where the provider knows
/// the other client secret only.
const LEASE: Duration = Duration::from_secs(90);
/// How often and how many times a caller looks whether another process is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOKS: u32 = 300;
/// Pause before a token is sent again whose answer never came, in milliseconds, and as much again by chance.
const PAUSE_MS: u64 = 250;

/// The cause of a connection that was lost with an answer that never came (L03).
pub(crate) const ANSWER_LOST: &str = "answer-lost";

/// Whose turn it is to ask.
enum Turn {
    /// Newer tokens are there already.
    Newer(SecretString),
    /// Ours.
    Ours(Box<Held>),
    /// Another process is at it.
    Theirs,
}

/// The lease on a connection, and the grant that is to be renewed.
pub(super) struct Held {
    pub row: Refresh,
    pub opened: Opened,
}

/// What a refresh is about.
pub(crate) struct Asking<'a> {
    /// Of what.
    pub integration: &'a Integration,
    /// Whose access is renewed.
    pub connection: &'a Connection,
    /// Our app there.
    pub app: &'a HeldApp,
}

impl Hub {
    /// Refreshes a connection unless someone else did since `seen` was read, and returns the access token.
    ///
    /// # Errors
    /// [`HubError::Provider`] when there is no refresh token, when the provider can't be asked now, and when it refuses.
    pub(crate) async fn refresh(&self, connection: &Connection, seen: &GrantId) -> Result<SecretString> {
        let integration = self.integration_or_404(&connection.integration_id)?;
        let app = self.app_for(integration, &values_of(connection)).await?;
        let asking = Asking {
            integration,
            connection,
            app: &app,
        };
        let lock = self.refreshing.of(&connection.id).await;
        let _held = lock.lock().await;
        for _ in 0..LOOKS {
            match self.take_turn(&asking, seen).await? {
                Turn::Newer(access) => return Ok(access),
                Turn::Ours(held) => return self.renew(&asking, *held).await,
                Turn::Theirs => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
        Err(ProviderError::of(ProviderErrorKind::Unavailable).into())
    }

    /// Takes the lease and writes what will be sent, in one transaction: a disk that takes no writes is found out before
    /// a token is spent (L18).
    async fn take_turn(&self, asking: &Asking<'_>, seen: &GrantId) -> Result<Turn> {
        let Asking { connection, .. } = asking;
        let mut tx = self
            .store
            .write(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        let claim = Claim {
            connection: &connection.id,
            grant: seen,
            owner: &self.node,
            lease: LEASE,
        };
        let claimed = refreshes::claim(&mut tx, claim, self.now()).await?;
        // Read after the claim: whoever concluded just before has stored its answer by now.
        let opened = open_current(&mut tx, connection).await?;
        let opened = opened.ok_or(HubError::NotFound)?;
        if opened.grant.id != *seen {
            // Dropped without a commit, the claim was never made.
            return Ok(Turn::Newer(opened.access));
        }
        if opened.refresh.is_none() {
            return Err(ProviderError::of(ProviderErrorKind::Refused).into());
        }
        let Some(row) = claimed else {
            return Ok(Turn::Theirs);
        };
        self.must_not_wait(asking, &row)?;
        tx.commit().await?;
        Ok(Turn::Ours(Box::new(Held { row, opened })))
    }

    /// Nobody asks a provider that is down or that asked us to wait.
    fn must_not_wait(&self, asking: &Asking<'_>, row: &Refresh) -> Result<()> {
        let now = self.now();
        if let Some(until) = row.wait_until.filter(|until| *until > now) {
            let left = u64::try_from(until.0 - now.0).unwrap_or_default();
            let retry_after = Some(Duration::from_millis(left));
            return Err(ProviderError::of(ProviderErrorKind::Limited { retry_after }).into());
        }
        if !self.troubles.may_ask(&asking.integration.provider_app, now) {
            return Err(ProviderError::of(ProviderErrorKind::Unavailable).into());
        }
        Ok(())
    }

    /// Asks, and stores what came of it.
    async fn renew(&self, asking: &Asking<'_>, held: Held) -> Result<SecretString> {
        let refresh = held.opened.refresh.as_ref().ok_or(HubError::NotFound)?;
        let (answer, lost) = self.ask_twice(asking, refresh).await?;
        let lost = lost || held.row.lost > 0;
        match answer {
            Ok(answer) => self.keep(asking, &held, &answer).await,
            Err(error) if error.kind == ProviderErrorKind::Refused => {
                match self.instead(asking, &held, lost).await? {
                    Some(access) => Ok(access),
                    None => self.give_up(asking, &held, error, lost).await,
                }
            }
            Err(error) => self.give_up(asking, &held, error, lost).await,
        }
    }

    /// The request, and once more with the same token where no answer came. The second value says whether one was lost.
    async fn ask_twice(
        &self,
        asking: &Asking<'_>,
        refresh: &SecretString,
    ) -> Result<(std::result::Result<TokenAnswer, ProviderError>, bool)> {
        match self.ask_for_refresh(asking, refresh).await {
            Err(error) if is_unknown(&error) => {
                let more = u64::from(u16::from_le_bytes(self.random())) % PAUSE_MS;
                tokio::time::sleep(Duration::from_millis(PAUSE_MS + more)).await;
                Ok((self.ask_for_refresh(asking, refresh).await, true))
            }
            answer => Ok((answer, false)),
        }
    }

    /// One request, and what it says about the provider's health. A provider that does not know our client secret has not
    /// looked at the token (RFC 6749 section 5.2), so the same one may go with the other secret.
    pub(crate) async fn ask_for_refresh(
        &self,
        asking: &Asking<'_>,
        refresh: &SecretString,
    ) -> std::result::Result<TokenAnswer, ProviderError> {
        let Asking {
            integration,
            connection,
            app,
        } = asking;
        let (redirect_uri, values) = (self.redirect_uri(&integration.id), values_of(connection));
        let renew = || async {
            let request = RefreshRequest {
                integration,
                app: app.app(),
                redirect_uri: &redirect_uri,
                refresh,
                values: &values,
            };
            tokens::refresh(&self.client, &request).await
        };
        let answer = app.ask(renew).await;
        match &answer {
            Err(error) if matches!(error.kind, ProviderErrorKind::Unavailable) => {
                self.troubles.failed(&integration.provider_app, self.now());
            }
            _ => self.troubles.answered(&integration.provider_app),
        }
        answer
    }

    /// After a "no": what someone else stored meanwhile, or what a spare brings, one try each.
    async fn instead(&self, asking: &Asking<'_>, held: &Held, lost: bool) -> Result<Option<SecretString>> {
        let Asking { connection, .. } = asking;
        let opened = self.open_grant(connection).await?.ok_or(HubError::NotFound)?;
        if opened.grant.id != held.opened.grant.id {
            return Ok(Some(opened.access));
        }
        if !lost {
            return Ok(None);
        }
        for spare in self.open_spares(connection).await? {
            let Some(refresh) = &spare.refresh else { continue };
            if let Ok(answer) = self.ask_for_refresh(asking, refresh).await {
                return self.keep(asking, held, &answer).await.map(Some);
            }
        }
        Ok(None)
    }

    /// Writes down that it did not work, and what that means: access that the provider no longer accepts asks for a
    /// person, anything else may pass by itself.
    async fn give_up(
        &self,
        asking: &Asking<'_>,
        held: &Held,
        error: ProviderError,
        lost: bool,
    ) -> Result<SecretString> {
        let Asking {
            integration,
            connection,
            ..
        } = asking;
        let now = self.now();
        let (state, outcome, due, wait_until) = match error.kind {
            ProviderErrorKind::Refused => (
                ConnectionState::NeedsReconnect,
                audit::Outcome::Refused,
                None,
                None,
            ),
            ProviderErrorKind::Limited { retry_after } => {
                let until = after(now, self.wait_after(held.row.attempt, retry_after));
                (
                    ConnectionState::Degraded,
                    audit::Outcome::Failed,
                    Some(until),
                    Some(until),
                )
            }
            _ => {
                let due = after(now, self.wait_after(held.row.attempt, None));
                (ConnectionState::Degraded, audit::Outcome::Failed, Some(due), None)
            }
        };
        let cause = match error.kind {
            ProviderErrorKind::Refused if lost => ANSWER_LOST,
            _ => error.kind.as_str(),
        };
        let conclusion = if is_unknown(&error) {
            Conclusion::Lost
        } else {
            Conclusion::Failed
        };
        let mut tx = self
            .store
            .write(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        let fenced = refreshes::conclude(&mut tx, &held.row, conclusion, due, wait_until).await?;
        let alive = connections::get(&mut tx, &connection.id)
            .await?
            .is_some_and(|found| found.ended_at.is_none());
        // Who lost the lease knows less than who has it, and a connection that is over has no state any more.
        if fenced == Fenced::Saved && alive {
            connections::set_state(&mut tx, &connection.id, state, Some(cause), now).await?;
            let mut row = people::system_did(now, "connection.refresh", integration, &connection.tenant_id);
            row.outcome = outcome;
            row.reason = Some(cause.to_owned());
            audit::append(&mut tx, &row).await?;
            events::append(
                &mut tx,
                now,
                Some(&connection.tenant_id),
                "integration",
                &integration.id,
            )
            .await?;
        }
        tx.commit().await?;
        self.live.poke();
        Err(error.into())
    }
}

/// Whether the provider may have done what was asked although we don't know its answer.
fn is_unknown(error: &ProviderError) -> bool {
    error.maybe_done || error.status.is_some_and(|status| status >= 500)
}
