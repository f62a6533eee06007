-- Contact data that somebody objected to, by hash only (contracts::DataPoint). Kept for ever: it is what keeps the data away.
CREATE TABLE suppressions (
    workspace   TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    hash        TEXT   NOT NULL,
    -- The delivery that ordered it first.
    source      TEXT   NOT NULL,
    event_id    TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    listed_at   BIGINT NOT NULL,
    CONSTRAINT suppressions_identity PRIMARY KEY (workspace, kind, hash)
);

-- By what a person is found again without being named. NULL in rows of the release before, until they are next written.
ALTER TABLE people ADD COLUMN person_ref TEXT;
ALTER TABLE people ADD COLUMN email_hash TEXT;
ALTER TABLE people ADD COLUMN phone_hash TEXT;
CREATE INDEX people_by_ref ON people (workspace, person_ref);
CREATE INDEX people_by_email_hash ON people (workspace, email_hash);
CREATE INDEX people_by_phone_hash ON people (workspace, phone_hash);
