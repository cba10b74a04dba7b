-- Provider apps as a checklist: how far each one is, when its secret ends, and a second secret while the first is replaced.

-- Each secret has the last day on which it may be used; the other one is tried where the first is not accepted.
ALTER TABLE provider_apps ADD COLUMN secret_since INTEGER;
ALTER TABLE provider_apps ADD COLUMN secret_ends_at INTEGER;
-- Since when the provider is known to accept it; only looked at while two are held.
ALTER TABLE provider_apps ADD COLUMN secret_accepted_at INTEGER;
ALTER TABLE provider_apps ADD COLUMN other_secret BLOB;
ALTER TABLE provider_apps ADD COLUMN other_since INTEGER;
ALTER TABLE provider_apps ADD COLUMN other_ends_at INTEGER;

-- A table of its own: an app has an owner, notes and a review before there is a client id to store.
CREATE TABLE provider_app_progress (
    id TEXT PRIMARY KEY,
    stage TEXT NOT NULL CHECK (stage IN ('not_registered', 'registered', 'in_review', 'approved')),
    owner TEXT NOT NULL,
    review_since INTEGER,
    review_expected INTEGER,
    notes TEXT NOT NULL,
    -- The public address whose redirect URIs stand at the provider, as the person who put them there said.
    uris_at TEXT,
    checked_at INTEGER,
    check_grade TEXT CHECK (check_grade IN ('fine', 'attention', 'wrong')),
    check_findings TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL
);
