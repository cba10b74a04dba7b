//! Integrations of a deployment's own: listed, connected, shown for what they are, and never counted.

use patchbay_catalog::TEMPLATE;
use patchbay_hub::{Mode, verify};

use crate::support::{Decision, Setup, TestApp};

/// A second Asana of this company's, behind the same provider app.
fn second_asana() -> String {
    let facts = include_str!("../../../crates/catalog/integrations/asana.toml");
    facts
        .lines()
        .filter(|line| {
            let plan = ["order =", "named_in_plan =", "stage =", "estimate_minutes ="];
            !plan.iter().any(|field| line.starts_with(field))
        })
        .map(|line| match line {
            "id = \"asana\"" => "id = \"acme-tasks\"",
            "name = \"Asana\"" => "name = \"Acme tasks\"",
            other => other,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

async fn with(own: Vec<(&'static str, String)>, mode: Mode) -> TestApp {
    TestApp::with(Setup {
        mode,
        own,
        ..Setup::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fortieth_is_verified_connected_and_not_counted() {
    let app = TestApp::with(Setup {
        own: vec![("acme-tasks.toml", second_asana())],
        proven: false,
        ..Setup::default()
    })
    .await;
    let only = ["acme-tasks".to_owned()];
    verify::run(&app.hub, None, Some(&only)).await.unwrap();
    let mut ana = app.ana().await;

    let list = ana.get("/integrations").await.text();
    assert!(
        list.contains("40 integrations") && list.contains("Acme tasks"),
        "{list}"
    );
    let leaving = ana.leave_for("acme-tasks").await;
    assert_eq!(
        leaving.asked_for("redirect_uri").as_deref(),
        Some("http://localhost:3000/callback/acme-tasks")
    );
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    let answer = ana.get(&back).await;
    assert_eq!(answer.location(), "/integrations/acme-tasks?notice=connected");

    let mut erin = app.signed_in("erin@patchbay.example").await;
    let rollout = erin.get("/rollout").await.text();
    assert!(rollout.contains("3 of 39"), "{rollout}");
    assert!(!rollout.contains("Acme tasks"), "{rollout}");
    let page = erin.get("/integrations/acme-tasks").await.text();
    assert!(
        page.contains("acme-tasks.toml of this deployment") && page.contains("Outside the plan"),
        "{page}"
    );
    let report = app.hub.report_now().await.unwrap();
    assert_eq!(
        report.counts.in_use.integrations, 0,
        "in use counts the plan's 39"
    );
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_before_a_change_is_out_of_date() {
    let change = "summary = \"Tasks of ours\"\n".to_owned();
    let app = with(vec![("asana.toml", change)], Mode::Demo).await;
    let mut erin = app.signed_in("erin@patchbay.example").await;
    let page = erin.get("/integrations/asana").await.text();
    assert!(
        page.contains("asana.toml of this deployment changes summary"),
        "{page}"
    );
    assert!(page.contains("Tasks of ours"), "{page}");
    assert!(
        !page.contains("Out of date"),
        "evidence of this very build stands: {page}"
    );

    // The same evidence, read by a build with another file.
    let mut other = app.hub.settings().clone();
    other.build.push_str("-own00000001");
    let later = app.hub_with(other);
    let row = later.report_now().await.unwrap();
    let asana = row.rows.iter().find(|row| row.id == "asana").unwrap();
    assert!(asana.missing.contains("out of date"), "{}", asana.missing);
    let github = row.rows.iter().find(|row| row.id == "github").unwrap();
    assert!(!github.missing.contains("out of date"), "{}", github.missing);
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_file_is_named_to_engineers_and_stops_nothing() {
    let broken = TEMPLATE.replace("client_auth", "client_aut");
    let app = with(vec![("acme-crm.toml", broken)], Mode::Demo).await;
    let (mut erin, mut ana) = (app.signed_in("erin@patchbay.example").await, app.ana().await);

    let page = erin.get("/integrations").await.text();
    assert!(
        page.contains("acme-crm.toml, line") && page.contains("client_aut"),
        "{page}"
    );
    let page = ana.get("/integrations").await.text();
    assert!(
        page.contains("39 integrations") && !page.contains("acme-crm"),
        "{page}"
    );
    app.close().await;
}
