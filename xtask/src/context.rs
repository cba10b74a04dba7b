//! What every step needs: where things are, where to print, and whether to stop.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::console::Console;
use crate::failure::{Explain as _, Failure, Outcome};

/// Places on this machine, the terminal, and the wish to stop.
pub struct Context {
    /// The clone's root folder.
    pub root: PathBuf,
    /// Cargo's target folder: where this program itself was built.
    pub target: PathBuf,
    /// Logs and stamps of ours, inside the target folder.
    pub notes: PathBuf,
    /// What outlives a clone: compiled tools and downloads.
    pub cache: PathBuf,
    /// Where progress is shown.
    pub console: Console,
    interrupted: Arc<AtomicBool>,
    called_off: AtomicBool,
}

impl Context {
    /// Finds the places and starts to listen for Ctrl-C and termination.
    pub fn new() -> Outcome<Self> {
        let root = root();
        let target = std::env::current_exe()
            .ok()
            .and_then(|program| program.parent()?.parent().map(Path::to_owned))
            .unwrap_or_else(|| root.join("target"));
        let notes = target.join("xtask");
        std::fs::create_dir_all(&notes).explain(|| format!("Can't create {}", notes.display()))?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))
                .explain(|| "Can't listen for Ctrl-C".to_owned())?;
        }
        Ok(Self {
            root,
            target,
            notes,
            cache: cache()?,
            console: Console::new(),
            interrupted,
            called_off: AtomicBool::new(false),
        })
    }

    /// True once the person wants to stop, or a step has failed that others ran beside.
    pub fn stopping(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.called_off.load(Ordering::Relaxed)
    }

    /// True once a signal came.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Ends the steps that run at the same time: one of them failed.
    pub fn call_off(&self) {
        self.called_off.store(true, Ordering::Relaxed);
    }

    /// [`Failure::Interrupted`] where it is time to stop.
    pub fn go_on(&self) -> Outcome<()> {
        if self.stopping() {
            Err(Failure::Interrupted)
        } else {
            Ok(())
        }
    }

    /// The log file of a step.
    pub fn log(&self, name: &str) -> PathBuf {
        self.notes.join(format!("{name}.log"))
    }

    /// A program that works in the clone's root.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = crate::process::command(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo in the clone's root, with a progress count that [`Console`] can read from the log.
    pub fn cargo(&self) -> Command {
        let mut command = self.command("cargo");
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "60");
        command
    }
}

fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_owned)
}

/// `$XDG_CACHE_HOME/patchbay`, else `~/.cache/patchbay`.
fn cache() -> Outcome<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| Some(set("HOME")?.join(".cache")))
        .map(|base| base.join("patchbay"))
        .ok_or_else(|| Failure::says("HOME is not set, so there is no place for compiled tools."))
}
