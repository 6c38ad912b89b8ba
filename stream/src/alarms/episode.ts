// SPDX-License-Identifier: Apache-2.0
/**
 * When a condition becomes an alarm and stops being one, pure. Bad for the hold time raises, good for the clear time clears; between
 * the two thresholds nothing changes, so that a value that trembles about one of them raises once.
 */
export type Verdict = 'bad' | 'between' | 'good';

export interface Episode {
  readonly isRaised: boolean;
  /** Since when it has been bad (not raised) or good (raised) without a break. */
  readonly turningSinceMs: number | null;
  readonly lastMs: number;
}
export const calm: Episode = { isRaised: false, turningSinceMs: null, lastMs: 0 };

export interface Holds {
  readonly holdSeconds: number;
  readonly clearSeconds: number;
}

/** @returns the episode after the verdict, and whether it was raised or cleared by it */
export function stepEpisode(
  before: Episode,
  verdict: Verdict,
  atMs: number,
  { holdSeconds, clearSeconds }: Holds,
): { readonly episode: Episode; readonly turned: 'raised' | 'cleared' | null } {
  // Told again or late: what came after it has been judged already.
  if (atMs < before.lastMs) return { episode: before, turned: null };
  const { isRaised } = before;
  if (verdict !== (isRaised ? 'good' : 'bad'))
    return { episode: { isRaised, turningSinceMs: null, lastMs: atMs }, turned: null };
  const turningSinceMs = before.turningSinceMs ?? atMs;
  if (atMs - turningSinceMs < 1000 * (isRaised ? clearSeconds : holdSeconds))
    return { episode: { isRaised, turningSinceMs, lastMs: atMs }, turned: null };
  return {
    episode: { isRaised: !isRaised, turningSinceMs: null, lastMs: atMs },
    turned: isRaised ? 'cleared' : 'raised',
  };
}

/** Nothing to be remembered: not raised, and not on the way. */
export const isCalm = ({ isRaised, turningSinceMs }: Episode): boolean =>
  !isRaised && turningSinceMs === null;
