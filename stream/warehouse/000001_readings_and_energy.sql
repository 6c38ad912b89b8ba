-- SPDX-License-Identifier: Apache-2.0
-- What README.md beside this file promises to readers. Written by the stream alone.
--
-- Every table is a set of rows by key (ORDER BY); the row with the greatest revision counts, rows with is_deleted = 1
-- are gone. FINAL does both. Ids are LowCardinality: a site has thousands of rows per id.

-- Every reading that stands on a meter's time line, once: its first arrival. `verdict` says whether it counts.
CREATE TABLE IF NOT EXISTS readings :on_cluster
(
    project_id LowCardinality(String),
    meter_id LowCardinality(String),
    register LowCardinality(String),
    instant DateTime64(3, 'UTC') CODEC(Delta(8), LZ4),
    -- Register counts as read; value × 10^scaler is base units (Wh, l, dm³) before the multiplier.
    value Int64 CODEC(Delta(8), LZ4),
    scaler Int8,
    -- Of the span that ends at this reading: 0 measured, 1 estimated, 2 edited, 3 missing.
    quality UInt8,
    verdict Enum8('accepted' = 0, 'conflict' = 1, 'register-fell' = 2, 'impossible-value' = 3, 'not-mounted' = 4, 'unknown-meter' = 5, 'outside-segment' = 6),
    source LowCardinality(String),
    received_at DateTime64(3, 'UTC') CODEC(Delta(8), LZ4),
    -- Offset in the meter log of the record that first brought it.
    log_offset UInt64 CODEC(Delta(8), LZ4),
    -- Offset of the record that gave the verdict.
    revision UInt64 CODEC(Delta(8), LZ4),
    is_deleted UInt8 DEFAULT 0,
    -- Held readings are few: whole granules without one are skipped.
    INDEX held verdict TYPE minmax GRANULARITY 1
)
ENGINE = :engine(ReplacingMergeTree(revision, is_deleted))
PARTITION BY toYear(instant)
ORDER BY (project_id, meter_id, register, instant)
-- A partition at rest becomes one part, over which FINAL costs nothing.
SETTINGS min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
;
-- Interval energy. The slots of a metering point are the sum over its segments.
CREATE TABLE IF NOT EXISTS slots :on_cluster
(
    project_id LowCardinality(String),
    metering_point_id LowCardinality(String),
    quantity LowCardinality(String),
    segment_id LowCardinality(String),
    -- UTC, on the project's grid (15, 30 or 60 minutes).
    slot_start DateTime('UTC') CODEC(Delta(4), LZ4),
    -- Whole base units: Wh, l, dm³.
    consumption Int64,
    -- 0 measured, 1 estimated, 2 edited, 3 missing.
    quality UInt8,
    -- Offset in the meter log of the record that caused this content.
    revision UInt64 CODEC(Delta(8), LZ4),
    is_deleted UInt8 DEFAULT 0
)
ENGINE = :engine(ReplacingMergeTree(revision, is_deleted))
PARTITION BY toYYYYMM(slot_start)
-- Point first: a chart of one point reads one granule a month; the day of a whole site is kept small by the month.
ORDER BY (project_id, metering_point_id, quantity, slot_start, segment_id)
SETTINGS min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
;
-- Sums of slots per local day and time-of-use period; a second or two behind the slots.
CREATE TABLE IF NOT EXISTS days :on_cluster
(
    project_id LowCardinality(String),
    metering_point_id LowCardinality(String),
    quantity LowCardinality(String),
    segment_id LowCardinality(String),
    -- In the project's zone. A slot belongs to the local day in which it begins.
    local_day Date CODEC(Delta(2), LZ4),
    -- tip, peak, flat, valley, deep-valley: the calendar's period when the slot begins.
    period LowCardinality(String),
    consumption Int64,
    -- Rows of slots by quality. A slot nothing is known of has no row and is counted nowhere.
    slots_measured UInt16,
    slots_estimated UInt16,
    slots_edited UInt16,
    slots_missing UInt16,
    -- The slot with the greatest consumption (the earliest of equals).
    peak_consumption Int64,
    peak_start DateTime('UTC'),
    -- Greatest revision among the day's slots, or the offset of the mounting that last changed zone or calendar.
    revision UInt64 CODEC(Delta(8), LZ4),
    is_deleted UInt8 DEFAULT 0
)
ENGINE = :engine(ReplacingMergeTree(revision, is_deleted))
PARTITION BY toYYYYMM(local_day)
ORDER BY (project_id, metering_point_id, quantity, local_day, segment_id, period)
SETTINGS min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
;
-- Parent against children, over the slots that all of them have, whole.
CREATE TABLE IF NOT EXISTS loss_days :on_cluster
(
    project_id LowCardinality(String),
    -- The parent.
    metering_point_id LowCardinality(String),
    quantity LowCardinality(String),
    local_day Date CODEC(Delta(2), LZ4),
    -- What the parent measured in the compared slots, and Σ of its children in the same slots.
    input Int64,
    children Int64,
    -- Children linked on that day, at any time of it.
    child_count UInt16,
    slots_compared UInt16,
    -- Slots of the local day.
    slots_expected UInt16,
    revision UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = :engine(ReplacingMergeTree(revision, is_deleted))
PARTITION BY toYear(local_day)
ORDER BY (project_id, metering_point_id, quantity, local_day)
SETTINGS min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
