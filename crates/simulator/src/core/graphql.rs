//! As much of GraphQL as asking whose account it is needs: one query, fields within fields. No arguments, aliases,
//! fragments or variables.

use serde_json::{Map, Value};

use super::call::Call;

/// Under which name an object says of what type it is; it can be asked for like any other field.
pub const TYPE: &str = "__typename";

/// What is wrong with a query.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// It does not parse, or is more than is played here.
    Syntax,
    /// A type has no such field, or the field wants other fields within it, or has none.
    Field {
        /// The field.
        name: String,
        /// The type.
        of: String,
    },
}

/// The query of a call: the field `query` of a JSON body.
pub fn query(call: &Call) -> Option<String> {
    call.json()?.get("query")?.as_str().map(str::to_owned)
}

/// What of `root` a query asks for. Every object in it says of what type it is ([`TYPE`]).
///
/// # Errors
/// See [`Problem`].
pub fn select(query: &str, root: &Value) -> Result<Value, Problem> {
    let words = words(query)?;
    let mut rest = words.as_slice();
    if let ["query", named @ ..] = rest {
        rest = match named {
            [name, "{", ..] if *name != "{" => &named[1..],
            _ => named,
        };
    }
    let (answer, rest) = object(rest, root)?;
    if rest.is_empty() {
        Ok(answer)
    } else {
        Err(Problem::Syntax)
    }
}

/// Names and braces.
fn words(query: &str) -> Result<Vec<&str>, Problem> {
    let mut words = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '{' | '}' => 1,
            ',' => {
                rest = &rest[1..];
                continue;
            }
            space if space.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            _ => rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len()),
        };
        if length == 0 {
            return Err(Problem::Syntax);
        }
        words.push(&rest[..length]);
        rest = &rest[length..];
    }
    Ok(words)
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Reads `{ fields }` and picks them; what stands behind it comes back too.
fn object<'w, 'q>(words: &'w [&'q str], value: &Value) -> Result<(Value, &'w [&'q str]), Problem> {
    let ["{", rest @ ..] = words else {
        return Err(Problem::Syntax);
    };
    let mut rest = rest;
    let mut picked = Map::new();
    loop {
        match rest {
            ["}", after @ ..] if !picked.is_empty() => return Ok((Value::Object(picked), after)),
            [] | ["{" | "}", ..] => return Err(Problem::Syntax),
            [name, after @ ..] => {
                let wrong = || Problem::Field {
                    name: (*name).to_owned(),
                    of: value[TYPE].as_str().unwrap_or_default().to_owned(),
                };
                let found = value.get(*name).ok_or_else(wrong)?;
                let within = after.first() == Some(&"{");
                if within != found.is_object() {
                    return Err(wrong());
                }
                let (found, after) = if within {
                    object(after, found)?
                } else {
                    (found.clone(), after)
                };
                picked.insert((*name).to_owned(), found);
                rest = after;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root() -> Value {
        json!({TYPE: "Query", "me": {
            TYPE: "User", "id": "1", "name": null,
            "account": {TYPE: "Account", "id": "7", "slug": "acme"},
        }})
    }

    #[test]
    fn what_is_asked_for_comes_and_nothing_else() {
        let wanted = json!({"me": {"id": "1", "name": null, "account": {"slug": "acme"}}});
        for query in [
            "{ me { id name account { slug } } }",
            "{me{id,name,account{slug}}}",
            "query { me { id name account { slug } } }",
            "query Me {\n  me {\n id name account { slug } } }",
        ] {
            assert_eq!(select(query, &root()), Ok(wanted.clone()), "{query}");
        }
        assert_eq!(
            select("{ me { __typename } }", &root()),
            Ok(json!({"me": {"__typename": "User"}}))
        );
    }

    #[test]
    fn what_is_not_there_is_named() {
        let field = |name: &str, of: &str| {
            Err(Problem::Field {
                name: name.to_owned(),
                of: of.to_owned(),
            })
        };
        for (query, refusal) in [
            ("{ viewer { id } }", field("viewer", "Query")),
            ("{ me { email } }", field("email", "User")),
            ("{ me { id account } }", field("account", "User")),
            ("{ me { id { x } } }", field("id", "User")),
            ("{ me }", field("me", "Query")),
        ] {
            assert_eq!(select(query, &root()), refusal, "{query}");
        }
    }

    #[test]
    fn what_does_not_parse_is_refused() {
        for query in [
            "",
            "{}",
            "{ me { } }",
            "{ me { id }",
            "{ me { id } } }",
            "me { id }",
            "mutation { me { id } }",
            "{ me(limit: 1) { id } }",
            "{ a: me { id } }",
            "{ me { ...user } }",
        ] {
            assert_eq!(select(query, &root()), Err(Problem::Syntax), "{query}");
        }
    }
}
