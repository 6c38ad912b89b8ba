// SPDX-License-Identifier: Apache-2.0
import type { Queryable, Warehouse } from '@wattledger/platform';
import type { MeterKey } from '../meter-log/meters-store.ts';
import type { HeldChange } from '../meter-log/step-store.ts';

export async function metersToRebuild(
  database: Queryable,
  projectId: string | null,
  meterIds: readonly string[] | null,
): Promise<MeterKey[]> {
  const found = await database.query<{ project_id: string; meter_id: string }>(
    `SELECT project_id, meter_id FROM stream.meters
     WHERE ($1::text IS NULL OR project_id = $1) AND ($2::text[] IS NULL OR meter_id = ANY ($2))
     ORDER BY project_id, meter_id`,
    [projectId, meterIds],
  );
  return found.rows.map((row) => ({ projectId: row.project_id, meterId: row.meter_id }));
}

export interface HeldCount {
  readonly register: string;
  readonly reason: string;
  readonly readings: number;
}

/** Held readings of a meter as they are stored. */
export async function heldByReason(
  warehouse: Warehouse,
  projectId: string,
  meterId: string,
): Promise<readonly HeldCount[]> {
  return await warehouse.query<HeldCount>(
    `SELECT register, toString(verdict) AS reason, count() AS readings FROM readings FINAL
     WHERE project_id = {project:String} AND meter_id = {meter:String} AND verdict != 'accepted' GROUP BY register, verdict`,
    { project: projectId, meter: meterId },
  );
}

/** What must be added to the counts of a meter so that they say what is stored. */
export async function heldDifferences(
  queryable: Queryable,
  projectId: string,
  meterId: string,
  stored: readonly HeldCount[],
): Promise<HeldChange[]> {
  const counted = await queryable.query<HeldCount>(
    'SELECT register, reason, readings FROM stream.held_counts WHERE project_id = $1 AND meter_id = $2 FOR UPDATE',
    [projectId, meterId],
  );
  const keyOf = ({ register, reason }: HeldCount): string => `${register} ${reason}`;
  const storedByKey = new Map(stored.map((count) => [keyOf(count), count]));
  const countedByKey = new Map(counted.rows.map((count) => [keyOf(count), count]));
  const differences: HeldChange[] = [];
  for (const key of new Set([...storedByKey.keys(), ...countedByKey.keys()])) {
    const { register, reason } = (storedByKey.get(key) ?? countedByKey.get(key)) as HeldCount;
    const difference = (storedByKey.get(key)?.readings ?? 0) - (countedByKey.get(key)?.readings ?? 0);
    if (difference !== 0) differences.push({ projectId, meterId, register, reason, difference });
  }
  return differences;
}
