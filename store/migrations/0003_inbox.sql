-- Events accepted while Temporal could not take them. A row goes as soon as Temporal has the workflow: nothing is kept
-- here that is done. `request` is the workflow's input, which names no person.
CREATE TABLE inbox (
    workflow_id   TEXT   NOT NULL,
    workspace     TEXT   NOT NULL,
    source        TEXT   NOT NULL,
    -- Which kind of request: what reads it, and what is started.
    kind          TEXT   NOT NULL,
    digest        TEXT   NOT NULL,
    request       TEXT   NOT NULL,
    received_at   BIGINT NOT NULL,
    -- Not to be tried before.
    not_before    BIGINT NOT NULL DEFAULT 0,
    attempts      BIGINT NOT NULL DEFAULT 0,
    -- Class of what went wrong last.
    last_error    TEXT,
    -- Whoever has it in hand, and until when: a starter that was killed gives nothing back.
    claimed_by    TEXT,
    claimed_until BIGINT NOT NULL DEFAULT 0,
    -- Since when it is given up and waits for an operator.
    dead_at       BIGINT,
    CONSTRAINT inbox_identity PRIMARY KEY (workflow_id)
);
CREATE INDEX inbox_waiting ON inbox (received_at, workflow_id) WHERE dead_at IS NULL;
CREATE INDEX inbox_dead ON inbox (dead_at) WHERE dead_at IS NOT NULL;
