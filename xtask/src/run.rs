//! `cargo xtask run`: everything between a fresh clone and a console that answers.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arguments::RunOptions;
use crate::console::{Step, clock, readable};
use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::process::Running;
use crate::site::{self, Build, Site};
use crate::{files, machine};

/// Where the server leaves the one-time token of the first owner.
const TOKEN_FILE: &str = "setup-token";

/// How long the server may take until it answers: migrations, sample data, a slow disk.
const PATIENCE: Duration = Duration::from_secs(90);

/// Builds, starts, says how to sign in, and stays until Ctrl-C.
pub fn run(context: &Context, options: &RunOptions) -> Outcome<()> {
    let started = Instant::now();
    // Before the long build: nobody wants to hear it four minutes later.
    check_port(options.port)?;
    machine::check(context)?;
    let build = if options.release {
        Build::Release
    } else {
        Build::Quick
    };
    let site = site::build(context, build)?;
    check_port(options.port)?;
    let data = data_folder(context, options)?;
    if options.live {
        make_key(context, &site, &data)?;
    }
    let log = context.log("server");
    let step = Step {
        label: "Starting the server",
        usual: "",
        log: &log,
    };
    let mut server = context
        .console
        .step(&step, || start(context, options, &site, &data, &log))?;
    context.console.line(&if options.live {
        welcome_live(options.port, &data, &log)
    } else {
        welcome(options.port, &data, &log, started.elapsed())
    });
    loop {
        if let Some(status) = server.ended()? {
            let end = files::tail(&log, 4_000)
                .map(|text| readable(&text))
                .unwrap_or_default();
            return Err(Failure::says(format!(
                "{end}\n\nThe server ended by itself ({status})."
            )));
        }
        if context.interrupted() {
            context.console.line("\n  Ending the server …");
            let in_time = server.end(Duration::from_secs(15));
            context.console.line(if in_time {
                "  Ended. The data stays; cargo xtask run goes on with it."
            } else {
                "  The server did not end in 15 s and was killed. Its data is safe: the next start repairs it."
            });
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
}

/// Both loopback addresses: a browser may try either for "localhost".
fn check_port(port: u16) -> Outcome<()> {
    let addresses: [SocketAddr; 2] = [
        (Ipv4Addr::LOCALHOST, port).into(),
        (Ipv6Addr::LOCALHOST, port).into(),
    ];
    for address in addresses {
        match TcpListener::bind(address) {
            Err(reason) if reason.kind() == ErrorKind::AddrInUse => return Err(busy(port)),
            Err(reason) if reason.kind() == ErrorKind::PermissionDenied => {
                return Err(Failure::says(format!(
                    "Port {port} needs rights that you don't have. Choose one above 1023:\n\n    cargo xtask run --port 3000"
                )));
            }
            // No such address family, for instance: then no browser gets there either.
            _ => {}
        }
    }
    Ok(())
}

fn busy(port: u16) -> Failure {
    let other = if port == 3100 { 3200 } else { 3100 };
    Failure::says(format!(
        "Port {port} is taken by another program. If that is Patchbay, open http://localhost:{port}.\n\
         Else end that program, or choose another port:\n\n    cargo xtask run --port {other}"
    ))
}

/// Where the person said, seen from where they said it; else ./data in the clone.
fn data_folder(context: &Context, options: &RunOptions) -> Outcome<PathBuf> {
    let folder = match &options.data {
        Some(path) => std::path::absolute(path).explain(|| format!("{} is no path", path.display()))?,
        None => context.root.join(if options.live { "data-live" } else { "data" }),
    };
    std::fs::create_dir_all(&folder).explain(|| format!("Can't create {}", folder.display()))?;
    Ok(folder)
}

/// Live mode starts with no key but its own. A new folder gets one; where there is data already, a missing key is for the
/// person to bring back: a new one would open nothing.
fn make_key(context: &Context, site: &Site, data: &Path) -> Outcome<()> {
    let fresh = std::fs::read_dir(data).map_or(true, |mut entries| entries.next().is_none());
    if !fresh {
        return Ok(());
    }
    let mut command = context.command(&site.binary);
    command.args(["keys", "init"]).env("PATCHBAY_DATA_DIR", data);
    let made = command
        .status()
        .explain(|| "The server program can't be started".to_owned())?;
    if made.success() {
        Ok(())
    } else {
        Err(Failure::says("No key was made, see above."))
    }
}

fn start(context: &Context, options: &RunOptions, site: &Site, data: &Path, log: &Path) -> Outcome<Running> {
    let port = options.port;
    let mut command = context.command(&site.binary);
    command
        .arg("serve")
        .env("PATCHBAY_MODE", if options.live { "live" } else { "demo" })
        .env("PATCHBAY_SETUP_TOKEN_FILE", data.join(TOKEN_FILE))
        .env("PATCHBAY_DATA_DIR", data)
        .env("PATCHBAY_LISTEN", format!("127.0.0.1:{port}"))
        .env("PATCHBAY_PUBLIC_URL", format!("http://localhost:{port}"));
    let mut server = Running::start(&mut command, log)?;
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        context.go_on()?;
        if let Some(status) = server.ended()? {
            return Err(Failure::says(format!("The server did not start ({status}).")));
        }
        if answers(port) {
            return Ok(server);
        }
        sleep(Duration::from_millis(50));
    }
    Err(Failure::says(format!(
        "The server did not answer within {} s.",
        PATIENCE.as_secs()
    )))
}

/// True if `GET /healthz` is answered with 200.
pub fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        // In one piece: a server that answers after the first of several would close on the others.
        let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut first = [0_u8; 12];
        stream.read_exact(&mut first)?;
        Ok(first.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

fn welcome(port: u16, data: &Path, log: &Path, time: Duration) -> String {
    format!(
        "\n  Patchbay is running ({} after the command):\n\n      http://localhost:{port}\n\n  \
         Sign in as one of the sample people, no password needed:\n      \
         Ana Ruiz     admin of the tenant Acme: connect services under Integrations\n      \
         Ben Cole     admin of the tenant Globex\n      \
         Erin Park    engineer: Rollout, live\n      \
         Paul Meyer   product manager: Report, export\n\n  \
         Demo mode: the providers are simulated, nothing leaves this machine.\n  \
         Data: {}\n  Log:  {}\n\n  Ctrl-C ends it.",
        clock(time),
        data.display(),
        log.display(),
    )
}

/// What to do next in live mode. The token is shown here once and its file removed.
fn welcome_live(port: u16, data: &Path, log: &Path) -> String {
    let file = data.join(TOKEN_FILE);
    let token = std::fs::read_to_string(&file).unwrap_or_default();
    // Without the file the token is nowhere but on this screen.
    let _ = std::fs::remove_file(&file);
    let next = match token.trim() {
        "" => "Sign in as one of the people you have made.".to_owned(),
        token => format!(
            "Make the first owner at http://localhost:{port}/setup\n  \
             Set-up token, good once and for 30 minutes: {token}"
        ),
    };
    format!(
        "\n  Patchbay is running, live:\n\n      http://localhost:{port}\n\n  {next}\n\n  \
         Then Settings > Provider apps shows the redirect URIs to register.\n  \
         Data and key: {}\n  Log:  {}\n\n  Ctrl-C ends it.",
        data.display(),
        log.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_a_way_out() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let Err(Failure::Says(text)) = check_port(port) else {
            panic!("a busy port was accepted")
        };
        assert!(
            text.contains(&format!("Port {port} ")) && text.contains("--port"),
            "{text}"
        );
        drop(taken);
        assert_eq!(check_port(port), Ok(()));
    }

    #[test]
    fn only_a_200_counts_as_an_answer() {
        for (status, good) in [("200 OK", true), ("503 Service Unavailable", false)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0_u8; 512];
                let _ = stream.read(&mut request).unwrap();
                let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                // The client goes as soon as it has read the status: what it thinks of it is asked below.
                let _ = stream.write_all(answer.as_bytes());
            });
            assert_eq!(answers(port), good, "{status}");
            server.join().unwrap();
        }
    }
}
