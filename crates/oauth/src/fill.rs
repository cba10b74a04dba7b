//! Addresses of the catalogue with their `{parts}` filled in.

use std::collections::BTreeMap;

use patchbay_catalog::template::{self, TemplateError};
use url::Url;

use crate::http::{Blocked, Request, guard};

/// Fills an address and guards it. The values have been held to their patterns by whoever stored them.
pub(crate) fn url(
    template: &str,
    values: &BTreeMap<String, String>,
    client_id: &str,
) -> Result<Url, Blocked> {
    let text = template::fill(template, &with_client_id(values, client_id));
    guarded(&text.map_err(|_| Blocked::Incomplete)?)
}

/// Fills a text that is not an address.
pub(crate) fn text(
    template: &str,
    values: &BTreeMap<String, String>,
    client_id: &str,
) -> Result<String, Blocked> {
    template::fill_text(template, &with_client_id(values, client_id)).map_err(|_| Blocked::Incomplete)
}

/// Adds the catalogue's headers to a call; one with a part that has no value is left out.
pub(crate) fn headers(
    request: &mut Request,
    headers: &BTreeMap<String, String>,
    values: &BTreeMap<String, String>,
    client_id: &str,
) -> Result<(), Blocked> {
    let values = with_client_id(values, client_id);
    for (name, template) in headers {
        match template::fill_text(template, &values) {
            Ok(value) => request.header(name, &value).map_err(|_| Blocked::Incomplete)?,
            Err(TemplateError::Unfilled(_)) => {}
            Err(_) => return Err(Blocked::Incomplete),
        }
    }
    Ok(())
}

/// Parses an address and guards it.
pub(crate) fn guarded(text: &str) -> Result<Url, Blocked> {
    let url = Url::parse(text).map_err(|_| Blocked::Incomplete)?;
    guard::check(&url)?;
    Ok(url)
}

fn with_client_id(values: &BTreeMap<String, String>, client_id: &str) -> BTreeMap<String, String> {
    let mut values = values.clone();
    values.insert("client_id".to_owned(), client_id.to_owned());
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfilled_or_unguarded_address_is_refused() {
        let values = BTreeMap::from([("host".to_owned(), "a.example.com".to_owned())]);
        assert_eq!(
            url("https://{host}/x/{client_id}", &values, "id")
                .unwrap()
                .as_str(),
            "https://a.example.com/x/id"
        );
        assert_eq!(url("https://{other}/", &values, "id"), Err(Blocked::Incomplete));
        assert_eq!(url("http://{host}/", &values, "id"), Err(Blocked::NotHttps));
    }
}
