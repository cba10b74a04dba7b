//! Opaque page tokens: bound to their query, to the state of the first page, and to a time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::random::hash;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// How many records came before.
    pub position: usize,
    /// The time of the first page, in epoch milliseconds: later pages show the records of then,
    /// so that what arrives meanwhile moves nothing.
    pub as_of: i64,
}

impl Cursor {
    /// The token for a cursor. `bound` is what has to be the same when it comes back.
    pub fn seal(self, seed: u64, bound: &str) -> String {
        let plain = format!("{}.{}", self.position, self.as_of);
        URL_SAFE_NO_PAD.encode(format!("{plain}.{}", mark(seed, bound, &plain)))
    }

    /// Reads a token; `None` when it was altered, is for another query, or older than `life_ms`.
    pub fn open(token: &str, seed: u64, bound: &str, now: i64, life_ms: i64) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (plain, given) = text.rsplit_once('.')?;
        if mark(seed, bound, plain) != given {
            return None;
        }
        let (position, as_of) = plain.split_once('.')?;
        let cursor = Self {
            position: position.parse().ok()?,
            as_of: as_of.parse().ok()?,
        };
        (now - cursor.as_of < life_ms).then_some(cursor)
    }
}

fn mark(seed: u64, bound: &str, plain: &str) -> String {
    hash(&format!("cursor {seed} {plain} {bound}"))
        .chars()
        .take(24)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_query_and_in_its_time_only() {
        let cursor = Cursor {
            position: 100,
            as_of: 5_000,
        };
        let token = cursor.seal(1, "tasks?project=1");
        assert_eq!(
            Cursor::open(&token, 1, "tasks?project=1", 5_999, 1_000),
            Some(cursor)
        );
        assert_eq!(Cursor::open(&token, 1, "tasks?project=1", 6_000, 1_000), None);
        assert_eq!(Cursor::open(&token, 1, "tasks?project=2", 5_999, 1_000), None);
        assert_eq!(Cursor::open(&token, 2, "tasks?project=1", 5_999, 1_000), None);
        assert_eq!(Cursor::open("nonsense", 1, "tasks?project=1", 5_999, 1_000), None);
    }
}
