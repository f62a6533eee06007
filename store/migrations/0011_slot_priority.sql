-- How soon the refresh is wanted, 1 before 5, once it has asked for its slot. NULL in rows of the release before.
ALTER TABLE slot_claims ADD COLUMN priority BIGINT;
CREATE INDEX slot_claims_running ON slot_claims (workspace, company_id) WHERE state = 'running';
-- The keeper's round that last had a refresh started for the company's stranded events.
ALTER TABLE slots ADD COLUMN carried_by TEXT;
