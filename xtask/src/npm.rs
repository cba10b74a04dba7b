//! The npm packages of package-lock.json, installed when the lock file changed.

use std::path::Path;

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Digest};
use crate::process;

/// Makes `node_modules` match the lock file. No package's own scripts are run.
pub fn install(context: &Context) -> Outcome<()> {
    let stamp = context.root.join("node_modules/.patchbay-lock");
    let wanted = Digest::new()
        .add_content(&context.root.join("package.json"))
        .add_content(&context.root.join("package-lock.json"))
        .text();
    if files::whole(&stamp).is_some_and(|text| text == wanted) {
        return Ok(());
    }
    let log = context.log("npm");
    let step = Step {
        label: "Installing the npm packages",
        usual: "about 10 s",
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.command("npm");
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        process::run(context, &mut command, &log)?;
        // npm ci emptied the folder, so the stamp says that all of this came from one run.
        files::write_whole(&stamp, wanted.as_bytes())
    })
}

/// Puts one package, in one version, into a folder of the cache that is there whole or not at all.
pub fn install_apart(
    context: &Context,
    package: &str,
    version: &str,
    home: &Path,
    log: &Path,
) -> Outcome<()> {
    let part = home.with_added_extension(format!("part-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&part));
    std::fs::create_dir_all(&part)
        .map_err(|reason| Failure::says(format!("Can't create {}: {reason}", part.display())))?;
    let mut command = process::command("npm");
    command
        .current_dir(&part)
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--prefix",
        ])
        .arg(&part)
        .arg(format!("{package}@{version}"));
    let mut done = process::run(context, &mut command, log);
    if done.is_ok() {
        drop(std::fs::remove_dir_all(home));
        done = std::fs::rename(&part, home)
            .map_err(|reason| Failure::says(format!("Can't move {package} into place: {reason}")));
    }
    drop(std::fs::remove_dir_all(&part));
    done
}
