// SPDX-License-Identifier: Apache-2.0
/** Reading what other people's devices write into JSON. Pure. */
import { DateTime } from 'luxon';
import type { UploadTime } from '../callers/meter-upload.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsIn(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The objects of a list, or the one object that stands for it. */
export function listIn(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.filter(isFields);
  return isFields(value) ? [value] : [];
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' || text.length > 128 ? null : text;
}

export function numberOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === null || !/^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/.test(text)) return null;
  return Number(text);
}

export function wholeOf(value: unknown, min: number, max: number): number | null {
  const number = numberOf(value);
  return number !== null && Number.isInteger(number) && number >= min && number <= max ? number : null;
}

/** dBm as it is, or the 0 to 31 of a modem. */
export function signalOf(value: unknown): number | null {
  const told = wholeOf(value, -150, 31);
  if (told === null) return null;
  return told < 0 ? told : -113 + 2 * told;
}

/** "20260101120000" as clocks show it; seconds or milliseconds since 1970; ISO 8601 with its offset. */
export function timeOf(value: unknown): UploadTime {
  const text = textOf(value);
  if (text === null) return null;
  if (/^20\d{12}$/.test(text)) {
    const local = DateTime.fromFormat(text, 'yyyyMMddHHmmss', { zone: 'utc' });
    return local.isValid ? { kind: 'local', localMs: local.toMillis() } : null;
  }
  if (/^\d{10}$/.test(text)) return { kind: 'instant', instantMs: 1000 * Number(text) };
  if (/^\d{13}$/.test(text)) return { kind: 'instant', instantMs: Number(text) };
  if (!/(Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const instant = DateTime.fromISO(text);
  return instant.isValid ? { kind: 'instant', instantMs: instant.toMillis() } : null;
}

/**
 * Fields on the left, names on the right: what of a message is an electrical parameter. Power comes in kW, kvar and kVA,
 * and is told in W, var and VA as register maps do.
 */
export function parametersIn(
  fields: Fields,
  names: Readonly<Record<string, string>>,
): Record<string, number> {
  const parameters: Record<string, number> = {};
  for (const [field, name] of Object.entries(names)) {
    const value = numberOf(fields[field]);
    // 1.198 × 1000 is not 1198 in floating point.
    if (value !== null)
      parameters[name] = name.startsWith('power.') ? Number((1000 * value).toPrecision(12)) : value;
  }
  return parameters;
}
