//! Files of the site that come out of npm packages: the font, and one sprite with the logos of the
//! integrations. Both are made here and not committed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::context::Context;
use crate::failure::{Explain as _, Failure, Outcome};
use crate::files;

const FONT: &str = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";

/// Writes style/assets/fonts and style/assets/logos.svg; files that are right already stay untouched.
pub fn make(context: &Context) -> Outcome<()> {
    let assets = context.root.join("style/assets");
    let font = fs::read(context.root.join(FONT)).explain(|| format!("Can't read {FONT}"))?;
    files::write_if_new(&assets.join("fonts/inter-latin-wght-normal.woff2"), &font)?;
    let sprite = sprite(
        &context.root.join("crates/catalog/integrations"),
        &context.root.join("node_modules/simple-icons/icons"),
    )?;
    files::write_if_new(&assets.join("logos.svg"), sprite.as_bytes())
}

/// One `<symbol>` for each logo that the catalogue names, under its slug.
fn sprite(integrations: &Path, icons: &Path) -> Outcome<String> {
    let mut slugs: Vec<String> = files::below(integrations)
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .filter_map(|path| logo(&files::whole(path)?).map(str::to_owned))
        .collect();
    slugs.sort();
    slugs.dedup();
    let mut text = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for slug in &slugs {
        let path = icons.join(format!("{slug}.svg"));
        let icon = files::whole(&path).ok_or_else(|| {
            Failure::says(format!(
                "The catalogue names the logo \"{slug}\", which simple-icons does not have."
            ))
        })?;
        let symbol = symbol(slug, &icon)
            .ok_or_else(|| Failure::says(format!("{} is not the SVG that was expected.", path.display())))?;
        let _ = writeln!(text, "{symbol}");
    }
    text.push_str("</svg>\n");
    Ok(text)
}

/// The value of a line `logo = "…"` before the first table of an integration's file.
fn logo(toml: &str) -> Option<&str> {
    toml.lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "logo")
        .and_then(|(_, value)| value.split('"').nth(1))
        .filter(|slug| !slug.is_empty() && slug.bytes().all(|letter| letter.is_ascii_alphanumeric()))
}

/// Makes a symbol of a whole SVG file: same view box, same shapes, no title of its own.
fn symbol(slug: &str, svg: &str) -> Option<String> {
    let view = svg.split_once("viewBox=\"")?.1.split_once('"')?.0;
    let inner = svg.split_once('>')?.1.rsplit_once("</svg>")?.0;
    let shapes = match inner.split_once("</title>") {
        Some((_, shapes)) => shapes,
        None => inner,
    };
    Some(format!(
        "<symbol id=\"{slug}\" viewBox=\"{view}\">{shapes}</symbol>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_a_key_of_the_file_itself() {
        assert_eq!(
            logo("name = \"X\"\nlogo = \"asana\" # simple-icons\n[oauth2]\n"),
            Some("asana")
        );
        assert_eq!(logo("name = \"X\"\n[oauth2]\nlogo = \"asana\"\n"), None);
        assert_eq!(logo("logo = \"\""), None);
        assert_eq!(logo("logo = \"../../etc\""), None);
    }

    #[test]
    fn an_icon_becomes_a_symbol_without_title() {
        let icon =
            "<svg role=\"img\" viewBox=\"0 0 24 24\" xmlns=\"x\"><title>Asana</title><path d=\"M1\"/></svg>";
        assert_eq!(
            symbol("asana", icon).as_deref(),
            Some("<symbol id=\"asana\" viewBox=\"0 0 24 24\"><path d=\"M1\"/></symbol>")
        );
        assert_eq!(symbol("asana", "not an image"), None);
    }
}
