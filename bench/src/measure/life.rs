//! A console's life: how soon it is there, what it takes at rest, and whether it stays well.

use std::{process::Stdio, thread::sleep, time::Duration};

use patchbay_hub::Mode;

use super::{Run, median, megabytes, millis};
use crate::{
    ADMIN, ENGINEER, Failure, PAGES,
    figures::Figures,
    load::{self, End, Plan},
    one_thread,
    process::Program,
    visitor::Visitor,
};

/// How long a console is left alone before its memory is read.
const PAUSE: Duration = Duration::from_secs(2);

/// From the start of the process to `/healthz`.
pub fn start_up(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let mut times = Vec::new();
    for _ in 0..run.length(10, 3) {
        let console = Program::console(run.console(Mode::Demo, &run.data), &run.log)?;
        times.push(millis(console.up_after));
        console.end()?;
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    figures.aim(
        "From the start of the process to the first answer of /healthz, demo mode with existing data, slowest of 10",
        format!("{slowest:.0} ms (median {:.0} ms)", median(times)),
        "under 300 ms",
        slowest < 300.0,
    );
    Ok(())
}

/// Resident memory at rest, in both modes.
pub fn memory(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let demo = run.demo(false)?;
    sleep(PAUSE);
    let with_simulator = demo.memory()?;
    demo.end()?;
    let data = run.options.work.join("live");
    let made = run
        .console(Mode::Live, &data)
        .args(["keys", "init"])
        .stdout(Stdio::null())
        .status()?;
    if !made.success() {
        return Err("no key was made for live mode".into());
    }
    let start = || {
        let mut command = run.console(Mode::Live, &data);
        command.env("PATCHBAY_SETUP_TOKEN_FILE", data.join("token"));
        Program::console(command, &run.log)
    };
    // The first start makes the database and verifies the build, which is work of another kind.
    let first = start()?;
    first.settle(PAUSE * 30)?;
    first.end()?;
    let live = start()?;
    live.settle(PAUSE * 10)?;
    sleep(PAUSE);
    let without = live.memory()?;
    live.end()?;
    figures.aim(
        "Resident memory (VmRSS) at rest after the start, demo mode with existing data; live mode, which has no \
         simulator",
        format!(
            "{:.1} MB; {:.1} MB",
            megabytes(with_simulator.resident),
            megabytes(without.resident)
        ),
        "under 30 MB",
        megabytes(with_simulator.resident) < 30.0,
    );
    figures.say(
        "Of it heap and stacks (RssAnon), demo mode, live mode: the difference is the simulator and the sample data",
        format!(
            "{:.1} MB, {:.1} MB",
            megabytes(with_simulator.own),
            megabytes(without.own)
        ),
    );
    Ok(())
}

/// Many requests over five pages: no hang, nothing but pages, and memory that does not run away.
pub fn soak(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let count = run.length(30_000, 500);
    let console = run.demo(false)?;
    let before = megabytes(console.memory()?.resident);
    let load = one_thread()?.block_on(async {
        let mut admin = Visitor::new(console.port).await?;
        admin.sign_in(ADMIN).await?;
        let mut engineer = Visitor::new(console.port).await?;
        engineer.sign_in(ENGINEER).await?;
        let requests = PAGES
            .iter()
            .map(|page| {
                let visitor = if page.person == ADMIN { &admin } else { &engineer };
                visitor.get_request(page.path)
            })
            .collect();
        load::run(Plan {
            port: console.port,
            requests,
            connections: 24,
            end: End::Requests(count),
        })
        .await
    })?;
    console.settle(PAUSE * 10)?;
    let after = megabytes(console.memory()?.resident);
    console.end()?;
    let good = load.answered() == count && load.all_pages().is_ok();
    figures.aim(
        "Soak: 30,000 requests over 24 connections and five pages; a hang is an answer after more than 5 s",
        format!(
            "{} pages, {} hangs, {} other statuses, {} broken off; p99 {:.1} ms, {:.0} pages/s",
            load.answered(),
            load.hangs,
            load.other_status,
            load.broken,
            load.percentile(99),
            load.rate()
        ),
        "no hang, nothing but 200",
        good,
    );
    figures.say(
        "Resident memory before and after the soak",
        format!("{before:.1} MB, {after:.1} MB"),
    );
    Ok(())
}
