//! Pages that have no address of their own: refusals, errors, what is not there.

use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use patchbay_hub::{Hub, HubError, connect::Refusal};

use crate::{
    frame::Frame,
    ui::{Details, Layout, LinkButton, Look, Notice, PageHead, Place, Tone},
};

/// A page without an address of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standalone {
    /// There is no such page, or not for this person.
    NotFound,
    /// It exists, but this person may not do that.
    Forbidden,
    /// Too many in a short time.
    TooMany {
        /// When to try again, in seconds.
        retry_after_s: u64,
    },
    /// We failed.
    Incident {
        /// What the person can tell us; also in the log.
        reference: String,
    },
    /// An authorization was refused.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The integration's id, where it is known.
        integration: Option<String>,
        /// What the person can tell us; also in the audit row.
        reference: String,
    },
}

impl Standalone {
    /// The page for an error. One of our own failures is logged here, once, under the reference that its page shows.
    pub fn of(hub: &Hub, error: &HubError) -> Self {
        match error {
            HubError::NotFound => Self::NotFound,
            HubError::Forbidden => Self::Forbidden,
            HubError::TooMany { retry_after_s } => Self::TooMany {
                retry_after_s: *retry_after_s,
            },
            ours => {
                let reference = hub.new_reference();
                tracing::error!(%reference, error = %ours, "a request failed");
                Self::Incident { reference }
            }
        }
    }

    /// The status that the answer must have.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Incident { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Refused { refusal, .. } => refusal
                .status()
                .and_then(|status| StatusCode::from_u16(status).ok())
                .unwrap_or(StatusCode::BAD_REQUEST),
        }
    }
}

/// Where a page that is still being made can change its answer's status.
pub(super) struct Answer(Option<ResponseOptions>);

impl Answer {
    /// The request's.
    pub(super) fn current() -> Self {
        Self(use_context())
    }

    /// Another page than the one asked for, with its status.
    pub(super) fn with(&self, page: Standalone) -> AnyView {
        if let Some(options) = &self.0 {
            options.set_status(page.status());
        }
        view! { <StandalonePage page=page/> }.into_any()
    }
}

/// The page for an address that shows nothing.
#[component]
pub fn NotFound() -> impl IntoView {
    Answer::current().with(Standalone::NotFound)
}

/// Renders a page without an address of its own.
#[component]
pub fn StandalonePage(
    /// Which.
    page: Standalone,
) -> impl IntoView {
    match page {
        Standalone::NotFound => plain(
            "Page not found",
            "It may have moved, or you may not have access.",
            None,
        ),
        Standalone::Forbidden => plain(
            "Not allowed",
            "Your role does not include this. Nothing was changed. Ask an admin of your organisation.",
            None,
        ),
        Standalone::TooMany { retry_after_s } => plain(
            "Too many at once",
            &format!(
                "Many were started in a short time, so this one was not. Nothing was changed. Try again in {}.",
                wait(retry_after_s)
            ),
            None,
        ),
        Standalone::Incident { reference } => plain(
            "There is a problem on our side",
            "What you asked for was not done and nothing was half-stored. Connections and imports go on.",
            Some(reference),
        ),
        Standalone::Refused {
            refusal,
            integration,
            reference,
        } => view! { <Refused refusal=refusal integration=integration reference=reference/> }.into_any(),
    }
}

