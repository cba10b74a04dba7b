//! Opening a database: connect, bring up to date, hand out transactions.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tempfile::TempDir;

use crate::tx::Link;
use crate::{Scope, StoreError, Tx, Vault, chain};

static SQLITE_STEPS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_STEPS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How many `SQLite` connections read beside the one that writes.
const READERS: u32 = 4;
/// How many connections this process holds to a `PostgreSQL` server.
const POSTGRES_CONNECTIONS: u32 = 10;
/// How long a statement waits for another process's lock on the `SQLite` file.
const BUSY: Duration = Duration::from_secs(10);
/// How long a call waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which database a store stands on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DatabaseKind {
    /// The embedded one.
    Sqlite,
    /// A server.
    Postgres,
}

/// An open database with its vault. Clones share the connections.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    vault: Vault,
    /// The folder of a store in memory; goes with the last clone.
    _folder: Option<Arc<TempDir>>,
}

#[derive(Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Store {
    /// Opens `sqlite://PATH` (made if missing, mode 0600), `sqlite::memory:` (a store that is gone with its last
    /// clone) or `postgres://…`, and brings it up to date.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Newer`] if a newer program has used it, [`StoreError::Migration`],
    /// [`StoreError::Database`].
    pub async fn open(url: &str, vault: Vault) -> Result<Self, StoreError> {
        if url == "sqlite::memory:" {
            return Self::open_throw_away(vault).await;
        }
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            if path.is_empty() || path.starts_with(':') {
                return Err(StoreError::Address);
            }
            return Self::open_sqlite(Path::new(path), vault, SqliteSynchronous::Full, None).await;
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Self::open_postgres(url, vault).await;
        }
        Err(StoreError::Address)
    }

    /// Starts a transaction that only reads, and that sees one moment of the data from its first statement to its
    /// last.
    ///
    /// # Errors
    /// [`StoreError::Database`]; [`StoreError::WrongScope`] for a tenant id that is no id.
    pub async fn read(&self, scope: Scope) -> Result<Tx, StoreError> {
        self.begin(scope, false).await
    }

    /// Starts a transaction that writes. In `SQLite` there is one at a time, and the next waits.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn write(&self, scope: Scope) -> Result<Tx, StoreError> {
        self.begin(scope, true).await
    }

    /// Which database this is.
    pub fn kind(&self) -> DatabaseKind {
        match self.pools {
            Pools::Sqlite { .. } => DatabaseKind::Sqlite,
            Pools::Postgres(_) => DatabaseKind::Postgres,
        }
    }

    /// The vault that it was opened with.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Marks the data as belonging to this mode (`demo` or `live`), the first time; after that, refuses the other.
    ///
    /// # Errors
    /// [`StoreError::Mode`] if it belongs to the other, [`StoreError::UnknownMode`].
    pub async fn claim_mode(&self, mode: &str) -> Result<(), StoreError> {
        if !matches!(mode, "demo" | "live") {
            return Err(StoreError::UnknownMode(mode.to_owned()));
        }
        let mut tx = self.write(Scope::System).await?;
        company_run!(
            tx,
            "INSERT INTO deployment (id, mode, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
            mode,
            self.vault.clock().now()
        )?;
        let stored = company_one!(tx, (String,), "SELECT mode FROM deployment WHERE id = 1")?;
        match stored {
            Some((stored,)) if stored != mode => Err(StoreError::Mode {
                stored,
                asked: mode.to_owned(),
            }),
            _ => tx.commit().await,
        }
    }

    /// Closes all connections, after those in use have come back.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                // The last connection to close folds the write-ahead log into the file.
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    async fn begin(&self, scope: Scope, writes: bool) -> Result<Tx, StoreError> {
        if !scope.is_sound() {
            return Err(StoreError::WrongScope);
        }
        let link = match &self.pools {
            Pools::Sqlite { writer, .. } if writes => {
                Link::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Sqlite { readers, .. } => Link::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => Link::Postgres(begin_postgres(pool, &scope, writes).await?),
        };
        Ok(Tx::new(link, scope, self.vault.clone(), writes))
    }

    /// A file in a folder of its own rather than `SQLite`'s memory mode: there, readers and the writer would share
    /// one connection and wait for each other. Nothing needs to survive, so nothing waits for the disk.
    async fn open_throw_away(vault: Vault) -> Result<Self, StoreError> {
        let folder = tempfile::Builder::new()
            .prefix("patchbay-")
            .tempdir()
            .map_err(StoreError::File)?;
        let path = folder.path().join("store.db");
        Self::open_sqlite(&path, vault, SqliteSynchronous::Off, Some(Arc::new(folder))).await
    }

    async fn open_sqlite(
        path: &Path,
        vault: Vault,
        synchronous: SqliteSynchronous,
        folder: Option<Arc<TempDir>>,
    ) -> Result<Self, StoreError> {
        // Made by us first, so that it is the owner's alone; the write-ahead log takes over its mode.
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(StoreError::File)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let writer = unattended(SqlitePoolOptions::new().max_connections(1))
            .connect_with(options.clone())
            .await?;
        SQLITE_STEPS
            .run(&writer)
            .await
            .map_err(|error| refused(error, &SQLITE_STEPS))?;
        let readers = unattended(SqlitePoolOptions::new().max_connections(READERS))
            .connect_with(options.pragma("query_only", "ON"))
            .await?;
        let store = Self {
            pools: Pools::Sqlite { writer, readers },
            vault,
            _folder: folder,
        };
        store.begin_chain().await?;
        Ok(store)
    }

    async fn open_postgres(url: &str, vault: Vault) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Address)?
            .application_name("patchbay");
        let pool = unattended(PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS))
            .connect_with(options)
            .await?;
        POSTGRES_STEPS
            .run(&pool)
            .await
            .map_err(|error| refused(error, &POSTGRES_STEPS))?;
        let store = Self {
            pools: Pools::Postgres(pool),
            vault,
            _folder: None,
        };
        store.begin_chain().await?;
        Ok(store)
    }

    /// What was audited before there was a chain becomes its beginning.
    async fn begin_chain(&self) -> Result<(), StoreError> {
        let mut tx = self.write(Scope::System).await?;
        chain::begin(&mut tx).await?;
        tx.commit().await
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

/// A pool without the task that looks for old connections. In sqlx 0.9.0 that task can read a count that has slipped
/// below zero, turn some 10^19 rounds without a pause and take a thread of the runtime with it; whatever was to wake on
/// that thread, such as the one waiting for the only writer, never does (sqlx pull request 4289, merged after 0.9.0).
/// Nothing is lost by it: a file's connection does not age, and a server's is tried before it is handed out.
fn unattended<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Role and tenant are set for this transaction only: what returns to the pool carries neither.
async fn begin_postgres(
    pool: &PgPool,
    scope: &Scope,
    writes: bool,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
    let mut link = pool
        .begin_with(if writes {
            "BEGIN"
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        })
        .await?;
    let (role, tenant) = match scope {
        Scope::Tenant(tenant) => ("patchbay_app", tenant.as_str()),
        Scope::System => ("patchbay_system", ""),
    };
    sqlx::query("SELECT set_config('app.tenant_id', $1, true), set_config('role', $2, true)")
        .bind(tenant)
        .bind(role)
        .execute(&mut *link)
        .await?;
    Ok(link)
}

fn refused(error: MigrateError, steps: &Migrator) -> StoreError {
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::Newer { found, known },
        other => StoreError::Migration(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server to test on, by the rules of `tests/it/database.rs`.
    fn server() -> Option<String> {
        let url = std::env::var("PATCHBAY_TEST_POSTGRES").ok();
        let is_left_out = std::env::var("PATCHBAY_TEST_SQLITE_ONLY").is_ok_and(|set| set == "1");
        assert!(
            url.is_some() || is_left_out,
            "there is no PostgreSQL to test on: run `cargo xtask test`, or see crates/store/tests/it/main.rs"
        );
        url
    }

    /// With either set, sqlx 0.9.0 starts the task that can spin for ever (see [`unattended`]).
    #[tokio::test]
    async fn no_pool_has_a_task_that_looks_for_old_connections() {
        let vault = Vault::new(
            crate::Kek::generate(&crate::OsEntropy),
            Arc::new(crate::OsEntropy),
        );
        let store = Store::open("sqlite::memory:", vault).await.unwrap();
        let Pools::Sqlite { writer, readers } = &store.pools else {
            unreachable!("asked for SQLite");
        };
        for pool in [writer, readers] {
            assert_eq!(pool.options().get_idle_timeout(), None);
            assert_eq!(pool.options().get_max_lifetime(), None);
        }
    }

    /// One connection: after the end of a transaction neither role nor tenant is left on it.
    #[tokio::test]
    async fn s67_role_and_tenant_end_with_the_transaction() {
        let Some(url) = server() else { return };
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect(&url)
            .await
            .unwrap();
        let role = "DO $$ BEGIN CREATE ROLE patchbay_app NOLOGIN;
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
        sqlx::raw_sql(role).execute(&pool).await.unwrap();
        let who = "SELECT current_user::text, current_setting('app.tenant_id', true)";

        for (writes, commits) in [(true, true), (true, false), (false, true), (false, false)] {
            let scope = Scope::Tenant("acme".into());
            let mut link = begin_postgres(&pool, &scope, writes).await.unwrap();
            let inside: (String, Option<String>) = sqlx::query_as(who).fetch_one(&mut *link).await.unwrap();
            assert_eq!(inside, ("patchbay_app".to_owned(), Some("acme".to_owned())));
            if commits {
                link.commit().await.unwrap();
            } else {
                drop(link);
            }
            let (role, tenant): (String, Option<String>) =
                sqlx::query_as(who).fetch_one(&pool).await.unwrap();
            assert_ne!(role, "patchbay_app");
            assert_eq!(tenant.unwrap_or_default(), "");
        }
        pool.close().await;
    }
}
