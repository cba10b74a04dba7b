//! S67: what `PostgreSQL` itself enforces, whatever a statement of ours may forget.

use std::collections::BTreeSet;
use std::sync::Arc;

use patchbay_store::{Scope, Store, StoreError, SystemClock, connections};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::database::{Db, create, server, vault, with_database};
use crate::sample;
use crate::statements::tenant_tables;

/// Two tenants with a connection each, and a link as the login user.
async fn connected() -> Option<(Db, PgConnection)> {
    let db = Db::postgres().await?;
    sample::tenants(&db).await;
    sample::connected(&db, "acme").await;
    sample::connected(&db, "globex").await;
    let link = PgConnection::connect(&db.url).await.unwrap();
    Some((db, link))
}

async fn run(link: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(link)
        .await
        .map(|_| ())
}

async fn count(link: &mut PgConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(link).await.unwrap()
}

#[tokio::test]
async fn s67_the_roles_own_nothing_and_bypass_nothing() {
    let Some((db, mut link)) = connected().await else {
        return;
    };
    let roles: Vec<(String, bool, bool, bool)> = sqlx::query_as(
        "SELECT rolname::text, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles
         WHERE rolname IN ('patchbay_app', 'patchbay_system') ORDER BY rolname",
    )
    .fetch_all(&mut link)
    .await
    .unwrap();
    let plain = |name: &str| (name.to_owned(), false, false, false);
    assert_eq!(roles, [plain("patchbay_app"), plain("patchbay_system")]);
    let owned = count(
        &mut link,
        "SELECT count(*) FROM pg_class WHERE relowner IN
             (SELECT oid FROM pg_roles WHERE rolname IN ('patchbay_app', 'patchbay_system'))",
    )
    .await;
    assert_eq!(owned, 0);
    link.close().await.unwrap();
    db.close().await;
}

/// Of every table: either it is a tenant table under forced row-level security, or the app role can't touch it.
#[tokio::test]
async fn s67_every_tenant_table_is_under_forced_row_level_security() {
    let Some((db, mut link)) = connected().await else {
        return;
    };
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT relname::text, relrowsecurity AND relforcerowsecurity,
             has_table_privilege('patchbay_app', oid, 'SELECT, INSERT, UPDATE, DELETE')
         FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut link)
    .await
    .unwrap();
    let fenced: BTreeSet<String> = tables
        .iter()
        .filter(|(_, forced, _)| *forced)
        .map(|(name, ..)| name.clone())
        .collect();
    let open_to_app: BTreeSet<String> = tables
        .iter()
        .filter(|(.., open)| *open)
        .map(|(name, ..)| name.clone())
        .collect();
    assert_eq!(fenced, tenant_tables());
    assert_eq!(open_to_app, tenant_tables());
    link.close().await.unwrap();
    db.close().await;
}

#[tokio::test]
async fn s67_a_query_that_forgets_the_scope_sees_nothing() {
    let Some((db, mut link)) = connected().await else {
        return;
    };
    let all = "SELECT count(*) FROM connections";
    run(&mut link, "BEGIN; SET LOCAL ROLE patchbay_app")
        .await
        .unwrap();
    assert_eq!(count(&mut link, all).await, 0, "no tenant was named");
    run(&mut link, "SELECT set_config('app.tenant_id', '', true)")
        .await
        .unwrap();
    assert_eq!(count(&mut link, all).await, 0, "an empty name is none");
    run(&mut link, "SELECT set_config('app.tenant_id', 'acme', true)")
        .await
        .unwrap();
    assert_eq!(count(&mut link, all).await, 1);
    assert_eq!(
        count(
            &mut link,
            "SELECT count(*) FROM connections WHERE tenant_id = 'globex'"
        )
        .await,
        0
    );
    assert_eq!(count(&mut link, "SELECT count(*) FROM tenants").await, 1);
    run(&mut link, "UPDATE connections SET account_label = 'taken'")
        .await
        .unwrap();
    let foreign = run(
        &mut link,
        "INSERT INTO events (at, tenant_id, topic, subject) VALUES (0, 'globex', 't', 's')",
    )
    .await;
    assert!(foreign.unwrap_err().to_string().contains("row-level security"));
    run(&mut link, "ROLLBACK; BEGIN; SET LOCAL ROLE patchbay_app")
        .await
        .unwrap();
    let sessions = run(&mut link, "SELECT * FROM sessions").await;
    assert!(sessions.unwrap_err().to_string().contains("permission denied"));
    run(&mut link, "ROLLBACK").await.unwrap();
    link.close().await.unwrap();
    db.close().await;
}

