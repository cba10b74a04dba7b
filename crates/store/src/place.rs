//! Where a sealed value belongs. A value opens in its own place and nowhere else.

use crate::{ConnectionId, TenantId};

/// The place of a sealed value: it is part of the seal, so a value copied to another tenant, row or field does not
/// open there.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's id.
    pub row: &'a str,
    /// The tenant whose data key seals it; `None` is the deployment's key.
    pub tenant: Option<&'a TenantId>,
    /// The connection that the row is about, if any.
    pub connection: Option<&'a ConnectionId>,
    /// The column.
    pub field: &'a str,
}

impl Place<'_> {
    /// What the seal is bound to besides the text: every part with its length before it, so that no two places
    /// give the same bytes.
    pub(crate) fn bound_to(&self, version: u8, key_id: &[u8]) -> Vec<u8> {
        let tenant = self.tenant.map_or("-", TenantId::as_str);
        let connection = self.connection.map_or("-", ConnectionId::as_str);
        let version = [version];
        let parts: [&[u8]; 7] = [
            &version,
            key_id,
            self.table.as_bytes(),
            self.row.as_bytes(),
            tenant.as_bytes(),
            connection.as_bytes(),
            self.field.as_bytes(),
        ];
        let mut bound = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
        for part in parts {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_parts_changes_the_bytes() {
        let one = Place {
            table: "ab",
            row: "c",
            tenant: None,
            connection: None,
            field: "f",
        };
        let two = Place {
            table: "a",
            row: "bc",
            ..one
        };
        assert_ne!(one.bound_to(1, &[0; 16]), two.bound_to(1, &[0; 16]));
    }

    #[test]
    fn every_part_counts() {
        let (tenant, other, connection) = (TenantId::from("t"), TenantId::from("u"), ConnectionId::from("c"));
        let base = Place {
            table: "t",
            row: "r",
            tenant: Some(&tenant),
            connection: Some(&connection),
            field: "f",
        };
        let all = [
            base.bound_to(1, &[0; 16]),
            base.bound_to(2, &[0; 16]),
            base.bound_to(1, &[1; 16]),
            Place { table: "x", ..base }.bound_to(1, &[0; 16]),
            Place { row: "x", ..base }.bound_to(1, &[0; 16]),
            Place {
                tenant: Some(&other),
                ..base
            }
            .bound_to(1, &[0; 16]),
            Place { tenant: None, ..base }.bound_to(1, &[0; 16]),
            Place {
                connection: None,
                ..base
            }
            .bound_to(1, &[0; 16]),
            Place { field: "x", ..base }.bound_to(1, &[0; 16]),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
