//! What is said about registering an app must be whole, short and sourced.

use std::collections::BTreeSet;

use super::Checks;
use crate::model::{Auth, Limit, Probe};
use crate::template;

/// Longest sentence about a limit.
const LONGEST_LIMIT: usize = 300;

impl Checks<'_> {
    pub(super) fn setup(&mut self) {
        let setup = &self.integration.setup;
        if let Some(url) = &setup.console_url {
            self.url("setup.console_url", url, &[]);
        }
        if let Some(url) = &setup.revoke_by_hand {
            self.url("setup.revoke_by_hand", url, &[]);
        }
        self.require(
            setup.opens.is_some() != self.integration.is_api_key(),
            "setup.opens",
            "must say what it takes before customers may connect; where a key is used there is nothing to say",
        );
        let months = setup.secret_max_months.unwrap_or(1);
        self.require(
            (1..=120).contains(&months),
            "setup.secret_max_months",
            "must be between 1 and 120 months",
        );
        self.limits(&setup.limits);
        if let Some(probe) = &setup.probe {
            self.probe(probe);
        }
    }

    fn limits(&mut self, limits: &[Limit]) {
        let mut seen = BTreeSet::new();
        for limit in limits {
            let text = limit.text.trim();
            if text.is_empty() || text.len() > LONGEST_LIMIT {
                self.refuse(
                    "setup.limits",
                    format!("{text:?} is not a sentence of at most {LONGEST_LIMIT} letters"),
                );
            }
            if limit.source.trim().is_empty() {
                self.refuse("setup.limits", format!("{text:?} has no source"));
            }
            if !seen.insert(text) {
                self.refuse("setup.limits", format!("{text:?} is said twice"));
            }
        }
    }

    fn probe(&mut self, probe: &Probe) {
        let Auth::OAuth2(oauth2) = &self.integration.auth else {
            return self.refuse("setup.probe", "there is no token call to try");
        };
        self.require(
            template::parts(&oauth2.token_url).is_empty(),
            "setup.probe",
            "the token call has no address before a customer named theirs",
        );
        let plain = |word: &String| !word.is_empty() && word.chars().all(|c| c.is_ascii_graphic());
        self.require(
            !probe.unknown_code.is_empty() && probe.unknown_code.iter().all(plain),
            "setup.probe.unknown_code",
            "must name the provider's words for a code that does not exist",
        );
        self.require(
            !probe.source.trim().is_empty(),
            "setup.probe.source",
            "no source is given for the fact",
        );
    }
}
