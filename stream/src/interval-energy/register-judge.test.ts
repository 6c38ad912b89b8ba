// SPDX-License-Identifier: Apache-2.0
/** One line per story: what the register shows at each half hour (kWh), and which of it counts (+) or is held (f fell, j jumped). */
import { expect, test } from '@jest/globals';
import { flatCalendar, type Segment } from '@wattledger/contracts';
import { RegisterJudge } from './register-judge.ts';
import { plansOf, type SegmentInForce } from './segment-plan.ts';
import { verdicts } from './verdict.ts';

function inForce(more: Partial<Segment>): SegmentInForce {
  const segment: Segment = {
    segmentId: 'seg_1',
    register: 'import',
    meteringPointId: 'pnt_1',
    quantity: 'active-import',
    fromMs: 0,
    toMs: null,
    multiplierNumerator: 1,
    multiplierDenominator: 1,
    registerMax: null,
    powerMax: null,
    openingReading: null,
    closingReading: null,
    ...more,
  };
  const plan = plansOf({
    kind: 'mounting',
    meterId: 'm',
    projectId: 'p',
    zone: 'UTC',
    slotMinutes: 30,
    calendar: flatCalendar,
    segments: [segment],
  }).get('import');
  return plan?.segments[0] as SegmentInForce;
}

const marks: Readonly<Record<number, string>> = {
  [verdicts.accepted]: '+',
  [verdicts.registerFell]: 'f',
  [verdicts.impossibleValue]: 'j',
};

function tell(shown: string, more: Partial<Segment>): string {
  const segment = inForce(more);
  const judge = new RegisterJudge(segment, null, null);
  const scaler = 3;
  return shown
    .split(' ')
    .map(Number)
    .map((value, index) =>
      judge.consider({
        instantMs: index * 1_800_000,
        value,
        scaler,
        quality: 0,
        baseUnits: segment.scaleOf(scaler).baseUnits(value),
      }),
    )
    .map((verdict) => marks[verdict])
    .join('');
}

const limited = { powerMax: 100_000 };
const narrow = { registerMax: 999, powerMax: 100_000 };

test.each([
  // register shows                       rules     verdicts      the story
  ['100 110 120 130', {}, '++++', 'counts on'],
  ['100 100 100', limited, '+++', 'stands still'],
  ['100 110 9999 120 130', limited, '++j++', 'one spike does not poison'],
  ['100 110 9999 8888 120', limited, '++jj+', 'two different spikes neither'],
  ['100 110 9999 10010 10020', limited, '++jjj', 'a jump that goes on is confirmed: somebody must decide'],
  ['100 110 9999 10010 120 130', limited, '++jj++', 'unless the register is seen again where it was going'],
  ['100 110 0 120 130', limited, '++f++', 'one zero, and no way from it to 120: the zero was bad'],
  ['100 110 0 120 130', {}, '++fff', 'the same without a limit: it may have restarted'],
  ['100 110 0 10 20 105 115', limited, '++fffff', 'a restart stays held even when it passes its old value'],
  ['5 0 6 12', limited, '+fff', 'after a low value nobody can tell a restart from a bad reading'],
  ['110 109 110 115', {}, '+f++', 'jitter by a count is held and confirms nothing'],
  ['110 107 110', {}, '+ff', 'a fall by more is a fall'],
  ['980 990 5 15', narrow, '++++', 'rollover near the end of the register'],
  ['500 5 15', narrow, '+ff', 'far from its end it is none'],
  ['990 400', narrow, '+f', 'nor when too much would have passed'],
  ['990 5', { registerMax: 999 }, '++', 'without a limit a tenth of the width may pass'],
  ['990 200', { registerMax: 999 }, '+f', 'and no more'],
  ['990 1000 995', narrow, '+j+', 'beyond the width nothing can be shown'],
] as readonly (readonly [string, Partial<Segment>, string, string])[])(
  '%s %j: %s %s',
  (shown, more, expected) => {
    expect(tell(shown, more)).toBe(expected);
  },
);
