// SPDX-License-Identifier: Apache-2.0
/** From the rows of a price table to points, with what is wrong in which line. Pure. */
import type { PriceSeriesAddition } from '@wattledger/contracts/http/billing';
import { priceSeriesPointsMax } from '@wattledger/contracts/http/billing';
import { DateTime } from 'luxon';
import type { SeriesPoint } from './price-series-store.ts';

export type SeriesFault = PriceSeriesAddition['faults'][number];
export interface SeriesRows {
  readonly points: readonly SeriesPoint[];
  readonly faults: readonly SeriesFault[];
  /** Line of each point. */
  readonly lines: readonly number[];
}

interface Found {
  readonly points: SeriesPoint[];
  readonly lines: number[];
  readonly faults: SeriesFault[];
  readonly starts: Set<number>;
}

const noneFound = (): Found => ({ points: [], lines: [], faults: [], starts: new Set() });

/** Points given one by one: only the grid and repetitions can be wrong. */
export function pointsOfList(list: readonly SeriesPoint[], minutes: number): SeriesRows {
  const found = noneFound();
  for (const [index, point] of list.entries()) addPoint(found, point, index + 1, minutes);
  if (list.length === 0) found.faults.push({ line: 0, code: 'no-rows', message: 'there are no rows' });
  return found;
}

/** @param zone of starts without an offset */
export function pointsOfCsv(csv: string, minutes: number, zone: string): SeriesRows {
  const found = noneFound();
  const lines = csv.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  let rows = 0;
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '') continue;
    rows += 1;
    if (rows > priceSeriesPointsMax + 1) {
      const message = `at most ${priceSeriesPointsMax} rows are read at once: send the rest by itself`;
      found.faults.push({ line: index + 1, code: 'too-many-rows', message });
      break;
    }
    readLine(found, { text, line: index + 1, first: rows === 1, minutes, zone });
  }
  if (found.points.length + found.faults.length === 0)
    found.faults.push({ line: 0, code: 'no-rows', message: 'there are no rows' });
  return found;
}

function readLine(
  found: Found,
  row: {
    readonly text: string;
    readonly line: number;
    readonly first: boolean;
    readonly minutes: number;
    readonly zone: string;
  },
): void {
  const { text, line } = row;
  const separator = /[;\t]/.exec(text)?.[0] ?? ',';
  const fields = text.split(separator).map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
  const [start = '', price = ''] = fields;
  if (fields.length < 2) {
    found.faults.push({ line, code: 'unreadable-row', message: 'a row needs a start and a price' });
    return;
  }
  const startMs = readStart(start, row.zone, found.starts);
  const priceMicros = readPrice(separator === ',' ? price : price.replace(',', '.'));
  if (row.first && startMs === null && priceMicros === null) return;
  if (startMs === null)
    found.faults.push({
      line,
      code: 'unreadable-start',
      message: `"${start}" is no instant; write 2026-01-31T14:00+08:00, or 2026-01-31 14:00 for local time`,
    });
  if (priceMicros === null)
    found.faults.push({
      line,
      code: 'unreadable-price',
      message: `"${price}" is no price of at most six decimals`,
    });
  if (startMs !== null && priceMicros !== null) addPoint(found, { startMs, priceMicros }, line, row.minutes);
}

function addPoint(found: Found, point: SeriesPoint, line: number, minutes: number): void {
  if (point.startMs % (minutes * 60_000) !== 0) {
    const message = `prices of ${minutes} minutes begin on the grid of ${minutes} minutes`;
    found.faults.push({ line, code: 'off-grid', message });
    return;
  }
  if (found.starts.has(point.startMs)) {
    const message = `${new Date(point.startMs).toISOString()} stands in the table twice`;
    found.faults.push({ line, code: 'repeated-start', message });
    return;
  }
  found.starts.add(point.startMs);
  found.points.push(point);
  found.lines.push(line);
}

const instantPattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::00(?:\.0+)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Local time that comes twice, where clocks go back, is the first passing, then the second. */
function readStart(text: string, zone: string, taken: ReadonlySet<number>): number | null {
  const match = instantPattern.exec(text);
  if (match === null) return null;
  const [, day = '', clock = '', offset] = match;
  const local = DateTime.fromISO(`${day}T${clock}${offset ?? ''}`, { zone });
  // An hour that the clock leaves out does not exist: luxon would move it.
  if (!local.isValid || (offset === undefined && local.toFormat('HH:mm') !== clock)) return null;
  if (offset !== undefined) return local.toMillis();
  const passings = local.getPossibleOffsets().map((passing) => passing.toMillis());
  return passings.sort((a, b) => a - b).find((ms) => !taken.has(ms)) ?? local.toMillis();
}

/** Micros of a decimal number, exactly; null where it is none or has more than six decimals. */
function readPrice(text: string): number | null {
  const match = /^(-?)(\d{1,6})(?:\.(\d{0,6})0*)?$/.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const micros = Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0'));
  return sign === '-' ? 0 - micros : micros;
}
