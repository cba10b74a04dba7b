//! The macros that run one statement on either database.
//!
//! Every macro takes the transaction first. Three families, by what the statement may touch:
//!
//! * `scoped_…!` for tenant tables. The scope is bound as `$1` and the statement must use it:
//!   `… WHERE ($1 = '*' OR tenant_id = $1) AND id = $2`. The caller's values start at `$2`.
//! * `insert!`, `insert_one!` for new rows of tenant tables. The tenant that the row is for is checked against the
//!   scope and bound as `$1`; the caller's values start at `$2`.
//! * `company_…!` for tables that belong to the company. They refuse any scope but the system's and bind nothing
//!   themselves: the caller's values start at `$1`.
//!
//! `…_one!` gives an `Option` of a row, `…_all!` a `Vec`, `…_run!` and `insert!` the number of rows affected.

/// Runs the same expression on whichever database the transaction belongs to.
macro_rules! on_both {
    ($tx:expr, $query:expr, $fetch:ident) => {
        match $tx.link() {
            $crate::tx::Link::Sqlite(link) => {
                $query.$fetch(&mut **link).await.map_err($crate::StoreError::from)
            }
            $crate::tx::Link::Postgres(link) => {
                $query.$fetch(&mut **link).await.map_err($crate::StoreError::from)
            }
        }
    };
}

/// Runs a statement and gives the number of rows affected.
macro_rules! affected {
    ($tx:expr, $query:expr) => {
        match $tx.link() {
            $crate::tx::Link::Sqlite(link) => $query
                .execute(&mut **link)
                .await
                .map(|done| done.rows_affected())
                .map_err($crate::StoreError::from),
            $crate::tx::Link::Postgres(link) => $query
                .execute(&mut **link)
                .await
                .map(|done| done.rows_affected())
                .map_err($crate::StoreError::from),
        }
    };
}

/// At most one row of a tenant table.
macro_rules! scoped_one {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        let scope = $tx.scope_key();
        on_both!($tx, sqlx::query_as::<_, $row>($sql).bind(scope)$(.bind($value))*, fetch_optional)
    }};
}

/// All rows of a tenant table that match.
macro_rules! scoped_all {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        let scope = $tx.scope_key();
        on_both!($tx, sqlx::query_as::<_, $row>($sql).bind(scope)$(.bind($value))*, fetch_all)
    }};
}

/// A change to rows of a tenant table.
macro_rules! scoped_run {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let scope = $tx.scope_key();
        affected!($tx, sqlx::query($sql).bind(scope)$(.bind($value))*)
    }};
}

/// Claims one row that others may be claiming at this moment: the statement comes in two halves, and `PostgreSQL`
/// gets its `FOR UPDATE … SKIP LOCKED` in between. `SQLite` has one writer and needs none.
macro_rules! scoped_claim {
    ($tx:expr, $row:ty, $head:literal, $lock:literal, $tail:literal $(, $value:expr)* $(,)?) => {{
        let scope = $tx.scope_key();
        match $tx.link() {
            $crate::tx::Link::Sqlite(link) => {
                sqlx::query_as::<_, $row>(concat!($head, $tail)).bind(scope)$(.bind($value))*
                    .fetch_optional(&mut **link).await.map_err($crate::StoreError::from)
            }
            $crate::tx::Link::Postgres(link) => {
                sqlx::query_as::<_, $row>(concat!($head, $lock, $tail)).bind(scope)$(.bind($value))*
                    .fetch_optional(&mut **link).await.map_err($crate::StoreError::from)
            }
        }
    }};
}

/// A new row of a tenant table.
macro_rules! insert {
    ($tx:expr, $tenant:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let tenant: Option<&$crate::TenantId> = $tenant;
        $tx.require(tenant)?;
        affected!($tx, sqlx::query($sql).bind(tenant)$(.bind($value))*)
    }};
}

/// A new row of a tenant table, with what the database made of it.
macro_rules! insert_one {
    ($tx:expr, $tenant:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        let tenant: Option<&$crate::TenantId> = $tenant;
        $tx.require(tenant)?;
        on_both!($tx, sqlx::query_as::<_, $row>($sql).bind(tenant)$(.bind($value))*, fetch_one)
    }};
}

/// At most one row of a company table.
macro_rules! company_one {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        $tx.require_system()?;
        on_both!($tx, sqlx::query_as::<_, $row>($sql)$(.bind($value))*, fetch_optional)
    }};
}

/// All rows of a company table that match.
macro_rules! company_all {
    ($tx:expr, $row:ty, $sql:expr $(, $value:expr)* $(,)?) => {{
        $tx.require_system()?;
        on_both!($tx, sqlx::query_as::<_, $row>($sql)$(.bind($value))*, fetch_all)
    }};
}

/// A change to a company table.
macro_rules! company_run {
    ($tx:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        $tx.require_system()?;
        affected!($tx, sqlx::query($sql)$(.bind($value))*)
    }};
}
