// SPDX-License-Identifier: Apache-2.0
/** Times every question over HTTP, one after the other, on a synthetic site. */
import { createServer } from 'node:http';
import { rights, topics, type Principal } from '@wattledger/contracts';
import { createHttpApp, type Parts } from '@wattledger/platform';
import type { AnalyticsService } from '../analytics-service.ts';
import {
  fillSyntheticSite,
  settlePartitions,
  syntheticSnapshots,
  type SyntheticSite,
} from './synthetic-site.ts';

export interface QuestionsBenchOptions {
  readonly parts: Parts;
  /** Migrated, not started. */
  readonly service: AnalyticsService;
  readonly points: number;
  readonly days: number;
  /** Times each question is asked; the first two are not counted. */
  readonly rounds: number;
}

export interface QuestionTime {
  readonly question: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Processor time of this process per asking, the engine's threads included: what a busy machine does not change. */
  readonly cpuMs: number;
  readonly bytes: number;
}

export interface QuestionsBenchResult {
  readonly slots: number;
  readonly fillMs: number;
  readonly times: readonly QuestionTime[];
}

const projectId = 'prj_synthetic';
const dayMs = 86_400_000;
const administrator: Principal = {
  kind: 'staff',
  id: 'stf_bench',
  name: 'Bench',
  rightsByProject: { '*': rights },
};

const localDay = (ms: number): string => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);

/** Questions as the screens ask them; `endMs` is the local midnight after the last day of data. */
function questionsOf(endMs: number): readonly { readonly question: string; readonly path: string }[] {
  const base = `/api/projects/${projectId}`;
  const from = (days: number): string => `from=${localDay(endMs - days * dayMs)}&to=${localDay(endMs)}`;
  const idOf = (index: number): string => `pnt_${String(index).padStart(16, '0')}`;
  const point = idOf(300);
  const points = Array.from({ length: 20 }, (_unused, index) => idOf(300 + index));
  return [
    { question: 'group overview', path: '/api/overview' },
    { question: 'project overview', path: `${base}/overview` },
    {
      question: 'energy: total, a year by day, against last year',
      path: `${base}/energy?${from(365)}&grain=day&compare=last-year`,
    },
    {
      question: 'energy: by sub-item, a year by month',
      path: `${base}/energy?${from(365)}&grain=month&grouping=sub-item`,
    },
    {
      question: 'energy: by place, a month by day',
      path: `${base}/energy?${from(31)}&grain=day&grouping=place`,
    },
    {
      question: 'energy: one point, a month of slots',
      path: `${base}/energy?${from(31)}&grain=slot&grouping=point&points=${point}`,
    },
    {
      question: 'energy: total, 80 days of slots, against last year',
      path: `${base}/energy?${from(80)}&grain=slot&compare=last-year`,
    },
    {
      question: 'energy: of 20 points, a month by day, against the month before',
      path: `${base}/energy?${from(30)}&grouping=point&compare=previous&points=${points.join(',')}`,
    },
    {
      question: 'ranking: projects, a month, against the month before',
      path: `/api/ranking?${from(30)}&compare=previous`,
    },
    {
      question: 'ranking: points, a month, against the month before',
      path: `${base}/ranking?${from(30)}&compare=previous`,
    },
    { question: 'ranking: points, a year', path: `${base}/ranking?${from(365)}` },
    {
      question: 'ranking: tenants per m², a year',
      path: `${base}/ranking?${from(365)}&by=tenant&measure=per-m2`,
    },
    {
      question: 'year on year: total, a year by month',
      path: `${base}/year-on-year?${from(365)}&grain=month`,
    },
    {
      question: 'month on month: by sub-item',
      path: `${base}/month-on-month?${from(180)}&grouping=sub-item`,
    },
    { question: 'loss: all parents, a month', path: `${base}/loss?${from(30)}&compare=previous` },
    { question: 'loss: one parent, a year by day', path: `${base}/loss/${idOf(0)}?${from(365)}` },
    { question: 'energy flow: a month', path: `${base}/energy-flow?${from(30)}` },
    { question: 'energy flow: a year', path: `${base}/energy-flow?${from(365)}` },
    { question: 'multi-rate: tenants, a month', path: `${base}/multi-rate?${from(30)}&grouping=tenant` },
    { question: 'multi-rate: total by month, a year', path: `${base}/multi-rate?${from(365)}&grain=month` },
    { question: 'load profile: total, a year', path: `${base}/load-profile?${from(365)}` },
    { question: 'metering point: summary', path: `${base}/metering-points/${point}/summary` },
  ];
}

async function serve(
  parts: Parts,
  service: AnalyticsService,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const app = await createHttpApp({
    routes: service.routes,
    authenticator: { authenticate: () => Promise.resolve(administrator) },
    actionLog: parts.actionLog,
    logger: parts.logger,
    metrics: parts.metrics,
    clock: parts.clock,
    openApiInfo: { title: 'bench', version: '0' },
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function timeQuestion(url: string, rounds: number): Promise<Omit<QuestionTime, 'question'>> {
  const times: number[] = [];
  let bytes = 0;
  let cpu = process.cpuUsage();
  for (let round = 0; round < rounds + 2; round += 1) {
    if (round === 2) cpu = process.cpuUsage();
    const began = performance.now();
    const answer = await fetch(url);
    const text = await answer.text();
    if (round >= 2) times.push(performance.now() - began);
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
    bytes = text.length;
  }
  const used = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? Number.NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95), cpuMs: (used.user + used.system) / 1_000 / rounds, bytes };
}

/** Fills a site that ended yesterday, settles it, asks each question `rounds` times. Starts and stops the service. */
export async function benchQuestions({
  parts,
  service,
  points,
  days,
  rounds,
}: QuestionsBenchOptions): Promise<QuestionsBenchResult> {
  const endMs = Math.floor((parts.clock.nowMs() + 8 * 3_600_000) / dayMs) * dayMs - 8 * 3_600_000;
  const site: SyntheticSite = { projectId, points, days, endMs };
  const began = performance.now();
  const { slots } = await fillSyntheticSite(parts.warehouse, site);
  const fillMs = performance.now() - began;
  await settlePartitions(parts.warehouse);
  await service.start();
  await parts.eventLog.append(
    topics.registrySnapshots,
    syntheticSnapshots(site).map((value) => ({ key: `${value.entity}/${value.id}`, value })),
  );
  await service.whenCaughtUp();
  const { url, stop } = await serve(parts, service);
  try {
    const times: QuestionTime[] = [];
    for (const { question, path } of questionsOf(endMs))
      times.push({ question, ...(await timeQuestion(`${url}${path}`, rounds)) });
    return { slots, fillMs, times };
  } finally {
    await stop();
    await service.stop();
  }
}
