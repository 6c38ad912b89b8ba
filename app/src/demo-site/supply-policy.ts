// SPDX-License-Identifier: Apache-2.0
import type { SupplyPolicy } from '@wattledger/contracts/http/billing';

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
  protectedHours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 180, toMinute: 330 }],
  holidays: ['2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08'],
  relayAlarmMinutes: 10,
};
