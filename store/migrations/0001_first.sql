-- Everything the refresh keeps. One text for SQLite and PostgreSQL: moments are BIGINT milliseconds since 1970 (UTC),
-- lists and objects are JSON in TEXT, yes and no are 1 and 0. Every constraint has a name. README.md: how this may change.

-- Events, once for ever. No payload: what an event says about a person is not kept.
CREATE TABLE webhook_events (
    workspace   TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    event_id    TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- 'running', else how the refresh ended.
    outcome     TEXT   NOT NULL,
    -- The refresh that answers for this event.
    workflow_id TEXT   NOT NULL,
    refresh_id  TEXT   NOT NULL,
    CONSTRAINT webhook_events_identity PRIMARY KEY (workspace, source, event_id)
);
CREATE INDEX webhook_events_outcome ON webhook_events (workspace, outcome);
CREATE INDEX webhook_events_by_refresh ON webhook_events (refresh_id);

-- The refresh log: one line per workflow run.
CREATE TABLE refreshes (
    refresh_id      TEXT   NOT NULL,
    workflow_id     TEXT   NOT NULL,
    workspace       TEXT   NOT NULL,
    event_source    TEXT   NOT NULL,
    event_id        TEXT   NOT NULL,
    company_id      TEXT,
    company_name    TEXT   NOT NULL,
    company_domain  TEXT,
    reason          TEXT   NOT NULL,
    level_requested TEXT   NOT NULL,
    level_reached   TEXT,
    status          TEXT   NOT NULL,
    step            TEXT   NOT NULL,
    error_class     TEXT,
    -- The refresh that did the work, when this one found it done.
    duplicate_of    TEXT,
    started_at      BIGINT NOT NULL,
    completed_at    BIGINT,
    members         BIGINT NOT NULL DEFAULT 0,
    joined          BIGINT NOT NULL DEFAULT 0,
    departed        BIGINT NOT NULL DEFAULT 0,
    role_changed    BIGINT NOT NULL DEFAULT 0,
    title_changed   BIGINT NOT NULL DEFAULT 0,
    contact_changed BIGINT NOT NULL DEFAULT 0,
    score_moved     BIGINT NOT NULL DEFAULT 0,
    cost_micros     BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT refreshes_identity PRIMARY KEY (refresh_id),
    CONSTRAINT refreshes_of_event FOREIGN KEY (workspace, event_source, event_id)
        REFERENCES webhook_events (workspace, source, event_id),
    CONSTRAINT refreshes_closed_once_completed CHECK ((status = 'running') = (completed_at IS NULL))
);
CREATE INDEX refreshes_by_time ON refreshes (workspace, started_at);
CREATE INDEX refreshes_by_workflow ON refreshes (workflow_id);
CREATE INDEX refreshes_by_company ON refreshes (workspace, company_id);

-- Each attempt at each step.
CREATE TABLE pipeline_operations (
    refresh_id  TEXT   NOT NULL,
    step        TEXT   NOT NULL,
    -- The member, in steps that are about one; else ''.
    subject     TEXT   NOT NULL,
    attempt     BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    duration_ms BIGINT,
    error_class TEXT,
    CONSTRAINT pipeline_operations_identity PRIMARY KEY (refresh_id, step, subject, attempt),
    CONSTRAINT pipeline_operations_of_refresh FOREIGN KEY (refresh_id) REFERENCES refreshes (refresh_id)
);

CREATE TABLE companies (
    workspace  TEXT   NOT NULL,
    company_id TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    domain     TEXT,
    domain_key TEXT,
    source_id  TEXT,
    staff      BIGINT,
    revenue    BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT companies_identity PRIMARY KEY (workspace, company_id)
);
CREATE INDEX companies_by_name ON companies (workspace, name_key);
CREATE INDEX companies_by_domain ON companies (workspace, domain_key);

-- Everybody who is or was a member, with what is known now.
CREATE TABLE people (
    workspace      TEXT   NOT NULL,
    company_id     TEXT   NOT NULL,
    person_id      TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    title          TEXT,
    departments    TEXT   NOT NULL,
    manager        TEXT,
    email          TEXT,
    phone          TEXT,
    -- Who told e-mail or telephone, when a refresh asked for it; without either: who says that neither may be used.
    contact_source TEXT,
    profile_url    TEXT,
    location       TEXT,
    start_date     TEXT,
    updated_at     BIGINT NOT NULL,
    CONSTRAINT people_identity PRIMARY KEY (workspace, company_id, person_id),
    CONSTRAINT people_of_company FOREIGN KEY (workspace, company_id) REFERENCES companies (workspace, company_id)
);

