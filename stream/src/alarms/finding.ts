// SPDX-License-Identifier: Apache-2.0
/** What a rule finds in what a meter told. Pure. */
import type { AlarmRule, AlarmSignal, DetectedAlarmKind } from '@wattledger/contracts';
import type { Verdict } from './episode.ts';

export interface Finding {
  readonly verdict: Verdict;
  readonly facts: Readonly<Record<string, string>>;
}
export type Thresholds = Readonly<Record<string, number>>;

/** A finding about something, at an instant, under the rule that holds for it. */
export interface Judged extends Finding {
  readonly projectId: string;
  readonly kind: DetectedAlarmKind;
  readonly subjectKind: AlarmSignal['subjectKind'];
  readonly subjectId: string;
  readonly atMs: number;
  readonly rule: AlarmRule;
  /** Within the hours in which the rule judges. */
  readonly inHours: boolean;
}

export const good: Finding = { verdict: 'good', facts: {} };

const gravity: Readonly<Record<Verdict, number>> = { good: 0, between: 1, bad: 2 };

/** The worst of several; of equals the first. */
export function worstOf(findings: readonly Finding[]): Finding {
  return findings.reduce(
    (worst, next) => (gravity[next.verdict] > gravity[worst.verdict] ? next : worst),
    good,
  );
}

/** Against a limit with a lower one for clearing. */
export function above(value: number, limit: number, clear: number): Verdict {
  if (value > limit) return 'bad';
  return value > clear ? 'between' : 'good';
}
export function below(value: number, limit: number, clear: number): Verdict {
  if (value < limit) return 'bad';
  return value < clear ? 'between' : 'good';
}

/** A figure for the reader: no more digits than a person wants. */
export const figure = (value: number): string => String(Math.round(value * 100) / 100);

export const thresholdOf = (thresholds: Thresholds, name: string): number => thresholds[name] ?? 0;
