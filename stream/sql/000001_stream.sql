-- SPDX-License-Identifier: Apache-2.0
-- State of the stream. Everything here changes in the transaction that moves the position in the meter log.

-- How far each partition of the meter log has been folded, in steps smaller than the log's own batches, and what came.
CREATE TABLE stream.cursors (
  partition integer PRIMARY KEY,
  next_offset bigint NOT NULL,
  readings_received bigint NOT NULL DEFAULT 0,
  readings_kept bigint NOT NULL DEFAULT 0,
  readings_repeated bigint NOT NULL DEFAULT 0,
  slots_written bigint NOT NULL DEFAULT 0,
  -- Newest instant of a reading that came, and when the record that brought it was written.
  newest_instant_ms bigint
);

CREATE TABLE stream.meters (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  partition integer NOT NULL,
  -- Grows with every change: two writers never overwrite one another.
  version bigint NOT NULL,
  -- Null while nothing is known of the meter.
  mounting_offset bigint,
  -- The mounting that last changed zone, slot length or calendar.
  calendar_offset bigint NOT NULL,
  -- A register of it waits for a decision: an alarm is open.
  is_held boolean NOT NULL,
  -- JSON: register → where readings are stored that belong to no segment.
  holes text NOT NULL,
  PRIMARY KEY (project_id, meter_id)
);

-- The newest mounting record of a meter, whole.
CREATE TABLE stream.mountings (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  log_offset bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (project_id, meter_id)
);

CREATE TABLE stream.segments (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  segment_id text NOT NULL,
  register text NOT NULL,
  metering_point_id text NOT NULL,
  quantity text NOT NULL,
  -- First and last reading that counts: instant, counts, scaler, whole base units.
  first_ms bigint,
  first_value bigint,
  first_scaler smallint,
  first_units bigint,
  last_ms bigint,
  last_value bigint,
  last_scaler smallint,
  last_units bigint,
  rollovers integer NOT NULL,
  rollover_consumption bigint NOT NULL,
  -- Readings of the segment's own, held ones included.
  readings bigint NOT NULL,
  -- Readings held since the last one that counts, when that waits for a decision.
  held_reason text,
  held_from_ms bigint,
  held_to_ms bigint,
  -- JSON: extents and tail, see interval-energy/segment-state.ts. It changes cost, never meaning.
  state text NOT NULL,
  PRIMARY KEY (project_id, meter_id, segment_id)
);
CREATE INDEX segments_by_point ON stream.segments (project_id, metering_point_id);
CREATE INDEX segments_held ON stream.segments (project_id) WHERE held_reason IS NOT NULL;

-- Readings that stand on a time line and do not count. The rows themselves are in the warehouse.
CREATE TABLE stream.held_counts (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  register text NOT NULL,
  reason text NOT NULL,
  readings bigint NOT NULL CHECK (readings >= 0),
  PRIMARY KEY (project_id, meter_id, register, reason)
);

-- Readings that cannot stand on a time line.
CREATE TABLE stream.set_aside (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  register text NOT NULL,
  instant_ms bigint NOT NULL,
  value bigint NOT NULL,
  scaler smallint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('conflict', 'impossible-instant')),
  quality smallint NOT NULL,
  source text NOT NULL,
  received_at_ms bigint NOT NULL,
  log_offset bigint NOT NULL,
  -- The same reading set aside again has no effect.
  PRIMARY KEY (project_id, meter_id, register, instant_ms, value, scaler, reason)
);
CREATE INDEX set_aside_by_instant ON stream.set_aside (project_id, instant_ms DESC);

-- Records of the meter log that are not what the contract says: kept whole, an operator must look at them.
CREATE TABLE stream.refused_records (
  partition integer NOT NULL,
  log_offset bigint NOT NULL,
  record_key text NOT NULL,
  recorded_at_ms bigint NOT NULL,
  fault text NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (partition, log_offset)
);
