-- As of when the items of a month (fixed charges, demand, minimum, surcharges, taxes, rebates) of an account at a metering
-- point stand: days that ended later are not in them yet. A row once a price with items has held.
CREATE TABLE billing.month_item_marks (
  metering_point_id text NOT NULL,
  account_id text NOT NULL REFERENCES billing.accounts,
  as_of_ms bigint NOT NULL,
  -- When the clock moves them next; NULL when the account's time is over.
  due_at_ms bigint,
  PRIMARY KEY (metering_point_id, account_id)
);
CREATE INDEX month_item_marks_due ON billing.month_item_marks (due_at_ms) WHERE due_at_ms IS NOT NULL;
