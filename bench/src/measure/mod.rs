//! The run: data first, then one figure after the other, each on its own so that none disturbs another.

mod life;
mod pages;
mod sizes;
mod ways;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use patchbay_hub::{Mode, verify};
use patchbay_server::{config::Config, setup};

use crate::{
    ADMIN, Failure, arguments::Options, figures::Figures, one_thread, process::Program, threads,
    visitor::Visitor,
};

/// Connected before anything is measured, so that the pages show more than an empty deployment.
const CONNECTED: [&str; 2] = ["asana", "github"];
/// How long the history of those may take to arrive.
const HISTORY: Duration = Duration::from_mins(1);

/// What every figure needs.
struct Run<'a> {
    options: &'a Options,
    data: PathBuf,
    log: PathBuf,
}

impl Run<'_> {
    /// The console in this mode, on this data.
    fn console(&self, mode: Mode, data: &Path) -> Command {
        let mut command = clean(&self.options.binary);
        command
            .env("PATCHBAY_MODE", mode.as_str())
            .env("PATCHBAY_DATA_DIR", data)
            .env("PATCHBAY_SITE_ROOT", &self.options.site);
        command
    }

    /// The demo on the prepared data, with all of the machine's cores or as a server of one thread.
    fn demo(&self, one_worker: bool) -> Result<Program, Failure> {
        let mut command = self.console(Mode::Demo, &self.data);
        if one_worker {
            command.env("TOKIO_WORKER_THREADS", "1");
        }
        let program = Program::console(command, &self.log)?;
        program.settle(HISTORY)?;
        Ok(program)
    }

    /// This program once more, as one of its helpers.
    fn helper(&self, word: &str) -> Result<Command, Failure> {
        let mut command = clean(&std::env::current_exe()?);
        command
            .arg(word)
            .env("PATCHBAY_MODE", Mode::Demo.as_str())
            .env("PATCHBAY_DATA_DIR", &self.data)
            .env("TOKIO_WORKER_THREADS", "1");
        Ok(command)
    }

    /// One of two lengths: of the real run, or of a quick one.
    fn length<T>(&self, real: T, quick: T) -> T {
        if self.options.quick { quick } else { real }
    }
}

/// A program without settings of the person's own deployment.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PATCHBAY_") || text == "RUST_LOG" || text == "TOKIO_WORKER_THREADS" {
            command.env_remove(&name);
        }
    }
    command
}

/// Measures everything, prints the table, and writes it where it is wanted.
#[expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "progress and the table are for the person at the terminal"
)]
pub fn all(options: &Options) -> Result<(), Failure> {
    let run = Run {
        options,
        data: options.work.join("data"),
        log: options.work.join("console.log"),
    };
    std::fs::create_dir_all(&options.work)?;
    let started = Instant::now();
    let said = |what: &str| eprintln!("{:>5.1} s  {what}", started.elapsed().as_secs_f64());
    said("preparing data");
    prepare(&run)?;
    let mut figures = Figures::default();
    said("pages against the same markup");
    pages::against_bare(&run, &mut figures)?;
    said("statements");
    pages::statements(&run, &mut figures)?;
    said("connects");
    ways::connects(&run, &mut figures)?;
    said("start-up and memory");
    life::start_up(&run, &mut figures)?;
    life::memory(&run, &mut figures)?;
    said("sizes");
    sizes::downloads(&run, &mut figures)?;
    said("soak");
    life::soak(&run, &mut figures)?;
    said("done");
    let table = figures.table();
    println!("{table}");
    let (met, aims) = figures.met();
    println!("{met} of {aims} targets met");
    if let Some(out) = &options.out {
        std::fs::write(out, table)?;
    }
    Ok(())
}

/// A deployment as somebody uses it: verified, two services connected, their history there.
fn prepare(run: &Run<'_>) -> Result<(), Failure> {
    let config = Config {
        mode: Mode::Demo,
        data_dir: run.data.clone(),
        database_url: format!("sqlite://{}", run.data.join("patchbay.sqlite").display()),
        public_url: "http://localhost:3000".to_owned(),
        listen: ([127, 0, 0, 1], 3000).into(),
        site_root: None,
        verify_at_start: false,
        key: None,
        key_file: None,
        setup_token_file: None,
        catalog_dir: None,
        apps: Vec::new(),
    };
    threads()?.block_on(async {
        let simulator = setup::simulator(&config).await?;
        let hub = setup::hub(&config, Some(&simulator)).await?;
        setup::prepare_demo(&hub, &simulator).await?;
        verify::run(&hub, None, None).await?;
        hub.store.close().await;
        simulator.stop().await?;
        Ok::<_, Failure>(())
    })?;
    let console = run.demo(false)?;
    one_thread()?.block_on(async {
        let mut visitor = Visitor::new(console.port).await?;
        visitor.sign_in(ADMIN).await?;
        for integration in CONNECTED {
            let leaving = visitor.start(integration).await?;
            visitor.come_back(&leaving.approve().await?).await?;
        }
        Ok::<_, Failure>(())
    })?;
    console.settle(HISTORY)?;
    console.end()
}

/// A time in milliseconds.
fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    crate::load::percentile(&values, 50)
}

/// Bytes in units of a million, as memory is bought.
fn megabytes(bytes: u64) -> f64 {
    kilobytes(bytes) / 1000.0
}

/// Bytes in units of a thousand.
fn kilobytes(bytes: u64) -> f64 {
    // Sizes here are far below what an f64 holds exactly; 32 bits of tens of bytes are enough.
    f64::from(u32::try_from(bytes / 10).unwrap_or(u32::MAX)) / 100.0
}
