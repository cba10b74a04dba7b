//! Before it is connected: what will be read, what to fill in, what happens next.

use leptos::{either::EitherOf3, prelude::*};
use patchbay_hub::{
    connect::{CHOOSE_ACCOUNT, KEY_FIELD},
    view::{IntegrationView, KeyField, Offer, ParamField, PendingFlow, ScopeLine},
};

use super::{Page, standing};
use crate::{
    ui::{
        ActionForm, Button, Details, FieldText, LinkButton, Look, PlainList, SecretField, Section,
        SelectField, TextField,
    },
    words,
};

/// The id of the key's field, for the error summary.
pub(super) const KEY_ID: &str = "field-key";

/// The id of a parameter's field.
pub(super) fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// Connect by an authorization, or why not.
#[component]
pub(super) fn ConnectPart(view: IntegrationView, page: Page) -> impl IntoView {
    let now = page.now;
    match view.offer.clone() {
        Offer::NotOffered { reason, who } => EitherOf3::A(view! { <NotOffered reason=reason who=who/> }),
        Offer::LookOnly { who } => EitherOf3::B(view! { <LookOnly who=who/> }),
        Offer::Offered => EitherOf3::C(view! {
            {view.pending.clone().map(|pending| {
                view! { <Pending name=view.name.clone() pending=pending now=now.0/> }
            })}
            <ConnectForm view=view/>
        }),
    }
}

#[component]
fn NotOffered(reason: String, who: Vec<String>) -> impl IntoView {
    let ask = (!who.is_empty()).then(|| format!("{} can say when it will be.", words::list(&who, "or")));
    view! {
        <section class="panel">
            <p>{reason}</p>
            {ask.map(|ask| view! { <p class="mt-1 text-text-2">{ask}</p> })}
        </section>
    }
}

#[component]
fn LookOnly(who: Vec<String>) -> impl IntoView {
    let ask = if who.is_empty() {
        "You can look around. Tenant admins connect.".to_owned()
    } else {
        format!(
            "You can look around. To connect, ask a tenant admin: {}.",
            words::list(&who, "or")
        )
    };
    view! { <p class="panel">{ask}</p> }
}

/// An authorization that waits at the provider.
#[component]
fn Pending(name: String, pending: PendingFlow, now: i64) -> impl IntoView {
    let until = words::clock(pending.until.0);
    let sentence = if pending.mine {
        format!("Waiting for your approval at {name}. This link works until {until} UTC.")
    } else {
        format!(
            "Waiting for {}’s approval at {name}, until {until} UTC. You can start your own.",
            pending.by
        )
    };
    let works = pending.mine && now < pending.until.0;
    view! {
        <section class="panel" data-live="pending">
            <p>{sentence}</p>
            {works
                .then(|| {
                    view! {
                        <p class="form-foot">
                            <LinkButton
                                href=pending.href
                                label="Continue"
                                full_name=format!("Continue connecting {name}")
                                look=Look::Primary
                            />
                        </p>
                    }
                })}
        </section>
    }
}

#[component]
fn ConnectForm(view: IntegrationView) -> impl IntoView {
    let again = view.pending.as_ref().is_some_and(|pending| pending.mine);
    let (label, look) = match (again, view.choosing && view.asks_which) {
        (true, _) => ("Start again".to_owned(), Look::Secondary),
        (false, true) => (format!("Choose another account at {}", view.name), Look::Primary),
        (false, false) => (format!("Continue to {}", view.name), Look::Primary),
    };
    let host = view.provider_host.clone().unwrap_or_else(|| view.name.clone());
    let heading = if view.choosing {
        format!("Connect another {} account", view.name)
    } else {
        format!("Connect {}", view.name)
    };
    let which = view.choosing.then(|| which_account(&view, &host));
    let next = vec![
        format!("You sign in at {host} and approve."),
        "You come back here.".to_owned(),
        if view.history_later {
            words::history_later(&view.name)
        } else {
            "The last 90 days arrive. You can close the page meanwhile.".to_owned()
        },
        "You can stop it any time.".to_owned(),
    ];
    view! {
        <section class="panel">
            <h2 class="text-name">{heading}</h2>
            {which.map(|which| view! { <p class="mt-1">{which}</p> })}
            <ActionForm action=format!("/integrations/{}/connect", view.id)>
                {view.choosing.then(|| view! { <input type="hidden" name=CHOOSE_ACCOUNT value="yes"/> })}
                {view.params.into_iter().map(|param| view! { <Param param=param/> }).collect_view()}
                <h3 class="mt-5">"What happens next"</h3>
                <div class="mt-1"><PlainList items=next/></div>
                <div class="form-foot">
                    <Button label=label look=look busy_verb="Starting…"/>
                </div>
            </ActionForm>
        </section>
    }
}

