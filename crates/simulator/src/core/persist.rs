//! The state file: written whole, to a neighbour that is then renamed, readable by its owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use super::{ledger::Ledger, world::World};
use crate::SimulatorError;

/// Changes that come close together are written once.
const GATHER: Duration = Duration::from_millis(50);

/// Reads the state file; an absent one is an empty ledger.
///
/// # Errors
/// When it can't be read, or holds something else.
pub fn load(path: &Path) -> Result<Ledger, SimulatorError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| SimulatorError::StateShape {
            path: path.to_owned(),
            source,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ledger::default()),
        Err(source) => Err(SimulatorError::StateFile {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Writes the state file, so that at every moment either the old or the new one is there, whole.
///
/// # Errors
/// When the operating system refuses.
pub fn save(world: &World, path: &Path) -> Result<(), SimulatorError> {
    let now = world.now();
    let bytes = world.with_ledger(|ledger| {
        ledger.prune(now);
        serde_json::to_vec(ledger)
    });
    bytes
        .map_err(io::Error::from)
        .and_then(|bytes| replace(path, &bytes))
        .map_err(|source| SimulatorError::StateFile {
            path: path.to_owned(),
            source,
        })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let fresh = Path::new(&name);
    // Left behind by a crash; its mode may not be ours.
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private_file(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes the state file whenever the ledger changed, away from the requests, until the stop.
pub async fn keep(world: Arc<World>, path: std::path::PathBuf, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = world.changed.notified() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        tokio::time::sleep(GATHER).await;
        let (world, path) = (Arc::clone(&world), path.clone());
        match tokio::task::spawn_blocking(move || save(&world, &path)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "simulator state not written"),
            Err(error) => tracing::warn!(%error, "simulator state not written"),
        }
    }
}
