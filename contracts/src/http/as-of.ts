// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
/** Stands on every answer with energy or money: how fresh it is and how much of it was measured. */
export const asOfShape = z.object({
  /** Newest reading that counts here, ms; null when there is none. */
  asOfMs: z.number().int().nullable(),
  slotsMeasured: z.number().int(),
  slotsEstimated: z.number().int(),
  slotsEdited: z.number().int(),
  slotsMissing: z.number().int(),
  /** Metering points asked about, and how many of them have no reading within twice their interval. */
  points: z.number().int(),
  pointsStale: z.number().int(),
});
export type AsOf = z.infer<typeof asOfShape>;
