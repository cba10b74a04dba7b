//! What is wrong with an app. First what needs no provider: what is missing, what ends, which rule the redirect URIs
//! break. Then, where the provider documents how it answers, one token request for each secret with a code that can't
//! exist: a provider that finds fault with the code alone has accepted client id and secret (RFC 6749 section 5.2). It
//! gives nothing out and changes nothing there.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use patchbay_catalog::{
    Integration,
    model::{Opens, Pkce, Probe},
};
use patchbay_oauth::{
    App, ProviderError, ProviderErrorKind,
    pkce::Verifier,
    tokens::{self, ExchangeRequest},
};
use patchbay_store::{
    Scope,
    app_progress::{self, AppProgress, Checked, Grade, Stage},
    audit,
    provider_apps::ProviderApp,
};
use secrecy::SecretString;

use super::{
    By, changed, dates,
    finding::{self, Finding, NotAsked},
    next, progress,
    secrets::{self, HeldApp},
};
use crate::{Hub, HubError, Mode, Result, view::Viewer};

/// Providers are asked no more often than this.
const PACE_MS: i64 = 10_000;

impl Hub {
    /// Checks an app, stores what was found and gives the gravest of it.
    ///
    /// # Errors
    /// [`HubError::TooMany`] where the last check is a moment old.
    pub async fn check_app(&self, viewer: &Viewer, id: &str) -> Result<Grade> {
        let by = By::Person(viewer);
        self.may_change(&by, id)?;
        let mut tx = self.store.read(Scope::System).await?;
        let said = app_progress::get(&mut tx, id).await?;
        let said = said.unwrap_or_else(|| progress::nothing_said(id));
        let app = secrets::open(&mut tx, id, self.now()).await?;
        drop(tx);
        self.refuse_haste(&said)?;
        let mut findings = self.configured(&said, app.as_ref().map(|(row, _)| row));
        if let Some((_, held)) = app {
            findings.extend(self.asked(id, held).await?);
        }
        let grade = finding::gravest(&findings);
        self.store_check(by, id, grade, &findings).await?;
        Ok(grade)
    }

    fn refuse_haste(&self, said: &AppProgress) -> Result<()> {
        let wait = said
            .checked_at
            .map_or(0, |at| at.0.saturating_add(PACE_MS) - self.now().0);
        if wait > 0 {
            return Err(HubError::TooMany {
                retry_after_s: u64::try_from(wait / 1000 + 1).unwrap_or(1),
            });
        }
        Ok(())
    }

    async fn store_check(&self, by: By<'_>, id: &str, grade: Grade, findings: &[Finding]) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        let checked = Checked {
            id: id.to_owned(),
            at: now,
            grade,
            findings: finding::to_json(findings),
            by: by.name().to_owned(),
        };
        app_progress::put_check(&mut tx, &checked).await?;
        let mut row = by.did(now, "app.checked", id);
        row.outcome = match grade {
            Grade::Wrong => audit::Outcome::Failed,
            Grade::Fine | Grade::Attention => audit::Outcome::Done,
        };
        changed(&mut tx, &row).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// What can be seen without the provider.
    fn configured(&self, said: &AppProgress, app: Option<&ProviderApp>) -> Vec<Finding> {
        let mut findings = Vec::new();
        match app {
            None => findings.push(Finding::NotSaved),
            Some(app) => findings.extend(self.secret_findings(app)),
        }
        findings.extend(self.redirect_findings(said));
        findings.extend(self.stage_finding(said, app.is_some()));
        findings
    }

    fn secret_findings(&self, app: &ProviderApp) -> Vec<Finding> {
        let now = self.now();
        let end = match (app.secret_ends_at, self.secret_max_months(&app.id)) {
            (Some(day), _) if dates::is_over(day, now) => Some(Finding::SecretEnded { day }),
            (Some(day), _) if dates::days_until(day, now) <= next::SOON_DAYS => Some(Finding::SecretEnds { day }),
            (None, Some(months)) => Some(Finding::SecretEndUnknown { months }),
            _ => None,
        };
        let older = next::older_in_use(app).then_some(Finding::NewerNotAccepted);
        end.into_iter().chain(older).collect()
    }

    /// Whether the redirect URIs keep to the provider's rules, and whether those that stand there are ours.
    fn redirect_findings(&self, said: &AppProgress) -> Vec<Finding> {
        let ours = &self.settings.public_url;
        let mut findings = self.local_findings(&said.id);
        findings.push(match &said.uris_at {
            None => Finding::RedirectUnconfirmed,
            Some(was) if was == ours => Finding::RedirectConfirmed,
            Some(was) => Finding::RedirectMoved { was: was.clone() },
        });
        findings
    }

