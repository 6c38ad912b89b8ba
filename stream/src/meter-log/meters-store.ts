// SPDX-License-Identifier: Apache-2.0
/** States of meters in Postgres. */
import type { Mounting } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Cover, MeterState, MountingInForce, RegisterState } from '../interval-energy/meter-state.ts';
import type { SegmentInForce } from '../interval-energy/segment-plan.ts';
import type { SegmentState } from '../interval-energy/segment-state.ts';
import { wordOfVerdict } from '../interval-energy/verdict.ts';
import { gridKeyOf } from '../rollups/day-grid.ts';
import type { InternedMountings } from './interned-mountings.ts';
import { stateOfText, textOfState } from './state-text.ts';

export interface MeterKey {
  readonly projectId: string;
  readonly meterId: string;
}
export const textOfKey = ({ projectId, meterId }: MeterKey): string => `${projectId} ${meterId}`;

export interface StoredMeter {
  readonly state: MeterState;
  /** 0 for a meter that has no row yet. */
  readonly version: number;
  readonly isHeld: boolean;
}

interface MeterRow {
  readonly project_id: string;
  readonly meter_id: string;
  readonly version: number;
  readonly mounting_offset: number | null;
  readonly calendar_number: number;
  readonly is_held: boolean;
  readonly holes: string;
}
interface SegmentRow {
  readonly project_id: string;
  readonly meter_id: string;
  readonly segment_id: string;
  readonly register: string;
  readonly rollovers: number;
  readonly rollover_consumption: number;
  readonly readings: number;
  readonly state: string;
}
type HolesText = Record<string, { readonly covers: readonly Cover[]; readonly readings: number }>;

/** States of the meters that have one. */
export async function loadMeters(
  queryable: Queryable,
  keys: readonly MeterKey[],
  interned: InternedMountings,
): Promise<Map<string, StoredMeter>> {
  const projects = keys.map((key) => key.projectId);
  const meters = keys.map((key) => key.meterId);
  const wanted =
    'JOIN unnest($1::text[], $2::text[]) AS wanted (project_id, meter_id) USING (project_id, meter_id)';
  const found = await queryable.query<MeterRow>(
    `SELECT project_id, meter_id, version, mounting_offset, calendar_number, is_held, holes FROM stream.meters ${wanted}`,
    [projects, meters],
  );
  if (found.rows.length === 0) return new Map();
  const segments = await queryable.query<SegmentRow>(
    `SELECT project_id, meter_id, segment_id, register, rollovers, rollover_consumption, readings, state FROM stream.segments ${wanted}`,
    [projects, meters],
  );
  const inForce = await loadMountings(queryable, found.rows, interned);
  const segmentsOf = Map.groupBy(segments.rows, (row) =>
    textOfKey({ projectId: row.project_id, meterId: row.meter_id }),
  );
  const result = new Map<string, StoredMeter>();
  for (const row of found.rows) {
    const key = textOfKey({ projectId: row.project_id, meterId: row.meter_id });
    const state: MeterState = {
      projectId: row.project_id,
      meterId: row.meter_id,
      inForce: inForce.get(key) ?? null,
      calendarNumber: row.calendar_number,
      registers: registersOf(JSON.parse(row.holes) as HolesText, segmentsOf.get(key) ?? []),
    };
    result.set(key, { state, version: row.version, isHeld: row.is_held });
  }
  return result;
}

function registersOf(holes: HolesText, segments: readonly SegmentRow[]): Map<string, RegisterState> {
  const registers = new Map<string, RegisterState>();
  for (const [register, { covers, readings }] of Object.entries(holes)) {
    registers.set(register, { segments: new Map(), holes: covers, holeReadings: readings });
  }
  for (const row of segments) {
    const counts = {
      rollovers: row.rollovers,
      rolloverConsumption: row.rollover_consumption,
      readings: row.readings,
    };
    const register = registers.get(row.register) ?? { segments: new Map(), holes: [], holeReadings: 0 };
    const states = new Map(register.segments).set(row.segment_id, stateOfText(row.state, counts));
    registers.set(row.register, { ...register, segments: states });
  }
  return registers;
}

