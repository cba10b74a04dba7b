//! Notion, public connections.
//!
//! Sources: developers.notion.com/reference/create-a-token, refresh-a-token and revoke-token (Basic credentials, JSON,
//! `Notion-Version` on every call, the fields of the answer); makenotion/notion-sdk-js `src/api-endpoints/oauth.ts`;
//! simov/grant `config/oauth.json#notion` for `owner=user`. Which errors the token endpoint gives is not documented:
//! RFC 6749 section 5.2. Stricter than documented: PKCE and scopes, which Notion does not mention, are refused;
//! `redirect_uri` has to be sent with the code; a refresh token works once. Search (developers.notion.com/reference/post-search)
//! knows one order, `last_edited_time`, and pages of 100 at most. Access tokens have no documented end.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Profile, Rotation, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::TokenState,
    history::iso,
    ledger::{GrantRecord, TokenKind},
    provider::Seen,
    sample::{Sample, SampleStream, truth},
    token::{self, Issued, Refusal},
    world::World,
};

const HOST: &str = "api.notion.com";
const VERSIONS: [&str; 3] = ["2022-06-28", "2025-09-03", "2026-03-11"];

/// A workspace is what gets connected: the id is that of the connection's bot there.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "7a1f0c52-0000-4000-8000-000000000101",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "7a1f0c52-0000-4000-8000-000000000102",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "7a1f0c52-0000-4000-8000-000000000103",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOST,
    authorize_path: "/v1/oauth/authorize",
    response_type_required: true,
    scopes: &[],
    scope_separator: ' ',
    scope_required: false,
    unknown_scope: "invalid_request",
    denied: &[],
    code_life_ms: 10 * 60_000,
    access_life_ms: None,
    access_prefix: "ntn_",
    refresh_prefix: Some("nrt_"),
    token_length: 46,
    pkce: Pkce::Refused,
    optional_scopes: &[],
    refresh_life_ms: None,
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Spend,
    what: "workspace",
    unasked: "see the pages that you share with it",
    ..OAuth::STANDARD
};

/// Notion.
pub struct Notion;

impl Profile for Notion {
    fn id(&self) -> &'static str {
        "notion"
    }

    fn name(&self) -> &'static str {
        "Notion"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[HOST]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["owner"]
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        match call.query.get("owner") {
            Some("user") => Ok(Context::new()),
            _ => Err(("invalid_request", "owner must be user")),
        }
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let wanted = match call.path.as_str() {
            "/v1/oauth/token" | "/v1/oauth/revoke" | "/v1/search" => Method::POST,
            "/v1/users/me" => Method::GET,
            path => return Answer::no_such_path(&call.host, path),
        };
        if call.method != wanted {
            return Answer::wrong_method(if wanted == Method::GET { "GET" } else { "POST" });
        }
        let version = call.header("notion-version");
        if version.is_none_or(|version| !VERSIONS.contains(&version)) {
            let words = "Notion-Version header should be defined as one of the supported versions.";
            return api_error(StatusCode::BAD_REQUEST, "missing_version", words);
        }
        match call.path.as_str() {
            "/v1/users/me" => self.me(world, call),
            "/v1/search" => self.search(world, call).unwrap_or_else(|refusal| refusal),
            "/v1/oauth/token" => self
                .token(world, call)
                .unwrap_or_else(|refusal| oauth_error(&refusal)),
            _ => self
                .revoke(world, call)
                .unwrap_or_else(|refusal| oauth_error(&refusal)),
        }
    }

    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        (stream == PAGES.name).then(|| truth(world.seed, &PAGES, account, world.now(), from, to))
    }
}

/// Pages and databases, newest first.
const PAGES: SampleStream = SampleStream {
    name: "pages",
    per_day: 4,
    id: |_, sample| {
        format!(
            "59833787-2cf9-4fdf-8782-{:012}",
            sample.number % 1_000_000_000_000
        )
    },
    ..SampleStream::STANDARD
};

