-- The first owner, and for whom a session acts.

-- The one-time token that makes the first owner; only its hash.
CREATE TABLE setup_tokens (
    token_hash TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
GRANT SELECT, INSERT, UPDATE ON setup_tokens TO patchbay_system;

-- The tenant that a person with several roles acts for at the moment; none: for the company.
ALTER TABLE sessions ADD COLUMN acting_for TEXT;
