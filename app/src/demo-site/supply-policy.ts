// SPDX-License-Identifier: Apache-2.0
import type { ProtectionCalendar, SupplyPolicy } from '@wattledger/contracts/http/billing';

/**
 * Supply decisions of the demo. Nobody is cut in the small hours, so that one can watch the switching nearly all day from
 * anywhere; a real house would protect evenings, nights and weekends.
 */
export const demoSupplyPolicy: SupplyPolicy = {
  automatic: true,
  disconnectThresholdMicros: 0,
  graceMinutes: 1,
  freshnessLimitMinutes: 30,
  unchargedLimitMinutes: 15,
  calendarIds: [],
  relayAlarmMinutes: 10,
};

/** What the demo's policy points to. */
export const demoCalendars: readonly Omit<ProtectionCalendar, 'calendarId'>[] = [
  {
    name: 'Small hours',
    spans: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 180, toMinute: 330 }],
    days: [],
    fromDay: null,
    toDay: null,
    tenantClasses: [],
    accountIds: [],
  },
  {
    name: 'Public holidays',
    spans: [],
    days: ['2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08'].map((day) => ({
      day,
      name: 'Spring Festival',
    })),
    fromDay: null,
    toDay: null,
    tenantClasses: [],
    accountIds: [],
  },
];
