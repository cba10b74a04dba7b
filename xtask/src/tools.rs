//! The two command-line tools of the site build, in exactly our versions: taken where they are
//! already, else fetched ready-made by cargo-binstall, else compiled once per machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::machine::{Version, on_path};
use crate::process;

struct Tool {
    name: &'static str,
    crate_name: &'static str,
    version: &'static str,
    features: &'static [&'static str],
    usual: &'static str,
}

/// Writes the JavaScript around the WASM; refuses WASM of any other version of its crate.
const WASM_BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    crate_name: "wasm-bindgen-cli",
    version: "0.2.129",
    features: &[],
    usual: "about 1 minute, once per machine",
};

/// Builds the site. Without its own downloads: what it calls comes from here and from npm.
const CARGO_LEPTOS: Tool = Tool {
    name: "cargo-leptos",
    crate_name: "cargo-leptos",
    version: "0.3.10",
    features: &["no_downloads"],
    usual: "about 7 minutes, once per machine",
};

/// Where the tools are.
pub struct Tools {
    /// The cargo-leptos program itself.
    pub cargo_leptos: PathBuf,
    /// The wasm-bindgen program itself.
    pub wasm_bindgen: PathBuf,
}

impl Tools {
    /// Finds or makes both.
    pub fn get(context: &Context) -> Outcome<Self> {
        Ok(Self {
            wasm_bindgen: WASM_BINDGEN.get(context)?,
            cargo_leptos: CARGO_LEPTOS.get(context)?,
        })
    }

    /// PATH with these tools and the npm packages' programs first.
    pub fn path(&self, context: &Context) -> Outcome<std::ffi::OsString> {
        let own = [
            self.wasm_bindgen.parent().unwrap_or(Path::new("/")).to_owned(),
            context.root.join("node_modules/.bin"),
        ];
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(own.into_iter().chain(std::env::split_paths(&inherited)))
            .explain(|| "A folder on PATH, or the clone's path, has a colon in its name".to_owned())
    }
}

impl Tool {
    fn get(&self, context: &Context) -> Outcome<PathBuf> {
        if let Some(program) = self.find(context) {
            return Ok(program);
        }
        if on_path("cargo-binstall").is_some() && self.fetch(context)? {
            return self.find(context).ok_or_else(|| self.vanished());
        }
        self.compile(context)?;
        self.find(context).ok_or_else(|| self.vanished())
    }

    fn vanished(&self) -> Failure {
        Failure::says(format!(
            "{} {} was installed but does not start.",
            self.name, self.version
        ))
    }

    fn find(&self, context: &Context) -> Option<PathBuf> {
        let cargo_home = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        on_path(self.name)
            .into_iter()
            .chain(cargo_home.map(|home| home.join("bin").join(self.name)))
            .chain([self.home(context).join("bin").join(self.name)])
            .chain([context.cache.join("tools/bin").join(self.name)])
            .find(|program| self.is_ours(program))
    }

    fn is_ours(&self, program: &Path) -> bool {
        program.is_file()
            && process::answer(program, &["--version"])
                .as_deref()
                .and_then(Version::find)
                == Version::find(self.version)
    }

    /// The folder that holds this version, and appears only when it is whole.
    fn home(&self, context: &Context) -> PathBuf {
        context
            .cache
            .join("tools")
            .join(format!("{}-{}", self.name, self.version))
    }

    /// Asks cargo-binstall for a ready-made program. False where it has none.
    fn fetch(&self, context: &Context) -> Outcome<bool> {
        let log = context.log(self.name);
        let label = format!("Fetching {} {} with cargo-binstall", self.name, self.version);
        let step = Step {
            label: &label,
            usual: "about 10 s",
            log: &log,
        };
        let fetched = context.console.step(&step, || {
            self.install(context, |part| {
                let mut command = process::command("cargo-binstall");
                command
                    .args(["--no-confirm", "--force", "--no-symlinks"])
                    .args(["--disable-strategies", "compile", "--install-path"])
                    .arg(part.join("bin"))
                    .arg(format!("{}@{}", self.crate_name, self.version));
                let status = process::status(context, &mut command, &log)?;
                Ok(status.success() && self.is_ours(&part.join("bin").join(self.name)))
            })
        })?;
        if !fetched {
            context
                .console
                .line("    cargo-binstall has no such program; compiling it instead");
        }
        Ok(fetched)
    }

    /// Compiles it unoptimised: the same site comes out, in a tenth of the time.
    fn compile(&self, context: &Context) -> Outcome<()> {
        let log = context.log(self.name);
        let label = format!("Compiling {} {}", self.name, self.version);
        let step = Step {
            label: &label,
            usual: self.usual,
            log: &log,
        };
        context.console.step(&step, || {
            // Kept when interrupted, so that the next try goes on from there.
            let objects = context
                .cache
                .join("build")
                .join(format!("{}-{}", self.name, self.version));
            self.install(context, |part| {
                process::run(context, &mut self.cargo_install(context, part, &objects), &log)?;
                Ok(true)
            })?;
            drop(fs::remove_dir_all(objects));
            Ok(())
        })
    }

    fn cargo_install(&self, context: &Context, part: &Path, objects: &Path) -> Command {
        let mut command = context.cargo();
        // Outside the clone: its .cargo/config.toml is about our own code.
        command
            .current_dir(&context.cache)
            .env("CARGO_TARGET_DIR", objects)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .args([
                "install",
                "--debug",
                "--locked",
                "--no-track",
                "--version",
                self.version,
                "--root",
            ])
            .arg(part);
        for feature in self.features {
            command.args(["--features", feature]);
        }
        command.arg(self.crate_name);
        command
    }

    /// Lets `make` fill a folder, and moves it to its place only if that went well.
    fn install(&self, context: &Context, make: impl FnOnce(&Path) -> Outcome<bool>) -> Outcome<bool> {
        let home = self.home(context);
        let part = home.with_added_extension(format!("part-{}", std::process::id()));
        fs::create_dir_all(&part).explain(|| format!("Can't create {}", part.display()))?;
        let made = make(&part);
        if matches!(made, Ok(true)) {
            drop(fs::remove_dir_all(&home));
            fs::rename(&part, &home).explain(|| format!("Can't move {} into place", self.name))?;
        } else {
            drop(fs::remove_dir_all(&part));
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_and_the_crate_are_of_one_version() {
        let manifest = include_str!("../../Cargo.toml");
        let pinned = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(
            manifest.contains(&pinned),
            "the root Cargo.toml does not say {pinned}"
        );
    }
}
