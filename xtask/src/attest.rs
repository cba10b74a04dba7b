//! `cargo xtask attest`: second opinions. Clients and servers that other people wrote complete flows with ours, libsodium
//! opens what our vault sealed, and what they agree with is written down (`hub::attest` has the rules). Nothing here says
//! that something has passed: `patchbay attest judge` reads what the programs wrote.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::files::{self, Digest};
use crate::process::{self, Running};
use crate::site::{self, Build};
use crate::{machine, npm};

/// Where the words are written.
const WORDS: &str = "crates/hub/attestations.toml";
/// Where the programs are.
const HOME: &str = "xtask/attest";
/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks about these integrations; none named: about all.
pub fn run(context: &Context, ids: &[String]) -> Outcome<()> {
    machine::check(context)?;
    npm::install(context)?;
    let python = python(context)?;
    site::server(context, Build::Quick)?;
    let work = context.notes.join("attest");
    drop(std::fs::remove_dir_all(&work));
    std::fs::create_dir_all(&work).explain(|| format!("Can't create {}", work.display()))?;
    let bench = Bench {
        context,
        ids,
        python,
        binary: context.target.join(Build::Quick.folder()).join("patchbay"),
        work,
    };
    bench.clients()?;
    bench.servers()?;
    bench.vault()?;
    bench.judge()
}

/// The Python packages of `requirements.txt`, in a folder of the cache.
fn python(context: &Context) -> Outcome<PathBuf> {
    let wanted = context.root.join(HOME).join("requirements.txt");
    let digest = Digest::new().add_content(&wanted).text();
    let home = context.cache.join(format!("attest-{digest}"));
    let program = home.join("bin/python");
    let stamp = home.join("complete");
    if stamp.exists() {
        return Ok(program);
    }
    let log = context.log("attest-python");
    let step = Step {
        label: "Installing the Python packages",
        usual: "about 20 s, once per machine",
        log: &log,
    };
    context.console.step(&step, || {
        drop(std::fs::remove_dir_all(&home));
        let mut venv = context.command("python3");
        process::run(context, venv.args(["-m", "venv"]).arg(&home), &log).map_err(
            |failure| match failure {
                Failure::Says(text) => Failure::says(format!(
                    "{text}\nPython 3 with venv is needed. Debian, Ubuntu: sudo apt-get install python3-venv"
                )),
                other => other,
            },
        )?;
        let mut pip = context.command(&program);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&wanted);
        process::run(context, &mut pip, &log)?;
        files::write_whole(&stamp, b"")
    })?;
    Ok(program)
}

/// What the steps share.
struct Bench<'a> {
    context: &'a Context,
    ids: &'a [String],
    python: PathBuf,
    binary: PathBuf,
    work: PathBuf,
}

