//! Rows that many tests need: two tenants with a person, a connection and a run each.

use patchbay_store::connections::{self, ConnectionState, NewConnection};
use patchbay_store::flows::{self, NewFlow};
use patchbay_store::grants::{self, GrantKind, NewGrant};
use patchbay_store::people::{self, NewPerson};
use patchbay_store::sync::{self, NewRun, NewWindow};
use patchbay_store::tenants::{self, Tenant};
use patchbay_store::vault::Place;
use patchbay_store::{ConnectionId, GrantId, Millis, TenantId, Tx};
use secrecy::SecretString;

use crate::database::{Db, START};

pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// Tenants `acme` and `globex`, person `ana`.
pub async fn tenants(db: &Db) {
    let mut tx = db.system().await;
    for id in ["acme", "globex"] {
        let tenant = Tenant {
            id: id.into(),
            name: id.to_uppercase(),
            slug: id.to_owned(),
            created_at: START,
        };
        tenants::insert(&mut tx, &tenant).await.unwrap();
    }
    let ana = NewPerson {
        id: "ana".into(),
        email: "Ana@Acme.Example".to_owned(),
        name: "Ana Ruiz".to_owned(),
        password_hash: None,
        created_at: START,
    };
    people::insert(&mut tx, &ana).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn flow(id: &str, tenant: &str) -> NewFlow {
    NewFlow {
        id: id.into(),
        tenant_id: tenant.into(),
        person_id: "ana".into(),
        session_hash: "session".to_owned(),
        integration_id: "asana".to_owned(),
        kind: "oauth2".to_owned(),
        state_hash: format!("state-of-{id}"),
        browser_hash: "browser".to_owned(),
        verifier: None,
        leave_url: None,
        redirect_uri: "https://console.example/callback/asana".to_owned(),
        params: "{}".to_owned(),
        return_to: None,
        created_at: START,
        expires_at: START.plus(std::time::Duration::from_mins(10)),
        reference: "REF".to_owned(),
    }
}

pub async fn flow_of(db: &Db, id: &str, tenant: &str) {
    let mut tx = db.tenant(tenant).await;
    flows::insert(&mut tx, &flow(id, tenant)).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn connection(id: &str, tenant: &str, account: &str) -> NewConnection {
    NewConnection {
        id: id.into(),
        tenant_id: tenant.into(),
        integration_id: "asana".to_owned(),
        account_id: account.to_owned(),
        account_label: "Ana’s workspace".to_owned(),
        params: "{}".to_owned(),
        values: r#"{"realm":"7"}"#.to_owned(),
        state: ConnectionState::Healthy,
        scopes_granted: None,
        created_by: "ana".into(),
        created_at: START,
    }
}

/// A connection `{tenant}-c` with a grant `{tenant}-g`, whose tokens are `access of {tenant}` and `refresh of …`.
pub async fn connected(db: &Db, tenant: &str) -> ConnectionId {
    let id = ConnectionId::from(format!("{tenant}-c"));
    let mut tx = db.tenant(tenant).await;
    connections::insert(&mut tx, &connection(id.as_str(), tenant, "account"))
        .await
        .unwrap();
    grant(&mut tx, tenant, &id, &format!("{tenant}-g")).await;
    tx.commit().await.unwrap();
    id
}

pub async fn grant(tx: &mut Tx, tenant: &str, connection: &ConnectionId, id: &str) -> i64 {
    let (tenant_id, grant_id) = (TenantId::from(tenant), GrantId::from(id));
    let access = SecretString::from(format!("access of {tenant}"));
    let refresh = SecretString::from(format!("refresh of {tenant}"));
    let access = tx
        .seal(&access_place(&tenant_id, connection, &grant_id), &access)
        .await
        .unwrap();
    let refresh = tx
        .seal(&refresh_place(&tenant_id, connection, &grant_id), &refresh)
        .await
        .unwrap();
    let new = NewGrant {
        id: grant_id,
        tenant_id,
        connection_id: connection.clone(),
        kind: GrantKind::Token,
        access: Some(access),
        refresh: Some(refresh),
        scopes: Some("read".to_owned()),
        expires_at: None,
        obtained_at: START,
    };
    grants::append(tx, &new).await.unwrap()
}

pub fn access_place<'a>(tenant: &'a TenantId, connection: &'a ConnectionId, grant: &'a GrantId) -> Place<'a> {
    Place {
        table: "grants",
        row: grant.as_str(),
        tenant: Some(tenant),
        connection: Some(connection),
        field: "access",
    }
}

pub fn refresh_place<'a>(
    tenant: &'a TenantId,
    connection: &'a ConnectionId,
    grant: &'a GrantId,
) -> Place<'a> {
    Place {
        field: "refresh",
        ..access_place(tenant, connection, grant)
    }
}

/// A run `{tenant}-r` over so many days of stream `tasks`, all due at once, newest day first.
pub async fn run(db: &Db, tenant: &str, days: i64) {
    let mut tx = db.tenant(tenant).await;
    let run = NewRun {
        id: format!("{tenant}-r").into(),
        tenant_id: tenant.into(),
        connection_id: format!("{tenant}-c").into(),
        from_at: Millis(START.0 - days * DAY),
        to_at: START,
        created_at: START,
        note: None,
    };
    sync::insert_run(&mut tx, &run).await.unwrap();
    let windows: Vec<NewWindow> = (0..days).map(|day| window(tenant, day)).collect();
    sync::insert_windows(&mut tx, &run.id, &windows).await.unwrap();
    tx.commit().await.unwrap();
}

fn window(tenant: &str, day: i64) -> NewWindow {
    NewWindow {
        id: format!("{tenant}-w{day}").into(),
        integration_id: "asana".to_owned(),
        stream: "tasks".to_owned(),
        position: day,
        window_key: format!("day-{day}"),
        from_at: Millis(START.0 - (day + 1) * DAY),
        to_at: Millis(START.0 - day * DAY),
        due_at: START,
    }
}
