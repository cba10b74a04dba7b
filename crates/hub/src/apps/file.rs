//! Reads a file of provider apps, TOML or JSON. What can't be used is named by its line and a reason of our own: the
//! parsers' own messages quote the file, and the file holds secrets.

use std::{collections::BTreeMap, fmt, ops::Range};

use secrecy::SecretString;
use serde::{
    Deserializer as _,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The fields of an app. All are texts; days may be dates of TOML.
pub(super) const FIELDS: [&str; 8] = [
    "client_id",
    "client_secret",
    "secret_ends",
    "stage",
    "owner",
    "review_since",
    "review_expected",
    "notes",
];

/// The one field that is yes or no.
pub(super) const URIS: &str = "redirect_uris_registered";

/// Longest id that is repeated in a message: what is longer is no id but something pasted in the wrong place.
const LONGEST_ID: usize = 40;

/// One app of the file.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it begins.
    pub(super) line: u32,
    /// Its id, as it is written there.
    pub(super) id: String,
    /// What is said about it. An empty text is as good as none.
    pub(super) fields: BTreeMap<&'static str, String>,
    /// The client secret.
    pub(super) secret: Option<SecretString>,
    /// Whether the redirect URIs stand at the provider.
    pub(super) uris_registered: Option<bool>,
}

/// A row, or the file, that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// In which line.
    pub line: u32,
    /// The app; none: the file as a whole, or a row whose name is none.
    pub app: Option<String>,
    /// Why, in words that repeat nothing of the file.
    pub reason: String,
}

/// A row's name, as far as it may be repeated.
pub(super) fn shown_id(id: &str) -> Option<String> {
    let plain = id.len() <= LONGEST_ID
        && !id.is_empty()
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain.then(|| id.to_owned())
}

/// Reads the apps of a file, and what can't be read.
pub(super) fn read(text: &str) -> (Vec<Row>, Vec<RefusedRow>) {
    if text.trim_start().starts_with('{') {
        read_json(text)
    } else {
        read_toml(text)
    }
}

/// What is collected while a file is read.
#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    refused: Vec<RefusedRow>,
}

impl Found {
    fn refuse(&mut self, line: u32, id: Option<&str>, reason: impl Into<String>) {
        self.refused.push(RefusedRow {
            line,
            app: id.and_then(shown_id),
            reason: reason.into(),
        });
    }
}

/// A value, whichever format it is in.
enum Value<'a> {
    Text(&'a str),
    Flag(bool),
    Other,
}

/// Takes one field into a row; what is wrong with it otherwise.
fn take(row: &mut Row, name: &str, value: &Value<'_>) -> Result<(), String> {
    if name == URIS {
        let Value::Flag(flag) = value else {
            return Err(format!("{URIS} must be true or false"));
        };
        row.uris_registered = Some(*flag);
        return Ok(());
    }
    let Some(known) = FIELDS.into_iter().find(|field| *field == name) else {
        return Err(format!(
            "it has a field that is not known; known are {}, {URIS}",
            FIELDS.join(", ")
        ));
    };
    let Value::Text(text) = value else {
        return Err(format!("{known} must be a text in quotes"));
    };
    if text.trim().is_empty() {
        return Ok(());
    }
    if known == "client_secret" {
        row.secret = Some(SecretString::from(*text));
    } else {
        row.fields.insert(known, (*text).to_owned());
    }
    Ok(())
}

fn empty_row(line: u32, id: &str) -> Row {
    Row {
        line,
        id: id.to_owned(),
        fields: BTreeMap::new(),
        secret: None,
        uris_registered: None,
    }
}

