//! One provider app: what is to be done next, what the last check found, and the five steps.

use leptos::prelude::*;
use patchbay_hub::{
    Typed,
    apps::{AppNext, Finding},
    view::{AppCheck, AppView},
};
use patchbay_store::{app_progress::Grade, time::Millis};

use super::{
    super::{for_viewer, param, query},
    app_facts::{Limits, Register, Scopes, Uris},
    app_forms::{Credentials, Progress},
    words as own,
};
use crate::{
    ui::{
        ActionForm, Breadcrumb, Button, Details, ErrorSummary, Fact, FactList, Icon, Layout, Look, Notice,
        PageHead, Place, PlainList, RelativeTime, Section, StatusWord, Tone,
    },
    words,
};

/// `/settings/apps/{id}`
#[component]
pub fn ProviderApp() -> impl IntoView {
    let id = param("id");
    let notice = query("notice");
    let typed = use_context::<Typed>().unwrap_or_default();
    for_viewer(move |asked| async move {
        let view = asked.hub.app_page(&asked.viewer, &id, &typed).await?;
        Ok(view.map(|view| view! { <AppPage view=view now=asked.now notice=notice/> }.into_any()))
    })
}

#[component]
fn AppPage(view: AppView, now: Millis, notice: Option<String>) -> impl IntoView {
    let errors: Vec<(String, String)> = view
        .errors
        .iter()
        .map(|(field, text)| (format!("field-{field}"), text.clone()))
        .collect();
    // A refused form stands at the address that it was posted to, which has no page to read again.
    let live = errors.is_empty();
    let above = vec![("Provider apps".to_owned(), "/settings/apps".to_owned())];
    let line = match view.needs.len() {
        1 => "Provider app".to_owned(),
        more => format!("Provider app of {more} integrations"),
    };
    let under = view! { <StatusWord shown=own::stage(view.stage)/> }.into_any();
    view! {
        <Layout title=title(&view, !errors.is_empty()) here=Place::Settings live=live>
            <Breadcrumb above=above/>
            <PageHead title=view.name.clone() line=line under=under/>
            <ErrorSummary errors=errors/>
            {said(notice.as_deref(), &view)
                .map(|(tone, title, text)| view! { <Notice tone=tone title=title text=text focus=true/> })}
            <div class="columns">
                <div>
                    <NextPart view=view.clone() now=now/>
                    <Steps view=view.clone()/>
                </div>
                <Aside view=view now=now/>
            </div>
        </Layout>
    }
}

/// The tab's title: errors first, then what needs attention.
fn title(view: &AppView, errors: bool) -> String {
    if errors {
        return format!("Error: {}", view.name);
    }
    match view.next {
        AppNext::ReplaceNow(_) | AppNext::Mend | AppNext::ReplaceBefore(_) => {
            format!("{} needs attention – Provider apps", view.name)
        }
        _ => format!("{} – Provider apps", view.name),
    }
}

/// What the notice in the address says; an unknown one says nothing.
fn said(code: Option<&str>, view: &AppView) -> Option<(Tone, String, &'static str)> {
    let name = &view.name;
    Some(match code? {
        "app-saved" => (
            Tone::Good,
            format!("The app for {name} is saved."),
            "Its secret is sealed and never shown again. Check it to see what is still missing.",
        ),
        "app-secret-added" => (
            Tone::Good,
            format!("The new secret of {name} is sealed and used from now on."),
            "The old one is tried where the new one is not accepted, until its last day.",
        ),
        "app-secret-forgotten" => (
            Tone::Good,
            format!("The other secret of {name} is removed."),
            "Delete it at the provider too. To have it back, add it again.",
        ),
        "app-progress" => (Tone::Good, format!("What you said about {name} is saved."), ""),
        "app-checked" => checked(name, view.checked.as_ref()?.grade),
        _ => return None,
    })
}

fn checked(name: &str, grade: Grade) -> (Tone, String, &'static str) {
    match grade {
        Grade::Fine => (
            Tone::Good,
            format!("The check found nothing wrong with {name}."),
            "",
        ),
        Grade::Attention => (
            Tone::Attention,
            format!("The check of {name} found something that needs a look."),
            "What it is and what to do stands below.",
        ),
        Grade::Wrong => (
            Tone::Critical,
            format!("The check of {name} found something wrong."),
            "What it is and what to do stands below.",
        ),
    }
}

