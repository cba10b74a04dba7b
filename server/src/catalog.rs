//! The catalogue of a deployment: the built-in integrations and the files of its own.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    path::Path,
};

use patchbay_catalog::{Catalog, Problem};

use crate::{BUILD, commands::Failure, config::Config};

/// A catalogue, and what was left out of it.
pub struct Found {
    /// What is right.
    pub catalog: Catalog,
    /// What is not, file by file.
    pub problems: Vec<Problem>,
    /// The build's name. Files of a deployment's own are part of it, so evidence from before a change is not taken for
    /// evidence of what stands there now.
    pub build: String,
}

/// Reads the folder of the settings, where there is one.
///
/// # Errors
/// When the folder or one of its files can't be read at all.
pub fn read(config: &Config) -> Result<Found, Failure> {
    let files = match &config.catalog_dir {
        Some(folder) => files(folder)?,
        None => Vec::new(),
    };
    let build = if files.is_empty() {
        BUILD.to_owned()
    } else {
        format!("{BUILD}-own{:08x}", digest(&files))
    };
    let (catalog, problems) = Catalog::with_own(files)?;
    for problem in &problems {
        tracing::warn!(%problem, "a file of this deployment's own integrations was left out");
    }
    Ok(Found {
        catalog,
        problems,
        build,
    })
}

/// The folder's `.toml` files by name, in order.
fn files(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Failure::from(format!(
            "{} of PATCHBAY_CATALOG_DIR can't be read: {error}",
            path.display()
        ))
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let is_file = path.extension().is_some_and(|ending| ending == "toml") && path.is_file();
        if let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|_| is_file)
        {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            found.push((name.to_owned(), text));
        }
    }
    found.sort();
    Ok(found)
}

fn digest(files: &[(String, String)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish() & 0xffff_ffff
}