/// The line that a place of the text is in, from 1.
fn line_of(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    // The last piece is the line itself, of which no more than its beginning may be there.
    u32::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// Says what holds for a file without a table of apps.
const NO_APPS: &str = "there are no apps in it: each needs a table such as [apps.asana]";

fn read_toml(text: &str) -> (Vec<Row>, Vec<RefusedRow>) {
    let mut found = Found::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    let document = document.into_inner();
    let apps = document.iter().find(|(name, _)| name.get_ref() == "apps");
    let apps: Vec<(&Spanned<_>, &Spanned<DeValue<'_>>)> = match apps.map(|(_, value)| value.get_ref()) {
        Some(DeValue::Table(apps)) => apps.iter().collect(),
        _ => Vec::new(),
    };
    let mut starts: Vec<(usize, &str)> = apps
        .iter()
        .map(|(name, _)| (name.span().start, name.get_ref().as_ref()))
        .collect();
    starts.sort_unstable();
    // A mistake belongs to the row that began last before it.
    let mut broken: Vec<&str> = Vec::new();
    for error in &errors {
        let at = error.span().unwrap_or(Range { start: 0, end: 0 }).start;
        let row = starts
            .iter()
            .rev()
            .find(|(start, _)| *start <= at)
            .map(|(_, name)| *name);
        broken.extend(row);
        found.refuse(line_of(text, at), row, "this line can’t be read as TOML");
    }
    if apps.is_empty() && errors.is_empty() {
        found.refuse(1, None, NO_APPS);
    }
    for (name, value) in apps {
        let id: &str = name.get_ref().as_ref();
        if !broken.contains(&id) {
            toml_row(&mut found, text, (id, name.span().start), value);
        }
    }
    in_order(found)
}

fn toml_row(found: &mut Found, text: &str, (id, start): (&str, usize), value: &Spanned<DeValue<'_>>) {
    let line = line_of(text, start);
    let DeValue::Table(fields) = value.get_ref() else {
        return found.refuse(line, Some(id), "it must be a table of fields");
    };
    let mut row = empty_row(line, id);
    for (name, value) in fields {
        let date = match value.get_ref() {
            DeValue::Datetime(date) if date.time.is_none() => date.date.map(|date| date.to_string()),
            _ => None,
        };
        let read = match value.get_ref() {
            DeValue::String(text) => Value::Text(text),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(_) => date.as_deref().map_or(Value::Other, Value::Text),
            _ => Value::Other,
        };
        if let Err(reason) = take(&mut row, name.get_ref(), &read) {
            return found.refuse(line_of(text, name.span().start), Some(id), reason);
        }
    }
    found.rows.push(row);
}

/// Reads a JSON object's members in their order, each value still as it is written: where it lies in the text tells its
/// line.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// The members of a piece of JSON, where it is an object.
fn members(json: &str) -> Option<Vec<(String, &RawValue)>> {
    serde_json::Deserializer::from_str(json)
        .deserialize_map(Members)
        .ok()
}

fn read_json(text: &str) -> (Vec<Row>, Vec<RefusedRow>) {
    let mut found = Found::default();
    if let Err(error) = serde_json::from_str::<&RawValue>(text) {
        let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
        found.refuse(
            line,
            None,
            "this can’t be read as JSON, so nothing of the file was taken",
        );
        return in_order(found);
    }
    let line = |value: &RawValue| {
        let at = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        line_of(text, at)
    };
    let document = members(text).unwrap_or_default();
    let apps = document.iter().find(|(name, _)| name == "apps");
    let apps = apps.and_then(|(_, apps)| members(apps.get())).unwrap_or_default();
    if apps.is_empty() {
        found.refuse(
            1,
            None,
            "there are no apps in it: they belong into an object called “apps”",
        );
    }
    let mut seen: Vec<&str> = Vec::new();
    for (id, value) in &apps {
        let Some(fields) = members(value.get()) else {
            found.refuse(line(value), Some(id), "it must be an object of fields");
            continue;
        };
        if seen.contains(&id.as_str()) {
            found.refuse(
                line(value),
                Some(id),
                "it is in the file twice; the first one was taken",
            );
            continue;
        }
        seen.push(id);
        let mut row = empty_row(line(value), id);
        let wrong = fields.iter().find_map(|(name, value)| {
            let text: Option<String> = serde_json::from_str(value.get()).ok();
            let read = match (&text, value.get()) {
                (Some(text), _) => Value::Text(text),
                (None, "true") => Value::Flag(true),
                (None, "false") => Value::Flag(false),
                // The same as leaving it out.
                (None, "null") => return None,
                _ => Value::Other,
            };
            take(&mut row, name, &read).err().map(|why| (line(value), why))
        });
        match wrong {
            Some((line, why)) => found.refuse(line, Some(id), why),
            None => found.rows.push(row),
        }
    }
    in_order(found)
}

/// In the order of the file.
fn in_order(mut found: Found) -> (Vec<Row>, Vec<RefusedRow>) {
    found.rows.sort_by_key(|row| row.line);
    found.refused.sort_by_key(|refused| refused.line);
    (found.rows, found.refused)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const TOML: &str = r#"
[apps.asana]
client_id = "1200"
client_secret = "CANARY-asana"
secret_ends = 2027-01-31

[apps.figma]
client_id = 7

[apps.github]
client_id = "gh"
client_secret = "CANARY-broken

[apps.notion]
owner = "Ben Cole"
redirect_uris_registered = true
client_id = ""
"#;

    const JSON: &str = r#"{
  "apps": {
    "asana": { "client_id": "1200", "client_secret": "CANARY" },
    "figma": { "client_id": 7 },
    "github": "CANARY",
    "notion": { "owner": "Ben", "notes": null,
      "colour": "CANARY" },
    "asana": { "client_id": "again" }
  }
}"#;

    fn named(refused: &[RefusedRow]) -> Vec<(u32, Option<&str>)> {
        refused.iter().map(|row| (row.line, row.app.as_deref())).collect()
    }

    #[test]
    fn a_broken_row_of_toml_is_named_and_the_others_are_read() {
        let (rows, refused) = read(TOML);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["asana", "notion"]);
        assert_eq!(rows[0].fields["secret_ends"], "2027-01-31");
        assert_eq!(rows[0].secret.as_ref().unwrap().expose_secret(), "CANARY-asana");
        assert_eq!((rows[0].line, rows[1].line), (2, 14));
        assert!(
            !rows[1].fields.contains_key("client_id"),
            "empty is as good as none"
        );
        assert_eq!(rows[1].uris_registered, Some(true));
        assert_eq!(named(&refused), [(8, Some("figma")), (12, Some("github"))]);
        assert_eq!(refused[0].reason, "client_id must be a text in quotes");
        assert!(!format!("{rows:?} {refused:?}").contains("CANARY"));
    }

    #[test]
    fn a_broken_row_of_json_is_named_and_the_others_are_read() {
        let (rows, refused) = read(JSON);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].fields["client_id"], "1200");
        assert_eq!(
            named(&refused),
            [
                (4, Some("figma")),
                (5, Some("github")),
                (7, Some("notion")),
                (8, Some("asana"))
            ]
        );
        assert!(!format!("{rows:?} {refused:?}").contains("CANARY"));
    }

    #[test]
    fn a_file_that_is_none_says_where_and_quotes_nothing() {
        for (text, line) in [
            ("{\n \"apps\": {\n \"asana\": CANARY\n}}", 3),
            ("{\"CANARY\": 1}", 1),
            ("CANARY-secret", 1),
            ("", 1),
            ("[apps]\n", 1),
            ("apps = \"CANARY\"", 1),
        ] {
            let (rows, refused) = read(text);
            assert!(rows.is_empty(), "{text}");
            assert_eq!(
                refused.first().map(|row| row.line),
                Some(line),
                "{text}: {refused:?}"
            );
            assert!(!format!("{refused:?}").contains("CANARY"), "{refused:?}");
        }
    }

    #[test]
    fn what_stands_where_an_id_should_is_not_repeated() {
        let (_, refused) = read("[apps.\"CANARY secret\"]\nclient_id = 1\n");
        assert_eq!(refused[0].app, None);
        assert!(!format!("{refused:?}").contains("CANARY"));
    }
}
