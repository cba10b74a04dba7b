//! Replaces everything that is not known by something of the same kind. The same value is replaced by the same thing, so
//! that a recording can be replayed, and nothing can be read back from it.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::known::Known;

/// Elements of an array that are kept.
const MOST_ELEMENTS: usize = 5;
/// Lengths that are told apart.
const LENGTHS: [usize; 8] = [4, 8, 16, 32, 64, 128, 512, 2048];
/// What a second value's time lies before the first's.
const STEP_MS: i64 = 60_000;

/// The placeholders of one recording.
pub(super) struct Scrubber {
    known: Known,
    /// What the values are hashed with: a hash alone could be tried out.
    salt: [u8; 32],
    /// The number of each value by its hash; the value itself is nowhere.
    numbers: HashMap<[u8; 32], usize>,
    /// Around when placeholder times lie, in milliseconds since 1970.
    now: i64,
}

impl Scrubber {
    pub fn new(known: Known, salt: [u8; 32], now: i64) -> Self {
        Self {
            known,
            salt,
            numbers: HashMap::new(),
            // Of the moment itself only the day is kept.
            now: now - now.rem_euclid(86_400_000),
        }
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    /// The number of a value: the same for the same.
    fn number(&mut self, value: &str) -> usize {
        let hash = Sha256::new()
            .chain_update(self.salt)
            .chain_update(value)
            .finalize();
        let next = self.numbers.len() + 1;
        *self.numbers.entry(hash.into()).or_insert(next)
    }

    /// A JSON value; `name` is the field that it stands in.
    pub fn json(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => self.figure(name, number),
            Value::String(text) => Value::String(self.text(name, text)),
            Value::Array(all) => {
                let kept = all.iter().take(MOST_ELEMENTS);
                Value::Array(kept.map(|each| self.json(name, each)).collect())
            }
            Value::Object(fields) => {
                let mut scrubbed = Map::new();
                for (name, value) in fields {
                    let value = self.json(name, value);
                    scrubbed.insert(self.name(name), value);
                }
                Value::Object(scrubbed)
            }
        }
    }

    /// A field's name: kept where it is known, for a customer's own columns are fields too.
    pub fn name(&mut self, name: &str) -> String {
        if self.known.name(name) {
            name.to_owned()
        } else {
            format!("field{}", self.number(name))
        }
    }

    fn figure(&mut self, name: &str, number: &Number) -> Value {
        if Known::is_count(name) {
            return Value::Number(number.clone());
        }
        let text = number.to_string();
        let n = i64::try_from(self.number(&text)).unwrap_or_default();
        match number.as_i64() {
            Some(whole) => Value::from(self.moment(whole, n).unwrap_or(n)),
            None => Value::from(f64::from(u32::try_from(n).unwrap_or_default()) + 0.5),
        }
    }

    /// A number that can be a time, as another time of the same unit.
    fn moment(&self, number: i64, n: i64) -> Option<i64> {
        let at = self.now - n * STEP_MS;
        match number {
            1_000_000_000..=4_102_444_800 => Some(at.div_euclid(1000)),
            1_000_000_000_000..=4_102_444_800_000 => Some(at),
            _ => None,
        }
    }

    /// A text of the field `name`.
    pub fn text(&mut self, name: &str, text: &str) -> String {
        if self.known.word(text) {
            return text.to_owned();
        }
        if matches!(name, "scope" | "scopes") {
            return self.scopes(text);
        }
        if let Some(url) = Url::parse(text).ok().filter(|url| url.scheme() == "https") {
            return self.url(&url);
        }
        self.plain(text)
    }

    /// A list of scopes, each kept where it is known.
    fn scopes(&mut self, text: &str) -> String {
        let separator = if text.contains(',') { ',' } else { ' ' };
        let each: Vec<String> = text
            .split(separator)
            .map(|scope| {
                if self.known.word(scope) {
                    scope.to_owned()
                } else {
                    self.plain(scope)
                }
            })
            .collect();
        each.join(&separator.to_string())
    }

    /// Something of the same kind and about the same length.
    fn plain(&mut self, text: &str) -> String {
        let number = self.number(text);
        let n = i64::try_from(number).unwrap_or_default();
        if let Some(time) = self.time(text, n) {
            return time;
        }
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            let width = text.len().clamp(1, 32);
            return format!("{number:0>width$}");
        }
        if text.contains('@') && !text.contains(' ') {
            return format!("someone{number}@example.invalid");
        }
        let class = LENGTHS.iter().find(|length| text.len() <= **length);
        let length = class.copied().unwrap_or(LENGTHS[LENGTHS.len() - 1]);
        format!("{:x<length$}", format!("t{number}"))
    }

    /// A written time, as another one that is written so.
    fn time(&self, text: &str, n: i64) -> Option<String> {
        let at = self.now - n * STEP_MS;
        let stamp = jiff::Timestamp::from_millisecond(at).ok()?;
        if let Ok(number) = text.parse::<i64>() {
            return self.moment(number, n).map(|at| at.to_string());
        }
        if let Some((whole, fraction)) = text.split_once('.')
            && fraction.bytes().all(|b| b.is_ascii_digit())
            && let Ok(whole) = whole.parse::<i64>()
        {
            let at = self.moment(whole, n)?;
            return Some(format!("{at}.{:0>width$}", 0, width = fraction.len()));
        }
        if text.parse::<jiff::Timestamp>().is_ok() {
            return Some(stamp.to_string());
        }
        if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
            return Some(stamp.to_string().chars().take(10).collect());
        }
        if text.starts_with("/Date(") && text.ends_with(")/") {
            return Some(format!("/Date({at}+0000)/"));
        }
        None
    }

    /// An address: its host where the catalogue knows it, the parts of its path that the catalogue knows.
    pub fn url(&mut self, url: &Url) -> String {
        let mut text = format!("https://{}{}", self.host(url), self.path(url));
        let query = self.query(url);
        if !query.is_empty() {
            let pairs = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(query)
                .finish();
            text.push('?');
            text.push_str(&pairs);
        }
        text
    }

    /// The host; labels that are the customer's are replaced, and so is all of a host that the catalogue does not know.
    pub fn host(&mut self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default().to_owned();
        let Some(theirs) = self.known.host(url) else {
            return format!("host{}.invalid", self.number(&host));
        };
        let labels: Vec<String> = host
            .split('.')
            .zip(theirs)
            .map(|(label, theirs)| {
                if theirs {
                    format!("host{}", self.number(label))
                } else {
                    label.to_owned()
                }
            })
            .collect();
        labels.join(".")
    }

    /// The path, segment by segment.
    pub fn path(&mut self, url: &Url) -> String {
        let segments = url.path().split('/').map(|segment| {
            if segment.is_empty() || self.known.segment(segment) {
                segment.to_owned()
            } else {
                self.plain(segment)
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Names and values of the query.
    pub fn query(&mut self, url: &Url) -> Vec<(String, String)> {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        self.pairs(&pairs)
    }

    /// Names and values of a form.
    pub fn pairs(&mut self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| (self.name(name), self.text(name, value)))
            .collect()
    }
}
