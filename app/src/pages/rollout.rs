//! The rollout: three counts, the plan, what blocks the rest, and the board of all integrations.

use leptos::prelude::*;
use patchbay_catalog::Stage;
use patchbay_hub::view::{BoardRow, Gate, GateState, RolloutView, Status};
use patchbay_store::time::Millis;

use super::{for_viewer, query};
use crate::{
    notices,
    ui::{
        ActionForm, Button, EmptyState, EvidenceLadder, GateCell, Layout, LinkButton, Look, Notice, PageHead,
        PhaseTable, Place, Section, StatusWord, TableBox, ThreeCounts, Tone, VerificationLine, gate_label,
        status,
    },
    words,
};

/// `/rollout`
#[component]
pub fn Rollout() -> impl IntoView {
    let show = Show::parse(query("status").as_deref());
    let said = notices::of_rollout(query("notice").as_deref());
    for_viewer(|asked| async move {
        let now = asked.now;
        let view = asked.hub.rollout(&asked.viewer).await?;
        Ok(view.map(|view| view! { <RolloutPage view=view now=now show=show said=said/> }.into_any()))
    })
}

/// Which rows of the board are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    All,
    Pending,
    Complete,
    Live,
    Used,
}

impl Show {
    /// Value in the address and label.
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::All, "", "All"),
        (Self::Pending, "pending", "Pending"),
        (Self::Complete, "complete", "Built"),
        (Self::Live, "live", "Proven live here"),
        (Self::Used, "used", "In use"),
    ];

    fn parse(word: Option<&str>) -> Self {
        let word = word.unwrap_or_default();
        Self::ALL
            .iter()
            .find(|(_, value, _)| *value == word)
            .map_or(Self::All, |found| found.0)
    }

    /// What is said where no row passes.
    fn none(self) -> &'static str {
        match self {
            Self::All => "There is no integration.",
            Self::Pending => "None is pending: every integration is built.",
            Self::Complete => "None is built yet.",
            Self::Live => "None is proven live here yet.",
            Self::Used => "None is in use yet.",
        }
    }

    fn passes(self, row: &BoardRow) -> bool {
        match self {
            Self::All => true,
            Self::Pending => row.status == Status::Pending,
            Self::Complete => row.status != Status::Pending,
            Self::Live => row.live.is_some(),
            Self::Used => row.connections > 0,
        }
    }
}

#[component]
fn RolloutPage(view: RolloutView, now: Millis, show: Show, said: Option<&'static str>) -> impl IntoView {
    let built = view.counts.built;
    let title = match &view.verification.running {
        Some(running) => format!("Verifying {} of {} – Rollout", running.done, running.total),
        None => format!("{} of {} built – Rollout", built.complete, built.total),
    };
    let announce = announcement(&view);
    let rows = view
        .board
        .iter()
        .filter(|row| show.passes(row))
        .cloned()
        .collect();
    let may_verify = view.may_verify && view.verification.running.is_none();
    view! {
        <Layout title=title here=Place::Rollout live=true reload=true>
            <PageHead title="Rollout">
                <span data-live="verify">
                    {may_verify.then(|| view! { <RunVerification/> })}
                </span>
            </PageHead>
            {said.map(|said| view! { <Notice tone=Tone::Running title=said focus=true/> })}
            <span hidden=true data-announce=announce data-live="announce"></span>
            <VerificationLine verification=view.verification now=now/>
            <ThreeCounts counts=view.counts now=now/>
            <Section title="Phases">
                <PhaseTable rows=view.phases total=built.total/>
            </Section>
            <Section title="What blocks the rest" id="blockers">
                <Blockers rows=view.board/>
            </Section>
            <Section title="Board" id="board">
                <ShowLinks show=show/>
                <Board rows=rows none=show.none()/>
            </Section>
        </Layout>
    }
}

/// What the status region says when it changes: in quarters while it runs, and the result.
fn announcement(view: &RolloutView) -> String {
    let built = view.counts.built;
    match &view.verification.running {
        Some(running) => {
            let quarter = running.done * 4 / running.total.max(1) * 25;
            format!("Verification: {quarter} percent.")
        }
        None => format!(
            "Built: {} of {}, {} of {} gates.",
            built.complete, built.total, built.gates_proven, built.gates_total
        ),
    }
}

#[component]
fn RunVerification() -> impl IntoView {
    view! {
        <ActionForm action="/rollout/verify">
            <Button label="Run verification" look=Look::Primary busy_verb="Starting…"/>
        </ActionForm>
    }
}

