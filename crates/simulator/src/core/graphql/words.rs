//! The words of a query.

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// Of a field, an argument, a type; or a name of an enum.
    Name(String),
    /// What stands between quotes.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A sign that stands for itself.
    Sign(char),
}

/// The words in order; `None` where something is no word. Commas mean no more than spaces.
pub fn split(query: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ',' => 1,
            space if space.is_whitespace() => space.len_utf8(),
            '"' => {
                let length = text_length(rest)?;
                words.push(Word::Text(serde_json::from_str(&rest[..length]).ok()?));
                length
            }
            '{' | '}' | '(' | ')' | '[' | ']' | ':' | '$' | '!' => {
                words.push(Word::Sign(first));
                1
            }
            _ => {
                let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
                words.push(plain(&rest[..length])?);
                length
            }
        };
        rest = &rest[length..];
    }
    Some(words)
}

/// The length of a text with its quotes. Its escapes are JSON's.
fn text_length(rest: &str) -> Option<usize> {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

fn plain(text: &str) -> Option<Word> {
    match text.chars().next()? {
        '-' | '0'..='9' => text.parse().ok().map(Word::Number),
        _ if text.contains('-') => None,
        _ => Some(Word::Name(text.to_owned())),
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
}
