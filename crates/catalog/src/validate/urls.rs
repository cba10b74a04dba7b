//! URLs: https, a named host, and no part that nothing fills.

use url::{Host, Url};

use super::Checks;
use crate::template::{self, TemplateError};

impl Checks<'_> {
    /// A URL must be https, name a host (no address, port, user or fragment), and have declared parts only.
    pub(super) fn url(&mut self, field: &str, template: &str, extra_parts: &[&str]) {
        self.declared(field, template, extra_parts);
        let Ok(parts) = template::try_parts(template) else {
            return;
        };
        let mut sample = template.to_owned();
        if let Some(first) = parts.first() {
            let at_start = format!("{{{first}}}");
            if let Some(rest) = template.strip_prefix(&at_start) {
                self.stands_for_https_host(field, first);
                sample = format!("https://part.example{rest}");
            }
        }
        for part in &parts {
            sample = sample.replace(&format!("{{{part}}}"), "part");
        }
        let Ok(url) = Url::parse(&sample) else {
            self.refuse(field, format!("{template:?} is not a URL"));
            return;
        };
        self.require(url.scheme() == "https", field, "only https is allowed");
        self.require(
            matches!(url.host(), Some(Host::Domain(_))),
            field,
            "the host must be a name, not an address",
        );
        self.require(url.port().is_none(), field, "a port is not allowed");
        self.require(
            url.username().is_empty() && url.password().is_none(),
            field,
            "a user in the URL is not allowed",
        );
        self.require(url.fragment().is_none(), field, "a fragment is not allowed");
    }

    /// Every part of a template must have something that fills it.
    pub(super) fn declared(&mut self, field: &str, template: &str, extra_parts: &[&str]) {
        match template::try_parts(template) {
            Ok(parts) => {
                for part in parts {
                    let known = part == "client_id" || extra_parts.contains(&part) || self.fills(part);
                    if !known {
                        self.refuse(field, format!("nothing fills {{{part}}}"));
                    }
                }
            }
            Err(
                error @ (TemplateError::Malformed | TemplateError::Unfilled(_) | TemplateError::Unsafe(_)),
            ) => {
                self.refuse(field, error.to_string());
            }
        }
    }

    fn fills(&self, part: &str) -> bool {
        let typed = |param: &crate::model::ConnectionParam| {
            param.name == part || param.host_part.as_deref() == Some(part)
        };
        self.integration.params.iter().any(typed)
            || self.integration.returned.iter().any(|value| value.name == part)
    }

    /// A part at the start of a URL decides scheme and host, so its values must begin with `https://`.
    fn stands_for_https_host(&mut self, field: &str, part: &str) {
        let chosen = self
            .integration
            .params
            .iter()
            .any(|param| param.host_part.as_deref() == Some(part));
        let returned = self.integration.returned.iter().find(|value| value.name == part);
        let https = returned.is_some_and(|value| value.pattern.starts_with("^https://"));
        if !chosen && !https {
            self.refuse(
                field,
                format!("{{{part}}} decides the host, so its pattern must begin with ^https://"),
            );
        }
    }
}
