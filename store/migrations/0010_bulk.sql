-- Requests for the refresh of many companies at once. What became of each company stands in the refresh log, under the source
-- `bulk` and the event `{bulk_id}-{number}`, and is not written down here a second time.
CREATE TABLE bulks (
    workspace   TEXT   NOT NULL,
    bulk_id     TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    level       TEXT   NOT NULL,
    -- Companies named, and refreshes among them: a company that is named twice is refreshed once.
    items       BIGINT NOT NULL,
    refreshes   BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- When the last refresh was started, or it was cancelled.
    closed_at   BIGINT,
    cancelled   BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT bulks_identity PRIMARY KEY (workspace, bulk_id)
);

CREATE TABLE bulk_items (
    workspace TEXT   NOT NULL,
    bulk_id   TEXT   NOT NULL,
    -- Place in the request, from 1.
    number    BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    domain    TEXT,
    -- The item whose refresh is this one's too, because it names the same company; usually NULL.
    same_as   BIGINT,
    CONSTRAINT bulk_items_identity PRIMARY KEY (workspace, bulk_id, number),
    CONSTRAINT bulk_items_of_bulk FOREIGN KEY (workspace, bulk_id) REFERENCES bulks (workspace, bulk_id) ON DELETE CASCADE
);

-- The refresh that was responsible for the event before this one took it over: lineage of what was tried again.
ALTER TABLE refreshes ADD COLUMN retry_of TEXT;
