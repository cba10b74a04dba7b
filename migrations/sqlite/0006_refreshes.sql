-- Renewing access: one row for each connection that can be renewed.

CREATE TABLE refreshes (
    connection_id TEXT PRIMARY KEY REFERENCES connections (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    integration_id TEXT NOT NULL,
    -- When to renew without being asked to; none: not before someone needs it.
    due_at INTEGER,
    -- The provider asked us to wait until then.
    wait_until INTEGER,
    -- Failed tries in a row.
    attempt INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    -- Grows with every claim: only the last claimant may conclude.
    lease_generation INTEGER NOT NULL,
    -- Which grant's refresh token was sent, and when; no time once the answer is known.
    sent_grant TEXT REFERENCES grants (id),
    sent_at INTEGER,
    -- How many answers in a row never came.
    lost INTEGER NOT NULL
);
CREATE INDEX refreshes_due ON refreshes (integration_id, due_at) WHERE due_at IS NOT NULL;

-- An answer that came after its lease had been taken over: kept, and not in use.
ALTER TABLE grants ADD COLUMN spare INTEGER NOT NULL DEFAULT 0;

-- What was connected before is looked at once.
INSERT INTO refreshes (connection_id, tenant_id, integration_id, due_at, attempt, lease_generation, lost)
SELECT c.id, c.tenant_id, c.integration_id, 0, 0, 0, 0 FROM connections c
WHERE c.ended_at IS NULL AND EXISTS (SELECT 1 FROM grants g
    WHERE g.connection_id = c.id AND g.generation = c.grant_generation AND g.refresh IS NOT NULL);
