-- Proving integrations with real accounts.

-- What a tenant is: a customer, or the one that engineers prove with, which is no customer and counts nowhere.
ALTER TABLE tenants ADD COLUMN kind TEXT NOT NULL DEFAULT 'customer' CHECK (kind IN ('customer', 'proving'));
CREATE UNIQUE INDEX tenants_proving ON tenants (kind) WHERE kind = 'proving';

-- An engineer's test account, taken through one integration.
CREATE TABLE proofs (
    id TEXT PRIMARY KEY,
    integration_id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    build TEXT NOT NULL,
    -- Whether the provider is asked to end the access afterwards.
    end_access BIGINT NOT NULL,
    -- None where it is proven with a key.
    flow_id TEXT REFERENCES flows (id),
    connection_id TEXT REFERENCES connections (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'ending', 'done')),
    -- None until there is a verdict.
    passed BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    due_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    -- Grows with every claim: only the last claimant may write.
    lease_generation BIGINT NOT NULL,
    -- What went over the wire, without anything that belongs to anybody.
    recording TEXT
);
CREATE UNIQUE INDEX proofs_open ON proofs (integration_id) WHERE state IN ('waiting', 'running');
CREATE INDEX proofs_newest ON proofs (integration_id, created_at);
CREATE INDEX proofs_due ON proofs (due_at) WHERE state <> 'done';

CREATE TABLE proof_steps (
    proof_id TEXT NOT NULL REFERENCES proofs (id),
    step TEXT NOT NULL CHECK (step IN ('connect', 'whoami', 'refresh', 'page', 'revoke')),
    result TEXT NOT NULL CHECK (result IN ('running', 'passed', 'none', 'failed')),
    -- The kind of the result, in the hub's words.
    class TEXT,
    expected TEXT,
    got TEXT,
    started_at BIGINT NOT NULL,
    ms BIGINT,
    PRIMARY KEY (proof_id, step)
);

-- What was proven with real accounts.
CREATE TABLE live_evidence (
    id TEXT PRIMARY KEY,
    proof_id TEXT NOT NULL REFERENCES proofs (id),
    integration_id TEXT NOT NULL,
    gate TEXT NOT NULL CHECK (gate IN ('flow', 'lifecycle', 'history')),
    result TEXT NOT NULL CHECK (result IN ('passed', 'failed')),
    word TEXT NOT NULL CHECK (word = 'live'),
    step TEXT,
    expected TEXT,
    got TEXT,
    build TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES people (id),
    at BIGINT NOT NULL,
    UNIQUE (proof_id, gate)
);
CREATE INDEX live_evidence_integration ON live_evidence (integration_id, at);

GRANT SELECT, INSERT, UPDATE ON proofs, proof_steps, live_evidence TO patchbay_system;
