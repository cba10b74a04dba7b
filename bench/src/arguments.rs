//! The words after `patchbay-bench`; `cargo xtask bench` writes them.

use std::path::PathBuf;

use crate::Failure;

/// What to do.
pub enum Wish {
    /// Measure everything.
    Measure(Options),
    /// Serve the list without a database.
    Bare,
    /// Count statements.
    Statements,
}

/// How to measure.
pub struct Options {
    /// The `patchbay` program.
    pub binary: PathBuf,
    /// The built site.
    pub site: PathBuf,
    /// An empty folder for data and logs.
    pub work: PathBuf,
    /// Where the table goes; none: only to the terminal.
    pub out: Option<PathBuf>,
    /// Short runs, to try the code.
    pub quick: bool,
}

/// Reads them.
pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Wish, Failure> {
    match words.next().as_deref() {
        Some("bare") => return Ok(Wish::Bare),
        Some("statements") => return Ok(Wish::Statements),
        Some("measure") => {}
        _ => return Err("this is a part of `cargo xtask bench`: call that".into()),
    }
    let (mut binary, mut site, mut work, mut out, mut quick) = (None, None, None, None, false);
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--quick" => {
                quick = true;
                continue;
            }
            "--binary" => &mut binary,
            "--site" => &mut site,
            "--work" => &mut work,
            "--out" => &mut out,
            _ => return Err(format!("what is {word}?").into()),
        };
        *place = words.next().map(PathBuf::from);
    }
    Ok(Wish::Measure(Options {
        binary: binary.ok_or("--binary is missing")?,
        site: site.ok_or("--site is missing")?,
        work: work.ok_or("--work is missing")?,
        out,
        quick,
    }))
}
