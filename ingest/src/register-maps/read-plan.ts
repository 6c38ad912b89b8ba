// SPDX-License-Identifier: Apache-2.0
/**
 * Which questions to ask so that the wanted rows are covered by the fewest requests within a model's limits. A request
 * may run across rows that nobody wants, but only where the map says they can be read, and never across a secret.
 */
import { rowsOf } from './circuits.ts';
import {
  registersOfType,
  spaceOf,
  type AddressSpace,
  type RegisterMap,
  type RegisterRow,
} from './register-map.ts';

export interface ReadRequest {
  /** Added to the meter's unit id: several circuits of one cabinet answer at unit ids of their own. */
  readonly unitOffset: number;
  readonly functionCode: 3 | 4;
  readonly address: number;
  /** Registers, 1 … maxRegistersPerRead. */
  readonly count: number;
  readonly rows: readonly {
    readonly row: RegisterRow;
    readonly byteOffset: number;
    readonly byteLength: number;
  }[];
}

interface Span {
  from: number;
  /** Exclusive. */
  to: number;
  rows: RegisterRow[];
}

/**
 * Rows of every poll: those the map polls, and those named besides (mounted registers). Of a cabinet only circuits
 * that have a mounted register are asked, since nobody answers for a user that is not fitted; of a cabinet mounted
 * nowhere the first.
 */
export function polledRows(
  map: RegisterMap,
  besides: ReadonlySet<string> = new Set(),
): readonly RegisterRow[] {
  const rows = rowsOf(map);
  const offsetOf = (row: RegisterRow): number => row.unitOffset ?? 0;
  const mounted = new Set(rows.filter((row) => besides.has(row.name)).map(offsetOf));
  if (mounted.size === 0 || map.circuits === undefined) mounted.add(0);
  return rows.filter(
    (row) =>
      row.kind !== 'secret' && (besides.has(row.name) || (row.polled === true && mounted.has(offsetOf(row)))),
  );
}

/**
 * @throws RangeError when a secret is wanted, or a row does not fit one request
 */
export function planReads(map: RegisterMap, wanted: readonly RegisterRow[]): readonly ReadRequest[] {
  const offsets = new Set(wanted.map((row) => row.unitOffset ?? 0));
  return [...offsets]
    .sort((a, b) => a - b)
    .flatMap((offset) => {
      const rows = wanted.filter((row) => (row.unitOffset ?? 0) === offset);
      return [...planUnit(map, 'holding', offset, rows), ...planUnit(map, 'input', offset, rows)];
    });
}

/** The requests to one unit id in one address space. */
function planUnit(
  map: RegisterMap,
  space: AddressSpace,
  unitOffset: number,
  wanted: readonly RegisterRow[],
): readonly ReadRequest[] {
  const readable = readableAddresses(map, space);
  const rows = wanted.filter((row) => spaceOf(map, row) === space).sort((a, b) => a.address - b.address);
  const spans: Span[] = [];
  for (const row of rows) {
    const own = ownSpan(map, row, readable);
    const open = spans.at(-1);
    if (open !== undefined && fits(map, open, own, readable)) {
      open.to = Math.max(open.to, own.to);
      open.rows.push(row);
    } else spans.push(own);
  }
  return spans.map((span) => requestOf(space, unitOffset, span));
}

/** Addresses that may be part of a request: documented rows without secrets, and gaps the map vouches for. */
function readableAddresses(map: RegisterMap, space: AddressSpace): ReadonlySet<number> {
  const readable = new Set<number>();
  for (const gap of map.readableGaps) {
    if (gap.space !== space) continue;
    for (let address = gap.from; address <= gap.to; address += 1) readable.add(address);
  }
  for (const row of map.registers) {
    if (row.kind === 'secret' || spaceOf(map, row) !== space) continue;
    for (let address = row.address; address < row.address + registersOfType(row.type); address += 1)
      readable.add(address);
  }
  for (const row of map.registers) {
    if (row.kind !== 'secret' || spaceOf(map, row) !== space) continue;
    for (let address = row.address; address < row.address + registersOfType(row.type); address += 1)
      readable.delete(address);
  }
  return readable;
}

function ownSpan(map: RegisterMap, row: RegisterRow, readable: ReadonlySet<number>): Span {
  if (row.kind === 'secret') throw new RangeError(`${map.id}: ${row.name} is a secret and is never read`);
  let from = row.address;
  let to = row.address + registersOfType(row.type);
  if (map.limits.evenOnly) {
    from -= from % 2;
    to += to % 2;
  }
  for (let address = from; address < to; address += 1) {
    if (!readable.has(address))
      throw new RangeError(`${map.id}: ${row.name} cannot be read without ${address}`);
  }
  if (to - from > map.limits.maxRegistersPerRead) {
    throw new RangeError(
      `${map.id}: ${row.name} needs ${to - from} registers, one read gives ${map.limits.maxRegistersPerRead}`,
    );
  }
  return { from, to, rows: [row] };
}

/** Taking each row into the open request as long as it fits is optimal for spans on a line. */
function fits(map: RegisterMap, open: Span, next: Span, readable: ReadonlySet<number>): boolean {
  if (Math.max(open.to, next.to) - open.from > map.limits.maxRegistersPerRead) return false;
  for (let address = open.to; address < next.from; address += 1) if (!readable.has(address)) return false;
  return true;
}

function requestOf(space: AddressSpace, unitOffset: number, span: Span): ReadRequest {
  return {
    unitOffset,
    functionCode: space === 'input' ? 4 : 3,
    address: span.from,
    count: span.to - span.from,
    rows: span.rows.map((row) => ({
      row,
      byteOffset: 2 * (row.address - span.from),
      byteLength: 2 * registersOfType(row.type),
    })),
  };
}
