-- What somebody outside is to be told: written in the transaction of what it tells of. What it says is read from there when it
-- is sent. No foreign key to the refresh, so that old refreshes can be forgotten before what was told of them.
CREATE TABLE outbox (
    message_id TEXT   NOT NULL,
    workspace  TEXT   NOT NULL,
    refresh_id TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- The workflow run that delivers it; NULL until one has it in hand.
    taken_by   TEXT,
    CONSTRAINT outbox_identity PRIMARY KEY (message_id)
);
CREATE INDEX outbox_by_time ON outbox (workspace, created_at);
CREATE INDEX outbox_taken ON outbox (taken_by);

-- One message to one receiver.
CREATE TABLE deliveries (
    message_id    TEXT   NOT NULL,
    receiver      TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    attempts      BIGINT NOT NULL DEFAULT 0,
    last_tried_at BIGINT,
    -- Of the last attempt: what the receiver answered, and what was wrong.
    http_status   BIGINT,
    error         TEXT,
    settled_at    BIGINT,
    CONSTRAINT deliveries_identity PRIMARY KEY (message_id, receiver),
    CONSTRAINT deliveries_of_message FOREIGN KEY (message_id) REFERENCES outbox (message_id)
);

-- Receivers that get nothing until somebody enables them again. Who the receivers are stands in the settings.
CREATE TABLE disabled_receivers (
    workspace   TEXT   NOT NULL,
    receiver    TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    disabled_at BIGINT NOT NULL,
    CONSTRAINT disabled_receivers_identity PRIMARY KEY (workspace, receiver)
);
