//! The Chromium that Playwright drives: the machine's own, else Debian's package, else Playwright's.

use std::path::PathBuf;

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::machine::{is_root, on_path};
use crate::process;

/// Programs that are a Chromium.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// Finds or installs one. Nothing means: Playwright's own, which it finds by itself.
pub fn chromium(context: &Context) -> Outcome<Option<PathBuf>> {
    if let Some(there) = installed() {
        return Ok(Some(there));
    }
    let log = context.log("chromium");
    if is_root() && on_path("apt-get").is_some() {
        let step = Step {
            label: "Installing Chromium with apt-get",
            usual: "about 1 minute",
            log: &log,
        };
        context.console.step(&step, || {
            let mut update = context.command("apt-get");
            process::run(context, update.args(["update", "--quiet"]), &log)?;
            let mut install = context.command("apt-get");
            install.env("DEBIAN_FRONTEND", "noninteractive").args([
                "install",
                "--yes",
                "--quiet",
                "--no-install-recommends",
                "chromium",
            ]);
            process::run(context, &mut install, &log)
        })?;
        return installed().map(Some).ok_or_else(|| {
            Failure::says("apt-get installed the package chromium, but there is no program chromium. Install one: npx playwright install --with-deps chromium")
        });
    }
    let step = Step {
        label: "Getting Playwright's Chromium",
        usual: "about 1 minute, once per machine",
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.command(context.root.join("node_modules/.bin/playwright"));
        process::run(context, command.args(["install", "chromium"]), &log).map_err(|failure| match failure {
            Failure::Says(text) => Failure::says(format!(
                "{text}\nThe browser tests need a Chromium. Install one:\n    \
                 Debian:     sudo apt-get install chromium\n    \
                 Fedora:     sudo dnf install chromium\n    \
                 elsewhere:  npx playwright install --with-deps chromium"
            )),
            other => other,
        })
    })?;
    Ok(None)
}

fn installed() -> Option<PathBuf> {
    NAMES.into_iter().find_map(on_path)
}
