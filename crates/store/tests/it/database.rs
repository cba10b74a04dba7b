//! A fresh database for each test.

use std::io::Write as _;
use std::sync::Arc;

use patchbay_store::{
    Clock, DatabaseKind, Entropy, Kek, ManualClock, Millis, OsEntropy, Scope, SeededEntropy, Store, Tx, Vault,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// The moment at which every test begins: 2026-04-15T09:30:00Z.
pub const START: Millis = Millis(1_776_245_400_000);

/// A fresh database, its store, and a way around the store for tampering.
pub struct Db {
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub url: String,
    home: Home,
}

enum Home {
    Folder(#[expect(dead_code, reason = "the folder goes when this is dropped")] TempDir),
    Server { admin: String, name: String },
}

impl Db {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("store.db").display());
        Self::open(url, Home::Folder(folder)).await
    }

    /// `None` only where a developer asked for the `SQLite` half alone.
    pub async fn postgres() -> Option<Self> {
        let admin = server()?;
        let name = create(&admin).await;
        let url = with_database(&admin, &name);
        Some(Self::open(url, Home::Server { admin, name }).await)
    }

    async fn open(url: String, home: Home) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let vault = vault(Arc::clone(&clock) as Arc<dyn Clock>);
        let store = Store::open(&url, vault).await.unwrap();
        Self {
            store,
            clock,
            url,
            home,
        }
    }

    /// The same database in another process: nothing cached.
    pub async fn reopened(&self) -> Store {
        Store::open(&self.url, vault(Arc::clone(&self.clock) as Arc<dyn Clock>))
            .await
            .unwrap()
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub async fn system(&self) -> Tx {
        self.store.write(Scope::System).await.unwrap()
    }

    pub async fn tenant(&self, tenant: &str) -> Tx {
        self.store.write(Scope::Tenant(tenant.into())).await.unwrap()
    }

    /// Statements past the store, as someone with the file or the server's superuser would run them.
    pub async fn raw(&self, sql: &str) {
        match self.store.kind() {
            DatabaseKind::Sqlite => {
                let mut link = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                    .execute(&mut link)
                    .await
                    .unwrap();
                link.close().await.unwrap();
            }
            DatabaseKind::Postgres => {
                let mut link = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                    .execute(&mut link)
                    .await
                    .unwrap();
                link.close().await.unwrap();
            }
        }
    }

    /// Removes the database from the server.
    pub async fn close(self) {
        self.store.close().await;
        if let Home::Server { admin, name } = &self.home {
            let mut link = PgConnection::connect(admin).await.unwrap();
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut link)
                .await
                .unwrap();
            link.close().await.unwrap();
        }
    }
}

/// A vault under the key that all tests share.
pub fn vault(clock: Arc<dyn Clock>) -> Vault {
    Vault::with_clock(Kek::generate(&SeededEntropy::new(1)), Arc::new(OsEntropy), clock)
}

/// The address of the server to test on.
pub fn server() -> Option<String> {
    if let Ok(url) = std::env::var("PATCHBAY_TEST_POSTGRES") {
        return Some(url);
    }
    if std::env::var("PATCHBAY_TEST_SQLITE_ONLY").is_ok_and(|set| set == "1") {
        // Past the capture of test output: it must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "NOT RUN on PostgreSQL: PATCHBAY_TEST_SQLITE_ONLY=1 leaves half of the store's suite out"
        );
        return None;
    }
    panic!(
        "there is no PostgreSQL to test on: run `cargo xtask test`, which starts one, or set \
         PATCHBAY_TEST_POSTGRES=postgres://USER@HOST:PORT/postgres to a server where databases may be created; \
         PATCHBAY_TEST_SQLITE_ONLY=1 leaves this half out"
    );
}

/// Makes an empty database on the server.
pub async fn create(admin: &str) -> String {
    let mut random = [0_u8; 8];
    OsEntropy.fill(&mut random);
    let name = format!("patchbay_test_{:016x}", u64::from_be_bytes(random));
    let mut link = PgConnection::connect(admin).await.unwrap();
    // Template 0, because copying template 1 fails while another test is connected to it.
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut link)
        .await
        .unwrap();
    link.close().await.unwrap();
    name
}

/// The server's address with another database's name.
pub fn with_database(admin: &str, name: &str) -> String {
    let (address, options) = admin.split_once('?').map_or((admin, None), |(a, o)| (a, Some(o)));
    let scheme_end = address.find("://").unwrap() + 3;
    let host_end = address[scheme_end..]
        .find('/')
        .map_or(address.len(), |at| scheme_end + at);
    let options = options.map_or(String::new(), |options| format!("?{options}"));
    format!("{}/{name}{options}", &address[..host_end])
}

/// One test, two databases.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($db:ident: &Db) $body:block)+) => {$(
        $(#[$about])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn run($db: &crate::database::Db) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let db = crate::database::Db::sqlite().await;
                run(&db).await;
                db.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(db) = crate::database::Db::postgres().await else { return };
                run(&db).await;
                db.close().await;
            }
        }
    )+};
}
