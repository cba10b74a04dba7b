//! What can go wrong in the store.

use crate::VaultError;

/// What went wrong in the store. The words are for logs and the command line: pages show their own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database refused or was not reachable.
    #[error("the database could not do it: {0}")]
    Database(#[source] sqlx::Error),

    /// A row of that kind is there already; names the constraint.
    #[error("a row with the same identity is there already ({0})")]
    Conflict(String),

    /// A stored value is not one that this program writes.
    #[error("the column {column} holds something this program can't read: {reason}")]
    Corrupt {
        /// Where.
        column: String,
        /// Why it can't be read.
        reason: String,
    },

    /// The call touches what the transaction's scope does not cover.
    #[error("this call is outside the scope of its transaction")]
    WrongScope,

    /// Something was to be written in a transaction that only reads.
    #[error("this transaction only reads")]
    ReadOnly,

    /// The row that the call is about is not there, or not in scope.
    #[error("no such {0}")]
    Missing(&'static str),

    /// The database was migrated by a newer program.
    #[error(
        "this database was last used by a newer version of Patchbay (its schema has step {found}, this program knows \
         up to {known}): start that version or a later one, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The newest step that the database has.
        found: i64,
        /// The newest step that this program has.
        known: i64,
    },

    /// The database could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),

    /// The data belongs to the other mode.
    #[error(
        "this data belongs to {stored} mode and was started in {asked} mode: start it in {stored} mode, or give \
         another data folder (PATCHBAY_DATA_DIR) or database (PATCHBAY_DATABASE_URL)"
    )]
    Mode {
        /// The mode that the data was made in.
        stored: String,
        /// The mode that was asked for.
        asked: String,
    },

    /// Live evidence was to be written where no real provider is reached.
    #[error("only a live deployment's data holds live evidence")]
    NotLive,

    /// A mode that does not exist.
    #[error("“{0}” is not a mode: it is demo or live")]
    UnknownMode(String),

    /// The database address can't be read. The address is not repeated: it may hold a password.
    #[error(
        "the database address is not one this program knows: give sqlite://PATH or postgres://USER@HOST/DATABASE"
    )]
    Address,

    /// A file or folder of the database could not be made.
    #[error("the database file could not be made: {0}")]
    File(#[source] std::io::Error),

    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, source } => Self::Corrupt {
                column: index,
                reason: source.to_string(),
            },
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => {
                // PostgreSQL names the constraint, SQLite the columns in its message.
                Self::Conflict(
                    refusal
                        .constraint()
                        .map_or_else(|| refusal.message().to_owned(), str::to_owned),
                )
            }
            other => Self::Database(other),
        }
    }
}
