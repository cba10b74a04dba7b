//! How far each provider app is: its stage, who looks after it, its review, and what the last check found.
//!
//! A row can be there before the app is registered, so it stands apart from [`provider_apps`](crate::provider_apps).

use crate::{Millis, StoreError, Tx};

words! {
    /// How far an app is at its provider.
    pub enum Stage {
        /// There is none yet.
        NotRegistered => "not_registered",
        /// It is there, for our own account at least.
        Registered => "registered",
        /// The provider looks at it.
        InReview => "in_review",
        /// Every customer may connect through it.
        Approved => "approved",
    }
}

words! {
    /// How the last check ended: the gravest thing that it found.
    pub enum Grade {
        /// Nothing is wrong.
        Fine => "fine",
        /// Something needs a look.
        Attention => "attention",
        /// It does not work like this.
        Wrong => "wrong",
    }
}

/// How far a provider app is.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct AppProgress {
    /// Which app.
    pub id: String,
    /// How far it is, as a person said.
    pub stage: Stage,
    /// Who looks after it; empty: nobody was named.
    pub owner: String,
    /// The day on which the review was asked for.
    pub review_since: Option<Millis>,
    /// The day by which the provider is expected to answer.
    pub review_expected: Option<Millis>,
    /// What whoever works on it wants to remember.
    pub notes: String,
    /// The public address of ours whose redirect URIs stand at the provider, as a person said.
    pub uris_at: Option<String>,
    /// When it was last checked; none: not since the last change.
    pub checked_at: Option<Millis>,
    /// How that ended.
    pub check_grade: Option<Grade>,
    /// What it found, as JSON of the hub's.
    pub check_findings: Option<String>,
    /// When a person last changed it.
    pub updated_at: Millis,
    /// Who.
    pub updated_by: String,
}

/// What a check came to.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Which app.
    pub id: String,
    /// When.
    pub at: Millis,
    /// The gravest thing that it found.
    pub grade: Grade,
    /// All that it found, as JSON of the hub's.
    pub findings: String,
    /// Who asked for it.
    pub by: String,
}

/// Stores how far an app is. What the last check found no longer holds and is forgotten.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(tx: &mut Tx, new: &AppProgress) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO provider_app_progress (id, stage, owner, review_since, review_expected, notes, uris_at, updated_at,
             updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, owner = excluded.owner,
             review_since = excluded.review_since, review_expected = excluded.review_expected,
             notes = excluded.notes, uris_at = excluded.uris_at, checked_at = NULL, check_grade = NULL,
             check_findings = NULL, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        &new.id,
        new.stage,
        &new.owner,
        new.review_since,
        new.review_expected,
        &new.notes,
        &new.uris_at,
        new.updated_at,
        &new.updated_by
    )?;
    Ok(())
}

/// Forgets what the last check found: the app was changed since.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_check(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE provider_app_progress SET checked_at = NULL, check_grade = NULL, check_findings = NULL WHERE id = $1",
        id
    )?;
    Ok(())
}

/// Stores what a check came to.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_check(tx: &mut Tx, new: &Checked) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO provider_app_progress (id, stage, owner, notes, checked_at, check_grade, check_findings, updated_at,
             updated_by)
         VALUES ($1, $2, '', '', $3, $4, $5, $3, $6)
         ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at, check_grade = excluded.check_grade,
             check_findings = excluded.check_findings",
        &new.id,
        Stage::NotRegistered,
        new.at,
        new.grade,
        &new.findings,
        &new.by
    )?;
    Ok(())
}

/// How far one app is; none: nobody said anything about it.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<AppProgress>, StoreError> {
    company_one!(
        tx,
        AppProgress,
        "SELECT * FROM provider_app_progress WHERE id = $1",
        id
    )
}

/// How far all apps are, by id.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn list(tx: &mut Tx) -> Result<Vec<AppProgress>, StoreError> {
    company_all!(tx, AppProgress, "SELECT * FROM provider_app_progress ORDER BY id")
}
