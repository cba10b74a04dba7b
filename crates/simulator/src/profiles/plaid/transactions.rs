//! Transactions of an Item: collected after it was linked, the newest days first, then told newest first.

use serde_json::{Value, json};

use super::{
    Plaid,
    calls::{Body, Failure, Request, invalid},
    items::{carried, needs_login},
    uuid,
};
use crate::{
    core::{
        history::{DAY_MS, date, parse_date},
        ledger::GrantRecord,
        sample::{self, Sample, SampleStream},
        world::World,
    },
    profiles::{Account, Profile},
};

/// Most of a page, and how many are given where nobody says.
const MOST: u64 = 500;
const USUAL: u64 = 100;
/// How long after the link the newest 30 days are there, and all that was asked for.
const NEWEST_MS: i64 = 5_000;
const ALL_MS: i64 = 30_000;
const NEWEST_DAYS: i64 = 30;

/// Transactions; a bank tells their day.
pub const TRANSACTIONS: SampleStream = SampleStream {
    name: "transactions",
    per_day: 6,
    id: |_, sample| format!("tx{}", uuid(&sample.number.to_string()).replace('-', "")),
    ..SampleStream::STANDARD
};

/// How far an Item's collection is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collected {
    Nothing,
    Newest,
    All,
}

/// The ids of an account's transactions whose day begins in `[from, to)`.
pub fn truth(world: &World, account: &Account, from: i64, to: i64) -> Vec<String> {
    let begins = |sample: &Sample| sample.at.div_euclid(DAY_MS) * DAY_MS;
    of_account(world, account)
        .iter()
        .filter(|sample| (from..to).contains(&begins(sample)))
        .map(|sample| (TRANSACTIONS.id)("", sample))
        .collect()
}

/// All of an account's transactions, oldest first.
fn of_account(world: &World, account: &Account) -> Vec<Sample> {
    sample::samples(
        world.seed,
        &TRANSACTIONS,
        account,
        "",
        world.now(),
        i64::MIN,
        i64::MAX,
    )
}

impl Plaid {
    /// Transactions of a span of days.
    pub(super) fn transactions(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let body = request.body(&["access_token", "start_date", "end_date", "options"], 3)?;
        let (_, grant) = self.owner_of(request, &body)?;
        let (count, offset) = place(&body)?;
        let day = |name| {
            let day = parse_date(body.text(name)?);
            day.ok_or_else(|| invalid(name, "must be in the format YYYY-MM-DD"))
        };
        let (first, last) = (day("start_date")?, day("end_date")?);
        if first > last {
            return Err(invalid("start_date", "must not be after end_date"));
        }
        let mut all = self.collected(request, &grant)?;
        all.retain(|sample| (first..=last).contains(&sample.at.div_euclid(DAY_MS)));
        all.reverse();
        let shown: Vec<Value> = all
            .iter()
            .skip(offset)
            .take(count)
            .map(|sample| transaction(&grant, sample))
            .collect();
        Ok(json!({
            "accounts": [{"account_id": account_id(&grant), "name": "Checking", "type": "depository"}],
            "item": {"item_id": carried(&grant, "item"), "institution_id": grant.account},
            "total_transactions": all.len(),
            "transactions": shown,
        }))
    }

    /// How far the collection is, and the first transactions of all.
    pub(super) fn sync(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let body = request.body(&["access_token", "count"], 1)?;
        let (_, grant) = self.owner_of(request, &body)?;
        needs_no_login(request, &grant)?;
        let count = number(body.fields.get("count"), "count", USUAL, 1..=MOST)?;
        let state = state(request, &grant);
        let all = match state {
            Collected::Nothing => Vec::new(),
            _ => self.collected(request, &grant)?,
        };
        let added: Vec<Value> = all
            .iter()
            .take(count)
            .map(|sample| transaction(&grant, sample))
            .collect();
        let status = match state {
            Collected::Nothing => "NOT_READY",
            Collected::Newest => "INITIAL_UPDATE_COMPLETE",
            Collected::All => "HISTORICAL_UPDATE_COMPLETE",
        };
        let cursor = if added.is_empty() {
            String::new()
        } else {
            uuid(status)
        };
        Ok(json!({
            "transactions_update_status": status,
            "accounts": [],
            "added": added,
            "modified": [],
            "removed": [],
            "next_cursor": cursor,
            "has_more": all.len() > count,
        }))
    }

