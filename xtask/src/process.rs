//! Starting other programs: into a log, in a process group of their own, ended when we are.
//!
//! The group is what makes an interrupt clean: Ctrl-C reaches only us, and we end cargo together
//! with the compilers that it started.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};

/// How often a running program is looked at.
const GLANCE: Duration = Duration::from_millis(25);

/// A program without the variables that `cargo run` set for ourselves: some build scripts ask to be
/// run again when one of those changes, and a plain `cargo build` does not have them.
pub fn command(program: impl Into<OsString>) -> Command {
    let mut command = Command::new(program.into());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// What a short-lived program printed, trimmed; nothing where it is missing or failed.
pub fn answer(program: impl Into<OsString>, arguments: &[&str]) -> Option<String> {
    let output = command(program)
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program to its end, its output appended to `log`.
pub fn run(context: &Context, command: &mut Command, log: &Path) -> Outcome<()> {
    let status = status(context, command, log)?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::says(format!(
        "{} ended with {status}.",
        name_of(command)
    )))
}

/// As [`run`], but a bad end is the caller's to judge.
pub fn status(context: &Context, command: &mut Command, log: &Path) -> Outcome<ExitStatus> {
    context.go_on()?;
    let mut running = Running::start(command, log)?;
    loop {
        if let Some(status) = running.ended()? {
            return Ok(status);
        }
        if context.stopping() {
            running.end(Duration::from_secs(10));
            return Err(Failure::Interrupted);
        }
        sleep(GLANCE);
    }
}

/// A program that runs beside us; ended at the latest when this is dropped.
pub struct Running {
    child: Child,
    name: String,
    over: bool,
}

impl Running {
    /// Starts it, its output appended to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Outcome<Self> {
        let name = name_of(command);
        let output = open(log, command)?;
        let errors = output
            .try_clone()
            .explain(|| format!("Can't write to {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0);
        let child = command.spawn().map_err(|reason| {
            Failure::says(if reason.kind() == ErrorKind::NotFound {
                format!("{name} is not on this machine (or not on PATH).")
            } else {
                format!("{name} can't be started: {reason}")
            })
        })?;
        Ok(Self {
            child,
            name,
            over: false,
        })
    }

    /// Its exit status, once it ended by itself.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        let status = self
            .child
            .try_wait()
            .explain(|| format!("Can't wait for {}", self.name))?;
        self.over |= status.is_some();
        Ok(status)
    }

    /// Asks it to end (SIGTERM) and waits; after `patience` it is killed. True if it ended in time.
    pub fn end(&mut self, patience: Duration) -> bool {
        self.end_with("TERM", patience)
    }

    /// As [`Running::end`], with a signal of choice.
    pub fn end_with(&mut self, signal: &str, patience: Duration) -> bool {
        if self.over {
            return true;
        }
        self.send(signal);
        let asked = Instant::now();
        while asked.elapsed() < patience {
            if matches!(self.ended(), Ok(Some(_))) {
                return true;
            }
            sleep(GLANCE);
        }
        self.send("KILL");
        self.over = self.child.wait().is_ok();
        false
    }

    /// Sends a signal to the whole group. The standard library can only kill, and only one process.
    fn send(&self, signal: &str) {
        let script = format!("kill -s {signal} -- -{} 2>/dev/null", self.child.id());
        drop(
            Command::new("sh")
                .args(["-c", &script])
                .stdin(Stdio::null())
                .status(),
        );
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end(Duration::from_secs(5));
    }
}

fn name_of(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The log, with the command line as its heading.
fn open(log: &Path, command: &Command) -> Outcome<File> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .explain(|| format!("Can't write to {}", log.display()))?;
    let mut line = format!("$ {}", command.get_program().to_string_lossy());
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    writeln!(file, "{line}").explain(|| format!("Can't write to {}", log.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_program_ends_with_its_whole_group() {
        // Given a shell that waits for a grandchild
        let folder = tempfolder("group");
        let log = folder.join("log");
        let mut command = command("sh");
        command.args(["-c", "sleep 60 & echo $!; wait"]);
        let mut running = Running::start(&mut command, &log).unwrap();
        while !std::fs::read_to_string(&log)
            .unwrap()
            .lines()
            .any(|line| line.parse::<u32>().is_ok())
        {
            sleep(GLANCE);
        }

        // When it is ended
        let in_time = running.end(Duration::from_secs(5));

        // Then the grandchild is gone too
        assert!(in_time);
        let text = std::fs::read_to_string(&log).unwrap();
        let grandchild = text.lines().last().unwrap();
        let alive = format!("kill -0 {grandchild} 2>/dev/null && grep -vq ' Z ' /proc/{grandchild}/stat");
        assert!(
            !Command::new("sh")
                .args(["-c", &alive])
                .status()
                .unwrap()
                .success()
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_program_is_named() {
        let folder = tempfolder("missing");
        let problem = Running::start(&mut command("no-such-program"), &folder.join("log")).err();
        assert!(matches!(problem, Some(Failure::Says(text)) if text.contains("no-such-program")));
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempfolder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}