async function loadMountings(
  queryable: Queryable,
  meters: readonly MeterRow[],
  interned: InternedMountings,
): Promise<Map<string, MountingInForce>> {
  const result = new Map<string, MountingInForce>();
  const missing: MeterRow[] = [];
  for (const row of meters) {
    if (row.mounting_offset === null) continue;
    const seen = interned.get(row.project_id, row.meter_id, row.mounting_offset);
    if (seen === undefined) missing.push(row);
    else result.set(textOfKey({ projectId: row.project_id, meterId: row.meter_id }), seen);
  }
  if (missing.length === 0) return result;
  const bodies = await queryable.query<{
    project_id: string;
    meter_id: string;
    log_offset: number;
    body: string;
  }>(
    `SELECT project_id, meter_id, log_offset, body FROM stream.mountings
     JOIN unnest($1::text[], $2::text[]) AS wanted (project_id, meter_id) USING (project_id, meter_id)`,
    [missing.map((row) => row.project_id), missing.map((row) => row.meter_id)],
  );
  for (const row of bodies.rows) {
    const inForce = interned.put(JSON.parse(row.body) as Mounting, row.log_offset);
    result.set(textOfKey({ projectId: row.project_id, meterId: row.meter_id }), inForce);
  }
  return result;
}

/** A meter after a step. */
export interface MeterChange {
  readonly before: StoredMeter;
  readonly after: MeterState;
  readonly isHeld: boolean;
}

/** Another writer has changed a meter meanwhile: nothing of this step may happen. */
export class MeterMovedError extends Error {
  readonly code = 'meter-moved';
  constructor(expected: number, changed: number) {
    super(
      `${expected - changed} of ${expected} meters were changed by another writer meanwhile; the records come again`,
    );
    this.name = 'MeterMovedError';
  }
}

/** @throws MeterMovedError */
export async function saveMeters(
  transaction: Transaction,
  partition: number,
  changes: readonly MeterChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const meters = changes.map(({ before, after, isHeld }) => ({
    project_id: after.projectId,
    meter_id: after.meterId,
    version: before.version + 1,
    mounting_offset: after.inForce?.offset ?? null,
    calendar_number: after.calendarNumber,
    grid_key: after.inForce === null ? null : gridKeyOf(after.inForce.mounting),
    is_held: isHeld,
    holes: JSON.stringify(holesOf(after)),
  }));
  const saved = await transaction.query(
    `INSERT INTO stream.meters AS kept (project_id, meter_id, partition, version, mounting_offset, calendar_number, grid_key, is_held, holes)
     SELECT project_id, meter_id, $2::integer, version, mounting_offset, calendar_number, grid_key, is_held, holes
     FROM json_to_recordset($1::json) AS step (project_id text, meter_id text, version bigint, mounting_offset bigint, calendar_number integer, grid_key text, is_held boolean, holes text)
     ON CONFLICT (project_id, meter_id) DO UPDATE
       SET partition = excluded.partition, version = excluded.version, mounting_offset = excluded.mounting_offset,
           calendar_number = excluded.calendar_number, grid_key = excluded.grid_key, is_held = excluded.is_held, holes = excluded.holes
       WHERE kept.version = excluded.version - 1`,
    [JSON.stringify(meters), partition],
  );
  if (saved.rowCount !== changes.length) throw new MeterMovedError(changes.length, saved.rowCount);
  await saveMountings(transaction, changes);
  await saveSegments(transaction, changes);
}

function holesOf({ registers }: MeterState): HolesText {
  const holes: HolesText = {};
  for (const [register, state] of registers) {
    if (state.holeReadings > 0) holes[register] = { covers: state.holes, readings: state.holeReadings };
  }
  return holes;
}

async function saveMountings(transaction: Transaction, changes: readonly MeterChange[]): Promise<void> {
  const changed = changes.flatMap(({ before, after }) => {
    const inForce = after.inForce;
    if (inForce === null || inForce.offset === before.state.inForce?.offset) return [];
    return [
      {
        project_id: after.projectId,
        meter_id: after.meterId,
        log_offset: inForce.offset,
        body: JSON.stringify(inForce.mounting),
      },
    ];
  });
  if (changed.length === 0) return;
  await transaction.query(
    `INSERT INTO stream.mountings (project_id, meter_id, log_offset, body)
     SELECT project_id, meter_id, log_offset, body FROM json_to_recordset($1::json) AS step (project_id text, meter_id text, log_offset bigint, body text)
     ON CONFLICT (project_id, meter_id) DO UPDATE SET log_offset = excluded.log_offset, body = excluded.body`,
    [JSON.stringify(changed)],
  );
}

