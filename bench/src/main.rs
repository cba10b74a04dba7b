//! Measures the release build: `cargo xtask bench` builds it and calls this program. Everything stays on loopback,
//! and every loop has an end.

mod arguments;
mod client;
mod connect;
mod figures;
mod helpers;
mod load;
mod measure;
mod process;
mod stopwatch;
mod visitor;

use std::process::ExitCode;

use arguments::Wish;

/// A failure in words. What fails is not measured, and nothing is written.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The sample admin of a tenant.
const ADMIN: &str = "ana@acme.example";
/// The sample engineer.
const ENGINEER: &str = "erin@patchbay.example";

/// A page and who looks at it.
struct Page {
    person: &'static str,
    path: &'static str,
}

/// The list that most figures are about.
const LIST: &str = "/integrations";

/// The pages of the soak.
const PAGES: [Page; 5] = [
    Page {
        person: ADMIN,
        path: LIST,
    },
    Page {
        person: ADMIN,
        path: "/",
    },
    Page {
        person: ADMIN,
        path: "/integrations/asana",
    },
    Page {
        person: ENGINEER,
        path: "/rollout",
    },
    Page {
        person: ENGINEER,
        path: "/report",
    },
];

#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("patchbay-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    // Which runtime fits differs: helpers take TOKIO_WORKER_THREADS from the environment, a load has one thread.
    match arguments::parse(std::env::args().skip(1))? {
        Wish::Measure(options) => measure::all(&options),
        Wish::Bare => threads()?.block_on(helpers::bare()),
        Wish::Statements => threads()?.block_on(helpers::statements()),
    }
}

/// A runtime on several threads, as the server's.
fn threads() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// A runtime on this thread alone: a client that leaves the other cores to what it measures.
fn one_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
