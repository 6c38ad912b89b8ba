// SPDX-License-Identifier: Apache-2.0
/** Slots → full ledger by prices of both kinds, and a month charged anew after a retroactive price. */
import { measureCharging, type ChargingFigures } from '@wattledger/billing/testing';
import { rounded, type Figure } from './figure.ts';

const points = 353;
const days = 60;

const backFill = (work: string, run: ChargingFigures, slotsPerSecondMin: number): Figure => ({
  work,
  measured: `${rounded(run.backFillSlotsPerSecond)} slots/s`,
  reach: `≥ ${rounded(slotsPerSecondMin)} slots/s`,
  reached: run.backFillSlotsPerSecond >= slotsPerSecondMin,
  note: `${rounded(run.slots)} slots, batches of ${rounded(run.batch)} records; ${run.ratio.toFixed(2)} of the raw insert of the same rows; live, two slots a record: ${rounded(run.liveSlotsPerSecond)} slots/s`,
});

const monthAnew = (work: string, run: ChargingFigures): Figure => ({
  work,
  measured: `${(run.monthAnewMs / 1000).toFixed(1)} s`,
  reach: '≤ 10 s',
  reached: run.monthAnewMs <= 10_000,
  note: 'a retroactive price for January: every slot, line, posting and item of the month, ten points a transaction',
});

export async function chargingFigures(): Promise<readonly Figure[]> {
  const rates = await measureCharging({ points, days, liveRounds: 40, prices: 'rates' });
  const everything = await measureCharging({ points, days, liveRounds: 40, prices: 'everything' });
  return [
    backFill('charging by time-of-use rates', rates, 150_000),
    backFill('charging with tiers, demand, fixed charges and tax', everything, 20_000),
    monthAnew(`re-rating of one month for ${points} meters, time-of-use rates`, rates),
    monthAnew(`re-rating of one month for ${points} meters, everything`, everything),
  ];
}
