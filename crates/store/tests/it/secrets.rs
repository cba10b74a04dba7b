use std::sync::Arc;

use patchbay_store::{Kek, OsEntropy, SeededEntropy, Vault};

use crate::database::Db;

#[test]
fn s47_the_vault_prints_nothing_of_itself() {
    let vault = Vault::new(Kek::generate(&SeededEntropy::new(1)), Arc::new(OsEntropy));
    assert_eq!(format!("{vault:?}"), "Vault([redacted])");
}

#[tokio::test]
async fn s47_store_and_transaction_print_nothing_of_the_vault() {
    let db = Db::sqlite().await;
    let tx = db.system().await;
    assert_eq!(format!("{tx:?}"), "Tx { scope: System, writes: true, .. }");
    assert_eq!(format!("{:?}", db.store), "Store { kind: Sqlite, .. }");
    drop(tx);
    db.close().await;
}

/// Code that would put a secret into an answer does not compile.
#[test]
fn s47_secrets_do_not_serialise() {
    trybuild::TestCases::new().compile_fail("tests/compile/secrets_do_not_serialise.rs");
}