impl Bench<'_> {
    /// Independent clients against the simulated providers.
    fn clients(&self) -> Outcome<()> {
        let log = self.context.log("attest-clients");
        self.step(
            "Independent clients at the simulated providers",
            "about 10 s",
            &log,
            || {
                let mut simulator = self.context.command(&self.binary);
                let plan = self.work.join("plan.json");
                let (_running, line) =
                    self.listening(simulator.args(["simulator", "--port", "0"]), "simulator")?;
                files::write_whole(&plan, line.as_bytes())?;
                let mut node = self.context.command("node");
                node.arg(self.script("clients.mjs"))
                    .arg(&plan)
                    .arg(self.opinions("node"));
                process::run(self.context, node.args(self.ids), &log)?;
                let mut python = self.context.command(&self.python);
                python
                    .arg(self.script("oauth.py"))
                    .arg("clients")
                    .arg(&plan)
                    .arg(self.opinions("python"));
                process::run(self.context, python.args(self.ids), &log)
            },
        )
    }

    /// Our engine against independent servers.
    fn servers(&self) -> Outcome<()> {
        let log = self.context.log("attest-servers");
        self.step("Our engine at independent servers", "about 10 s", &log, || {
            let mut node = self.context.command("node");
            let (_oauth2, first) = self.listening(node.arg(self.script("server.mjs")), "oauth2")?;
            let mut python = self.context.command(&self.python);
            let (_oauth1, second) =
                self.listening(python.arg(self.script("oauth.py")).arg("server"), "oauth1")?;
            let mut engine = self.context.command(&self.binary);
            engine.args(["attest", "engine"]);
            for (name, line) in [("--oauth2", &first), ("--oauth1", &second)] {
                let said = |field| {
                    field_of(line, field).ok_or_else(|| Failure::says(format!("A server said only: {line}")))
                };
                engine
                    .arg(name)
                    .arg(said("port")?)
                    .arg(format!("{name}-tool"))
                    .arg(said("tool")?);
            }
            engine.arg("--out").arg(self.opinions("engine")).args(self.ids);
            process::run(self.context, &mut engine, &log)
        })
    }

    /// Somebody else's cipher on what our vault sealed.
    fn vault(&self) -> Outcome<()> {
        let log = self.context.log("attest-vault");
        self.step("libsodium on what our vault sealed", "", &log, || {
            let folder = self.work.join("sealed");
            let mut seal = self.context.command(&self.binary);
            process::run(self.context, seal.args(["attest", "seal"]).arg(&folder), &log)?;
            let mut python = self.context.command(&self.python);
            python
                .arg(self.script("vault.py"))
                .arg(&folder)
                .arg(self.opinions("vault"));
            process::run(self.context, &mut python, &log)
        })
    }

    /// Verifies, judges and writes the words.
    fn judge(&self) -> Outcome<()> {
        let log = self.context.log("attest-judge");
        let date = process::answer("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default();
        let done = self.step("Verifying and judging", "about 1 minute", &log, || {
            let mut judge = self.context.command(&self.binary);
            judge.args(["attest", "judge", "--date", &date, "--documents"]);
            judge.arg(self.script("documents.toml")).args(["--out", WORDS]);
            for name in ["node", "python", "engine", "vault"] {
                judge.arg("--opinions").arg(self.opinions(name));
            }
            process::run(self.context, judge.args(self.ids), &log)
        });
        if done.is_ok() {
            self.context.console.line(&files::whole(&log).unwrap_or_default());
        }
        self.context
            .console
            .line(&format!("The words are in {WORDS}; commit it."));
        done
    }

    fn step(&self, label: &str, usual: &str, log: &Path, work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
        self.context.console.step(&Step { label, usual, log }, work)
    }

    fn script(&self, name: &str) -> PathBuf {
        self.context.root.join(HOME).join(name)
    }

    fn opinions(&self, name: &str) -> PathBuf {
        self.work.join(format!("{name}.json"))
    }

    /// Starts a program that listens, and waits for the line of JSON with which it says where.
    fn listening(&self, command: &mut Command, name: &str) -> Outcome<(Running, String)> {
        let log = self.work.join(format!("{name}.log"));
        let mut running = Running::start(command, &log)?;
        let began = Instant::now();
        loop {
            let text = files::whole(&log).unwrap_or_default();
            // Only whole lines: what is still being written has no end yet.
            let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(line) = lines.find(|line| line.starts_with('{')) {
                return Ok((running, line.to_owned()));
            }
            if running.ended()?.is_some() || began.elapsed() > PATIENCE {
                return Err(Failure::says(format!("It did not come up ({name}):\n{text}")));
            }
            self.context.go_on()?;
            sleep(Duration::from_millis(50));
        }
    }
}

/// The value of a field in a flat line of JSON that a program of ours wrote.
fn field_of(line: &str, field: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("\"{field}\":"))?;
    let value = rest.trim_start();
    let text = match value.strip_prefix('"') {
        Some(text) => text.split('"').next()?,
        None => value.split([',', '}']).next()?.trim(),
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_of_itself_is_read_from_either_spelling() {
        for line in [
            r#"{"port":33247,"tool":"oidc-provider 9.13.3"}"#,
            r#"{"port": 33247, "tool": "oidc-provider 9.13.3"}"#,
        ] {
            assert_eq!(field_of(line, "port").as_deref(), Some("33247"));
            assert_eq!(field_of(line, "tool").as_deref(), Some("oidc-provider 9.13.3"));
            assert_eq!(field_of(line, "host"), None);
        }
    }
}
