// SPDX-License-Identifier: Apache-2.0
import type { MeterSnapshot } from '@wattledger/contracts';
import type { PointRow } from '../metering-points/metering-points-store.ts';
import {
  faultsOfSegment,
  overlapsOf,
  usualQuantityOf,
  type MountedSegment,
  type SegmentOverlap,
} from '../mountings/segment.ts';
import type { Fraction, RegisterValue } from './site-cells.ts';
import type { PlanContext, Planned, Referable } from './plan-context.ts';
import type { SheetName, SiteRow, SiteTables } from './site-tables.ts';
import { stableId } from './stable-id.ts';

type MountingCells = Pick<
  SiteRow<'mountings'>,
  | 'quantity'
  | 'mounted_from'
  | 'mounted_to'
  | 'multiplier'
  | 'register_max'
  | 'power_max'
  | 'opening'
  | 'closing'
>;
interface Stated {
  readonly sheet: SheetName;
  readonly row: number;
  readonly point: PointRow;
  readonly serial: string;
  readonly register: string;
  readonly cells: MountingCells;
}
interface Source {
  readonly sheet: SheetName;
  readonly row: number;
}

export interface PlannedMountings {
  readonly put: readonly { readonly before: MountedSegment | undefined; readonly after: MountedSegment }[];
  readonly count: { readonly created: number; readonly updated: number; readonly unchanged: number };
}

/** Segments that the file makes or changes. A segment is known by its point and its beginning. */
export function planMountings(
  context: PlanContext,
  tables: SiteTables,
  existing: readonly MountedSegment[],
  { meters, points }: { readonly meters: Planned<MeterSnapshot>; readonly points: Planned<PointRow> },
): PlannedMountings {
  const target: Referable = { sheet: 'meters', what: 'meter', idOfCode: meters.idOfCode };
  const keyOf = (pointId: string, fromMs: number): string => `${pointId} ${fromMs}`;
  const all = new Map(existing.map((segment) => [keyOf(segment.meteringPointId, segment.fromMs), segment]));
  const sources = new Map<string, Source>();
  const put: { before: MountedSegment | undefined; after: MountedSegment }[] = [];
  const count = { created: 0, updated: 0, unchanged: 0 };
  for (const stated of statedMountings(context, tables, points)) {
    const { sheet, row, point, serial, cells } = stated;
    const meterId = context.refer(sheet, row, 'meter_serial', serial, target);
    const faultsBefore = context.faults.total;
    const fromMs = context.instantOf(sheet, row, 'mounted_from', cells.mounted_from) ?? 0;
    const toMs = context.instantOf(sheet, row, 'mounted_to', cells.mounted_to);
    if (meterId === null || context.faults.total > faultsBefore) continue;
    const key = keyOf(point.id, fromMs);
    const before = all.get(key);
    const after = segmentOfRow(context, stated, { meterId, fromMs, toMs }, before);
    const other = sources.get(after.segmentId);
    if (other !== undefined) {
      context.faults.add(
        sheet,
        row,
        'mounted_from',
        `the same point has another mounting from the same instant in ${other.sheet}, row ${other.row}`,
      );
      continue;
    }
    sources.set(after.segmentId, { sheet, row });
    judgeOne(context, stated, before, after);
    all.set(key, after);
    if (before !== undefined && sameSegment(before, after)) count.unchanged += 1;
    else {
      count[before === undefined ? 'created' : 'updated'] += 1;
      put.push({ before, after });
    }
  }
  const names = { serialOf: namesOf(meters.idOfCode), codeOf: namesOf(points.idOfCode) };
  for (const overlap of overlapsOf([...all.values()])) tellOverlap(context, overlap, sources, names);
  return { put, count };
}

function* statedMountings(
  context: PlanContext,
  tables: SiteTables,
  points: Planned<PointRow>,
): Generator<Stated> {
  const byId = new Map(points.all.map((point) => [point.id, point]));
  const target: Referable = { sheet: 'metering_points', what: 'metering point', idOfCode: points.idOfCode };
  for (const { row, values } of tables.metering_points) {
    const point = byId.get(points.idOfCode.get(values.code) ?? '');
    const { meter_serial: serial, register } = values;
    if (point === undefined || typeof serial !== 'string') continue;
    if (typeof register !== 'string') {
      context.faults.add(
        'metering_points',
        row,
        'register',
        'name the register of the meter that counts here, e.g. energy.active.total',
      );
      continue;
    }
    yield { sheet: 'metering_points', row, point, serial, register, cells: values };
  }
  for (const { row, values } of tables.mountings) {
    const point = byId.get(context.refer('mountings', row, 'point', values.point, target) ?? '');
    if (point === undefined) continue;
    yield {
      sheet: 'mountings',
      row,
      point,
      serial: values.meter_serial,
      register: values.register,
      cells: values,
    };
  }
}

