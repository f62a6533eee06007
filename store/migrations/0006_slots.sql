-- One refresh of a company in a window of time. Whoever changes anything about a company's slot or its claims has locked
-- this row.
CREATE TABLE slots (
    workspace       TEXT   NOT NULL,
    company_id      TEXT   NOT NULL,
    -- Length of the window when it was last claimed, in milliseconds.
    window_ms       BIGINT NOT NULL,
    -- When the next refresh may start.
    opens_at        BIGINT NOT NULL,
    last_started_at BIGINT,
    -- Refreshes that failed since the last one that did not.
    failures        BIGINT NOT NULL DEFAULT 0,
    -- The refresh that waits for the next slot.
    waiting         TEXT,
    -- How often a refresh was started for stranded events and took nobody along, and not to be done again before.
    carries         BIGINT NOT NULL DEFAULT 0,
    carry_at        BIGINT,
    CONSTRAINT slots_identity PRIMARY KEY (workspace, company_id)
);

-- What became of each refresh that asked for its company's slot.
CREATE TABLE slot_claims (
    refresh_id TEXT   NOT NULL,
    workspace  TEXT   NOT NULL,
    company_id TEXT   NOT NULL,
    -- 'waiting' for the slot; 'running'; 'folded' into `holder`; 'stranded' because `holder` ended badly; 'ended'.
    state      TEXT   NOT NULL,
    holder     TEXT,
    claimed_at BIGINT NOT NULL,
    CONSTRAINT slot_claims_identity PRIMARY KEY (refresh_id),
    CONSTRAINT slot_claims_of_refresh FOREIGN KEY (refresh_id) REFERENCES refreshes (refresh_id) ON DELETE CASCADE
);
CREATE INDEX slot_claims_by_holder ON slot_claims (holder);
CREATE INDEX slot_claims_stranded ON slot_claims (workspace, company_id) WHERE state = 'stranded';

-- When a refresh that waits goes on, by itself or because nobody answered.
ALTER TABLE refreshes ADD COLUMN waiting_until BIGINT;
-- When the keeper looks whether its workflow still runs. NULL in rows of the release before: a while after it began.
ALTER TABLE refreshes ADD COLUMN look_at BIGINT;
-- Why the event was ignored, or the group before kept.
ALTER TABLE refreshes ADD COLUMN end_reason TEXT;
CREATE INDEX refreshes_running ON refreshes (started_at) WHERE status = 'running';
