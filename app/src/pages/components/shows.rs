//! What the development page shows.

use leptos::prelude::*;
use patchbay_hub::view::{AdminState, Gate, GateState, Health, HistoryState, Outcome, Status, Word};
use patchbay_store::time::Millis;

use super::samples::{self, NOW};
use crate::ui::{
    ActivityList, Button, ConfirmPage, CopyField, DateField, Details, EmptyState, ErrorSummary,
    EvidenceLadder, ExactTime, Fact, FactList, FieldText, FileField, GateCell, HistoryBar, IntegrationCard,
    IntegrationRow, LinesField, LinkButton, LogoTile, Look, Notice, PhaseTable, ProgressBar, RelativeTime,
    SecretField, SelectField, StatusWord, TextField, ThreeCounts, TickField, TileSize, Tone,
    VerificationLine, status,
};

#[component]
pub(super) fn Buttons() -> impl IntoView {
    let each = |look: Look, label: &'static str| {
        view! {
            <Button label=label look=look/>
            <Button label=label look=look small=true/>
            <Button label=label look=look busy=true busy_verb="Working…"/>
            <LinkButton href="#" label=label look=look/>
        }
    };
    view! {
        <div class="panel flex flex-wrap gap-3">
            {each(Look::Primary, "Connect Asana")} {each(Look::Secondary, "Test now")}
            {each(Look::Quiet, "Keep it")} {each(Look::Danger, "Disconnect Asana")}
        </div>
        <p class="mt-3">"Only an owner can change provider apps. Ask Ana Ruiz or Ben Cole."</p>
    }
}

