-- SPDX-License-Identifier: Apache-2.0
-- Control by a person: what is wanted of meters without an account, and many commands given at once.

-- One row per meter that somebody gave an order and that no account governs. The order stands until it is replaced,
-- taken back, or an account is opened; its commands expire and are sent anew.
CREATE TABLE billing.meter_orders (
  meter_id text PRIMARY KEY,
  project_id text NOT NULL,
  -- The batch whose item this order answers; NULL: an order that was there before and came back when another was cancelled.
  batch_id text,
  action text NOT NULL CHECK (action IN ('connect', 'disconnect', 'forced-on', 'forced-off')),
  desired text NOT NULL CHECK (desired IN ('closed', 'open')),
  reason text NOT NULL,
  ordered_by_id text NOT NULL,
  ordered_by_name text NOT NULL,
  ordered_at_ms bigint NOT NULL,
  reported text NOT NULL DEFAULT 'unknown' CHECK (reported IN ('closed', 'open', 'unknown')),
  reported_at_ms bigint,
  -- As last heard; NULL: nothing was heard since the order.
  online boolean,
  -- When a command's read-back first showed it; before that also a relay that seems right is told.
  confirmed_at_ms bigint,
  command_id text,
  command_expires_at_ms bigint,
  command_done boolean NOT NULL DEFAULT true,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at_ms bigint,
  -- Times it disobeyed, or changed by itself, since it last stood still.
  failures integer NOT NULL DEFAULT 0,
  failed_at_ms bigint,
  alarm_raised boolean NOT NULL DEFAULT false,
  due_at_ms bigint NOT NULL
);
CREATE INDEX meter_orders_due ON billing.meter_orders (due_at_ms);
CREATE INDEX meter_orders_of_project ON billing.meter_orders (project_id, meter_id);

CREATE TABLE billing.command_batches (
  batch_id text PRIMARY KEY,
  project_id text NOT NULL,
  request_id text NOT NULL,
  content_hash text NOT NULL,
  action text NOT NULL CHECK (action IN ('connect', 'disconnect', 'forced-on', 'forced-off', 'automatic', 'read-now', 'setting')),
  setting jsonb,
  reason text NOT NULL,
  requested_by_id text NOT NULL,
  requested_by_name text NOT NULL,
  requested_by_kind text NOT NULL CHECK (requested_by_kind IN ('staff', 'api-key')),
  remote_address text NOT NULL,
  requested_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  UNIQUE (project_id, request_id),
  CHECK ((action = 'setting') = (setting IS NOT NULL))
);
CREATE INDEX command_batches_of_project ON billing.command_batches (project_id, requested_at_ms DESC);

CREATE TABLE billing.batch_items (
  batch_id text NOT NULL REFERENCES billing.command_batches,
  meter_id text NOT NULL,
  serial text NOT NULL,
  -- The account whose mode governs; NULL: an order of its own, a reading or a setting.
  account_id text,
  state text NOT NULL CHECK (state IN ('refused', 'waiting', 'confirmed', 'failed', 'expired', 'cancelled', 'superseded')),
  refusal text,
  -- What was wanted before, for taking the item back: {mode, reason} of the account, or the order's row.
  previous jsonb,
  command_id text,
  attempts integer NOT NULL DEFAULT 0,
  reported text NOT NULL DEFAULT 'unknown' CHECK (reported IN ('closed', 'open', 'unknown')),
  evidence text NOT NULL DEFAULT '',
  finished_at_ms bigint,
  -- Its end stands in the log of actions.
  told boolean NOT NULL DEFAULT false,
  PRIMARY KEY (batch_id, meter_id),
  CHECK ((state = 'refused') = (refusal IS NOT NULL)),
  CHECK ((state = 'waiting') = (finished_at_ms IS NULL))
);
CREATE INDEX batch_items_by_command ON billing.batch_items (command_id) WHERE command_id IS NOT NULL;
CREATE INDEX batch_items_open ON billing.batch_items (account_id) WHERE account_id IS NOT NULL AND state IN ('waiting', 'failed');
CREATE INDEX batch_items_untold ON billing.batch_items (finished_at_ms) WHERE state NOT IN ('waiting', 'refused') AND NOT told;
