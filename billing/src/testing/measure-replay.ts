// SPDX-License-Identifier: Apache-2.0
/** How long a replay takes over a year of half-hours, and the charging anew of that year once its list is approved. */
import { DateTime } from 'luxon';
import { plainTerms, type PriceTerms } from '@wattledger/contracts/http/billing';
import { chargeAll, batchesOf, everything, openAll, zone } from './measure-charging.ts';
import { energy, projectId } from './messages.ts';
import {
  approver,
  drafter,
  finance,
  peakRates,
  pointSnapshot,
  startTestSite,
  type TestSite,
} from './test-site.ts';

export interface ReplayFigures {
  readonly slots: number;
  /** By rates alone, and with tiers, demand, fixed charges and tax. */
  readonly ratesMs: number;
  readonly everythingMs: number;
  /** Processor time of this process for the same two; the rest is the database's, and waiting where others are at work. */
  readonly ratesCpuMs: number;
  readonly everythingCpuMs: number;
  /** The list of a price with everything for the whole year, and after its approval the charging anew. */
  readonly listMs: number;
  readonly noticeMs: number;
  /** Growth of the process's memory while the replays ran, megabytes. */
  readonly memoryMb: number;
}

export async function measureReplay(points: number): Promise<ReplayFigures> {
  const names = Array.from({ length: points }, (_, index) => `pnt_${String(index).padStart(5, '0')}`);
  const start = DateTime.fromISO('2025-01-01', { zone });
  const days = Array.from({ length: 365 }, (_, index) => start.plus({ days: index }).toISODate() as string);
  const nowMs = start.plus({ days: 366 }).toMillis();
  const site = await startTestSite({
    name: 'measure-replay',
    nowMs,
    points: names.map((id) => pointSnapshot(id)),
    tenants: points,
  });
  try {
    const priceSchemeId = await openAll(site, names, start.toMillis(), plainTerms);
    let slots = 0;
    for (const [dayIndex, day] of days.entries()) {
      const told = names.map((meteringPointId, index) =>
        energy({ meteringPointId, day, revision: dayIndex + 1, slots: 150 + ((index * 7 + dayIndex) % 400) }),
      );
      slots += told.reduce((sum, message) => sum + message.index.length, 0);
      await chargeAll(site.parts, batchesOf(told, points), site);
    }
    const memoryBefore = process.memoryUsage().rss;
    const rates = await replayYear(site, priceSchemeId, start.toMillis(), plainTerms);
    const all = await replayYear(site, priceSchemeId, start.toMillis(), everything);
    const memoryMb = (process.memoryUsage().rss - memoryBefore) / 1e6;
    return {
      slots,
      ratesMs: rates.elapsedMs,
      everythingMs: all.elapsedMs,
      ratesCpuMs: rates.cpuMs,
      everythingCpuMs: all.cpuMs,
      memoryMb,
      ...(await noticeYear(site, all.ids)),
    };
  } finally {
    await site.stop();
  }
}

interface VersionIds {
  readonly projectId: string;
  readonly priceSchemeId: string;
  readonly priceVersionId: string;
}

/** A draft over the whole year, everybody. */
async function replayYear(
  { billing }: TestSite,
  priceSchemeId: string,
  effectiveFromMs: number,
  terms: PriceTerms,
): Promise<{ readonly ids: VersionIds; readonly elapsedMs: number; readonly cpuMs: number }> {
  const draft = { effectiveFromMs, rates: peakRates, terms };
  const { priceVersionId } = await billing.prices.draftVersion(projectId, priceSchemeId, draft, drafter);
  const ids = { projectId, priceSchemeId, priceVersionId };
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const { replayId } = await billing.replays.start(
    ids,
    { fromDay: '2025-01-01', toDay: '2025-12-31' },
    drafter,
  );
  while (await billing.replays.step());
  const elapsedMs = performance.now() - began;
  const { state, totals } = await billing.replays.get(ids, replayId);
  if (state !== 'done' || totals.incomplete > 0)
    throw new Error(`the replay is ${state}, ${totals.incomplete} incomplete`);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ids, elapsedMs, cpuMs: (user + system) / 1000 };
}

/** The list of the year, then its charging anew. */
async function noticeYear(
  { billing }: TestSite,
  ids: VersionIds,
): Promise<Pick<ReplayFigures, 'listMs' | 'noticeMs'>> {
  await billing.prices.submit(projectId, ids.priceSchemeId, ids.priceVersionId, drafter);
  await billing.prices.approve(projectId, ids.priceSchemeId, ids.priceVersionId, approver);
  const began = performance.now();
  while (await billing.replays.step());
  const listed = performance.now();
  await billing.lists.approve(ids, finance);
  await billing.settle();
  const posted = performance.now();
  const { totals } = await billing.lists.get(ids);
  if (totals.postedMicros !== totals.expectedMicros)
    throw new Error(`expected ${totals.expectedMicros}, posted ${totals.postedMicros}`);
  return { listMs: listed - began, noticeMs: posted - listed };
}
