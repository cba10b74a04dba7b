//! `cargo xtask test`: one step after the other, each with its time, all of them even when one
//! fails, and a last line that counts.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::console::{Step, clock};
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::postgres::Postgres;
use crate::results::Counts;
use crate::site::{self, Build};
use crate::{assets, browser, files, machine, npm, process};

/// The steps, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepName {
    /// rustfmt has nothing to change.
    Format,
    /// clippy for everything that runs on the server.
    Clippy,
    /// clippy for what runs in the browser.
    ClippyWasm,
    /// Every Rust test, the store's on both databases.
    Tests,
    /// The site builds.
    Site,
    /// Playwright in a real Chromium.
    Browser,
}

impl StepName {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Format,
        Self::Clippy,
        Self::ClippyWasm,
        Self::Tests,
        Self::Site,
        Self::Browser,
    ];

    /// The word on the command line.
    pub fn text(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Tests => "tests",
            Self::Site => "site",
            Self::Browser => "browser",
        }
    }

    /// The step of that word.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.text() == text)
    }

    fn about(self) -> &'static str {
        match self {
            Self::Format => "cargo fmt has nothing to change",
            Self::Clippy => "lints of everything that runs on the server",
            Self::ClippyWasm => "lints of what runs in the browser",
            Self::Tests => "unit and server tests, the store on SQLite and on a PostgreSQL of our own",
            Self::Site => "the site builds",
            Self::Browser => "Playwright in a real Chromium",
        }
    }
}

/// What `--list` prints.
pub fn list() -> String {
    let lines: Vec<String> = StepName::ALL
        .iter()
        .map(|step| format!("{:<12} {}", step.text(), step.about()))
        .collect();
    lines.join("\n")
}

struct Done {
    step: StepName,
    time: Duration,
    good: bool,
    counts: Option<Counts>,
}

/// Runs the steps and prints the summary. Fails if any step did.
pub fn run(context: &Context, steps: &[StepName]) -> Outcome<()> {
    let started = Instant::now();
    machine::check(context)?;
    npm::install(context)?;
    assets::make(context)?;
    let mut all = Vec::new();
    for &step in steps {
        let begun = Instant::now();
        let (outcome, counts) = one(context, step);
        if context.interrupted() {
            return Err(Failure::Interrupted);
        }
        if let Err(Failure::Says(text)) = &outcome {
            context.console.line(&format!("  ✗ {}\n\n{text}", step.text()));
        }
        all.push(Done {
            step,
            time: begun.elapsed(),
            good: outcome.is_ok(),
            counts,
        });
    }
    let (summary, good) = summary(&all, started.elapsed());
    context.console.line(&summary);
    if good { Ok(()) } else { Err(Failure::Shown) }
}

/// One step, with the tests that it counted. The counts are read even where the step failed.
fn one(context: &Context, step: StepName) -> (Outcome<()>, Option<Counts>) {
    let log = context.log(step.text());
    match step {
        StepName::Format => (format(context, &log), None),
        StepName::Clippy => (clippy(context, &log), None),
        StepName::ClippyWasm => (clippy_wasm(context, &log), None),
        StepName::Site => (site::build(context, Build::Quick).map(drop), None),
        StepName::Tests => {
            drop(std::fs::remove_file(&log));
            let outcome = tests(context, &log);
            (
                outcome,
                Some(Counts::of_cargo(&files::whole(&log).unwrap_or_default())),
            )
        }
        StepName::Browser => {
            drop(std::fs::remove_file(&log));
            let outcome = end_to_end(context, &log);
            (
                outcome,
                Some(Counts::of_playwright(&files::whole(&log).unwrap_or_default())),
            )
        }
    }
}

fn format(context: &Context, log: &Path) -> Outcome<()> {
    let step = Step {
        label: "Format",
        usual: "",
        log,
    };
    context.console.step(&step, || {
        process::run(context, context.cargo().args(["fmt", "--all", "--check"]), log)
            .map_err(|failure| hint(failure, "cargo fmt --all puts it right."))
    })
}

fn clippy(context: &Context, log: &Path) -> Outcome<()> {
    let step = Step {
        label: "Clippy, server",
        usual: "about 3 minutes the first time",
        log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        command.args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]);
        process::run(context, &mut command, log).map_err(no_clippy)
    })
}

