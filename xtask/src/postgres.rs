//! A PostgreSQL of our own for the tests: its own folder, socket and port, without fsync, gone
//! afterwards. Server programs come from the machine, else from npm into the cache.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::machine::{Version, is_root, on_path};
use crate::process::{self, Running};
use crate::{files, npm};

/// The version of the @embedded-postgres packages that is taken where the machine has no server.
const EMBEDDED: &str = "18.4.0-beta.17";
/// The oldest server that the store's migrations are written for.
const OLDEST: Version = Version(14, 0, 0);
/// A first start on a slow disk.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; stopped and removed when dropped.
pub struct Postgres {
    server: Running,
    folder: PathBuf,
    /// Superuser's connection URL, with a password that only this run knows.
    pub url: String,
}

/// The account that the server runs as: PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Sets up a cluster and starts it.
    pub fn start(context: &Context, log: &Path) -> Outcome<Self> {
        let folder = own_folder()?;
        let started = Self::start_in(context, &folder, log);
        if started.is_err() {
            drop(fs::remove_dir_all(&folder));
        }
        started
    }

    fn start_in(context: &Context, folder: &Path, log: &Path) -> Outcome<Self> {
        let account = account()?;
        let programs = programs(context, folder, account.is_some(), log)?;
        let password = password()?;
        let secret = folder.join("password");
        fs::write(&secret, &password).explain(|| "Can't write the test password".to_owned())?;
        if let Some(account) = account {
            for path in [folder, &secret] {
                chown(path, Some(account.user), Some(account.group))
                    .explain(|| format!("Can't hand over {}", path.display()))?;
            }
        }
        let data = folder.join("data");
        let mut initdb = command(&programs, "initdb", account, folder);
        initdb
            .args([
                "--username=postgres",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg(format!("--pwfile={}", secret.display()))
            .arg("--pgdata")
            .arg(&data);
        process::run(context, &mut initdb, log)?;
        let port = free_port()?;
        let mut postgres = command(&programs, "postgres", account, folder);
        postgres.arg("-D").arg(&data).arg("-k").arg(folder);
        postgres.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=200",
        ] {
            postgres.args(["-c", setting]);
        }
        let mut server = Running::start(&mut postgres, log)?;
        wait_until_ready(context, &mut server, &data)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        Ok(Self {
            server,
            folder: folder.to_owned(),
            url,
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        self.server.end_with("INT", Duration::from_secs(10));
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn own_folder() -> Outcome<PathBuf> {
    let pattern = std::env::temp_dir().join("patchbay-pg.XXXXXX");
    let made = process::answer("mktemp", &["-d", &pattern.to_string_lossy()]);
    made.map(PathBuf::from)
        .ok_or_else(|| Failure::says("mktemp could not make a folder for PostgreSQL."))
}

/// Nobody special, unless we are root: then the machine's own postgres user, else nobody.
fn account() -> Outcome<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let id = |option: &str, name: &str| process::answer("id", &[option, name])?.parse::<u32>().ok();
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| {
            Some(Account {
                user: id("-u", name)?,
                group: id("-g", name)?,
            })
        })
        .map(Some)
        .ok_or_else(|| {
            Failure::says("PostgreSQL does not run as root. Create a user for it: useradd --system postgres")
        })
}

fn command(programs: &Path, name: &str, account: Option<Account>, folder: &Path) -> Command {
    let mut command = process::command(programs.join(name));
    command.current_dir(folder).env("LC_ALL", "C").env("TZ", "UTC");
    for (name, _) in std::env::vars_os() {
        // PGDATA, PGPORT and the like are about somebody's real database.
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// The folder with `initdb` and `postgres`.
fn programs(context: &Context, folder: &Path, as_other: bool, log: &Path) -> Outcome<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let native = embedded(context, log)?;
    if !as_other {
        return Ok(native.join("bin"));
    }
    // The cache lies in root's home, where the other account can't look.
    let copy = folder.join("server");
    process::run(
        context,
        process::command("cp").arg("-R").arg(&native).arg(&copy),
        log,
    )?;
    Ok(copy.join("bin"))
}

fn installed() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = on_path("initdb")
        .iter()
        .filter_map(|path| Some(path.parent()?.to_owned()))
        .collect();
    for (parent, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/usr/pgsql", "bin"),
    ] {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path().join(inner)).collect();
        found.sort();
        folders.extend(found.into_iter().rev());
    }
    folders.into_iter().find(|folder| {
        folder.join("initdb").is_file()
            && process::answer(folder.join("postgres"), &["--version"])
                .as_deref()
                .and_then(Version::find)
                .is_some_and(|version| version >= OLDEST)
    })
}

/// The npm package for this platform, in the cache.
fn embedded(context: &Context, log: &Path) -> Outcome<PathBuf> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        (system, processor) => {
            return Err(Failure::says(format!(
                "No PostgreSQL server programs found, and none are published for {system} on {processor}.\n\
                 Install them: sudo apt-get install postgresql (Fedora: sudo dnf install postgresql-server)"
            )));
        }
    };
    let package = format!("@embedded-postgres/{platform}");
    let home = context.cache.join(format!("embedded-postgres-{EMBEDDED}"));
    let native = home.join("node_modules").join(&package).join("native");
    if !native.join("bin/postgres").is_file() {
        npm::install_apart(context, &package, EMBEDDED, &home, log).map_err(|failure| match failure {
            Failure::Says(text) => Failure::says(format!(
                "{text}\nNo PostgreSQL server programs on this machine, and npm did not get them either. Install them:\n    \
                 Debian, Ubuntu:  sudo apt-get install postgresql\n    \
                 Fedora:          sudo dnf install postgresql-server\n    \
                 macOS:           brew install postgresql@17"
            )),
            other => other,
        })?;
    }
    link_libraries(&native)?;
    Ok(native)
}

