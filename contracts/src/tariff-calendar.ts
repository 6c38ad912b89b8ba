// SPDX-License-Identifier: Apache-2.0
/**
 * A tariff calendar names the time-of-use period of every local instant. Shaped after the COSEM activity calendar
 * (classes 20 and 11): seasons select a week, the weekday selects a day profile, special days override.
 */
import { z } from 'zod';
import { touPeriods } from './tou-period.ts';

const dayProfileShape = z
  .array(z.object({ fromMinute: z.number().int().min(0).max(1439), period: z.enum(touPeriods) }))
  .min(1)
  .describe('Spans of a local day: each holds from its minute to the next; the first must begin at 0.');

export const tariffCalendarShape = z.object({
  id: z.string(),
  name: z.string(),
  dayProfiles: z.record(z.string(), dayProfileShape),
  seasons: z
    .array(
      z.object({
        name: z.string(),
        fromMonthDay: z
          .string()
          .regex(/^\d\d-\d\d$/)
          .describe('MM-DD, holds until the next season begins'),
        weekday: z.array(z.string()).length(7).describe('day profile names, Monday first'),
      }),
    )
    .min(1),
  specialDays: z
    .record(z.string().regex(/^\d{4}-\d\d-\d\d$/), z.string())
    .describe('local day → day profile'),
});
export type TariffCalendar = z.infer<typeof tariffCalendarShape>;

/** One period all day: the calendar of a flat price. */
export const flatCalendar: TariffCalendar = {
  id: 'flat',
  name: 'Flat',
  dayProfiles: { all: [{ fromMinute: 0, period: 'flat' }] },
  seasons: [
    { name: 'year', fromMonthDay: '01-01', weekday: ['all', 'all', 'all', 'all', 'all', 'all', 'all'] },
  ],
  specialDays: {},
};
