// SPDX-License-Identifier: Apache-2.0
/**
 * Zones against the slot grid. Slots lie on the UTC grid, so every local midnight must fall on a slot's start, in summer
 * and in winter; `faultsOfCalendar` in contracts asks the same of each change of period.
 */
import { slotMinutesAllowed, type SlotMinutes } from '@wattledger/contracts';
import { DateTime, IANAZone } from 'luxon';
import type { FieldFault } from '../changes/faults.ts';

const firstYear = 2000;
const lastYear = 2045;
const offsetsOfZone = new Map<string, readonly number[]>();
const zonesKeptMax = 1000;

/** Offsets from UTC, in minutes, that a zone uses in the years a project can have readings of. */
function offsetsOf(zone: string): readonly number[] {
  const known = offsetsOfZone.get(zone);
  if (known !== undefined) return known;
  const offsets = new Set<number>();
  for (let year = firstYear; year <= lastYear; year += 1) {
    // Every offset that is in force for two weeks is met.
    for (let month = 1; month <= 12; month += 1) {
      for (const day of [1, 15]) offsets.add(DateTime.fromObject({ year, month, day }, { zone }).offset);
    }
  }
  if (offsetsOfZone.size >= zonesKeptMax) offsetsOfZone.clear();
  const found = [...offsets];
  offsetsOfZone.set(zone, found);
  return found;
}

/** Faults of a zone with a slot length. */
export function faultsOfZone(zone: string, slotMinutes: SlotMinutes): readonly FieldFault[] {
  // Luxon also knows "local" and "UTC+3"; a project needs a place's own rules.
  if (!zone.includes('/') && zone !== 'UTC') return [unknownZone(zone)];
  if (!IANAZone.isValidZone(zone)) return [unknownZone(zone)];
  const offGrid = offsetsOf(zone).find((offset) => offset % slotMinutes !== 0);
  if (offGrid === undefined) return [];
  const shorter = slotMinutesAllowed
    .filter((minutes) => offsetsOf(zone).every((offset) => offset % minutes === 0))
    .at(-1);
  return [
    {
      path: 'slotMinutes',
      message: `local days of ${zone} do not begin on slots of ${slotMinutes} minutes${shorter === undefined ? '' : `; use ${shorter}`}`,
    },
  ];
}

const unknownZone = (zone: string): FieldFault => ({
  path: 'zone',
  message: `"${zone}" is no time zone; use an IANA name such as Asia/Shanghai or Europe/Berlin`,
});
