//! A clock that stands until it is moved, and that can be made to panic once.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use patchbay_store::{Clock, ManualClock, Millis};

/// The moment at which every test begins: 2026-04-15T09:30:00Z.
pub const START: Millis = Millis(1_776_245_400_000);

/// The one clock of a test.
pub struct TestClock {
    hands: ManualClock,
    broken: AtomicBool,
}

impl TestClock {
    pub fn new() -> Self {
        Self {
            hands: ManualClock::new(START),
            broken: AtomicBool::new(false),
        }
    }

    /// Lets time pass, here and at the simulated providers.
    pub fn advance(&self, by: Duration) {
        self.hands.advance(by);
    }

    /// The next one who asks for the time panics: the product has no way of its own to provoke one.
    pub fn break_once(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        assert!(
            !self.broken.swap(false, Ordering::SeqCst),
            "the clock is broken, as the test asked: CANARY-in-a-panic"
        );
        self.hands.now()
    }
}
