//! Reads a stream of server-sent events.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;

/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    pub id: Option<i64>,
    pub event: String,
    pub data: String,
}

/// An open stream.
pub struct EventStream {
    body: BodyDataStream,
    read: String,
    /// Everything that came, for the search for secrets.
    pub all: String,
}

impl EventStream {
    pub fn new(body: Body) -> Self {
        Self {
            body: body.into_data_stream(),
            read: String::new(),
            all: String::new(),
        }
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let block: String = self.read.drain(..end + 2).collect();
                match parse(&block) {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next())
                .await
                .expect("an event, or the stream's end");
            let chunk = String::from_utf8(chunk?.unwrap().to_vec()).unwrap();
            self.all.push_str(&chunk);
            self.read.push_str(&chunk);
        }
    }

    /// The next change, past hellos.
    pub async fn next_change(&mut self) -> Option<Heard> {
        loop {
            let heard = self.next().await?;
            if heard.event == "changed" {
                return Some(heard);
            }
        }
    }
}

/// An event; `None` for a comment that only keeps the line open.
fn parse(block: &str) -> Option<Heard> {
    let mut heard = Heard::default();
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("id", id)) => heard.id = Some(id.parse().unwrap()),
            Some(("event", event)) => event.clone_into(&mut heard.event),
            Some(("data", data)) => data.clone_into(&mut heard.data),
            _ => {}
        }
    }
    (!heard.event.is_empty()).then_some(heard)
}