/// Many databases of one server make the roles at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_made_at_once_share_the_roles() {
    let Some(admin) = server() else { return };
    let mut names = Vec::new();
    for _ in 0..4 {
        names.push(create(&admin).await);
    }
    let opened = names.iter().map(|name| {
        let url = with_database(&admin, name);
        tokio::spawn(async move {
            let store = Store::open(&url, vault(Arc::new(SystemClock))).await.unwrap();
            let mut tx = store.read(Scope::Tenant("acme".into())).await.unwrap();
            assert!(connections::list(&mut tx).await.unwrap().is_empty());
            drop(tx);
            store.close().await;
        })
    });
    for done in futures::future::join_all(opened).await {
        done.unwrap();
    }
    let mut link = PgConnection::connect(&admin).await.unwrap();
    for name in names {
        run(&mut link, &format!("DROP DATABASE {name} WITH (FORCE)"))
            .await
            .unwrap();
    }
    link.close().await.unwrap();
}

/// The login user of a real deployment is no superuser: it owns the tables, and without switching sees nothing.
#[tokio::test]
async fn s67_an_owner_that_did_not_switch_sees_nothing() {
    let Some(admin) = server() else { return };
    // Makes sure that the roles are there.
    let Some(first) = Db::postgres().await else { return };
    first.close().await;
    let name = create(&admin).await;
    let owner = format!("owner_{name}");
    let mut root = PgConnection::connect(&admin).await.unwrap();
    run(
        &mut root,
        &format!("CREATE ROLE {owner} LOGIN PASSWORD 'owner'; ALTER DATABASE {name} OWNER TO {owner}"),
    )
    .await
    .unwrap();
    let url = as_user(&with_database(&admin, &name), &owner);

    let refused = Store::open(&url, vault(Arc::new(SystemClock))).await.unwrap_err();
    assert!(matches!(refused, StoreError::Migration(_)), "{refused:?}");
    assert!(refused.to_string().contains("GRANT patchbay_app TO"), "{refused}");

    let granted = format!("GRANT patchbay_app, patchbay_system TO {owner}");
    let version = count(&mut root, "SELECT current_setting('server_version_num')::bigint").await;
    let how = if version >= 160_000 {
        " WITH INHERIT FALSE, SET TRUE"
    } else {
        ""
    };
    run(&mut root, &format!("{granted}{how}")).await.unwrap();
    let store = Store::open(&url, vault(Arc::new(SystemClock))).await.unwrap();
    let mut tx = store.write(Scope::System).await.unwrap();
    let tenant = patchbay_store::tenants::Tenant {
        id: "acme".into(),
        name: "Acme".to_owned(),
        slug: "acme".to_owned(),
        created_at: crate::database::START,
    };
    patchbay_store::tenants::insert(&mut tx, &tenant).await.unwrap();
    tx.commit().await.unwrap();
    let mut link = PgConnection::connect(&url).await.unwrap();
    if version >= 160_000 {
        assert_eq!(count(&mut link, "SELECT count(*) FROM tenants").await, 0);
    }
    run(&mut link, "BEGIN; SET LOCAL ROLE patchbay_system")
        .await
        .unwrap();
    assert_eq!(count(&mut link, "SELECT count(*) FROM tenants").await, 1);
    link.close().await.unwrap();
    store.close().await;
    run(&mut root, &format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
    run(&mut root, &format!("DROP ROLE {owner}")).await.unwrap();
    root.close().await.unwrap();
}

/// The same address for another user.
fn as_user(url: &str, user: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let slash = rest.find('/').unwrap();
    let at = rest[..slash].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{user}:owner@{}", &rest[at..])
}
