//! Proofs: test accounts that engineers take through an integration, step by step. A proof is work: it is claimed under
//! a lease, and a server that dies leaves readable how far it had come.

use std::time::Duration;

use crate::{ConnectionId, Fenced, FlowId, Millis, PersonId, ProofId, StoreError, Tx};

words! {
    /// How a proof stands.
    pub enum ProofState {
        /// Its engineer is at the provider.
        Waiting => "waiting",
        /// Its steps are being taken.
        Running => "running",
        /// There is a verdict; the provider has not confirmed yet that the access ended.
        Ending => "ending",
        /// It is over.
        Done => "done",
    }
}

impl ProofState {
    /// Whether there is no verdict yet.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

words! {
    /// A step of a proof, in their order.
    pub enum ProofStep {
        /// A real account connects.
        Connect => "connect",
        /// The provider says whose it is.
        Whoami => "whoami",
        /// Access is renewed.
        Refresh => "refresh",
        /// A page of history is read.
        Page => "page",
        /// The provider ends the access.
        Revoke => "revoke",
    }
}

words! {
    /// What came of a step.
    pub enum StepResult {
        /// It is being taken; or was when a server stopped.
        Running => "running",
        /// It went well.
        Passed => "passed",
        /// The provider has no such thing.
        None => "none",
        /// It did not go well.
        Failed => "failed",
    }
}

/// A proof.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Proof {
    /// Its id.
    pub id: ProofId,
    /// Of which integration.
    pub integration_id: String,
    /// Whose test account it is.
    pub person_id: PersonId,
    /// Of which build.
    pub build: String,
    /// Whether the provider is asked to end the access afterwards.
    pub end_access: bool,
    /// The authorization; none where it is proven with a key.
    pub flow_id: Option<FlowId>,
    /// The connection, once there is one.
    pub connection_id: Option<ConnectionId>,
    /// How it stands.
    pub state: ProofState,
    /// The verdict; none until there is one.
    pub passed: Option<bool>,
    /// When it began.
    pub created_at: Millis,
    /// When it was over.
    pub finished_at: Option<Millis>,
    /// When to look at it next.
    pub due_at: Millis,
    /// How often it was taken up since it last moved on.
    pub attempt: i64,
    /// Grows with every claim: only the last claimant may write.
    pub lease_generation: i64,
}

/// A step that was begun.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Step {
    /// Of which proof.
    pub proof_id: ProofId,
    /// Which.
    pub step: ProofStep,
    /// What came of it.
    pub result: StepResult,
    /// The kind of the result, in the hub's words; none while it runs.
    pub class: Option<String>,
    /// What should have come, where something else did.
    pub expected: Option<String>,
    /// What came. Never a secret, an account or content.
    pub got: Option<String>,
    /// When it began.
    pub started_at: Millis,
    /// How long it took, in milliseconds.
    pub ms: Option<i64>,
}

/// A proof to begin.
#[derive(Clone, Debug)]
pub struct NewProof {
    /// Its id.
    pub id: ProofId,
    /// Of which integration.
    pub integration_id: String,
    /// Whose test account it is.
    pub person_id: PersonId,
    /// Of which build.
    pub build: String,
    /// Whether the provider is asked to end the access afterwards.
    pub end_access: bool,
    /// The authorization; none where it is proven with a key.
    pub flow_id: Option<FlowId>,
    /// The connection, where there is one already.
    pub connection_id: Option<ConnectionId>,
    /// [`ProofState::Waiting`] for an authorization, [`ProofState::Running`] with a connection.
    pub state: ProofState,
    /// When it begins.
    pub created_at: Millis,
    /// When to look at it.
    pub due_at: Millis,
}

/// The columns of [`Proof`], read as one: a column of flags is a number in both databases.
macro_rules! proof {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            "id, integration_id, person_id, build, end_access <> 0 AS end_access, flow_id, connection_id, state,
             passed <> 0 AS passed, created_at, finished_at, due_at, attempt, lease_generation",
            $tail
        )
    };
}

/// Begins a proof.
///
/// # Errors
/// [`StoreError::Conflict`] while another one of the integration has no verdict.
pub async fn insert(tx: &mut Tx, new: &NewProof) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO proofs (id, integration_id, person_id, build, end_access, flow_id, connection_id, state, created_at,
             due_at, attempt, lease_generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0)",
        &new.id,
        &new.integration_id,
        &new.person_id,
        &new.build,
        i64::from(new.end_access),
        &new.flow_id,
        &new.connection_id,
        new.state,
        new.created_at,
        new.due_at
    )?;
    Ok(())
}

/// One proof.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &ProofId) -> Result<Option<Proof>, StoreError> {
    company_one!(tx, Proof, proof!("SELECT ", " FROM proofs WHERE id = $1"), id)
}

/// The proof that an authorization belongs to.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn of_flow(tx: &mut Tx, flow: &FlowId) -> Result<Option<Proof>, StoreError> {
    company_one!(
        tx,
        Proof,
        proof!("SELECT ", " FROM proofs WHERE flow_id = $1"),
        flow
    )
}

/// The newest proof of an integration.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn newest(tx: &mut Tx, integration: &str) -> Result<Option<Proof>, StoreError> {
    company_one!(
        tx,
        Proof,
        proof!(
            "SELECT ",
            " FROM proofs WHERE integration_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1"
        ),
        integration
    )
}

