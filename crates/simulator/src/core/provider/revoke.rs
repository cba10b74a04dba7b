//! Where access is ended (RFC 7009).

use axum::http::StatusCode;

use super::{Credentials, Desk, Encoding, is_host, is_path, standard_error};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::TokenState,
    ledger::{GrantRecord, TokenKind},
    params::Params,
    token::Refusal,
};

/// Where access is ended.
pub struct RevokeDesk {
    /// The HTTP method.
    pub method: &'static str,
    /// Its host; `*` stands for one label.
    pub host: &'static str,
    /// Its path; a `*` stands for one segment.
    pub path: &'static str,
    /// What authorises the call.
    pub by: RevokeBy,
    /// How the body is written.
    pub body: Encoding,
    /// Where the token is.
    pub token: TokenIn,
    /// Which kinds of tokens it takes.
    pub kinds: &'static [TokenKind],
    /// What ends.
    pub ends: Ends,
    /// Checks what only this provider asks for: headers, an empty body.
    pub check: fn(&Call) -> Result<(), Refusal>,
    /// The answer where something ended.
    pub done: fn() -> Answer,
    /// The answer to a token that is not known or has ended. RFC 7009 section 2.2 wants the same as for one that is.
    pub unknown: fn() -> Answer,
    /// How a refusal is said.
    pub error: fn(&Refusal) -> Answer,
}

impl RevokeDesk {
    /// RFC 7009: a form with the field `token`, credentials in the body, 200 whether the token was known or not.
    pub const STANDARD: Self = Self {
        method: "POST",
        host: "",
        path: "",
        by: RevokeBy::App(Credentials::Body),
        body: Encoding::Form,
        token: TokenIn::Field("token"),
        kinds: &[TokenKind::Access, TokenKind::Refresh],
        ends: Ends::Grant,
        check: |_| Ok(()),
        done: || Answer::empty(StatusCode::OK),
        unknown: || Answer::empty(StatusCode::OK),
        error: standard_error,
    };
}

/// What authorises a revocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RevokeBy {
    /// The app's id and secret.
    App(Credentials),
    /// The token alone.
    Token,
}

/// Where the token to end is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TokenIn {
    /// In a field of the body.
    Field(&'static str),
    /// In one of several fields of the body, each for one kind.
    OneOf(&'static [(&'static str, TokenKind)]),
    /// In a field of a form or in the query, but not in both.
    FieldOrQuery(&'static str),
    /// It is the last segment of the path.
    Path,
    /// It is the one in the `Authorization` header, as for an API call.
    Header,
}

/// What a revocation ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The approval and all tokens that came from it.
    Grant,
    /// The one token.
    Token,
    /// With a refresh token the approval and all tokens that came from it; an access token alone.
    ByKind,
    /// All approvals that the account gave the app: it is uninstalled there.
    Account,
    /// All approvals that the same person, by name, gave the app for any account.
    Person,
}

impl Desk<'_> {
    /// A token, or what came from the same approval, ends.
    pub(super) fn revoke(&self, desk: &RevokeDesk) -> Result<Answer, Refusal> {
        (desk.check)(self.call)?;
        let has_body = matches!(desk.token, TokenIn::Field(_) | TokenIn::OneOf(_))
            || desk.by == RevokeBy::App(Credentials::Body);
        let fields = if has_body {
            self.fields(desk.body)?
        } else {
            Params::default()
        };
        let client = match desk.by {
            RevokeBy::App(credentials) => Some(self.client(credentials, &fields)?),
            RevokeBy::Token => None,
        };
        let (token, kinds) = self
            .to_end(desk, &fields)?
            .ok_or(Refusal::Malformed("the token is missing"))?;
        let found = kinds.iter().find_map(|kind| {
            let state = self
                .world
                .read(|ledger| ledger.token_state(self.provider.id, &token, *kind, self.call.now));
            match state {
                TokenState::Live(number, grant) => Some((*kind, number, grant)),
                _ => None,
            }
        });
        let own = |(_, _, grant): &(TokenKind, u64, GrantRecord)| {
            client.as_ref().is_none_or(|id| *id == grant.client_id) && !self.is_elsewhere(&grant.account)
        };
        match found.filter(own) {
            None => Ok((desk.unknown)()),
            Some((kind, number, grant)) => {
                self.world.change(|ledger| match (desk.ends, kind) {
                    (Ends::Grant, _) | (Ends::ByKind, TokenKind::Refresh) => ledger.revoke_grant(number),
                    (Ends::Token, _) | (Ends::ByKind, TokenKind::Access) => ledger.revoke_token(&token),
                    (Ends::Account, _) => {
                        ledger.revoke_account(self.provider.id, &grant.account, Some(&grant.client_id));
                    }
                    (Ends::Person, _) => self.provider.of_same_person(&grant.account).for_each(|account| {
                        ledger.revoke_account(self.provider.id, account.id, Some(&grant.client_id));
                    }),
                });
                Ok((desk.done)())
            }
        }
    }

    /// The token that a revocation names, and which kinds it can be of.
    fn to_end<'a>(
        &'a self,
        desk: &RevokeDesk,
        fields: &'a Params,
    ) -> Result<Option<(String, &'static [TokenKind])>, Refusal> {
        let token = match desk.token {
            TokenIn::Field(name) => fields.get(name),
            TokenIn::OneOf(names) => {
                return Ok(names.iter().find_map(|(name, kind)| {
                    Some((fields.get(name)?.to_owned(), std::slice::from_ref(kind)))
                }));
            }
            TokenIn::FieldOrQuery(name) => {
                return Ok(self.field_or_query(name)?.map(|token| (token, desk.kinds)));
            }
            TokenIn::Path => self.call.path.rsplit('/').next(),
            TokenIn::Header => self.call.credentials(self.provider.api.scheme),
        };
        Ok(token.map(|token| (token.to_owned(), desk.kinds)))
    }

    /// A token that may be in either place.
    fn field_or_query(&self, name: &str) -> Result<Option<String>, Refusal> {
        let form = self.call.form().unwrap_or_default();
        match (form.get(name), self.call.query.get(name)) {
            (Some(_), Some(_)) => Err(Refusal::Malformed("the token came twice")),
            (found, None) | (None, found) => Ok(found.map(str::to_owned)),
        }
    }
}

impl RevokeDesk {
    pub(super) fn is_at(&self, call: &Call) -> bool {
        is_host(self.host, &call.host) && is_path(self.path, &call.path)
    }
}
