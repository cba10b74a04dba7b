//! The report as JSON, for programs. The shape has a version of its own: fields are added, never changed.

use patchbay_store::time::Millis;
use serde_json::{Value, json};

use crate::view::{BoardRow, PhaseRow, ReportView, Word};

/// Name and version of the shape.
const SCHEMA: &str = "patchbay-report/1";

/// The report as JSON.
pub fn json(report: &ReportView) -> Value {
    let counts = &report.counts;
    let verified = report.verification.finished.as_ref();
    json!({
        "schema": SCHEMA,
        "as_of": report.as_of.rfc3339(),
        "mode": if report.demo { "demo" } else { "live" },
        "build": {
            "verified": verified.map(|(build, _)| build),
            "verified_at": verified.map(|(_, at)| at.rfc3339()),
            "written_by": report.verification.build,
        },
        "counts": {
            "built": {
                "complete": counts.built.complete,
                "of": counts.built.total,
                "percent": counts.built.percent,
                "gates_proven": counts.built.gates_proven,
                "gates_of": counts.built.gates_total,
            },
            "proven_live_here": {
                "integrations": counts.live.count,
                "of": counts.built.total,
                "last": counts.live.last.map(Millis::rfc3339),
            },
            "in_use": {
                "integrations": counts.in_use.integrations,
                "of": counts.built.total,
                "tenants": counts.in_use.tenants,
            },
        },
        "phases": report.phases.iter().map(phase).collect::<Vec<_>>(),
        "integrations": report.rows.iter().map(integration).collect::<Vec<_>>(),
    })
}

/// Plan against actual.
fn phase(row: &PhaseRow) -> Value {
    json!({
        "phase": row.stage.slug(),
        "complete": row.complete,
        "of": row.size,
        "plan_total": row.plan_total,
        "plan_percent": row.plan_percent,
    })
}

/// One of the 39. Counts of connections, never their accounts.
fn integration(row: &BoardRow) -> Value {
    let gates: serde_json::Map<String, Value> = row
        .gates
        .iter()
        .map(|gate| (gate.gate.as_str().to_owned(), gate.state.as_str().into()))
        .collect();
    json!({
        "id": row.id,
        "name": row.name,
        "category": row.category.slug(),
        "phase": row.stage.slug(),
        "named_in_plan": row.named_in_plan,
        "status": row.status.as_str(),
        "word": row.weakest.map(Word::as_str),
        "gates": gates,
        "missing": row.missing,
        "connections": row.connections,
        "tenants": row.tenants,
    })
}
