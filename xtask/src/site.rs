//! Server and site. Compiling has two lanes, so that two cores are never idle: the tools in one, our
//! own code in the other. cargo-leptos then finds both compiled and only has to put the site together.

use std::path::PathBuf;
use std::process::Command;
use std::thread::scope;

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::files::{self, Digest};
use crate::tools::Tools;
use crate::{assets, npm, process};

/// Quick or optimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// Unoptimised: compiles fast, fast enough to try and to test.
    Quick,
    /// As for production: small WASM, precompressed files.
    Release,
}

/// What was built.
pub struct Site {
    /// The `patchbay` program.
    pub binary: PathBuf,
    /// The folder that it serves files from.
    pub root: PathBuf,
}

/// Compiles what changed and puts the site together if anything of it did.
pub fn build(context: &Context, build: Build) -> Outcome<Site> {
    let (tools, own, packages) = scope(|threads| {
        let tools = threads.spawn(|| lane(context, || Tools::get(context)));
        let packages = threads.spawn(|| {
            lane(context, || {
                npm::install(context).and_then(|()| assets::make(context))
            })
        });
        let own = lane(context, || {
            server(context, build).and_then(|()| islands(context, build))
        });
        (joined(tools.join()), own, joined(packages.join()))
    });
    // The failure that stopped the others is the one to report.
    let outcomes = [tools.as_ref().err(), own.as_ref().err(), packages.as_ref().err()];
    if let Some(reason) = outcomes
        .into_iter()
        .flatten()
        .find(|reason| **reason != Failure::Interrupted)
    {
        return Err(reason.clone());
    }
    own?;
    packages?;
    put_together(context, build, &tools?)?;
    Ok(Site {
        binary: context.target.join(build.folder()).join("patchbay"),
        root: context.root.join("target/site"),
    })
}

/// Calls the other lanes off when this one fails.
fn lane<T>(context: &Context, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let done = work();
    if done.is_err() {
        context.call_off();
    }
    done
}

fn joined<T>(lane: std::thread::Result<Outcome<T>>) -> Outcome<T> {
    lane.unwrap_or_else(|_| Err(Failure::says("A build lane ended unexpectedly; see above.")))
}

/// Compiles the `patchbay` program alone.
pub fn server(context: &Context, build: Build) -> Outcome<()> {
    let log = context.log("server-build");
    let first = !context.target.join(build.folder()).join("patchbay").exists();
    let usual = match (first, build) {
        (false, _) => "",
        (true, Build::Quick) => "about 4 minutes the first time",
        (true, Build::Release) => "about 10 minutes the first time",
    };
    let step = Step {
        label: "Compiling the server",
        usual,
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        // The same words as cargo-leptos uses: another set of features would be another build.
        command.args([
            "build",
            "--package=patchbay",
            "--bin=patchbay",
            "--no-default-features",
        ]);
        if build == Build::Release {
            command.arg("--release");
        }
        process::run(context, &mut command, &log)
    })
}

fn islands(context: &Context, build: Build) -> Outcome<()> {
    let log = context.log("islands-build");
    let first = !build.wasm(context).exists();
    let usual = if first {
        "about 2 minutes the first time"
    } else {
        ""
    };
    let step = Step {
        label: "Compiling the islands to WebAssembly",
        usual,
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        command
            .args([
                "build",
                "--package=patchbay-app",
                "--lib",
                "--target=wasm32-unknown-unknown",
            ])
            .arg(format!("--target-dir={}", context.target.join("front").display()))
            .args(["--no-default-features", "--features=hydrate"])
            .arg(format!("--profile={}", build.wasm_profile()));
        process::run(context, &mut command, &log)
    })
}

