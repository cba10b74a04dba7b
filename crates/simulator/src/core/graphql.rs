//! As much of GraphQL as reading lists needs: one query with fields within fields, arguments and variables. No aliases,
//! fragments or directives.
//!
//! [`read`] takes a call apart, [`Field::arguments`] holds the arguments of a field to their types, and [`Field::pick`]
//! takes from an object what was asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::call::Call;

mod words;

use words::Word;

/// Under which name an object says of what type it is; it can be asked for like any other field.
pub const TYPE: &str = "__typename";
/// No query of ours is deeper than this.
const DEEPEST: usize = 16;

/// What is wrong with a query.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is none.
    Missing,
    /// It does not parse, or is more than is played here.
    Syntax,
    /// A type has no such field, or the field wants other fields within it, or has none.
    Field {
        /// The field.
        name: String,
        /// The type.
        of: String,
    },
    /// A field has no such argument, or the argument is of another type.
    Argument {
        /// The argument.
        name: String,
        /// The field, or the type.
        of: String,
    },
    /// A variable is not declared, has no value, or is not used.
    Variable(String),
}

impl Problem {
    /// What is wrong, in the words of the reference implementation where it has some.
    pub fn words(&self) -> String {
        match self {
            Self::Missing => "Must provide query string.".to_owned(),
            Self::Syntax => "Syntax Error, or more than is played here".to_owned(),
            Self::Field { name, of } => format!("Cannot query field \"{name}\" on type \"{of}\"."),
            Self::Argument { name, of } => {
                format!("Unknown argument \"{name}\" on \"{of}\", or not of its type.")
            }
            Self::Variable(name) => {
                format!("Variable \"${name}\" is not defined, not provided or never used.")
            }
        }
    }
}

/// A type of an argument.
pub struct Type {
    /// Its name in the schema, without the mark of what must not be null: `Int`, `[ID!]`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a type holds.
pub enum Kind {
    /// A whole number.
    Int,
    /// True or false.
    Boolean,
    /// Text, or anything else that is written as one.
    Text,
    /// Text or a whole number.
    Id,
    /// One of these names.
    Enum(&'static [&'static str]),
    /// Fields.
    Object(&'static [(&'static str, &'static Type)]),
    /// Any number of these.
    List(&'static Type),
}

/// Whole numbers.
pub static INT: Type = Type {
    name: "Int",
    kind: Kind::Int,
};
/// True or false.
pub static BOOLEAN: Type = Type {
    name: "Boolean",
    kind: Kind::Boolean,
};
/// Text.
pub static STRING: Type = Type {
    name: "String",
    kind: Kind::Text,
};
/// Ids.
pub static ID: Type = Type {
    name: "ID",
    kind: Kind::Id,
};

/// A field that a query asks for.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The fields within it.
    pub fields: Vec<Field>,
    arguments: Vec<(String, Input)>,
}

/// What stands in the place of an argument.
#[derive(Clone, Debug)]
enum Input {
    Null,
    Boolean(bool),
    Int(i64),
    Text(String),
    Name(String),
    /// A variable's text, which can be a name of an enum too.
    Said(String),
    List(Vec<Input>),
    Object(Vec<(String, Input)>),
    Variable {
        declared: String,
        value: Box<Input>,
    },
}

impl Field {
    /// The arguments, as JSON: those that are null are left out, a single value of a list stands in one.
    ///
    /// # Errors
    /// [`Problem::Argument`] for one that is not `known` or of another type.
    pub fn arguments(&self, known: &[(&str, &Type)]) -> Result<Value, Problem> {
        object_of(&self.arguments, known, &self.name)
    }