fn wait(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// Heading, sentence, reference, and the ways on.
fn plain(title: &'static str, text: &str, reference: Option<String>) -> AnyView {
    let signed_in = Frame::current().viewer.is_some();
    let text = text.to_owned();
    view! {
        <Layout title=title here=Place::Elsewhere width="main-narrow">
            <PageHead title=title/>
            <p class="prose">{text}</p>
            {reference
                .map(|reference| view! { <p class="mt-3">"Reference " <code>{reference}</code></p> })}
            <p class="form-foot">
                <LinkButton href="/" label="Go to Overview" look=Look::Primary/>
                {signed_in
                    .then(|| view! { <LinkButton href="/integrations" label="Browse integrations"/> })}
            </p>
        </Layout>
    }
    .into_any()
}

/// What happened to an authorization, and what to do next.
#[component]
fn Refused(refusal: Refusal, integration: Option<String>, reference: String) -> impl IntoView {
    let found = integration.as_ref().and_then(|id| {
        let hub = use_context::<Hub>()?;
        hub.catalog().get(id).map(|integration| integration.name.clone())
    });
    let name = found.unwrap_or_else(|| "the provider".to_owned());
    let (title, text, way_on) = refusal_words(&refusal, &name);
    let signed_out = refusal == Refusal::SignedOut;
    let back = integration.map_or_else(|| "/integrations".to_owned(), |id| format!("/integrations/{id}"));
    let href = if signed_out {
        format!("/sign-in?return_to={back}")
    } else {
        back
    };
    view! {
        <Layout title=format!("Not connected: {name}") here=Place::Integrations width="main-narrow">
            <PageHead title="Not connected"/>
            <Notice tone=Tone::Attention title=title text=text focus=true/>
            <p class="form-foot">
                <LinkButton href=href label=way_on look=Look::Primary/>
            </p>
            <div class="mt-6">
                <Details summary="Details" id="details">
                    <p>
                        "Reference " <code>{reference}</code> ". Reason: " <code>{refusal.code()}</code>
                    </p>
                </Details>
            </div>
        </Layout>
    }
}

/// What happened, what was lost, and the label of the way on.
pub(crate) fn refusal_words(refusal: &Refusal, name: &str) -> (String, String, &'static str) {
    let nothing = "Nothing was connected and nothing was read.";
    let (title, text) = match refusal {
        Refusal::Malformed => (
            format!("The answer from {name} could not be read."),
            format!("{nothing} Start again from the integration’s page."),
        ),
        Refusal::Unknown => (
            "This approval does not belong to anything that was started here.".to_owned(),
            format!("{nothing} Start again from the integration’s page."),
        ),
        Refusal::Used => (
            "This approval was already used.".to_owned(),
            "An earlier connection is untouched. Start again; it takes a minute.".to_owned(),
        ),
        Refusal::Late => (
            "This approval is older than 10 minutes.".to_owned(),
            format!("{nothing} Start again; it takes a minute."),
        ),
        Refusal::OtherIntegration => (
            format!("This approval was started for another integration than {name}."),
            format!("{nothing} Start again from the page of the one you want."),
        ),
        Refusal::OtherBrowser => (
            "You came back in another browser than you left from.".to_owned(),
            format!("{nothing} Start again in this one."),
        ),
        Refusal::OtherPerson { name: who } => (
            format!("{who} started this, not you."),
            "Nothing was connected. They can finish it; you can start your own.".to_owned(),
        ),
        Refusal::OtherTenant => (
            "Someone else started this.".to_owned(),
            "Nothing was connected. They can finish it; you can start your own.".to_owned(),
        ),
        Refusal::SignedOut => (
            "You are not signed in, so the approval was not used.".to_owned(),
            "Nothing was connected. Sign in, then start again.".to_owned(),
        ),
        Refusal::Forged => (
            format!("This answer was not written by {name} for what you started, or not just now."),
            format!("{nothing} Start again from the integration’s page."),
        ),
        Refusal::Declined => (format!("The request was declined at {name}."), nothing.to_owned()),
        Refusal::NeedsApproval => (
            format!("{name} wants an administrator of your organisation to approve this."),
            format!("{nothing} Ask one to allow our app at {name}, then start again."),
        ),
        Refusal::Unfinished => (
            format!("You left {name} before finishing."),
            format!("{nothing} Start again; it takes a minute."),
        ),
        Refusal::NotStarted => (
            format!("{name} did not answer as it should, so nothing was started."),
            format!(
                "Nothing was connected. Try again in a few minutes; if it happens again, {name} has a problem."
            ),
        ),
        Refusal::ProviderError => (
            format!("{name} ended the request with an error of its own."),
            format!("{nothing} Try again; if it happens again, {name} has a problem."),
        ),
        Refusal::ExchangeRefused => (
            format!("You approved, but {name} then refused to hand over access."),
            format!("Nothing was connected. Start again; {name} will ask once more."),
        ),
        Refusal::ExchangeFailed => (
            format!("You approved, but {name} then failed to hand over access."),
            format!("Nothing was connected. Start again; {name} will ask once more."),
        ),
        Refusal::WhichOne { field } => (
            format!("You approved, but there are several accounts at {name} that you could mean."),
            which_one(name, field.as_deref()),
        ),
        Refusal::NoneFits { field } => (
            format!("You approved, but {name} gave no access to the account that was meant."),
            none_fits(name, field.as_deref()),
        ),
        Refusal::AppConfig => (
            format!("{name} is not ready on our side yet: it refused our provider app."),
            "Nothing was connected. Our engineers can see why; tell them the reference.".to_owned(),
        ),
        Refusal::OurFault => (
            "You approved, but there was a problem on our side.".to_owned(),
            "Nothing was connected and the access was given back. Start again.".to_owned(),
        ),
    };
    (title, text, way_on(refusal))
}

/// The label of the way on.
fn way_on(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::OtherPerson { .. } | Refusal::OtherTenant => "Start your own",
        Refusal::SignedOut => "Sign in",
        _ => "Try again",
    }
}

