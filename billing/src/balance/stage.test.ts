// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { balanceStages, type BalanceStage } from '@wattledger/contracts/http/billing';
import { alarmsOfChange, stageOf } from './stage.ts';

const thresholds = { alarm1Micros: 100, alarm2Micros: 30, hysteresisMicros: 10 };

describe('stage of a balance', () => {
  test.each<[number, BalanceStage, BalanceStage]>([
    [100, 'normal', 'normal'],
    [99, 'normal', 'alarm-1'],
    [105, 'alarm-1', 'alarm-1'], // within the hysteresis
    [110, 'alarm-1', 'normal'],
    [29, 'alarm-1', 'alarm-2'],
    [35, 'alarm-2', 'alarm-2'],
    [35, 'alarm-1', 'alarm-1'],
    [40, 'alarm-2', 'alarm-1'],
    [0, 'normal', 'alarm-2'],
    [-1, 'normal', 'arrears'],
    [0, 'arrears', 'alarm-2'],
    [105, 'arrears', 'alarm-1'],
    [1000, 'arrears', 'normal'],
  ])('balance %d after %s is %s', (balance, before, after) => {
    expect(stageOf(balance, thresholds, before)).toBe(after);
  });

  test('each alarm is raised and cleared in turn, whatever the balance does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 150 }), { minLength: 1, maxLength: 60 }),
        (balances) => {
          const raised = new Map<string, boolean>();
          let stage: BalanceStage = 'normal';
          for (const balance of balances) {
            const next = stageOf(balance, thresholds, stage);
            for (const { kind, state } of alarmsOfChange(stage, next)) {
              expect(raised.get(kind) ?? false).toBe(state === 'cleared');
              raised.set(kind, state === 'raised');
            }
            stage = next;
            // Below a threshold the alarm stands; a hysteresis above it, it does not.
            if (balance < 100) expect(raised.get('low-balance-1')).toBe(true);
            if (balance >= 110) expect(raised.get('low-balance-1') ?? false).toBe(false);
            expect(raised.get('arrears') ?? false).toBe(balance < 0);
          }
        },
      ),
    );
  });

  test('no change, no alarm', () => {
    for (const stage of balanceStages) expect(alarmsOfChange(stage, stage)).toEqual([]);
  });
});
