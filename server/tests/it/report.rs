//! The figures: the same on the rollout, in the report, in its download and on the command line.

use std::time::{Duration, Instant};

use patchbay_hub::verify::summary;

use crate::support::{Browser, Setup, TestApp};

/// The counts as a page shows them: figure, percent and gates of "Built".
async fn built(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(path).await.text();
    let from = page
        .find("Built ")
        .unwrap_or_else(|| panic!("the counts on {path}: {page}"));
    let until = page[from..].find(" gates").unwrap() + from;
    page[from..until].to_owned()
}

async fn export(browser: &mut Browser) -> String {
    let answer = browser.get("/report/export?format=md").await;
    assert_eq!(answer.status, 200);
    answer.body
}

/// Waits until the verification that runs has ended.
async fn ended(app: &TestApp) {
    let began = Instant::now();
    while !app.rows(&["verifications"]).await["verifications"]
        .iter()
        .any(|row| row.contains("'done'"))
    {
        assert!(began.elapsed() < Duration::from_mins(4), "the verification ends");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The acceptance of the first loop: three by key, then those that the verification proves. A real one, because it is
/// what is under test here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_move_with_a_verification_and_agree_everywhere() {
    let app = TestApp::with(Setup {
        proven: false,
        ..Setup::default()
    })
    .await;
    let mut paul = app.signed_in("paul@patchbay.example").await;
    // Given
    assert_eq!(built(&mut paul, "/rollout").await, "Built 3 of 39 8 % · 0 of 144");
    assert!(
        export(&mut paul)
            .await
            .contains("| Built | 3 of 39 (8 %), 0 of 144 gates |")
    );
    // When the engineer's button is pressed, three times even
    let mut erin = app.signed_in("erin@patchbay.example").await;
    for _ in 0..3 {
        let answer = erin.post_form("/rollout/verify", &[]).await;
        assert_eq!(answer.location(), "/rollout?notice=verification-started");
    }
    ended(&app).await;
    // Then one verification ran
    assert_eq!(app.rows(&["verifications"]).await["verifications"].len(), 1);
    let started = app
        .audit()
        .await
        .into_iter()
        .filter(|row| row.action == "verification.started");
    assert_eq!(started.count(), 1);
    let summary = summary(&app.hub, None).await.unwrap();
    assert!(!summary.any_failed(), "{summary}");
    let gates = summary
        .integrations
        .iter()
        .flat_map(|row| row.gates.values())
        .filter(|gate| **gate == "passed")
        .count();
    let percent = (summary.complete * 200 + summary.total) / (summary.total * 2);
    let (complete, total) = (summary.complete, summary.total);
    assert!(
        complete >= 5 && gates >= 8,
        "Asana and GitHub at least: {complete}, {gates} gates"
    );
    let figures = format!("Built {complete} of {total} {percent} % · {gates} of 144");
    for path in ["/", "/rollout", "/report"] {
        assert_eq!(built(&mut paul, path).await, figures, "{path}");
    }
    let text = export(&mut paul).await;
    let line = format!("| Built | {complete} of {total} ({percent} %), {gates} of 144 gates |");
    assert!(text.contains(&line), "{line} in: {text}");
    for row in &summary.integrations {
        let name = &app.hub.catalog().get(&row.id).unwrap().name;
        let status = match row.status {
            "implemented" => "Implemented",
            "not_applicable" => "N/A (API key)",
            _ => "Pending",
        };
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| {name} |")))
            .expect("a line for each");
        assert!(line.contains(&format!("| {status} |")), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_export_is_a_file_for_the_companys_people() {
    let app = TestApp::start().await;
    for email in ["erin@patchbay.example", "paul@patchbay.example"] {
        let mut browser = app.signed_in(email).await;
        let answer = browser.get("/report/export?format=md").await;
        assert_eq!(answer.status, 200, "{email}");
        assert_eq!(answer.header("content-type"), "text/markdown; charset=utf-8");
        let name = answer.header("content-disposition");
        assert!(
            name.starts_with("attachment; filename=\"") && name.ends_with(".md\""),
            "{name}"
        );
        assert!(
            answer
                .body
                .starts_with("# Integration rollout: completion report\n")
        );
        assert_eq!(
            browser.get("/report/export?format=exe").await.status,
            404,
            "{email}"
        );
        assert_eq!(browser.get("/report/export").await.status, 404, "{email}");
    }
    for mut browser in [app.ana().await, app.ben().await] {
        let answer = browser.get("/report/export?format=md").await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("Page not found"));
    }
}

/// What is in use is counted, and whose it is stays with the tenant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_use_is_counted_without_names() {
    let app = TestApp::start().await;
    let mut paul = app.signed_in("paul@patchbay.example").await;
    assert!(
        export(&mut paul)
            .await
            .contains("| In use | 0 of 39, in 0 tenants |")
    );
    let (mut ana, mut ben) = (app.ana().await, app.ben().await);
    ana.connect("asana", crate::support::Decision::Approve(0)).await;
    ana.connect("github", crate::support::Decision::Approve(0)).await;
    ben.connect("asana", crate::support::Decision::Approve(2)).await;
    let text = export(&mut paul).await;
    assert!(text.contains("| In use | 2 of 39, in 2 tenants |"), "{text}");
    for name in ["ana@acme.example", "ben@globex.example", "Ana Ruiz"] {
        assert!(!text.contains(name), "{name}");
    }
}
