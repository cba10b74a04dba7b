//! `/query`: one statement, its conditions, order and pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{API, accepts_json, not_this_company};
use crate::core::{
    answer::Answer,
    history::{iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Most of a page, and how many are given where nobody says.
const MOST: usize = 1000;
const USUAL: usize = 100;
/// The one property that can be asked about here.
const CHANGED: &str = "metadata.lastupdatedtime";
const HOUR_MS: i64 = 3_600_000;

/// Entity by entity, in the order of [`ENTITIES`].
pub const STREAMS: [SampleStream; 3] = [
    SampleStream {
        name: "invoices",
        per_day: 6,
        ..SampleStream::STANDARD
    },
    SampleStream {
        name: "payments",
        ..SampleStream::STANDARD
    },
    SampleStream {
        name: "customers",
        per_day: 2,
        ..SampleStream::STANDARD
    },
];
const ENTITIES: [&str; 3] = ["Invoice", "Payment", "Customer"];

/// What a statement asks for.
struct Query {
    entity: usize,
    conditions: Vec<Condition>,
    /// Whether by the last change, and newest first.
    order: Option<bool>,
    /// Counted from 1.
    start: usize,
    size: usize,
}

/// One condition on the time of the last change.
struct Condition {
    operator: String,
    at: i64,
}

impl Condition {
    fn holds(&self, sample: &Sample) -> bool {
        match self.operator.as_str() {
            ">" => sample.at > self.at,
            ">=" => sample.at >= self.at,
            "<" => sample.at < self.at,
            "<=" => sample.at <= self.at,
            _ => sample.at == self.at,
        }
    }
}

/// Answers a statement, for tokens of the company.
pub fn answer(seen: &Seen<'_>) -> Answer {
    if seen.call.host != API || seen.segment(2) != seen.account.id {
        return not_this_company();
    }
    let params = &seen.call.query;
    if params.repeated().is_some()
        || params
            .iter()
            .any(|(name, _)| name != "query" && name != "minorversion")
    {
        return fault("2010", "Request has invalid or unsupported property");
    }
    if params
        .get("minorversion")
        .is_some_and(|version| version.parse::<u8>().is_err())
    {
        return fault("2030", "Invalid minor version");
    }
    match params.get("query").map(parse) {
        None => fault("4000", "QueryParserError: there is no statement"),
        Some(Err((code, detail))) => fault(code, detail),
        Some(Ok(query)) => found(seen, &query),
    }
}

fn found(seen: &Seen<'_>, query: &Query) -> Answer {
    if !accepts_json(seen.call) {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><QueryResponse/></IntuitResponse>"#;
        return Answer::text(StatusCode::OK, xml);
    }
    let (stream, name) = (&STREAMS[query.entity], ENTITIES[query.entity]);
    let mut all = seen.samples(stream, "", i64::MIN, i64::MAX);
    all.retain(|sample| query.conditions.iter().all(|condition| condition.holds(sample)));
    match query.order {
        Some(true) => all.reverse(),
        Some(false) => {}
        None => all.sort_by_key(|sample| sample.number),
    }
    let shown: Vec<Value> = all
        .iter()
        .skip(query.start - 1)
        .take(query.size)
        .map(|sample| record(name, sample))
        .collect();
    // Nothing found is told without a list.
    let response = if shown.is_empty() {
        json!({})
    } else {
        json!({"startPosition": query.start, "maxResults": shown.len(), name: shown})
    };
    let body = json!({"QueryResponse": response, "time": pacific(seen.call.now)});
    Answer::json(StatusCode::OK, &body)
}

fn record(entity: &str, sample: &Sample) -> Value {
    let mut record = json!({
        "Id": sample.number.to_string(),
        "SyncToken": "1",
        "domain": "QBO",
        "sparse": false,
        "MetaData": {"CreateTime": pacific(sample.made_at), "LastUpdatedTime": pacific(sample.at)},
    });
    let amount = 100 + sample.number % 900;
    if entity == "Customer" {
        record["DisplayName"] = json!(format!("Customer {}", sample.number % 100_000));
        record["Active"] = json!(true);
        return record;
    }
    record["CustomerRef"] = json!({"value": "58", "name": sample.title});
    record["TxnDate"] = json!(iso(sample.made_at, false).get(..10));
    record["TotalAmt"] = json!(amount);
    // A company can number its invoices itself, and leave some without.
    if entity == "Invoice" && !sample.number.is_multiple_of(4) {
        record["DocNumber"] = json!((1_000 + sample.number % 9_000).to_string());
    }
    record
}

/// A time as this API writes it: in California, where the summer is not looked at here.
fn pacific(at: i64) -> String {
    iso(at - 7 * HOUR_MS, false).replace('Z', "-07:00")
}

/// Reads `select * from … [where … and …] [orderby …] [startposition …] [maxresults …]`.
fn parse(statement: &str) -> Result<Query, (&'static str, &'static str)> {
    const SYNTAX: (&str, &str) = ("4000", "QueryParserError: encountered what is not expected");
    const PROPERTY: (&str, &str) = ("4001", "QueryValidationError: property not found for the entity");
    let words: Vec<&str> = statement.split_whitespace().collect();
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    let [select, "*", from, entity, rest @ ..] = words.as_slice() else {
        return Err(SYNTAX);
    };
    if !is(select, "select") || !is(from, "from") {
        return Err(SYNTAX);
    }
    let entity = ENTITIES.iter().position(|known| is(entity, known));
    let mut query = Query {
        entity: entity.ok_or(("4001", "QueryValidationError: invalid context declaration"))?,
        conditions: Vec::new(),
        order: None,
        start: 1,
        size: USUAL,
    };
    let mut rest = rest;
    while let [keyword, after @ ..] = rest {
        // A clause may come once, and only in this order.
        let follows = if query.conditions.is_empty() {
            "where"
        } else {
            "and"
        };
        rest = match after {
            [property, operator, value, after @ ..] if is(keyword, follows) => {
                if !is(property, CHANGED) {
                    return Err(PROPERTY);
                }
                query.conditions.push(condition(operator, value).ok_or(SYNTAX)?);
                after
            }
            [property, after @ ..] if is(keyword, "orderby") && query.order.is_none() => {
                if !is(property, CHANGED) {
                    return Err(PROPERTY);
                }
                let newest_first = after.first().is_some_and(|word| is(word, "desc"));
                let said = newest_first || after.first().is_some_and(|word| is(word, "asc"));
                query.order = Some(newest_first);
                &after[usize::from(said)..]
            }
            [number, after @ ..] if is(keyword, "startposition") => {
                query.start = number.parse().ok().filter(|start| *start >= 1).ok_or(SYNTAX)?;
                after
            }
            [number, after @ ..] if is(keyword, "maxresults") => {
                query.size = number.parse().map_err(|_| SYNTAX)?;
                after
            }
            _ => return Err(SYNTAX),
        };
    }
    if !(1..=MOST).contains(&query.size) {
        return Err(("4001", "QueryValidationError: maxresults is 1 to 1000"));
    }
    Ok(query)
}

fn condition(operator: &str, value: &str) -> Option<Condition> {
    let at = parse_iso(value.strip_prefix('\'')?.strip_suffix('\'')?)?;
    [">", ">=", "<", "<=", "="]
        .contains(&operator)
        .then(|| Condition {
            operator: operator.to_owned(),
            at,
        })
}

/// The accounting service's errors, which look another way than the gateway's.
fn fault(code: &str, detail: &'static str) -> Answer {
    let error = json!({"Message": "Invalid query", "Detail": detail, "code": code});
    let body = json!({
        "Fault": {"Error": [error], "type": "ValidationFault"}, "time": "2026-04-15T12:00:00.000Z",
    });
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_read_clause_by_clause() {
        let query = parse(
            "select * from Payment where MetaData.LastUpdatedTime >= '2026-04-15T00:00:00Z' and MetaData.LastUpdatedTime < '2026-04-16' orderby MetaData.LastUpdatedTime DESC startposition 201 maxresults 200",
        );
        let query = query.ok().unwrap();
        assert_eq!((query.entity, query.start, query.size), (1, 201, 200));
        assert_eq!((query.conditions.len(), query.order), (2, Some(true)));
        assert_eq!(parse("SELECT * FROM Invoice").ok().unwrap().size, 100);
    }

    #[test]
    fn what_is_not_a_statement_is_refused() {
        for statement in [
            "",
            "select Id from Invoice",
            "select * from Teapot",
            "select * from Invoice where Id = '1'",
            "select * from Invoice where MetaData.LastUpdatedTime >= 2026-04-15",
            "select * from Invoice where MetaData.LastUpdatedTime like '2026-04-15'",
            "select * from Invoice order by MetaData.LastUpdatedTime",
            "select * from Invoice orderby DocNumber",
            "select * from Invoice startposition 0",
            "select * from Invoice maxresults 1001",
        ] {
            assert!(parse(statement).is_err(), "{statement}");
        }
    }
}
