//! What survives a restart, and how it is kept.

use std::path::Path;

use patchbay_simulator::SimulatorError;

use crate::client::{ASANA, ASANA_SCOPES, Bench, KEY, SECRET};

#[tokio::test]
async fn grants_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simulator.json");
    let bench = Bench::with_state(Some(file.clone())).await;
    let tokens = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    let access = tokens["access_token"].as_str().unwrap();
    bench.simulator.stop().await.unwrap();

    let bench = Bench::with_state(Some(file)).await;
    assert_eq!(
        bench.get(ASANA.host, "/api/1.0/users/me", access).await.status,
        200
    );
    // The clock stands still, and still no token comes twice.
    let more = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    assert_ne!(more["access_token"], tokens["access_token"]);
    assert_ne!(more["refresh_token"], tokens["refresh_token"]);
}

#[tokio::test]
async fn changes_reach_the_file_without_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simulator.json");
    let bench = Bench::with_state(Some(file.clone())).await;
    let tokens = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    drop(bench);
    let bench = Bench::with_state(Some(file)).await;
    assert_eq!(
        bench
            .get(
                ASANA.host,
                "/api/1.0/users/me",
                tokens["access_token"].as_str().unwrap()
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_file_is_private_and_holds_hashes_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simulator.json");
    let bench = Bench::with_state(Some(file.clone())).await;
    let code = bench.code(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    let tokens = bench.tokens(&ASANA, "ana@acme.example", ASANA_SCOPES).await;
    bench.simulator.stop().await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("patchbay"));
    for secret in [
        code.as_str(),
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
        SECRET,
        KEY,
    ] {
        assert!(!text.contains(secret));
    }
    assert_eq!(mode(&file), 0o600);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );
}

#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("simulator.json");
    std::fs::write(&file, "not ours").unwrap();
    let started = patchbay_simulator::Simulator::start(patchbay_simulator::SimulatorConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        seed: 1,
        clock: std::sync::Arc::new(|| 0),
        state_file: Some(file.clone()),
    })
    .await;
    assert!(matches!(started, Err(SimulatorError::StateShape { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not ours");
}