    /// A field within this one.
    pub fn within(&self, name: &str) -> Option<&Self> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What of an object, or of each in a list, is asked for. Every object says of what type it is ([`TYPE`]). Fields in
    /// it have no arguments, but for those that were `read` already.
    ///
    /// # Errors
    /// [`Problem::Field`] and [`Problem::Argument`].
    pub fn pick(&self, value: &Value, read: &[&str]) -> Result<Value, Problem> {
        if let Value::Array(items) = value {
            return items.iter().map(|item| self.pick(item, read)).collect();
        }
        let mut picked = Map::new();
        for field in &self.fields {
            let wrong = || Problem::Field {
                name: field.name.clone(),
                of: value[TYPE].as_str().unwrap_or_default().to_owned(),
            };
            let found = value.get(&field.name).ok_or_else(wrong)?;
            if !read.contains(&field.name.as_str()) {
                field.arguments(&[])?;
            }
            if field.fields.is_empty() == (found.is_object() || found.is_array()) {
                return Err(wrong());
            }
            let found = match field.fields[..] {
                [] => found.clone(),
                _ => field.pick(found, read)?,
            };
            picked.insert(field.name.clone(), found);
        }
        Ok(Value::Object(picked))
    }
}

fn object_of(fields: &[(String, Input)], known: &[(&str, &Type)], of: &str) -> Result<Value, Problem> {
    let mut object = Map::new();
    for (name, input) in fields {
        let wrong = || Problem::Argument {
            name: name.clone(),
            of: of.to_owned(),
        };
        let (_, wanted) = known.iter().find(|(known, _)| known == name).ok_or_else(wrong)?;
        let value = coerced(input, wanted)?.ok_or_else(wrong)?;
        if !value.is_null() {
            object.insert(name.clone(), value);
        }
    }
    Ok(Value::Object(object))
}

/// The input as a value of a type; none where it is of another.
fn coerced(input: &Input, wanted: &Type) -> Result<Option<Value>, Problem> {
    Ok(match (input, &wanted.kind) {
        (Input::Null, _) => Some(Value::Null),
        (Input::Variable { declared, value }, _) if declared == wanted.name => coerced(value, wanted)?,
        (Input::Variable { .. }, _) => None,
        (Input::List(items), Kind::List(of)) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| coerced(item, of)).collect();
            items?.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
        }
        (one, Kind::List(of)) => coerced(one, of)?.map(|one| json!([one])),
        (Input::Object(fields), Kind::Object(known)) => Some(object_of(fields, known, wanted.name)?),
        (Input::Boolean(is), Kind::Boolean) => Some(json!(is)),
        (Input::Int(number), Kind::Int) => Some(json!(number)),
        (Input::Int(number), Kind::Id) => Some(json!(number.to_string())),
        (Input::Text(text) | Input::Said(text), Kind::Text | Kind::Id) => Some(json!(text)),
        (Input::Name(name) | Input::Said(name), Kind::Enum(names)) => {
            names.contains(&name.as_str()).then(|| json!(name))
        }
        _ => None,
    })
}

/// The fields that a call asks for: `query` and `variables` of a JSON body.
///
/// # Errors
/// See [`Problem`].
pub fn read(call: &Call) -> Result<Vec<Field>, Problem> {
    let body = call.json().unwrap_or_default();
    let query = body["query"].as_str().ok_or(Problem::Missing)?;
    parse(query, &body["variables"])
}

/// The fields that a query asks for.
fn parse(query: &str, variables: &Value) -> Result<Vec<Field>, Problem> {
    let words = words::split(query).ok_or(Problem::Syntax)?;
    let mut reader = Reader {
        words: words.into_iter().peekable(),
        variables: BTreeMap::new(),
        unused: BTreeSet::new(),
    };
    if reader.name_is("query") {
        reader.next()?;
        if matches!(reader.words.peek(), Some(Word::Name(_))) {
            reader.next()?;
        }
        if reader.took('(') {
            reader.declarations(variables)?;
        }
    }
    let fields = reader.fields(0)?;
    match (reader.words.next(), reader.unused.pop_first()) {
        (Some(_), _) => Err(Problem::Syntax),
        (None, Some(name)) => Err(Problem::Variable(name)),
        (None, None) => Ok(fields),
    }
}

/// Reads a query word by word.
struct Reader {
    words: std::iter::Peekable<std::vec::IntoIter<Word>>,
    variables: BTreeMap<String, Input>,
    unused: BTreeSet<String>,
}

impl Reader {
    fn next(&mut self) -> Result<Word, Problem> {
        self.words.next().ok_or(Problem::Syntax)
    }

    fn name_is(&mut self, wanted: &str) -> bool {
        matches!(self.words.peek(), Some(Word::Name(name)) if name == wanted)
    }

