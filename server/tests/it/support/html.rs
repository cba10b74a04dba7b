//! Reads from a page what a test looks at. It knows our own markup, not HTML.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub method: String,
    /// Types and names of its inputs, selects and buttons.
    pub fields: Vec<(String, String)>,
    pub inner: String,
}

/// The forms of a page.
pub fn forms(page: &str) -> Vec<Form> {
    elements(page, "form")
        .into_iter()
        .map(|(tag, inner)| Form {
            action: attribute(&tag, "action").unwrap_or_default(),
            method: attribute(&tag, "method").unwrap_or_else(|| "get".to_owned()),
            fields: fields(&inner),
            inner,
        })
        .collect()
}

fn fields(inner: &str) -> Vec<(String, String)> {
    tags(inner)
        .into_iter()
        .filter(|tag| {
            ["<input", "<select", "<button"]
                .iter()
                .any(|kind| tag.starts_with(kind))
        })
        .filter_map(|tag| {
            Some((
                attribute(tag, "type").unwrap_or_default(),
                attribute(tag, "name")?,
            ))
        })
        .collect()
}

/// The texts of all headings of this kind.
pub fn headings(page: &str, kind: &str) -> Vec<String> {
    elements(page, kind)
        .into_iter()
        .map(|(_, inner)| text(&inner))
        .collect()
}

/// The page's title.
pub fn title(page: &str) -> String {
    elements(page, "title")
        .first()
        .map(|(_, inner)| text(inner))
        .unwrap_or_default()
}

/// The addresses of all links.
pub fn links(page: &str) -> Vec<String> {
    tags(page)
        .into_iter()
        .filter(|tag| tag.starts_with("<a "))
        .filter_map(|tag| attribute(tag, "href"))
        .collect()
}

/// What a person reads: no tags, no scripts, one space between words.
pub fn text(page: &str) -> String {
    let mut page = page.to_owned();
    for hidden in ["script", "style"] {
        for (tag, inner) in elements(&page, hidden) {
            page = page.replace(&format!("{tag}{inner}"), "");
        }
    }
    let mut text = String::with_capacity(page.len());
    let mut rest = page.as_str();
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        // Leptos parts neighbouring texts with comments; people see no gap there.
        if !rest[start..].starts_with("<!") {
            text.push(' ');
        }
        let close = if rest[start..].starts_with("<!--") {
            "-->"
        } else {
            ">"
        };
        rest = rest[start..]
            .find(close)
            .map_or("", |end| &rest[start + end + close.len()..]);
    }
    text.push_str(rest);
    unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Opening tag and inside of every element of this kind; none of ours nests in itself.
fn elements(page: &str, kind: &str) -> Vec<(String, String)> {
    let (open, close) = (format!("<{kind}"), format!("</{kind}>"));
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find(&open) {
        let from = &rest[start..];
        let named = from[open.len()..].starts_with([' ', '>']);
        let (Some(inside), Some(end)) = (from.find('>'), from.find(&close)) else {
            break;
        };
        if named && inside < end {
            found.push((from[..=inside].to_owned(), from[inside + 1..end].to_owned()));
        }
        rest = &from[if named { end } else { open.len() }..];
    }
    found
}

/// All opening tags.
fn tags(page: &str) -> Vec<&str> {
    page.match_indices('<')
        .filter_map(|(start, _)| {
            let tag = &page[start..];
            tag.find('>').map(|end| &tag[..=end])
        })
        .collect()
}

/// An attribute's value.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[start..];
    Some(unescape(&value[..value.find('"')?]))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
