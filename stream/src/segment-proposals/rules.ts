// SPDX-License-Identifier: Apache-2.0
/**
 * The rules, each a guess at what happened to a register, with what speaks for and against it. A guess is only a guess:
 * `explain.ts` folds the readings under it and drops those that explain nothing.
 */
import type { Segment } from '@wattledger/contracts';
import type {
  Confidence,
  ExplanationKind,
  ProposalEvidence,
  ProposedRequest,
} from '@wattledger/contracts/http/segment-proposals';
import { canHavePassed, growsPlausibly, powerBetween, type HeldEvidence } from './held-evidence.ts';
import { tryOut } from './trial.ts';

export interface Guess {
  readonly kind: ExplanationKind;
  readonly confidence: Confidence;
  readonly evidence: readonly ProposalEvidence[];
  readonly atMs: number;
  /** All segments of the register under it. */
  readonly segments: readonly Segment[];
  readonly request: ProposedRequest;
}

const nearEndShare = 0.9;
/** So near its end that hardly any other register would stand there by chance. */
const veryNearEndShare = 0.98;
/** Beyond this share of the width a rollover is taken only where a power limit is given (register-judge.ts). */
const passedShareMax = 0.1;
const hourMs = 3_600_000;

export const proof = (
  code: ProposalEvidence['code'],
  supports: boolean,
  facts: Record<string, number | string> = {},
): ProposalEvidence => ({
  code,
  supports,
  facts: Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, String(value)])),
});

/** The segment corrected. */
function correction(
  evidence: HeldEvidence,
  change: Partial<Pick<Segment, 'registerMax' | 'powerMax'>>,
): Pick<Guess, 'segments' | 'request'> {
  const { segment, segments } = evidence;
  return {
    segments: segments.map((one) => (one === segment ? { ...one, ...change } : one)),
    request: { action: 'correct', segmentId: segment.segmentId, ...change },
  };
}

/** The segment ended at an instant, and another begun there for the same register. */
export function division(
  { meterId, segment, segments }: Pick<HeldEvidence, 'meterId' | 'segment' | 'segments'>,
  atMs: number,
  change: Partial<Segment> & { readonly openingReading: Segment['openingReading'] },
): Pick<Guess, 'segments' | 'request' | 'atMs'> {
  const opened: Segment = { ...segment, ...change, segmentId: 'new', fromMs: atMs, closingReading: null };
  const { register, multiplierNumerator, multiplierDenominator, registerMax, powerMax, openingReading } =
    opened;
  const reading =
    openingReading === null ? null : { value: openingReading.value, scaler: openingReading.scaler };
  return {
    atMs,
    segments: segments.flatMap((one) => (one === segment ? [{ ...one, toMs: atMs }, opened] : [one])),
    request: {
      action: 'exchange',
      meteringPointId: segment.meteringPointId,
      atMs,
      closingReading: null,
      next: {
        meterId,
        register,
        multiplierNumerator,
        multiplierDenominator,
        registerMax,
        powerMax,
        openingReading: reading,
      },
    },
  };
}

/** Between the last good reading and the first doubtful one; nobody knows when. */
const betweenMs = ({ last, first }: HeldEvidence): number =>
  Math.floor((last.instantMs + first.instantMs) / 2);
/** A segment with a closing reading, or with no instant between, cannot be divided. */
const isDivisible = (evidence: HeldEvidence): boolean =>
  evidence.segment.closingReading === null && betweenMs(evidence) > evidence.last.instantMs;

/** Whole powers of ten, and what counters in words of 16, 24 and 32 bits hold. */
const usualWidths = [
  ...Array.from({ length: 8 }, (_, index) => 10 ** (index + 4) - 1),
  ...[16, 24, 31, 32].map((bits) => 2 ** bits - 1),
].sort((a, b) => a - b);

export function guessRollovers(evidence: HeldEvidence): Guess[] {
  const { last, first, inForce, segment } = evidence;
  if (first.value < 0 || first.value >= last.value || first.scaler !== last.scaler) return [];
  const known = segment.registerMax;
  return (known === null ? usualWidths : [known])
    .filter((width) => last.value <= width && last.value >= nearEndShare * width)
    .map((width): Guess => {
      const capacity = inForce.scaleOf(last.scaler).baseUnits(width + 1);
      const passed = capacity - last.baseUnits + first.baseUnits;
      const isPossible = canHavePassed(evidence, passed, last.instantMs, first.instantMs);
      const powerW = Math.round((passed * hourMs) / Math.max(1, first.instantMs - last.instantMs));
      const isNear = last.value >= veryNearEndShare * width;
      const grows = growsPlausibly(evidence);
      const sure = isPossible && grows && (isNear || known !== null);
      return {
        kind: 'rollover',
        confidence: sure ? 'likely' : isPossible ? 'possible' : 'unlikely',
        evidence: [
          proof('near-end', isNear, { value: last.value, width }),
          proof(known === null ? 'width-usual' : 'width-known', true, { width }),
          ...powerProof(evidence, isPossible, powerW),
          growth(grows),
        ],
        atMs: betweenMs(evidence),
        ...correction(evidence, {
          registerMax: width,
          // The fold takes a rollover over a long gap only where it knows what the point can carry.
          ...(segment.powerMax === null && passed > passedShareMax * capacity
            ? { powerMax: roundedUp(2 * Math.max(powerW, evidence.powerSeen)) }
            : {}),
        }),
      };
    });
}

