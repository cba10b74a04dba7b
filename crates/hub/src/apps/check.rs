//! What is wrong with an app. First what needs no provider: what is missing, what ends, which rule the redirect URIs
//! break. Then one question to the provider for each secret, which gives nothing out and changes nothing there: with OAuth
//! 2.0, where the provider documents how it answers, a token request with a code that can't exist, of which whoever accepts
//! client id and secret refuses the code alone (RFC 6749 section 5.2); with OAuth 1.0a a request token, which is worth
//! nothing before a person approves it (RFC 5849 section 2.1).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use patchbay_catalog::{
    Auth, Integration,
    model::{Opens, Pkce, Probe},
};
use patchbay_oauth::{
    App, ProviderError, ProviderErrorKind,
    oauth1::{self, SignedCall},
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

/// How a provider is asked whether it accepts client id and secret.
#[derive(Clone, Copy)]
enum Question<'a> {
    /// With a code that can't exist.
    Code(&'a Integration, &'a Probe),
    /// For a request token.
    RequestToken(&'a Integration),
}

impl<'a> Question<'a> {
    fn of(integration: &'a Integration) -> Option<Self> {
        match (&integration.auth, &integration.setup.probe) {
            (Auth::OAuth2(_), Some(probe)) => Some(Self::Code(integration, probe)),
            (Auth::OAuth1(_), _) => Some(Self::RequestToken(integration)),
            _ => None,
        }
    }
}

/// What an answer to it says.
enum Answer {
    /// Client id and secret are accepted.
    Accepted,
    /// They are not, or nothing was learned.
    Not(ProviderError),
}

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
            (Some(day), _) if dates::days_until(day, now) <= next::SOON_DAYS => {
                Some(Finding::SecretEnds { day })
            }
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
        let Some(host) = url
            .as_ref()
            .filter(|url| url.scheme() == "http")
            .and_then(url::Url::host_str)
        else {
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
                let other = if host == "localhost" {
                    "127.0.0.1"
                } else {
                    "localhost"
                };
                Some(Finding::RedirectRefused {
                    host: host.to_owned(),
                    instead: (accepts(other) == Some(true)).then(|| other.to_owned()),
                })
            }
            None => Some(Finding::RedirectUnknown {
                host: host.to_owned(),
            }),
        };
        rule.into_iter().chain([Finding::RedirectHere]).collect()
    }

    fn stage_finding(&self, said: &AppProgress, saved: bool) -> Option<Finding> {
        let expected = said.review_expected;
        Some(
            match (progress::effective(said.stage, saved), self.opens(&said.id)) {
                (Stage::NotRegistered, _) => return None,
                (Stage::Approved, _) | (Stage::Registered, Opens::AtOnce) => Finding::Open,
                (Stage::InReview, _) => match expected.filter(|day| dates::is_over(*day, self.now())) {
                    Some(expected) => Finding::ReviewLate { expected },
                    None => Finding::InReview { expected },
                },
                (Stage::Registered, Opens::BySwitch) => Finding::NotOpen,
                (Stage::Registered, Opens::ByReview) => Finding::NotReviewed,
            },
        )
    }

    /// What the provider says to each secret. Where only the other one is accepted it is used from now on.
    async fn asked(&self, id: &str, held: HeldApp) -> Result<Vec<Finding>> {
        let sharing = self.sharing(id);
        let Some(question) = sharing.iter().find_map(|found| Question::of(found)) else {
            return Ok(vec![Finding::NotAsked {
                why: NotAsked::NoCall,
            }]);
        };
        if self.settings.mode == Mode::Demo && !patchbay_simulator::plays(id) {
            return Ok(vec![Finding::NotAsked {
                why: NotAsked::NotPlayed,
            }]);
        }
        let apps: Vec<App> = held.all().cloned().collect();
        let mut findings = Vec::new();
        for (place, app) in apps.iter().enumerate() {
            let answer = match question {
                Question::Code(integration, probe) => self.try_code(integration, probe, app).await,
                Question::RequestToken(integration) => self.try_request_token(integration, app).await,
            };
            findings.push(judge(&answer, place > 0));
            if let (Answer::Not(error), 0) = (&answer, place) {
                held.turn(error);
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
        if findings.first() == Some(&Finding::Accepted { other: false }) {
            self.accepted_or_log(&held).await;
        }
        Ok(findings)
    }

    /// Sends a code that can't exist and gives what the provider says to it.
    async fn try_code(&self, integration: &Integration, probe: &Probe, app: &App) -> Answer {
        // The words that mean "no such code" are told apart from refusals that nobody knows.
        let mut integration = integration.clone();
        integration
            .errors
            .permanent
            .extend(probe.unknown_code.iter().cloned());
        let no_code = format!("patchbay-check-{}", URL_SAFE_NO_PAD.encode(self.random::<24>()));
        let proves = integration
            .oauth2()
            .is_some_and(|dialect| dialect.pkce != Pkce::None);
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
            Err(error) if is_about_code(probe, &error) => Answer::Accepted,
            Err(error) => Answer::Not(error),
            // Tokens for a code that nobody issued: that provider is not to be believed either way.
            Ok(_) => Answer::Not(ProviderError::of(ProviderErrorKind::Garbled)),
        }
    }

    /// Asks for a request token, which nobody will approve.
    async fn try_request_token(&self, integration: &Integration, app: &App) -> Answer {
        let call = SignedCall {
            integration,
            app,
            values: &BTreeMap::new(),
            moment: &self.moment(),
        };
        let back = SecretString::from(self.redirect_uri(&integration.id));
        match oauth1::request_token(&self.client, &call, &back).await {
            Ok(_) => Answer::Accepted,
            Err(error) => Answer::Not(error),
        }
    }
}

/// Whether a provider refused the code and nothing else.
fn is_about_code(probe: &Probe, error: &ProviderError) -> bool {
    let names = |word: &String| {
        probe
            .unknown_code
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    };
    error.kind == ProviderErrorKind::Refused && error.code.as_ref().is_some_and(names)
}

/// What an answer says about client id and secret.
fn judge(answer: &Answer, other: bool) -> Finding {
    let error = match answer {
        Answer::Accepted => return Finding::Accepted { other },
        Answer::Not(error) => error,
    };
    match error.kind {
        ProviderErrorKind::AppConfig if error.blames_client => Finding::WrongClient { other },
        ProviderErrorKind::AppConfig => Finding::WrongSetUp {
            word: error.code.clone(),
        },
        ProviderErrorKind::Limited { .. } | ProviderErrorKind::Unavailable => Finding::NoAnswer,
        _ => Finding::Unclear,
    }
}
