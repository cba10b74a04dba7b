//! Counts and percentages, all from the board.

use std::collections::BTreeSet;

use patchbay_catalog::Stage;
use patchbay_store::{connections::Usage, ids::TenantId};

use crate::view::{BoardRow, Built, InUse, PhaseRow, ProvenLive};

/// "Our code does it."
pub(super) fn built(board: &[BoardRow]) -> Built {
    let complete = to_u32(board.iter().filter(|row| row.status.is_complete()).count());
    let total = to_u32(board.len());
    let gates = board.iter().flat_map(|row| &row.gates);
    Built {
        complete,
        total,
        percent: percent(complete, total),
        gates_proven: to_u32(gates.clone().filter(|gate| gate.word.is_some()).count()),
        gates_total: to_u32(gates.count()),
    }
}

/// "A real account at the real provider connected, refreshed and synced here."
pub(super) fn live(board: &[BoardRow]) -> ProvenLive {
    ProvenLive {
        count: to_u32(board.iter().filter(|row| row.live.is_some()).count()),
        last: board.iter().filter_map(|row| row.live).max(),
    }
}

/// "At least one healthy connection."
pub(super) fn in_use(board: &[BoardRow], usage: &[Usage]) -> InUse {
    let planned: Vec<&Usage> = usage
        .iter()
        .filter(|used| board.iter().any(|row| row.id == used.integration_id))
        .collect();
    let tenants: BTreeSet<&TenantId> = planned.iter().flat_map(|used| &used.tenant_ids).collect();
    InUse {
        integrations: to_u32(planned.iter().filter(|used| used.connections > 0).count()),
        tenants: to_u32(tenants.len()),
    }
}

/// Plan against actual, by phase.
pub(crate) fn phases(board: &[BoardRow]) -> Vec<PhaseRow> {
    let total = to_u32(board.len());
    let mut planned = 0;
    Stage::ALL
        .iter()
        .map(|stage| {
            let rows: Vec<&BoardRow> = board.iter().filter(|row| row.stage == *stage).collect();
            planned += to_u32(rows.len());
            PhaseRow {
                stage: *stage,
                complete: to_u32(rows.iter().filter(|row| row.status.is_complete()).count()),
                size: to_u32(rows.len()),
                plan_total: planned,
                plan_percent: percent(planned, total),
            }
        })
        .collect()
}

/// `part` of `whole` in percent, rounded half up.
pub(crate) fn percent(part: u32, whole: u32) -> u32 {
    if whole == 0 {
        0
    } else {
        (part * 200 + whole) / (whole * 2)
    }
}

/// A count as the views hold it.
pub(crate) fn to_u32(count: impl TryInto<u32>) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_half_up_as_the_plan_does() {
        let of_39 = [
            (3, 8),
            (5, 13),
            (15, 38),
            (20, 51),
            (24, 62),
            (30, 77),
            (34, 87),
            (39, 100),
        ];
        for (complete, expected) in of_39 {
            assert_eq!(percent(complete, 39), expected, "{complete} of 39");
        }
        assert_eq!(percent(1, 200), 1);
        assert_eq!(percent(0, 0), 0);
    }
}
