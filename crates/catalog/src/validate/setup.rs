//! What is said about registering an app must be whole, short and sourced.

use std::collections::BTreeSet;

use super::Checks;
use crate::model::{Auth, Limit, Probe};
use crate::template;

/// Longest name that a provider has for a client id or secret.
const LONGEST_NAME: usize = 60;
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
        let integration = self.integration;
        // Whoever brings an integration of their own may not know; then nothing is said about it.
        let must_be_known = integration.is_planned() && !integration.is_api_key();
        self.require(
            setup.opens.is_some() || !must_be_known,
            "setup.opens",
            "must say what it takes before customers may connect",
        );
        self.require(
            setup.opens.is_none() || !integration.is_api_key(),
            "setup.opens",
            "where a key is used there is nothing to say",
        );
        let months = setup.secret_max_months.unwrap_or(1);
        self.require(
            (1..=120).contains(&months),
            "setup.secret_max_months",
            "must be between 1 and 120 months",
        );
        for (field, name) in [
            ("setup.client_id_name", &setup.client_id_name),
            ("setup.client_secret_name", &setup.client_secret_name),
        ] {
            let name = name.as_ref().map_or("a name", |name| name.trim());
            self.require(
                (1..=LONGEST_NAME).contains(&name.len()),
                field,
                "is not the name of something that is copied",
            );
        }
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
