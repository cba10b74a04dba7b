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

/// Compiles only as long as none of the types can be serialised: for one that can, the two implementations below
/// both fit, and the compiler can't choose. Unlike a recorded error message this holds with every compiler.
macro_rules! never_serialises {
    ($($secret:ty),+ $(,)?) => {$(
        const _: fn() = || {
            trait Fits<Which> {
                fn check() {}
            }
            struct Serialises;
            impl<T: ?Sized> Fits<()> for T {}
            impl<T: ?Sized + serde::Serialize> Fits<Serialises> for T {}
            let _ = <$secret as Fits<_>>::check;
        };
    )+};
}

// S47: a secret in an answer is a compile error.
never_serialises!(
    secrecy::SecretString,
    patchbay_store::Kek,
    patchbay_store::Vault,
    patchbay_store::Sealed,
    patchbay_store::grants::Grant,
    patchbay_store::flows::Flow,
    patchbay_store::provider_apps::ProviderApp,
    patchbay_store::people::NewPerson,
    patchbay_store::records::Record,
);

/// The types that hold sealed or open secrets print none of them.
#[test]
fn s47_rows_print_nothing_of_their_secrets() {
    let person = patchbay_store::people::NewPerson {
        id: "p".into(),
        email: "p@example".to_owned(),
        name: "P".to_owned(),
        password_hash: Some(secrecy::SecretString::from("canary")),
        created_at: crate::database::START,
    };
    let record = patchbay_store::records::NewRecord {
        upstream_id: "canary".to_owned(),
        occurred_at: crate::database::START,
        title: "canary".to_owned(),
        payload: b"canary".to_vec(),
    };
    let printed = format!("{person:?} {record:?}");
    assert!(
        !printed.contains("canary") && !printed.contains("99, 97"),
        "{printed}"
    );
}