#[component]
pub(super) fn Words() -> impl IntoView {
    let cards = [
        AdminState::NeedsAttention,
        AdminState::Connecting,
        AdminState::Connected,
        AdminState::NotOffered,
    ];
    let healths = [
        Health::Healthy,
        Health::Degraded,
        Health::NeedsReconnect,
        Health::Limited,
        Health::RevokePending,
        Health::Revoked,
    ];
    let gates = [
        GateState::Passed,
        GateState::Failed,
        GateState::Running,
        GateState::NotRun,
        GateState::NotBuilt,
        GateState::OutOfDate,
    ];
    let all = (cards
        .into_iter()
        .filter_map(|state| status::of_card(state, Some(43))))
    .chain(healths.map(status::of_health))
    .chain(gates.map(status::of_gate))
    .chain([Status::Implemented, Status::NotApplicable, Status::Pending].map(status::of_status))
    .chain([Outcome::Done, Outcome::Refused, Outcome::Failed].map(status::of_outcome));
    view! {
        <ul class="panel flex flex-wrap gap-x-6 gap-y-3">
            {all
                .map(|shown| {
                    view! {
                        <li class="flex gap-3">
                            <StatusWord shown=shown.clone()/>
                            <StatusWord shown=shown tinted=true/>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[component]
pub(super) fn Marks() -> impl IntoView {
    let logo = Some("asana".to_owned());
    view! {
        <div class="panel flex flex-wrap items-center gap-4">
            <LogoTile name="Asana" logo=logo.clone() size=TileSize::Small/>
            <LogoTile name="Asana" logo=logo.clone()/>
            <LogoTile name="Asana" logo=logo size=TileSize::Large/>
            <LogoTile name="Microsoft Teams" logo=None/>
            <LogoTile name="Slack" logo=None size=TileSize::Large/>
            <RelativeTime at=NOW now=NOW/>
            <RelativeTime at=Millis(NOW.0 - 300_000) now=NOW/>
            <RelativeTime at=Millis(NOW.0 - 4_000_000_000) now=NOW/>
            <ExactTime at=NOW/>
        </div>
    }
}

#[component]
pub(super) fn Cards() -> impl IntoView {
    let cards = vec![
        samples::card("a", "Asana", Some("asana"), AdminState::NeedsAttention),
        samples::card("b", "GitHub", Some("github"), AdminState::Connecting),
        samples::card("c", "Notion", Some("notion"), AdminState::Connected),
        samples::card("d", "Outlook (Microsoft)", None, AdminState::NotConnected),
        samples::card(
            "e",
            "QuickBooks Online",
            Some("quickbooks"),
            AdminState::NotOffered,
        ),
        samples::company_card("Zendesk", Status::Pending, Some(3), 0),
        samples::company_card("Linear", Status::Implemented, Some(4), 12),
        samples::company_card("SendGrid", Status::NotApplicable, None, 1),
    ];
    let rows = vec![
        samples::card("f", "Asana", Some("asana"), AdminState::NeedsAttention),
        samples::card("g", "Notion", Some("notion"), AdminState::Connected),
    ];
    view! {
        <ul class="cards">
            {cards.into_iter().map(|card| view! { <li><IntegrationCard card=card/></li> }).collect_view()}
        </ul>
        <ul class="panel panel-flush rows mt-4">
            {rows.into_iter().map(|card| view! { <li><IntegrationRow card=card/></li> }).collect_view()}
        </ul>
    }
}

#[component]
pub(super) fn Notices() -> impl IntoView {
    view! {
        <Notice
            tone=Tone::Good
            title="Asana is connected as “Acme (ana@acme.example)”."
            text="The last 90 days are arriving below. You may close this page."
        />
        <Notice tone=Tone::Running title="A verification has started."/>
        <Notice
            tone=Tone::Attention
            title="The request was declined at Asana."
            text="Nothing was connected and nothing was read."
            reference="8F3K2M9Q"
        >
            <LinkButton href="#" label="Try again" small=true/>
        </Notice>
        <Notice tone=Tone::Critical title="Verification stopped: the simulator did not start."/>
        <ErrorSummary errors=vec![
            ("sample-error".to_owned(), "Enter your Zendesk subdomain, for example acme".to_owned()),
            ("sample-secret".to_owned(), "SendGrid refused this key. Check that it has Stats: read.".to_owned()),
        ]/>
    }
}

#[component]
pub(super) fn Bars() -> impl IntoView {
    let states = [
        samples::history(HistoryState::Queued, 0, false),
        samples::history(HistoryState::Running, 43, false),
        samples::history(HistoryState::Running, 99, true),
        samples::history(HistoryState::Done, 100, false),
        samples::history(HistoryState::Done, 0, false),
        samples::history(HistoryState::Gaps, 98, false),
        samples::history(HistoryState::Cancelled, 43, false),
    ];
    view! {
        <div class="grid gap-4">
            {states
                .into_iter()
                .map(|history| {
                    view! {
                        <div class="panel">
                            <HistoryBar name="Asana" history=history now=NOW/>
                        </div>
                    }
                })
                .collect_view()} <ProgressBar label="Thin" percent=43 thin=true/>
        </div>
    }
}

#[component]
pub(super) fn Counts() -> impl IntoView {
    view! {
        <ThreeCounts counts=samples::counts(24, 3, 7) now=NOW/>
        <div class="mt-4"><ThreeCounts counts=samples::counts(0, 0, 0) now=NOW/></div>
        <div class="mt-6">
            <VerificationLine verification=samples::verification(false, false, false) now=NOW/>
            <VerificationLine verification=samples::verification(true, true, false) now=NOW/>
            <VerificationLine verification=samples::verification(true, false, true) now=NOW/>
        </div>
    }
}

#[component]
pub(super) fn Gates() -> impl IntoView {
    let states = [
        GateState::Passed,
        GateState::Failed,
        GateState::Running,
        GateState::NotRun,
        GateState::NotBuilt,
        GateState::OutOfDate,
    ];
    let words = [
        None,
        Some(Word::Simulated),
        Some(Word::MatchesDocs),
        Some(Word::StandardsChecked),
        Some(Word::Replayed),
        Some(Word::Live),
    ];
    view! {
        <ul class="panel flex flex-wrap gap-6">
            {states
                .map(|state| {
                    view! { <li><GateCell id="sample" gate=samples::gate(Gate::Flow, state)/></li> }
                })
                .collect_view()}
            {words.map(|word| view! { <li><EvidenceLadder word=word/></li> }).collect_view()}
        </ul>
    }
}

#[component]
pub(super) fn Tables() -> impl IntoView {
    use crate::pages::rollout::{Blockers, Board};
    view! {
        <Board rows=samples::board()/>
        <div class="mt-4"><Blockers rows=samples::board()/></div>
        <div class="mt-4"><PhaseTable rows=samples::phases() total=39/></div>
        <div class="mt-4"><ActivityList rows=samples::activity() now=NOW/></div>
        <div class="mt-4"><ActivityList rows=Vec::new() now=NOW/></div>
    }
}

/// A field with these texts.
fn text(id: &str, label: &str, help: &str, error: Option<&str>, optional: bool) -> FieldText {
    FieldText {
        id: format!("sample-{id}"),
        name: id.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        error: error.map(str::to_owned),
        optional,
        fill: "",
    }
}

#[component]
pub(super) fn Fields() -> impl IntoView {
    let help = "The part before .zendesk.com in your address.";
    let wrong = "“acme.corp” has a dot. A subdomain has letters, digits and hyphens only.";
    let no_day = "Enter a day as year, month and day: 2026-11-12";
    let key_wrong = "SendGrid refused this key. Check that it has Stats: read.";
    let options = vec![
        ("us".to_owned(), "United States".to_owned()),
        ("eu".to_owned(), "European Union".to_owned()),
    ];
    view! {
        <div class="panel">
            <TextField
                text=text("plain", "Zendesk subdomain", help, None, false)
                value="acme"
                suffix=".zendesk.com"
            />
            <TextField
                text=text("error", "Zendesk subdomain", help, Some(wrong), false)
                value="acme.corp"
                suffix=".zendesk.com"
            />
            <SecretField text=text("secret", "SendGrid API key", "Settings, API keys.", Some(key_wrong), false)/>
            <SelectField text=text("region", "Region", "", None, true) options=options value="eu"/>
            <CopyField
                text=text("copy", "Redirect URI to register", "", None, false)
                value="http://localhost:3000/callback/asana"
            />
            <DateField text=text("day", "Last day of the secret", "", None, true) value="2026-11-12"/>
            <DateField text=text("day-error", "Keep the old secret until", "", Some(no_day), false) value="12.11."/>
            <LinesField text=text("lines", "Notes", "For the next person.", None, true) value="Ask Ana." rows=3/>
            <TickField name="tick" label="The redirect URIs stand at Asana" ticked=true/>
            <FileField text=text("file", "File", "TOML or JSON, 60 KB at most.", None, false) accept=".toml"/>
        </div>
    }
}

#[component]
pub(super) fn Boxes() -> impl IntoView {
    let effects = vec![
        (
            "Stops now".to_owned(),
            vec!["Daily sync".to_owned(), "3 API clients".to_owned()],
        ),
        (
            "At Asana".to_owned(),
            vec!["We ask Asana to end our access and show you the answer.".to_owned()],
        ),
    ];
    view! {
        <EmptyState text="No integration matches “slck” in Mail and chat.">
            <LinkButton href="#" label="Clear filters"/>
        </EmptyState>
        <div class="mt-4">
            <ConfirmPage
                action="#"
                verb="Disconnect Asana"
                busy_verb="Disconnecting…"
                keep=("Keep it".to_owned(), "#".to_owned())
                effects=effects
            />
        </div>
        <div class="panel">
            <FactList
                facts=vec![
                    Fact::new("Account", "Acme (ana@acme.example)"),
                    Fact::new("Access ends", view! { <ExactTime at=NOW/> }),
                ]
                wide=true
            />
            <div class="mt-4">
                <Details summary="Details" id="sample-details"><p>"What is folded away."</p></Details>
            </div>
        </div>
    }
}
