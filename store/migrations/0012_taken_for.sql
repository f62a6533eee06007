-- The message whose delivery has this one in hand: itself, or the one that took it along. A delivery of that message which is begun
-- anew takes over both.
ALTER TABLE outbox ADD COLUMN taken_for TEXT;
CREATE INDEX outbox_taken_for ON outbox (taken_for);
