// SPDX-License-Identifier: Apache-2.0
import type { Quantity } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { MountedSegment } from './segment.ts';

interface Row {
  readonly segment_id: string;
  readonly meter_id: string;
  readonly register: string;
  readonly point_id: string;
  readonly quantity: Quantity;
  readonly from_ms: number;
  readonly to_ms: number | null;
  readonly multiplier_numerator: number;
  readonly multiplier_denominator: number;
  readonly register_max: number | null;
  readonly power_max: number | null;
  readonly opening_value: number | null;
  readonly opening_scaler: number | null;
  readonly closing_value: number | null;
  readonly closing_scaler: number | null;
}

const reading = (value: number | null, scaler: number | null): { value: number; scaler: number } | null =>
  value === null || scaler === null ? null : { value, scaler };

function fromRow(row: Row): MountedSegment {
  return {
    segmentId: row.segment_id,
    meterId: row.meter_id,
    register: row.register,
    meteringPointId: row.point_id,
    quantity: row.quantity,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    multiplierNumerator: row.multiplier_numerator,
    multiplierDenominator: row.multiplier_denominator,
    registerMax: row.register_max,
    powerMax: row.power_max,
    openingReading: reading(row.opening_value, row.opening_scaler),
    closingReading: reading(row.closing_value, row.closing_scaler),
  };
}

export interface SegmentSelection {
  readonly segmentIds?: readonly string[];
  readonly meterIds?: readonly string[];
  readonly pointIds?: readonly string[];
}

/** Segments of a project, oldest first; each given list narrows the answer. */
export async function readSegments(
  queryable: Queryable,
  projectId: string,
  { segmentIds, meterIds, pointIds }: SegmentSelection = {},
): Promise<readonly MountedSegment[]> {
  const { rows } = await queryable.query<Row>(
    `select s.segment_id, s.meter_id, s.register, s.point_id, s.quantity, s.from_ms, s.to_ms, s.multiplier_numerator,
       s.multiplier_denominator, s.register_max, s.power_max, s.opening_value, s.opening_scaler, s.closing_value, s.closing_scaler
     from registry.mountings s
     where s.project_id = $1
       and ($2::text[] is null or s.segment_id = any ($2))
       and ($3::text[] is null or s.meter_id = any ($3))
       and ($4::text[] is null or s.point_id = any ($4))
     order by s.from_ms, s.segment_id`,
    [projectId, segmentIds ?? null, meterIds ?? null, pointIds ?? null],
  );
  return rows.map(fromRow);
}

/**
 * Brings segments to the given state: those given are inserted or replaced, those named for removal go. Overlaps are
 * judged at the end, so that an exchange or an undo may pass through a moment where two segments touch.
 */
export async function writeSegments(
  transaction: Transaction,
  projectId: string,
  put: readonly MountedSegment[],
  removedIds: readonly string[],
): Promise<void> {
  const once = 'registry.mountings_register_once, registry.mountings_point_once';
  await transaction.query(`set constraints ${once} deferred`);
  if (removedIds.length > 0) {
    await transaction.query(
      'delete from registry.mountings s where s.project_id = $1 and s.segment_id = any ($2)',
      [projectId, removedIds],
    );
  }
  if (put.length > 0) await transaction.query(putSql, [projectId, JSON.stringify(put)]);
  await transaction.query(`set constraints ${once} immediate`);
}

