//! `POST /conversations/search`: filters, order, pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{API, errors, unauthorised};
use crate::core::{
    answer::Answer,
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Most of a page.
const MOST: usize = 150;
/// Most filters of a query.
const MOST_FILTERS: usize = 15;

/// Conversations, by the time of their last change.
pub const CONVERSATIONS: SampleStream = SampleStream {
    name: "conversations",
    per_day: 5,
    ..SampleStream::STANDARD
};

/// One condition on a time.
struct Filter {
    field: Field,
    operator: char,
    /// In seconds.
    value: i64,
}

#[derive(Clone, Copy)]
enum Field {
    Updated,
    Created,
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        match name {
            "updated_at" => Some(Self::Updated),
            "created_at" => Some(Self::Created),
            _ => None,
        }
    }

    /// In seconds.
    fn in_sample(self, sample: &Sample) -> i64 {
        match self {
            Self::Updated => sample.at / 1000,
            Self::Created => sample.made_at / 1000,
        }
    }
}

impl Filter {
    fn holds(&self, sample: &Sample) -> bool {
        let found = self.field.in_sample(sample);
        match self.operator {
            '>' => found > self.value,
            '<' => found < self.value,
            _ => found == self.value,
        }
    }
}

/// Answers a search.
pub fn search(seen: &Seen<'_>) -> Answer {
    if seen.call.host != API {
        return unauthorised();
    }
    found(seen).unwrap_or_else(|refusal| refusal)
}

fn found(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let body = seen
        .call
        .json()
        .filter(Value::is_object)
        .ok_or_else(|| bad("bad_request", "the body is not JSON"))?;
    let filters = filters(&body["query"])?;
    let order = order(&body["sort"])?;
    let size = size(&body["pagination"]["per_page"])?;
    let mut bound = body.clone();
    bound["pagination"] = Value::Null;
    let token = body["pagination"]["starting_after"].as_str();
    let all = |as_of| {
        let mut all = seen.samples_as_of(&CONVERSATIONS, "", i64::MIN, i64::MAX, as_of);
        all.retain(|sample| filters.iter().all(|filter| filter.holds(sample)));
        match order {
            Some((field, newest_first)) => {
                all.sort_by_key(|sample| (field.in_sample(sample), sample.number));
                if newest_first {
                    all.reverse();
                }
            }
            // Nothing is documented about the order of a search that asks for none.
            None => all.sort_by_key(|sample| sample.number % 97),
        }
        all
    };
    let total = all(seen.call.now).len();
    let (shown, next) = seen
        .page(token, size, &bound.to_string(), all)
        .ok_or_else(|| bad("parameter_invalid", "starting_after does not belong here"))?;
    let mut pages =
        json!({"type": "pages", "page": 1, "per_page": size, "total_pages": total.div_ceil(size)});
    if let Some(next) = next {
        pages["next"] = json!({"page": 2, "starting_after": next});
    }
    let conversations: Vec<Value> = shown.iter().map(conversation).collect();
    let body = json!({
        "type": "conversation.list", "conversations": conversations, "total_count": total, "pages": pages,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

/// One filter, or several that all have to hold.
fn filters(query: &Value) -> Result<Vec<Filter>, Answer> {
    match &query["value"] {
        Value::Array(list) if query["operator"] == "AND" && (1..=MOST_FILTERS).contains(&list.len()) => {
            list.iter().map(filter).collect()
        }
        Value::Array(_) => Err(bad(
            "parameter_invalid",
            "a list is joined by AND and has up to fifteen filters (simulated provider)",
        )),
        _ => Ok(vec![filter(query)?]),
    }
}

fn filter(filter: &Value) -> Result<Filter, Answer> {
    let field = filter["field"]
        .as_str()
        .ok_or_else(|| bad("parameter_not_found", "field is missing"))?;
    let field = Field::of(field).ok_or_else(|| bad("parameter_invalid", "no such field to search by"))?;
    let operator = match filter["operator"].as_str() {
        Some(">") => '>',
        Some("<") => '<',
        Some("=") => '=',
        _ => return Err(bad("parameter_invalid", "no such operator for a date")),
    };
    let value = &filter["value"];
    let value = value
        .as_i64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
        // A later second than this is meant to be a millisecond.
        .filter(|seconds| (0..10_000_000_000).contains(seconds))
        .ok_or_else(|| bad("parameter_invalid", "a date is a number of seconds"))?;
    Ok(Filter {
        field,
        operator,
        value,
    })
}

/// Field and whether the newest comes first; none where no order is asked for.
fn order(sort: &Value) -> Result<Option<(Field, bool)>, Answer> {
    if sort.is_null() {
        return Ok(None);
    }
    let field = sort["field"].as_str().and_then(Field::of);
    let newest_first = match sort["order"].as_str() {
        Some("ascending") => Some(false),
        Some("descending") => Some(true),
        _ => None,
    };
    match (field, newest_first) {
        (Some(field), Some(newest_first)) => Ok(Some((field, newest_first))),
        _ => Err(bad(
            "parameter_invalid",
            "sort has a field, and an order that is ascending or descending",
        )),
    }
}

fn size(size: &Value) -> Result<usize, Answer> {
    let given = match size {
        Value::Null => Some(20),
        size => size.as_u64().and_then(|size| usize::try_from(size).ok()),
    };
    given
        .filter(|size| (1..=MOST).contains(size))
        .ok_or_else(|| bad("parameter_invalid", "per_page is 1 to 150"))
}

fn conversation(sample: &Sample) -> Value {
    // Chats have no subject.
    let subject = if sample.number.is_multiple_of(3) {
        ""
    } else {
        &sample.title
    };
    json!({
        "type": "conversation",
        "id": (CONVERSATIONS.id)("", sample),
        "title": sample.title,
        "created_at": sample.made_at / 1000,
        "updated_at": sample.at / 1000,
        "waiting_since": null,
        "snoozed_until": null,
        "open": sample.number.is_multiple_of(2),
        "state": if sample.number.is_multiple_of(2) { "open" } else { "closed" },
        "read": true,
        "priority": "not_priority",
        "source": {
            "type": "conversation", "id": format!("{}1", sample.number), "delivered_as": "customer_initiated",
            "subject": subject, "body": format!("<p>{}</p>", sample.title), "attachments": [],
        },
        "contacts": {"type": "contact.list", "contacts": []},
        "tags": {"type": "tag.list", "tags": []},
    })
}

fn bad(code: &str, reason: &str) -> Answer {
    errors(StatusCode::BAD_REQUEST, code, reason)
}
