// SPDX-License-Identifier: Apache-2.0
/** What holds where a project has made no scheme: usual thresholds, told in the product to those who see to it. */
import { alarmKinds, usualRule } from '@wattledger/contracts';
import type { AlarmRecipient, AlarmSchemeBody } from '@wattledger/contracts/http/alarms';

const inProduct = (role: 'engineer' | 'finance', kinds: AlarmRecipient['kinds']): AlarmRecipient => ({
  to: { kind: 'role', role },
  channel: 'in-app',
  language: 'en',
  kinds,
  severityMin: 'information',
  afterMinutes: 0,
});

export const usualScheme: AlarmSchemeBody = {
  name: 'Usual',
  tenantClass: null,
  rules: Object.fromEntries(alarmKinds.map((kind) => [kind, usualRule(kind)])),
  recipients: [
    inProduct(
      'engineer',
      alarmKinds.filter((kind) => !['low-balance-1', 'low-balance-2', 'arrears'].includes(kind)),
    ),
    inProduct('finance', ['low-balance-2', 'arrears']),
  ],
  quietHours: null,
  repeatMinutes: 60,
  tellCleared: false,
};
