// SPDX-License-Identifier: Apache-2.0
/**
 * The cells of a site file: how each kind of value is read from what a person typed, and written back so that it is
 * read as the same value. Pure; a cell that cannot be read throws CellFault with words for the person.
 */
import { DateTime } from 'luxon';

/** A cell as a spreadsheet or JSON holds it; blank is null. A Date carries a wall clock in its UTC fields. */
export type Cell = string | number | boolean | Date | null;

export class CellFault extends Error {}

/** One kind of cell. `write` is the inverse of `read`. */
export interface CellKind<T> {
  read(cell: string | number | boolean | Date): T;
  write(value: T): string | number | boolean;
}

function textOf(cell: string | number | boolean | Date): string {
  if (typeof cell === 'string') return cell.trim();
  // A serial that a spreadsheet took for a number.
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  throw new CellFault('expected text, found a date; format the cell as text');
}

/** Control characters, and halves of surrogate pairs. */
const controlCharacter = /[\p{Cc}\p{Cs}]/u;

export function text(charactersMax: number): CellKind<string> {
  return {
    read(cell) {
      const value = textOf(cell);
      if (value.length > charactersMax) throw new CellFault(`longer than ${charactersMax} characters`);
      if (controlCharacter.test(value))
        throw new CellFault('contains a line break or another control character');
      return value;
    },
    write: (value) => value,
  };
}

export function matching(pattern: RegExp, charactersMax: number, what: string): CellKind<string> {
  const plain = text(charactersMax);
  return {
    read(cell) {
      const value = plain.read(cell);
      if (!pattern.test(value)) throw new CellFault(`"${value}" is not ${what}`);
      return value;
    },
    write: (value) => value,
  };
}

export function number(min: number, max: number): CellKind<number> {
  return {
    read(cell) {
      const value = numberOf(cell);
      if (value < min || value > max) throw new CellFault(`${value} is outside ${min} to ${max}`);
      return value;
    },
    write: (value) => value,
  };
}

export function integer(min: number, max: number): CellKind<number> {
  const any = number(min, max);
  return {
    read(cell) {
      const value = any.read(cell);
      if (!Number.isSafeInteger(value)) throw new CellFault(`${value} is not a whole number`);
      return value;
    },
    write: (value) => value,
  };
}

function numberOf(cell: string | number | boolean | Date): number {
  if (typeof cell === 'number') return cell;
  const plain = typeof cell === 'string' ? cell.trim() : '';
  // No thousands separators: 1,500 means fifteen hundred to one reader and one and a half to another.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain))
    throw new CellFault(`"${String(cell)}" is not a number; write digits and a point, no separators`);
  return Number(plain);
}

const booleanWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  '1': true,
  false: false,
  no: false,
  '0': false,
};
export const boolean: CellKind<boolean> = {
  read(cell) {
    const value = cell instanceof Date ? undefined : booleanWords[String(cell).trim().toLowerCase()];
    if (value === undefined) throw new CellFault(`"${String(cell)}" is neither yes nor no`);
    return value;
  },
  write: (value) => (value ? 'yes' : 'no'),
};

export function choice<const Words extends readonly string[]>(words: Words): CellKind<Words[number]> {
  return {
    read(cell) {
      const value = textOf(cell).toLowerCase();
      const found = words.find((word) => word === value);
      if (found === undefined) throw new CellFault(`"${value}" is not one of ${words.join(', ')}`);
      return found;
    },
    write: (value) => value,
  };
}

export function choiceOfNumbers<const Numbers extends readonly number[]>(
  numbers: Numbers,
): CellKind<Numbers[number]> {
  return {
    read(cell) {
      const value = numberOf(cell);
      const found = numbers.find((candidate) => candidate === value);
      if (found === undefined) throw new CellFault(`${value} is not one of ${numbers.join(', ')}`);
      return found;
    },
    write: (value) => value,
  };
}

/** An instant, or a wall clock whose zone the project gives later. */
export type FileInstant = { readonly ms: number } | { readonly wallClock: string };

const instantMsMax = Date.parse('9999-01-01T00:00:00Z');

export const instant: CellKind<FileInstant> = {
  read(cell) {
    if (cell instanceof Date) return { wallClock: wallClockOf(cell) };
    const plain = textOf(cell);
    const match =
      /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(plain);
    if (match === null)
      throw new CellFault(
        `"${plain}" is not a date; write 2026-03-31 or 2026-03-31 14:30, with Z or +08:00 behind it where it is not local time`,
      );
    const [, day = '', clock = '00:00', offset] = match;
    const shownMs = utcOf(day, clock);
    if (shownMs === null) throw new CellFault(`there is no ${plain}`);
    if (offset === undefined) return { wallClock: `${day}T${clock}` };
    const ms = shownMs - offsetMs(offset);
    if (ms < 0 || ms >= instantMsMax) throw new CellFault(`${plain} is outside the years 1970 to 9998`);
    return { ms };
  },
  write: (value) =>
    'ms' in value ? new Date(value.ms).toISOString().replace('.000Z', 'Z') : value.wallClock,
};

