// SPDX-License-Identifier: Apache-2.0
/** Whether emergency credit is offered, and what is left of one that was taken. Pure. */
import {
  balanceStages,
  type BalanceStage,
  type EmergencyCredit,
  type EmergencyPolicy,
  type EmergencyRefusal,
  type EmergencyRule,
} from '@wattledger/contracts/http/billing';
import { emergencyUsed } from '../vending/allocation.ts';

/** The rule of a kind of tenant: its own, else the one for all. */
export const ruleFor = (policy: EmergencyPolicy, tenantClass: string | null): EmergencyRule | undefined =>
  policy.rules.find((rule) => rule.tenantClass !== null && rule.tenantClass === tenantClass) ??
  policy.rules.find((rule) => rule.tenantClass === null);

export interface EmergencyFacts {
  readonly accountOpen: boolean;
  readonly stage: BalanceStage;
  readonly balanceMicros: number;
  readonly rule: EmergencyRule | undefined;
  /** Amount of the credit in use; null when none is. */
  readonly inUseMicros: number | null;
  readonly takenThisMonth: number;
  readonly overdueMicros: number;
  readonly takenEver: number;
}

/** Why none is offered; null when one is. */
export function refusalOf(facts: EmergencyFacts): EmergencyRefusal | null {
  const { rule } = facts;
  if (!facts.accountOpen) return 'account-closed';
  if (rule === undefined || rule.amountMicros === 0) return 'no-rule';
  if (balanceStages.indexOf(facts.stage) < balanceStages.indexOf(rule.offeredAt)) return 'balance-suffices';
  if (facts.takenThisMonth >= rule.timesPerMonth) return 'taken-often';
  return facts.overdueMicros > 0 && !rule.whileOverdue ? 'arrears-overdue' : null;
}

export function emergencyState(facts: EmergencyFacts): Omit<EmergencyCredit, 'history'> {
  if (facts.inUseMicros !== null) {
    const usedMicros = emergencyUsed(facts.inUseMicros, facts.balanceMicros);
    const amountMicros = facts.inUseMicros;
    return {
      state: 'in-use',
      amountMicros,
      usedMicros,
      leftMicros: amountMicros - usedMicros,
      refusal: null,
    };
  }
  const refusal = refusalOf(facts);
  const amountMicros = refusal === null ? (facts.rule?.amountMicros ?? 0) : 0;
  const state = refusal === null ? 'offered' : facts.takenEver > 0 ? 'repaid' : 'none';
  return { state, amountMicros, usedMicros: 0, leftMicros: amountMicros, refusal };
}
