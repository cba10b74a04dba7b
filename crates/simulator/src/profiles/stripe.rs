//! Stripe, restricted keys.
//!
//! Sources: docs.stripe.com/keys (the shapes of keys, 401 for a wrong one), docs.stripe.com/api/errors (the object of an
//! error), docs.stripe.com/api/invoices/list (`created`, `starting_after`, `has_more`, 100 at most) and docs.stripe.com/api/balance;
//! that a restricted key without a permission gets 403 is documented under docs.stripe.com/keys/restricted-api-keys. The
//! words of errors are own knowledge. Stricter than documented: an unknown parameter is refused, and so is a call without
//! `Stripe-Version`.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Profile};
use crate::core::{
    answer::Answer,
    call::Call,
    ledger::KeyRecord,
    sample::{Sample, SampleStream, samples, truth},
    world::World,
};

const HOST: &str = "api.stripe.com";
/// Longest page.
const MOST: usize = 100;

const ACCOUNTS: [Account; 1] = [Account {
    id: "acct_1AcmeExample0001",
    label: "Acme",
    name: "Acme",
}];

const INVOICES: SampleStream = SampleStream {
    name: "invoices",
    per_day: 40,
    id: |_, sample| format!("in_{:024}", sample.number),
    ..SampleStream::STANDARD
};

/// Stripe.
pub struct Stripe;

impl Profile for Stripe {
    fn id(&self) -> &'static str {
        "stripe"
    }

    fn name(&self) -> &'static str {
        "Stripe"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[HOST]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    /// `rk_live_…` and its kin: at least 16 letters and digits.
    fn is_key(&self, key: &str) -> bool {
        let kinds = ["rk_live_", "rk_test_", "sk_live_", "sk_test_"];
        kinds.iter().any(|kind| {
            key.strip_prefix(kind)
                .is_some_and(|rest| rest.len() >= 16 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        })
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["created[gte]", "created[lt]"]
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let (right, list): (_, fn(&World, &Call) -> Answer) = match call.path.as_str() {
            "/v1/balance" => ("balance_read", balance),
            "/v1/invoices" => ("invoice_read", invoices),
            path => return Answer::no_such_path(&call.host, path),
        };
        if call.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        let record = match self.key(world, call) {
            Ok(record) => record,
            Err(refusal) => return refusal,
        };
        if call.header("stripe-version").is_none() {
            return error(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                None,
                "Stripe-Version is missing",
            );
        }
        if record.rights.iter().any(|held| held == right) {
            list(world, call)
        } else {
            let words = "The provided key does not have the required permissions for this endpoint.";
            error(StatusCode::FORBIDDEN, "invalid_request_error", None, words)
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
        (stream == INVOICES.name).then(|| truth(world.seed, &INVOICES, account, world.now(), from, to))
    }
}

impl Stripe {
    /// The key comes as a token or as the user of Basic credentials.
    fn key(&self, world: &World, call: &Call) -> Result<KeyRecord, Answer> {
        let basic = call.basic().map(|(user, _)| user);
        let given = call.bearer().or(basic.as_deref());
        let Some(given) = given else {
            return Err(error(
                StatusCode::UNAUTHORIZED,
                "invalid_request_error",
                None,
                "You did not provide an API key.",
            ));
        };
        let known = world.read(|ledger| ledger.key(self.id(), given).cloned());
        known.ok_or_else(|| {
            let words = "Invalid API Key provided.";
            error(
                StatusCode::UNAUTHORIZED,
                "invalid_request_error",
                Some("invalid_api_key"),
                words,
            )
        })
    }
}

fn error(status: StatusCode, kind: &str, code: Option<&str>, message: &str) -> Answer {
    let mut body = json!({"error": {"type": kind, "message": message}});
    if let Some(code) = code {
        body["error"]["code"] = json!(code);
    }
    Answer::json(status, &body).refused(message)
}

fn balance(_: &World, _: &Call) -> Answer {
    let amount = json!([{"amount": 125_000, "currency": "eur", "source_types": {"card": 125_000}}]);
    let body = json!({"object": "balance", "livemode": false, "available": amount, "pending": []});
    Answer::json(StatusCode::OK, &body)
}

/// Invoices by the time they were made, newest first.
fn invoices(world: &World, call: &Call) -> Answer {
    let refused = |words| error(StatusCode::BAD_REQUEST, "invalid_request_error", None, words);
    let query = &call.query;
    let known = ["limit", "created[gte]", "created[lt]", "starting_after"];
    if query.iter().any(|(name, _)| !known.contains(&name)) {
        return refused("Received unknown parameter");
    }
    let time = |name, default: i64| {
        query
            .get(name)
            .map_or(Some(default), |text| text.parse::<i64>().ok())
    };
    let size = query.get("limit").map_or(Some(10), |size| size.parse().ok());
    let (Some(from), Some(to), Some(size)) = (
        time("created[gte]", 0),
        time("created[lt]", i64::MAX / 1000),
        size.filter(|size| (1..=MOST).contains(size)),
    ) else {
        return refused("Invalid integer");
    };
    let Some(account) = ACCOUNTS.first() else {
        return refused("no account");
    };
    let mut all = samples(
        world.seed,
        &INVOICES,
        account,
        "",
        call.now,
        from * 1000,
        to * 1000,
    );
    all.reverse();
    let begin = match query.get("starting_after") {
        None => Some(0),
        Some(last) => all.iter().position(|sample| id(sample) == last).map(|at| at + 1),
    };
    let Some(begin) = begin else {
        return refused("No such invoice");
    };
    let shown: Vec<Value> = all.iter().skip(begin).take(size).map(invoice).collect();
    let body = json!({
        "object": "list", "url": "/v1/invoices", "has_more": begin + shown.len() < all.len(), "data": shown,
    });
    Answer::json(StatusCode::OK, &body)
}

fn id(sample: &Sample) -> String {
    (INVOICES.id)("", sample)
}

fn invoice(sample: &Sample) -> Value {
    json!({
        "id": id(sample), "object": "invoice", "number": format!("ACME-{}", sample.number % 100_000),
        "created": sample.at / 1000, "currency": "eur", "status": "paid", "total": 1_000 + sample.number % 9_000,
    })
}