const putSql = `
  insert into registry.mountings (segment_id, project_id, meter_id, register, point_id, quantity, from_ms, to_ms,
    multiplier_numerator, multiplier_denominator, register_max, power_max, opening_value, opening_scaler, closing_value, closing_scaler)
  select r."segmentId", $1, r."meterId", r."register", r."meteringPointId", r."quantity", r."fromMs", r."toMs",
    r."multiplierNumerator", r."multiplierDenominator", r."registerMax", r."powerMax",
    (r."openingReading" ->> 'value')::bigint, (r."openingReading" ->> 'scaler')::integer,
    (r."closingReading" ->> 'value')::bigint, (r."closingReading" ->> 'scaler')::integer
  from json_to_recordset($2::json) as r("segmentId" text, "meterId" text, "register" text, "meteringPointId" text,
    "quantity" text, "fromMs" bigint, "toMs" bigint, "multiplierNumerator" bigint, "multiplierDenominator" bigint,
    "registerMax" bigint, "powerMax" bigint, "openingReading" json, "closingReading" json)
  on conflict (segment_id) do update set
    meter_id = excluded.meter_id, register = excluded.register, point_id = excluded.point_id, quantity = excluded.quantity,
    from_ms = excluded.from_ms, to_ms = excluded.to_ms, multiplier_numerator = excluded.multiplier_numerator,
    multiplier_denominator = excluded.multiplier_denominator, register_max = excluded.register_max,
    power_max = excluded.power_max, opening_value = excluded.opening_value, opening_scaler = excluded.opening_scaler,
    closing_value = excluded.closing_value, closing_scaler = excluded.closing_scaler`;

export type MountingChangeKind = 'mount' | 'exchange' | 'unmount' | 'correct' | 'undo' | 'import';
export interface MountingChangeRecord {
  readonly id: string;
  readonly kind: MountingChangeKind;
  readonly atMs: number;
  readonly byId: string;
  readonly byName: string;
  readonly reason: string;
  readonly before: readonly MountedSegment[];
  readonly after: readonly MountedSegment[];
  readonly undoneBy: string | null;
}

/** Adds changes to the history, in the order given. */
export async function insertChanges(
  transaction: Transaction,
  projectId: string,
  changes: readonly MountingChangeRecord[],
): Promise<void> {
  const rows = changes.map((change) => {
    const touched = [...change.before, ...change.after];
    return {
      ...change,
      segmentIds: [...new Set(touched.map((segment) => segment.segmentId))],
      pointIds: [...new Set(touched.map((segment) => segment.meteringPointId))],
    };
  });
  await transaction.query(
    `insert into registry.mounting_changes (id, project_id, kind, at_ms, by_id, by_name, reason, before, after, segment_ids, point_ids)
     select r."id", $1, r."kind", r."atMs", r."byId", r."byName", r."reason", r."before", r."after",
       array(select json_array_elements_text(r."segmentIds")), array(select json_array_elements_text(r."pointIds"))
     from json_to_recordset($2::json) as r("id" text, "kind" text, "atMs" bigint, "byId" text, "byName" text, "reason" text,
       "before" json, "after" json, "segmentIds" json, "pointIds" json)`,
    [projectId, JSON.stringify(rows)],
  );
}

const changeColumns = `c.id, c.kind, c.at_ms as "atMs", c.by_id as "byId", c.by_name as "byName", c.reason, c.before, c.after,
  c.undone_by as "undoneBy"`;

/** Changes that touched a metering point, newest first. */
export async function readChangesOfPoint(
  queryable: Queryable,
  projectId: string,
  pointId: string,
  limit: number,
): Promise<readonly MountingChangeRecord[]> {
  const { rows } = await queryable.query<MountingChangeRecord>(
    `select ${changeColumns} from registry.mounting_changes c
     where c.project_id = $1 and c.point_ids @> array[$2::text] order by c.position desc limit $3`,
    [projectId, pointId, limit],
  );
  return rows;
}

export async function readChange(
  queryable: Queryable,
  projectId: string,
  id: string,
): Promise<MountingChangeRecord | undefined> {
  const { rows } = await queryable.query<MountingChangeRecord>(
    `select ${changeColumns} from registry.mounting_changes c where c.project_id = $1 and c.id = $2`,
    [projectId, id],
  );
  return rows[0];
}

export async function markUndone(transaction: Transaction, id: string, undoneBy: string): Promise<void> {
  await transaction.query('update registry.mounting_changes set undone_by = $2 where id = $1', [
    id,
    undoneBy,
  ]);
}
