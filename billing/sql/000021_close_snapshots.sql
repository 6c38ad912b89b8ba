-- Every posting is in exactly one close. Its instant alone does not say in which: a sale may have noted its instant before a close
-- and commit after it. So each posting keeps its transaction and each close the snapshot it saw.
ALTER TABLE billing.postings ADD COLUMN recorded_xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE billing.day_closes ADD COLUMN snapshot text NOT NULL DEFAULT '1:1:';
