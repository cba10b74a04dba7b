//! HubSpot's search for contacts, companies and deals.
//!
//! Sources: developers.hubspot.com "Search the CRM" (`/crm/v3/objects/{object}/search`: up to five groups of up to six
//! filters, one sort, pages of ten by default and 200 at most, an error beyond the first 10,000 hits; what BETWEEN includes;
//! the default properties of each object; times as milliseconds in texts) and HubSpot/HubSpot-public-api-spec-collection
//! `CRM/…` for the fields of request and answer. `lastmodifieddate` is the contacts' own name of `hs_lastmodifieddate`.
//! Played are filters on the time of the last change and on the id, all of which have to be met, and sorting by those.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::CORRELATION;
use crate::core::{
    answer::Answer,
    history::iso,
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// No search goes further than this many hits.
const MOST_HITS: usize = 10_000;
/// Records of a page where the request does not say, and at most.
const PAGE: (u64, u64) = (10, 200);

/// A kind of object.
pub struct Object {
    /// Its records.
    pub stream: SampleStream,
    /// The property that says when it was changed last.
    changed: &'static str,
    /// The properties that come where the request names none.
    usual: &'static [&'static str],
    /// All other properties known here, each with the title in it.
    others: &'static [&'static str],
}

/// Contacts.
pub const CONTACTS: Object = Object {
    stream: SampleStream {
        name: "contacts",
        per_day: 20,
        ..SampleStream::STANDARD
    },
    changed: "lastmodifieddate",
    usual: &[
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ],
    others: &["phone"],
};
/// Companies.
pub const COMPANIES: Object = Object {
    stream: SampleStream {
        name: "companies",
        ..SampleStream::STANDARD
    },
    changed: "hs_lastmodifieddate",
    usual: &[
        "createdate",
        "domain",
        "hs_lastmodifieddate",
        "hs_object_id",
        "name",
    ],
    others: &["industry"],
};
/// Deals.
pub const DEALS: Object = Object {
    stream: SampleStream {
        name: "deals",
        ..SampleStream::STANDARD
    },
    changed: "hs_lastmodifieddate",
    usual: &[
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ],
    others: &["description"],
};

/// What a search asks for.
struct Search {
    /// From the first to the last number, both included: times and ids.
    changed: (i64, i64),
    ids: (i64, i64),
    by_id: bool,
    ascending: bool,
    limit: usize,
    after: usize,
    properties: Vec<String>,
}

/// `POST /crm/v3/objects/contacts/search`.
pub fn contacts(seen: &Seen<'_>) -> Answer {
    answer(seen, &CONTACTS)
}

/// `POST /crm/v3/objects/companies/search`.
pub fn companies(seen: &Seen<'_>) -> Answer {
    answer(seen, &COMPANIES)
}

/// `POST /crm/v3/objects/deals/search`.
pub fn deals(seen: &Seen<'_>) -> Answer {
    answer(seen, &DEALS)
}

fn answer(seen: &Seen<'_>, object: &Object) -> Answer {
    let body = seen.call.json().filter(Value::is_object);
    let search = match body
        .ok_or("Invalid input JSON")
        .and_then(|body| read(object, &body))
    {
        Ok(search) => search,
        Err(words) => return refused(words),
    };
    let mut found = seen.samples(&object.stream, "", i64::MIN, i64::MAX);
    found.retain(|record| {
        let holds = |span: (i64, i64), value: i64| span.0 <= value && value <= span.1;
        holds(search.changed, record.at) && holds(search.ids, id(record))
    });
    if search.by_id {
        found.sort_by_key(id);
    }
    if !search.ascending {
        found.reverse();
    }
    if search.after + search.limit > MOST_HITS {
        return refused("The requested page exceeds the 10,000 results that a search can page through");
    }
    let end = (search.after + search.limit).min(found.len());
    let shown = found.get(search.after..end).unwrap_or_default();
    let results: Vec<Value> = shown
        .iter()
        .map(|record| told(object, record, &search.properties))
        .collect();
    let mut body = json!({"total": found.len(), "results": results});
    if end < found.len() {
        body["paging"] = json!({"next": {"after": end.to_string()}});
    }
    Answer::json(StatusCode::OK, &body)
}

fn id(record: &Sample) -> i64 {
    record.number.try_into().unwrap_or(i64::MAX)
}

fn told(object: &Object, record: &Sample, asked: &[String]) -> Value {
    let id = record.number.to_string();
    let value = |name: &str| match name {
        "hs_object_id" => json!(id),
        "createdate" => json!(iso(record.made_at, true)),
        "closedate" => Value::Null,
        "email" => json!(format!("contact-{id}@customer.example")),
        "domain" => json!(format!("c{id}.example")),
        "amount" => json!("1200"),
        name if name == object.changed => json!(iso(record.at, true)),
        _ => json!(record.title),
    };
    let always = ["createdate", "hs_object_id", object.changed];
    let names = asked.iter().map(String::as_str).chain(always);
    let properties: Map<String, Value> = names
        .filter(|name| object.usual.contains(name) || object.others.contains(name))
        .map(|name| (name.to_owned(), value(name)))
        .collect();
    json!({
        "id": id,
        "properties": properties,
        "createdAt": iso(record.made_at, true),
        "updatedAt": iso(record.at, true),
        "archived": false,
    })
}