/// How another account is reached than the one that the provider already knows.
fn which_account(view: &IntegrationView, host: &str) -> String {
    let name = &view.name;
    if view.asks_which {
        format!("{name} asks which account it shall be.")
    } else {
        format!("Sign out at {host} first, or {name} goes on with the account that is signed in there.")
    }
}

#[component]
pub(super) fn Param(param: ParamField) -> impl IntoView {
    let example = param
        .example
        .map(|example| format!(" Example: {example}"))
        .unwrap_or_default();
    let text = FieldText {
        id: field_id(&param.name),
        name: param.name,
        label: param.label,
        help: format!("{}{example}", param.help),
        error: param.error,
        optional: !param.required,
        fill: "",
    };
    if param.options.is_empty() {
        view! { <TextField text=text value=param.value suffix=param.suffix.unwrap_or_default()/> }.into_any()
    } else {
        view! { <SelectField text=text options=param.options value=param.value/> }.into_any()
    }
}

/// Add or replace a key, where it uses one.
#[component]
pub(super) fn KeyPart(view: IntegrationView, page: Page) -> impl IntoView {
    let key = view.key.clone()?;
    let there = standing(&view).is_some();
    Some(match view.offer.clone() {
        Offer::NotOffered { reason, who } => view! { <NotOffered reason=reason who=who/> }.into_any(),
        Offer::LookOnly { who } => view! { <LookOnly who=who/> }.into_any(),
        Offer::Offered if there => {
            let open = key.error.is_some();
            let label = format!("Replace the {} key", view.name);
            view! {
                <section class="panel">
                    <Details summary=label id="replace" open=open>
                        <KeyForm view=view.clone() key=key there=true/>
                    </Details>
                </section>
            }
            .into_any()
        }
        Offer::Offered => {
            let title = format!("Add a {} key", view.name);
            view! {
                <section class="panel">
                    <h2 class="text-name">{title}</h2>
                    <p class="mb-4 text-text-2">"Uses an API key instead of sign-in."</p>
                    <KeyForm view=view.clone() key=key there=false/>
                </section>
            }
            .into_any()
        }
    })
    .filter(|_| !page.company)
}

#[component]
fn KeyForm(view: IntegrationView, key: KeyField, there: bool) -> impl IntoView {
    // Demo mode offers one that its simulated provider knows.
    let sample = key
        .sample
        .map_or_else(String::new, |sample| format!(" In this demo, try {sample}"));
    let text = FieldText {
        id: KEY_ID.to_owned(),
        name: KEY_FIELD.to_owned(),
        label: key.label,
        help: format!(
            "{} Tested with one read, then sealed. It is never shown again.{sample}",
            key.help
        ),
        error: key.error,
        optional: false,
        fill: "",
    };
    let label = if there {
        format!("Replace the {} key", view.name)
    } else {
        format!("Add the {} key", view.name)
    };
    let look = if there { Look::Secondary } else { Look::Primary };
    view! {
        <ActionForm action=format!("/integrations/{}/key", view.id)>
            {view.params.into_iter().map(|param| view! { <Param param=param/> }).collect_view()}
            <SecretField text=text/>
            <div class="form-foot">
                <Button label=label look=look busy_verb="Testing…"/>
            </div>
        </ActionForm>
    }
}

/// What we read, in words; the raw scopes behind "Details".
#[component]
pub(super) fn ScopeList(view: IntegrationView) -> impl IntoView {
    let changes = view.scopes.iter().any(|scope| scope.can_change);
    let intro = if changes {
        "Patchbay asks for:"
    } else {
        "Patchbay reads, and never changes:"
    };
    let raw: Vec<_> = view.scopes.iter().map(|scope| scope.raw.clone()).collect();
    view! {
        <Section title="What we read">
            <p class="mb-2">{intro}</p>
            <ul class="plain-list">
                {view.scopes.into_iter().map(|scope| view! { <Scope scope=scope/> }).collect_view()}
            </ul>
            <div class="mt-3">
                <Details summary="Scopes as sent" id="scopes">
                    <p><code>{raw.join("  ")}</code></p>
                </Details>
            </div>
        </Section>
    }
}

#[component]
fn Scope(scope: ScopeLine) -> impl IntoView {
    view! {
        <li>
            {scope.can_change.then(|| view! { <strong>"Can change: "</strong> })}
            {scope.words}
        </li>
    }
}