/// What is to be done next, and the check.
#[component]
fn NextPart(view: AppView, now: Millis) -> impl IntoView {
    let next = own::next(view.next, now);
    let loud = matches!(next.tone, Tone::Critical | Tone::Attention);
    let sentence = own::next_sentence(view.next, &view.name, now);
    // The one primary action: what is saved is checked, what is not is saved first.
    let look = if view.saved.is_some() {
        Look::Primary
    } else {
        Look::Secondary
    };
    let label = format!("Check the app for {}", view.name);
    view! {
        <section class="panel" data-live="app-next">
            <h2>"Next"</h2>
            {loud.then(|| view! { <p class="mb-2"><StatusWord shown=next tinted=true/></p> })}
            <p>{sentence}</p>
            <Found name=view.name.clone() checked=view.checked now=now/>
            <ActionForm action=format!("/settings/apps/{}/check", view.id)>
                <p class="form-foot">
                    <Button label=label look=look busy_verb="Checking…"/>
                </p>
            </ActionForm>
        </section>
    }
}

/// What the last check found.
#[component]
fn Found(name: String, checked: Option<AppCheck>, now: Millis) -> impl IntoView {
    let Some(checked) = checked else {
        return view! { <p class="mt-3 text-text-2">"Not checked since the last change."</p> }.into_any();
    };
    let mut findings = checked.findings;
    findings.sort_by_key(|found| std::cmp::Reverse(found.grade()));
    view! {
        <h3 class="mt-4">"Checked " <RelativeTime at=checked.at now=now/></h3>
        <ul class="findings">
            {findings
                .into_iter()
                .map(|found| view! { <FindingLine found=found name=name.clone() now=now/> })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn FindingLine(found: Finding, name: String, now: Millis) -> impl IntoView {
    let (tone, glyph) = own::finding_look(found.grade());
    view! {
        <li class=tone.class()>
            <Icon of=glyph/>
            <span>
                <span class="sr-only">{own::grade_word(found.grade())} ": "</span>
                {own::finding(&found, &name, now)}
            </span>
        </li>
    }
}

/// The five steps, in the order in which they are done.
#[component]
fn Steps(view: AppView) -> impl IntoView {
    let facts = view.facts.clone();
    let (rules, sources) = (facts.redirect_rules.clone(), facts.sources.clone());
    let (opens, uris, scopes, held) = (view.opens, view.needs.clone(), view.needs.clone(), view.clone());
    view! {
        <Section title="1. Register the app" id="step-1"><Register facts=facts opens=opens/></Section>
        <Section title="2. Copy the redirect URIs" id="step-2"><Uris needs=uris rules=rules/></Section>
        <Section title="3. Turn on these permissions" id="step-3"><Scopes needs=scopes/></Section>
        <Section title="4. Client id and secret" id="step-4"><Credentials view=held/></Section>
        <Section title="5. Say how far it is" id="step-5"><Progress view=view/></Section>
        <Sources sources=sources/>
    }
}

/// Where all of it was read, for those who want to look it up.
#[component]
fn Sources(sources: Vec<String>) -> impl IntoView {
    (!sources.is_empty()).then(|| {
        view! {
            <div class="section">
                <Details summary="Where this was read" id="app-sources"><PlainList items=sources/></Details>
            </div>
        }
    })
}

/// The facts at a glance.
#[component]
fn Aside(view: AppView, now: Millis) -> impl IntoView {
    let names: Vec<String> = view.needs.iter().map(|need| need.name.clone()).collect();
    let text = |text: &str| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut facts = vec![
        Fact::new("Owner", text(&view.progress.owner)),
        Fact::new("Used by", words::list(&names, "and")),
        Fact::new(
            "Live",
            words::count(u64::from(view.connections), "connection", "connections"),
        ),
    ];
    if let Some(secrets) = &view.secrets {
        facts.push(Fact::new("Secret in use since", own::day(secrets.since)));
        let ends = secrets
            .ends
            .map_or_else(|| "No end is known".to_owned(), own::day);
        facts.push(Fact::new("Last day of the secret", ends));
        if let Some((_, ends)) = secrets.other {
            let kept = ends.map_or_else(|| "Yes".to_owned(), |day| format!("Yes, until {}", own::day(day)));
            facts.push(Fact::new("Second secret held", kept));
        }
    }
    for (term, day) in [
        ("Review asked for on", view.progress.review_since),
        ("Answer expected by", view.progress.review_expected),
    ] {
        if let Some(day) = day {
            facts.push(Fact::new(term, own::day(day)));
        }
    }
    if let Some(checked) = &view.checked {
        facts.push(Fact::new(
            "Last check",
            view! { <RelativeTime at=checked.at now=now/> },
        ));
    }
    let notes = view.progress.notes.clone();
    view! {
        <aside aria-label="Facts">
            <div class="panel" data-live="app-facts">
                <FactList facts=facts/>
            </div>
            {(!notes.is_empty())
                .then(|| {
                    view! {
                        <div class="panel">
                            <h2 class="text-name">"Notes"</h2>
                            <p class="whitespace-pre-line">{notes}</p>
                        </div>
                    }
                })}
            <div class="panel">
                <h2 class="text-name">"What the provider limits"</h2>
                <Limits limits=view.facts.limits/>
            </div>
        </aside>
    }
}
