// SPDX-License-Identifier: Apache-2.0
/** A slot is a half-open span [start, end) of fixed length on the UTC grid. */
export const slotMinutesAllowed = [15, 30, 60] as const;
export type SlotMinutes = (typeof slotMinutesAllowed)[number];
export const minuteMs = 60_000;
export const slotLengthMs = (slotMinutes: SlotMinutes): number => slotMinutes * minuteMs;
/** Start of the slot that holds the instant. */
export function slotStartOf(instantMs: number, slotMinutes: SlotMinutes): number {
  const length = slotMinutes * minuteMs;
  return Math.floor(instantMs / length) * length;
}
