//! Codes become grants, grants have tokens, and both end.

use super::{
    ledger::{CodeRecord, GrantRecord, Ledger, TokenKind, TokenRecord},
    pkce,
    random::hash,
};
use crate::profiles::Context;

/// What an app says when it redeems a code.
pub struct Claim<'a> {
    /// The provider asked.
    pub profile: &'a str,
    /// The app, already authenticated.
    pub client_id: &'a str,
    /// The code.
    pub code: &'a str,
    /// The redirect URI.
    pub redirect_uri: RedirectUri<'a>,
    /// The PKCE verifier.
    pub verifier: Option<&'a str>,
}

/// The redirect URI of a token request.
pub enum RedirectUri<'a> {
    /// As it came, or not; it has to be the one of the authorization request.
    Sent(Option<&'a str>),
    /// The provider does not ask for it here.
    NotAsked,
}

/// Why a code was not accepted.
#[derive(Debug, PartialEq, Eq)]
pub enum BadCode {
    /// Never given out, or given to another app.
    Unknown,
    /// Older than its life.
    Expired,
    /// Used before. What it became is revoked (RFC 6749 section 4.1.2).
    Used,
    /// Another redirect URI than in the authorization request, or none.
    Redirect,
    /// The verifier is wrong, missing, or there was no challenge.
    Verifier,
}

fn is_live(grant: &GrantRecord, profile: &str, account: &str, client_id: &str) -> bool {
    !grant.revoked && grant.profile == profile && grant.account == account && grant.client_id == client_id
}

/// What a token is worth.
pub enum TokenState {
    /// Never given out by this provider, or of the other kind.
    Unknown,
    /// Revoked, alone or with its grant.
    Revoked,
    /// Past its life.
    Expired,
    /// Good: the grant's number and the grant.
    Live(u64, GrantRecord),
}

impl Ledger {
    /// Remembers a code that was just given out.
    pub fn add_code(&mut self, code: &str, record: CodeRecord) {
        self.codes.insert(hash(code), record);
    }

    /// Turns a code into a grant, once.
    ///
    /// # Errors
    /// See [`BadCode`]. A second use also revokes the tokens of the first.
    pub fn redeem(&mut self, claim: &Claim<'_>, now: i64) -> Result<u64, BadCode> {
        let key = hash(claim.code);
        let code = self
            .codes
            .get(&key)
            .filter(|code| code.profile == claim.profile && code.client_id == claim.client_id)
            .cloned()
            .ok_or(BadCode::Unknown)?;
        if let Some(grant) = code.spent_as {
            self.revoke_grant(grant);
            return Err(BadCode::Used);
        }
        if now >= code.expires_at {
            return Err(BadCode::Expired);
        }
        if let RedirectUri::Sent(sent) = claim.redirect_uri
            && sent != Some(code.redirect_uri.as_str())
        {
            return Err(BadCode::Redirect);
        }
        if !pkce::verifies(code.challenge.as_deref(), claim.verifier) {
            return Err(BadCode::Verifier);
        }
        let number = self.next_number();
        self.grants.insert(
            number,
            GrantRecord {
                profile: code.profile,
                client_id: code.client_id,
                account: code.account,
                scopes: code.scopes,
                context: code.context,
                since: now,
                pkce: code.challenge.is_some(),
                revoked: false,
            },
        );
        if let Some(code) = self.codes.get_mut(&key) {
            code.spent_as = Some(number);
        }
        Ok(number)
    }

    /// Remembers a token that was just given out.
    pub fn add_token(&mut self, token: &str, grant: u64, kind: TokenKind, expires_at: Option<i64>) {
        self.tokens.insert(
            hash(token),
            TokenRecord {
                grant,
                kind,
                expires_at,
                revoked: false,
                replaces: None,
                since: None,
            },
        );
    }

    /// Says when a token was given out.
    pub fn date_token(&mut self, token: &str, now: i64) {
        if let Some(record) = self.tokens.get_mut(&hash(token)) {
            record.since = Some(now);
        }
    }

    /// Ends the oldest refresh tokens that the account of a grant gave its app, where there are more than so many.
    pub fn end_oldest_refresh_tokens(&mut self, number: u64, most: usize) {
        let Some(grant) = self.grants.get(&number) else {
            return;
        };
        let same: Vec<u64> = self
            .grants
            .iter()
            .filter(|(_, other)| is_live(other, &grant.profile, &grant.account, &grant.client_id))
            .map(|(number, _)| *number)
            .collect();
        let mut live: Vec<&mut TokenRecord> = self
            .tokens
            .values_mut()
            .filter(|token| token.kind == TokenKind::Refresh && !token.revoked && same.contains(&token.grant))
            .collect();
        live.sort_by_key(|token| (token.since, token.grant));
        let too_many = live.len().saturating_sub(most);
        for token in live.into_iter().take(too_many) {
            token.revoked = true;
        }
    }

    /// Moves the end of a token.
    pub fn extend_token(&mut self, token: &str, expires_at: Option<i64>) {
        if let Some(record) = self.tokens.get_mut(&hash(token)) {
            record.expires_at = expires_at;
        }
    }

    /// Whether a refresh token is so old that a new one is due. If it is, it works for `grace_ms` from its first use.
    pub fn outgrown(&mut self, token: &str, after_ms: i64, grace_ms: i64, now: i64) -> bool {
        let Some(record) = self.tokens.get_mut(&hash(token)) else {
            return false;
        };
        if record.since.is_some_and(|since| now - since < after_ms) {
            return false;
        }
        let end = now + grace_ms;
        record.expires_at = Some(record.expires_at.map_or(end, |expires_at| expires_at.min(end)));
        true
    }

