-- SPDX-License-Identifier: Apache-2.0
-- Where detection stands. Everything here changes in the transaction that moves the position or settles the mark, and with it
-- the signals: a restart or a replay raises nothing twice.

-- Only what is raised, or on its way to being raised or cleared.
CREATE TABLE stream.alarm_states (
  project_id text NOT NULL,
  kind text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  is_raised boolean NOT NULL,
  -- Since when it has been bad (not raised) or good (raised) without a break.
  turning_since_ms bigint,
  last_ms bigint NOT NULL,
  PRIMARY KEY (project_id, kind, subject_kind, subject_id)
);
CREATE INDEX alarm_states_by_subject ON stream.alarm_states (subject_id);

-- Newest reading that counts of each meter, as interval energy told it.
CREATE TABLE stream.alarm_readings (
  project_id text NOT NULL,
  meter_id text NOT NULL,
  last_reading_ms bigint NOT NULL,
  slot_minutes integer NOT NULL,
  PRIMARY KEY (project_id, meter_id)
);

-- Points whose newest day has changed since its consumption was judged.
CREATE TABLE stream.alarm_marks (
  project_id text NOT NULL,
  metering_point_id text NOT NULL,
  zone text NOT NULL,
  slot_minutes integer NOT NULL,
  local_day date NOT NULL,
  last_reading_ms bigint NOT NULL,
  -- Grows with every touch, so that a touch during the judgement is not lost.
  touches bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (project_id, metering_point_id)
);
