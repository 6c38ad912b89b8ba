-- SPDX-License-Identifier: Apache-2.0
-- The grid on which a project's days are cut: zone, slot length, time-of-use calendar. Written before it is referred to.
CREATE TABLE stream.grids (
    grid_key TEXT NOT NULL PRIMARY KEY,
    zone TEXT NOT NULL,
    slot_minutes INTEGER NOT NULL,
    calendar JSONB NOT NULL
);

-- Days whose slots have changed since their rollup was computed.
CREATE TABLE stream.day_marks (
    project_id TEXT NOT NULL,
    metering_point_id TEXT NOT NULL,
    local_day DATE NOT NULL,
    grid_key TEXT NOT NULL,
    -- Grows with every touch, so that a touch during the computation is not lost.
    touches BIGINT NOT NULL DEFAULT 1,
    -- Offset of the mounting that changed zone, slot length or calendar; 0 when only slots changed. Rows of periods and days
    -- that the new calendar does not know are removed.
    calendar_revision BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, metering_point_id, local_day)
);
CREATE INDEX day_marks_newest ON stream.day_marks (local_day DESC, project_id);

-- Days whose loss is to be computed anew, for the whole tree of the project.
CREATE TABLE stream.loss_marks (
    project_id TEXT NOT NULL,
    local_day DATE NOT NULL,
    grid_key TEXT NOT NULL,
    touches BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (project_id, local_day)
);

-- Newest accepted reading of a project (slots that end later are still open and not compared) and the grid now in force.
CREATE TABLE stream.project_heads (
    project_id TEXT NOT NULL PRIMARY KEY,
    newest_reading_ms BIGINT NOT NULL,
    grid_key TEXT NOT NULL
);

-- Revisions of rows that are computed, not caused by one record of the meter log.
CREATE SEQUENCE stream.computed_revisions;