/// Filters of the board, as links.
#[component]
fn ShowLinks(show: Show) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Rows of the board">
            <ul>
                {Show::ALL
                    .into_iter()
                    .map(|(each, value, label)| {
                        let href = if value.is_empty() {
                            "/rollout#board".to_owned()
                        } else {
                            format!("/rollout?status={value}#board")
                        };
                        let current = (each == show).then_some("true");
                        view! {
                            <li>
                                <a href=href aria-current=current>{label}</a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

/// Integrations of one phase that miss the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Blocked {
    stage: Stage,
    missing: String,
    /// Id and name.
    integrations: Vec<(String, String)>,
}

/// What is pending, by phase; what misses the same stands together.
fn blocked(rows: Vec<BoardRow>) -> Vec<Blocked> {
    let mut found: Vec<Blocked> = Vec::new();
    for row in rows.into_iter().filter(|row| row.status == Status::Pending) {
        let same = |group: &&mut Blocked| group.stage == row.stage && group.missing == row.missing;
        match found.iter_mut().find(same) {
            Some(group) => group.integrations.push((row.id, row.name)),
            None => found.push(Blocked {
                stage: row.stage,
                missing: row.missing,
                integrations: vec![(row.id, row.name)],
            }),
        }
    }
    found.sort_by_key(|group| group.stage);
    found
}

/// What is pending, why, by phase.
#[component]
pub(super) fn Blockers(
    /// The 39; only what is pending is listed.
    rows: Vec<BoardRow>,
) -> impl IntoView {
    let groups = blocked(rows);
    if groups.is_empty() {
        return view! { <p data-live="blockers">"Nothing: every integration is built."</p> }.into_any();
    }
    let pending: usize = groups.iter().map(|group| group.integrations.len()).sum();
    let pending = u64::try_from(pending).unwrap_or_default();
    view! {
        <div data-live="blockers" data-hold="">
            <TableBox label="What blocks the rest">
                <table class="table table-stack">
                    <caption class="caption">
                        {format!("{} pending, by phase.", words::count(pending, "integration", "integrations"))}
                    </caption>
                    <thead>
                        <tr>
                            <th scope="col">"Phase"</th>
                            <th scope="col">"Integrations"</th>
                            <th scope="col" class="wide">"What is missing"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {groups.into_iter().map(|group| view! { <BlockedRow group=group/> }).collect_view()}
                    </tbody>
                </table>
            </TableBox>
        </div>
    }
    .into_any()
}

#[component]
fn BlockedRow(group: Blocked) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="nowrap">{group.stage.label()}</th>
            <td data-label="Integrations">
                <ul class="names">
                    {group
                        .integrations
                        .into_iter()
                        .map(|(id, name)| {
                            view! {
                                <li>
                                    <a class="link" href=format!("/integrations/{id}")>{name}</a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </td>
            <td data-label="Missing">{group.missing}</td>
        </tr>
    }
}

/// Rows and gates; on phones the gates are one line under the name.
#[component]
pub(super) fn Board(
    /// The rows to show.
    rows: Vec<BoardRow>,
    /// What is said where there is none.
    #[prop(default = "There is no integration.")]
    none: &'static str,
) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState text=none>
                <LinkButton href="/rollout#board" label="Show all integrations"/>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <TableBox label="Board of integrations" board=true>
            <table class="table table-board">
                <caption class="sr-only">
                    "Integrations with their four gates, how well these are proven, and the status that follows."
                </caption>
                <thead>
                    <tr>
                        <th scope="col">"Integration"</th>
                        <th scope="col" class="not-phone">"Flow"</th>
                        <th scope="col" class="not-phone">"Storage"</th>
                        <th scope="col" class="not-phone">"Lifecycle"</th>
                        <th scope="col" class="not-phone">"History"</th>
                        <th scope="col" class="not-phone">"Weakest evidence"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}</tbody>
            </table>
        </TableBox>
    }
    .into_any()
}

#[component]
fn Row(row: BoardRow) -> impl IntoView {
    let line = gates_line(&row);
    let cells = if row.gates.is_empty() {
        view! { <td class="not-phone text-text-2" colspan="4">"Uses an API key: nothing to authorise"</td> }
            .into_any()
    } else {
        row.gates
            .iter()
            .map(|gate| view! { <td class="not-phone"><GateCell id=row.id.clone() gate=gate.clone()/></td> })
            .collect_view()
            .into_any()
    };
    view! {
        <tr data-live=format!("row-{}", row.id) data-flash="">
            <th scope="row">
                <a class="link" href=format!("/integrations/{}", row.id)>{row.name}</a>
                <span class="only-phone text-text-2">{line}</span>
            </th>
            {cells}
            <td class="not-phone"><EvidenceLadder word=row.weakest/></td>
            <td class="nowrap"><StatusWord shown=status::of_status(row.status)/></td>
        </tr>
    }
}

/// "3 of 4 gates · history failed"
fn gates_line(row: &BoardRow) -> String {
    if row.gates.is_empty() {
        return "Uses an API key".to_owned();
    }
    let passed = row
        .gates
        .iter()
        .filter(|gate| gate.state == GateState::Passed)
        .count();
    let worst = row.gates.iter().find(|gate| gate.state != GateState::Passed);
    let rest = worst.map_or_else(String::new, |gate| {
        let word = status::of_gate(gate.state).word.to_lowercase();
        format!(" · {} {word}", name_of(gate.gate))
    });
    format!("{passed} of {} gates{rest}", row.gates.len())
}

fn name_of(gate: Gate) -> String {
    gate_label(gate).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(name: &str, stage: Stage, missing: &str) -> BoardRow {
        BoardRow {
            id: name.to_lowercase(),
            name: name.to_owned(),
            category: patchbay_catalog::Category::Calendar,
            stage,
            status: Status::Pending,
            gates: Vec::new(),
            weakest: None,
            missing: missing.to_owned(),
            connections: 0,
            tenants: 0,
            named_in_plan: true,
            live: None,
        }
    }

    #[test]
    fn what_misses_the_same_stands_together_by_phase() {
        let done = BoardRow {
            status: Status::Implemented,
            ..pending("Asana", Stage::Phase5, "")
        };
        let rows = vec![
            pending("Xero", Stage::Phase8, "history"),
            pending("Notion", Stage::Baseline, "flow"),
            done,
            pending("Figma", Stage::Baseline, "flow"),
        ];
        let groups = blocked(rows);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].stage, Stage::Baseline);
        assert_eq!(groups[0].integrations.len(), 2);
        assert_eq!(groups[1].missing, "history");
    }

    #[test]
    fn the_address_chooses_rows_and_nonsense_chooses_all() {
        assert_eq!(Show::parse(Some("pending")), Show::Pending);
        assert_eq!(Show::parse(Some("<b>")), Show::All);
        assert_eq!(Show::parse(None), Show::All);
    }
}
