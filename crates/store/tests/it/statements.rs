//! S68: every statement on a tenant table carries the scope. `SQLite` has no row-level security: there, the
//! condition is the only fence, so this test reads the crate's source and finds the statement that lacks it.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

/// The tables that hold tenants' rows: those with a `tenant_id`, and `tenants` itself, over all migration steps.
pub fn tenant_tables() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
    let schema: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|step| std::fs::read_to_string(step.unwrap().path()).unwrap())
        .collect();
    let made = Regex::new(r"(?s)CREATE TABLE (\w+) \((.*?)\n\);").unwrap();
    let widened = Regex::new(r"ALTER TABLE (\w+) ADD COLUMN tenant_id\b").unwrap();
    let mut tables: BTreeSet<String> = made
        .captures_iter(&schema)
        .filter(|found| found[2].contains("\n    tenant_id "))
        .chain(widened.captures_iter(&schema))
        .map(|found| found[1].to_owned())
        .collect();
    tables.insert("tenants".to_owned());
    tables
}

/// The statements of a source file that touch a tenant table without the scope.
fn offences(source: &str) -> Vec<String> {
    let tables = tenant_tables().into_iter().collect::<Vec<_>>().join("|");
    let text = Regex::new(r#"(?s)"((?:[^"\\]|\\.)*)""#).unwrap();
    let touched = Regex::new(&format!(r"\b(FROM|JOIN|UPDATE|INTO)\s+({tables})\b")).unwrap();
    let condition = Regex::new(r"\(\$1 = '\*' OR (\w+\.)?(tenant_id|id) = \$1\)").unwrap();
    let call =
        Regex::new(r"\b(scoped_\w+|company_\w+|insert|insert_one|query\w*|raw_sql)(!|::<[^>]*>)?\(").unwrap();
    let source = without_comments(source);

    let mut found = Vec::new();
    for statement in text.captures_iter(&source) {
        let (all, sql) = (statement.get(0).unwrap(), &statement[1]);
        let (inserts, others): (Vec<_>, Vec<_>) = touched
            .captures_iter(sql)
            .map(|hit| hit[1].to_owned())
            .partition(|verb| verb == "INTO");
        let caller = call
            .captures_iter(&source[..all.start()])
            .last()
            .map(|hit| hit[1].to_owned());
        let caller = caller.as_deref().unwrap_or("nothing");
        let insert_is_checked = inserts.is_empty() || matches!(caller, "insert" | "insert_one");
        let is_bound = others.is_empty() || caller.starts_with("scoped_");
        let is_fenced = condition.find_iter(sql).count() >= others.len();
        if !(insert_is_checked && is_bound && is_fenced) {
            found.push(format!("{caller}: {sql}"));
        }
    }
    found
}

/// Comment lines may quote SQL.
fn without_comments(source: &str) -> String {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            into.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

#[test]
fn s68_every_statement_on_a_tenant_table_carries_the_scope() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 20, "the source is where it is looked for");
    let offences: Vec<String> = files
        .iter()
        .flat_map(|(name, source)| {
            offences(source)
                .into_iter()
                .map(move |found| format!("{name}: {found}"))
        })
        .collect();
    assert!(offences.is_empty(), "{}", offences.join("\n\n"));
}

#[test]
fn s68_the_tenant_tables_are_found() {
    let tables = tenant_tables();
    for table in [
        "tenants",
        "memberships",
        "flows",
        "connections",
        "grants",
        "revocations",
        "records",
        "audit",
    ] {
        assert!(tables.contains(table), "{table}");
    }
    assert!(!tables.contains("people"));
}

#[test]
fn s68_a_planted_statement_is_caught() {
    for planted in [
        r#"scoped_all!(tx, Row, "SELECT * FROM connections WHERE id = $2", id)"#,
        r#"scoped_all!(tx, Row, "SELECT * FROM people p JOIN grants g ON g.id = p.id", id)"#,
        r#"scoped_run!(tx, "UPDATE flows SET used_at = $2 WHERE tenant_id = $3", now, tenant)"#,
        r#"scoped_run!(tx, "DELETE FROM records WHERE connection_id = $2", id)"#,
        // The condition stands once, the table twice.
        r#"scoped_all!(tx, Row, "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1)
               AND connection_id IN (SELECT id FROM connections)")"#,
        // The condition stands there, but nothing binds the scope.
        r#"company_all!(tx, Row, "SELECT * FROM grants WHERE ($1 = '*' OR tenant_id = $1)", "*")"#,
        r#"sqlx::query("INSERT INTO flows (id, tenant_id) VALUES ($1, $2)")"#,
        r#"company_run!(tx, "INSERT INTO audit (at) VALUES ($1)", now)"#,
    ] {
        assert_eq!(offences(planted).len(), 1, "{planted}");
    }
}

#[test]
fn s68_what_is_right_is_left_alone() {
    for right in [
        r#"scoped_one!(tx, Row, "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) AND id = $2", id)"#,
        r#"insert!(tx, Some(&tenant), "INSERT INTO flows (tenant_id, id) VALUES ($1, $2)", id)"#,
        r#"company_all!(tx, Row, "SELECT * FROM people")"#,
        "// \"SELECT * FROM connections\" stands in a comment",
    ] {
        assert!(offences(right).is_empty(), "{right}");
    }
}
