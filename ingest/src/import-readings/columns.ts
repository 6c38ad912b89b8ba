// SPDX-License-Identifier: Apache-2.0
/** Finding a file's columns and meters by the names it uses. Pure. */
import type { ImportFormat } from '@wattledger/contracts/http/ingest';
import type { MeterSnapshot } from '@wattledger/contracts';
import type { KnownMeters } from '../readings-intake/pushed-readings.ts';

export type Columns = ReadonlyMap<string, number>;

/** @returns the columns by their trimmed names, or what is wrong with the header */
export function columnsOf(header: readonly string[]): Columns | string {
  const columns = new Map<string, number>();
  for (const [index, raw] of header.entries()) {
    const name = raw.trim();
    // A trailing delimiter makes a column without a name.
    if (name === '') continue;
    if (columns.has(name)) return `the header names "${name}" twice`;
    columns.set(name, index);
  }
  return columns.size === 0 ? 'the file has no header line' : columns;
}

/** @returns the index, or a fault that says which columns there are */
export function columnAt(columns: Columns, name: string, role: string): number | string {
  const index = columns.get(name);
  if (index !== undefined) return index;
  const names = [...columns.keys()];
  const shown = names
    .slice(0, 12)
    .map((one) => `"${one}"`)
    .join(', ');
  return `there is no column "${name}" for the ${role}; the file has ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`;
}

/** `Rat_*` against a name: `*` stands for anything. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const source = pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    return new RegExp(`^${source}$`, 's').test(name);
  });
}

export type MeterChoice =
  | { readonly kind: 'meter'; readonly meter: MeterSnapshot; readonly register: string }
  /** Left out as asked. */
  | { readonly kind: 'not-asked-for' }
  | { readonly kind: 'fault'; readonly code: 'unknown-meter' | 'unknown-register'; readonly message: string };

type MeterOptions = Pick<ImportFormat, 'onlyMeters' | 'meterNames' | 'unknownMeters' | 'register'> & {
  readonly exportRegister: string | null;
};

/**
 * The meter and register that a name in the file means. A register must be mounted at a metering point: energy that
 * belongs nowhere would be counted nowhere.
 */
export function chooseMeter(
  name: string,
  options: MeterOptions,
  known: KnownMeters,
  registerName: string | null,
): MeterChoice {
  if (options.onlyMeters.length > 0 && !matchesAny(options.onlyMeters, name))
    return { kind: 'not-asked-for' };
  const mapped = options.meterNames[name] ?? name;
  const meter = known.bySerial(mapped) ?? known.byId(mapped);
  if (meter === undefined) {
    if (options.unknownMeters === 'list') return { kind: 'not-asked-for' };
    return {
      kind: 'fault',
      code: 'unknown-meter',
      message: `no meter of the project has the serial or id "${mapped}"`,
    };
  }
  const mounted = known.mountedRegisters(meter.id);
  const register = registerName ?? options.register;
  if (register !== null) {
    if (mounted.has(register)) return { kind: 'meter', meter, register };
    return {
      kind: 'fault',
      code: 'unknown-register',
      message: `register "${register}" of meter ${meter.serial} is not mounted at a metering point; ${listOf(mounted)}`,
    };
  }
  const candidates = [...mounted].filter((one) => one !== options.exportRegister);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { kind: 'meter', meter, register: only };
  return {
    kind: 'fault',
    code: 'unknown-register',
    message: `which register of meter ${meter.serial}? ${listOf(mounted)} (option register)`,
  };
}

function listOf(registers: ReadonlySet<string>): string {
  return registers.size === 0 ? 'none of it is mounted' : `mounted are: ${[...registers].join(', ')}`;
}
