//! Salesforce's queries.
//!
//! Sources: developer.salesforce.com REST API guide "Query" (`/services/data/vXX.X/query?q=`, `done`, `nextRecordsUrl`, batches
//! of 2,000 by default and 200 at least, of which it is free to make smaller ones), "Status Codes and Error Responses" (a list
//! of `{message, errorCode}`), the SOQL guide "Date Formats and Date Literals" (times without quotes) and the object
//! reference for the fields. Played of SOQL is a list of fields, one object, comparisons of `SystemModstamp` joined by AND,
//! and ORDER BY of it. Batches have 200 records here, so that a month has several.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::lives_here;
use crate::core::{
    answer::Answer,
    cursor::Cursor,
    history::{DAY_MS, iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Records of a batch.
const BATCH: usize = 200;
/// How long a query can be read on.
const LOCATOR_LIFE_MS: i64 = 2 * DAY_MS;
/// The versions that are answered.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;
/// The field that says when a record was changed last.
const CHANGED: &str = "SystemModstamp";

/// A kind of object.
struct Object {
    name: &'static str,
    stream: &'static SampleStream,
    /// Its fields besides those that all have.
    fields: &'static [&'static str],
}

/// Accounts, contacts and opportunities.
pub static STREAMS: [SampleStream; 3] = [
    SampleStream {
        name: "accounts",
        id: |_, sample| record_id("001", sample),
        ..SampleStream::STANDARD
    },
    SampleStream {
        name: "contacts",
        per_day: 20,
        id: |_, sample| record_id("003", sample),
        ..SampleStream::STANDARD
    },
    SampleStream {
        name: "opportunities",
        id: |_, sample| record_id("006", sample),
        ..SampleStream::STANDARD
    },
];

static OBJECTS: [Object; 3] = [
    Object {
        name: "Account",
        stream: &STREAMS[0],
        fields: &["Industry", "Type", "Website"],
    },
    Object {
        name: "Contact",
        stream: &STREAMS[1],
        fields: &["Email", "Phone", "AccountId"],
    },
    Object {
        name: "Opportunity",
        stream: &STREAMS[2],
        fields: &["StageName", "Amount", "AccountId"],
    },
];

/// Fields of every object.
const COMMON: [&str; 5] = ["Id", "Name", "CreatedDate", "LastModifiedDate", CHANGED];

/// The prefix says what object it is; the last three letters say where letters are large.
fn record_id(prefix: &str, sample: &Sample) -> String {
    format!("{prefix}{:012}AAA", sample.number)
}

/// An error word and its explanation.
type Wrong = (&'static str, &'static str);

/// A query, read.
struct Query<'q> {
    object: &'static Object,
    fields: Vec<&'q str>,
    from: i64,
    to: i64,
}

/// `/services/data/{version}/query?q=…`.
pub fn first(seen: &Seen<'_>) -> Answer {
    let Some(soql) = seen.call.query.get("q") else {
        return refused(("MALFORMED_QUERY", "a query is missing"));
    };
    let start = Cursor {
        position: 0,
        as_of: seen.call.now,
    };
    batch(seen, soql, start)
}

/// `/services/data/{version}/query/{locator}`.
pub fn next(seen: &Seen<'_>) -> Answer {
    let read = || {
        let (query, token) = seen.segment(4).strip_prefix("01g")?.split_once('.')?;
        let soql = String::from_utf8(URL_SAFE_NO_PAD.decode(query).ok()?).ok()?;
        let bound = bound(seen, &soql);
        let cursor = Cursor::open(token, seen.world.seed, &bound, seen.call.now, LOCATOR_LIFE_MS)?;
        Some((soql, cursor))
    };
    match read() {
        Some((soql, cursor)) => batch(seen, &soql, cursor),
        None => refused(("INVALID_QUERY_LOCATOR", "invalid query locator")),
    }
}

fn bound(seen: &Seen<'_>, soql: &str) -> String {
    format!("{} {soql}", seen.account.id)
}

fn batch(seen: &Seen<'_>, soql: &str, cursor: Cursor) -> Answer {
    let version = seen.segment(2);
    let number = version
        .strip_prefix('v')
        .and_then(|rest| rest.strip_suffix(".0"))
        .and_then(|number| number.parse().ok());
    if !lives_here(seen.account, &seen.call.host) || !number.is_some_and(|number| VERSIONS.contains(&number))
    {
        return error(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "The requested resource does not exist",
        );
    }
    let query = match read(soql) {
        Ok(query) => query,
        Err(wrong) => return refused(wrong),
    };
    let all = seen.samples_as_of(query.object.stream, "", query.from, query.to, cursor.as_of);
    let end = (cursor.position + BATCH).min(all.len());
    let shown = all.get(cursor.position..end).unwrap_or_default();
    let records: Vec<Value> = shown.iter().map(|sample| told(&query, sample, version)).collect();
    let mut body = json!({"totalSize": all.len(), "done": end == all.len(), "records": records});
    if end < all.len() {
        let next = Cursor {
            position: end,
            ..cursor
        };
        let query = URL_SAFE_NO_PAD.encode(soql);
        let token = next.seal(seen.world.seed, &bound(seen, soql));
        body["nextRecordsUrl"] = json!(format!("/services/data/{version}/query/01g{query}.{token}"));
    }
    Answer::json(StatusCode::OK, &body)
}

