// SPDX-License-Identifier: Apache-2.0
/** What may happen in a project, drawn at random: which command, and numbers from which a story takes its particulars. */
import fc from 'fast-check';
import { plainTerms, type PriceTerms, type Rates } from '@wattledger/contracts/http/billing';

/** How often each command comes, relative to the others. */
const weights = {
  energy: 14,
  'energy-again': 3,
  open: 5,
  'change-scheme': 2,
  'change-points': 3,
  'undo-change': 2,
  'change-tenant': 2,
  suspend: 2,
  close: 2,
  settle: 1,
  vend: 7,
  reverse: 3,
  pay: 3,
  notice: 5,
  'pay-back': 1,
  agree: 3,
  'end-agreement': 2,
  'take-emergency': 3,
  'post-run': 2,
  'undo-run': 1,
  version: 3,
  'approve-list': 2,
  withdraw: 1,
  clock: 5,
  'open-shift': 2,
  'close-shift': 1,
  'close-day': 2,
  'sign-day': 1,
  'reopen-day': 1,
} as const;
export type StepKind = keyof typeof weights;

export interface Step {
  readonly kind: StepKind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** At which query of the command the process dies, once; null: it lives. */
  readonly crashAt: number | null;
}

const kinds = Object.entries(weights).flatMap(([kind, weight]) =>
  new Array<StepKind>(weight).fill(kind as StepKind),
);
const number = fc.noBias(fc.nat(1_000_000));
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  a: number,
  b: number,
  c: number,
  crashAt: fc.option(fc.nat(40), { freq: 1 }),
});

const of = (kind: StepKind): fc.Arbitrary<Step> => step.map((drawn) => ({ ...drawn, kind }));

/** Begins with prices and some accounts, so that there is something for the rest to happen to. */
export const history = (steps: {
  readonly min: number;
  readonly max: number;
}): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(
      fc.tuple(...(['version', 'version', 'version', 'open', 'open', 'vend'] as const).map(of)),
      fc.array(step, { minLength: steps.min, maxLength: steps.max, size: 'max' }),
    )
    .map(([first, rest]) => [...first, ...rest]);

export const ratesOf = (a: number, b: number): Rates => ({ peak: 300_000 + a, valley: b - 50_000 });

/** Every kind of price in turn. */
export function termsOf(kind: number, rates: Rates): PriceTerms {
  const dearer = { peak: (rates['peak'] ?? 0) + 400_333, valley: (rates['valley'] ?? 0) + 300_777 };
  const tiers = (span: 'month' | 'year', above: number): PriceTerms['tiers'] => ({
    span,
    steps: [{ above, rates: dearer, seasonRates: {} }],
  });
  const everything: PriceTerms = {
    ...plainTerms,
    tiers: tiers('month', 9_000),
    demand: [
      {
        name: 'Demand',
        period: null,
        window: 'sliding',
        windowMinutes: 60,
        rateMicros: 7_000_001,
        seasonRatesMicros: {},
      },
    ],
    fixed: [{ name: 'Standing', per: 'day', basis: 'point', amountMicros: 250_003 }],
    adjustments: [
      { name: 'VAT', component: 'tax', basis: 'share', value: 190_000, of: ['energy', 'demand', 'fixed'] },
    ],
  };
  const kindsOfTerms: readonly PriceTerms[] = [
    plainTerms,
    { ...plainTerms, tiers: tiers('month', 4_001) },
    { ...plainTerms, tiers: tiers('year', 12_007) },
    everything,
    { ...plainTerms, minimumMonthMicros: 40_000_000, adjustments: everything.adjustments },
    {
      ...plainTerms,
      fixed: [{ name: 'Fee', per: 'month', basis: 'point', amountMicros: 31_000_001 }],
      adjustments: [
        { name: 'Levy', component: 'surcharge', basis: 'unit', value: 20_333, of: ['energy'] },
        { name: 'Rebate', component: 'rebate', basis: 'share', value: -50_000, of: ['energy'] },
      ],
    },
  ];
  return kindsOfTerms[kind % kindsOfTerms.length] as PriceTerms;
}
