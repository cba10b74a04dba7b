//! The chain over the audit trail (check S74): every row has a link, and every link is a hash of the link before it and
//! of what its row says. A row that is edited, taken away or slipped in breaks the chain at its place.
//!
//! Links are made when a transaction commits, so that writers wait for each other for one moment only. Someone who can
//! write to the database could compute a whole new chain, or cut its end off; a [`Checkpoint`] that is kept elsewhere
//! shows both.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::audit::{AuditRow, NewAudit};
use crate::tx::Link;
use crate::{StoreError, Tx};

/// The advisory lock that puts writers of links in line: any number that nothing else in this database uses.
const IN_LINE: i64 = 0x0070_6174_6368_6c6e;

/// Rows that are checked at once.
const PAGE: i64 = 500;

/// A SHA-256.
type Hash = [u8; 32];

/// A row whose link is to be made, by its id and the hash of what it says.
pub(crate) type Unlinked = (i64, Hash);

/// A link that was seen, to be compared with later: `18204:3f9a…`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Which link, counted from 1.
    pub seq: i64,
    /// What it was, in hexadecimal digits.
    pub link: String,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.link)
    }
}

/// What was given is no checkpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a checkpoint is a number, a colon and 64 hexadecimal digits")]
pub struct NoCheckpoint;

impl FromStr for Checkpoint {
    type Err = NoCheckpoint;

    fn from_str(text: &str) -> Result<Self, NoCheckpoint> {
        let (seq, link) = text.trim().split_once(':').ok_or(NoCheckpoint)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(NoCheckpoint)?;
        if link.len() != 64 || !link.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoCheckpoint);
        }
        Ok(Self {
            seq,
            link: link.to_ascii_lowercase(),
        })
    }
}

/// Where a chain is broken, by the first place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Break {
    /// The row of this link does not say what it said.
    Changed {
        /// Which link.
        seq: i64,
        /// Its row.
        audit_id: i64,
    },
    /// The row of this link is gone.
    RowGone {
        /// Which link.
        seq: i64,
        /// The row that was there.
        audit_id: i64,
    },
    /// This link is gone.
    LinkGone {
        /// Which link.
        seq: i64,
    },
    /// This row has no link: it was not written by Patchbay.
    SlippedIn {
        /// The row.
        audit_id: i64,
    },
    /// The chain ends before a checkpoint that it had reached.
    CutOff {
        /// The last link that is there.
        last: i64,
        /// The checkpoint's.
        reached: i64,
    },
    /// The chain is whole, and not the one that the checkpoint was taken from.
    Replaced {
        /// The checkpoint's link.
        seq: i64,
    },
}

/// What a check of the chain found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checked {
    /// Links that were checked.
    pub entries: u64,
    /// The last of them.
    pub head: Option<Checkpoint>,
    /// The first place where it is broken.
    pub broken: Option<Break>,
}

#[derive(sqlx::FromRow)]
struct StoredLink {
    seq: i64,
    audit_id: i64,
    link: String,
}

/// What a row says, as a hash: every part with its length before it, so that no two rows give the same bytes.
pub(crate) fn says(id: i64, row: &NewAudit) -> Hash {
    let (id, at) = (id.to_string(), row.at.0.to_string());
    let parts: [Option<&str>; 14] = [
        Some(&id),
        Some(&at),
        row.tenant_id.as_ref().map(crate::TenantId::as_str),
        Some(&row.actor_kind),
        Some(&row.actor_id),
        Some(&row.actor_name),
        Some(&row.action),
        Some(&row.target_kind),
        Some(&row.target_id),
        row.integration_id.as_deref(),
        Some(row.outcome.as_str()),
        row.reason.as_deref(),
        row.severity.as_deref(),
        row.reference.as_deref(),
    ];
    let mut hash = Sha256::new();
    for part in parts {
        match part {
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
            None => hash.update([0]),
        }
    }
    hash.finalize().into()
}

