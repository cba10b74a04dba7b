//! Histories: paging returns exactly what `truth` says, and restarts agree.

use std::collections::BTreeSet;

use patchbay_simulator::SimulatorError;
use serde_json::Value;

use crate::client::{ASANA, ASANA_SCOPES, Bench, GITHUB, GITHUB_SCOPES, NOON};

const DAY: i64 = 86_400_000;
const NINETY_DAYS: i64 = 90 * DAY;
const SINCE: &str = "2026-01-15T12:00:00Z";

async fn asana_list(bench: &Bench, token: &str, path: &str, query: &str, limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut target = format!("/api/1.0{path}?{query}&limit={limit}");
    loop {
        let page = bench.get(ASANA.host, &target, token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        let records = page["data"].as_array().unwrap();
        assert!(records.len() <= limit);
        all.extend(records.iter().cloned());
        match page["next_page"]["path"].as_str() {
            Some(path) => target = format!("/api/1.0{path}"),
            None => return all,
        }
    }
}

async fn asana_tasks(bench: &Bench, token: &str, limit: usize) -> Vec<Value> {
    let mut tasks = Vec::new();
    for workspace in asana_list(bench, token, "/workspaces", "", 100).await {
        let query = format!("workspace={}", workspace["gid"].as_str().unwrap());
        for project in asana_list(bench, token, "/projects", &query, 100).await {
            let query = format!(
                "project={}&modified_since={SINCE}&opt_fields=name,modified_at",
                project["gid"].as_str().unwrap()
            );
            tasks.extend(asana_list(bench, token, "/tasks", &query, limit).await);
        }
    }
    tasks
}

fn ids(records: &[Value], field: &str) -> BTreeSet<String> {
    let ids: BTreeSet<_> = records
        .iter()
        .map(|record| record[field].to_string().replace('"', ""))
        .collect();
    assert_eq!(ids.len(), records.len(), "an id came twice");
    ids
}

#[tokio::test]
async fn ninety_days_of_asana_equal_the_truth() {
    let bench = Bench::start().await;
    for account in ["ana@acme.example", "ops@acme.example", "ben@globex.example"] {
        let token = bench.tokens(&ASANA, account, ASANA_SCOPES).await["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let truth = bench
            .simulator
            .truth("asana", account, "tasks", NOON - NINETY_DAYS, NOON + 1)
            .unwrap();
        assert!((180..=546).contains(&truth.len()), "{}", truth.len());
        let truth: BTreeSet<_> = truth.into_iter().collect();
        assert_eq!(ids(&asana_tasks(&bench, &token, 100).await, "gid"), truth);
        assert_eq!(ids(&asana_tasks(&bench, &token, 7).await, "gid"), truth);
    }
}

#[tokio::test]
async fn ninety_days_of_github_equal_the_truth() {
    let bench = Bench::start().await;
    let token = bench.tokens(&GITHUB, "ana-ruiz-acme", GITHUB_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let truth = bench
        .simulator
        .truth("github", "5100101", "issues", NOON - NINETY_DAYS, NOON + 1)
        .unwrap();
    assert!((90..=455).contains(&truth.len()), "{}", truth.len());
    for per_page in [100, 13] {
        let mut target = format!(
            "/issues?filter=all&state=all&sort=updated&direction=asc&per_page={per_page}&since={SINCE}"
        );
        let mut seen = Vec::new();
        loop {
            let page = bench.get("api.github.com", &target, &token).await;
            assert_eq!(page.status, 200);
            seen.extend(
                page.json()
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|issue| issue["id"].to_string()),
            );
            let next = page.headers.get("link").and_then(|links| {
                let link = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
                link.strip_prefix("<https://api.github.com")?
                    .split_once('>')
                    .map(|(target, _)| target.to_owned())
            });
            match next {
                Some(next) => target = next,
                None => break,
            }
        }
        // The order is part of what was asked for.
        assert_eq!(seen, truth);
    }
}

#[tokio::test]
async fn github_shows_what_was_asked_for_and_granted() {
    let bench = Bench::start().await;
    let whole = bench.tokens(&GITHUB, "5100101", "repo").await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let narrow = bench.tokens(&GITHUB, "5100101", "read:user").await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let all = "/issues?filter=all&state=all&per_page=1000";
    let issues = bench.get("api.github.com", all, &whole).await.json();
    assert_eq!(issues.as_array().unwrap().len(), 100, "pages are cut to 100");
    let private = |issues: &Value| {
        issues
            .as_array()
            .unwrap()
            .iter()
            .filter(|issue| issue["repository"]["private"] == true)
            .count()
    };
    assert!(private(&issues) > 0);
    assert_eq!(
        private(&bench.get("api.github.com", all, &narrow).await.json()),
        0
    );
    let open = bench
        .get("api.github.com", "/issues?filter=all&per_page=100", &whole)
        .await
        .json();
    assert!(
        open.as_array()
            .unwrap()
            .iter()
            .all(|issue| issue["state"] == "open")
    );
    let pulls = issues
        .as_array()
        .unwrap()
        .iter()
        .filter(|issue| issue.get("pull_request").is_some())
        .count();
    assert!(pulls > 0 && pulls < 100);
}

#[tokio::test]
async fn truth_is_half_open_and_adds_up() {
    let bench = Bench::start().await;
    let truth = |from, to| {
        bench
            .simulator
            .truth("asana", "ana@acme.example", "tasks", from, to)
            .unwrap()
    };
    let whole = truth(NOON - NINETY_DAYS, NOON);
    let by_day: Vec<_> = (0..90)
        .flat_map(|day| {
            truth(
                NOON - NINETY_DAYS + day * DAY,
                NOON - NINETY_DAYS + (day + 1) * DAY,
            )
        })
        .collect();
    assert_eq!(whole, by_day);
    assert!(truth(NOON, NOON).is_empty());
    assert!(
        truth(NOON + 1, NOON + 10 * DAY).is_empty(),
        "nothing exists after now"
    );
    bench.later(10 * DAY);
    assert!(!truth(NOON + 1, NOON + 10 * DAY).is_empty());
    assert_eq!(truth(NOON - NINETY_DAYS, NOON), whole, "what was stays");
    let other = bench
        .simulator
        .truth("asana", "ben@globex.example", "tasks", NOON - NINETY_DAYS, NOON)
        .unwrap();
    assert!(other.iter().all(|id| !whole.contains(id)));
}

#[tokio::test]
async fn two_simulators_with_one_seed_agree() {
    let (first, second) = (Bench::start().await, Bench::start().await);
    for (profile, account, stream) in [
        ("asana", "ops@acme.example", "tasks"),
        ("github", "acme-ops", "issues"),
    ] {
        let truth = |bench: &Bench| {
            bench
                .simulator
                .truth(profile, account, stream, NOON - NINETY_DAYS, NOON)
                .unwrap()
        };
        assert_eq!(truth(&first), truth(&second));
    }
}

#[tokio::test]
async fn truth_knows_its_streams() {
    let bench = Bench::start().await;
    let truth = |profile, account, stream| bench.simulator.truth(profile, account, stream, 0, NOON);
    assert!(matches!(
        truth("asana", "ana@acme.example", "task"),
        Err(SimulatorError::UnknownStream { .. })
    ));
    assert!(matches!(
        truth("asana", "nobody", "tasks"),
        Err(SimulatorError::UnknownAccount { .. })
    ));
    assert!(matches!(
        truth("asanas", "ana@acme.example", "tasks"),
        Err(SimulatorError::UnknownProfile(_))
    ));
}

#[tokio::test]
async fn an_asana_offset_is_bound_to_its_query_and_ends() {
    let bench = Bench::start().await;
    let token = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let project = "1210000000000101";
    let get = |target: String| {
        let (bench, token) = (&bench, &token);
        async move { bench.get(ASANA.host, &target, token).await }
    };
    let first = get(format!("/api/1.0/tasks?project={project}&limit=10"))
        .await
        .json();
    let offset = first["next_page"]["offset"].as_str().unwrap();
    assert_eq!(
        get(format!(
            "/api/1.0/tasks?limit=10&project={project}&offset={offset}"
        ))
        .await
        .status,
        200
    );
    for target in [
        format!("/api/1.0/tasks?project={project}&limit=20&offset={offset}"),
        format!("/api/1.0/tasks?project=1210000000000102&limit=10&offset={offset}"),
        format!("/api/1.0/tasks?project={project}&limit=10&offset=nonsense"),
        format!("/api/1.0/tasks?project={project}&offset={offset}"),
    ] {
        assert_eq!(get(target.clone()).await.status, 400, "{target}");
    }
    bench.later(15 * 60_000);
    let stale = get(format!(
        "/api/1.0/tasks?project={project}&limit=10&offset={offset}"
    ))
    .await;
    assert_eq!(
        stale.json()["errors"][0]["message"],
        "offset: Your pagination token has expired."
    );
}

#[tokio::test]
async fn asana_checks_scopes_and_parameters() {
    let bench = Bench::start().await;
    let token = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    for (target, status) in [
        ("/tasks", 400),
        ("/tasks?project=1210010000000101", 404),
        ("/tasks?project=1210000000000101&limit=101", 400),
        ("/tasks?project=1210000000000101&limit=0", 400),
        ("/tasks?project=1210000000000101&modified_since=yesterday", 400),
        ("/projects", 400),
        ("/projects?workspace=1", 404),
        ("/portfolios", 404),
    ] {
        assert_eq!(
            bench
                .get(ASANA.host, &format!("/api/1.0{target}"), &token)
                .await
                .status,
            status,
            "{target}"
        );
    }
    let narrow = bench
        .tokens(&ASANA, "ana@acme.example", "projects:read tasks:read")
        .await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let tasks = "/api/1.0/tasks?project=1210000000000101&limit=1";
    assert_eq!(bench.get(ASANA.host, tasks, &narrow).await.status, 200);
    assert_eq!(
        bench
            .get(ASANA.host, &format!("{tasks}&opt_fields=assignee.email"), &narrow)
            .await
            .status,
        403
    );
    assert_eq!(
        bench.get(ASANA.host, "/api/1.0/users/me", &narrow).await.status,
        403
    );
    assert_eq!(
        bench.get(ASANA.host, "/api/1.0/workspaces", &narrow).await.status,
        403
    );
    let fields = bench
        .get(
            ASANA.host,
            &format!("{tasks}&opt_fields=modified_at,assignee.email"),
            &token,
        )
        .await
        .json();
    let task = fields["data"][0].as_object().unwrap();
    assert_eq!(
        task.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from(["assignee", "gid", "modified_at"])
    );
    assert_eq!(task["assignee"]["email"], "ana@acme.example");
}