const growth = (grows: boolean): ProposalEvidence =>
  proof(grows ? 'grows-plausibly' : 'grows-implausibly', grows);
/** Nothing is to be said of power while no limit is known. */
const powerProof = (
  { powerLimit }: HeldEvidence,
  isPossible: boolean,
  powerW: number,
): readonly ProposalEvidence[] =>
  powerLimit === null
    ? []
    : [
        proof(isPossible ? 'power-possible' : 'power-impossible', isPossible, {
          powerW,
          limitW: Math.round(powerLimit),
        }),
      ];

/** The register began anew at zero: what it shows now has passed since. */
export function guessRestart(evidence: HeldEvidence): Guess[] {
  const { last, first, reason } = evidence;
  const isSmall = canHavePassed(evidence, first.baseUnits, last.instantMs, first.instantMs);
  if (reason !== 'register-fell' || first.value < 0 || first.value >= last.value) return [];
  if (!isSmall || !isDivisible(evidence)) return [];
  const grows = growsPlausibly(evidence);
  const atMs = betweenMs(evidence);
  // Without a limit "small" is only what is small beside what the register has counted.
  const isSure = grows && (evidence.powerLimit !== null || first.value * 100 <= last.value);
  return [
    {
      kind: 'restart',
      confidence: isSure ? 'likely' : 'possible',
      evidence: [proof('new-value-small', true, { value: first.value }), growth(grows)],
      ...division(evidence, atMs, { openingReading: { instantMs: atMs, value: 0, scaler: first.scaler } }),
    },
  ];
}

/** Another count from the first doubtful reading on: what passed between is not known. */
export function guessExchange(evidence: HeldEvidence): Guess[] {
  const { last, first } = evidence;
  if (evidence.segment.closingReading !== null || first.value < 0) return [];
  const isSmall = canHavePassed(evidence, first.baseUnits, last.instantMs, first.instantMs);
  const grows = growsPlausibly(evidence);
  const { instantMs, value, scaler } = first;
  return [
    {
      kind: 'exchange',
      confidence: grows && !isSmall ? 'likely' : grows ? 'possible' : 'unlikely',
      evidence: [
        proof(isSmall ? 'new-value-small' : 'new-value-not-small', !isSmall, { value }),
        growth(grows),
      ],
      ...division(evidence, instantMs, { openingReading: { instantMs, value, scaler } }),
    },
  ];
}

/** What is left out at most, for it to be a few bad readings and not another count. */
const leftOutMax = 12;

/** A power limit under which the readings around agree and the bad ones are left out. */
export function guessSpike(evidence: HeldEvidence): Guess[] {
  const { powerSeen, segment, held, last, readings, spanFromMs } = evidence;
  if (powerSeen <= 0) return [];
  const newest = held.at(-1);
  const now = tryOut(evidence, evidence.segments);
  for (const times of [3, 2, 5, 10, 20]) {
    const powerMax = roundedUp(times * powerSeen);
    if (segment.powerMax !== null && powerMax >= segment.powerMax) continue;
    const proposed = correction(evidence, { powerMax });
    const trial = tryOut(evidence, proposed.segments);
    const around = readings.filter(({ instantMs }) => instantMs > spanFromMs);
    const leftOut = around.filter(({ instantMs }) => !trial.counted.has(instantMs)).length;
    const before = readings.filter(({ instantMs }) => instantMs <= spanFromMs);
    const keepsBefore = before.every(
      ({ instantMs }) => now.counted.has(instantMs) === trial.counted.has(instantMs),
    );
    if (newest === undefined || !trial.counted.has(newest.instantMs) || !trial.settles) continue;
    if (!keepsBefore || leftOut === 0 || leftOut > leftOutMax || leftOut >= around.length - leftOut + 1)
      continue;
    const bad = around.find(({ instantMs }) => !trial.counted.has(instantMs));
    return [
      {
        kind: 'spike',
        confidence: leftOut <= 2 && around.length - leftOut >= 2 ? 'likely' : 'possible',
        evidence: [
          proof('agrees-around', true, { leftOut }),
          proof('power-impossible', true, {
            powerW: Math.round(Math.max(powerBetween(last, evidence.first), powerSeen)),
            limitW: powerMax,
          }),
        ],
        atMs: bad?.instantMs ?? last.instantMs,
        ...proposed,
      },
    ];
  }
  return [];
}

