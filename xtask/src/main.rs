//! The README's two commands, one that measures, and one that asks for second opinions. `cargo xtask run` goes from a fresh clone to a working console;
//! `cargo xtask test` proves all of it on this machine; `cargo xtask bench` says what it costs. All say what they do, name what is missing
//! and how to get it, and can be interrupted at any point.

mod arguments;
mod assets;
mod attest;
mod bench;
mod browser;
mod console;
mod context;
mod failure;
mod files;
mod first_page;
mod machine;
mod npm;
mod postgres;
mod process;
mod results;
mod run;
mod site;
mod test;
mod tools;

use std::process::ExitCode;

use arguments::Wish;
use context::Context;
use failure::Failure;

fn main() -> ExitCode {
    let wish = match arguments::parse(std::env::args().skip(1)) {
        Ok(wish) => wish,
        Err(problem) => {
            console::say_wrong(&format!("{problem}\n\n{}", arguments::HELP));
            return ExitCode::from(2);
        }
    };
    let done = match wish {
        Wish::Help => {
            console::say(arguments::HELP);
            Ok(())
        }
        Wish::List => {
            console::say(&test::list());
            Ok(())
        }
        Wish::Run(options) => Context::new().and_then(|context| run::run(&context, &options)),
        Wish::Attest(ids) => Context::new().and_then(|context| attest::run(&context, &ids)),
        Wish::Bench(measurement) => Context::new().and_then(|context| bench::run(&context, measurement)),
        Wish::Test(steps) => Context::new().and_then(|context| test::run(&context, &steps)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Interrupted) => {
            console::say_wrong("Interrupted. The same command goes on where this one stopped.");
            ExitCode::from(130)
        }
        Err(Failure::Shown) => ExitCode::FAILURE,
        Err(Failure::Says(text)) => {
            console::say_wrong(&text);
            ExitCode::FAILURE
        }
    }
}
