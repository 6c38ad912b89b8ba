// SPDX-License-Identifier: Apache-2.0
/** Instants that a person chooses on the project's slot grid. Pure. */

/** The latest slot boundary at or before the instant. */
export function slotBoundaryBefore(instantMs: number, slotMinutes: number): number {
  const length = slotMinutes * 60_000;
  return Math.floor(instantMs / length) * length;
}

/** Offset of a zone at an instant, ms east of UTC. */
function offsetMs(instantMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instantMs);
  const part = (type: string): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) -
    Math.floor(instantMs / 1000) * 1000
  );
}

/** `2026-11-20T14:30` as the zone's clocks show the instant: the value of a datetime-local field. */
export function localFieldValue(instantMs: number, zone: string): string {
  return new Date(instantMs + offsetMs(instantMs, zone)).toISOString().slice(0, 16);
}

/** The instant at which the zone's clocks show the field's value; null when it is no time. An hour passed twice means its first. */
export function instantOfLocalField(value: string, zone: string): number | null {
  const asUtc = Date.parse(`${value}Z`);
  if (Number.isNaN(asUtc)) return null;
  const first = asUtc - offsetMs(asUtc - 12 * 3_600_000, zone);
  if (localFieldValue(first, zone) === value.slice(0, 16)) return first;
  return asUtc - offsetMs(asUtc + 12 * 3_600_000, zone);
}