/// The proof of an integration that has no verdict yet.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open(tx: &mut Tx, integration: &str) -> Result<Option<Proof>, StoreError> {
    company_one!(
        tx,
        Proof,
        proof!(
            "SELECT ",
            " FROM proofs WHERE integration_id = $1 AND state IN ('waiting', 'running')"
        ),
        integration
    )
}

/// Claims the proof that has been due longest, for so long.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(
    tx: &mut Tx,
    now: Millis,
    owner: &str,
    lease: Duration,
) -> Result<Option<Proof>, StoreError> {
    // The conditions stand outside too: of two who saw the same row, the second finds it leased.
    company_one!(
        tx,
        Proof,
        proof!(
            "UPDATE proofs SET lease_owner = $2, lease_until = $3, lease_generation = lease_generation + 1,
                 attempt = attempt + 1
             WHERE state <> 'done' AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) AND id = (
                 SELECT id FROM proofs
                 WHERE state <> 'done' AND due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
                 ORDER BY due_at, id LIMIT 1)
             RETURNING ",
            ""
        ),
        now,
        owner,
        now.plus(lease)
    )
}

/// The account has connected: the other steps are due. Only for a proof that waits.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn connected(
    tx: &mut Tx,
    id: &ProofId,
    connection: &ConnectionId,
    now: Millis,
) -> Result<Fenced, StoreError> {
    let rows = company_run!(
        tx,
        "UPDATE proofs SET state = 'running', connection_id = $2, due_at = $3, attempt = 0, lease_until = NULL,
             lease_generation = lease_generation + 1
         WHERE id = $1 AND state = 'waiting'",
        id,
        connection,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Gives a waiting proof up: no account has connected.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn give_up(tx: &mut Tx, id: &ProofId, now: Millis) -> Result<Fenced, StoreError> {
    let rows = company_run!(
        tx,
        "UPDATE proofs SET state = 'done', passed = 0, finished_at = $2, lease_until = NULL,
             lease_generation = lease_generation + 1
         WHERE id = $1 AND state = 'waiting'",
        id,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Writes the verdict, by whoever holds the lease. `ends_at` is when to look whether the provider has ended the access;
/// none: there is nothing to wait for, and the proof is over.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn judge(
    tx: &mut Tx,
    proof: &Proof,
    passed: bool,
    ends_at: Option<Millis>,
    recording: Option<&str>,
    now: Millis,
) -> Result<Fenced, StoreError> {
    let rows = company_run!(
        tx,
        "UPDATE proofs SET state = $3, passed = $4, due_at = $5, finished_at = $6, recording = $7, attempt = 0,
             lease_until = NULL
         WHERE id = $1 AND lease_generation = $2 AND state = 'running'",
        &proof.id,
        proof.lease_generation,
        if ends_at.is_some() {
            ProofState::Ending
        } else {
            ProofState::Done
        },
        i64::from(passed),
        ends_at.unwrap_or(now),
        ends_at.is_none().then_some(now),
        recording
    )?;
    Ok(Fenced::from_affected(rows))
}

/// The proof is over, by whoever holds the lease.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn finish(tx: &mut Tx, proof: &Proof, now: Millis) -> Result<Fenced, StoreError> {
    let rows = company_run!(
        tx,
        "UPDATE proofs SET state = 'done', finished_at = $3, lease_until = NULL
         WHERE id = $1 AND lease_generation = $2 AND state = 'ending'",
        &proof.id,
        proof.lease_generation,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Gives the lease back until then.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn look_again(tx: &mut Tx, proof: &Proof, due_at: Millis) -> Result<Fenced, StoreError> {
    let rows = company_run!(
        tx,
        "UPDATE proofs SET due_at = $3, lease_until = NULL WHERE id = $1 AND lease_generation = $2",
        &proof.id,
        proof.lease_generation,
        due_at
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Whether the lease is still the claimant's. Asked before a step is written.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn holds(tx: &mut Tx, proof: &Proof) -> Result<Fenced, StoreError> {
    // A write, so that in PostgreSQL nobody claims it before the transaction ends.
    let rows = company_run!(
        tx,
        "UPDATE proofs SET attempt = attempt WHERE id = $1 AND lease_generation = $2",
        &proof.id,
        proof.lease_generation
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Writes a step down, in place of what it came to before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_step(tx: &mut Tx, step: &Step) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO proof_steps (proof_id, step, result, class, expected, got, started_at, ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (proof_id, step) DO UPDATE SET result = excluded.result, class = excluded.class,
             expected = excluded.expected, got = excluded.got, started_at = excluded.started_at, ms = excluded.ms",
        &step.proof_id,
        step.step,
        step.result,
        &step.class,
        &step.expected,
        &step.got,
        step.started_at,
        step.ms
    )?;
    Ok(())
}

/// The steps of a proof that were begun, in the order in which they were.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn steps(tx: &mut Tx, id: &ProofId) -> Result<Vec<Step>, StoreError> {
    let mut steps = company_all!(
        tx,
        Step,
        "SELECT proof_id, step, result, class, expected, got, started_at, ms FROM proof_steps WHERE proof_id = $1",
        id
    )?;
    steps.sort_by_key(|step| step.step);
    Ok(steps)
}

/// The recording of a proof, where there is one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn recording(tx: &mut Tx, id: &ProofId) -> Result<Option<String>, StoreError> {
    let row = company_one!(
        tx,
        (Option<String>,),
        "SELECT recording FROM proofs WHERE id = $1",
        id
    )?;
    Ok(row.and_then(|(recording,)| recording))
}
