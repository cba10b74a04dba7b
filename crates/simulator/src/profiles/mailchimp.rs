//! Mailchimp.
//!
//! Sources: mailchimp.com/developer "Access data on behalf of other users with OAuth 2" and the older "How to use `OAuth2`"
//! (authorize, token, metadata with the scheme `OAuth`, tokens without end); docs.unified.to's Mailchimp skill (no
//! scopes, a data centre of each account); public clients for `expires_in: 0`, `scope: null`, the fields of the metadata
//! and its error in a 200. Campaigns: mailchimp.com/developer/marketing/api/campaigns "List campaigns" (filters by status
//! and by the times of making and sending, two fields to sort by, `count` up to 1000 and `offset`) and "Errors" (problem
//! details; a key at another data centre than its own). There is no call that revokes and no refresh token. Own knowledge: the words of token errors.
//! Stricter than documented: a request that names scopes is refused, and so are PKCE, credentials in a header, and the
//! scheme `Bearer` at the metadata, which is taken as well; a parameter that is not known is refused, and `since` and
//! `before` leave out their own second. Not played: drafts, and the media type of errors.

mod campaigns;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth};
use crate::core::{
    answer::Answer,
    provider::{Api, Handed, Provider, Read, Seen, TokenDesk},
};

const LOGIN: &str = "login.mailchimp.com";
/// Every data centre.
const API: &str = "*.api.mailchimp.com";

/// The account's id is a number to Mailchimp.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "40770101",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "40770102",
        label: "Acme Shop",
        name: "Ana Ruiz",
    },
    Account {
        id: "40770103",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: LOGIN,
    authorize_path: "/oauth2/authorize",
    access_life_ms: None,
    token_length: 32,
    unasked: "use everything in your account as you can",
    ..OAuth::STANDARD
};

/// Mailchimp.
pub static MAILCHIMP: Provider = Provider {
    id: "mailchimp",
    name: "Mailchimp",
    hosts: &[LOGIN, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: LOGIN,
        path: "/oauth2/token",
        answer: token_answer,
        ..TokenDesk::STANDARD
    },
    api: Api {
        scheme: "OAuth",
        unauthorised: || {
            let body = json!({
                "error": "invalid_token",
                "error_description": "The access token provided is invalid",
            });
            Answer::json(StatusCode::OK, &body).refused("no access token that works")
        },
        reads: &[Read {
            method: "GET",
            host: LOGIN,
            path: "/oauth2/metadata",
            scope: "",
            answer: metadata,
        }],
        ..Api::STANDARD
    },
    more_apis: &[campaigns::MARKETING],
    streams: &[campaigns::CAMPAIGNS],
    ..Provider::STANDARD
};

/// No end is told as 0.
fn token_answer(handed: &Handed<'_>) -> Value {
    json!({"access_token": handed.issued.access, "expires_in": 0, "scope": null})
}

fn number(account: &Account) -> u64 {
    account.id.parse().unwrap_or_default()
}

/// Where an account's data is.
fn centre(account: &Account) -> &'static str {
    if number(account).is_multiple_of(2) {
        "us6"
    } else {
        "us21"
    }
}

/// Where the account is, and whose it is.
fn metadata(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let (number, centre) = (number(account), centre(account));
    let mail = format!(
        "{}@{}.example",
        first_word(account.name),
        first_word(account.label)
    );
    let body = json!({
        "dc": centre,
        "role": "owner",
        "accountname": account.label,
        "user_id": number,
        "login": {
            "email": mail, "avatar": null, "login_id": number + 1_000_000,
            "login_name": mail, "login_email": mail,
        },
        "login_url": "https://login.mailchimp.com",
        "api_endpoint": format!("https://{centre}.api.mailchimp.com"),
    });
    Answer::json(StatusCode::OK, &body)
}

fn first_word(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_lowercase()
}
