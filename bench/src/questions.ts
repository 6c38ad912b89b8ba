// SPDX-License-Identifier: Apache-2.0
/** Every question of the dashboard over HTTP on a made site of whole years, in one embedded process. */
import { benchQuestions } from '@wattledger/analytics/bench';
import { rounded, type Figure } from './figure.ts';
import { withTemporarySystem } from './temporary-system.ts';

export interface QuestionsSize {
  readonly points: number;
  readonly days: number;
  /** What the slowest twentieth of the askings must stay below. */
  readonly p95MsMax: number;
}

const rounds = 30;

export async function questionsFigures({
  points,
  days,
  p95MsMax,
}: QuestionsSize): Promise<readonly Figure[]> {
  return await withTemporarySystem(async ({ parts, services }) => {
    const { slots, times } = await benchQuestions({
      parts,
      service: services.analytics,
      points,
      days,
      rounds,
    });
    return times.map(({ question, p50Ms, p95Ms, cpuMs, bytes }) => ({
      work: question,
      measured: `p50 ${rounded(p50Ms)} ms, p95 ${rounded(p95Ms)} ms`,
      reach: `p95 ≤ ${p95MsMax} ms`,
      reached: p95Ms <= p95MsMax,
      note: `${rounded(slots)} slots; ${rounded(cpuMs)} ms of processor time, ${rounded(bytes)} bytes`,
    }));
  });
}
