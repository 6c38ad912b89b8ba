-- SPDX-License-Identifier: Apache-2.0
-- What was charged on one local day for one segment of a metering point to one account, as billing told it on topic
-- charge-days. Each record is complete, so one row holds all its lines and a later revision replaces them together.
-- Read it with FINAL, like the stream's tables, and unfold the lines with ARRAY JOIN.
CREATE TABLE IF NOT EXISTS charge_days :on_cluster
(
    project_id LowCardinality(String),
    metering_point_id LowCardinality(String),
    local_day Date CODEC(Delta(2), LZ4),
    account_id LowCardinality(String),
    segment_id LowCardinality(String),
    -- Lines in parallel arrays: time-of-use period, price version, whole base units, whole micros of the currency.
    `lines.period` Array(LowCardinality(String)),
    `lines.price_version_id` Array(LowCardinality(String)),
    `lines.consumption` Array(Int64),
    `lines.amount_micros` Array(Int64),
    -- Energy for which no price was found.
    unpriced_consumption Int64,
    revision UInt64 CODEC(Delta(8), LZ4)
)
ENGINE = :engine(ReplacingMergeTree(revision))
PARTITION BY toYYYYMM(local_day)
ORDER BY (project_id, metering_point_id, local_day, account_id, segment_id)
SETTINGS min_age_to_force_merge_seconds = 300, min_age_to_force_merge_on_partition_only = 1