/** Milliseconds of a UTC clock; null for 30 February or 25:00, which Date.parse refuses or carries over. */
function utcOf(day: string, clock: string): number | null {
  const ms = Date.parse(`${day}T${clock}Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day ? null : ms;
}

/** Z, +08:00 or -0330. */
function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Spreadsheets keep a date as a fraction of days: whole seconds are what the person meant. */
function wallClockOf(date: Date): string {
  return new Date(Math.round(date.getTime() / 1000) * 1000).toISOString().slice(0, 19);
}

/**
 * The instant of a wall clock in a zone.
 * @throws CellFault when the clock skips or repeats it on that day
 */
export function instantIn(zone: string, value: FileInstant): number {
  if ('ms' in value) return value.ms;
  const local = DateTime.fromISO(value.wallClock, { zone });
  if (!local.isValid) throw new CellFault(`there is no ${value.wallClock}`);
  const shown = DateTime.fromISO(value.wallClock, { zone: 'utc' }).toMillis();
  if (local.toMillis() + local.offset * 60_000 !== shown) {
    throw new CellFault(
      `${value.wallClock.replace('T', ' ')} does not exist in ${zone}: the clock is put forward over it`,
    );
  }
  if (local.getPossibleOffsets().length > 1) {
    throw new CellFault(
      `${value.wallClock.replace('T', ' ')} comes twice in ${zone}; write it with its offset, e.g. +01:00`,
    );
  }
  const ms = local.toMillis();
  if (ms < 0 || ms >= instantMsMax)
    throw new CellFault(`${value.wallClock} is outside the years 1970 to 9998`);
  return ms;
}

/** A fraction of whole numbers, reduced. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}
const fractionMax = 1_000_000_000;

/** 40, 1.5 or 200/5. */
export const multiplier: CellKind<Fraction> = {
  read(cell) {
    const plain = textOf(cell).replaceAll(' ', '');
    const match = /^(\d+(?:\.\d+)?)(?:[/:](\d+(?:\.\d+)?))?$/.exec(plain);
    if (match === null) throw new CellFault(`"${plain}" is not a multiplier; write 40, 1.5 or 200/5`);
    const [, over = '1', under = '1'] = match;
    const scale = 10n ** BigInt(Math.max(decimalsOf(over), decimalsOf(under)));
    const fraction = reduce(scaled(over, scale), scaled(under, scale));
    if (fraction === null || fraction.numerator > fractionMax || fraction.denominator > fractionMax) {
      throw new CellFault(
        `${plain} is not a usable multiplier; both parts must be above zero and at most ${fractionMax}`,
      );
    }
    return fraction;
  },
  write: ({ numerator, denominator }) => (denominator === 1 ? numerator : `${numerator}/${denominator}`),
};

const decimalsOf = (decimal: string): number => decimal.split('.')[1]?.length ?? 0;

function scaled(decimal: string, scale: bigint): bigint {
  return (BigInt(decimal.replace('.', '')) * scale) / 10n ** BigInt(decimalsOf(decimal));
}

export function reduce(numerator: bigint, denominator: bigint): Fraction | null {
  if (numerator <= 0n || denominator <= 0n) return null;
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: Number(numerator / a), denominator: Number(denominator / a) };
}

/** What a register shows, in kWh or m³ (thousands of its base unit): value × 10^scaler base units. */
export interface RegisterValue {
  readonly value: number;
  readonly scaler: number;
}
const kilo = 3;

/** 1234.56 kWh is 123456 counts of 10 Wh: the digits written are the digits of the register. */
export const registerValue: CellKind<RegisterValue> = {
  read(cell) {
    // A spreadsheet's number may carry binary noise (0.30000000000000004): 6 decimals are a milliwatt-hour.
    const plain = typeof cell === 'number' ? String(Number(cell.toFixed(6))) : textOf(cell);
    const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(plain);
    if (match === null)
      throw new CellFault(
        `"${plain}" is not a register reading; write kWh (or m³) as the register shows it, e.g. 1234.56`,
      );
    const [, wholes = '', decimals = ''] = match;
    const value = Number(`${wholes}${decimals}`);
    if (decimals.length > 9 || !Number.isSafeInteger(value))
      throw new CellFault(`${plain} has more digits than a register`);
    return { value, scaler: kilo - decimals.length };
  },
  write({ value, scaler }) {
    const decimals = kilo - scaler;
    if (decimals <= 0) return `${value}${'0'.repeat(-decimals)}`;
    const digits = String(value).padStart(decimals + 1, '0');
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  },
};

/** Minute of the day; 24:00 is not one. */
export const clock: CellKind<number> = {
  read(cell) {
    // A time of day in a spreadsheet is a date on day zero, or a fraction of a day.
    const seconds =
      cell instanceof Date ? cell.getTime() / 1000 : typeof cell === 'number' ? cell * 86_400 : null;
    if (seconds !== null) {
      const minute = Math.round(seconds / 60) % 1440;
      return (minute + 1440) % 1440;
    }
    const plain = textOf(cell);
    const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::00)?$/.exec(plain);
    if (match === null) throw new CellFault(`"${plain}" is not a time of day; write 08:30`);
    return Number(match[1]) * 60 + Number(match[2]);
  },
  write: (minute) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
};

export const monthDay: CellKind<string> = {
  read(cell) {
    const plain = cell instanceof Date ? wallClockOf(cell).slice(5, 10) : textOf(cell);
    if (!/^\d\d-\d\d$/.test(plain) || !DateTime.fromISO(`2024-${plain}`, { zone: 'utc' }).isValid) {
      throw new CellFault(`"${plain}" is no day of the year; write MM-DD, e.g. 07-01`);
    }
    return plain;
  },
  write: (value) => value,
};

export const localDay: CellKind<string> = {
  read(cell) {
    const plain = cell instanceof Date ? wallClockOf(cell).slice(0, 10) : textOf(cell);
    if (!/^\d{4}-\d\d-\d\d$/.test(plain) || !DateTime.fromISO(plain, { zone: 'utc' }).isValid) {
      throw new CellFault(`"${plain}" is no date; write 2026-10-01`);
    }
    return plain;
  },
  write: (value) => value,
};
