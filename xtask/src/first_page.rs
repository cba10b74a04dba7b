//! `cargo xtask bench --first-page`: what a new developer waits for, measured as they would wait.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bench::{commit_and_date, machine_words, write};
use crate::console::{Step, clock};
use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::process::{self, Running};
use crate::run::answers;

/// The longest way to a first page, on a small machine without the tools.
const PATIENCE: Duration = Duration::from_mins(40);

/// Clones what is committed, and times `cargo xtask run` until the console answers: with a fresh target folder, then
/// once more with everything there. Compiled tools and downloads of earlier clones are kept.
pub fn run(context: &Context) -> Outcome<()> {
    let had_tools = context.cache.join("tools/bin").is_dir();
    let folder = std::env::temp_dir().join(format!("patchbay-first-page-{}", std::process::id()));
    let log = context.log("first-page");
    let measured = clone(context, &folder, &log).and_then(|()| {
        let first = timed(context, &folder, &log, "From the clone to the first page")?;
        Ok((first, timed(context, &folder, &log, "A second start")?))
    });
    // Some gigabytes, whatever came of it.
    let _ = std::fs::remove_dir_all(&folder);
    let (first, second) = measured?;
    let (machine, when) = (machine_words(), commit_and_date(context));
    let before = if had_tools { "Tools" } else { "No tools" };
    let mut rows = String::from(
        "| machine | what was there before | first page after | commit, date |\n|---|---|---|---|\n",
    );
    for (before, time) in [(before, first), ("All", second)] {
        // Writing to a String can't fail.
        let _ = writeln!(rows, "| {machine} | {before} | {} | {when} |", clock(time));
    }
    context.console.line(&format!("\n{rows}"));
    write(context, "first page", &rows)
}

fn clone(context: &Context, folder: &Path, log: &Path) -> Outcome<()> {
    let step = Step {
        label: "Cloning",
        usual: "",
        log,
    };
    context.console.step(&step, || {
        let mut command = context.command("git");
        command
            .args(["clone", "--quiet", "--no-hardlinks"])
            .arg(&context.root)
            .arg(folder);
        process::run(context, &mut command, log)
    })
}

/// From the call of the command to the first answer of its console.
fn timed(context: &Context, folder: &Path, log: &Path, label: &str) -> Outcome<Duration> {
    let step = Step {
        label,
        usual: "a few minutes the first time",
        log,
    };
    context.console.step(&step, || {
        let port = free_port()?;
        let mut command = process::command("cargo");
        command
            .args(["xtask", "run", "--port", &port.to_string()])
            .current_dir(folder)
            .env_remove("CARGO_TARGET_DIR");
        let started = Instant::now();
        let mut running = Running::start(&mut command, log)?;
        while started.elapsed() < PATIENCE {
            context.go_on()?;
            if let Some(status) = running.ended()? {
                return Err(Failure::says(format!("The command ended by itself ({status}).")));
            }
            if answers(port) {
                let time = started.elapsed();
                running.end(Duration::from_secs(30));
                return Ok(time);
            }
            sleep(Duration::from_millis(100));
        }
        Err(Failure::says("There was no page in 40 minutes."))
    })
}

fn free_port() -> Outcome<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .explain(|| "There is no free port".to_owned())
}