async function saveSegments(transaction: Transaction, changes: readonly MeterChange[]): Promise<void> {
  const rows: unknown[] = [];
  const gone: { project_id: string; meter_id: string; segment_id: string }[] = [];
  for (const { before, after } of changes) {
    const key = { project_id: after.projectId, meter_id: after.meterId };
    const kept = new Set<string>();
    for (const plan of after.inForce?.plans.values() ?? []) {
      const states = after.registers.get(plan.register)?.segments;
      for (const inForce of plan.segments) {
        const { segmentId } = inForce.segment;
        const state = states?.get(segmentId);
        if (state === undefined) continue;
        kept.add(segmentId);
        const unchanged =
          before.state.inForce === after.inForce &&
          before.state.registers.get(plan.register)?.segments.get(segmentId) === state;
        if (!unchanged) rows.push({ ...key, ...segmentRow(inForce, state) });
      }
    }
    for (const register of before.state.registers.values()) {
      for (const segmentId of register.segments.keys())
        if (!kept.has(segmentId)) gone.push({ ...key, segment_id: segmentId });
    }
  }
  if (gone.length > 0) {
    await transaction.query(
      `DELETE FROM stream.segments USING json_to_recordset($1::json) AS step (project_id text, meter_id text, segment_id text)
       WHERE segments.project_id = step.project_id AND segments.meter_id = step.meter_id AND segments.segment_id = step.segment_id`,
      [JSON.stringify(gone)],
    );
  }
  if (rows.length > 0) await transaction.query(saveSegmentsSql, [JSON.stringify(rows)]);
}

function segmentRow(inForce: SegmentInForce, state: SegmentState): Record<string, unknown> {
  const { segmentId, register, meteringPointId, quantity } = inForce.segment;
  const first = state.extents[0]?.first;
  const last = state.extents.at(-1)?.last;
  const { tail } = state;
  const held = tail?.doubt?.confirmed === true ? tail : null;
  return {
    segment_id: segmentId,
    register,
    metering_point_id: meteringPointId,
    quantity,
    first_ms: first?.instantMs ?? null,
    first_value: first?.value ?? null,
    first_scaler: first?.scaler ?? null,
    first_units: first?.baseUnits ?? null,
    last_ms: last?.instantMs ?? null,
    last_value: last?.value ?? null,
    last_scaler: last?.scaler ?? null,
    last_units: last?.baseUnits ?? null,
    rollovers: state.rollovers,
    rollover_consumption: state.rolloverConsumption,
    readings: state.readings,
    held_reason: held?.doubt == null ? null : wordOfVerdict(held.doubt.verdict),
    held_from_ms: held?.doubt?.sinceMs ?? null,
    held_to_ms: held?.toMs ?? null,
    state: textOfState(state),
  };
}

const segmentColumns = [
  ['project_id', 'text'],
  ['meter_id', 'text'],
  ['segment_id', 'text'],
  ['register', 'text'],
  ['metering_point_id', 'text'],
  ['quantity', 'text'],
  ['first_ms', 'bigint'],
  ['first_value', 'bigint'],
  ['first_scaler', 'smallint'],
  ['first_units', 'bigint'],
  ['last_ms', 'bigint'],
  ['last_value', 'bigint'],
  ['last_scaler', 'smallint'],
  ['last_units', 'bigint'],
  ['rollovers', 'integer'],
  ['rollover_consumption', 'bigint'],
  ['readings', 'bigint'],
  ['held_reason', 'text'],
  ['held_from_ms', 'bigint'],
  ['held_to_ms', 'bigint'],
  ['state', 'text'],
] as const;
const columnNames = segmentColumns.map(([name]) => name).join(', ');
const saveSegmentsSql = `
  INSERT INTO stream.segments (${columnNames})
  SELECT ${columnNames} FROM json_to_recordset($1::json) AS step (${segmentColumns.map(([name, type]) => `${name} ${type}`).join(', ')})
  ON CONFLICT (project_id, meter_id, segment_id) DO UPDATE
    SET ${segmentColumns
      .slice(3)
      .map(([name]) => `${name} = excluded.${name}`)
      .join(', ')}`;

/** Does any register of the meter wait for a decision? */
export function isHeld({ registers }: MeterState): boolean {
  for (const register of registers.values()) {
    for (const { tail } of register.segments.values()) if (tail?.doubt?.confirmed === true) return true;
  }
  return false;
}
