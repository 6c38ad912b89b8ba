-- SPDX-License-Identifier: Apache-2.0
-- Electrical parameters as polls saw them: voltage, current, power, power factor, frequency, demand. The name is that of
-- the register map, the unit the map's. The same poll told again gives the same row: no revision is needed.
--
-- Kept for three years, a month at a time: at 20 parameters every 15 minutes a meter makes 700,000 rows a year. Another time is
-- set by ALTER TABLE parameters MODIFY TTL; rows that are gone come back by nothing, since the log keeps a day of them.
CREATE TABLE IF NOT EXISTS parameters :on_cluster
(
    project_id LowCardinality(String),
    meter_id LowCardinality(String),
    parameter LowCardinality(String),
    instant DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    -- Thousandths of the map's unit, rounded half away from zero: mV, mA, mW, mHz. Whole, so that sums are exact.
    value_thousandths Int64 CODEC(T64, ZSTD(1))
)
ENGINE = :engine(ReplacingMergeTree)
PARTITION BY toYYYYMM(instant)
-- A chart of one parameter of one meter reads one granule a month.
ORDER BY (project_id, meter_id, parameter, instant)
TTL toDateTime(instant) + INTERVAL 3 YEAR DELETE
SETTINGS ttl_only_drop_parts = 1, min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
