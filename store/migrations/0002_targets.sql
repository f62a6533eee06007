-- The seats wanted per role, which a group's gaps are judged by. NULL in rows of the release before.
ALTER TABLE choices ADD COLUMN targets TEXT;
ALTER TABLE buyer_groups ADD COLUMN targets TEXT;
