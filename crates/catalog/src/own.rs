//! Files of a deployment's own: one with a new id adds an integration outside the plan, one with the id of a built-in
//! integration says other things about some of its fields.
//!
//! A file that is not right is left out and named; the rest stands. (The built-in files are all or nothing: they come
//! with the code, so a mistake there is ours.)

use toml::{Table, Value};

use crate::load::{Catalog, CatalogError, Problem, unreadable};
use crate::model::{Integration, Origin, Stage};
use crate::validate;

/// A commented file to begin an integration with; `ID` and `Name` stand for what `patchbay catalog new` fills in.
pub const TEMPLATE: &str = include_str!("own/template.toml");

/// What says what an integration is in the plan: not a deployment's to change.
const PLAN: [&str; 5] = ["id", "order", "named_in_plan", "stage", "estimate_minutes"];

impl Catalog {
    /// The built-in integrations with what these files add or change, and what was left out because it is not right.
    /// Files are given by name (`acme-crm.toml`) and content.
    ///
    /// # Errors
    /// [`CatalogError`] only where a built-in file is not right.
    pub fn with_own<Name, Text>(
        files: impl IntoIterator<Item = (Name, Text)>,
    ) -> Result<(Self, Vec<Problem>), CatalogError>
    where
        Name: AsRef<str>,
        Text: AsRef<str>,
    {
        let mut catalog = Self::builtin()?;
        let mut problems = Vec::new();
        for (name, text) in files {
            let (file, text) = (name.as_ref(), text.as_ref());
            let id = file.strip_suffix(".toml").unwrap_or(file);
            let read = match Self::builtin_file(id) {
                Some(built_in) => overridden(file, built_in, text),
                None => own(file, text),
            };
            match read {
                Ok(integration) => catalog.put(integration),
                Err(found) => problems.extend(found),
            }
        }
        catalog.sort();
        Ok((catalog, problems))
    }

    fn put(&mut self, integration: Integration) {
        self.integrations.retain(|there| there.id != integration.id);
        self.integrations.push(integration);
    }
}

/// An integration outside the plan.
fn own(file: &str, text: &str) -> Result<Integration, Vec<Problem>> {
    let mut integration: Integration =
        toml::from_str(text).map_err(|error| vec![unreadable(file, text, &error)])?;
    let mut problems = validate::problems(file, &integration);
    if integration.stage != Stage::Own || integration.named_in_plan {
        problems.push(Problem {
            file: file.to_owned(),
            field: "stage".to_owned(),
            reason: "an integration of your own is outside the plan: leave stage and named_in_plan out"
                .to_owned(),
        });
    }
    if problems.is_empty() {
        integration.origin = Origin::Own;
        Ok(integration)
    } else {
        Err(problems)
    }
}

/// A built-in integration with some fields said anew.
fn overridden(file: &str, built_in: &str, text: &str) -> Result<Integration, Vec<Problem>> {
    let changes: Table = toml::from_str(text).map_err(|error| vec![unreadable(file, text, &error)])?;
    if let Some(field) = PLAN.iter().find(|field| changes.contains_key(**field)) {
        return Err(vec![Problem {
            file: file.to_owned(),
            field: format!("line {}", line_of(text, field)),
            reason: format!("{field} belongs to the plan and can't be changed here: leave it out"),
        }]);
    }
    let mut fields = Vec::new();
    leaves("", &changes, &mut fields);
    let mut merged: Table = toml::from_str(built_in).map_err(|error| vec![unreadable(file, text, &error)])?;
    merge(&mut merged, changes);
    let mut integration: Integration = merged.try_into().map_err(|error: toml::de::Error| {
        let reason = error.message().trim().replace('\n', " ");
        let named = reason.split('`').nth(1).unwrap_or_default();
        vec![Problem {
            file: file.to_owned(),
            field: format!("line {}", line_of(text, named)),
            reason,
        }]
    })?;
    let problems = validate::problems(file, &integration);
    if !problems.is_empty() {
        return Err(problems);
    }
    integration.origin = Origin::Overridden { fields };
    Ok(integration)
}

/// Tables are merged; everything else is replaced.
fn merge(into: &mut Table, changes: Table) {
    for (name, change) in changes {
        match (into.get_mut(&name), change) {
            (Some(Value::Table(there)), Value::Table(changes)) => merge(there, changes),
            (_, change) => {
                into.insert(name, change);
            }
        }
    }
}

/// The names of what a table says, such as `oauth2.token_url`.
fn leaves(before: &str, table: &Table, found: &mut Vec<String>) {
    for (name, value) in table {
        let path = if before.is_empty() {
            name.clone()
        } else {
            format!("{before}.{name}")
        };
        match value {
            Value::Table(inner) => leaves(&path, inner, found),
            _ => found.push(path),
        }
    }
}

/// The first line that begins with a name; 1 where none does.
fn line_of(text: &str, name: &str) -> usize {
    let begins = |line: &str| {
        let line = line.trim_start_matches(['[', ' ']);
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '=', ']', '.']))
    };
    text.lines().position(begins).map_or(1, |line| line + 1)
}
