//! Shopify's orders and products by GraphQL.
//!
//! Sources: shopify.dev/docs/api/admin-graphql/2026-07/queries/orders and products (first up to 250, search syntax of
//! `query`, `sortKey`, `pageInfo`); shopify.dev/docs/api/usage/access-scopes (orders of the last 60 days without
//! `read_all_orders`). Of the search syntax `updated_at:>='…'` is understood, of sort keys `UPDATED_AT`; anything else is
//! refused. The answer holds the fields of the one query that is known for each list.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::graphql_error;
use crate::{
    core::{
        answer::Answer,
        history::{DAY_MS, iso, parse_iso},
        provider::Seen,
        sample::{Sample, SampleStream, samples},
        world::World,
    },
    profiles::Account,
};

/// How long after it was placed an order can be seen.
const ORDERS_SEEN_MS: i64 = 60 * DAY_MS;
const MOST: usize = 250;

/// A list that can be asked for.
pub struct List {
    name: &'static str,
    kind: &'static str,
    title: &'static str,
    scope: &'static str,
    stream: SampleStream,
}

const LISTS: [List; 2] = [
    List {
        name: "orders",
        kind: "Order",
        title: "name",
        scope: "read_orders",
        stream: SampleStream {
            name: "orders",
            per_day: 16,
            ..SampleStream::STANDARD
        },
    },
    List {
        name: "products",
        kind: "Product",
        title: "title",
        scope: "read_products",
        stream: SampleStream {
            name: "products",
            per_day: 8,
            ..SampleStream::STANDARD
        },
    },
];

/// The list that a query asks for.
pub fn asked_for(query: &str) -> Option<List> {
    LISTS
        .into_iter()
        .find(|list| query.contains(&format!("{}(first:", list.name)))
}

/// What can be seen of a list, oldest first.
fn seen_of(list: &List, seed: u64, account: &Account, as_of: i64, from: i64, to: i64) -> Vec<Sample> {
    let mut found = samples(seed, &list.stream, account, "", as_of, from, to);
    if list.name == "orders" {
        found.retain(|order| order.made_at >= as_of - ORDERS_SEEN_MS);
    }
    found
}

/// The ids that can be seen.
pub fn truth(world: &World, account: &Account, stream: &str, from: i64, to: i64) -> Option<Vec<String>> {
    let list = LISTS.into_iter().find(|list| list.name == stream)?;
    let found = seen_of(&list, world.seed, account, world.now(), from, to);
    Some(found.iter().map(|sample| id(&list, sample)).collect())
}

/// Answers the query of a list.
pub fn answer(seen: &Seen<'_>, list: &List, variables: &Value) -> Answer {
    if !seen.grant.scopes.iter().any(|scope| scope == list.scope) {
        return graphql_error("Access denied for this field.");
    }
    let body = seen.call.json().unwrap_or_default();
    let query = body["query"].as_str().unwrap_or_default();
    if !query.contains("sortKey: UPDATED_AT") || !query.contains("after: $after") {
        return graphql_error("Only sortKey UPDATED_AT is known here (simulated provider).");
    }
    let Some(size) = first(query).filter(|size| (1..=MOST).contains(size)) else {
        return graphql_error("first is 1 to 250");
    };
    let Some(since) = variables["since"].as_str().and_then(updated_since) else {
        return graphql_error("Only updated_at:>='…' is known here (simulated provider).");
    };
    let bound = format!("{} {since}", list.name);
    let page = seen.page(variables["after"].as_str(), size, &bound, |as_of| {
        seen_of(list, seen.world.seed, seen.account, as_of, since, i64::MAX)
    });
    let Some((shown, next)) = page else {
        return graphql_error("Invalid cursor for current pagination sort.");
    };
    let edges: Vec<Value> = shown
        .iter()
        .map(|sample| json!({"node": node(list, sample)}))
        .collect();
    let found = json!({"edges": edges, "pageInfo": {"hasNextPage": next.is_some(), "endCursor": next}});
    Answer::json(StatusCode::OK, &json!({"data": {list.name: found}}))
}

fn id(list: &List, sample: &Sample) -> String {
    format!("gid://shopify/{}/{}", list.kind, sample.number)
}

fn node(list: &List, sample: &Sample) -> Value {
    json!({
        "id": id(list, sample),
        list.title: if list.name == "orders" { format!("#{}", sample.number % 100_000) } else { sample.title.clone() },
        "createdAt": iso(sample.made_at, false),
        "updatedAt": iso(sample.at, false),
    })
}

/// The number behind `first:`.
fn first(query: &str) -> Option<usize> {
    let (_, rest) = query.split_once("first: ")?;
    rest.split(',').next()?.parse().ok()
}

/// The time of `updated_at:>='…'`.
fn updated_since(filter: &str) -> Option<i64> {
    parse_iso(filter.strip_prefix("updated_at:>='")?.strip_suffix('\'')?)
}
