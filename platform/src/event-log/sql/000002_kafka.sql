-- SPDX-License-Identifier: Apache-2.0
-- With Kafka, event_log.batches is the outbox: appends made inside a transaction wait there until the relay has written
-- them to Kafka.

-- Where the records of this database live. Positions of one log mean nothing in another.
CREATE TABLE event_log.home (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- 'postgres', or 'kafka:' and the cluster's id
  kind text NOT NULL
);

-- One row per partition that has had an outbox. Its lock is the right to relay.
CREATE TABLE event_log.relays (
  topic text NOT NULL,
  partition integer NOT NULL,
  -- The process that relayed last; another one first looks in Kafka how far it came.
  relayed_by text,
  -- From here on in Kafka there may be records whose removal from the outbox was not committed.
  kafka_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
);
