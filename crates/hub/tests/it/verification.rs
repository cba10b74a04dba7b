//! A verification proves what has checks, and nothing else.

use patchbay_hub::{scratch::scratch, verify};

#[tokio::test(flavor = "multi_thread")]
async fn three_of_39_become_all() {
    let hub = scratch("test").await.expect("a scratch hub");
    let before = verify::summary(&hub, None).await.expect("a summary");
    assert_eq!(
        (before.complete, before.total),
        (3, 39),
        "keys alone are complete before anything is proven"
    );

    verify::run(&hub, None, None).await.expect("evidence is stored");

    let after = verify::summary(&hub, None).await.expect("a summary");
    assert!(!after.any_failed(), "{after}");
    assert_eq!((after.complete, after.total), (39, 39), "{after}");
    let proven: usize = after
        .integrations
        .iter()
        .map(|row| row.gates.values().filter(|state| **state == "passed").count())
        .sum();
    assert_eq!(proven, 36 * 4, "{after}");
    let report = hub.report_now().await.expect("figures");
    assert_eq!(report.counts.built.gates_total, 144);
    assert_eq!(report.counts.built.percent, 100);
    assert_eq!(report.counts.live.count, 0, "nothing simulated counts as live");
}
