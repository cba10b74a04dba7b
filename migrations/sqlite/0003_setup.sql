-- The first owner, and for whom a session acts.

-- The one-time token that makes the first owner; only its hash.
CREATE TABLE setup_tokens (
    token_hash TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
);

-- The tenant that a person with several roles acts for at the moment; none: for the company.
ALTER TABLE sessions ADD COLUMN acting_for TEXT;
