//! A fresh database for each test, and a way to read it past the store.

use std::{collections::BTreeMap, io::Write as _};

use patchbay_store::{Entropy, OsEntropy};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// Every row of some tables, as text.
pub type Rows = BTreeMap<String, Vec<String>>;

/// Where a test's database is.
pub enum Home {
    Folder(TempDir),
    Server { admin: String, name: String },
}

impl Home {
    pub fn sqlite() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    /// `None` only where a developer asked for the `SQLite` half alone.
    pub async fn postgres() -> Option<Self> {
        let admin = server()?;
        let mut random = [0_u8; 8];
        OsEntropy.fill(&mut random);
        let name = format!("patchbay_it_{:016x}", u64::from_be_bytes(random));
        let mut link = PgConnection::connect(&admin).await.unwrap();
        // Template 0, because copying template 1 fails while another test is connected to it.
        run(&mut link, format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        Some(Self::Server { admin, name })
    }

    pub fn url(&self) -> String {
        match self {
            Self::Folder(folder) => format!("sqlite://{}", folder.path().join("it.sqlite").display()),
            Self::Server { admin, name } => with_database(admin, name),
        }
    }

    /// Every row of every table, as someone with the file or the server's superuser would read it. Binary columns
    /// come as hexadecimal digits.
    pub async fn rows(&self) -> Rows {
        match self {
            Self::Folder(_) => sqlite_rows(&self.url()).await,
            Self::Server { .. } => postgres_rows(&self.url()).await,
        }
    }

    /// A statement past the store, as someone with the file or the server's superuser would run it.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::Folder(_) => {
                let mut link = SqliteConnection::connect(&self.url()).await.unwrap();
                let sql = AssertSqlSafe(sql.to_owned());
                sqlx::raw_sql(sql).execute(&mut link).await.unwrap();
            }
            Self::Server { .. } => {
                let mut link = PgConnection::connect(&self.url()).await.unwrap();
                run(&mut link, sql.to_owned()).await;
            }
        }
    }

    /// The bytes of the database's files, journals included; none for a server's.
    pub fn files(&self) -> Vec<Vec<u8>> {
        let Self::Folder(folder) = self else {
            return Vec::new();
        };
        let files = std::fs::read_dir(folder.path()).unwrap();
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .collect()
    }

    pub async fn remove(self) {
        if let Self::Server { admin, name } = &self {
            let mut link = PgConnection::connect(admin).await.unwrap();
            run(&mut link, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// The address of the server to test on.
fn server() -> Option<String> {
    if let Ok(url) = std::env::var("PATCHBAY_TEST_POSTGRES") {
        return Some(url);
    }
    if std::env::var("PATCHBAY_TEST_SQLITE_ONLY").is_ok_and(|set| set == "1") {
        // Past the capture of test output: it must be seen.
        let _ = writeln!(
            std::io::stderr(),
            "NOT RUN on PostgreSQL: PATCHBAY_TEST_SQLITE_ONLY=1 leaves half of the server's tests out"
        );
        return None;
    }
    panic!(
        "there is no PostgreSQL to test on: run `cargo xtask test`, which starts one, or set \
         PATCHBAY_TEST_POSTGRES=postgres://USER@HOST:PORT/postgres to a server where databases may be created; \
         PATCHBAY_TEST_SQLITE_ONLY=1 leaves this half out"
    );
}

/// The server's address with another database's name.
fn with_database(admin: &str, name: &str) -> String {
    let mut url = url::Url::parse(admin).unwrap();
    url.set_path(name);
    url.into()
}

async fn run(link: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(link).await.unwrap();
}

async fn sqlite_rows(url: &str) -> Rows {
    let mut link = SqliteConnection::connect(url).await.unwrap();
    let tables: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut link)
        .await
        .unwrap();
    let mut rows = Rows::new();
    for (table,) in tables {
        let columns: Vec<(String,)> = sqlx::query_as("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut link)
            .await
            .unwrap();
        let quoted: Vec<String> = columns
            .iter()
            .map(|(name,)| format!("'{name}=' || quote(\"{name}\")"))
            .collect();
        let sql = format!("SELECT {} FROM \"{table}\"", quoted.join(" || ' ' || "));
        rows.insert(
            table,
            texts(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut link).await),
        );
    }
    link.close().await.unwrap();
    rows
}

async fn postgres_rows(url: &str) -> Rows {
    let mut link = PgConnection::connect(url).await.unwrap();
    let tables: Vec<(String,)> =
        sqlx::query_as("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            .fetch_all(&mut link)
            .await
            .unwrap();
    let mut rows = Rows::new();
    for (table,) in tables {
        let sql = format!("SELECT row_to_json(t)::text FROM \"{table}\" t");
        rows.insert(
            table,
            texts(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut link).await),
        );
    }
    link.close().await.unwrap();
    rows
}

fn texts(found: Result<Vec<(String,)>, sqlx::Error>) -> Vec<String> {
    let mut rows: Vec<String> = found.unwrap().into_iter().map(|(row,)| row).collect();
    rows.sort();
    rows
}
