//! The Accounting API: invoices, payments and contacts of one organisation, page by page.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ACCOUNTS, connected, guid};
use crate::core::{
    answer::Answer,
    history::{iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Most of a page, and how many are given where nobody says.
const MOST: usize = 1000;
const USUAL: usize = 100;

/// One kind of record.
pub struct Kind {
    /// The records.
    pub stream: SampleStream,
    /// What the list is called in the answer.
    list: &'static str,
    /// A record in Xero's words, without the time of its last change.
    record: fn(&Sample) -> Value,
}

/// Invoices and bills.
pub const INVOICES: Kind = Kind {
    stream: SampleStream {
        name: "invoices",
        per_day: 4,
        id: |_, sample| guid(&format!("invoice {}", sample.number)),
        ..SampleStream::STANDARD
    },
    list: "Invoices",
    record: invoice,
};

/// Payments of them.
pub const PAYMENTS: Kind = Kind {
    stream: SampleStream {
        name: "payments",
        id: |_, sample| guid(&format!("payment {}", sample.number)),
        ..SampleStream::STANDARD
    },
    list: "Payments",
    record: |sample| {
        json!({
            "PaymentID": (PAYMENTS.stream.id)("", sample),
            "Date": date(sample.made_at),
            "Amount": 100 + sample.number % 900,
            "CurrencyRate": 1.0,
            "PaymentType": "ACCRECPAYMENT",
            "Status": "AUTHORISED",
            "Reference": sample.title,
            "IsReconciled": false,
        })
    },
};

/// Customers and suppliers.
pub const CONTACTS: Kind = Kind {
    stream: SampleStream {
        name: "contacts",
        per_day: 2,
        id: |_, sample| guid(&format!("contact {}", sample.number)),
        ..SampleStream::STANDARD
    },
    list: "Contacts",
    record: |sample| {
        json!({
            "ContactID": (CONTACTS.stream.id)("", sample),
            "ContactStatus": "ACTIVE",
            "Name": format!("Customer {}", sample.number % 100_000),
            "IsSupplier": false,
            "IsCustomer": true,
        })
    },
};

/// Every other one is a bill, which need not have a number.
fn invoice(sample: &Sample) -> Value {
    let is_bill = sample.number % 2 == 1;
    json!({
        "Type": if is_bill { "ACCPAY" } else { "ACCREC" },
        "InvoiceID": (INVOICES.stream.id)("", sample),
        "InvoiceNumber": if is_bill { String::new() } else { format!("INV-{:05}", sample.number % 100_000) },
        "Reference": sample.title,
        "Contact": {"ContactID": guid(&sample.title), "Name": sample.title},
        "Date": date(sample.made_at),
        "DateString": iso(sample.made_at, false).trim_end_matches('Z'),
        "Status": "AUTHORISED",
        "LineAmountTypes": "Exclusive",
        "Total": 100 + sample.number % 900,
        "CurrencyCode": "EUR",
    })
}

/// How dates are written in JSON.
fn date(at: i64) -> String {
    format!("/Date({at}+0000)/")
}

/// Answers a list.
pub fn list(seen: &Seen<'_>, kind: &Kind) -> Answer {
    page(seen, kind).unwrap_or_else(|refusal| refusal)
}

fn page(seen: &Seen<'_>, kind: &Kind) -> Result<Answer, Answer> {
    let tenant = seen.call.header("xero-tenant-id").unwrap_or_default();
    let organisation = ACCOUNTS
        .iter()
        .find(|account| account.id == tenant)
        .filter(|account| {
            connected(seen)
                .iter()
                .any(|known| known.first.account == account.id)
        })
        .ok_or_else(|| refused(StatusCode::FORBIDDEN, "Forbidden", "AuthenticationUnsuccessful"))?;
    let (number, size) = place(seen)?;
    let since = seen
        .call
        .header("if-modified-since")
        .map_or(Some(i64::MIN), time)
        .ok_or_else(|| bad("If-Modified-Since is a UTC time: yyyy-mm-ddThh:mm:ss"))?;
    let theirs = Seen {
        account: organisation,
        ..*seen
    };
    let mut all = theirs.samples(&kind.stream, "", i64::MIN, i64::MAX);
    all.retain(|sample| sample.at > since);
    order(seen, &kind.stream, &mut all)?;
    let accepts_json = |accepted: &str| accepted.contains("application/json");
    if !seen.call.header("accept").is_some_and(accepts_json) {
        let xml = format!("<Response><Status>OK</Status><{0}></{0}></Response>", kind.list);
        return Ok(Answer::text(StatusCode::OK, xml));
    }
    let shown: Vec<Value> = all
        .iter()
        .skip((number - 1) * size)
        .take(size)
        .map(|sample| told(kind, sample))
        .collect();
    let body = json!({
        "Id": guid(&seen.call.now.to_string()),
        "Status": "OK",
        "ProviderName": "Patchbay",
        "DateTimeUTC": format!("/Date({})/", seen.call.now),
        "pagination": {
            "page": number, "pageSize": size, "pageCount": all.len().div_ceil(size), "itemCount": all.len(),
        },
        kind.list: shown,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

fn told(kind: &Kind, sample: &Sample) -> Value {
    let mut record = (kind.record)(sample);
    record["UpdatedDateUTC"] = json!(date(sample.at));
    record
}

/// Which page, and how many records each has.
fn place(seen: &Seen<'_>) -> Result<(usize, usize), Answer> {
    let query = &seen.call.query;
    let known = ["page", "pageSize", "order"];
    if query.repeated().is_some() || query.iter().any(|(name, _)| !known.contains(&name)) {
        return Err(bad(
            "a parameter is not known, or comes twice (simulated provider)",
        ));
    }
    let number = |name, default| query.get(name).map_or(Some(default), |text| text.parse().ok());
    let page = number("page", 1).filter(|page| (1..1_000_000).contains(page));
    let size = number("pageSize", USUAL).filter(|size| (1..=MOST).contains(size));
    page.zip(size)
        .ok_or_else(|| bad("page counts from 1, pageSize is 1 to 1000"))
}

/// With a zone or, as documented, without: then it is UTC.
fn time(text: &str) -> Option<i64> {
    let known = parse_iso(text).or_else(|| parse_iso(&format!("{text}Z")));
    known.filter(|_| text.contains('T'))
}

fn order(seen: &Seen<'_>, stream: &SampleStream, all: &mut [Sample]) -> Result<(), Answer> {
    match seen.call.query.get("order") {
        // Nothing is documented about the order of a list that asks for none.
        None => all.sort_by_key(|sample| (stream.id)("", sample)),
        Some("UpdatedDateUTC" | "UpdatedDateUTC ASC") => {}
        Some("UpdatedDateUTC DESC") => all.reverse(),
        Some(_) => return Err(bad("No property or field with this name exists to order by")),
    }
    Ok(())
}

fn bad(message: &str) -> Answer {
    let body = json!({"ErrorNumber": 16, "Type": "QueryParseException", "Message": message});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(message)
}

/// Why someone may not read this.
pub fn refused(status: StatusCode, title: &str, detail: &str) -> Answer {
    let body = json!({
        "Type": null, "Title": title, "Status": status.as_u16(), "Detail": detail,
        "Instance": "e3ec736b-3932-4630-a701-89098e09d5c9", "Extensions": {},
    });
    Answer::json(status, &body).refused(detail)
}