fn told(query: &Query<'_>, sample: &Sample, version: &str) -> Value {
    let id = (query.object.stream.id)("", sample);
    let name = query.object.name;
    let mut record = json!({"attributes": {
        "type": name,
        "url": format!("/services/data/{version}/sobjects/{name}/{id}"),
    }});
    for field in &query.fields {
        record[*field] = match *field {
            "Id" => json!(id),
            "Name" => json!(sample.title),
            "CreatedDate" => json!(written(sample.made_at)),
            "LastModifiedDate" | CHANGED => json!(written(sample.at)),
            "Email" => json!(format!("contact-{}@customer.example", sample.number)),
            "StageName" => json!("Prospecting"),
            _ => Value::Null,
        };
    }
    record
}

/// `2026-08-22T14:00:00.000+0000`.
fn written(at: i64) -> String {
    iso(at, true).replace('Z', "+0000")
}

/// Reads a query, or says what is wrong with it.
fn read(soql: &str) -> Result<Query<'_>, Wrong> {
    const MALFORMED: Wrong = ("MALFORMED_QUERY", "unexpected token, or more than is played here");
    let (fields, rest) = soql
        .strip_prefix("SELECT ")
        .and_then(|rest| rest.split_once(" FROM "))
        .ok_or(MALFORMED)?;
    let (rest, order) = rest.split_once(" ORDER BY ").unwrap_or((rest, CHANGED));
    if !matches!(order, CHANGED | "SystemModstamp ASC") {
        return Err(MALFORMED);
    }
    let (object, conditions) = rest.split_once(" WHERE ").unwrap_or((rest, ""));
    let object = OBJECTS
        .iter()
        .find(|known| known.name == object.trim())
        .ok_or(("INVALID_TYPE", "sObject type is not supported"))?;
    let fields: Vec<&str> = fields.split(',').map(str::trim).collect();
    let is_known = |field: &&str| COMMON.contains(field) || object.fields.contains(field);
    if !fields.iter().all(is_known) {
        return Err(("INVALID_FIELD", "No such column on entity"));
    }
    let mut query = Query {
        object,
        fields,
        from: i64::MIN,
        to: i64::MAX,
    };
    for condition in conditions.split(" AND ").filter(|text| !text.is_empty()) {
        let words: Vec<&str> = condition.split_whitespace().collect();
        let [CHANGED, operator, time] = words[..] else {
            return Err(MALFORMED);
        };
        let at = time_of(time)?;
        match operator {
            ">=" => query.from = query.from.max(at),
            "<" => query.to = query.to.min(at),
            _ => return Err(MALFORMED),
        }
    }
    Ok(query)
}

/// A time as it stands in a query.
fn time_of(text: &str) -> Result<i64, Wrong> {
    let quoted = (
        "INVALID_FIELD",
        "value of filter criterion for field 'SystemModstamp' must be of type dateTime and should not be enclosed in quotes",
    );
    let has_time = |text: &&str| text.contains('T');
    Some(text).filter(has_time).and_then(parse_iso).ok_or(quoted)
}

/// The answer to a token that is no good.
pub fn no_session() -> Answer {
    let words = "Session expired or invalid";
    error(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", words)
}

/// The answer to a token without the scope that is needed.
pub fn no_right() -> Answer {
    let words = "This session is not valid for use with the REST API";
    error(StatusCode::FORBIDDEN, "INVALID_SESSION_ID", words)
}

fn refused((word, words): Wrong) -> Answer {
    error(StatusCode::BAD_REQUEST, word, words)
}

fn error(status: StatusCode, word: &str, words: &str) -> Answer {
    Answer::json(status, &json!([{"message": words, "errorCode": word}])).refused(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_or_refused_in_salesforces_words() {
        let query = "SELECT Id, Email FROM Contact WHERE SystemModstamp >= 2026-04-15T00:00:00Z \
                     AND SystemModstamp < 2026-04-16T00:00:00Z ORDER BY SystemModstamp";
        let found = read(query).ok().unwrap();
        assert_eq!((found.object.name, found.to - found.from), ("Contact", DAY_MS));
        for (query, word) in [
            ("Id FROM Contact", "MALFORMED_QUERY"),
            ("SELECT Id FROM Contact ORDER BY Name", "MALFORMED_QUERY"),
            ("SELECT Id FROM Contact WHERE Name = 'x'", "MALFORMED_QUERY"),
            ("SELECT Id FROM Deal", "INVALID_TYPE"),
            ("SELECT Id, Email FROM Account", "INVALID_FIELD"),
            (
                "SELECT Id FROM Contact WHERE SystemModstamp >= '2026-04-15T00:00:00Z'",
                "INVALID_FIELD",
            ),
            (
                "SELECT Id FROM Contact WHERE SystemModstamp >= 2026-04-15",
                "INVALID_FIELD",
            ),
        ] {
            assert_eq!(read(query).err().map(|(word, _)| word), Some(word), "{query}");
        }
    }
}
