//! Zoho Books: every person's data lives in one data centre, and so do their codes and tokens.
//!
//! Sources: zoho.com/books/api/v3 "OAuth", "Errors" and "Organizations" (authorize, token, `Zoho-oauthtoken`,
//! `organization_id`); zoho.com/accounts/protocol/oauth "Multi DC support", "Using Multi DC in server and client-based
//! apps" and "Revoke OAuth tokens" (`location` and `accounts-server` in the callback, `api_domain` with the tokens, the
//! token in query or form, 400 for one that is no good, access tokens that end with their refresh token); Zoho CRM
//! "Multi DC Support" for the hosts; help.zoho.com "Kaizen #4, Troubleshooting OAuth2.0" for the words of errors, which
//! come with status 200; "Invoices" and "Pagination" of zoho.com/books/api/v3 (columns and directions to sort by, 200 a
//! page, `page_context`); zoho.com/pdfeditor/help/api "oauth-step4" for the 20 refresh tokens of a person. Own knowledge:
//! codes live a minute, how tokens look, the body of the 400. Not played: the limits of tokens a minute. Stricter than
//! documented: accounts.zoho.com leads to every data centre, the other hosts know only their own people; credentials are
//! read in a form only, although the query works too; `Bearer` is not taken, although most products do; PKCE, documented
//! for public clients, is refused; of the list of invoices the parameters of order and pages are known. Own knowledge too: the
//! codes of errors besides 57.

mod invoices;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Back, Context, OAuth, Pairs, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    ledger::GrantRecord,
    provider::{
        APPROVED_BEFORE, Api, Ends, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn,
        standard_answer,
    },
    token::Refusal,
};

/// The data centre whose sign-in page leads to all others.
const FIRST: &str = "accounts.zoho.com";
const ACCOUNTS_HOSTS: &str = "accounts.zoho.com|accounts.zoho.eu|accounts.zoho.in|accounts.zoho.com.au|accounts.zoho.jp|accounts.zoho.com.cn|accounts.zoho.sa|accounts.zoho.uk|accounts.zohocloud.ca";
const API_HOSTS: &str = "www.zohoapis.com|www.zohoapis.eu|www.zohoapis.in|www.zohoapis.com.au|www.zohoapis.jp|www.zohoapis.com.cn|www.zohoapis.sa|www.zohoapis.uk|www.zohoapis.ca";

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "20060001001",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "60060001002",
        label: "Acme Retail Canada",
        name: "Ana Ruiz, Canada",
    },
    Account {
        id: "70060001003",
        label: "Globex",
        name: "Ben Cole",
    },
];

/// Where the people behind the accounts are: `location`, the host that signs them in, the host of the API.
const CENTRES: [(&str, &str, &str); 3] = [
    ("eu", "accounts.zoho.eu", "www.zohoapis.eu"),
    ("ca", "accounts.zohocloud.ca", "www.zohoapis.ca"),
    ("us", FIRST, "www.zohoapis.com"),
];

static OAUTH: OAuth = OAuth {
    authorize_host: ACCOUNTS_HOSTS,
    authorize_path: "/oauth/v2/auth",
    scopes: &[
        Scope {
            name: "ZohoBooks.settings.READ",
            words: "see your organisation's settings",
        },
        Scope {
            name: "ZohoBooks.contacts.READ",
            words: "see your contacts",
        },
        Scope {
            name: "ZohoBooks.invoices.READ",
            words: "see your invoices",
        },
    ],
    scope_separator: ',',
    scope_required: true,
    unknown_scope: "invalid_scope",
    code_life_ms: 60_000,
    access_prefix: "1000.",
    refresh_prefix: Some("1000."),
    token_length: 65,
    most_refresh_tokens: Some(20),
    what: "organisation",
    ..OAuth::STANDARD
};

