//! Counting tests in what cargo and Playwright print.

use std::fmt::Write as _;
use std::ops::AddAssign;

/// How many tests did what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: u32,
    /// Ran and did not hold, or held only at a second try, or could not run.
    pub failed: u32,
    /// Left out on purpose.
    pub skipped: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// Such as "12 passed, 1 failed"; skipped tests are named where there are any.
    pub fn text(self) -> String {
        let mut text = format!("{} passed, {} failed", self.passed, self.failed);
        if self.skipped > 0 {
            let _ = write!(text, ", {} skipped", self.skipped);
        }
        text
    }

    /// Sums the lines `test result: ok. 3 passed; 0 failed; 1 ignored; …` of `cargo test`.
    pub fn of_cargo(log: &str) -> Self {
        let mut sum = Self::default();
        for line in log.lines() {
            let Some((_, result)) = line.split_once("test result: ") else {
                continue;
            };
            let Some((_, numbers)) = result.split_once(". ") else {
                continue;
            };
            for part in numbers.split(';') {
                match number_and_word(part) {
                    Some((count, "passed")) => sum.passed += count,
                    Some((count, "failed")) => sum.failed += count,
                    Some((count, "ignored")) => sum.skipped += count,
                    _ => {}
                }
            }
        }
        sum
    }

    /// Reads the summary at the end of Playwright's list reporter. A flaky test counts as failed:
    /// it held only at a second try.
    pub fn of_playwright(log: &str) -> Self {
        let mut sum = Self::default();
        for line in log
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("     "))
        {
            match number_and_word(line) {
                Some((count, "passed")) => sum.passed += count,
                Some((count, "failed" | "flaky" | "interrupted" | "did not run")) => {
                    sum.failed += count;
                }
                Some((count, "skipped")) => sum.skipped += count,
                _ => {}
            }
        }
        sum
    }
}

/// "12 passed (1.2m)" as 12 and "passed"; nothing where other words follow.
fn number_and_word(text: &str) -> Option<(u32, &str)> {
    let (number, rest) = text.trim().split_once(' ')?;
    let word = rest.split(" (").next().unwrap_or(rest);
    Some((number.parse().ok()?, word.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_are_summed_over_binaries_and_doc_tests() {
        let log = "\
running 3 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
";
        assert_eq!(
            Counts::of_cargo(log),
            Counts {
                passed: 6,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(Counts::of_cargo("error: could not compile"), Counts::default());
    }

    #[test]
    fn playwright_results_are_read_from_its_summary_only() {
        let log = "\
Running 9 tests using 1 worker

  ✓  1 connect.spec.ts:3:1 › 5 passed things (1.0s)
  1) report.spec.ts:9:1 › export ─────
      7 failed
  1 failed
    report.spec.ts:9:1 › export
  1 flaky
    live.spec.ts:1:1 › moves
  2 skipped
  1 did not run
  4 passed (12.3s)
";
        assert_eq!(
            Counts::of_playwright(log),
            Counts {
                passed: 4,
                failed: 3,
                skipped: 2
            }
        );
    }

    #[test]
    fn skipped_tests_are_never_silent() {
        assert_eq!(
            Counts {
                passed: 1,
                failed: 0,
                skipped: 0
            }
            .text(),
            "1 passed, 0 failed"
        );
        assert_eq!(
            Counts {
                passed: 1,
                failed: 0,
                skipped: 2
            }
            .text(),
            "1 passed, 0 failed, 2 skipped"
        );
    }
}
