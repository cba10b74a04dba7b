-- The whole first schema. Ids are TEXT made by the program, times are INTEGER epoch milliseconds UTC,
-- sealed secrets are BLOB. The same tables under the same number stand in ../postgres.

CREATE TABLE deployment (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    mode TEXT NOT NULL CHECK (mode IN ('demo', 'live')),
    created_at INTEGER NOT NULL
);

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
);

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
    name TEXT NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL
);

-- Company roles stand without a tenant, tenant roles with one.
CREATE TABLE memberships (
    person_id TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    tenant_id TEXT REFERENCES tenants (id),
    CHECK (
        (role IN ('owner', 'engineer', 'pm', 'viewer') AND tenant_id IS NULL)
        OR (role IN ('admin', 'member') AND tenant_id IS NOT NULL)
    )
);
CREATE UNIQUE INDEX memberships_once ON memberships (person_id, coalesce(tenant_id, '-'));
CREATE INDEX memberships_tenant ON memberships (tenant_id);

-- Only the hash of a session's token is ever stored.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES people (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE provider_apps (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    secret BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE TABLE flows (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    session_hash TEXT NOT NULL,
    integration_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state_hash TEXT NOT NULL UNIQUE,
    browser_hash TEXT NOT NULL,
    verifier BLOB,
    leave_url BLOB,
    redirect_uri TEXT NOT NULL,
    params TEXT NOT NULL,
    return_to TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    outcome TEXT,
    outcome_at INTEGER,
    reference TEXT NOT NULL
);
CREATE INDEX flows_tenant ON flows (tenant_id, integration_id, created_at);

CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    integration_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    account_label TEXT NOT NULL,
    params TEXT NOT NULL,
    returned_values TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('healthy', 'degraded', 'limited', 'needs_reconnect')),
    cause TEXT,
    state_since INTEGER NOT NULL,
    scopes_granted TEXT,
    created_by TEXT NOT NULL REFERENCES people (id),
    created_at INTEGER NOT NULL,
    checked_at INTEGER,
    check_result TEXT,
    check_latency_ms INTEGER,
    grant_generation INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT REFERENCES people (id)
);
-- A tenant holds one living connection to an upstream account.
CREATE UNIQUE INDEX connections_live_account
    ON connections (tenant_id, integration_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX connections_integration ON connections (integration_id, state);

-- Grants are only ever added; wiping clears the sealed tokens and keeps the row.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('token', 'key')),
    access BLOB,
    refresh BLOB,
    scopes TEXT,
    expires_at INTEGER,
    obtained_at INTEGER NOT NULL,
    wiped_at INTEGER,
    UNIQUE (connection_id, generation),
    CHECK ((wiped_at IS NULL) = (access IS NOT NULL)),
    CHECK (wiped_at IS NULL OR refresh IS NULL)
);

CREATE TABLE revocations (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    grant_id TEXT NOT NULL REFERENCES grants (id),
    due_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    lease_generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'no_call')),
    last_error TEXT,
    created_at INTEGER NOT NULL,
    done_at INTEGER
);
CREATE INDEX revocations_due ON revocations (state, due_at);
CREATE INDEX revocations_connection ON revocations (connection_id);

CREATE TABLE sync_runs (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'gaps', 'cancelled', 'failed')),
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    note TEXT
);
CREATE INDEX sync_runs_connection ON sync_runs (connection_id, created_at);

CREATE TABLE sync_windows (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    run_id TEXT NOT NULL REFERENCES sync_runs (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    integration_id TEXT NOT NULL,
    stream TEXT NOT NULL,
    position INTEGER NOT NULL,
    window_key TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'aside', 'cancelled')),
    cursor TEXT,
    due_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    waiting_reason TEXT,
    lease_owner TEXT,
    lease_until INTEGER,
    lease_generation INTEGER NOT NULL,
    records INTEGER NOT NULL,
    reached_at INTEGER,
    done_at INTEGER,
    UNIQUE (run_id, stream, window_key)
);
CREATE INDEX sync_windows_due ON sync_windows (state, due_at);

-- Who was served last: a growing number per tenant, so that one tenant's long import can't starve another's.
CREATE TABLE sync_turns (
    turn_of TEXT PRIMARY KEY REFERENCES tenants (id),
    turn INTEGER NOT NULL
);

-- Title and payload are customers' content: both sealed with the tenant's key.
CREATE TABLE records (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    stream TEXT NOT NULL,
    upstream_id TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    title BLOB NOT NULL,
    payload BLOB NOT NULL,
    run_id TEXT NOT NULL REFERENCES sync_runs (id),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (connection_id, stream, upstream_id)
);
CREATE INDEX records_time ON records (connection_id, stream, occurred_at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    tenant_id TEXT REFERENCES tenants (id),
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    integration_id TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    reason TEXT,
    severity TEXT,
    reference TEXT
);
CREATE INDEX audit_tenant ON audit (tenant_id, id);
CREATE INDEX audit_integration ON audit (integration_id, id);

CREATE TABLE verifications (
    id TEXT PRIMARY KEY,
    build TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    note TEXT
);
CREATE INDEX verifications_started ON verifications (started_at);

CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    verification_id TEXT NOT NULL REFERENCES verifications (id),
    integration_id TEXT NOT NULL,
    gate TEXT NOT NULL CHECK (gate IN ('flow', 'storage', 'lifecycle', 'history')),
    result TEXT NOT NULL CHECK (result IN ('passed', 'failed', 'not_built')),
    word TEXT NOT NULL,
    step TEXT,
    expected TEXT,
    got TEXT,
    build TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX evidence_verification ON evidence (verification_id, integration_id, gate);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    tenant_id TEXT REFERENCES tenants (id),
    topic TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE INDEX events_tenant ON events (tenant_id, id);

-- Data keys, wrapped by the key-encryption key. A row without a tenant is the deployment's key.
CREATE TABLE data_keys (
    id TEXT PRIMARY KEY,
    tenant_id TEXT REFERENCES tenants (id),
    version INTEGER NOT NULL,
    kek_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    destroyed_at INTEGER
);
CREATE UNIQUE INDEX data_keys_version ON data_keys (coalesce(tenant_id, '-'), version);

CREATE TABLE status_events (
    id TEXT PRIMARY KEY,
    integration_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT NOT NULL,
    build TEXT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX status_events_at ON status_events (at, id);
