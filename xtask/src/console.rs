//! What the person at the terminal sees: one line per step with its time, and while something long
//! runs, what it is, how far it got and how long it usually takes.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::files;

/// Where no terminal can be repainted, a sign of life comes this often.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// A repainted line must not wrap.
const WIDTH: usize = 78;

/// One thing to do, in words.
pub struct Step<'a> {
    /// Such as "Compiling the server".
    pub label: &'a str,
    /// How long it usually takes, such as "about 4 minutes the first time"; empty if short.
    pub usual: &'a str,
    /// Where the programs that it starts write.
    pub log: &'a Path,
}

/// The terminal, shared by steps that run at the same time.
pub struct Console {
    repaints: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Vec<Live>,
    painted: usize,
    next: u32,
}

struct Live {
    id: u32,
    label: String,
    usual: String,
    log: PathBuf,
    since: Instant,
    heard: Instant,
}

impl Console {
    /// The standard output, repainted only where it is a terminal.
    pub fn new() -> Self {
        let plain =
            std::env::var_os("TERM").is_some_and(|term| term == "dumb") || std::env::var_os("CI").is_some();
        Self {
            repaints: stdout().is_terminal() && !plain,
            state: Mutex::default(),
        }
    }

    /// Does the work of a step and shows it. A failed step's whole output is printed.
    pub fn step<T>(&self, step: &Step<'_>, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        drop(std::fs::remove_file(step.log));
        let started = Instant::now();
        let id = self.begin(step, started);
        let over = AtomicBool::new(false);
        let done = scope(|threads| {
            threads.spawn(|| self.stay_alive(&over));
            let done = work();
            over.store(true, Ordering::Relaxed);
            done
        });
        let mut state = self.lock();
        state.running.retain(|live| live.id != id);
        let time = clock(started.elapsed());
        let text = match &done {
            Ok(_) => format!("  ✓ {} ({time})", step.label),
            Err(Failure::Interrupted) => format!("  – {}: stopped ({time})", step.label),
            Err(failure) => failed(step, failure, &time),
        };
        self.print(&mut state, &text);
        drop(state);
        done.map_err(|failure| match failure {
            Failure::Says(_) => Failure::Shown,
            other => other,
        })
    }

    /// Prints a line between the steps.
    pub fn line(&self, text: &str) {
        self.print(&mut self.lock(), text);
    }

    fn begin(&self, step: &Step<'_>, now: Instant) -> u32 {
        let mut state = self.lock();
        let id = state.next;
        state.next += 1;
        state.running.push(Live {
            id,
            label: step.label.to_owned(),
            usual: step.usual.to_owned(),
            log: step.log.to_owned(),
            since: now,
            heard: now,
        });
        if !self.repaints && !step.usual.is_empty() {
            self.print(&mut state, &format!("    {} ({}) …", step.label, step.usual));
        }
        id
    }

    /// Repaints, or speaks from time to time, until the step that started this thread is over.
    fn stay_alive(&self, over: &AtomicBool) {
        let mut tick = 0_u32;
        while !over.load(Ordering::Relaxed) {
            if tick.is_multiple_of(10) {
                self.show();
            }
            tick += 1;
            sleep(Duration::from_millis(50));
        }
    }

    fn show(&self) {
        let mut state = self.lock();
        if self.repaints {
            self.print(&mut state, "");
            return;
        }
        let mut lines = String::new();
        for live in &mut state.running {
            if live.heard.elapsed() >= HEARTBEAT {
                live.heard = Instant::now();
                lines.push_str(&live.text());
                lines.push('\n');
            }
        }
        if !lines.is_empty() {
            self.print(&mut state, lines.trim_end());
        }
    }

    /// Takes away what was painted, prints, and paints what runs.
    fn print(&self, state: &mut MutexGuard<'_, State>, text: &str) {
        let mut out = String::new();
        for _ in 0..std::mem::take(&mut state.painted) {
            out.push_str("\x1b[1A\x1b[2K");
        }
        if !text.is_empty() {
            out.push_str(text);
            out.push('\n');
        }
        if self.repaints {
            for live in &state.running {
                out.extend(live.text().chars().take(WIDTH));
                out.push('\n');
            }
            state.painted = state.running.len();
        }
        write_out(&out);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn text(&self) -> String {
        let mut text = format!("    {}", self.label);
        if let Some((done, all)) = files::tail(&self.log, 600).as_deref().and_then(count) {
            let _ = write!(text, ", {done} of {all} crates");
        }
        if !self.usual.is_empty() {
            let _ = write!(text, " ({})", self.usual);
        }
        let _ = write!(text, " … {}", clock(self.since.elapsed()));
        text
    }
}

fn failed(step: &Step<'_>, failure: &Failure, time: &str) -> String {
    let mut text = format!("  ✗ {} ({time})\n", step.label);
    if let Some(log) = files::whole(step.log)
        .map(|log| readable(&log))
        .filter(|log| !log.is_empty())
    {
        let _ = writeln!(text, "\n{log}\n(from {})", step.log.display());
    }
    if let Failure::Says(words) = failure {
        let _ = write!(text, "\n{words}");
    }
    text.trim_end().to_owned()
}

/// A line for standard output. A closed pipe is no reason to fail.
pub fn say(text: &str) {
    write_out(&format!("{text}\n"));
}

/// A line for standard error.
pub fn say_wrong(text: &str) {
    drop(stderr().write_all(format!("{text}\n").as_bytes()));
}

fn write_out(text: &str) {
    let mut out = stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Minutes and seconds: `1:20`.
pub fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// The last `] 12/48` that cargo's progress bar wrote.
fn count(log: &str) -> Option<(u32, u32)> {
    let (_, after) = log.rsplit_once("] ")?;
    let (done, rest) = after.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((done.trim().parse().ok()?, all.parse().ok()?))
}

/// A log as a person wants it: without colours and without repainted progress bars.
pub fn readable(log: &str) -> String {
    let mut text = String::new();
    for line in log.lines() {
        let line = line.trim_end_matches('\r');
        let line = without_colours(line.rsplit('\r').next().unwrap_or(line));
        if !line.trim_start().starts_with("Building [") {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.trim().to_owned()
}

/// Leaves out ANSI escape sequences (ECMA-48, section 5.4; ECMA-35 for those without bracket).
fn without_colours(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter != '\x1b' {
            text.push(letter);
            continue;
        }
        let last = match letters.next() {
            Some('[') => '\x40'..='\x7e',
            // Such as `ESC ( B`: one more letter, the final one.
            Some('\x20'..='\x2f') => '\x30'..='\x7e',
            _ => continue,
        };
        for inner in letters.by_ref() {
            if last.contains(&inner) {
                break;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_progress_is_read_from_the_end_of_a_log() {
        let log = "  Building [=>   ] 3/48: a, b\r\x1b[K   Compiling c v1\n  Building [==>  ] 12/48: leptos";
        assert_eq!(count(log), Some((12, 48)));
        assert_eq!(count("   Compiling c v1\n"), None);
        assert_eq!(count("see [docs] a/b"), None);
    }

    #[test]
    fn a_shown_log_has_no_colours_and_no_progress_bars() {
        let log = "\x1b[1m\x1b[31merror\x1b(B\x1b[m: no\n  Building [=>   ] 3/48: a\r\x1b[K   Compiling c v1\r\n  Building [==> ] 4/48\r\n";
        assert_eq!(readable(log), "error: no\n   Compiling c v1");
    }

    #[test]
    fn time_is_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_millis(80_900)), "1:20");
        assert_eq!(clock(Duration::ZERO), "0:00");
    }
}
