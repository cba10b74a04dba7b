//! SendGrid's keys and daily numbers.

use patchbay_simulator::SimulatorError;
use secrecy::SecretString;

use crate::client::{Bench, KEY, NOON};

const HOST: &str = "api.sendgrid.com";

#[tokio::test]
async fn a_registered_key_lists_its_rights_on_both_hosts() {
    let bench = Bench::start().await;
    for host in [HOST, "api.eu.sendgrid.com"] {
        let answer = bench.get(host, "/v3/scopes", KEY).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.json()["scopes"],
            serde_json::json!(["mail.send", "stats.read"])
        );
    }
}

#[tokio::test]
async fn unknown_keys_and_missing_rights_are_refused() {
    let bench = Bench::start().await;
    let unknown = bench.get(HOST, "/v3/scopes", &KEY.replace("abc", "xyz")).await;
    assert_eq!(unknown.status, 401);
    assert!(
        unknown.json()["errors"][0]["message"].is_string() && unknown.json()["errors"][0]["field"].is_null()
    );
    assert_eq!(bench.send("GET", HOST, "/v3/scopes", &[], "").await.status, 401);
    let narrow = "SG.narrownarrownarrow.abcdefghijklmnopqrstuvwxyzABCDEF";
    bench
        .simulator
        .register_key("sendgrid", &SecretString::from(narrow), &["mail.send"])
        .unwrap();
    assert_eq!(
        bench
            .get(HOST, "/v3/stats?start_date=2026-04-01", narrow)
            .await
            .status,
        403
    );
    assert_eq!(
        bench
            .get(HOST, "/v3/stats?start_date=2026-04-01", KEY)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn only_keys_of_the_right_shape_can_be_registered() {
    let bench = Bench::start().await;
    for key in [
        "",
        "SG.short.short",
        "sk_live_0123456789",
        &format!("{KEY}."),
        &KEY.replace('a', "ä"),
    ] {
        let registered = bench
            .simulator
            .register_key("sendgrid", &SecretString::from(key), &[]);
        assert!(
            matches!(registered, Err(SimulatorError::NotAKey("sendgrid"))),
            "{key}"
        );
    }
    let registered = bench
        .simulator
        .register_key("asana", &SecretString::from(KEY), &[]);
    assert!(matches!(registered, Err(SimulatorError::NotAKey("asana"))));
}

#[tokio::test]
async fn daily_numbers_equal_the_truth() {
    let bench = Bench::start().await;
    let day = 86_400_000;
    let (from, to) = (NOON - NOON.rem_euclid(day) - 89 * day, NOON);
    let mut dates = Vec::new();
    for offset in [0, 50, 100] {
        let target = format!(
            "/v3/stats?start_date=2026-01-16&end_date=2026-04-15&aggregated_by=day&limit=50&offset={offset}"
        );
        let page = bench.get(HOST, &target, KEY).await.json();
        dates.extend(
            page.as_array()
                .unwrap()
                .iter()
                .map(|row| row["date"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(dates.len(), 90);
    assert_eq!(
        dates,
        bench
            .simulator
            .truth("sendgrid", "acme-mail", "stats", from, to)
            .unwrap()
    );
    for query in [
        "",
        "start_date=2026-02-30",
        "start_date=2026-04-02&end_date=2026-04-01",
        "start_date=2026-04-01&limit=501",
        "start_date=2026-04-01&aggregated_by=week",
    ] {
        assert_eq!(
            bench.get(HOST, &format!("/v3/stats?{query}"), KEY).await.status,
            400,
            "{query}"
        );
    }
}
