//! Programs that are measured from outside: how soon they answer, how much memory and processor they take.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::Failure;

/// How long a program may take until it answers.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long it may take to end when asked.
const LAST_WORDS: Duration = Duration::from_secs(25);
/// Clock ticks of `/proc/PID/stat` in a second: fixed on Linux, whatever the kernel's own rate.
const TICKS: f64 = 100.0;

/// What a program holds in memory, in bytes.
pub struct Memory {
    /// All of it: its code and libraries too.
    pub resident: u64,
    /// What no file stands behind: heap and stacks.
    pub own: u64,
}

/// A running program; ended at the latest when this is dropped.
pub struct Program {
    child: Child,
    /// The port that it listens on.
    pub port: u16,
    /// From the start of the process to its first 200 at `/healthz`.
    pub up_after: Duration,
}

impl Program {
    /// Starts the console and waits until it is alive. `command` has all its settings but the port.
    pub fn console(mut command: Command, log: &Path) -> Result<Self, Failure> {
        let port = free_port()?;
        command
            .arg("serve")
            .env("PATCHBAY_LISTEN", format!("127.0.0.1:{port}"))
            .env("PATCHBAY_PUBLIC_URL", format!("http://localhost:{port}"))
            .stdout(Stdio::null())
            .stderr(appending(log)?);
        let started = Instant::now();
        let child = command.spawn()?;
        let mut program = Self {
            child,
            port,
            up_after: Duration::ZERO,
        };
        while started.elapsed() < PATIENCE {
            if let Some(status) = program.child.try_wait()? {
                return Err(format!("the console did not start ({status}), see {}", log.display()).into());
            }
            if alive(port) {
                program.up_after = started.elapsed();
                return Ok(program);
            }
            sleep(Duration::from_micros(500));
        }
        Err("the console did not answer in time".into())
    }

    /// Starts a program of ours that prints its port as its first line.
    pub fn helper(command: &mut Command, log: &Path) -> Result<Self, Failure> {
        let mut child = command.stdout(Stdio::piped()).stderr(appending(log)?).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let port = line.trim().parse();
        let mut program = Self {
            child,
            port: 0,
            up_after: Duration::ZERO,
        };
        program.port = port.map_err(|_| format!("a helper did not start, see {}", log.display()))?;
        Ok(program)
    }

    /// Its memory.
    pub fn memory(&self) -> Result<Memory, Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<u64, Failure> {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .ok_or("the kernel does not say how much memory a process has")?;
            let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kibibytes * 1024)
        };
        Ok(Memory {
            resident: field("VmRSS:")?,
            own: field("RssAnon:")?,
        })
    }

    /// The processor time that it took so far, in seconds.
    pub fn processor(&self) -> Result<f64, Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name in parentheses and may hold anything; utime and stime are the 14th and 15th.
        let after = text.rsplit(") ").next().unwrap_or_default();
        let fields: Vec<&str> = after.split(' ').collect();
        let ticks = |index: usize| -> Result<f64, Failure> {
            Ok(fields.get(index).ok_or("a field is missing")?.parse::<f64>()?)
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Waits until it has nothing to do.
    pub fn settle(&self, most: Duration) -> Result<(), Failure> {
        let started = Instant::now();
        let mut before = self.processor()?;
        while started.elapsed() < most {
            sleep(Duration::from_secs(1));
            let now = self.processor()?;
            if now - before < 0.015 {
                return Ok(());
            }
            before = now;
        }
        Err("the console did not come to rest".into())
    }

    /// Asks it to end, and waits.
    pub fn end(mut self) -> Result<(), Failure> {
        if self.ask_to_end() {
            Ok(())
        } else {
            Err("a program did not end when it was asked to".into())
        }
    }

    /// True if it ended in time; else it is killed.
    fn ask_to_end(&mut self) -> bool {
        let asked = Instant::now();
        // The standard library can only kill; a console that is killed leaves its log behind for the next start.
        drop(
            Command::new("kill")
                .args(["-s", "TERM", &self.child.id().to_string()])
                .status(),
        );
        while asked.elapsed() < LAST_WORDS {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            sleep(Duration::from_millis(10));
        }
        drop(self.child.kill());
        drop(self.child.wait());
        false
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.ask_to_end();
        }
    }
}

/// A port that is free now.
fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn appending(log: &Path) -> Result<File, Failure> {
    Ok(File::options().create(true).append(true).open(log)?)
}

/// Whether `/healthz` is answered with 200.
fn alive(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut first = [0_u8; 12];
        stream.read_exact(&mut first)?;
        Ok(first.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