/// npm packages can't hold symbolic links; this one lists those that it needs.
fn link_libraries(native: &Path) -> Outcome<()> {
    let list = files::whole(&native.join("pg-symlinks.json")).unwrap_or_default();
    for (source, target) in links(&list) {
        let inside = |path: &str| {
            Path::new(path)
                .strip_prefix("native")
                .ok()
                .map(|rest| native.join(rest))
        };
        let (Some(source), Some(target)) = (inside(&source), inside(&target)) else {
            continue;
        };
        if target.exists() {
            continue;
        }
        drop(fs::remove_file(&target));
        // Relative, so that the folder can be moved.
        let from = if source.parent() == target.parent() {
            source.file_name().map(PathBuf::from)
        } else {
            None
        };
        std::os::unix::fs::symlink(from.unwrap_or(source), &target)
            .explain(|| format!("Can't link {}", target.display()))?;
    }
    for program in files::below(&native.join("bin")) {
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&program, mode)
            .explain(|| format!("Can't make {} executable", program.display()))?;
    }
    Ok(())
}

/// Pairs of "source" and "target" in a flat JSON list of objects with plain paths.
fn links(json: &str) -> Vec<(String, String)> {
    let value = |object: &str, key: &str| {
        let (_, rest) = object.split_once(&format!("\"{key}\""))?;
        rest.split('"').nth(1).map(str::to_owned)
    };
    json.split('}')
        .filter_map(|object| Some((value(object, "source")?, value(object, "target")?)))
        .collect()
}

fn password() -> Outcome<String> {
    use std::io::Read as _;
    let mut bytes = [0_u8; 16];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .explain(|| "Can't read /dev/urandom".to_owned())?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

fn free_port() -> Outcome<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .explain(|| "No free port on 127.0.0.1".to_owned())
}

/// The server writes "ready" as the last word of its pid file's status line.
fn wait_until_ready(context: &Context, server: &mut Running, data: &Path) -> Outcome<()> {
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        context.go_on()?;
        if let Some(status) = server.ended()? {
            return Err(Failure::says(format!("PostgreSQL ended at once ({status}).")));
        }
        let ready = files::whole(&data.join("postmaster.pid"))
            .is_some_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"));
        if ready {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
    Err(Failure::says(format!(
        "PostgreSQL was not ready within {} s.",
        PATIENCE.as_secs()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_links_is_read() {
        let json = "[\n {\"source\": \"native/lib/a.so.1.2\",\n \"target\": \"native/lib/a.so.1\"},\n{\"source\":\"native/lib/b\",\"target\":\"native/lib/c\"}]";
        assert_eq!(
            links(json),
            [
                ("native/lib/a.so.1.2".to_owned(), "native/lib/a.so.1".to_owned()),
                ("native/lib/b".to_owned(), "native/lib/c".to_owned()),
            ]
        );
        assert!(links("").is_empty());
    }
}