impl Notion {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let fields = token::json(call)?;
        let client = token::basic_client(world, self, call, &fields)?;
        let issued = match fields.get("grant_type") {
            Some("authorization_code") => token::exchange(world, self, &OAUTH, &client, &fields, call.now),
            Some("refresh_token") => token::refresh(world, self, &OAUTH, &client, &fields, call.now),
            Some(_) => Err(Refusal::GrantType),
            None => Err(Refusal::Malformed("grant_type is missing")),
        }?;
        Ok(self.token_answer(&issued))
    }

    fn token_answer(&self, issued: &Issued) -> Answer {
        let body = json!({
            "access_token": issued.access,
            "token_type": "bearer",
            "refresh_token": issued.refresh,
            "bot_id": issued.grant.account,
            "workspace_id": workspace_id(&issued.grant),
            "workspace_name": self.account(&issued.grant.account).map(|account| account.label),
            "workspace_icon": null,
            "owner": {"type": "user", "user": self.person(&issued.grant)},
            "duplicated_template_id": null,
            "request_id": "00000000-0000-4000-8000-000000000000",
        });
        Answer::json(StatusCode::OK, &body).with("cache-control", "no-store")
    }

    /// Takes an access token and ends its whole grant; one that is not known counts as gone (RFC 7009 section 2.2).
    fn revoke(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let fields = token::json(call)?;
        let client = token::basic_client(world, self, call, &fields)?;
        let token = fields
            .get("token")
            .ok_or(Refusal::Malformed("token is missing"))?;
        let state = world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now));
        if let TokenState::Live(number, grant) = state
            && grant.client_id == client
        {
            world.change(|ledger| ledger.revoke_grant(number));
        }
        let body = json!({"request_id": "00000000-0000-4000-8000-000000000000"});
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// What was shared, by the time of the last edit.
    fn search(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let refused = |words| api_error(StatusCode::BAD_REQUEST, "validation_error", words);
        let grant = self.grant(world, call)?;
        let account = self
            .account(&grant.account)
            .ok_or_else(|| refused("no such workspace"))?;
        let body = call
            .json()
            .filter(Value::is_object)
            .ok_or_else(|| refused("The body is not JSON."))?;
        let newest_first = match (&body["sort"]["timestamp"], &body["sort"]["direction"]) {
            (Value::Null, Value::Null) => true,
            (timestamp, direction) if timestamp == "last_edited_time" => match direction.as_str() {
                Some("descending") => true,
                Some("ascending") => false,
                _ => return Err(refused("direction is ascending or descending")),
            },
            _ => return Err(refused("timestamp is last_edited_time")),
        };
        let size = match &body["page_size"] {
            Value::Null => Some(100),
            size => size.as_u64().and_then(|size| usize::try_from(size).ok()),
        };
        let size = size
            .filter(|size| (1..=100).contains(size))
            .ok_or_else(|| refused("page_size is 1 to 100"))?;
        let seen = Seen {
            world,
            call,
            grant: &grant,
            account,
        };
        let bound = format!("{newest_first} {size}");
        let (shown, next) = seen
            .page(body["start_cursor"].as_str(), size, &bound, |as_of| {
                let mut all = seen.samples_as_of(&PAGES, "", i64::MIN, i64::MAX, as_of);
                if newest_first {
                    all.reverse();
                }
                all
            })
            .ok_or_else(|| refused("start_cursor does not belong here"))?;
        let results: Vec<Value> = shown.iter().map(found).collect();
        let body = json!({
            "object": "list",
            "results": results,
            "has_more": next.is_some(),
            "next_cursor": next,
            "type": "page_or_data_source",
        });
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// The approval behind the token of a call.
    fn grant(&self, world: &World, call: &Call) -> Result<GrantRecord, Answer> {
        let state = call.bearer().map(|token| {
            world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        });
        match state {
            Some(TokenState::Live(_, grant)) => Ok(grant),
            _ => Err(api_error(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "API token is invalid.",
            )),
        }
    }

    fn me(&self, world: &World, call: &Call) -> Answer {
        let grant = match self.grant(world, call) {
            Ok(grant) => grant,
            Err(refusal) => return refusal,
        };
        let body = json!({
            "object": "user",
            "id": grant.account,
            "name": "Patchbay",
            "avatar_url": null,
            "type": "bot",
            "bot": {
                "owner": {"type": "user", "user": self.person(&grant)},
                "workspace_id": workspace_id(&grant),
                "workspace_name": self.account(&grant.account).map(|account| account.label),
            },
        });
        Answer::json(StatusCode::OK, &body)
    }

    /// Who approved: the same person can do so in several workspaces.
    fn person(&self, grant: &GrantRecord) -> Value {
        let name = self.account(&grant.account).map(|account| account.name);
        let number = if name == Some("Ana Ruiz") { 1 } else { 2 };
        json!({
            "object": "user",
            "id": format!("5389a034-0000-4000-8000-00000000000{number}"),
            "name": name,
            "avatar_url": null,
            "type": "person",
            "person": {},
        })
    }
}

/// One result: every fifth is a database, in the words of versions since 2025-09-03 a data source.
fn found(sample: &Sample) -> Value {
    let text = json!([{"type": "text", "plain_text": sample.title}]);
    let mut result = json!({
        "id": (PAGES.id)("", sample),
        "created_time": iso(sample.made_at, true),
        "last_edited_time": iso(sample.at, true),
        "in_trash": false,
    });
    if sample.number.is_multiple_of(5) {
        result["object"] = json!("data_source");
        result["title"] = text;
    } else {
        result["object"] = json!("page");
        result["properties"] = json!({"title": {"id": "title", "type": "title", "title": text}});
    }
    result
}

fn workspace_id(grant: &GrantRecord) -> String {
    grant.account.replacen("7a1f0c52", "b54d7c10", 1)
}

fn api_error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({"object": "error", "status": status.as_u16(), "code": code, "message": message});
    Answer::json(status, &body).refused(message)
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (status, error) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    let body = json!({"error": error, "error_description": refusal.reason()});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(refusal.reason())
}
