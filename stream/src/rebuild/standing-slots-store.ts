// SPDX-License-Identifier: Apache-2.0
import type { Warehouse } from '@wattledger/platform';
import type { StandingSlot } from './meter-comparison.ts';

interface SlotRow {
  readonly metering_point_id: string;
  readonly quantity: string;
  readonly segment_id: string;
  readonly start_s: number;
  readonly consumption: number;
  readonly quality: number;
}

export interface StandingSlots {
  readonly slots: readonly StandingSlot[];
  /** Greatest revision of any row, vanished ones included; -1 when there is none. */
  readonly newestRevision: number;
}

/** One page: a year of half-hours of a meter's segments. */
const spanS = 366 * 86_400;

/** The slots of a meter's segments at their points, from an instant on. */
export async function standingSlots(
  warehouse: Warehouse,
  {
    projectId,
    points,
    segments,
    fromMs,
  }: {
    readonly projectId: string;
    readonly points: readonly string[];
    readonly segments: readonly string[];
    readonly fromMs: number;
  },
): Promise<StandingSlots> {
  if (segments.length === 0) return { slots: [], newestRevision: -1 };
  const place = { project: projectId, points, segments };
  const where = `project_id = {project:String} AND metering_point_id IN {points:Array(String)} AND segment_id IN {segments:Array(String)}`;
  const [bounds] = await warehouse.query<{ first_s: number; last_s: number; newest: number; rows: number }>(
    `SELECT toUnixTimestamp(min(slot_start)) AS first_s, toUnixTimestamp(max(slot_start)) AS last_s, max(revision) AS newest, count() AS rows
     FROM slots WHERE ${where}`,
    place,
  );
  if (bounds === undefined || bounds.rows === 0) return { slots: [], newestRevision: -1 };
  const slots: StandingSlot[] = [];
  for (let from = Math.max(bounds.first_s, Math.floor(fromMs / 1000)); from <= bounds.last_s; from += spanS) {
    const rows = await warehouse.query<SlotRow>(
      `SELECT metering_point_id, quantity, segment_id, toUnixTimestamp(slot_start) AS start_s, consumption, quality
       FROM slots FINAL
       WHERE ${where} AND slot_start >= toDateTime({from:UInt32}, 'UTC') AND slot_start < toDateTime({to:UInt32}, 'UTC')`,
      { ...place, from, to: from + spanS },
    );
    for (const row of rows) {
      slots.push({
        segmentId: row.segment_id,
        meteringPointId: row.metering_point_id,
        quantity: row.quantity,
        startMs: row.start_s * 1000,
        consumption: row.consumption,
        quality: row.quality,
      });
    }
  }
  return { slots, newestRevision: bounds.newest };
}
