-- SPDX-License-Identifier: Apache-2.0
-- The metering tree as the registry last told it, for the loss: each link with the time it holds.
CREATE TABLE IF NOT EXISTS parent_links :on_cluster
(
    project_id LowCardinality(String),
    child_id String,
    from_ms Int64,
    parent_id String,
    -- 9223372036854775807 while it holds.
    to_ms Int64,
    revision UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = :engine(ReplacingMergeTree(revision, is_deleted))
ORDER BY (project_id, child_id, from_ms)
