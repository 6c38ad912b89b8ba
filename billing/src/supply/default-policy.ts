// SPDX-License-Identifier: Apache-2.0
import type { SupplyPolicy } from '@wattledger/contracts/http/billing';

/** Until a project sets its own policy nobody is disconnected by the programme. */
export const defaultSupplyPolicy: SupplyPolicy = {
  automatic: false,
  disconnectThresholdMicros: 0,
  graceMinutes: 0,
  freshnessLimitMinutes: 90,
  unchargedLimitMinutes: 10,
  calendarIds: [],
  relayAlarmMinutes: 10,
};
