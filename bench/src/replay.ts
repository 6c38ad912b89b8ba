// SPDX-License-Identifier: Apache-2.0
/** What a price would have cost: a year of half-hours replayed, and the list of a retroactive price with its charging anew. */
import { measureReplay } from '@wattledger/billing/testing';
import { rounded, type Figure } from './figure.ts';

const points = 353;
const reachMs = 30_000;
const seconds = (elapsedMs: number): string => `${(elapsedMs / 1000).toFixed(1)} s`;

export async function replayFigures(): Promise<readonly Figure[]> {
  const run = await measureReplay(points);
  const replayed = (work: string, elapsedMs: number, note: string): Figure => ({
    work,
    measured: seconds(elapsedMs),
    reach: '≤ 30 s',
    reached: elapsedMs <= reachMs,
    note: `${rounded((run.slots / elapsedMs) * 1000)} slots/s; ${note}`,
  });
  const size = `${rounded(run.slots)} slots of ${points} meters`;
  return [
    replayed(
      'replay of one year, time-of-use rates',
      run.ratesMs,
      `${size}, read, rated and kept by account and month; ${seconds(run.ratesCpuMs)} of processor time`,
    ),
    replayed(
      'replay of one year with tiers, demand, fixed charges and tax',
      run.everythingMs,
      `${size}; ${seconds(run.everythingCpuMs)} of processor time`,
    ),
    replayed('list of a retroactive price over one year', run.listMs, `${size}, everything a price can ask`),
    {
      work: 'the same, approved: the year charged anew',
      measured: seconds(run.noticeMs),
      reach: null,
      reached: null,
      note: 'every slot, line, posting and item, ten points a transaction; to the micro what the list said',
    },
    {
      work: 'memory that replays take',
      measured: `${Math.max(0, Math.round(run.memoryMb))} MB`,
      reach: null,
      reached: null,
      note: 'growth of the process over both years, 16 points at a time',
    },
  ];
}
