-- SPDX-License-Identifier: Apache-2.0
-- Newest accepted reading of each segment, as interval energy told it. What "as of" and "stale" are answered from.
create table freshness (
  segment_id text primary key,
  project_id text not null,
  metering_point_id text not null,
  last_reading_ms bigint not null,
  last_reading_quality smallint not null
);
create index freshness_by_project on freshness (project_id);
