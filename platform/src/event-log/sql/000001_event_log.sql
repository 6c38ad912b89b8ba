-- SPDX-License-Identifier: Apache-2.0
-- Append-only log in Postgres: one row per batch of records; offsets are given under the partition's row lock, which
-- is held until commit, so the order of offsets is the order of commits and a reader never sees a hole that fills later.

CREATE TABLE event_log.topics (
  topic text PRIMARY KEY,
  partition_count integer NOT NULL CHECK (partition_count BETWEEN 1 AND 1024),
  retention_ms bigint,
  compacted boolean NOT NULL
);

CREATE TABLE event_log.partitions (
  topic text NOT NULL REFERENCES event_log.topics,
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50); -- updated with every append: room for HOT updates in the page

CREATE TABLE event_log.batches (
  topic text NOT NULL,
  partition integer NOT NULL,
  first_offset bigint NOT NULL,
  record_count integer NOT NULL CHECK (record_count > 0),
  recorded_at_ms bigint NOT NULL,
  -- Only in compacted topics, where each row holds one record.
  record_key text,
  payload_bytes integer NOT NULL,
  -- JSON: [["key", value], …]
  payload text NOT NULL,
  PRIMARY KEY (topic, partition, first_offset)
);
CREATE INDEX batches_by_key ON event_log.batches (topic, partition, record_key, first_offset) WHERE record_key IS NOT NULL;

CREATE TABLE event_log.positions (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Who consumes now. A member is dead when it was not seen for a while, or when the session it named has ended.
CREATE TABLE event_log.members (
  member_id text PRIMARY KEY,
  consumer_group text NOT NULL,
  topic text NOT NULL,
  backend_pid integer NOT NULL,
  backend_start timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
);
CREATE TABLE event_log.leases (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  member_id text NOT NULL REFERENCES event_log.members ON DELETE CASCADE,
  PRIMARY KEY (consumer_group, topic, partition)
);
