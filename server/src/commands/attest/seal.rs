//! A database with sealed tokens and the key that they were sealed under, for somebody else's cipher to open.

use std::{fs, path::Path, sync::Arc};

use patchbay_store::{
    Kek, Millis, OsEntropy, Scope, Store, Vault,
    connections::{self, ConnectionState, NewConnection},
    entropy::Entropy,
    grants::{self, GrantKind, NewGrant},
    ids::{ConnectionId, GrantId, PersonId, TenantId},
    people::{self, NewPerson},
    tenants::{self, Tenant},
    vault::Place,
};
use secrecy::SecretString;

use crate::{commands::Failure, setup::KEY_FILE};

/// When everything there was made; nothing depends on it.
const THEN: Millis = Millis(1_776_254_400_000);

/// Two tenants with a connection each, whose tokens are `access of acme`, `refresh of acme` and so on. The folder must be
/// empty; it gets the database and the key.
pub(super) async fn run(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let kek = Kek::generate(entropy.as_ref());
    kek.write_new(&folder.join(KEY_FILE))?;
    let url = format!("sqlite://{}", folder.join("sealed.sqlite").display());
    let store = Store::open(&url, Vault::new(kek, entropy)).await?;
    for name in ["acme", "globex"] {
        customer(&store, name).await?;
        connected(&store, name).await?;
    }
    store.close().await;
    Ok(())
}

/// A tenant, and somebody who connects.
async fn customer(store: &Store, name: &str) -> Result<(), Failure> {
    let mut tx = store.write(Scope::System).await?;
    let tenant = Tenant {
        id: TenantId::from(name),
        name: name.to_owned(),
        slug: name.to_owned(),
        created_at: THEN,
    };
    tenants::insert(&mut tx, &tenant).await?;
    let person = NewPerson {
        id: PersonId::from(name),
        email: format!("ana@{name}.example"),
        name: "Ana".to_owned(),
        password_hash: None,
        created_at: THEN,
    };
    people::insert(&mut tx, &person).await?;
    tx.commit().await?;
    Ok(())
}

/// Their connection with its tokens.
async fn connected(store: &Store, name: &str) -> Result<(), Failure> {
    let (tenant, connection) = (
        TenantId::from(name),
        ConnectionId::from(format!("{name}-connection")),
    );
    let id = GrantId::from(format!("{name}-grant"));
    let mut tx = store.write(Scope::Tenant(tenant.clone())).await?;
    let new = NewConnection {
        id: connection.clone(),
        tenant_id: tenant.clone(),
        integration_id: "asana".to_owned(),
        account_id: "account".to_owned(),
        account_label: "account".to_owned(),
        params: "{}".to_owned(),
        values: "{}".to_owned(),
        state: ConnectionState::Healthy,
        scopes_granted: None,
        created_by: PersonId::from(name),
        created_at: THEN,
    };
    connections::insert(&mut tx, &new).await?;
    let place = |field| Place {
        table: "grants",
        row: id.as_str(),
        tenant: Some(&tenant),
        connection: Some(&connection),
        field,
    };
    let access = tx
        .seal(&place("access"), &SecretString::from(format!("access of {name}")))
        .await?;
    let refresh = tx
        .seal(
            &place("refresh"),
            &SecretString::from(format!("refresh of {name}")),
        )
        .await?;
    let grant = NewGrant {
        id: id.clone(),
        tenant_id: tenant.clone(),
        connection_id: connection.clone(),
        kind: GrantKind::Token,
        access: Some(access),
        refresh: Some(refresh),
        scopes: None,
        expires_at: None,
        obtained_at: THEN,
    };
    grants::append(&mut tx, &grant).await?;
    tx.commit().await?;
    Ok(())
}