/** Primary currents of usual transformers over 5 A and 1 A, and voltages over 100 V. */
const currents = [
  10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 150, 160, 200, 250, 300, 400, 500, 600, 750, 800, 1000,
  1200, 1500, 1600, 2000, 2500, 3000, 4000, 5000, 6000,
];
const usualFactors = [...new Set([...currents.map((primary) => primary / 5), ...currents, 60, 100, 350])]
  .filter((factor) => Number.isInteger(factor) && factor >= 2)
  .sort((a, b) => a - b);
/** So near to the old value times the factor that it is hardly chance. */
const factorTolerance = 0.001;
/** Farther from it than this, every young register would fit some factor. */
const deviationMax = 0.05;
/** Nor says a factor anything of so few counts. */
const valueMin = 100;

interface RatioFit {
  readonly factor: number;
  readonly multiplier: Pick<Segment, 'multiplierNumerator' | 'multiplierDenominator'>;
  /** The last good position as the register shows it in the new ratio. */
  readonly value: number;
  readonly deviation: number;
}

/** The usual factor that the point could have brought the register on from, nearest first. */
function ratioFit(evidence: HeldEvidence): RatioFit | null {
  const { last, first, segment, powerLimit } = evidence;
  const { multiplierNumerator: numerator, multiplierDenominator: denominator } = segment;
  const rises = first.value > last.value;
  const fits = usualFactors.flatMap((factor): RatioFit[] => {
    const value = rises ? last.value * factor : Math.floor(last.value / factor);
    if (!Number.isSafeInteger(value) || value < valueMin || value > first.value) return [];
    const multiplier = rises
      ? reduced(numerator, denominator * factor)
      : reduced(numerator * factor, denominator);
    const deviation = first.value / value - 1;
    if (deviation > deviationMax) return [];
    const passed = last.baseUnits * deviation;
    const isPossible =
      powerLimit === null
        ? deviation <= factorTolerance
        : canHavePassed(evidence, passed, last.instantMs, first.instantMs);
    const toNew = rises ? 1 / factor : factor;
    return isPossible && growsPlausibly(evidence, toNew) ? [{ factor, multiplier, value, deviation }] : [];
  });
  return fits.sort((a, b) => a.deviation - b.deviation)[0] ?? null;
}

/** The register tells from here on in another ratio: the same energy in other counts. */
export function guessRatioChange(evidence: HeldEvidence): Guess[] {
  const { last, first, ratioChange } = evidence;
  if (first.value <= 0 || first.scaler !== last.scaler || !isDivisible(evidence)) return [];
  const fit = ratioFit(evidence);
  if (fit === null) return [];
  const { factor, multiplier, value, deviation } = fit;
  const atMs = betweenMs(evidence);
  const couldBeNew = canHavePassed(evidence, first.baseUnits, last.instantMs, first.instantMs);
  // In the old ratio the register would run on faster than the point can carry.
  const isNear = deviation <= factorTolerance || !growsPlausibly(evidence);
  const told =
    ratioChange === null
      ? []
      : [
          proof('device-ratio-changed', true, {
            from: ratioChange.from,
            to: ratioChange.to,
            sinceMs: ratioChange.sinceMs,
          }),
        ];
  return [
    {
      kind: 'ratio-change',
      confidence: told.length > 0 || (isNear && !couldBeNew) ? 'likely' : 'possible',
      evidence: [proof('factor-usual', true, { factor }), ...told],
      ...division(evidence, atMs, {
        ...multiplier,
        openingReading: { instantMs: atMs, value, scaler: last.scaler },
      }),
    },
  ];
}

export function reduced(
  numerator: number,
  denominator: number,
): Pick<Segment, 'multiplierNumerator' | 'multiplierDenominator'> {
  let [a, b] = [numerator, denominator];
  while (b !== 0) [a, b] = [b, a % b];
  return { multiplierNumerator: numerator / a, multiplierDenominator: denominator / a };
}

/** The next of 1, 2, 5, 10, 20 … */
export function roundedUp(figure: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, figure)));
  const step = [1, 2, 5, 10].find((times) => times * power >= figure) ?? 10;
  return step * power;
}
