// SPDX-License-Identifier: Apache-2.0
/**
 * The time-of-use calendar of the demo: hours after the two-part commercial tariff of Shanghai (valley 22–6, summer and
 * other peak hours as in the public hour table of 2022), the tip hours of midsummer and midwinter evenings, and a deep
 * valley at weekends and on public holidays as the provinces around have brought in since. All on the half-hour grid.
 */
import type { TariffCalendar } from '@wattledger/contracts';

const at = (hour: number): number => hour * 60;
const everyDay = (profile: string, dayOff: string): string[] => [
  profile,
  profile,
  profile,
  profile,
  profile,
  dayOff,
  dayOff,
];

/** Public holidays with a deep valley; the State Council names them each autumn for the year after. */
// prettier-ignore
const publicHolidays = [
  '2025-01-01', '2025-01-28', '2025-01-29', '2025-01-30', '2025-01-31', '2025-04-04', '2025-05-01', '2025-05-02', '2025-05-31',
  '2025-10-01', '2025-10-02', '2025-10-03', '2025-10-06',
  '2026-01-01', '2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-04-05', '2026-05-01', '2026-05-02', '2026-06-19',
  '2026-09-25', '2026-10-01', '2026-10-02', '2026-10-03',
  '2027-01-01', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08', '2027-04-05', '2027-05-01', '2027-05-02', '2027-06-09',
  '2027-09-15', '2027-10-01', '2027-10-02', '2027-10-03',
] as const;

// prettier-ignore
export const demoCalendar: TariffCalendar = {
  id: 'commercial-five-period',
  name: 'Commercial, five periods',
  dayProfiles: {
    ordinary: [
      { fromMinute: at(0), period: 'valley' }, { fromMinute: at(6), period: 'flat' }, { fromMinute: at(8), period: 'peak' },
      { fromMinute: at(11), period: 'flat' }, { fromMinute: at(18), period: 'peak' }, { fromMinute: at(21), period: 'flat' },
      { fromMinute: at(22), period: 'valley' },
    ],
    summer: [
      { fromMinute: at(0), period: 'valley' }, { fromMinute: at(6), period: 'flat' }, { fromMinute: at(8), period: 'peak' },
      { fromMinute: at(11), period: 'flat' }, { fromMinute: at(12), period: 'tip' }, { fromMinute: at(14), period: 'peak' },
      { fromMinute: at(15), period: 'flat' }, { fromMinute: at(18), period: 'peak' }, { fromMinute: at(21), period: 'flat' },
      { fromMinute: at(22), period: 'valley' },
    ],
    winter: [
      { fromMinute: at(0), period: 'valley' }, { fromMinute: at(6), period: 'flat' }, { fromMinute: at(8), period: 'peak' },
      { fromMinute: at(11), period: 'flat' }, { fromMinute: at(18), period: 'peak' }, { fromMinute: at(19), period: 'tip' },
      { fromMinute: at(21), period: 'flat' }, { fromMinute: at(22), period: 'valley' },
    ],
    'day-off': [
      { fromMinute: at(0), period: 'deep-valley' }, { fromMinute: at(6), period: 'flat' }, { fromMinute: at(8), period: 'peak' },
      { fromMinute: at(11), period: 'valley' }, { fromMinute: at(14), period: 'flat' }, { fromMinute: at(18), period: 'peak' },
      { fromMinute: at(21), period: 'flat' }, { fromMinute: at(22), period: 'valley' },
    ],
  },
  seasons: [
    { name: 'winter', fromMonthDay: '01-01', weekday: everyDay('winter', 'day-off') },
    { name: 'spring', fromMonthDay: '02-01', weekday: everyDay('ordinary', 'day-off') },
    { name: 'summer', fromMonthDay: '07-01', weekday: everyDay('summer', 'day-off') },
    { name: 'autumn', fromMonthDay: '10-01', weekday: everyDay('ordinary', 'day-off') },
    { name: 'december', fromMonthDay: '12-01', weekday: everyDay('winter', 'day-off') },
  ],
  specialDays: Object.fromEntries(publicHolidays.map((day) => [day, 'day-off'])),
};
