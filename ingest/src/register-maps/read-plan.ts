// SPDX-License-Identifier: Apache-2.0
/**
 * Which questions to ask so that the wanted rows are covered by the fewest requests within a model's limits. A request
 * may run across rows that nobody wants, but only where the map says they can be read, and never across a secret.
 */
import {
  registersOfType,
  spaceOf,
  type AddressSpace,
  type RegisterMap,
  type RegisterRow,
} from './register-map.ts';

export interface ReadRequest {
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

/** Rows of every poll: those the map polls, and those named besides (mounted registers). */
export function polledRows(
  map: RegisterMap,
  besides: ReadonlySet<string> = new Set(),
): readonly RegisterRow[] {
  return map.registers.filter(
    (row) => row.kind !== 'secret' && (row.polled === true || besides.has(row.name)),
  );
}

/**
 * @throws RangeError when a secret is wanted, or a row does not fit one request
 */
export function planReads(map: RegisterMap, wanted: readonly RegisterRow[]): readonly ReadRequest[] {
  const spans: { space: AddressSpace; span: Span }[] = [];
  for (const space of ['holding', 'input'] as const) {
    const readable = readableAddresses(map, space);
    const rows = wanted.filter((row) => spaceOf(map, row) === space).sort((a, b) => a.address - b.address);
    let open: Span | undefined;
    for (const row of rows) {
      const own = ownSpan(map, row, readable);
      if (open !== undefined && fits(map, open, own, readable)) {
        open.to = Math.max(open.to, own.to);
        open.rows.push(row);
        continue;
      }
      open = own;
      spans.push({ space, span: open });
    }
  }
  return spans.map(({ space, span }) => requestOf(space, span));
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

function requestOf(space: AddressSpace, span: Span): ReadRequest {
  return {
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
