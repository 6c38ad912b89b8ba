// SPDX-License-Identifier: Apache-2.0
import type { IntervalEnergy } from '@wattledger/contracts';
import type { Queryable } from '@wattledger/platform';

export interface SegmentFreshness {
  readonly segmentId: string;
  readonly projectId: string;
  readonly meteringPointId: string;
  readonly lastReadingMs: number;
  readonly lastReadingQuality: number;
}

/** Newest reading per segment of some messages, in no particular order. */
export function newestPerSegment(messages: readonly IntervalEnergy[]): readonly SegmentFreshness[] {
  const newest = new Map<string, SegmentFreshness>();
  for (const message of messages) {
    const known = newest.get(message.segmentId);
    if (known !== undefined && known.lastReadingMs >= message.lastReadingMs) continue;
    newest.set(message.segmentId, {
      segmentId: message.segmentId,
      projectId: message.projectId,
      meteringPointId: message.meteringPointId,
      lastReadingMs: message.lastReadingMs,
      lastReadingQuality: message.lastReadingQuality,
    });
  }
  return [...newest.values()];
}

/** Keeps the greatest instant: messages come again after a crash, and of a late reading `lastReadingMs` does not fall. */
export async function writeFreshness(queryable: Queryable, rows: readonly SegmentFreshness[]): Promise<void> {
  await queryable.query(
    `insert into analytics.freshness as f (segment_id, project_id, metering_point_id, last_reading_ms, last_reading_quality)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::smallint[])
     on conflict (segment_id) do update
     set metering_point_id = excluded.metering_point_id, last_reading_ms = excluded.last_reading_ms, last_reading_quality = excluded.last_reading_quality
     where f.last_reading_ms < excluded.last_reading_ms`,
    [
      rows.map((row) => row.segmentId),
      rows.map((row) => row.projectId),
      rows.map((row) => row.meteringPointId),
      rows.map((row) => row.lastReadingMs),
      rows.map((row) => row.lastReadingQuality),
    ],
  );
}

/** Newest reading per metering point of a project. */
export async function readFreshness(
  queryable: Queryable,
  projectId: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await queryable.query<{ point: string; last_ms: number }>(
    `select f.metering_point_id as point, max(f.last_reading_ms) as last_ms
     from analytics.freshness f where f.project_id = $1 group by f.metering_point_id`,
    [projectId],
  );
  return new Map(rows.map((row) => [row.point, row.last_ms]));
}
