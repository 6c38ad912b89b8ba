// SPDX-License-Identifier: Apache-2.0
import type { Wanted } from './course.ts';

const dayMs = 86_400_000;
/** Neighbours of a late reading are nearly always within a day of it. */
const marginMsDefault = dayMs;
/** Each further look reaches so much farther; the third or so takes everything on that side. */
const growth = 16;
const margins = 2048;

export interface StoredSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The span of stored readings to load for what a fold wants, after `tried` was not enough. */
export function spanToLoad(
  wanted: Wanted,
  tried: StoredSpan | undefined,
  marginMs = marginMsDefault,
): StoredSpan {
  if (wanted.side === 'all') return { fromMs: -Infinity, toMs: Infinity };
  const fromMs = Math.min(wanted.fromMs, tried?.fromMs ?? Infinity);
  const toMs = Math.max(wanted.toMs, tried?.toMs ?? -Infinity);
  if (tried === undefined) return { fromMs: fromMs - marginMs, toMs: toMs + marginMs };
  const reach = Math.max(toMs - fromMs, marginMs) * growth;
  const far = reach > margins * marginMs;
  if (wanted.side === 'left') return { fromMs: far ? -Infinity : fromMs - reach, toMs };
  if (wanted.side === 'right') return { fromMs, toMs: far ? Infinity : toMs + reach };
  return { fromMs: -Infinity, toMs: Infinity };
}
