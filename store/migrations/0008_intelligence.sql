-- Credentials of the intelligence API. Of the secret there is only the SHA-256: it has 256 random bits, so that nothing is
-- gained by a slow hash.
CREATE TABLE api_keys (
    key_id       TEXT   NOT NULL,
    workspace    TEXT   NOT NULL,
    label        TEXT   NOT NULL,
    -- Names of what it may do.
    scopes       TEXT   NOT NULL,
    secret_hash  TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    -- To the hour.
    last_used_at BIGINT,
    -- The key that this one was made to follow.
    follows      TEXT,
    CONSTRAINT api_keys_identity PRIMARY KEY (key_id)
);
CREATE INDEX api_keys_by_workspace ON api_keys (workspace, created_at);

-- Every group that was ever saved, as it stood: how it was judged, and who sat where.
CREATE TABLE group_versions (
    workspace    TEXT   NOT NULL,
    company_id   TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    refresh_id   TEXT   NOT NULL,
    refreshed_at BIGINT NOT NULL,
    level        TEXT   NOT NULL,
    tier         TEXT   NOT NULL,
    tier_known   BIGINT NOT NULL,
    targets      TEXT,
    cohesion     BIGINT,
    confidence   BIGINT NOT NULL,
    gaps         TEXT   NOT NULL,
    considered   BIGINT NOT NULL,
    CONSTRAINT group_versions_identity PRIMARY KEY (workspace, company_id, version)
);

-- People by reference only. Names and contact data stand in `people` and nowhere else, so that they are erased in one place.
CREATE TABLE group_version_seats (
    workspace  TEXT   NOT NULL,
    company_id TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    seat       BIGINT NOT NULL,
    person_ref TEXT   NOT NULL,
    joined_at  BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    title      TEXT,
    level      TEXT,
    functions  TEXT   NOT NULL,
    scores     TEXT   NOT NULL,
    confidence BIGINT NOT NULL,
    reasons    TEXT   NOT NULL,
    CONSTRAINT group_version_seats_identity PRIMARY KEY (workspace, company_id, version, seat),
    CONSTRAINT group_version_seats_of_version FOREIGN KEY (workspace, company_id, version)
        REFERENCES group_versions (workspace, company_id, version)
);
CREATE INDEX group_version_seats_by_person ON group_version_seats (workspace, person_ref);

-- The groups that stand now are versions too, where all their members have references: half a group would be a wrong one.
INSERT INTO group_versions
    (workspace, company_id, version, refresh_id, refreshed_at, level, tier, tier_known, targets, cohesion, confidence, gaps,
     considered)
SELECT workspace, company_id, version, refresh_id, refreshed_at, level, tier, tier_known, targets, cohesion, confidence, gaps,
       considered
FROM buyer_groups g
WHERE NOT EXISTS (
    SELECT 1 FROM members m
    JOIN people p ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
    WHERE m.workspace = g.workspace AND m.company_id = g.company_id AND m.left_at IS NULL AND p.person_ref IS NULL
);
INSERT INTO group_version_seats
    (workspace, company_id, version, seat, person_ref, joined_at, role, title, level, functions, scores, confidence, reasons)
SELECT m.workspace, m.company_id, g.version, m.seat, p.person_ref, m.joined_at, m.role, m.title, m.level, m.functions, m.scores,
       m.confidence, m.reasons
FROM members m
JOIN group_versions g ON g.workspace = m.workspace AND g.company_id = m.company_id
JOIN people p ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
WHERE m.left_at IS NULL;

CREATE INDEX refreshes_by_page ON refreshes (workspace, started_at, refresh_id);