/// What to do where several accounts could be meant.
fn which_one(name: &str, field: Option<&str>) -> String {
    match field {
        Some(label) => {
            format!("Nothing was connected. Start again and fill in “{label}”: it says which one.")
        }
        None => format!("Nothing was connected. Start again and choose only one at {name}."),
    }
}

/// What to do where access is to other accounts than the one that was meant.
fn none_fits(name: &str, field: Option<&str>) -> String {
    match field {
        Some(label) => {
            format!("Nothing was connected. Start again: “{label}” and what you choose at {name} must fit.")
        }
        None => format!("Nothing was connected. Start again; {name} will ask once more."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_happened_and_a_way_on() {
        let all = [
            Refusal::Malformed,
            Refusal::Unknown,
            Refusal::Used,
            Refusal::Late,
            Refusal::OtherIntegration,
            Refusal::OtherBrowser,
            Refusal::OtherPerson {
                name: "Mia Lind".to_owned(),
            },
            Refusal::OtherTenant,
            Refusal::SignedOut,
            Refusal::Forged,
            Refusal::Declined,
            Refusal::NeedsApproval,
            Refusal::Unfinished,
            Refusal::NotStarted,
            Refusal::ProviderError,
            Refusal::ExchangeRefused,
            Refusal::ExchangeFailed,
            Refusal::WhichOne { field: None },
            Refusal::WhichOne {
                field: Some("Jira site".to_owned()),
            },
            Refusal::NoneFits { field: None },
            Refusal::NoneFits {
                field: Some("Jira site".to_owned()),
            },
            Refusal::AppConfig,
            Refusal::OurFault,
        ];
        for refusal in all {
            let (title, text, way_on) = refusal_words(&refusal, "Asana");
            assert!(
                title.ends_with('.') && text.ends_with('.'),
                "{refusal:?}: whole sentences"
            );
            assert!(!way_on.is_empty());
            for banned in ["sorry", "invalid", "Invalid", "oops", "lease", "went wrong"] {
                assert!(
                    !format!("{title}{text}").contains(banned),
                    "{refusal:?}: “{banned}”"
                );
            }
        }
    }

    #[test]
    fn s03_the_name_of_another_tenants_person_is_not_told() {
        let (title, ..) = refusal_words(&Refusal::OtherTenant, "Asana");
        assert_eq!(title, "Someone else started this.");
    }

    #[test]
    fn a_refusal_answers_with_its_own_status() {
        let of = |refusal| Standalone::Refused {
            refusal,
            integration: None,
            reference: String::new(),
        };
        assert_eq!(of(Refusal::Used).status(), StatusCode::CONFLICT);
        assert_eq!(of(Refusal::OtherBrowser).status(), StatusCode::FORBIDDEN);
        assert_eq!(Standalone::NotFound.status(), StatusCode::NOT_FOUND);
    }
}
