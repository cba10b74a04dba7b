//! What is read with an access token (RFC 6750).

use axum::http::StatusCode;

use super::{Desk, error, is_host, is_path};
use crate::{
    core::{
        answer::Answer,
        call::Call,
        grants::TokenState,
        ledger::{GrantRecord, TokenKind},
        world::World,
    },
    profiles::{Account, Profile as _},
};

/// What is read with an access token.
pub struct Api {
    /// The scheme of the `Authorization` header that carries it.
    pub scheme: &'static str,
    /// True where the token may also stand in that header without a scheme.
    pub scheme_optional: bool,
    /// Checks what every call needs besides the token, such as a version header.
    pub check: fn(&Call) -> Result<(), Answer>,
    /// The answer to a missing, unknown or ended token.
    pub unauthorised: fn() -> Answer,
    /// The same at some of the addresses, where they have an answer of their own.
    pub unauthorised_at: fn(&Call) -> Option<Answer>,
    /// A more telling answer to a token that is not good, where the provider has one.
    pub ended: fn(&TokenState) -> Option<Answer>,
    /// The answer to a token without the scope that is needed.
    pub forbidden: fn(&str) -> Answer,
    /// The calls.
    pub reads: &'static [Read],
}

impl Api {
    /// Bearer tokens, and errors as RFC 6750 section 3.1 names them.
    pub const STANDARD: Self = Self {
        scheme: "Bearer",
        scheme_optional: false,
        check: |_| Ok(()),
        unauthorised: || {
            error(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "no access token that works",
            )
        },
        unauthorised_at: |_| None,
        ended: |_| None,
        forbidden: |_| {
            error(
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "the token lacks a scope",
            )
        },
        reads: &[],
    };
}

/// One call of an API.
pub struct Read {
    /// The HTTP method.
    pub method: &'static str,
    /// The host; `*` stands for one label.
    pub host: &'static str,
    /// The path; a segment `*` stands for any one segment.
    pub path: &'static str,
    /// The scope that the token needs; empty for none.
    pub scope: &'static str,
    /// What is answered.
    pub answer: fn(&Seen<'_>) -> Answer,
}

/// A call of an API by someone who may make it.
pub struct Seen<'a> {
    /// Everything else.
    pub world: &'a World,
    /// The call.
    pub call: &'a Call,
    /// The approval behind its token.
    pub grant: &'a GrantRecord,
    /// Whose data it is about.
    pub account: &'static Account,
}

impl Seen<'_> {
    /// A segment of the path, counted from 0.
    pub fn segment(&self, place: usize) -> &str {
        self.call
            .path
            .trim_start_matches('/')
            .split('/')
            .nth(place)
            .unwrap_or_default()
    }
}

impl Desk<'_> {
    /// A call of the API.
    pub(super) fn read(&self) -> Answer {
        let call = self.call;
        let is_here = |read: &&Read| is_host(read.host, &call.host) && is_path(read.path, &call.path);
        let usual = &self.provider.api;
        let api = std::iter::once(usual)
            .chain(self.provider.more_apis)
            .find(|api| api.reads.iter().any(|read| is_here(&read)))
            .unwrap_or(usual);
        let here: Vec<&Read> = api.reads.iter().filter(is_here).collect();
        let Some(first) = here.first() else {
            return Answer::no_such_path(&call.host, &call.path);
        };
        let Some(read) = here.iter().find(|read| read.method == call.method.as_str()) else {
            return Answer::wrong_method(first.method);
        };
        if let Err(refusal) = (api.check)(call) {
            return refusal;
        }
        let bare = || {
            call.header("authorization")
                .filter(|value| api.scheme_optional && !value.contains(' '))
        };
        let state = call.credentials(api.scheme).or_else(bare).map(|token| {
            self.world
                .read(|ledger| ledger.token_state(self.provider.id, token, TokenKind::Access, call.now))
        });
        let unauthorised = || (api.unauthorised_at)(call).unwrap_or_else(api.unauthorised);
        let grant = match state {
            Some(TokenState::Live(_, grant)) => grant,
            Some(other) => return (api.ended)(&other).unwrap_or_else(unauthorised),
            None => return unauthorised(),
        };
        let Some(account) = (&self.provider).account(&grant.account) else {
            return unauthorised();
        };
        if !read.scope.is_empty() && !grant.scopes.iter().any(|scope| scope == read.scope) {
            return (api.forbidden)(read.scope);
        }
        (read.answer)(&Seen {
            world: self.world,
            call,
            grant: &grant,
            account,
        })
    }
}
