-- Charging. Every metering point ever heard of has a row to lock and its slots, whether or not it has an account yet,
-- so that an account opened for the past is charged from what is already here.

CREATE TABLE billing.points (
  metering_point_id text PRIMARY KEY,
  project_id text NOT NULL,
  -- Newest accepted reading over the point's segments, and its quality code.
  last_reading_ms bigint,
  last_reading_quality smallint
);

-- The grid on which a segment's slots are laid, and the revision of the news that first used it. Another zone or slot
-- length of the project lays the segment anew.
CREATE TABLE billing.segments (
  metering_point_id text NOT NULL,
  segment_id text NOT NULL,
  zone text NOT NULL,
  slot_minutes smallint NOT NULL,
  grid_revision bigint NOT NULL,
  PRIMARY KEY (metering_point_id, segment_id)
);

-- The slots of one segment of a metering point on one local day, and how each is charged. Parallel arrays over the
-- day's slots. One row a day keeps a year of 100,000 meters at some tens of millions of rows.
CREATE TABLE billing.slot_days (
  metering_point_id text NOT NULL,
  segment_id text NOT NULL,
  local_day date NOT NULL,
  project_id text NOT NULL,
  meter_id text NOT NULL,
  quantity text NOT NULL,
  zone text NOT NULL,
  slot_minutes smallint NOT NULL,
  first_slot_ms bigint NOT NULL,
  -- NULL where nothing is known of the slot yet.
  consumption bigint[] NOT NULL,
  revision bigint[] NOT NULL,
  quality smallint[] NOT NULL,
  -- Place in account_ids, from 1; 0 = no account.
  account_index smallint[] NOT NULL,
  -- Place in price_version_ids, from 1; 0 = no account; −1 = no price in force; −2 = quantity not charged.
  version_index smallint[] NOT NULL,
  amount_micros bigint[] NOT NULL,
  account_ids text[] NOT NULL,
  price_version_ids text[] NOT NULL,
  -- Grows with every change of the charge.
  charge_revision integer NOT NULL,
  PRIMARY KEY (metering_point_id, local_day, segment_id)
) WITH (fillfactor = 70);
-- The arrays stay in the row: a live update rewrites one tuple on one page instead of chasing six out-of-line values.
ALTER TABLE billing.slot_days SET (toast_tuple_target = 8160);
CREATE INDEX slot_days_of_project ON billing.slot_days (project_id, local_day);

-- The same charge summed by account and day, absolute: what the charges page, the income page and days left read.
CREATE TABLE billing.charge_days (
  account_id text NOT NULL,
  local_day date NOT NULL,
  metering_point_id text NOT NULL,
  segment_id text NOT NULL,
  project_id text NOT NULL,
  medium text NOT NULL,
  charge_revision integer NOT NULL,
  -- [{ period, priceVersionId, unpricedReason, consumption, amountMicros }]
  lines jsonb NOT NULL,
  consumption bigint NOT NULL,
  amount_micros bigint NOT NULL,
  unpriced_consumption bigint NOT NULL,
  slots_measured smallint NOT NULL,
  slots_estimated smallint NOT NULL,
  slots_edited smallint NOT NULL,
  slots_missing smallint NOT NULL,
  PRIMARY KEY (account_id, local_day, metering_point_id, segment_id)
) WITH (fillfactor = 80);
CREATE INDEX charge_days_of_project ON billing.charge_days (project_id, local_day);

-- What each charge posting is made of: differences, only added.
CREATE TABLE billing.charge_lines (
  posting_id text NOT NULL REFERENCES billing.postings,
  line integer NOT NULL,
  account_id text NOT NULL,
  metering_point_id text NOT NULL,
  segment_id text NOT NULL,
  local_day date NOT NULL,
  medium text NOT NULL,
  period text,
  price_version_id text,
  unpriced_reason text CHECK (unpriced_reason IN ('no-price-in-force', 'quantity-not-charged')),
  consumption bigint NOT NULL,
  amount_micros bigint NOT NULL,
  PRIMARY KEY (posting_id, line),
  -- In exactly one charge line or in a named unpriced bucket.
  CHECK ((price_version_id IS NULL) <> (unpriced_reason IS NULL)),
  CHECK ((price_version_id IS NULL) = (period IS NULL)),
  CHECK (unpriced_reason IS NULL OR amount_micros = 0)
);
CREATE INDEX charge_lines_of_account ON billing.charge_lines (account_id, metering_point_id, local_day);
CREATE TRIGGER charge_lines_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON billing.charge_lines
  FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
