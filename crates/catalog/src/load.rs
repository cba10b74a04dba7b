//! Reads the files into a [`Catalog`], all or nothing.

use std::collections::BTreeSet;
use std::fmt;

use crate::model::Integration;
use crate::validate;

/// The files of `integrations/`, by name.
pub(crate) static BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/integrations.rs"));

/// All integrations, valid ones only.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    pub(crate) integrations: Vec<Integration>,
}

/// Why a catalogue is refused: everything that is wrong with it, not only the first thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue is refused:{}", lines(problems))]
pub struct CatalogError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The field (`oauth2.token_url`), or the line where the file can't be read as one.
    pub field: String,
    /// What is wrong, in words.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}: {}", self.file, self.field, self.reason)
    }
}

impl Catalog {
    /// The integrations that come with the code.
    pub fn builtin() -> Result<Self, CatalogError> {
        Self::from_files(BUILTIN.iter().copied())
    }

    /// The text of the file that an integration came with; none: there is no such integration, or it is a deployment's
    /// own.
    pub fn builtin_file(id: &str) -> Option<&'static str> {
        BUILTIN
            .iter()
            .find(|(name, _)| name.strip_suffix(".toml") == Some(id))
            .map(|(_, text)| *text)
    }

    /// The integrations in these files, given by name (`asana.toml`, folders before it are ignored) and content.
    pub fn from_files<Name, Text>(files: impl IntoIterator<Item = (Name, Text)>) -> Result<Self, CatalogError>
    where
        Name: AsRef<str>,
        Text: AsRef<str>,
    {
        let mut integrations: Vec<Integration> = Vec::new();
        let mut ids = BTreeSet::new();
        let mut problems = Vec::new();
        for (path, text) in files {
            let file = path.as_ref().rsplit(['/', '\\']).next().unwrap_or_default();
            match toml::from_str::<Integration>(text.as_ref()) {
                Ok(integration) => {
                    problems.extend(validate::problems(file, &integration));
                    if !ids.insert(integration.id.clone()) {
                        problems.push(Problem {
                            file: file.to_owned(),
                            field: "id".to_owned(),
                            reason: format!("another file has the id {:?} already", integration.id),
                        });
                    }
                    integrations.push(integration);
                }
                Err(error) => problems.push(unreadable(file, text.as_ref(), &error)),
            }
        }
        if problems.is_empty() {
            let mut catalog = Self { integrations };
            catalog.sort();
            Ok(catalog)
        } else {
            Err(CatalogError { problems })
        }
    }

    pub(crate) fn sort(&mut self) {
        self.integrations
            .sort_by(|one, other| (one.order, &one.id).cmp(&(other.order, &other.id)));
    }

    /// Those that the plan counts, in the order they are listed.
    pub fn planned(&self) -> impl Iterator<Item = &Integration> {
        self.iter().filter(|integration| integration.is_planned())
    }

    /// The integration with this id.
    pub fn get(&self, id: &str) -> Option<&Integration> {
        self.integrations.iter().find(|integration| integration.id == id)
    }

    /// All of them, in the order they are listed.
    pub fn iter(&self) -> std::slice::Iter<'_, Integration> {
        self.integrations.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.integrations.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.integrations.is_empty()
    }
}

impl<'catalog> IntoIterator for &'catalog Catalog {
    type Item = &'catalog Integration;
    type IntoIter = std::slice::Iter<'catalog, Integration>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |text, problem| {
        text + "\n  " + &problem.to_string()
    })
}

pub(crate) fn unreadable(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map_or(1, |before| before.matches('\n').count() + 1);
    Problem {
        file: file.to_owned(),
        field: format!("line {line}"),
        reason: error.message().trim().replace('\n', " "),
    }
}
