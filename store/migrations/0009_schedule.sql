-- When each company with a group is to be refreshed next. Only a save moves `due_at`.
CREATE TABLE refresh_schedules (
    workspace    TEXT   NOT NULL,
    company_id   TEXT   NOT NULL,
    -- How likely its people are to leave: 'red' daily, 'orange' weekly, 'green' monthly; and how sure that is, 0-100.
    colour       TEXT   NOT NULL,
    confidence   BIGINT NOT NULL,
    -- When its people were last really read, and when they are to be read again.
    refreshed_at BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    -- Its place in the queue: not to be tried before. `due_at` until a try has not refreshed it.
    try_at       BIGINT NOT NULL,
    -- Tries since it was refreshed, without the last one; milliseconds from the last one's end to the next, its event, and
    -- the run of the schedule that took it.
    tries        BIGINT NOT NULL DEFAULT 0,
    pause        BIGINT NOT NULL DEFAULT 0,
    event_id     TEXT,
    taken_by     TEXT,
    CONSTRAINT refresh_schedules_identity PRIMARY KEY (workspace, company_id),
    CONSTRAINT refresh_schedules_of_company FOREIGN KEY (workspace, company_id) REFERENCES companies (workspace, company_id)
);
CREATE INDEX refresh_schedules_due ON refresh_schedules (workspace, try_at);
CREATE INDEX refresh_schedules_taken ON refresh_schedules (taken_by) WHERE taken_by IS NOT NULL;

-- Companies taken for a scheduled refresh, by workspace and day (days since 1970, UTC).
CREATE TABLE refresh_budgets (
    workspace TEXT   NOT NULL,
    day       BIGINT NOT NULL,
    taken     BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT refresh_budgets_identity PRIMARY KEY (workspace, day)
);

-- Groups of the releases before: a week after they were saved, until a recalculation gives them their colour.
INSERT INTO refresh_schedules (workspace, company_id, colour, confidence, refreshed_at, due_at, try_at)
SELECT workspace, company_id, 'orange', 20, chosen_at, chosen_at + 604800000, chosen_at + 604800000 FROM buyer_groups;
