// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { quantities } from '../quantities.ts';
import { slotMinutesAllowed } from '../slot.ts';

/**
 * Slots of one segment that changed within one local day. Consumption is absolute (not a difference): the newest
 * revision of a slot replaces the older ones. The slots of a metering point are the sum over its segments.
 */
export const intervalEnergyShape = z.object({
  projectId: z.string(),
  meteringPointId: z.string(),
  segmentId: z.string(),
  meterId: z.string(),
  quantity: z.enum(quantities),
  zone: z.string(),
  slotMinutes: z.literal(slotMinutesAllowed),
  localDay: z.string(),
  /** Start of slot 0 of the local day, ms. Slot i is [firstSlotMs + i·length, …). */
  firstSlotMs: z.number().int(),
  slotCount: z.number().int(),
  /** Grows with the meter log: the offset of the record that caused this. */
  revision: z.number().int(),
  /** Slots of this message, parallel arrays. Quality codes. */
  index: z.array(z.number().int()),
  consumption: z.array(z.number().int()),
  quality: z.array(z.number().int()),
  /** Instant of the newest accepted reading of the segment, ms, and its quality code. */
  lastReadingMs: z.number().int(),
  lastReadingQuality: z.number().int(),
  /** When the collector had the reading that caused this, ms. */
  receivedAt: z.number().int(),
});
export type IntervalEnergy = z.infer<typeof intervalEnergyShape>;
