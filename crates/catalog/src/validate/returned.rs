//! Values that the provider returns, the calls and list entries they are read from, and the account they name.

use super::Checks;
use crate::model::{Pick, ReturnedFrom, ReturnedValue, TokenForm, Whoami};
use crate::template;

impl Checks<'_> {
    pub(super) fn returned(&mut self, value: &ReturnedValue) {
        let field = format!("returned.{}", value.name);
        self.url_pattern(&format!("{field}.pattern"), &value.pattern);
        match (&value.call_url, value.from) {
            (Some(url), ReturnedFrom::Call) => self.call(&field, url),
            (None, ReturnedFrom::Call) => self.refuse(&field, "it is from a call, but call_url is missing"),
            (Some(_), _) => self.refuse(&field, "it is not from a call, but has a call_url"),
            (None, _) => {}
        }
        if value.from == ReturnedFrom::Callback {
            self.confirmed(&field, &value.name);
        }
        if let Some(pick) = &value.pick {
            self.require(
                value.from == ReturnedFrom::Call,
                &field,
                "it is not from a call, so there is no list to pick from",
            );
            self.pick(&format!("{field}.pick"), pick);
            self.asked(&format!("{field}.pick.ask"), pick);
        }
    }

    /// The call comes right after the exchange, so nothing that it or another call tells can be part of its address.
    fn call(&mut self, field: &str, url: &str) {
        let field = format!("{field}.call_url");
        self.url(&field, url, &[]);
        for part in template::parts(url) {
            let told_later = self.is_from_call(part);
            self.require(
                !told_later,
                &field,
                "a part of it is known only after a call like it",
            );
        }
        let whoami = &self.integration.whoami;
        self.require(
            whoami.url != url || whoami.fallback.is_none(),
            &field,
            "the whoami call has a fallback, which would not tell the value",
        );
    }

    /// What the browser carried back counts only after a call with the code or the new token went through with it (S40).
    fn confirmed(&mut self, field: &str, name: &str) {
        let integration = self.integration;
        let token_url = integration.oauth2().map(|oauth2| &oauth2.token_url);
        let confirmed = token_url
            .into_iter()
            .chain([&integration.whoami.url])
            .any(|url| template::parts(url).contains(&name));
        self.require(
            confirmed,
            field,
            "it is from the callback, so a call has to confirm it: it must stand in whoami.url or token_url",
        );
    }

    fn pick(&mut self, field: &str, pick: &Pick) {
        for (path, text) in &pick.same {
            self.declared(&format!("{field}.same.{path}"), text, &[]);
        }
        let oauth2 = self.integration.oauth2();
        let has_claims = oauth2.is_some_and(|oauth2| oauth2.access_token == TokenForm::Jwt);
        self.require(
            has_claims || pick.claims.is_empty(),
            field,
            "only a token that is a JWT has claims",
        );
        let conditions = pick.same.len() + pick.holds.len() + pick.claims.len();
        self.require(conditions > 0, field, "nothing says which entry is meant");
        let named = pick
            .same
            .keys()
            .chain(pick.holds.keys())
            .chain(pick.claims.keys());
        let empty = named.chain(pick.claims.values()).any(String::is_empty)
            || pick
                .holds
                .values()
                .any(|texts| texts.is_empty() || texts.iter().any(String::is_empty));
        self.require(!empty, field, "a path, claim or text is empty");
    }

    /// Filling the field in must help: one of the conditions compares with it, and it can be left empty.
    fn asked(&mut self, field: &str, pick: &Pick) {
        let Some(name) = &pick.ask else {
            return;
        };
        let param = self.integration.params.iter().find(|param| param.name == *name);
        let optional = param.is_some_and(|param| !param.required && param.default.is_none());
        let compared = pick
            .same
            .values()
            .any(|text| template::parts(text).contains(&name.as_str()));
        self.require(
            optional && compared,
            field,
            "must name an optional field that one of the conditions compares with",
        );
    }

    /// How the whoami answer tells the account.
    pub(super) fn account(&mut self, whoami: &Whoami) {
        if let Some(pick) = &whoami.pick {
            self.pick("whoami.pick", pick);
            // The call is made again long after the exchange, with other tokens and nobody to ask.
            self.require(
                pick.claims.is_empty() && pick.ask.is_none(),
                "whoami.pick",
                "only same and holds can be used here",
            );
        }
        let Some(part) = &whoami.id_part else {
            return;
        };
        let field = "whoami.id_part";
        self.declared(field, &format!("{{{part}}}"), &[]);
        let mut asked = whoami
            .pick
            .iter()
            .flat_map(|pick| pick.same.values())
            .chain([&whoami.url]);
        let confirmed = asked.any(|text| template::parts(text).contains(&part.as_str()));
        self.require(
            confirmed,
            field,
            "the call has to confirm it: it must stand in whoami.url or whoami.pick.same",
        );
        let told = !whoami.id_paths.is_empty() || !whoami.label_paths.is_empty();
        self.require(
            told,
            field,
            "nothing in the answer would show that it is about this account",
        );
    }

    fn is_from_call(&self, part: &str) -> bool {
        let mut returned = self.integration.returned_from(ReturnedFrom::Call);
        returned.any(|value| value.name == part)
    }
}
