//! The plan against what is there.

use leptos::prelude::*;
use patchbay_hub::view::PhaseRow;

use super::TableBox;

/// One row for each phase: integrations, complete now, left, and what the plan says.
#[component]
pub fn PhaseTable(
    /// The rows, in the plan's order.
    rows: Vec<PhaseRow>,
    /// All integrations.
    total: u32,
) -> impl IntoView {
    view! {
        <TableBox label="Phases" narrow=true>
            <table class="table">
                <caption class="caption">
                    "Complete counts as the plan counts: implemented, or connected by a key."
                </caption>
                <thead>
                    <tr>
                        <th scope="col">"Phase"</th>
                        <th scope="col" class="right">"Complete now"</th>
                        <th scope="col" class="right">"Left"</th>
                        <th scope="col" class="right">"Plan, in all"</th>
                    </tr>
                </thead>
                <tbody data-live="phases">
                    {rows
                        .into_iter()
                        .map(|row| view! { <Row row=row total=total/> })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn Row(row: PhaseRow, total: u32) -> impl IntoView {
    let left = row.size.saturating_sub(row.complete);
    view! {
        <tr>
            <th scope="row" class="nowrap">{row.stage.label()}</th>
            <td class="right nowrap">{format!("{} of {}", row.complete, row.size)}</td>
            <td class="right">{left}</td>
            <td class="right nowrap">
                {format!("{} of {total} · {} %", row.plan_total, row.plan_percent)}
            </td>
        </tr>
    }
}
