-- SPDX-License-Identifier: Apache-2.0
-- A segment's days are computed on the grid that its own meter has now. Meters that share a metering point are told of a new
-- calendar one after the other, so a mark belongs to a segment, and the grid stands beside the meter.
ALTER TABLE stream.meters
  ADD COLUMN grid_key text,
  -- How often zone, slot length or calendar were told anew, the first mounting included; 0 while nothing is known of the meter.
  ADD COLUMN calendar_number integer NOT NULL DEFAULT 0,
  DROP COLUMN calendar_offset;

-- 2: whatever was computed before gives way to what is computed from now on.
UPDATE stream.meters AS meter SET grid_key = grid.grid_key, calendar_number = 2
FROM stream.mountings AS mounting, stream.grids AS grid
WHERE mounting.project_id = meter.project_id AND mounting.meter_id = meter.meter_id
  AND grid.zone = mounting.body::jsonb ->> 'zone' AND grid.slot_minutes = (mounting.body::jsonb ->> 'slotMinutes')::integer
  AND grid.calendar = mounting.body::jsonb -> 'calendar';

ALTER TABLE stream.day_marks RENAME TO point_day_marks;

-- Days whose slots have changed since their rollup was computed.
CREATE TABLE stream.day_marks (
  project_id text NOT NULL,
  metering_point_id text NOT NULL,
  segment_id text NOT NULL,
  local_day date NOT NULL,
  -- The meter that last changed the segment's slots: its grid counts, also for a segment that is in force no more.
  meter_id text NOT NULL,
  -- Grows with every touch, so that a touch during the computation is not lost.
  touches bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (project_id, metering_point_id, segment_id, local_day)
);

INSERT INTO stream.day_marks (project_id, metering_point_id, segment_id, local_day, meter_id)
SELECT mark.project_id, mark.metering_point_id, segment.segment_id, mark.local_day, segment.meter_id
FROM stream.point_day_marks AS mark JOIN stream.segments AS segment USING (project_id, metering_point_id)
ON CONFLICT DO NOTHING;

DROP TABLE stream.point_day_marks;
CREATE INDEX day_marks_newest ON stream.day_marks (local_day DESC, project_id);

-- Losses are computed on the project's grid (project_heads).
ALTER TABLE stream.loss_marks DROP COLUMN grid_key;
