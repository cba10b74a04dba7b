//! Pseudo-randomness from the seed: the same sample data after every start, and token text.

use sha2::{Digest, Sha256};

/// SHA-256 of a text, in hex: the only form in which secrets are kept.
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// `splitmix64`, seeded from a place in the sample data (profile, account, day …).
///
/// Good enough for sample data; nothing that has to stay secret depends on it.
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for the same seed and place.
    pub fn at(seed: u64, place: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(seed.to_be_bytes());
        digest.update(place.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.finalize()[..8]);
        Self(u64::from_be_bytes(first))
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low + 1)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.roll().is_multiple_of(times)
    }

    /// One of several things; `None` when there are none.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(things.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(self.roll() % count)
            .ok()
            .and_then(|index| things.get(index))
    }
}

/// Text of `length` letters and digits for a code or token, never the same twice for the same seed.
///
/// The running number is kept in the state file, so that a restart does not repeat a token.
pub fn mint(seed: u64, now: i64, number: u64, length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut dice = Dice::at(seed, &format!("token {now} {number}"));
    (0..length)
        .filter_map(|_| dice.pick(LETTERS))
        .map(|letter| char::from(*letter))
        .collect()
}
