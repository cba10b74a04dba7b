//! `GET /invoices`: order and pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{centre, unauthorised};
use crate::core::{
    answer::Answer,
    history::{DAY_MS, date, iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Most of a page, and how many are given where nobody says.
const MOST: usize = 200;
const COLUMNS: [&str; 7] = [
    "customer_name",
    "invoice_number",
    "date",
    "due_date",
    "total",
    "balance",
    "created_time",
];

/// Invoices, by the time they were entered.
pub const INVOICES: SampleStream = SampleStream {
    name: "invoices",
    per_day: 6,
    id: |_, sample| format!("98200000{:012}", sample.number),
    ..SampleStream::STANDARD
};

/// Answers the list.
pub fn list(seen: &Seen<'_>) -> Answer {
    if centre(seen.account).2 != seen.call.host {
        return unauthorised();
    }
    page(seen).unwrap_or_else(|refusal| refusal)
}

fn page(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let query = &seen.call.query;
    if query.get("organization_id") != Some(seen.account.id) {
        let words = "This user is not associated with the CompanyID/CompanyName:.";
        return Err(error(StatusCode::BAD_REQUEST, 6041, words));
    }
    let known = ["organization_id", "sort_column", "sort_order", "page", "per_page"];
    if query.repeated().is_some() || query.iter().any(|(name, _)| !known.contains(&name)) {
        return Err(invalid(
            "a parameter is not known, or comes twice (simulated provider)",
        ));
    }
    let number = |name, default| query.get(name).map_or(Some(default), |text| text.parse().ok());
    let page: Option<usize> = number("page", 1).filter(|page| (1..1_000_000).contains(page));
    let size = number("per_page", MOST).filter(|size| (1..=MOST).contains(size));
    let (Some(page), Some(size)) = (page, size) else {
        return Err(invalid("Invalid value passed for page or per_page"));
    };
    let all = sorted(seen)?;
    let shown: Vec<Value> = all
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(invoice)
        .collect();
    let body = json!({
        "code": 0, "message": "success", "invoices": shown,
        "page_context": {
            "page": page, "per_page": size, "has_more_page": page * size < all.len(),
            "report_name": "Invoices", "applied_filter": "Status.All",
            "sort_column": query.get("sort_column").unwrap_or("created_time"),
            "sort_order": query.get("sort_order").unwrap_or("D"),
        },
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

fn sorted(seen: &Seen<'_>) -> Result<Vec<Sample>, Answer> {
    let query = &seen.call.query;
    let column = query.get("sort_column").unwrap_or("created_time");
    if !COLUMNS.contains(&column) {
        return Err(invalid("Invalid value passed for sort_column"));
    }
    let mut all = seen.samples(&INVOICES, "", i64::MIN, i64::MAX);
    match column {
        "created_time" => {}
        "date" | "due_date" => all.sort_by_key(|sample| (sample.made_at / DAY_MS, sample.number)),
        "invoice_number" => all.sort_by_key(title),
        "customer_name" => all.sort_by(|a, b| a.title.cmp(&b.title)),
        _ => all.sort_by_key(total),
    }
    match query.get("sort_order") {
        Some("A") => {}
        None | Some("D") => all.reverse(),
        Some(_) => return Err(invalid("Invalid value passed for sort_order")),
    }
    Ok(all)
}

fn title(sample: &Sample) -> String {
    format!("INV-{:06}", sample.number % 1_000_000)
}

fn total(sample: &Sample) -> u64 {
    100 + sample.number % 900
}

/// An invoice can bear an earlier date than the one it was entered on.
fn invoice(sample: &Sample) -> Value {
    let time = iso(sample.at, false).replace('Z', "+0000");
    let day = sample.made_at / DAY_MS;
    json!({
        "invoice_id": (INVOICES.id)("", sample),
        "invoice_number": title(sample),
        "customer_id": "982000000000567",
        "customer_name": sample.title,
        "status": "sent",
        "date": date(day),
        "due_date": date(day + 14),
        "created_time": time,
        "last_modified_time": time,
        "currency_code": "EUR",
        "total": total(sample),
        "balance": 0,
    })
}

fn invalid(words: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, 2, words)
}

fn error(status: StatusCode, code: u64, words: &str) -> Answer {
    Answer::json(status, &json!({"code": code, "message": words})).refused(words)
}