fn clippy_wasm(context: &Context, log: &Path) -> Outcome<()> {
    let step = Step {
        label: "Clippy, browser",
        usual: "about 1 minute the first time",
        log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        command
            .args([
                "clippy",
                "--package=patchbay-app",
                "--lib",
                "--target=wasm32-unknown-unknown",
            ])
            .arg(format!("--target-dir={}", context.target.join("front").display()))
            // The islands' own profile: procedural macros are compiled once for both.
            .args([
                "--profile=wasm-dev",
                "--no-default-features",
                "--features=hydrate",
                "--",
                "--deny",
                "warnings",
            ]);
        process::run(context, &mut command, log).map_err(no_clippy)
    })
}

fn tests(context: &Context, log: &Path) -> Outcome<()> {
    let postgres_log = context.log("postgres");
    let step = Step {
        label: "Starting a throw-away PostgreSQL",
        usual: "",
        log: &postgres_log,
    };
    let postgres = context
        .console
        .step(&step, || Postgres::start(context, &postgres_log))?;
    let step = Step {
        label: "Tests, both databases",
        usual: "about 6 minutes the first time",
        log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        command
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("PATCHBAY_TEST_POSTGRES", &postgres.url);
        process::run(context, &mut command, log)
    })
}

fn end_to_end(context: &Context, log: &Path) -> Outcome<()> {
    let site = site::build(context, Build::Quick)?;
    let chromium = browser::chromium(context)?;
    let step = Step {
        label: "Browser tests",
        usual: "about 2 minutes",
        log,
    };
    context.console.step(&step, || {
        let mut command: Command = context.command(context.root.join("node_modules/.bin/playwright"));
        command
            .current_dir(context.root.join("end2end"))
            .args(["test", "--reporter=list"])
            .env("PATCHBAY_BIN", &site.binary)
            .env("PATCHBAY_SITE_ROOT", &site.root);
        if let Some(program) = &chromium {
            command.env("PATCHBAY_CHROMIUM", program);
        }
        process::run(context, &mut command, log)
    })
}

fn hint(failure: Failure, text: &str) -> Failure {
    match failure {
        Failure::Says(words) => Failure::Says(format!("{words} {text}")),
        other => other,
    }
}

fn no_clippy(failure: Failure) -> Failure {
    if process::answer("cargo", &["clippy", "--version"]).is_none() {
        return hint(failure, "Clippy is missing: rustup component add clippy");
    }
    failure
}

/// The table and the counting line. A failed step without a failed test counts as one.
fn summary(all: &[Done], time: Duration) -> (String, bool) {
    let mut text = String::from("\n");
    let mut sum = Counts::default();
    for done in all {
        let mut counts = done.counts.unwrap_or_default();
        let word = if done.good { "ok" } else { "failed" };
        let _ = write!(text, "  {:<12} {:>6}  {word}", done.step.text(), clock(done.time));
        if done.counts.is_some() {
            let _ = write!(text, ": {}", counts.text());
        }
        text.push('\n');
        if !done.good && counts.failed == 0 {
            counts.failed = 1;
        }
        sum += counts;
    }
    let _ = writeln!(text, "  {:<12} {:>6}", "total", clock(time));
    if sum.skipped > 0 {
        let _ = writeln!(text, "\n{} skipped: their names are in the logs.", sum.skipped);
    }
    let _ = write!(text, "\n{} passed, {} failed", sum.passed, sum.failed);
    (text, all.iter().all(|done| done.good) && sum.failed == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(step: StepName, good: bool, counts: Option<Counts>) -> Done {
        Done {
            step,
            time: Duration::from_secs(61),
            good,
            counts,
        }
    }

    #[test]
    fn the_last_line_counts_tests_and_broken_steps() {
        let counts = Counts {
            passed: 7,
            failed: 2,
            skipped: 0,
        };
        let (text, good) = summary(
            &[
                done(StepName::Format, false, None),
                done(StepName::Tests, false, Some(counts)),
                done(StepName::Site, true, None),
            ],
            Duration::from_secs(100),
        );
        assert_eq!(text.lines().last(), Some("7 passed, 3 failed"));
        assert!(!good);
    }

    #[test]
    fn a_run_without_failure_is_good_and_says_what_was_skipped() {
        let counts = Counts {
            passed: 7,
            failed: 0,
            skipped: 1,
        };
        let (text, good) = summary(&[done(StepName::Tests, true, Some(counts))], Duration::ZERO);
        assert!(good);
        assert_eq!(text.lines().last(), Some("7 passed, 0 failed"));
        assert!(text.contains("1 skipped"), "{text}");
    }

    #[test]
    fn every_step_has_a_word_of_its_own() {
        for step in StepName::ALL {
            assert_eq!(StepName::from_text(step.text()), Some(step));
        }
    }
}
