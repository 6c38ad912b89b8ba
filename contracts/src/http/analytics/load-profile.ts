// SPDX-License-Identifier: Apache-2.0
/** Load profile, heat map, peaks. */
import { z } from 'zod';
import { headFields } from './answer-parts.ts';
import { formatQuery, known, periodQuery, ratio, selectionQuery, whole } from './asking.ts';

export const loadProfileQueryShape = z.object({ ...selectionQuery, ...periodQuery, ...formatQuery });
export const loadProfileAnswerShape = z.object({
  ...headFields,
  /** Mean of each local time of day over the days that have it; demand in W (base units per hour for water and gas). */
  averageDay: z.array(
    z.object({
      localTime: z.string(),
      all: ratio,
      workdays: ratio,
      weekends: ratio,
      highest: ratio,
      lowest: ratio,
      days: whole,
    }),
  ),
  /** hours[day][hour 0 … 23] as base units; an hour passed twice (autumn) holds both; null = nothing known. */
  heatMap: z.object({ days: z.array(z.string()), hours: z.array(z.array(known)) }),
  /** Highest mean power of one slot, when it began, and how many slots it was sought in. */
  maximumDemand: z.object({ demandW: z.number(), slotStartMs: whole, localTime: z.string() }).nullable(),
  meanDemandW: ratio,
  /** Mean / maximum demand. */
  loadFactor: ratio,
  /** Demand that 5 % of the slots stay below: what runs day and night. */
  baseLoadW: ratio,
  baseLoadShare: ratio,
  /**
   * Slots that were counted: those that at least 95 of 100 of the mounted meters have. In the others a demand would be
   * too small.
   */
  slotsCounted: whole,
});
export type LoadProfileAnswer = z.infer<typeof loadProfileAnswerShape>;