/// cargo-leptos: JavaScript around the WASM, CSS, hashed names. Skipped where nothing of that changed.
fn put_together(context: &Context, build: Build, tools: &Tools) -> Outcome<()> {
    let stamp = context.notes.join("site.stamp");
    let state = site_state(context, build, tools);
    if files::whole(&stamp).is_some_and(|text| text == state) {
        return Ok(());
    }
    let log = context.log("site");
    let usual = if build == Build::Release {
        "about 1 minute"
    } else {
        "about 15 s"
    };
    let step = Step {
        label: "Putting the site together",
        usual,
        log: &log,
    };
    context.console.step(&step, || {
        drop(std::fs::remove_file(&stamp));
        let mut command = build.cargo_leptos(context, tools)?;
        process::run(context, &mut command, &log)?;
        // Computed again: it covers what was just written.
        files::write_whole(&stamp, site_state(context, build, tools).as_bytes())
    })
}

/// Everything that the site is made from, and the site itself.
fn site_state(context: &Context, build: Build, tools: &Tools) -> String {
    let mut digest = Digest::new();
    digest.add(build.folder().as_bytes());
    for content in ["Cargo.toml", "package-lock.json", ".cargo/config.toml"] {
        digest.add_content(&context.root.join(content));
    }
    for place in ["style", "app/src", "target/site"] {
        digest.add_state(&context.root.join(place));
    }
    digest.add_state(&build.wasm(context));
    digest.add_state(&context.target.join(build.folder()).join("hash.txt"));
    digest
        .add_state(&tools.cargo_leptos)
        .add_state(&tools.wasm_bindgen);
    digest.text()
}

impl Build {
    /// The folder in cargo's target folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Quick => "debug",
            Self::Release => "release",
        }
    }

    fn wasm_profile(self) -> &'static str {
        match self {
            Self::Quick => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// The compiled islands, before wasm-bindgen.
    fn wasm(self, context: &Context) -> PathBuf {
        context
            .target
            .join("front/wasm32-unknown-unknown")
            .join(self.wasm_profile())
            .join("patchbay_app.wasm")
    }

    fn cargo_leptos(self, context: &Context, tools: &Tools) -> Outcome<Command> {
        let mut command = context.command(&tools.cargo_leptos);
        command
            .arg("build")
            .env("CARGO_TARGET_DIR", &context.target)
            .env("PATH", tools.path(context)?);
        if self == Self::Release {
            command.args(["--release", "--precompress"]);
        }
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    /// The first `[[workspace.metadata.leptos]]` or `[package.metadata.leptos]` of a file.
    fn leptos(text: &str, place: &str) -> toml::Table {
        let table: toml::Table = text.parse().unwrap();
        let mut value = table[place]["metadata"]["leptos"].clone();
        if let Some(list) = value.as_array() {
            value = list[0].clone();
        }
        value.as_table().unwrap().clone()
    }

    #[test]
    fn build_and_run_time_agree_on_names_and_folders() {
        let build = leptos(include_str!("../../Cargo.toml"), "workspace");
        let run = leptos(include_str!("../../Leptos.toml"), "package");
        for key in ["output-name", "site-root", "site-pkg-dir", "hash-files"] {
            assert_eq!(build[key], run[key], "{key}");
        }
        // cargo-leptos and leptos_config call the same thing by two names.
        assert_eq!(build["hash-file-name"], run["hash-file"]);
        assert_eq!(
            run["site-root"].as_str(),
            Some("target/site"),
            "site.rs serves this folder"
        );
    }

    #[test]
    fn our_own_build_commands_say_what_cargo_leptos_will_say() {
        let build = leptos(include_str!("../../Cargo.toml"), "workspace");
        assert_eq!(build["bin-package"].as_str(), Some("patchbay"));
        assert_eq!(build["lib-package"].as_str(), Some("patchbay-app"));
        assert_eq!(build["lib-profile-dev"].as_str(), Some("wasm-dev"));
        assert_eq!(build["lib-profile-release"].as_str(), Some("wasm-release"));
        assert_eq!(build["lib-features"].as_array().unwrap().len(), 1);
        assert_eq!(build["bin-features"].as_array().unwrap().len(), 0);
        // Its own switch would double the flag and compile everything a second time.
        assert_eq!(build["disable-erase-components"].as_bool(), Some(true));
        assert!(include_str!("../../.cargo/config.toml").contains("erase_components"));
    }
}
