//! Paths into JSON answers: `data.gid`, `organizations.0.name`. A number is an array's index; the empty path is the
//! answer itself. What is left of a path is tried as one name first, so a name can hold dots: `@odata.nextLink`.

use serde_json::Value;

/// The value at `path`, if it is there and not null.
pub fn at<'json>(answer: &'json Value, path: &str) -> Option<&'json Value> {
    let mut value = answer;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(found) = value.as_object().and_then(|fields| fields.get(rest)) {
            value = found;
            break;
        }
        let (step, after) = rest.split_once('.').unwrap_or((rest, ""));
        value = match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
        rest = after;
    }
    (!value.is_null()).then_some(value)
}

/// The elements of the array at `path`; `edges[].node` gives a part of each. None where there is no array.
pub fn elements<'json>(answer: &'json Value, path: &str) -> Option<Vec<&'json Value>> {
    let (array, part) = path.split_once("[]").unwrap_or((path, ""));
    let items = at(answer, array)?.as_array()?;
    Some(
        items
            .iter()
            .filter_map(|item| at(item, part.trim_start_matches('.')))
            .collect(),
    )
}

/// Whether there is more, by what an answer says at `path`: true, or with `!` before the path, anything but true.
pub fn says(answer: &Value, path: &str) -> bool {
    let is_true = |path: &str| at(answer, path) == Some(&Value::Bool(true));
    match path.strip_prefix('!') {
        Some(path) => !is_true(path),
        None => is_true(path),
    }
}

/// The value at `path` as text, if it is a non-empty string or a number: ids are either, by provider.
pub fn text(answer: &Value, path: &str) -> Option<String> {
    match at(answer, path)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text at the first of `paths` that has one.
pub fn first_text(answer: &Value, paths: &[String]) -> Option<String> {
    paths.iter().find_map(|path| text(answer, path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{at, elements, first_text, says, text};

    #[test]
    fn elements_are_whole_or_a_part_of_each() {
        let answer = json!({"edges": [{"node": {"id": 1}}, {"node": null}, {"node": {"id": 2}}], "plain": [1, 2], "none": {}});

        let nodes = elements(&answer, "edges[].node").unwrap();
        assert_eq!(nodes, [&json!({"id": 1}), &json!({"id": 2})]);
        assert_eq!(elements(&answer, "plain").unwrap().len(), 2);
        assert_eq!(elements(&json!([7]), "").unwrap(), [&json!(7)]);
        assert_eq!(elements(&answer, "none"), None);
        assert_eq!(elements(&answer, "absent"), None);
    }

    #[test]
    fn more_is_said_or_denied() {
        let answer = json!({"has_more": true, "done": true, "last": false});

        assert!(says(&answer, "has_more") && says(&answer, "!last") && says(&answer, "!absent"));
        assert!(!says(&answer, "!done") && !says(&answer, "last") && !says(&answer, "absent"));
    }

    #[test]
    fn a_name_can_hold_dots() {
        let answer =
            json!({"@odata.nextLink": "there", "entries": [{".tag": "file"}], "a": {"b": 1}, "a.b": 2});

        assert_eq!(text(&answer, "@odata.nextLink").as_deref(), Some("there"));
        assert_eq!(text(&answer, "entries.0..tag").as_deref(), Some("file"));
        assert_eq!(text(&answer["entries"][0], ".tag").as_deref(), Some("file"));
        assert_eq!(text(&answer, "a.b").as_deref(), Some("2"));
        assert_eq!(text(&answer, "@odata.count"), None);
    }

    #[test]
    fn names_and_indexes_lead_to_values() {
        let answer = json!({ "data": { "gid": "12" }, "list": [{ "id": 7 }], "gone": null, "empty": "" });

        assert_eq!(text(&answer, "data.gid").as_deref(), Some("12"));
        assert_eq!(text(&answer, "list.0.id").as_deref(), Some("7"));
        assert_eq!(text(&answer, "list.1.id"), None);
        assert_eq!(text(&answer, "list.id"), None);
        assert_eq!(text(&answer, "empty"), None);
        assert_eq!(at(&answer, "gone"), None);
        assert_eq!(at(&answer, ""), Some(&answer));
        assert_eq!(
            first_text(&answer, &["gone".into(), "data.gid".into()]).as_deref(),
            Some("12")
        );
    }
}
