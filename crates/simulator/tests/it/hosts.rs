//! Providers are told apart by host name; everything else is refused.

use patchbay_simulator::{Simulator, SimulatorConfig, SimulatorError};

use crate::client::Bench;

#[tokio::test]
async fn host_form_and_path_form_reach_the_same_provider() {
    let bench = Bench::start().await;
    let by_host = bench.send("GET", "api.github.com", "/user", &[], "").await;
    let agent = [("user-agent", "patchbay-tests")];
    let by_path = bench
        .raw("GET", "localhost", "/_/api.github.com/user", &agent, "")
        .await
        .unwrap();
    assert_eq!((by_host.status, by_path.status), (401, 401));
    assert_eq!(by_host.body, by_path.body);
    let log = bench.simulator.log();
    assert_eq!(log.len(), 2);
    assert!(
        log.iter()
            .all(|entry| entry.host == "api.github.com" && entry.path == "/user")
    );
}

#[tokio::test]
async fn an_unknown_host_or_path_is_a_logged_404() {
    let bench = Bench::start().await;
    let port = bench.simulator.port();
    for (host, path) in [
        (format!("api.gihub.com.sim.localhost:{port}"), "/user"),
        (format!("localhost:{port}"), "/user"),
        (format!("localhost:{port}"), "/_/api.gihub.com/user"),
        ("api.github.com".to_owned(), "/user"),
        (format!("app.asana.com.sim.localhost:{port}"), "/oauth/token"),
        (format!("api.sendgrid.com.sim.localhost:{port}"), "/v2/scopes"),
    ] {
        bench.simulator.clear_log();
        let answer = bench.raw("GET", &host, path, &[], "").await.unwrap();
        assert_eq!(answer.status, 404, "{host}{path}");
        let log = bench.simulator.log();
        assert!(
            log[0]
                .refused
                .as_deref()
                .is_some_and(|reason| reason.starts_with("no such")),
            "{host}{path}"
        );
    }
}

#[tokio::test]
async fn it_listens_on_127_0_0_1_only() {
    for address in ["0.0.0.0:0", "[::1]:0", "[::]:0", "127.0.0.2:0"] {
        let started = Simulator::start(SimulatorConfig {
            listen: address.parse().unwrap(),
            seed: 1,
            clock: std::sync::Arc::new(|| 0),
            state_file: None,
        })
        .await;
        assert!(
            matches!(started, Err(SimulatorError::NotLoopback(_))),
            "{address}"
        );
    }
}

#[tokio::test]
async fn after_a_stop_nothing_answers() {
    let bench = Bench::start().await;
    let port = bench.simulator.port();
    bench.simulator.stop().await.unwrap();
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}