    /// Notes something about a grant.
    pub fn note(&mut self, number: u64, what: &str) {
        if let Some(grant) = self.grants.get_mut(&number) {
            grant.context.insert(what.to_owned(), "true".to_owned());
        }
    }

    /// When a token ends; `None` for never, and for one that is not known.
    pub fn end_of(&self, token: &str) -> Option<i64> {
        self.tokens.get(&hash(token))?.expires_at
    }

    /// Says that a refresh token takes the place of another, which works until this one is used.
    pub fn replace_token(&mut self, token: &str, old: &str) {
        if let Some(record) = self.tokens.get_mut(&hash(token)) {
            record.replaces = Some(hash(old));
        }
    }

    /// Ends the token that this one replaced: it is in use now.
    pub fn settle_replacement(&mut self, token: &str) {
        let old = self
            .tokens
            .get_mut(&hash(token))
            .and_then(|record| record.replaces.take());
        if let Some(record) = old.and_then(|old| self.tokens.get_mut(&old)) {
            record.revoked = true;
        }
    }

    /// The grant behind a token of either kind that was given out once, spent or not.
    pub fn grant_behind(&self, profile: &str, token: &str) -> Option<(u64, &GrantRecord)> {
        let record = self.tokens.get(&hash(token))?;
        let grant = self.grants.get(&record.grant)?;
        (grant.profile == profile).then_some((record.grant, grant))
    }

    /// Whether whoever approved this code has approved the app before, and not withdrawn it.
    pub fn approved_before(&self, profile: &str, client_id: &str, code: &str) -> bool {
        self.codes.get(&hash(code)).is_some_and(|code| {
            self.grants
                .values()
                .any(|grant| is_live(grant, profile, &code.account, client_id))
        })
    }

    /// Gives a grant also the scopes that the same person gave the same app before.
    pub fn add_earlier_scopes(&mut self, number: u64) {
        let Some(grant) = self.grants.get(&number).cloned() else {
            return;
        };
        let earlier: Vec<String> = self
            .grants
            .values()
            .filter(|other| is_live(other, &grant.profile, &grant.account, &grant.client_id))
            .flat_map(|other| other.scopes.clone())
            .collect();
        if let Some(grant) = self.grants.get_mut(&number) {
            for scope in earlier {
                if !grant.scopes.contains(&scope) {
                    grant.scopes.push(scope);
                }
            }
        }
    }

    /// Whose approval a code stands for.
    pub fn account_of_code(&self, profile: &str, code: &str) -> Option<&str> {
        self.codes
            .get(&hash(code))
            .filter(|code| code.profile == profile)
            .map(|code| code.account.as_str())
    }

    /// What a code carries under a name.
    pub fn carried_by_code(&self, profile: &str, code: &str, name: &str) -> Option<&str> {
        self.context_of_code(profile, code)?.get(name).map(String::as_str)
    }

    /// All that a code carries besides the usual.
    pub fn context_of_code(&self, profile: &str, code: &str) -> Option<&Context> {
        self.codes
            .get(&hash(code))
            .filter(|code| code.profile == profile)
            .map(|code| &code.context)
    }

    /// What a token is worth at a provider.
    pub fn token_state(&self, profile: &str, token: &str, kind: TokenKind, now: i64) -> TokenState {
        let Some(record) = self.tokens.get(&hash(token)).filter(|record| record.kind == kind) else {
            return TokenState::Unknown;
        };
        match self.grants.get(&record.grant) {
            Some(grant) if grant.profile == profile => {
                if grant.revoked || record.revoked {
                    TokenState::Revoked
                } else if record.expires_at.is_some_and(|end| now >= end) {
                    TokenState::Expired
                } else {
                    TokenState::Live(record.grant, grant.clone())
                }
            }
            _ => TokenState::Unknown,
        }
    }

    /// Ends a grant and with it all its tokens.
    pub fn revoke_grant(&mut self, number: u64) {
        if let Some(grant) = self.grants.get_mut(&number) {
            grant.revoked = true;
        }
    }

    /// Ends one token and leaves the others of its grant.
    pub fn revoke_token(&mut self, token: &str) {
        if let Some(record) = self.tokens.get_mut(&hash(token)) {
            record.revoked = true;
        }
    }

    /// Ends the access tokens of a grant and leaves its refresh tokens.
    pub fn revoke_access_tokens(&mut self, number: u64) {
        let of_grant = |token: &&mut TokenRecord| token.grant == number && token.kind == TokenKind::Access;
        for token in self.tokens.values_mut().filter(of_grant) {
            token.revoked = true;
        }
    }

    /// Ends all grants of an account, for one app or for all; returns how many ended.
    pub fn revoke_account(&mut self, profile: &str, account: &str, client_id: Option<&str>) -> usize {
        let mut ended = 0;
        for grant in self.grants.values_mut().filter(|grant| {
            !grant.revoked
                && grant.profile == profile
                && grant.account == account
                && client_id.is_none_or(|id| id == grant.client_id)
        }) {
            grant.revoked = true;
            ended += 1;
        }
        ended
    }

    /// Makes the access tokens of an account expire now; returns how many did.
    pub fn expire_access(&mut self, profile: &str, account: &str, now: i64) -> usize {
        let grants = &self.grants;
        let mut expired = 0;
        for token in self.tokens.values_mut().filter(|token| {
            token.kind == TokenKind::Access
                && grants
                    .get(&token.grant)
                    .is_some_and(|grant| grant.profile == profile && grant.account == account)
        }) {
            token.expires_at = Some(now);
            expired += 1;
        }
        expired
    }
}
