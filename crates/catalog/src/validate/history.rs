//! Streams: each can be cut, walked and paged with what it says.

use std::collections::BTreeSet;

use super::Checks;
use crate::model::{Cut, Listing, Method, Paging, Ready, Stream};

impl Checks<'_> {
    pub(super) fn streams(&mut self) {
        let integration = self.integration;
        let mut names = BTreeSet::new();
        for stream in &integration.history {
            let field = format!("history.{}", stream.name);
            self.require(names.insert(&stream.name), &field, "another stream has this name");
            self.stream(&field, stream);
        }
    }

    fn stream(&mut self, field: &str, stream: &Stream) {
        let mut known: Vec<&str> = Vec::new();
        for parent in &stream.parents {
            let name = format!("{field}.{}", parent.name);
            self.listing(&name, &parent.listing(), &known);
            self.require(!parent.id_path.is_empty(), &format!("{name}.id_path"), "is empty");
            known.push(&parent.name);
        }
        if let Some(tree) = &stream.tree {
            let whole = ![&tree.root, &tree.id_path, &tree.only.path]
                .iter()
                .any(|text| text.is_empty());
            self.require(
                whole,
                &format!("{field}.tree"),
                "root, id_path or only.path is empty",
            );
            known.push(&tree.name);
        }
        if let Some(ready) = &stream.ready {
            self.ready(&format!("{field}.ready"), ready);
        }
        let innermost = known.last().copied();
        known.extend(["from", "to"]);
        self.listing(field, &stream.listing(), &known);
        if let Some(detail) = &stream.detail {
            known.push("id");
            self.request(&format!("{field}.detail"), detail, &known);
        }
        self.cut(field, stream, innermost);
        for (name, path) in [("id_path", &stream.id_path), ("title_path", &stream.title_path)] {
            self.require(!path.is_empty(), &format!("{field}.{name}"), "is empty");
        }
        self.times(field, stream);
        self.require(
            !stream.single || stream.paging == Paging::None,
            field,
            "a single record has no pages",
        );
    }

    /// Where records have no times there is nothing to filter or sort by.
    fn times(&mut self, field: &str, stream: &Stream) {
        self.require(
            stream.undated == stream.time_path.is_empty(),
            &format!("{field}.time_path"),
            "is empty where the stream is undated, and only there",
        );
        let all_is_read = matches!(stream.cut, Cut::Whole | Cut::Parents) && !stream.newest_first;
        self.require(
            !stream.undated || all_is_read,
            &format!("{field}.undated"),
            "goes with reading all: a cut by parents or none",
        );
    }

    fn ready(&mut self, field: &str, ready: &Ready) {
        self.request(field, &ready.request, &[]);
        self.body(field, ready.method, ready.body.as_deref());
        let told = !ready.path.is_empty() && !ready.is.is_empty();
        self.require(told, field, "needs the path of a word, and the word");
    }

    /// What the cut needs of the request.
    fn cut(&mut self, field: &str, stream: &Stream, innermost: Option<&str>) {
        let says = |part: &str| {
            let part = format!("{{{part}}}");
            stream.request.contains(&part)
                || stream.body.as_ref().is_some_and(|body| body.contains(&part))
                || stream.headers.values().any(|value| value.contains(&part))
        };
        match stream.cut {
            Cut::Days | Cut::Spans => {
                self.require(
                    says("from") && says("to"),
                    field,
                    "cut by time, but the request does not say {from} and {to}",
                );
            }
            Cut::Ascending => self.require(says("from"), field, "the request does not say {from} when"),
            Cut::Parents | Cut::Tree => self.require(
                innermost.is_some_and(says),
                field,
                "cut by parents, but the request does not name the innermost parent",
            ),
            Cut::Descending | Cut::Whole => {}
        }
        let has_span = stream.span_days.is_some_and(|days| (1..=90).contains(&days));
        self.require(
            has_span == (stream.cut == Cut::Spans),
            &format!("{field}.span_days"),
            "belongs to a cut by spans, and is 1 to 90",
        );
        let may_stop = !stream.newest_first || matches!(stream.cut, Cut::Descending | Cut::Parents);
        self.require(
            may_stop,
            &format!("{field}.newest_first"),
            "says nothing where the provider filters by time",
        );
        let walked = stream.parents.is_empty() != (stream.cut == Cut::Parents);
        self.require(walked, field, "parents and a cut by parents belong together");
        self.require(
            stream.tree.is_some() == (stream.cut == Cut::Tree),
            field,
            "a tree and a cut by one belong together",
        );
    }

    fn listing(&mut self, field: &str, listing: &Listing<'_>, known: &[&str]) {
        let mut known = known.to_vec();
        match listing.paging {
            Paging::Page { param: None, .. } => known.push("page"),
            Paging::Offset { param: None, .. } => known.push("offset"),
            _ => {}
        }
        self.request(field, listing.request, &known);
        self.body(field, listing.method, listing.body);
        if let Some(headers) = listing.headers {
            for (name, value) in headers {
                self.declared(&format!("{field}.headers.{name}"), value, &known);
            }
        }
        self.paging(field, listing, &known);
    }

    fn paging(&mut self, field: &str, listing: &Listing<'_>, known: &[&str]) {
        let named = |text: &Option<String>| text.as_ref().is_none_or(|text| !text.is_empty());
        match listing.paging {
            Paging::Cursor {
                path,
                param,
                field: body_field,
                next_request,
                next_body,
                ..
            } => {
                let places = [param.is_some(), body_field.is_some(), next_body.is_some()];
                let one = places.iter().filter(|place| **place).count() == 1;
                self.require(
                    one && !path.is_empty() && named(param) && named(body_field),
                    field,
                    "the cursor needs its path and one place to go: param, field or next_body",
                );
                if let Some(request) = next_request {
                    self.request(&format!("{field}.next_request"), request, known);
                }
                self.next_body(field, next_body.as_deref());
            }
            Paging::LastId {
                path,
                param,
                next_body,
                ..
            } => {
                self.require(
                    param.is_some() != next_body.is_some() && !path.is_empty() && named(param),
                    field,
                    "the last id needs its path and one place to go: param or next_body",
                );
                self.next_body(field, next_body.as_deref());
            }
            Paging::Page { param: None, .. } => {
                let said = listing.request.contains("{page}")
                    || listing.body.is_some_and(|body| body.contains("{page}"));
                self.require(said, field, "neither a parameter nor {page} says which page");
            }
            Paging::Offset { param: None, .. } => {
                let said = listing.request.contains("{offset}")
                    || listing.body.is_some_and(|body| body.contains("{offset}"));
                self.require(
                    said,
                    field,
                    "neither a parameter nor {offset} says where to go on",
                );
            }
            Paging::None
            | Paging::LinkHeader
            | Paging::NextLink { .. }
            | Paging::Page { .. }
            | Paging::Offset { .. } => {}
        }
    }

    fn next_body(&mut self, field: &str, body: Option<&str>) {
        if let Some(body) = body {
            let field = format!("{field}.next_body");
            self.json_body(&field, body);
            self.require(body.contains("{cursor}"), &field, "{cursor} is not in it");
        }
    }

    fn body(&mut self, field: &str, method: Method, body: Option<&str>) {
        if let Some(body) = body {
            self.json_body(&format!("{field}.body"), body);
            self.require(method != Method::Get, field, "a GET has no body");
        }
    }

    fn json_body(&mut self, field: &str, body: &str) {
        let json = serde_json::from_str::<serde_json::Value>(body).is_ok();
        self.require(json, field, "is not JSON");
    }

    fn request(&mut self, field: &str, request: &str, known: &[&str]) {
        self.require(
            request.starts_with('/') || request.is_empty(),
            field,
            "the request must start with /",
        );
        let api_base = &self.integration.api_base;
        self.url(field, &format!("{api_base}{request}"), known);
    }
}
