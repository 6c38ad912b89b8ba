// SPDX-License-Identifier: Apache-2.0
/** The stage of a balance, with hysteresis, and the alarms a change of stage raises and clears. Pure. */
import type { AlarmKind } from '@wattledger/contracts';
import { balanceStages, type BalanceStage } from '@wattledger/contracts/http/billing';

export interface StageThresholds {
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
  /** An alarm stage is left only this far above its threshold, so that a balance hovering there alarms once. */
  readonly hysteresisMicros: number;
}

const depth = (stage: BalanceStage): number => balanceStages.indexOf(stage);

/**
 * Stage after a change. A stage is entered as soon as the balance falls below its threshold. Alarm stages are left at
 * threshold + hysteresis; arrears are left at zero, because who has paid what was owed owes nothing.
 */
export function stageOf(
  balanceMicros: number,
  thresholds: StageThresholds,
  before: BalanceStage,
): BalanceStage {
  const within = (stage: BalanceStage, thresholdMicros: number): boolean =>
    balanceMicros < thresholdMicros ||
    (depth(before) >= depth(stage) && balanceMicros < thresholdMicros + thresholds.hysteresisMicros);
  if (balanceMicros < 0) return 'arrears';
  if (within('alarm-2', thresholds.alarm2Micros)) return 'alarm-2';
  if (within('alarm-1', thresholds.alarm1Micros)) return 'alarm-1';
  return 'normal';
}

/** Each stage's alarm. An alarm stays raised in the deeper stages too. */
const alarmOfStage: readonly { readonly stage: BalanceStage; readonly kind: AlarmKind }[] = [
  { stage: 'alarm-1', kind: 'low-balance-1' },
  { stage: 'alarm-2', kind: 'low-balance-2' },
  { stage: 'arrears', kind: 'arrears' },
];

export interface StageAlarm {
  readonly kind: AlarmKind;
  readonly state: 'raised' | 'cleared';
}

/** Alarms that a change of stage raises and clears: each once. */
export function alarmsOfChange(before: BalanceStage, after: BalanceStage): readonly StageAlarm[] {
  const alarms: StageAlarm[] = [];
  for (const { stage, kind } of alarmOfStage) {
    const was = depth(before) >= depth(stage);
    const is = depth(after) >= depth(stage);
    if (was !== is) alarms.push({ kind, state: is ? 'raised' : 'cleared' });
  }
  return alarms;
}