/// Reads a search, or says what is wrong with it.
fn read(object: &Object, body: &Value) -> Result<Search, &'static str> {
    let known = ["filterGroups", "sorts", "properties", "limit", "after", "query"];
    let fields = body.as_object().ok_or("Invalid input JSON")?;
    if fields.keys().any(|name| !known.contains(&name.as_str())) {
        return Err("Invalid input JSON: a field that is not known");
    }
    let limit = match &body["limit"] {
        Value::Null => PAGE.0,
        limit => limit
            .as_u64()
            .filter(|limit| (1..=PAGE.1).contains(limit))
            .ok_or("limit must be 1 to 200")?,
    };
    let after = match &body["after"] {
        Value::Null => 0,
        Value::String(after) => after.parse().map_err(|_| "after is a number")?,
        _ => return Err("after is a number in a text"),
    };
    let properties = match &body["properties"] {
        Value::Null => object.usual.iter().map(|name| (*name).to_owned()).collect(),
        names => serde_json::from_value(names.clone()).map_err(|_| "properties are a list of names")?,
    };
    let (by_id, ascending) = sort(object, &body["sorts"])?;
    let mut search = Search {
        changed: (i64::MIN, i64::MAX),
        ids: (i64::MIN, i64::MAX),
        by_id,
        ascending,
        limit: usize::try_from(limit).unwrap_or_default(),
        after,
        properties,
    };
    let groups = body["filterGroups"].as_array().map_or(&[][..], Vec::as_slice);
    let filters = match groups {
        [] => &[][..],
        [group] => group["filters"]
            .as_array()
            .filter(|filters| (1..=6).contains(&filters.len()))
            .ok_or("a group has one to six filters")?,
        _ => return Err("one group of filters is played here"),
    };
    for filter in filters {
        narrow(object, &mut search, filter)?;
    }
    Ok(search)
}

/// Whether by id, and whether ascending; by id and ascending where nothing is said.
fn sort(object: &Object, sorts: &Value) -> Result<(bool, bool), &'static str> {
    let sort = match sorts.as_array().map(Vec::as_slice) {
        None if sorts.is_null() => return Ok((true, true)),
        Some([]) => return Ok((true, true)),
        Some([sort]) => sort,
        _ => return Err("sorts has one sort at most"),
    };
    let by_id = match sort["propertyName"].as_str() {
        Some("hs_object_id") => true,
        Some(name) if name == object.changed => false,
        _ => return Err("there was a problem with the request: no such property to sort by"),
    };
    match sort["direction"].as_str() {
        Some("ASCENDING") | None => Ok((by_id, true)),
        Some("DESCENDING") => Ok((by_id, false)),
        Some(_) => Err("direction is ASCENDING or DESCENDING"),
    }
}

/// Takes one filter into the search.
fn narrow(object: &Object, search: &mut Search, filter: &Value) -> Result<(), &'static str> {
    let span = match filter["propertyName"].as_str() {
        Some("hs_object_id") => &mut search.ids,
        Some(name) if name == object.changed => &mut search.changed,
        _ => return Err("there was a problem with the request: no such property to filter by"),
    };
    let number = |name: &str| {
        let text = filter[name].as_str().ok_or("a filter's value is a text")?;
        text.parse::<i64>()
            .map_err(|_| "a time is milliseconds since 1970, an id a number")
    };
    let value = number("value")?;
    let (from, to) = match filter["operator"].as_str() {
        Some("GT") => (value + 1, i64::MAX),
        Some("GTE") => (value, i64::MAX),
        Some("LT") => (i64::MIN, value - 1),
        Some("LTE") => (i64::MIN, value),
        Some("EQ") => (value, value),
        Some("BETWEEN") => (value, number("highValue")?),
        _ => return Err("operator is not one of those played here"),
    };
    *span = (span.0.max(from), span.1.min(to));
    Ok(())
}

fn refused(words: &str) -> Answer {
    let body = json!({
        "status": "error", "message": words, "category": "VALIDATION_ERROR", "correlationId": CORRELATION,
    });
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_held_to_its_limits() {
        let between = json!({"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "5", "highValue": "9"});
        let above = json!({"propertyName": "hs_object_id", "operator": "GT", "value": "7"});
        let whole = json!({"filterGroups": [{"filters": [between, above]}], "limit": 200, "after": "200"});
        let search = read(&CONTACTS, &whole).ok().unwrap();
        assert_eq!((search.changed, search.ids), ((5, 9), (8, i64::MAX)));
        assert_eq!((search.limit, search.after), (200, 200));
        assert!(read(&DEALS, &whole).is_err(), "deals have another property");
        for body in [
            json!({"limit": 201}),
            json!({"limit": 0}),
            json!({"after": 200}),
            json!({"page": 2}),
            json!({"filterGroups": [{"filters": []}]}),
            json!({"filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": 5}]}]}),
            json!({"filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "2026-08-22"}]}]}),
            json!({"sorts": [{"propertyName": "email"}]}),
            json!({"sorts": [{"propertyName": "hs_object_id", "direction": "asc"}]}),
        ] {
            assert!(read(&CONTACTS, &body).is_err(), "{body}");
        }
    }
}
