// SPDX-License-Identifier: Apache-2.0
/** Readings → slots in memory: what the arithmetic of interval energy costs by itself. */
import { measureFold } from '@wattledger/stream/bench';
import { percentile, perSecond, rounded, type Figure } from './figure.ts';

const reachPerSecond = 2_000_000;
const meters = 60;
const months = 24;
/** The first run warms the compiler up and is not counted. */
const runs = 4;

export function foldFigures(): readonly Figure[] {
  return [foldFigure('readings on the grid', false), foldFigure('readings beside the grid', true)];
}

function foldFigure(which: string, offGrid: boolean): Figure {
  const results = Array.from({ length: runs }, () => measureFold({ meters, months, offGrid })).slice(1);
  const speed = percentile(
    results.map(({ readings, elapsedMs }) => perSecond(readings, elapsedMs)),
    0.5,
  );
  return {
    work: `pure interval-energy fold, ${which}`,
    measured: `${rounded(speed)} readings/s`,
    reach: '≥ 2 M readings/s',
    reached: speed >= reachPerSecond,
    note: `one core, ${rounded(results[0]?.readings ?? 0)} readings a run, median of ${String(runs - 1)} runs`,
  };
}
