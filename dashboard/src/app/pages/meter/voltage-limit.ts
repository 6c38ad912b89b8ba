// SPDX-License-Identifier: Apache-2.0
import type { AlarmSchemeList } from '@wattledger/contracts/http/alarms';

/**
 * Below this voltage of a phase an alarm is raised: by the scheme of the tenant's class, else the project's; what
 * a scheme leaves out is as usual. Pure.
 */
export function voltageLimit(
  { schemes, usual }: Pick<AlarmSchemeList, 'schemes' | 'usual'>,
  tenantClass: string | null,
): number | null {
  const scheme =
    schemes.find((one) => one.tenantClass === tenantClass) ?? schemes.find((one) => one.tenantClass === null);
  const usualRule = usual.rules['voltage-loss'];
  const rule = scheme?.rules['voltage-loss'] ?? usualRule;
  if (rule?.enabled !== true) return null;
  return rule.thresholds['phaseV'] ?? usualRule?.thresholds['phaseV'] ?? null;
}
