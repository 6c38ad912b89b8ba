-- Replays: what a version would have cost over real history. Nothing of it is charged; rows stand until somebody asks again.

CREATE TABLE billing.price_replays (
  replay_id text PRIMARY KEY,
  project_id text NOT NULL,
  price_scheme_id text NOT NULL REFERENCES billing.price_schemes,
  price_version_id text NOT NULL REFERENCES billing.price_versions,
  kind text NOT NULL CHECK (kind IN ('what-if', 'list')),
  state text NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
  -- The project's, for points that have no slots.
  zone text NOT NULL,
  slot_minutes smallint NOT NULL,
  -- The version holds in [from_ms, to_ms) instead of what was in force.
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL CHECK (to_ms > from_ms),
  -- Days that end until then count for fixed charges; kept, so that going on after a restart gives the same.
  as_of_ms bigint NOT NULL,
  -- What if these points, these accounts moved to the scheme; both NULL: all that are charged by it.
  chosen_point_ids text[],
  chosen_account_ids text[],
  after_point_id text NOT NULL DEFAULT '',
  points_done integer NOT NULL DEFAULT 0,
  points_total integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  failure text,
  -- Chained over the points: hash of what they were computed from.
  input_hash text NOT NULL,
  totals jsonb,
  started_by_id text NOT NULL,
  started_by_name text NOT NULL,
  started_at_ms bigint NOT NULL,
  finished_at_ms bigint,
  CHECK ((state = 'running') = (finished_at_ms IS NULL)),
  CHECK ((state = 'done') = (totals IS NOT NULL))
);
CREATE INDEX price_replays_running ON billing.price_replays (failures, started_at_ms) WHERE state = 'running';
CREATE INDEX price_replays_of_version ON billing.price_replays (price_version_id, started_at_ms);

CREATE TABLE billing.price_replay_accounts (
  replay_id text NOT NULL REFERENCES billing.price_replays,
  account_id text NOT NULL REFERENCES billing.accounts,
  before_micros bigint NOT NULL,
  after_micros bigint NOT NULL,
  -- Base units now priced by the version.
  consumption bigint NOT NULL,
  slots_expected bigint NOT NULL,
  slots_known bigint NOT NULL,
  slots_estimated bigint NOT NULL,
  PRIMARY KEY (replay_id, account_id)
);
CREATE INDEX price_replay_accounts_more ON billing.price_replay_accounts (replay_id, (after_micros - before_micros), account_id);

CREATE TABLE billing.price_replay_lines (
  replay_id text NOT NULL REFERENCES billing.price_replays,
  account_id text NOT NULL REFERENCES billing.accounts,
  metering_point_id text NOT NULL,
  month text NOT NULL,
  component text NOT NULL,
  -- '' where the component has none, or of energy without a price.
  period text NOT NULL,
  item text NOT NULL,
  consumption_before bigint NOT NULL,
  consumption_after bigint NOT NULL,
  before_micros bigint NOT NULL,
  after_micros bigint NOT NULL,
  PRIMARY KEY (replay_id, account_id, metering_point_id, month, component, period, item)
);

-- A version approved for a past that has been charged: finance decides on the list of differences.
CREATE TABLE billing.price_lists (
  price_version_id text PRIMARY KEY REFERENCES billing.price_versions,
  project_id text NOT NULL,
  replay_id text NOT NULL REFERENCES billing.price_replays,
  decision text CHECK (decision IN ('approved', 'rejected')),
  decided_by_id text,
  decided_by_name text,
  decided_at_ms bigint,
  CHECK ((decision IS NULL) = (decided_by_id IS NULL))
);

-- How far a notice is, in points.
ALTER TABLE billing.price_notices ADD COLUMN points_done integer NOT NULL DEFAULT 0;
ALTER TABLE billing.price_notices ADD COLUMN points_total integer NOT NULL DEFAULT 0;
