//! Made-up data for the development page.

use patchbay_catalog::{Category, Stage};
use patchbay_hub::view::{
    ActivityRow, AdminState, BoardRow, Built, CardView, CompanyFacts, Counts, Gate, GateFailure, GateState,
    GateView, HistoryState, HistoryView, InUse, Outcome, PhaseRow, ProvenLive, RunningVerification, Status,
    VerificationView, Waiting, Word,
};
use patchbay_store::time::Millis;

pub(super) const NOW: Millis = Millis(1_794_492_151_000);
const DAY: i64 = 86_400_000;

/// A card in this state.
pub(super) fn card(id: &str, name: &str, logo: Option<&str>, state: AdminState) -> CardView {
    CardView {
        id: id.to_owned(),
        name: name.to_owned(),
        summary: "Tasks, projects, people".to_owned(),
        category: Category::WorkAndProjects,
        stage: Stage::Phase5,
        logo: logo.map(str::to_owned),
        uses_key: false,
        account: Some("Acme (ana@acme.example)".to_owned()),
        cause: Some("Access no longer accepted".to_owned()),
        percent: (state == AdminState::Connecting).then_some(43),
        company: None,
        may_connect: !matches!(state, AdminState::NotOffered),
        state,
    }
}

/// The same as the company sees it.
pub(super) fn company_card(name: &str, status: Status, gates: Option<u32>, tenants: u32) -> CardView {
    CardView {
        company: Some(CompanyFacts {
            status,
            gates_passed: gates,
            tenants_in_use: tenants,
        }),
        may_connect: false,
        ..card("sample", name, None, AdminState::NotConnected)
    }
}

/// An import in this state.
pub(super) fn history(state: HistoryState, percent: u8, waits: bool) -> HistoryView {
    HistoryView {
        state,
        percent,
        done: u32::from(percent) * 90 / 100,
        total: 90,
        unit: "days".to_owned(),
        records: u64::from(percent) * 123,
        from: Millis(NOW.0 - 87 * DAY),
        to: Millis(NOW.0 + 2 * DAY),
        started_at: Some(Millis(NOW.0 - 12 * 60_000)),
        finished_at: Some(NOW),
        waiting: waits.then(|| Waiting {
            reason: "Asana asked us to wait".to_owned(),
            until: NOW,
        }),
        streams: Vec::new(),
    }
}

/// The three counts.
pub(super) fn counts(complete: u32, live: u32, used: u32) -> Counts {
    Counts {
        built: Built {
            complete,
            total: 39,
            percent: (complete * 200 + 39) / 78,
            gates_proven: complete * 4,
            gates_total: 144,
        },
        live: ProvenLive {
            count: live,
            last: (live > 0).then_some(Millis(NOW.0 - DAY)),
        },
        in_use: InUse {
            integrations: used,
            tenants: used * 2,
        },
    }
}

/// A gate in this state.
pub(super) fn gate(gate: Gate, state: GateState) -> GateView {
    GateView {
        gate,
        state,
        word: (state == GateState::Passed).then_some(Word::Simulated),
        basis: None,
        failure: (state == GateState::Failed).then(|| GateFailure {
            step: "used code".to_owned(),
            expected: "refused".to_owned(),
            got: "accepted".to_owned(),
        }),
        at: Some(NOW),
    }
}

/// Rows of a board.
pub(super) fn board() -> Vec<BoardRow> {
    use GateState::{Failed, NotBuilt, NotRun, OutOfDate, Passed, Running};
    vec![
        row("Asana", Status::Implemented, [Passed; 4], ""),
        row(
            "Outlook (Microsoft)",
            Status::Pending,
            [Passed, Failed, Running, NotRun],
            "storage failed",
        ),
        row(
            "QuickBooks Online",
            Status::Pending,
            [OutOfDate, Passed, NotBuilt, NotBuilt],
            "lifecycle, history: not built",
        ),
        BoardRow {
            gates: Vec::new(),
            ..row("SendGrid", Status::NotApplicable, [Passed; 4], "")
        },
    ]
}

fn row(name: &str, status: Status, states: [GateState; 4], missing: &str) -> BoardRow {
    let gates = [Gate::Flow, Gate::Storage, Gate::Lifecycle, Gate::History];
    BoardRow {
        id: "sample".to_owned(),
        name: name.to_owned(),
        category: Category::WorkAndProjects,
        stage: Stage::Phase5,
        status,
        gates: gates
            .into_iter()
            .zip(states)
            .map(|(of, state)| gate(of, state))
            .collect(),
        weakest: (status == Status::Implemented).then_some(Word::MatchesDocs),
        missing: missing.to_owned(),
        connections: 3,
        tenants: 2,
        named_in_plan: true,
        live: None,
    }
}

/// Two phases.
pub(super) fn phases() -> Vec<PhaseRow> {
    let row = |stage, complete, size, plan_total, plan_percent| PhaseRow {
        stage,
        complete,
        size,
        plan_total,
        plan_percent,
    };
    vec![
        row(Stage::Baseline, 1, 15, 15, 38),
        row(Stage::Phase5, 1, 5, 20, 51),
    ]
}

/// A verification: finished, running, stopped.
pub(super) fn verification(finished: bool, runs: bool, stopped: bool) -> VerificationView {
    VerificationView {
        finished: finished.then(|| ("3f9c2e1".to_owned(), Millis(NOW.0 - DAY))),
        running: runs.then(|| RunningVerification {
            build: "9ab04d2".to_owned(),
            done: 17,
            total: 39,
            started_at: Millis(NOW.0 - 40_000),
        }),
        stopped: stopped.then(|| "the simulator did not start".to_owned()),
        build: "9ab04d2".to_owned(),
    }
}

/// Three rows of activity.
pub(super) fn activity() -> Vec<ActivityRow> {
    let row = |minutes: i64, sentence: &str, outcome, reference: Option<&str>| ActivityRow {
        at: Millis(NOW.0 - minutes * 60_000),
        sentence: sentence.to_owned(),
        outcome,
        reference: reference.map(str::to_owned),
    };
    vec![
        row(0, "Ana Ruiz connected Asana for Acme", Outcome::Done, None),
        row(
            5,
            "An approval for Asana came back in another browser",
            Outcome::Refused,
            Some("8F3K2M9Q"),
        ),
        row(
            90,
            "GitHub failed to hand over access to Ana Ruiz",
            Outcome::Failed,
            Some("7QK2M9ZZ"),
        ),
    ]
}