/// The link after `before`.
fn next_link(before: &str, seq: i64, says: &Hash) -> String {
    let mut hash = Sha256::new();
    hash.update("patchbay audit link, form 1");
    hash.update(before);
    hash.update(seq.to_be_bytes());
    hash.update(says);
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Makes the links of rows that this transaction has added; the last thing that it does.
pub(crate) async fn extend(tx: &mut Tx, rows: &[Unlinked]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    stand_in_line(tx).await?;
    let (mut seq, mut link) = last(tx)
        .await?
        .map_or((0, String::new()), |head| (head.seq, head.link));
    for (audit_id, says) in rows {
        seq += 1;
        link = next_link(&link, seq, says);
        affected!(
            tx,
            sqlx::query("INSERT INTO audit_links (seq, audit_id, link) VALUES ($1, $2, $3)")
                .bind(seq)
                .bind(audit_id)
                .bind(&link)
        )?;
    }
    Ok(())
}

/// Others wait here until this transaction has committed: two links must not follow the same one. What is left to do in it
/// is done as the system, since links are not a tenant's to read.
async fn stand_in_line(tx: &mut Tx) -> Result<(), StoreError> {
    if let Link::Postgres(link) = tx.link() {
        sqlx::query("SELECT pg_advisory_xact_lock($1), set_config('role', 'patchbay_system', true)")
            .bind(IN_LINE)
            .execute(&mut **link)
            .await?;
    }
    Ok(())
}

/// The last link.
async fn last(tx: &mut Tx) -> Result<Option<Checkpoint>, StoreError> {
    let stored: Option<(i64, String)> = on_both!(
        tx,
        sqlx::query_as("SELECT seq, link FROM audit_links ORDER BY seq DESC LIMIT 1"),
        fetch_optional
    )?;
    Ok(stored.map(|(seq, link)| Checkpoint { seq, link }))
}

/// Gives links to the rows of a database from before there was a chain. Does nothing where there is one.
///
/// # Errors
/// [`StoreError::WrongScope`] but for the system, [`StoreError::Database`].
pub(crate) async fn begin(tx: &mut Tx) -> Result<(), StoreError> {
    tx.require_system()?;
    stand_in_line(tx).await?;
    if last(tx).await?.is_some() {
        return Ok(());
    }
    let mut after = 0;
    loop {
        let rows = rows_between(tx, after + 1, i64::MAX).await?;
        let Some(newest) = rows.last() else {
            return Ok(());
        };
        after = newest.id;
        let unlinked: Vec<Unlinked> = rows
            .iter()
            .map(|row| (row.id, says(row.id, &row.said())))
            .collect();
        extend(tx, &unlinked).await?;
    }
}

/// At most a page of rows with ids from `first` to `last`, oldest first.
async fn rows_between(tx: &mut Tx, first: i64, last: i64) -> Result<Vec<AuditRow>, StoreError> {
    scoped_all!(
        tx,
        AuditRow,
        "SELECT * FROM audit WHERE ($1 = '*' OR tenant_id = $1) AND id >= $2 AND id <= $3 ORDER BY id LIMIT $4",
        first,
        last,
        PAGE
    )
}

/// Walks the whole chain, and compares it with a link that was seen before.
///
/// # Errors
/// [`StoreError::WrongScope`] but for the system, [`StoreError::Database`], [`StoreError::Corrupt`] where a row can't
/// even be read.
pub async fn check(tx: &mut Tx, seen: Option<&Checkpoint>) -> Result<Checked, StoreError> {
    tx.require_system()?;
    let mut head = Checkpoint {
        seq: 0,
        link: String::new(),
    };
    let mut seen_link = None;
    loop {
        let links = links_after(tx, head.seq).await?;
        if links.is_empty() {
            break;
        }
        let rows = rows_of(tx, &links).await?;
        for link in links {
            if let Some(broken) = wrong_with(&link, &head, rows.get(&link.audit_id)) {
                return Ok(checked(&head, Some(broken)));
            }
            if seen.is_some_and(|seen| seen.seq == link.seq) {
                seen_link = Some(link.link.clone());
            }
            head = Checkpoint {
                seq: link.seq,
                link: link.link,
            };
        }
    }
    let broken = match slipped_in(tx).await? {
        Some(broken) => Some(broken),
        None => seen.and_then(|seen| differs(seen, seen_link.as_deref(), &head)),
    };
    Ok(checked(&head, broken))
}

fn checked(head: &Checkpoint, broken: Option<Break>) -> Checked {
    Checked {
        entries: head.seq.unsigned_abs(),
        head: (head.seq > 0).then(|| head.clone()),
        broken,
    }
}

async fn links_after(tx: &mut Tx, seq: i64) -> Result<Vec<StoredLink>, StoreError> {
    company_all!(
        tx,
        StoredLink,
        "SELECT seq, audit_id, link FROM audit_links WHERE seq > $1 ORDER BY seq LIMIT $2",
        seq,
        PAGE
    )
}

/// The rows of these links by their ids. Links follow the order of commits and ids that of beginnings, so they are
/// near each other and not the same.
async fn rows_of(tx: &mut Tx, links: &[StoredLink]) -> Result<HashMap<i64, AuditRow>, StoreError> {
    let ids = || links.iter().map(|link| link.audit_id);
    let (mut first, last) = (ids().min().unwrap_or(0), ids().max().unwrap_or(0));
    let mut rows = HashMap::new();
    loop {
        let page = rows_between(tx, first, last).await?;
        let Some(newest) = page.last() else {
            return Ok(rows);
        };
        first = newest.id + 1;
        rows.extend(page.into_iter().map(|row| (row.id, row)));
    }
}

/// What is wrong with a link, if anything is.
fn wrong_with(link: &StoredLink, before: &Checkpoint, row: Option<&AuditRow>) -> Option<Break> {
    let (seq, audit_id) = (link.seq, link.audit_id);
    if seq != before.seq + 1 {
        return Some(Break::LinkGone { seq: before.seq + 1 });
    }
    let Some(row) = row else {
        return Some(Break::RowGone { seq, audit_id });
    };
    let should = next_link(&before.link, seq, &says(row.id, &row.said()));
    (should != link.link).then_some(Break::Changed { seq, audit_id })
}

/// The first row without a link.
async fn slipped_in(tx: &mut Tx) -> Result<Option<Break>, StoreError> {
    let found = scoped_one!(
        tx,
        (i64,),
        "SELECT id FROM audit WHERE ($1 = '*' OR tenant_id = $1)
             AND NOT EXISTS (SELECT 1 FROM audit_links WHERE audit_links.audit_id = audit.id)
         ORDER BY id LIMIT 1"
    )?;
    Ok(found.map(|(audit_id,)| Break::SlippedIn { audit_id }))
}

/// How a whole chain differs from a checkpoint.
fn differs(seen: &Checkpoint, link: Option<&str>, head: &Checkpoint) -> Option<Break> {
    match link {
        Some(link) if link == seen.link => None,
        Some(_) => Some(Break::Replaced { seq: seen.seq }),
        None => Some(Break::CutOff {
            last: head.seq,
            reached: seen.seq,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let checkpoint = Checkpoint {
            seq: 18_204,
            link: "3f".repeat(32),
        };
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint.clone()));
        assert_eq!(
            format!(" {} ", checkpoint.to_string().to_uppercase()).parse(),
            Ok(checkpoint)
        );
        for wrong in [
            "",
            "3f",
            "0:3f",
            "12:3f",
            "x:3f",
            &format!("1:{}", "zz".repeat(32)),
        ] {
            assert_eq!(wrong.parse::<Checkpoint>(), Err(NoCheckpoint), "{wrong}");
        }
    }
}