/** The segment as the row describes it; blank cells keep what is known of it. */
function segmentOfRow(
  context: PlanContext,
  { point, register, cells }: Stated,
  {
    meterId,
    fromMs,
    toMs,
  }: { readonly meterId: string; readonly fromMs: number; readonly toMs: number | null },
  before: MountedSegment | undefined,
): MountedSegment {
  const multiplier = fractionOf(cells.multiplier, before);
  return {
    segmentId:
      before?.segmentId ?? stableId('segment', [context.projectId, point.code, meterId, register, fromMs]),
    meterId,
    register,
    meteringPointId: point.id,
    quantity: cells.quantity ?? before?.quantity ?? usualQuantityOf(point.medium),
    fromMs,
    toMs: toMs ?? before?.toMs ?? null,
    multiplierNumerator: multiplier.numerator,
    multiplierDenominator: multiplier.denominator,
    registerMax: cells.register_max ?? before?.registerMax ?? null,
    powerMax: cells.power_max ?? before?.powerMax ?? null,
    openingReading: readingOf(cells.opening, before?.openingReading),
    closingReading: readingOf(cells.closing, before?.closingReading),
  };
}

/** What is known stays in its own form where the cell says the same: 400/10 is 40. */
function fractionOf(cell: Fraction | null | undefined, before: MountedSegment | undefined): Fraction {
  const known =
    before === undefined
      ? undefined
      : { numerator: before.multiplierNumerator, denominator: before.multiplierDenominator };
  if (cell === null || cell === undefined) return known ?? { numerator: 1, denominator: 1 };
  if (known === undefined) return cell;
  const same =
    BigInt(cell.numerator) * BigInt(known.denominator) === BigInt(known.numerator) * BigInt(cell.denominator);
  return same ? known : cell;
}

function readingOf(
  cell: RegisterValue | null | undefined,
  known: RegisterValue | null | undefined,
): RegisterValue | null {
  if (cell === null || cell === undefined) return known ?? null;
  if (known === null || known === undefined) return cell;
  return inSmallestUnits(cell) === inSmallestUnits(known) ? known : cell;
}

/** Scalers reach from −6 to 6. */
const inSmallestUnits = ({ value, scaler }: RegisterValue): bigint =>
  BigInt(value) * 10n ** BigInt(scaler + 6);

function sameSegment(a: MountedSegment, b: MountedSegment): boolean {
  return (
    a.quantity === b.quantity &&
    a.toMs === b.toMs &&
    a.multiplierNumerator === b.multiplierNumerator &&
    a.multiplierDenominator === b.multiplierDenominator &&
    a.registerMax === b.registerMax &&
    a.powerMax === b.powerMax &&
    // Readings that say the same are the same object: see readingOf.
    a.openingReading === b.openingReading &&
    a.closingReading === b.closingReading
  );
}

const columnOf: Readonly<Record<string, string>> = {
  toMs: 'mounted_to',
  quantity: 'quantity',
  openingReading: 'opening',
  closingReading: 'closing',
};

function judgeOne(
  context: PlanContext,
  stated: Stated,
  before: MountedSegment | undefined,
  after: MountedSegment,
): void {
  const { sheet, row, point } = stated;
  if (before !== undefined && (before.meterId !== after.meterId || before.register !== after.register)) {
    const message = `another meter or register is mounted at ${point.code} since then; a file cannot replace it. Use an exchange, or correct it on the screen`;
    context.faults.add(sheet, row, 'meter_serial', message);
  }
  for (const { path, message } of faultsOfSegment(after, point.medium))
    context.faults.add(sheet, row, columnOf[path] ?? path, message);
}

interface Names {
  readonly serialOf: (id: string) => string;
  readonly codeOf: (id: string) => string;
}

function namesOf(idOfCode: ReadonlyMap<string, string>): (id: string) => string {
  const codeOfId = new Map([...idOfCode].map(([code, id]) => [id, code]));
  return (id) => codeOfId.get(id) ?? id;
}

function tellOverlap(
  context: PlanContext,
  overlap: SegmentOverlap,
  sources: ReadonlyMap<string, Source>,
  names: Names,
): void {
  const { kind, earlier, later } = overlap;
  const source = sources.get(later.segmentId) ?? sources.get(earlier.segmentId);
  const other = sources.get(later.segmentId) === undefined ? later : earlier;
  const told = sources.get(other.segmentId);
  const where = told === undefined ? 'in the project' : `in ${told.sheet}, row ${told.row}`;
  const since = other.fromMs === 0 ? 'the beginning' : new Date(other.fromMs).toISOString();
  const serial = names.serialOf(other.meterId);
  const code = names.codeOf(other.meteringPointId);
  const messages = {
    'register-mounted-twice': `register ${other.register} of meter ${serial} also counts at ${code} from ${since} (${where})`,
    'point-occupied': `meter ${serial} is mounted at ${code} from ${since} (${where}); give mounted_to where one ends and the other begins`,
    'quantity-changed': `${code} counts ${other.quantity} (${where}); make another point for the other quantity`,
  };
  const column = kind === 'quantity-changed' ? 'quantity' : 'meter_serial';
  context.faults.add(source?.sheet ?? 'mountings', source?.row ?? null, column, messages[kind]);
}
