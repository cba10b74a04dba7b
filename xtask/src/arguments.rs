//! What the person asked for, read from the command line by hand: a parser crate would be compiled
//! before anything else is.

use std::path::PathBuf;

use crate::test::StepName;

/// What `cargo xtask help` prints.
pub const HELP: &str = "\
Patchbay's two commands:

  cargo xtask run [--live] [--port N] [--data DIR] [--release]
      Build what is not built yet and start the console, by default the demo at
      http://localhost:3000 with its data in ./data. Ctrl-C ends it. With --live:
      real providers, your own provider apps, data in ./data-live.

  cargo xtask test [--only STEP[,STEP]] [--list]
      Format, lints, every test on SQLite and PostgreSQL, the site, the browser.

And one for those who change what it costs:

  cargo xtask bench [--quick | --first-page]
      Build optimised, measure, and write the figures into bench/README.md. --quick:
      short runs of the unoptimised build that write nothing. --first-page: clone the
      repository and time the way to its first page.

And one for those who change how providers are spoken to, or what is known of them:

  cargo xtask attest [--only ID[,ID]]
      Have independent clients and servers complete flows with ours, and write what
      may be called more than Simulated into crates/hub/attestations.toml.";

/// One command with its options.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// Print the help.
    Help,
    /// Print the names of the test steps.
    List,
    /// Build and start the console.
    Run(RunOptions),
    /// Run these test steps, in their own order.
    Test(Vec<StepName>),
    /// Measure.
    Bench(Measurement),
    /// Ask for second opinions on these integrations; none named: on all.
    Attest(Vec<String>),
}

/// What `cargo xtask bench` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measurement {
    /// The release build, written down.
    Figures,
    /// The quick build, to try the measuring itself.
    Quick,
    /// From a clone to the first page.
    FirstPage,
}

/// Options of `cargo xtask run`.
#[derive(Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// TCP port on 127.0.0.1.
    pub port: u16,
    /// Data folder, relative to where the command was called.
    pub data: Option<PathBuf>,
    /// Optimised build instead of a quick one.
    pub release: bool,
    /// Real providers instead of the demo.
    pub live: bool,
}

/// Reads the words after `cargo xtask`. The error says what was not understood.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut words = words;
    match words.next().as_deref() {
        None | Some("help" | "--help" | "-h") => Ok(Wish::Help),
        Some("run") => parse_run(words),
        Some("test") => parse_test(words),
        Some("bench") => parse_bench(words),
        Some("attest") => parse_attest(words),
        Some(other) => Err(format!("There is no command \"{other}\".")),
    }
}

fn parse_run(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut options = RunOptions {
        port: 3000,
        data: None,
        release: false,
        live: false,
    };
    while let Some(word) = words.next() {
        let (name, value) = split(&word);
        match name {
            "--release" => options.release = true,
            "--live" => options.live = true,
            "--port" => {
                let text = value_of(name, value, &mut words)?;
                options.port = text
                    .parse()
                    .ok()
                    .filter(|port| *port != 0)
                    .ok_or_else(|| format!("--port wants a number from 1 to 65535, not \"{text}\"."))?;
            }
            "--data" => options.data = Some(value_of(name, value, &mut words)?.into()),
            "--help" | "-h" => return Ok(Wish::Help),
            _ => return Err(format!("cargo xtask run does not know \"{word}\".")),
        }
    }
    Ok(Wish::Run(options))
}

fn parse_test(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut chosen = Vec::new();
    while let Some(word) = words.next() {
        let (name, value) = split(&word);
        match name {
            "--list" => return Ok(Wish::List),
            "--only" => {
                for text in value_of(name, value, &mut words)?.split(',') {
                    chosen.push(StepName::from_text(text).ok_or_else(|| {
                        format!("There is no test step \"{text}\"; cargo xtask test --list names them.")
                    })?);
                }
            }
            "--help" | "-h" => return Ok(Wish::Help),
            _ => return Err(format!("cargo xtask test does not know \"{word}\".")),
        }
    }
    let steps = StepName::ALL
        .into_iter()
        .filter(|step| chosen.is_empty() || chosen.contains(step))
        .collect();
    Ok(Wish::Test(steps))
}

fn parse_bench(words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut measurement = Measurement::Figures;
    for word in words {
        measurement = match word.as_str() {
            "--quick" => Measurement::Quick,
            "--first-page" => Measurement::FirstPage,
            "--help" | "-h" => return Ok(Wish::Help),
            _ => return Err(format!("cargo xtask bench does not know \"{word}\".")),
        };
    }
    Ok(Wish::Bench(measurement))
}

fn parse_attest(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let mut ids = Vec::new();
    while let Some(word) = words.next() {
        let (name, value) = split(&word);
        match name {
            "--only" => ids.extend(value_of(name, value, &mut words)?.split(',').map(str::to_owned)),
            "--help" | "-h" => return Ok(Wish::Help),
            _ => return Err(format!("cargo xtask attest does not know \"{word}\".")),
        }
    }
    Ok(Wish::Attest(ids))
}

/// `--name=value` in its two halves.
fn split(word: &str) -> (&str, Option<String>) {
    match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
        _ => (word, None),
    }
}

fn value_of(
    name: &str,
    given: Option<String>,
    rest: &mut impl Iterator<Item = String>,
) -> Result<String, String> {
    given
        .or_else(|| rest.next())
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("{name} wants a value."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Wish, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn run_has_defaults_and_takes_both_spellings() {
        assert_eq!(
            read("run"),
            Ok(Wish::Run(RunOptions {
                port: 3000,
                data: None,
                release: false,
                live: false
            }))
        );
        assert_eq!(
            read("run --port=4000 --data /tmp/d --release"),
            Ok(Wish::Run(RunOptions {
                port: 4000,
                data: Some("/tmp/d".into()),
                release: true,
                live: false
            }))
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, part) in [
            ("rum", "rum"),
            ("run --prot 1", "--prot"),
            ("run --port", "--port"),
            ("run --port 0", "1 to 65535"),
            ("run --port 70000", "70000"),
            ("test --only nothing", "nothing"),
            ("bench --fast", "--fast"),
            ("attest asana", "asana"),
            ("attest --only", "--only"),
        ] {
            let problem = read(line).unwrap_err();
            assert!(problem.contains(part), "{line}: {problem}");
        }
    }

    #[test]
    fn only_keeps_the_order_of_the_steps() {
        assert_eq!(
            read("test --only browser,format"),
            Ok(Wish::Test(vec![StepName::Format, StepName::Browser]))
        );
        assert_eq!(read("test"), Ok(Wish::Test(StepName::ALL.to_vec())));
        assert_eq!(read("test --list"), Ok(Wish::List));
    }

    #[test]
    fn attest_takes_all_or_those_that_are_named() {
        assert_eq!(read("attest"), Ok(Wish::Attest(Vec::new())));
        assert_eq!(
            read("attest --only asana,xero --only=box"),
            Ok(Wish::Attest(vec!["asana".into(), "xero".into(), "box".into()]))
        );
    }

    #[test]
    fn bench_writes_figures_unless_it_is_told_otherwise() {
        assert_eq!(read("bench"), Ok(Wish::Bench(Measurement::Figures)));
        assert_eq!(read("bench --quick"), Ok(Wish::Bench(Measurement::Quick)));
        assert_eq!(
            read("bench --first-page"),
            Ok(Wish::Bench(Measurement::FirstPage))
        );
    }
}
