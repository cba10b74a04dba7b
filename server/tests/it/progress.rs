//! docs/PROGRESS.md is what this build's verification says.

use patchbay_hub::{report, scratch::scratch, verify};
use patchbay_server::BUILD;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PROGRESS.md");

/// A report without the lines that differ by build and moment.
fn lasting(text: &str) -> Vec<&str> {
    let passing = ["- As of: ", "- Verified build: ", "- Written by build: "];
    text.lines()
        .filter(|line| !passing.iter().any(|start| line.starts_with(start)))
        .collect()
}

/// Fails when the file is stale. `UPDATE_PROGRESS=1 cargo test -p patchbay --test it progress` writes it anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_what_a_fresh_verification_says() {
    let hub = scratch(BUILD).await.unwrap();
    verify::run(&hub, None, None).await.unwrap();
    let summary = verify::summary(&hub, None).await.unwrap();
    assert!(!summary.any_failed(), "{summary}");
    let fresh = report::markdown(&hub.report_now().await.unwrap());
    if std::env::var("UPDATE_PROGRESS").is_ok_and(|set| set == "1") {
        std::fs::write(FILE, &fresh).unwrap();
        return;
    }
    let written = std::fs::read_to_string(FILE).unwrap_or_default();
    assert_eq!(
        lasting(&written),
        lasting(&fresh),
        "docs/PROGRESS.md is stale: UPDATE_PROGRESS=1 cargo test -p patchbay --test it progress"
    );
}
