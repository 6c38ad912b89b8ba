// SPDX-License-Identifier: Apache-2.0
/**
 * Billing's slots against the warehouse's. Both come from the same meter log by way of the stream; the warehouse holds
 * every slot that was emitted, so once charging has caught up the sums agree per metering point, quantity and UTC day
 * (of UTC, because a change of the project's zone moves slots between local days, but never between instants).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '@wattledger/contracts';
import { chargingGroup } from '../charging/charging-consumer.ts';
import type { BillingParts } from '../parts.ts';

interface PointDay {
  readonly key: string;
  readonly consumption: number;
}

const faultsMax = 20;

/** Readings flow while the two stores are read one after the other: what differs is looked at again before it is told. */
const looks = 4;
const pauseMs = 1_500;

export async function compareWithWarehouse(
  parts: BillingParts,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  for (let look = 1; ; look += 1) {
    const answer = await compareOnce(parts);
    if (answer.ok || look === looks) return answer;
    await sleep(pauseMs);
  }
}

async function compareOnce(parts: BillingParts): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const { records } = await parts.eventLog.lag(chargingGroup, topics.intervalEnergy);
  if (records > 0)
    return {
      ok: true,
      detail: `${records} records of interval energy wait to be charged: ask again when they are`,
    };
  const { rows: projects } = await parts.database.query<{ project_id: string }>(
    'SELECT DISTINCT point.project_id FROM billing.points AS point ORDER BY 1',
  );
  const faults: string[] = [];
  let pointDays = 0;
  for (const { project_id: projectId } of projects) {
    const [mine, theirs] = await Promise.all([
      billingDays(parts, projectId),
      warehouseDays(parts, projectId),
    ]);
    pointDays += theirs.size;
    for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
      if ((mine.get(key) ?? 0) !== (theirs.get(key) ?? 0) && faults.length < faultsMax) {
        faults.push(
          `${key}: billing ${mine.get(key) ?? 'nothing'}, warehouse ${theirs.get(key) ?? 'nothing'}`,
        );
      }
    }
  }
  return {
    ok: faults.length === 0,
    detail: faults.length === 0 ? `${pointDays} point days agree` : faults.join('; '),
  };
}

async function billingDays(parts: BillingParts, projectId: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await parts.database.query<PointDay>(
    `SELECT day.metering_point_id || '/' || day.quantity || '/' ||
            to_char(to_timestamp((day.first_slot_ms + (slot.place - 1) * day.slot_minutes * 60000::bigint) / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS key,
            sum(slot.consumption)::bigint AS consumption
       FROM billing.slot_days AS day
      CROSS JOIN LATERAL unnest(day.consumption) WITH ORDINALITY AS slot (consumption, place)
      WHERE day.project_id = $1 AND slot.consumption IS NOT NULL
      GROUP BY 1`,
    [projectId],
  );
  return new Map(rows.map((row) => [row.key, row.consumption]));
}

async function warehouseDays(parts: BillingParts, projectId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await parts.warehouse.query<PointDay>(
    `SELECT concat(metering_point_id, '/', quantity, '/', toString(toDate(slot_start, 'UTC'))) AS key,
            sum(consumption) AS consumption
       FROM slots FINAL
      WHERE project_id = {project:String}
      GROUP BY key`,
    { project: projectId },
  );
  return new Map(rows.map((row) => [row.key, row.consumption]));
}
