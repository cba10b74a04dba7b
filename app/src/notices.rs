//! What is said after an action. The address carries a word of a fixed list (`?notice=tested-ok&ref=8F3K2M9Q`); the
//! sentences stand here, so nothing that came from outside is ever shown.

use leptos::prelude::*;
use patchbay_hub::{
    connect::Refusal,
    view::{ConnectionView, HistoryState, IntegrationView},
};

use crate::{
    pages::refusal_words,
    ui::{Notice, Tone},
    words,
};

/// After an account was let go of, on the page where another one is connected.
pub(crate) const OTHER_ACCOUNT: &str = "other-account";

/// What an action came to, as it is said on the page it ends on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    tone: Tone,
    title: String,
    text: String,
}

impl Said {
    fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone,
            title: title.into(),
            text: text.into(),
        }
    }
}

/// The notice that the address asks for, about an integration and its newest connection.
pub(crate) fn notice(
    code: Option<String>,
    reference: Option<String>,
    view: &IntegrationView,
) -> Option<AnyView> {
    let said = say(
        code.as_deref()?,
        &view.name,
        view.connections.first(),
        view.tells_apart.as_deref(),
    )?;
    let reference = reference.filter(|text| is_reference(text)).unwrap_or_default();
    Some(
        view! {
            <Notice
                tone=said.tone
                title=said.title
                text=said.text
                reference=reference
                focus=true
            />
        }
        .into_any(),
    )
}

/// The sentences of a code; an unknown code says nothing.
fn say(
    code: &str,
    name: &str,
    connection: Option<&ConnectionView>,
    tells_apart: Option<&str>,
) -> Option<Said> {
    let account = connection.map_or("", |connection| connection.account.as_str());
    let arriving = arriving(connection);
    Some(match code {
        "connected" => Said::new(
            Tone::Good,
            format!("{name} is connected as “{account}”."),
            arriving,
        ),
        "renewed" => Said::new(
            Tone::Good,
            format!("{name} is connected again as “{account}”."),
            arriving,
        ),
        "key-saved" => Said::new(
            Tone::Good,
            format!("The {name} key works and is sealed."),
            "It is never shown again. You can replace or remove it below.",
        ),
        "key-replaced" => Said::new(
            Tone::Good,
            format!("The new {name} key works and is sealed."),
            "The one before it was deleted here; delete it at the provider too.",
        ),
        "tested-ok" => {
            let took = connection.and_then(|connection| connection.latency_ms);
            let took = took.map_or_else(String::new, |took| format!(" in {took} ms"));
            Said::new(
                Tone::Good,
                "Works.",
                format!("{name} answered as “{account}”{took}."),
            )
        }
        "test-refused" => Said::new(
            Tone::Attention,
            format!("{name} refused our access."),
            "Your data is kept. Reconnect to mend it.",
        ),
        "test-other-account" => Said::new(
            Tone::Attention,
            format!("{name} answered about another account than “{account}”."),
            "An import that was running has stopped. Your data is kept. Reconnect to mend it.",
        ),
        "test-unreachable" => Said::new(
            Tone::Attention,
            format!("{name} did not answer."),
            "The connection is kept and we go on trying by ourselves. Nothing to do.",
        ),
        "sync-started" => Said::new(
            Tone::Running,
            format!("The last 90 days of {name} are read again."),
            arriving,
        ),
        "disconnected" if connection.is_some_and(|connection| connection.uses_key) => Said::new(
            Tone::Good,
            format!("The {name} key was removed."),
            "Use stopped at once.",
        ),
        "disconnected" => Said::new(
            Tone::Good,
            format!("{name} is disconnected."),
            format!("Use stopped at once. What {name} answers stands below."),
        ),
        // The account itself is not named: where another one stands, only that is known here.
        OTHER_ACCOUNT => Said::new(
            Tone::Good,
            format!("That {name} account is disconnected."),
            "Its import has stopped and its records are deleted. Connect the account that you want below.",
        ),
        "proving" => Said::new(
            Tone::Running,
            format!("A test account of yours has connected to {name}."),
            "The other steps are taken now; you may close this page.",
        ),
        "proof-underway" => Said::new(
            Tone::Attention,
            format!("{name} is being proven already."),
            "Nothing was begun. Its steps stand below; begin anew once they are over.",
        ),
        "not-offered" => Said::new(
            Tone::Attention,
            format!("{name} is not offered yet."),
            "Nothing was connected. It can be connected once its checks pass and its provider app is registered.",
        ),
        other => {
            let (title, text, _) = refusal_words(&ordinary_end(other, tells_apart)?, name);
            Said::new(Tone::Attention, title, text)
        }
    })
}