    /// What there is to say where our address is of this machine.
    fn local_findings(&self, id: &str) -> Vec<Finding> {
        // A demo is of one machine on purpose.
        if self.settings.mode == Mode::Demo {
            return Vec::new();
        }
        let url = url::Url::parse(&self.settings.public_url).ok();
        let Some(host) = url.as_ref().filter(|url| url.scheme() == "http").and_then(url::Url::host_str) else {
            return Vec::new();
        };
        let accepts = |name: &str| {
            let rule = |integration: &&Integration| {
                if name == "localhost" {
                    integration.setup.localhost_ok
                } else {
                    integration.setup.loopback_ip_ok
                }
            };
            let rules: Vec<Option<bool>> = self.sharing(id).iter().map(rule).collect();
            if rules.contains(&Some(false)) {
                Some(false)
            } else {
                rules.iter().all(Option::is_some).then_some(true)
            }
        };
        let rule = match accepts(host) {
            Some(true) => None,
            Some(false) => {
                let other = if host == "localhost" { "127.0.0.1" } else { "localhost" };
                Some(Finding::RedirectRefused {
                    host: host.to_owned(),
                    instead: (accepts(other) == Some(true)).then(|| other.to_owned()),
                })
            }
            None => Some(Finding::RedirectUnknown { host: host.to_owned() }),
        };
        rule.into_iter().chain([Finding::RedirectHere]).collect()
    }

    fn stage_finding(&self, said: &AppProgress, saved: bool) -> Option<Finding> {
        let expected = said.review_expected;
        Some(match (progress::effective(said.stage, saved), self.opens(&said.id)) {
            (Stage::NotRegistered, _) => return None,
            (Stage::Approved, _) | (Stage::Registered, Opens::AtOnce) => Finding::Open,
            (Stage::InReview, _) => match expected.filter(|day| dates::is_over(*day, self.now())) {
                Some(expected) => Finding::ReviewLate { expected },
                None => Finding::InReview { expected },
            },
            (Stage::Registered, Opens::BySwitch) => Finding::NotOpen,
            (Stage::Registered, Opens::ByReview) => Finding::NotReviewed,
        })
    }

    /// What the provider says to each secret. Where only the other one is accepted it is used from now on.
    async fn asked(&self, id: &str, mut held: HeldApp) -> Result<Vec<Finding>> {
        let sharing = self.sharing(id);
        let known = sharing.iter().find_map(|found| Some((*found, found.setup.probe.as_ref()?)));
        let Some((integration, probe)) = known else {
            return Ok(vec![Finding::NotAsked { why: NotAsked::NoCall }]);
        };
        if self.settings.mode == Mode::Demo && !patchbay_simulator::plays(id) {
            return Ok(vec![Finding::NotAsked { why: NotAsked::NotPlayed }]);
        }
        let apps: Vec<App> = held.all().cloned().collect();
        let mut findings = Vec::new();
        for (place, app) in apps.iter().enumerate() {
            let answer = self.try_code(integration, probe, app).await;
            findings.push(judge(probe, &answer, place > 0));
            if place == 0 {
                held.turn(&answer);
            }
        }
        let turned = [
            Finding::WrongClient { other: false },
            Finding::Accepted { other: true },
        ];
        if findings == turned {
            self.settle(&held).await?;
            // As it is from now on: what was the other one is in use.
            return Ok(vec![
                Finding::Turned,
                Finding::Accepted { other: false },
                Finding::WrongClient { other: true },
            ]);
        }
        Ok(findings)
    }

    /// Sends a code that can't exist and gives what the provider says to it.
    async fn try_code(&self, integration: &Integration, probe: &Probe, app: &App) -> ProviderError {
        // The words that mean "no such code" are told apart from refusals that nobody knows.
        let mut integration = integration.clone();
        integration.errors.permanent.extend(probe.unknown_code.iter().cloned());
        let no_code = format!("patchbay-check-{}", URL_SAFE_NO_PAD.encode(self.random::<24>()));
        let proves = integration.oauth2().is_some_and(|dialect| dialect.pkce != Pkce::None);
        let verifier = proves.then(|| Verifier::new(self.random()));
        let request = ExchangeRequest {
            integration: &integration,
            app,
            values: &BTreeMap::new(),
            redirect_uri: &self.redirect_uri(&integration.id),
            code: &SecretString::from(no_code),
            verifier: verifier.as_ref().map(Verifier::secret),
        };
        match tokens::exchange(&self.client, &request).await {
            Err(error) => error,
            // Tokens for a code that nobody issued: that provider is not to be believed either way.
            Ok(_) => ProviderError::of(ProviderErrorKind::Garbled),
        }
    }
}

/// What an answer to a code that can't exist says about client id and secret.
fn judge(probe: &Probe, answer: &ProviderError, other: bool) -> Finding {
    let about_code = answer
        .code
        .as_ref()
        .is_some_and(|word| probe.unknown_code.iter().any(|known| known.eq_ignore_ascii_case(word)));
    if answer.blames_client() {
        return Finding::WrongClient { other };
    }
    match answer.kind {
        ProviderErrorKind::Refused if about_code => Finding::Accepted { other },
        ProviderErrorKind::AppConfig => Finding::WrongSetUp {
            word: answer.code.clone(),
        },
        ProviderErrorKind::Limited { .. } | ProviderErrorKind::Unavailable => Finding::NoAnswer,
        _ => Finding::Unclear,
    }
}
