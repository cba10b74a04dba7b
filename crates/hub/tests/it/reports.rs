//! Every form of a report says the same.

use std::collections::BTreeMap;

use patchbay_hub::{report::Format, scratch::scratch, verify};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn every_form_says_the_same_figures() {
    let hub = scratch("test").await.expect("a scratch hub");
    verify::run(&hub, None, None).await.expect("evidence is stored");
    let report = hub.report_now().await.expect("figures");

    let json: Value = serde_json::from_str(&Format::Json.write(&report).expect("json")).expect("valid JSON");
    let csv = Format::Csv.write(&report).expect("csv");
    let markdown = Format::Markdown.write(&report).expect("markdown");

    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader
        .deserialize()
        .collect::<Result<_, _>>()
        .expect("every row has every column");
    let of = |kind: &str| rows.iter().filter(|row| row["row"] == kind).collect::<Vec<_>>();
    let integrations = json["integrations"].as_array().expect("a list");
    assert_eq!(of("integration").len(), 39);
    assert_eq!(integrations.len(), 39);
    for (row, object) in of("integration").into_iter().zip(integrations) {
        assert_eq!(row["id"], object["id"], "the same order");
        assert_eq!(row["missing"], object["missing"]);
        assert!(
            markdown.contains(&format!("| {} |", row["name"])),
            "{}",
            row["name"]
        );
    }
    let built = &json["counts"]["built"];
    let total = of("total")
        .into_iter()
        .find(|row| row["id"] == "built")
        .expect("a total");
    assert_eq!(total["complete"], built["complete"].to_string());
    assert_eq!(total["percent"], built["percent"].to_string());
    let sentence = format!(
        "{} of {} ({} %)",
        built["complete"], built["of"], built["percent"]
    );
    assert!(markdown.contains(&sentence), "{sentence}");
    let phases: Vec<String> = of("phase")
        .into_iter()
        .map(|row| row["plan_total"].clone())
        .collect();
    assert_eq!(phases, ["15", "20", "24", "30", "34", "39"]);
    assert!(
        rows.iter()
            .all(|row| row["build"] == "test" && !row["as_of"].is_empty())
    );
}
