-- The chain over the audit trail: one link for each row, in the order in which rows were committed. A link names its row
-- and does not refer to it: a row that is taken away must not take its link along.

CREATE TABLE audit_links (
    seq INTEGER PRIMARY KEY,
    audit_id INTEGER NOT NULL UNIQUE,
    -- SHA-256, in hexadecimal digits, of the link before and of what the row says.
    link TEXT NOT NULL
);