/// Zoho Books.
pub static ZOHO_BOOKS: Provider = Provider {
    id: "zoho-books",
    name: "Zoho Books",
    hosts: &[ACCOUNTS_HOSTS, API_HOSTS],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["access_type"],
    check_request: access_type,
    lives_here: |account, host| host == FIRST || centre(account).1 == host,
    home: |account| Some(centre(account).1),
    send_back: where_from,
    tokens: TokenDesk {
        host: ACCOUNTS_HOSTS,
        path: "/oauth/v2/token",
        refresh_if: offline,
        answer: token_answer,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: ACCOUNTS_HOSTS,
        path: "/oauth/v2/token/revoke",
        by: RevokeBy::Token,
        token: TokenIn::FieldOrQuery("token"),
        ends: Ends::ByKind,
        done: || Answer::json(StatusCode::OK, &json!({"status": "success"})),
        unknown: not_a_token,
        error: |_| not_a_token(),
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        scheme: "Zoho-oauthtoken",
        unauthorised,
        forbidden: |_| unauthorised(),
        reads: &[
            Read {
                method: "GET",
                host: API_HOSTS,
                path: "/books/v3/organizations",
                scope: "ZohoBooks.settings.READ",
                answer: organizations,
            },
            Read {
                method: "GET",
                host: API_HOSTS,
                path: "/books/v3/invoices",
                scope: "ZohoBooks.invoices.READ",
                answer: invoices::list,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[invoices::INVOICES],
    ..Provider::STANDARD
};

/// The data centre of an account: the one at the same place in the list.
fn centre(account: &Account) -> (&'static str, &'static str, &'static str) {
    let place = ACCOUNTS.iter().position(|known| known.id == account.id);
    place
        .and_then(|place| CENTRES.get(place))
        .copied()
        .unwrap_or(CENTRES[2])
}

fn access_type(call: &Call) -> Result<Context, Told> {
    let get = |name| call.query.get(name);
    if !matches!(get("access_type"), None | Some("online" | "offline")) {
        return Err(("invalid_request", "access_type is online or offline"));
    }
    let noted = |name: &str, yes: bool| (name.to_owned(), yes.to_string());
    Ok(Context::from([
        noted("offline", get("access_type") == Some("offline")),
        noted("consent", get("prompt") == Some("consent")),
    ]))
}

/// A refresh token comes with offline access: the first time, and again where consent is asked for again.
fn offline(grant: &GrantRecord) -> bool {
    let is = |name: &str| grant.context.get(name).is_some_and(|value| value == "true");
    is("offline") && (is("consent") || !is(APPROVED_BEFORE))
}

/// Says in which data centre the person is; a refusal comes from nowhere.
fn where_from(back: &Back<'_>, pairs: &mut Pairs) {
    if let Some(account) = back.account {
        let (location, host, _) = centre(account);
        pairs.push(("location".to_owned(), location.to_owned()));
        pairs.push(("accounts-server".to_owned(), format!("https://{host}")));
    }
}

fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    body["scope"] = json!(handed.issued.grant.scopes.join(" "));
    body["api_domain"] = json!(format!("https://{}", centre(handed.account).2));
    body
}

/// Errors come with status 200.
fn token_error(refusal: &Refusal) -> Answer {
    let word = match refusal {
        Refusal::NoClient => "invalid_client",
        Refusal::Client => "invalid_client_secret",
        Refusal::GrantType => "unsupported_grant_type",
        Refusal::Code(BadCode::Redirect) => "invalid_redirect_uri",
        Refusal::Code(_) | Refusal::Refresh => "invalid_code",
        Refusal::Malformed(_) => "general_error",
    };
    Answer::json(StatusCode::OK, &json!({"error": word})).refused(refusal.reason())
}

fn not_a_token() -> Answer {
    let body = json!({"error": "invalid_token"});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused("no token that works")
}

fn unauthorised() -> Answer {
    let body = json!({"code": 57, "message": "You are not authorized to perform this operation"});
    Answer::json(StatusCode::UNAUTHORIZED, &body).refused("no access token that works here")
}

/// The organisations of the person; everyone here has one.
fn organizations(seen: &Seen<'_>) -> Answer {
    if centre(seen.account).2 != seen.call.host {
        return unauthorised();
    }
    let organization = json!({
        "organization_id": seen.account.id,
        "name": seen.account.label,
        "contact_name": seen.account.name,
        "is_default_org": true,
        "language_code": "en",
        "time_zone": "Europe/Berlin",
        "currency_code": "EUR",
        "is_org_active": true,
    });
    let body = json!({"code": 0, "message": "success", "organizations": [organization]});
    Answer::json(StatusCode::OK, &body)
}
