// SPDX-License-Identifier: Apache-2.0
import type { AlarmScheme, AlarmSchemeList } from '@wattledger/contracts/http/alarms';
import { voltageLimit } from './voltage-limit.ts';

const scheme = (tenantClass: string | null, phaseV: number | null, enabled = true): AlarmScheme =>
  ({
    tenantClass,
    rules: phaseV === null ? {} : { 'voltage-loss': { enabled, thresholds: { phaseV } } },
  }) as unknown as AlarmScheme;
const list = (...schemes: AlarmScheme[]): AlarmSchemeList =>
  ({ schemes, usual: scheme(null, 160) }) as unknown as AlarmSchemeList;

test('one scheme decides, what it leaves out is as usual; a rule that is off has no limit', () => {
  expect(voltageLimit(list(), 'shop')).toBe(160);
  expect(voltageLimit(list(scheme(null, 170)), 'shop')).toBe(170);
  expect(voltageLimit(list(scheme(null, 170), scheme('shop', 180)), 'shop')).toBe(180);
  expect(voltageLimit(list(scheme(null, 170), scheme('shop', null)), 'shop')).toBe(160);
  expect(voltageLimit(list(scheme('shop', 180, false)), 'shop')).toBeNull();
  expect(voltageLimit(list(scheme('shop', 180)), null)).toBe(160);
});
