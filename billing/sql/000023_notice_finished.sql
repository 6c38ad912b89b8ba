-- When everything a notice touches had been charged anew: what news of energy moved until then belongs beside its list.
ALTER TABLE billing.price_notices ADD COLUMN finished_at_ms bigint;
