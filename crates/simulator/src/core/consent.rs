//! The pages a person sees at the simulated provider. They work without scripts.

use std::sync::LazyLock;

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use url::Url;

use super::{answer::Answer, call::Call, params::Params};
use crate::profiles::{Account, OAuth, Profile};

/// Who asks, on every consent page: the company whose app is registered.
const APP_NAME: &str = "Patchbay";

const STYLE: &str = include_str!("consent.css");

/// The hash under which the policy allows the one style sheet.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE.as_bytes())));

/// The question on the consent page where the request wants the person to choose an account.
pub const ASKS_WHICH: &str = "Which one shall it be?";

/// What a person is asked.
pub struct Ask<'a> {
    /// The host of the page.
    pub host: &'a str,
    /// Where they are sent back to.
    pub back: &'a Url,
    /// What is asked for.
    pub scopes: &'a [String],
    /// Whether the person shall choose an account. Else the page goes on with the one that is signed in: the first.
    pub which: bool,
}

/// What a person decided.
pub enum Decision {
    /// Yes, as this account; with everything that was posted.
    Approve(&'static Account, Params),
    /// No.
    Deny,
}

/// The consent page: who asks, for what, for which account; Approve and Deny.
pub fn page(profile: &dyn Profile, rules: &OAuth, ask: &Ask<'_>) -> Answer {
    let name = escape(profile.name());
    let title = format!("Approve access – {name} (simulated)");
    let host = escape(ask.back.host_str().unwrap_or_default());
    let body = format!(
        r#"<h1>{APP_NAME} wants to use your {name} {what}</h1>
<form method="post">
<fieldset><legend>{legend}</legend>{question}{accounts}</fieldset>
<section aria-labelledby="asks"><h2 id="asks">{APP_NAME} will be able to</h2><ul>{scopes}</ul></section>
<p class="note">After your answer you return to <strong>{host}</strong>. You can withdraw access at any time in your {name} settings.</p>
<div class="actions"><button name="decision" value="approve" class="primary">Approve</button><button name="decision" value="deny">Deny</button></div>
</form>"#,
        what = rules.what,
        legend = capitalised(rules.what),
        question = if ask.which {
            format!(r#"<p class="note">{ASKS_WHICH}</p>"#)
        } else {
            String::new()
        },
        accounts = accounts(profile, ask),
        scopes = scopes(rules, ask),
    );
    // Browsers apply form-action to the redirect that answers the form, so the way back is named.
    let back = ask.back.origin().ascii_serialization();
    document(StatusCode::OK, profile, &title, &body, &format!("'self' {back}"))
}

/// Reads the consent page's form.
///
/// # Errors
/// The page that says why it was no answer.
pub fn decision(profile: &dyn Profile, call: &Call) -> Result<Decision, Answer> {
    if call.sent_by_another_site() {
        return Err(problem(profile, "The answer came from another site's page."));
    }
    let form = call
        .form()
        .filter(|form| form.repeated_but("scope").is_none())
        .ok_or_else(|| problem(profile, "The answer was not this page's form."))?;
    match form.get("decision") {
        Some("approve") => {
            let chosen = form.get("account").and_then(|wanted| profile.account(wanted));
            let here = |account: &&Account| profile.accounts_at(&call.host).contains(account);
            let account = chosen
                .filter(here)
                .ok_or_else(|| problem(profile, "Choose one of those listed."))?;
            Ok(Decision::Approve(account, form))
        }
        Some("deny") => Ok(Decision::Deny),
        _ => Err(problem(profile, "Choose Approve or Deny.")),
    }
}

/// A page that says why the provider does not go on; nothing is sent to any redirect URI.
pub fn problem(profile: &dyn Profile, words: &'static str) -> Answer {
    let name = escape(profile.name());
    let title = format!("Request refused – {name} (simulated)");
    let body = format!(
        "<h1>{name} cannot go on with this request</h1><p>{}</p><p class=\"note\">Nothing was approved. Go back to the app and start again there.</p>",
        escape(words)
    );
    document(StatusCode::BAD_REQUEST, profile, &title, &body, "'none'").refused(words)
}

/// What a person who said no sees at a provider that does not send them back.
pub fn declined(profile: &dyn Profile) -> Answer {
    let name = escape(profile.name());
    let title = format!("Access not given – {name} (simulated)");
    let body = format!(
        "<h1>{APP_NAME} gets no access</h1><p>Nothing was approved. {name} does not tell {APP_NAME}: go back there yourself.</p>"
    );
    document(StatusCode::OK, profile, &title, &body, "'none'")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn accounts(profile: &dyn Profile, ask: &Ask<'_>) -> String {
    profile
        .accounts_at(ask.host)
        .into_iter()
        .enumerate()
        .map(|(index, account)| {
            format!(
                r#"<label><input type="radio" name="account" value="{id}"{state}><span><strong>{name}</strong><br>{label}</span></label>"#,
                id = escape(account.id),
                name = escape(account.name),
                label = escape(account.label),
                state = match (ask.which, index) {
                    (true, _) => " required",
                    (false, 0) => " checked",
                    (false, _) => "",
                },
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

fn scopes(rules: &OAuth, ask: &Ask<'_>) -> String {
    if ask.scopes.is_empty() {
        return format!("<li>{}</li>", escape(rules.unasked));
    }
    let lines = rules
        .scopes
        .iter()
        .filter(|scope| ask.scopes.iter().any(|asked| asked == scope.name))
        .map(|scope| {
            let (words, name) = (escape(scope.words), escape(scope.name));
            if rules.optional_scopes.contains(&scope.name) {
                format!(
                    r#"<li><label><input type="checkbox" name="scope" value="{name}" checked><span>{words} <code>{name}</code></span></label></li>"#
                )
            } else {
                format!("<li>{words} <code>{name}</code></li>")
            }
        })
        .collect::<Vec<_>>()
        .concat();
    if rules.optional_scopes.is_empty() {
        lines
    } else {
        // An unticked box sends nothing, so this says that there were boxes.
        format!(r#"{lines}<input type="hidden" name="granular" value="true">"#)
    }
}

fn document(status: StatusCode, profile: &dyn Profile, title: &str, body: &str, form_action: &str) -> Answer {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'",
        *STYLE_HASH
    );
    let name = escape(profile.name());
    let initial: String = name.chars().take(1).collect();
    let page = format!(
        r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><p class="banner">Simulated provider. No real account.</p>
<main><p class="brand"><span class="tile" aria-hidden="true">{initial}</span>{name}</p>
{body}
</main></body></html>
"#
    );
    Answer::html(status, page)
        .with("content-security-policy", &policy)
        .with("cache-control", "no-store")
        .with("referrer-policy", "no-referrer")
        .with("x-content-type-options", "nosniff")
}

/// Text as HTML text or attribute value.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