    /// What was collected so far, oldest first.
    fn collected(&self, request: &Request<'_>, grant: &GrantRecord) -> Result<Vec<Sample>, Failure> {
        needs_no_login(request, grant)?;
        let asked: i64 = carried(grant, "days").parse().unwrap_or(90);
        let days = match state(request, grant) {
            Collected::Nothing => {
                let words = "the requested product is not yet ready. please provide a webhook or try the request again later";
                return Err(Failure::item("PRODUCT_NOT_READY", words));
            }
            Collected::Newest => asked.min(NEWEST_DAYS),
            Collected::All => asked,
        };
        let first = linked_at(grant).div_euclid(DAY_MS) - days;
        let mut all = self
            .account(&grant.account)
            .map(|account| of_account(request.world, account))
            .unwrap_or_default();
        all.retain(|sample| sample.at.div_euclid(DAY_MS) >= first);
        Ok(all)
    }
}

/// How many transactions, and after how many.
fn place(body: &Body) -> Result<(usize, usize), Failure> {
    let options = body.fields.get("options");
    let known = ["count", "offset"];
    match options {
        None => {}
        Some(Value::Object(fields)) if fields.keys().all(|name| known.contains(&name.as_str())) => {}
        Some(_) => {
            let words = "options has a field that is not known (simulated provider)";
            return Err(Failure::request("UNKNOWN_FIELDS", words));
        }
    }
    let option = |name| body.member("options", name);
    Ok((
        number(option("count"), "options.count", USUAL, 1..=MOST)?,
        number(option("offset"), "options.offset", 0, 0..=u64::from(u32::MAX))?,
    ))
}

/// A field that is a number, and not text.
fn number(
    given: Option<&Value>,
    name: &str,
    usual: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<usize, Failure> {
    given
        .map_or(Some(usual), Value::as_u64)
        .filter(|number| range.contains(number))
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| invalid(name, "must be a number within its limits"))
}

fn linked_at(grant: &GrantRecord) -> i64 {
    carried(grant, "linked-at").parse().unwrap_or_default()
}

fn state(request: &Request<'_>, grant: &GrantRecord) -> Collected {
    match request.call.now - linked_at(grant) {
        age if age < NEWEST_MS => Collected::Nothing,
        age if age < ALL_MS => Collected::Newest,
        _ => Collected::All,
    }
}

/// An Item of the sandbox asks for a new login after a while.
fn needs_no_login(request: &Request<'_>, grant: &GrantRecord) -> Result<(), Failure> {
    match needs_login(request, linked_at(grant)) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

fn account_id(grant: &GrantRecord) -> String {
    uuid(&format!("account of {}", carried(grant, "item")))
}

/// Every fourth has no merchant that is known.
fn transaction(grant: &GrantRecord, sample: &Sample) -> Value {
    let day = date(sample.at.div_euclid(DAY_MS));
    let merchant = (!sample.number.is_multiple_of(4)).then_some(&sample.title);
    json!({
        "transaction_id": (TRANSACTIONS.id)("", sample),
        "account_id": account_id(grant),
        "amount": 10 + sample.number % 490,
        "iso_currency_code": "USD",
        "date": day,
        "authorized_date": day,
        "datetime": null,
        "name": sample.title.to_uppercase(),
        "merchant_name": merchant,
        "payment_channel": "online",
        "pending": false,
        "pending_transaction_id": null,
    })
}
