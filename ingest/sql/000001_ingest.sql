-- SPDX-License-Identifier: Apache-2.0
-- Ingest: what meters and gateways are doing, commands on their way, imports.

-- What the last polls saw. One row per meter that was ever asked or pushed; updated in batches, in the transaction
-- that appends the readings, so that a state never claims a reading that the log does not have.
CREATE TABLE meter_states (
  meter_id text PRIMARY KEY,
  project_id text NOT NULL,
  online boolean,
  last_good_ms bigint,
  last_attempt_ms bigint,
  relay text NOT NULL DEFAULT 'unknown' CHECK (relay IN ('closed', 'open', 'unknown')),
  relay_at_ms bigint,
  -- [{register, value, scaler, unit, instantMs}]
  registers jsonb NOT NULL DEFAULT '[]',
  -- {name: value}
  parameters jsonb NOT NULL DEFAULT '{}',
  fault_kind text,
  fault_text text,
  fault_at_ms bigint,
  missed_cycles integer NOT NULL DEFAULT 0,
  answers_in_row integer NOT NULL DEFAULT 0,
  alarmed boolean NOT NULL DEFAULT false,
  polls bigint NOT NULL DEFAULT 0,
  answers bigint NOT NULL DEFAULT 0
);
CREATE INDEX meter_states_by_project ON meter_states (project_id, meter_id);

CREATE TABLE gateway_states (
  gateway_id text PRIMARY KEY,
  project_id text NOT NULL,
  online boolean,
  last_good_ms bigint,
  cycle_started_ms bigint,
  cycle_duration_ms bigint,
  meters_configured integer NOT NULL DEFAULT 0,
  meters_answered integer NOT NULL DEFAULT 0,
  missed_cycles integer NOT NULL DEFAULT 0,
  answers_in_row integer NOT NULL DEFAULT 0,
  alarmed boolean NOT NULL DEFAULT false,
  reconnects bigint NOT NULL DEFAULT 0,
  -- {kind: count}
  faults jsonb NOT NULL DEFAULT '{}',
  fault_kind text,
  fault_text text,
  fault_at_ms bigint
);
CREATE INDEX gateway_states_by_project ON gateway_states (project_id, gateway_id);

-- Commands accepted from the log and not forgotten until they have an outcome. The outcome is appended to the log in
-- the transaction that sets `state`, so there is exactly one per command.
CREATE TABLE pending_commands (
  command_id text PRIMARY KEY,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  project_id text NOT NULL,
  meter_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('switch-supply', 'read-now')),
  action text CHECK (action IN ('connect', 'disconnect', 'release')),
  reason text NOT NULL,
  requested_by text NOT NULL,
  requested_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'failed', 'expired')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_ms bigint NOT NULL,
  reported_relay text NOT NULL DEFAULT 'unknown' CHECK (reported_relay IN ('closed', 'open', 'unknown')),
  evidence text NOT NULL DEFAULT '',
  finished_at_ms bigint,
  CHECK ((kind = 'switch-supply') = (action IS NOT NULL)),
  CHECK ((state = 'waiting') = (finished_at_ms IS NULL))
);
CREATE INDEX pending_commands_waiting ON pending_commands (sequence) WHERE state = 'waiting';
CREATE INDEX pending_commands_by_meter ON pending_commands (meter_id, sequence DESC);
CREATE INDEX pending_commands_finished ON pending_commands (finished_at_ms) WHERE state <> 'waiting';

-- Uploaded files wait here in pieces, so that any process of the service can import them and a restart loses nothing.
CREATE TABLE import_jobs (
  id text PRIMARY KEY,
  project_id text NOT NULL,
  file_name text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('upload', 'command-line')),
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'interrupted')),
  on_fault text NOT NULL CHECK (on_fault IN ('stop', 'keep-going')),
  format jsonb NOT NULL,
  created_at_ms bigint NOT NULL,
  created_by text NOT NULL,
  started_at_ms bigint,
  finished_at_ms bigint,
  -- Of the process that runs it; older than a minute means that it has died.
  heartbeat_ms bigint,
  bytes_total bigint,
  bytes_read bigint NOT NULL DEFAULT 0,
  rows_read bigint NOT NULL DEFAULT 0,
  values_read bigint NOT NULL DEFAULT 0,
  readings_appended bigint NOT NULL DEFAULT 0,
  repeated bigint NOT NULL DEFAULT 0,
  holes bigint NOT NULL DEFAULT 0,
  meters integer NOT NULL DEFAULT 0,
  first_ms bigint,
  last_ms bigint,
  faults_count bigint NOT NULL DEFAULT 0,
  not_asked_for jsonb NOT NULL DEFAULT '[]',
  message text,
  CHECK ((state IN ('done', 'failed', 'interrupted')) = (finished_at_ms IS NOT NULL))
);
CREATE INDEX import_jobs_by_project ON import_jobs (project_id, created_at_ms DESC);
CREATE INDEX import_jobs_open ON import_jobs (created_at_ms) WHERE state IN ('waiting', 'running');

CREATE TABLE import_chunks (
  job_id text NOT NULL,
  index integer NOT NULL,
  -- When the piece came; pieces of an upload that broke off have no job and are swept.
  received_at_ms bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (job_id, index)
);
ALTER TABLE import_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE import_faults (
  job_id text NOT NULL REFERENCES import_jobs (id) ON DELETE CASCADE,
  number bigint NOT NULL,
  line bigint NOT NULL,
  meter text,
  code text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (job_id, number)
);

-- Files of interval energy become cumulative counts. A chain is one meter's register counted that way: where it
-- ends, and at which counts a later file may take it up. The same file again finds its own beginning here and so
-- makes the same readings.
CREATE TABLE interval_chains (
  meter_id text NOT NULL,
  register text NOT NULL,
  scaler integer NOT NULL,
  first_ms bigint NOT NULL,
  end_ms bigint NOT NULL,
  end_count bigint NOT NULL,
  PRIMARY KEY (meter_id, register)
);
CREATE TABLE interval_checkpoints (
  meter_id text NOT NULL,
  register text NOT NULL,
  instant_ms bigint NOT NULL,
  count bigint NOT NULL,
  -- The reading at this instant ends a hole.
  after_hole boolean NOT NULL,
  PRIMARY KEY (meter_id, register, instant_ms)
);