    /// Whether a sign comes next; then it is taken.
    fn took(&mut self, sign: char) -> bool {
        self.words.next_if_eq(&Word::Sign(sign)).is_some()
    }

    fn sign(&mut self, sign: char) -> Result<(), Problem> {
        if self.took(sign) {
            Ok(())
        } else {
            Err(Problem::Syntax)
        }
    }

    fn name(&mut self) -> Result<String, Problem> {
        match self.next()? {
            Word::Name(name) => Ok(name),
            _ => Err(Problem::Syntax),
        }
    }

    /// `$name: Type!, …)`.
    fn declarations(&mut self, given: &Value) -> Result<(), Problem> {
        loop {
            self.sign('$')?;
            let name = self.name()?;
            self.sign(':')?;
            let declared = self.type_name()?;
            let value = &given[&name];
            if value.is_null() && declared.ends_with('!') {
                return Err(Problem::Variable(name));
            }
            let input = Input::Variable {
                declared: declared.trim_end_matches('!').to_owned(),
                value: Box::new(said(value)),
            };
            self.unused.insert(name.clone());
            self.variables.insert(name, input);
            if self.took(')') {
                return Ok(());
            }
        }
    }

    /// `ID`, `ID!`, `[ID!]`, `[ID!]!`.
    fn type_name(&mut self) -> Result<String, Problem> {
        let mut text = String::new();
        if self.took('[') {
            text.push('[');
            text += &self.name()?;
            if self.took('!') {
                text.push('!');
            }
            self.sign(']')?;
            text.push(']');
        } else {
            text = self.name()?;
        }
        if self.took('!') {
            text.push('!');
        }
        Ok(text)
    }

    /// `{ fields }`, at least one.
    fn fields(&mut self, depth: usize) -> Result<Vec<Field>, Problem> {
        if depth > DEEPEST {
            return Err(Problem::Syntax);
        }
        self.sign('{')?;
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            let arguments = if self.took('(') {
                self.pairs(')', 0)?
            } else {
                Vec::new()
            };
            let within = if self.words.peek() == Some(&Word::Sign('{')) {
                self.fields(depth + 1)?
            } else {
                Vec::new()
            };
            fields.push(Field {
                name,
                fields: within,
                arguments,
            });
            if self.took('}') {
                return Ok(fields);
            }
        }
    }

    /// `name: value …` up to the closing sign, at least one.
    fn pairs(&mut self, closing: char, depth: usize) -> Result<Vec<(String, Input)>, Problem> {
        let mut pairs = Vec::new();
        loop {
            let name = self.name()?;
            self.sign(':')?;
            pairs.push((name, self.input(depth + 1)?));
            if self.took(closing) {
                return Ok(pairs);
            }
        }
    }

    fn input(&mut self, depth: usize) -> Result<Input, Problem> {
        if depth > DEEPEST {
            return Err(Problem::Syntax);
        }
        Ok(match self.next()? {
            Word::Text(text) => Input::Text(text),
            Word::Number(number) => Input::Int(number),
            Word::Name(name) => match name.as_str() {
                "null" => Input::Null,
                "true" | "false" => Input::Boolean(name == "true"),
                _ => Input::Name(name),
            },
            Word::Sign('$') => {
                let name = self.name()?;
                self.unused.remove(&name);
                let found = self.variables.get(&name).cloned();
                found.ok_or(Problem::Variable(name))?
            }
            Word::Sign('[') => {
                let mut items = Vec::new();
                while !self.took(']') {
                    items.push(self.input(depth + 1)?);
                }
                Input::List(items)
            }
            Word::Sign('{') if self.took('}') => Input::Object(Vec::new()),
            Word::Sign('{') => Input::Object(self.pairs('}', depth)?),
            Word::Sign(_) => return Err(Problem::Syntax),
        })
    }
}

/// The value of a variable.
fn said(value: &Value) -> Input {
    match value {
        Value::Null => Input::Null,
        Value::Bool(is) => Input::Boolean(*is),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Input::Said(number.to_string()), Input::Int),
        Value::String(text) => Input::Said(text.clone()),
        Value::Array(items) => Input::List(items.iter().map(said).collect()),
        Value::Object(fields) => Input::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), said(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests;
