//! `cargo xtask bench`: builds what is measured and what measures it, and writes the figures down.

use std::path::Path;

use crate::arguments::Measurement;
use crate::console::Step;
use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::site::{self, Build};
use crate::{files, first_page, machine, process};

/// Where figures are written: between the two comments that name their part of the page.
pub const PAGE: &str = "bench/README.md";

/// Measures what is asked for.
pub fn run(context: &Context, measurement: Measurement) -> Outcome<()> {
    machine::check(context)?;
    match measurement {
        Measurement::Figures => figures(context, Build::Release),
        Measurement::Quick => figures(context, Build::Quick),
        Measurement::FirstPage => first_page::run(context),
    }
}

fn figures(context: &Context, build: Build) -> Outcome<()> {
    let site = site::build(context, build)?;
    let log = context.log("bench-build");
    let step = Step {
        label: "Compiling what measures",
        usual: "",
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.cargo();
        command.args(["build", "--package=patchbay-bench"]);
        if build == Build::Release {
            command.arg("--release");
        }
        process::run(context, &mut command, &log)
    })?;
    let work = context.notes.join("bench");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work).explain(|| format!("Can't create {}", work.display()))?;
    let table = work.join("figures.md");
    let log = context.log("bench");
    let step = Step {
        label: "Measuring",
        usual: "about 3 minutes",
        log: &log,
    };
    context.console.step(&step, || {
        let mut command = context.command(context.target.join(build.folder()).join("patchbay-bench"));
        command
            .args(["measure", "--binary"])
            .arg(&site.binary)
            .arg("--site")
            .arg(&site.root)
            .arg("--work")
            .arg(&work)
            .arg("--out")
            .arg(&table);
        if build == Build::Quick {
            command.arg("--quick");
        }
        process::run(context, &mut command, &log)
    })?;
    let table = files::whole(&table).ok_or_else(|| Failure::says("The figures were not written."))?;
    context.console.line(&format!("\n{table}"));
    if build == Build::Quick {
        context
            .console
            .line("A quick run of the unoptimised build: nothing is written, nothing is to be concluded.");
        return Ok(());
    }
    write(context, "figures", &format!("{}\n\n{table}", heading(context)))?;
    if table.contains("**missed**") {
        return Err(Failure::says(format!("A target is missed, see {PAGE}.")));
    }
    Ok(())
}

/// Where, what and when: without these a figure says nothing.
fn heading(context: &Context) -> String {
    format!("{}, {}.", machine_words(), commit_and_date(context))
}

/// Such as "2 cores, Example CPU at 3 GHz, 16 GB of memory, rustc 1.95.0".
pub fn machine_words() -> String {
    let cores =
        std::thread::available_parallelism().map_or_else(|_| "?".to_owned(), |count| count.to_string());
    let field = |file: &str, name: &str| {
        let text = files::whole(Path::new(file))?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unnamed processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or_else(
            || "?".to_owned(),
            |kib| format!("{}", (kib + 524_288) / 1_048_576),
        );
    let rust = process::answer("rustc", &["--version"]).unwrap_or_default();
    let rust = rust.split(" (").next().unwrap_or_default();
    format!("{cores} cores, {processor}, {memory} GiB of memory, {rust}")
}

/// Such as "commit 1a2b3c4, 2026-04-15"; says so where there are changes that no commit has.
pub fn commit_and_date(context: &Context) -> String {
    let folder = context.root.display().to_string();
    let git = |arguments: &[&str]| process::answer("git", &[&["-C", folder.as_str()], arguments].concat());
    let commit = git(&["rev-parse", "--short=7", "HEAD"]).unwrap_or_else(|| "?".to_owned());
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    let date = process::answer("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default();
    let with = if changed { " with uncommitted changes" } else { "" };
    format!("commit {commit}{with}, {date}")
}

/// Puts a text into its part of the page.
pub fn write(context: &Context, part: &str, text: &str) -> Outcome<()> {
    let path = context.root.join(PAGE);
    let page = files::whole(&path).unwrap_or_default();
    let page = replaced(&page, part, text)
        .ok_or_else(|| Failure::says(format!("{PAGE} has no comments that mark the part \"{part}\".")))?;
    files::write_whole(&path, page.as_bytes())
}

/// The page with another text between the two comments of this part.
fn replaced(page: &str, part: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {part}: begin -->"), format!("<!-- {part}: end -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_between_its_comments_is_written() {
        let page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n";
        let written = replaced(page, "x", "new\n").unwrap();
        assert_eq!(
            written,
            "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n<!-- y: begin -->\n<!-- y: end -->\n"
        );
        assert_eq!(replaced(&written, "x", "new").as_ref(), Some(&written));
        assert_eq!(replaced(page, "z", "new"), None);
    }

    #[test]
    fn the_page_has_its_parts() {
        let page = include_str!("../../bench/README.md");
        for part in ["figures", "first page"] {
            assert!(replaced(page, part, "").is_some(), "{part}");
        }
    }
}
