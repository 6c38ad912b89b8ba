// SPDX-License-Identifier: Apache-2.0
/** Replays and lists over HTTP: a tenant closed meanwhile, files, who may what, other projects. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type Principal, type Right } from '@wattledger/contracts';
import {
  plainTerms,
  type Compensations,
  type PriceList,
  type PriceReplay,
  type PriceReplayList,
  type PriceScheme,
  type PriceTerms,
  type PriceVersion,
  type ReplayAccount,
  type ReplayRows,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  approver,
  cashier,
  drafter,
  failingChecks,
  finance,
  openAccount,
  peakRates,
  pointSnapshot,
  projectSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const nowMs = Date.parse('2026-03-10T12:05:00+01:00');
const openedAtMs = Date.parse('2026-01-15T00:00:00+01:00');
const otherProject = 'prj_other';
const priceReader: readonly Right[] = ['price:read', 'account:read'];
const priceWriter: readonly Right[] = ['price:read', 'price:write'];
const bookKeeper: readonly Right[] = ['price:read', 'account:read', 'books:write'];

describe('replays and lists over HTTP', () => {
  let site: TestSite;
  let http: TestHttp;
  let who: Principal;
  let path: string;
  let priceSchemeId: string;
  let accounts: readonly string[];
  const as = (id: string, held: readonly Right[] = rights): void =>
    void (who = {
      kind: 'staff',
      id,
      name: `Staff ${id}`,
      rightsByProject: { [projectId]: held, [otherProject]: held },
    });

  beforeAll(async () => {
    as('anna');
    site = await startTestSite({
      name: 'billing-replay-http',
      nowMs,
      points: ['pnt_a', 'pnt_b', 'pnt_c'].map((id) => pointSnapshot(id)),
      tenants: 3,
    });
    await site.tell([
      {
        entity: 'project',
        id: otherProject,
        projectId: otherProject,
        snapshot: projectSnapshot({ id: otherProject, code: 'OTHER' }),
      },
    ]);
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => who },
    });
    ({ priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates }));
    path = `/price-schemes/${priceSchemeId}/versions`;
    accounts = [
      await openAccount(site.billing, { priceSchemeId, points: ['pnt_a'], openedAtMs }),
      await openAccount(site.billing, { priceSchemeId, points: ['pnt_b'], openedAtMs, tenant: 1 }),
    ];
    await tell('2026-02-02', 1);
    await site.billing.settle();
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  async function tell(day: string, revision: number, points = ['pnt_a', 'pnt_b']): Promise<void> {
    const told = points.map((meteringPointId) =>
      energy({ meteringPointId, day, revision, slots: { 20: 10_000 } }),
    );
    await site.parts.eventLog.append(
      topics.intervalEnergy,
      told.map((value) => ({ key: value.meteringPointId, value })),
    );
    await site.parts.drain();
  }
  let requests = 0;
  async function send<T>(
    method: 'GET' | 'POST',
    of: string,
    status = 200,
    body?: unknown,
    project = projectId,
  ): Promise<T> {
    const key = { 'idempotency-key': `request-${(requests += 1)}` };
    const answer = await http.send(
      method,
      `/api/projects/${project}${of}`,
      body,
      method === 'GET' ? {} : key,
    );
    expect({ of, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  }
  /** Drafted by Anna, submitted, approved by Bert. */
  async function approved(effectiveFromMs: number, rate: number): Promise<PriceVersion> {
    as('anna');
    const rates = { peak: rate, valley: rate };
    const { priceVersionId } = await send<PriceVersion>('POST', path, 201, { effectiveFromMs, rates });
    await send('POST', `${path}/${priceVersionId}/submit`);
    as('bert');
    return await send<PriceVersion>('POST', `${path}/${priceVersionId}/approve`);
  }

  test('a draft is replayed; its rows, lines and file', async () => {
    as('anna', priceWriter);
    const body = {
      effectiveFromMs: nowMs - (nowMs % 1_800_000) + 86_400_000,
      rates: { peak: 1_000_000, valley: 0 },
    };
    const draft = await send<PriceVersion>('POST', path, 201, body);
    const replays = `${path}/${draft.priceVersionId}/replays`;
    const asked = { fromDay: '2026-02-01', toDay: '2026-02-28' };
    expect(await send('POST', replays, 422, { fromDay: '2026-02-30' })).toMatchObject({
      code: 'day-range-refused',
    });
    expect(await send('POST', replays, 422, { ...asked, accountIds: ['acc_nobody'] })).toMatchObject({
      code: 'replay-of-nothing',
    });
    const { replayId } = await send<PriceReplay>('POST', replays, 202, asked);
    await site.billing.settle();
    as('carl', priceReader);
    expect(await send<PriceReplay>('GET', `${replays}/${replayId}`)).toMatchObject({
      state: 'done',
      pointsDone: 2,
    });
    expect((await send<PriceReplayList>('GET', replays)).replays).toMatchObject([{ replayId }]);
    const { rows, total } = await send<ReplayRows>('GET', `${replays}/${replayId}/rows?limit=1&offset=1`);
    expect({ total, rows }).toMatchObject({
      total: 2,
      rows: [{ differenceMicros: 10_000_000 - 12_003_330 }],
    });
    const lines = await send<ReplayAccount>('GET', `${replays}/${replayId}/rows/${accounts[0]}`);
    expect(lines.lines).toMatchObject([{ month: '2026-02', period: 'peak', afterMicros: 10_000_000 }]);
    const file = await send<string>('GET', `${replays}/${replayId}/rows.csv`);
    expect(String(file)).toContain(
      'pnt_a,2026-02,energy,peak,,10000,10000,12.003330,10.000000,-2.003330,EUR',
    );
    expect(await send('POST', replays, 403, asked)).toMatchObject({ code: 'right-missing' });
    expect(await send('POST', `${replays}/${replayId}/cancel`, 403)).toMatchObject({ code: 'right-missing' });
    as('anna');
    await send('GET', replays, 404, undefined, otherProject);
    await send('POST', replays, 404, asked, otherProject);
    for (const part of ['', '/rows', '/rows.csv', `/rows/${accounts[0]}`])
      await send('GET', `${replays}/${replayId}${part}`, 404, undefined, otherProject);
    await send('POST', `${replays}/${replayId}/cancel`, 404, undefined, otherProject);
  });

  test('a price of the past is listed; finance approves; energy that came meanwhile is told apart', async () => {
    const version = await approved(openedAtMs, 700_000);
    expect(version).toMatchObject({
      state: 'listed',
      inForce: false,
      approvedBy: { id: 'bert' },
      notice: null,
    });
    const list = `${path}/${version.priceVersionId}/list`;
    as('fay', bookKeeper);
    expect(await send('POST', `${list}/approve`, 409)).toMatchObject({ code: 'price-list-not-ready' });
    await site.billing.settle();
    expect(await send<PriceList>('GET', list)).toMatchObject({
      state: 'waiting',
      expectedMicros: 2 * (7_000_000 - 12_003_330),
      postedMicros: 0,
      total: 2,
    });
    await site.billing.accounts.close(
      projectId,
      {
        requestId: 'close-the-shop',
        accountId: accounts[1] as string,
        closedAtMs: openedAtMs + 30 * 86_400_000,
        reason: 'left',
        refundMeans: 'cash',
        acceptIncomplete: true,
      },
      cashier,
    );
    await tell('2026-02-03', 2);
    await site.billing.settle();
    as('bert', priceWriter);
    expect(await send('POST', `${list}/approve`, 403)).toMatchObject({ code: 'right-missing' });
    as('anna');
    expect(await send('POST', `${list}/approve`, 403)).toMatchObject({ code: 'approver-is-author' });
    await send('GET', list, 404, undefined, otherProject);
    await send('GET', `${list}.csv`, 404, undefined, otherProject);
    for (const step of ['approve', 'reject', 'compute'])
      await send('POST', `${list}/${step}`, 404, undefined, otherProject);
    as('fay', bookKeeper);
    expect(await send<PriceList>('POST', `${list}/approve`)).toMatchObject({
      state: 'approved',
      decidedBy: { id: 'fay' },
    });
    // Before the turn of its point: charged by the new price at once.
    await tell('2026-02-04', 3, ['pnt_a']);
    await site.billing.settle();
    const posted = await send<PriceList>('GET', list);
    expect(posted).toMatchObject({
      notice: { state: 'done', pointsDone: 2, pointsTotal: 2 },
      expectedMicros: 2 * (7_000_000 - 12_003_330),
      postedMicros: 4 * (7_000_000 - 12_003_330),
      meanwhileMicros: 7_000_000,
      expectedConsumption: 20_000,
      postedConsumption: 40_000,
    });
    // What the closed account is owed waits for its settlement.
    expect(posted.rows.find((row) => row.accountId === accounts[1])).toMatchObject({
      state: 'closed',
      toSettleMicros: -14_000_000,
    });
    expect(String(await send<string>('GET', `${list}.csv`))).toContain(
      'closed,12.003330,7.000000,-5.003330,-10.006660,0.000000,',
    );
    expect(await send('POST', `${list}/reject`, 409)).toMatchObject({ code: 'price-list-decided' });
    expect(await send<Compensations>('GET', `/accounts/${accounts[0]}/compensations`)).toMatchObject({
      lines: [
        { month: '2026-02', versionNumber: version.number, cause: 'price-notice', amountMicros: -10_006_660 },
      ],
    });
    as('anna');
    await send('GET', `/accounts/${accounts[0]}/compensations`, 404, undefined, otherProject);
  });

  test('withdrawn by another than drafted it, everything is charged anew by what then holds', async () => {
    const scheme = await send<PriceScheme>('GET', `/price-schemes/${priceSchemeId}`);
    const version = scheme.versions.findLast(({ state }) => state === 'approved') as PriceVersion;
    as('anna');
    expect(await send('POST', `${path}/${version.priceVersionId}/withdraw`, 403)).toMatchObject({
      code: 'approver-is-author',
    });
    as('bert');
    await send('POST', `${path}/${version.priceVersionId}/withdraw`);
    site.parts.clock.advance(1000);
    await site.billing.settle();
    const { versions } = await send<PriceScheme>('GET', `/price-schemes/${priceSchemeId}`);
    expect(versions.find(({ number }) => number === version.number)).toMatchObject({
      state: 'withdrawn',
      notice: { state: 'done', accounts: 2, amountMicros: 5 * 5_003_330, pointsDone: 2, pointsTotal: 2 },
    });
    expect((await send<Compensations>('GET', `/accounts/${accounts[0]}/compensations`)).lines).toMatchObject([
      { cause: 'price-withdrawn', amountMicros: 15_009_990 },
      { cause: 'price-notice', amountMicros: -10_006_660 },
    ]);
  });

  test('a rejected list withdraws its version, a withdrawn version takes its list with it; the future needs none', async () => {
    const rejected = await approved(openedAtMs, 800_000);
    as('fay', bookKeeper);
    expect(await send<PriceList>('POST', `${path}/${rejected.priceVersionId}/list/reject`)).toMatchObject({
      state: 'rejected',
      replay: { state: 'cancelled' },
    });
    const withdrawn = await approved(openedAtMs, 900_000);
    const list = `${path}/${withdrawn.priceVersionId}/list`;
    expect(await send<PriceList>('POST', `${list}/compute`)).toMatchObject({ state: 'computing' });
    await site.billing.settle();
    await send('POST', `${path}/${withdrawn.priceVersionId}/withdraw`);
    expect(await send<PriceList>('GET', list)).toMatchObject({
      state: 'rejected',
      decidedBy: { id: 'bert' },
    });
    const future = await approved(nowMs - (nowMs % 1_800_000) + 86_400_000, 900_000);
    expect(future).toMatchObject({ state: 'approved', notice: null });
    expect(await send('GET', `${path}/${future.priceVersionId}/list`, 404)).toMatchObject({
      code: 'price-list-unknown',
    });
  });

  test('what was listed and rejected never held, whatever the clock moved meanwhile', async () => {
    const fixed = (amountMicros: number): PriceTerms => ({
      ...plainTerms,
      fixed: [{ name: 'Standing', per: 'day', basis: 'point', amountMicros }],
    });
    const name = 'With a standing charge';
    const first = { name, fromMs: 0, rates: peakRates, terms: fixed(1_000_000) };
    const scheme = await setPrices(site.billing, first);
    await openAccount(site.billing, { ...scheme, points: ['pnt_c'], openedAtMs, tenant: 2 });
    await site.billing.settle();
    const draft = { effectiveFromMs: openedAtMs, rates: peakRates, terms: fixed(2_000_000) };
    const ids = { projectId, ...scheme };
    const { priceVersionId } = await site.billing.prices.draftVersion(
      projectId,
      ids.priceSchemeId,
      draft,
      drafter,
    );
    await site.billing.prices.submit(projectId, ids.priceSchemeId, priceVersionId, drafter);
    await site.billing.prices.approve(projectId, ids.priceSchemeId, priceVersionId, approver);
    site.parts.clock.advance(86_400_000);
    await site.billing.settle();
    site.parts.clock.advance(3_600_000);
    await site.billing.lists.reject({ ...ids, priceVersionId }, finance);
    await site.billing.settle();
    expect(await failingChecks(site.billing)).toEqual([]);
  });
});