CREATE TABLE buyer_groups (
    workspace    TEXT   NOT NULL,
    company_id   TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    tier         TEXT   NOT NULL,
    tier_known   BIGINT NOT NULL,
    cohesion     BIGINT,
    confidence   BIGINT NOT NULL,
    gaps         TEXT   NOT NULL,
    considered   BIGINT NOT NULL,
    level        TEXT   NOT NULL,
    refresh_id   TEXT   NOT NULL,
    -- When that refresh chose. A refresh that chose before this does not replace the group.
    chosen_at    BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL,
    CONSTRAINT buyer_groups_identity PRIMARY KEY (workspace, company_id),
    CONSTRAINT buyer_groups_of_company FOREIGN KEY (workspace, company_id) REFERENCES companies (workspace, company_id)
);

-- Memberships. Whoever leaves is dated, not deleted; whoever comes back gets a new line.
CREATE TABLE members (
    workspace  TEXT   NOT NULL,
    company_id TEXT   NOT NULL,
    person_id  TEXT   NOT NULL,
    -- The refresh that opened the membership.
    joined_in  TEXT   NOT NULL,
    joined_at  BIGINT NOT NULL,
    left_at    BIGINT,
    -- Place in the order groups are shown.
    seat       BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    title      TEXT,
    level      TEXT,
    functions  TEXT   NOT NULL,
    scores     TEXT   NOT NULL,
    score      BIGINT NOT NULL,
    confidence BIGINT NOT NULL,
    reasons    TEXT   NOT NULL,
    CONSTRAINT members_identity PRIMARY KEY (workspace, company_id, person_id, joined_in),
    CONSTRAINT members_of_group FOREIGN KEY (workspace, company_id) REFERENCES buyer_groups (workspace, company_id),
    CONSTRAINT members_are_people FOREIGN KEY (workspace, company_id, person_id)
        REFERENCES people (workspace, company_id, person_id)
);
CREATE UNIQUE INDEX members_one_open ON members (workspace, company_id, person_id) WHERE left_at IS NULL;

-- The shortlist of a refresh on its way, the chosen among it, and what was found out about each.
CREATE TABLE candidates (
    refresh_id  TEXT   NOT NULL,
    person_id   TEXT   NOT NULL,
    -- 0: no longer on the shortlist, kept for the answer that was paid for.
    listed      BIGINT NOT NULL,
    person      TEXT   NOT NULL,
    -- All NULL unless chosen.
    seat        BIGINT,
    role        TEXT,
    member      TEXT,
    -- NULL until a source answered.
    enrichment  TEXT,
    enriched_at BIGINT,
    CONSTRAINT candidates_identity PRIMARY KEY (refresh_id, person_id),
    CONSTRAINT candidates_of_refresh FOREIGN KEY (refresh_id) REFERENCES refreshes (refresh_id),
    CONSTRAINT candidates_chosen_whole CHECK ((seat IS NULL) = (member IS NULL) AND (seat IS NULL) = (role IS NULL))
);

-- What a refresh chose, without the members: those are the candidates with a seat.
CREATE TABLE choices (
    refresh_id TEXT   NOT NULL,
    tier       TEXT   NOT NULL,
    tier_known BIGINT NOT NULL,
    cohesion   BIGINT,
    confidence BIGINT NOT NULL,
    gaps       TEXT   NOT NULL,
    considered BIGINT NOT NULL,
    chosen_at  BIGINT NOT NULL,
    CONSTRAINT choices_identity PRIMARY KEY (refresh_id),
    CONSTRAINT choices_of_refresh FOREIGN KEY (refresh_id) REFERENCES refreshes (refresh_id)
);

-- What each refresh changed, in full. Its counts stand in the refresh log.
CREATE TABLE diffs (
    refresh_id TEXT   NOT NULL,
    diff       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT diffs_identity PRIMARY KEY (refresh_id),
    CONSTRAINT diffs_of_refresh FOREIGN KEY (refresh_id) REFERENCES refreshes (refresh_id)
);