/// Where the last 90 days are, after connecting.
fn arriving(connection: Option<&ConnectionView>) -> &'static str {
    match connection
        .and_then(|connection| connection.history.as_ref())
        .map(|history| history.state)
    {
        Some(HistoryState::Done) => "The last 90 days have arrived.",
        Some(_) => "The last 90 days are arriving below. You may close this page.",
        None => "",
    }
}

/// The refusals that end on the integration's page, by [`Refusal::code`].
fn ordinary_end(code: &str, tells_apart: Option<&str>) -> Option<Refusal> {
    let field = || tells_apart.map(ToOwned::to_owned);
    [
        Refusal::Declined,
        Refusal::NeedsApproval,
        Refusal::Unfinished,
        Refusal::NotStarted,
        Refusal::ProviderError,
        Refusal::ExchangeRefused,
        Refusal::ExchangeFailed,
        Refusal::WhichOne { field: field() },
        Refusal::NoneFits { field: field() },
        Refusal::AppConfig,
        Refusal::OurFault,
    ]
    .into_iter()
    .find(|refusal| refusal.code() == code)
}

/// Whether a text looks like one of our references (`Hub::new_reference`).
fn is_reference(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// The sentence at the top of the rollout after its button was pressed.
pub(crate) fn of_rollout(code: Option<&str>) -> Option<&'static str> {
    (code? == "verification-started")
        .then_some("A verification has started. The figures change as it goes; you may close this page.")
}

/// The sentence on the sign-in page.
pub(crate) fn of_sign_in(code: Option<&str>) -> Option<(Tone, &'static str)> {
    match code? {
        "signed-out" => Some((Tone::Good, "You are signed out.")),
        "unknown-person" => Some((
            Tone::Attention,
            "There is no such person here. Choose one of these.",
        )),
        _ => None,
    }
}

/// "4 minutes ago, 210 ms": the last test, for the facts.
pub(crate) fn checked(connection: &ConnectionView, now: i64) -> Option<String> {
    let ago = words::ago(now, connection.checked_at?.0);
    Some(match connection.latency_ms {
        Some(took) => format!("{ago}, {took} ms"),
        None => ago,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_shown() {
        assert_eq!(say("<script>", "Asana", None, None), None);
        assert!(!is_reference("<b>hello</b>"));
        assert!(is_reference("8F3K2M9Q"));
    }

    #[test]
    fn an_ordinary_refusal_ends_in_a_sentence() {
        let said = say("declined", "Asana", None, None).expect("a sentence");
        assert_eq!(said.title, "The request was declined at Asana.");
        assert_eq!(said.text, "Nothing was connected and nothing was read.");
        let said = say("unfinished", "Plaid", None, None).expect("a sentence");
        assert_eq!(said.title, "You left Plaid before finishing.");
        assert_eq!(
            say("other-browser", "Asana", None, None),
            None,
            "that one has a page of its own"
        );
    }

    #[test]
    fn where_several_accounts_could_be_meant_the_field_that_tells_is_named() {
        let said = say("which-one", "Jira", None, Some("Jira site")).expect("a sentence");
        assert!(said.text.contains("fill in “Jira site”"), "{}", said.text);
        let said = say("none-fits", "Jira", None, Some("Jira site")).expect("a sentence");
        assert!(said.text.contains("“Jira site”"), "{}", said.text);
        let said = say("which-one", "Xero", None, None).expect("a sentence");
        assert!(said.text.contains("choose only one at Xero"), "{}", said.text);
    }
}
