// SPDX-License-Identifier: Apache-2.0
/** From evidence to explanations, best first. Pure. */
import type { Segment } from '@wattledger/contracts';
import {
  confidences,
  explanationKinds,
  type Explanation,
} from '@wattledger/contracts/http/segment-proposals';
import type { HeldEvidence } from './held-evidence.ts';
import {
  guessExchange,
  guessRatioChange,
  guessRestart,
  guessRollovers,
  guessSpike,
  type Guess,
} from './rules.ts';
import { tryOut, type Trial } from './trial.ts';

export interface Explained {
  readonly consumptionNow: number;
  readonly explanations: readonly Explanation[];
}

/** @param proposalId put into the requests, with the segments they were made from */
export function explain(evidence: HeldEvidence, proposalId: string): Explained {
  const { segments, spanFromMs } = evidence;
  const settledBefore = tryOut(evidence, segments, spanFromMs).consumption;
  const now = tryOut(evidence, segments);
  const guesses = [
    ...guessSpike(evidence),
    ...guessRollovers(evidence),
    ...guessRatioChange(evidence),
    ...guessRestart(evidence),
    ...guessExchange(evidence),
  ];
  const tried = guesses
    .map((guess) => ({ guess, trial: tryOut(evidence, guess.segments) }))
    .filter(({ guess, trial }) => explainsSomething(evidence, guess, trial));
  const explanations = onceAKind(tried)
    .map(({ guess, trial }) => explanationOf(evidence, guess, trial, now, settledBefore, proposalId))
    .sort(
      (a, b) =>
        confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
        explanationKinds.indexOf(a.kind) - explanationKinds.indexOf(b.kind),
    );
  return {
    consumptionNow: now.consumption - settledBefore,
    explanations: lessSureBesideABetter(explanations),
  };
}

/** Under it the doubtful reading counts; or, where it is left out, the newest one. */
function explainsSomething({ first, held }: HeldEvidence, { kind }: Guess, trial: Trial): boolean {
  const wanted = kind === 'spike' ? held.at(-1) : first;
  return wanted !== undefined && trial.counted.has(wanted.instantMs);
}

/** Of several widths that fit, the narrowest: the register has just passed it. */
function onceAKind<T extends { readonly guess: Guess }>(tried: readonly T[]): readonly T[] {
  return tried.filter(
    (one, index) => tried.findIndex(({ guess }) => guess.kind === one.guess.kind) === index,
  );
}

/** Only one story can be true: beside a likely one the next is possible. A spike or a rollover says more than a new count. */
function lessSureBesideABetter(explanations: readonly Explanation[]): readonly Explanation[] {
  return explanations.map((one, index) =>
    index > 0 && one.confidence === 'likely' ? { ...one, confidence: 'possible' as const } : one,
  );
}

function explanationOf(
  evidence: HeldEvidence,
  guess: Guess,
  trial: Trial,
  now: Trial,
  settledBefore: number,
  proposalId: string,
): Explanation {
  const { segment, segments } = evidence;
  const untouched = new Set<Segment>(segments);
  return {
    kind: guess.kind,
    confidence: guess.confidence,
    evidence: [...guess.evidence],
    atMs: guess.atMs,
    before: [segment],
    after: guess.segments.filter((one) => !untouched.has(one)),
    consumption: trial.consumption - settledBefore,
    consumptionChange: trial.consumption - now.consumption,
    readingsCounted: evidence.held.filter(({ instantMs }) => trial.counted.has(instantMs)).length,
    settles: trial.settles,
    request: { ...guess.request, madeFrom: { proposalId, segments: [...segments] } },
  };
}
