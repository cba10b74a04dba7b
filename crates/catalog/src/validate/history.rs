//! Streams: each can be cut, walked and paged with what it says.

use std::collections::BTreeSet;

use super::Checks;
use crate::model::{Cut, Paging, Stream};
use crate::template;

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
            self.request(
                &format!("{field}.{}", parent.name),
                &parent.request,
                &known,
                &parent.paging,
            );
            known.push(&parent.name);
        }
        let innermost = known.last().copied();
        known.extend(["from", "to"]);
        self.request(field, &stream.request, &known, &stream.paging);

        let parts = template::parts(&stream.request);
        self.require(
            parts.contains(&"from"),
            field,
            "the request does not say {from} when",
        );
        match stream.cut {
            Cut::Days => self.require(
                parts.contains(&"to"),
                field,
                "cut by days, but the request has no {to}",
            ),
            Cut::Parents => {
                let walked = innermost.is_some_and(|parent| parts.contains(&parent));
                self.require(
                    walked,
                    field,
                    "cut by parents, but the request does not name the innermost parent",
                );
            }
            Cut::Ascending => {}
        }
        for (name, path) in [
            ("id_path", &stream.id_path),
            ("time_path", &stream.time_path),
            ("title_path", &stream.title_path),
        ] {
            self.require(!path.is_empty(), &format!("{field}.{name}"), "is empty");
        }
    }

    fn request(&mut self, field: &str, request: &str, known: &[&str], paging: &Paging) {
        self.require(request.starts_with('/'), field, "the request must start with /");
        let api_base = &self.integration.api_base;
        self.url(field, &format!("{api_base}{request}"), known);
        if let Paging::Cursor { path, param } = paging {
            self.require(
                !path.is_empty() && !param.is_empty(),
                field,
                "the cursor needs its path and its parameter",
            );
        }
    }
}
