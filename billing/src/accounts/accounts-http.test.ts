// SPDX-License-Identifier: Apache-2.0
/** What third parties can do with accounts over HTTP, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type Principal, type Right } from '@wattledger/contracts';
import type {
  AccountDetail,
  AccountProposal,
  AccountRecordList,
  OpeningListAnswer,
  OpeningRow,
  OpeningTemplate,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  failingChecks,
  hourMs,
  pointSnapshot,
  setPrices,
  startTestSite,
  tenantId,
  type TestSite,
} from '../testing/test-site.ts';

const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const nowMs = openedAtMs + 24 * hourMs;
const base = `/api/projects/${projectId}`;
const tenantsMax = 120;

describe('accounts over HTTP', () => {
  let site: TestSite;
  let http: TestHttp;
  let who: Principal;
  let shops: string;
  const staff = (held: readonly Right[] = rights, project = projectId): Principal => ({
    kind: 'staff',
    id: 'stf_anna',
    name: 'Anna',
    rightsByProject: { [project]: held },
  });
  beforeAll(async () => {
    const own = { placeId: 'plc_room', role: 'sub' as const };
    site = await startTestSite({
      name: 'accounts-http',
      nowMs,
      tenants: tenantsMax,
      points: [
        pointSnapshot('pnt_a', 'electricity', { ...own, tenantId: tenantId(0) }),
        pointSnapshot('pnt_w', 'water', { ...own, tenantId: tenantId(0) }),
        pointSnapshot('pnt_main', 'electricity', { role: 'main' }),
        ...Array.from({ length: tenantsMax - 1 }, (_, index) =>
          pointSnapshot(`pnt_${index + 1}`, 'electricity', { tenantId: tenantId(index + 1) }),
        ),
      ],
    });
    const { billing, parts } = site;
    const rates = { peak: 1_000_000, valley: 1_000_000 };
    shops = (await setPrices(billing, { name: 'Shops', fromMs: 0, rates })).priceSchemeId;
    await setPrices(billing, { name: 'Water', medium: 'water', fromMs: 0, rates });
    await parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: '2026-02-02', revision: 1, slots: 100 }) },
    ]);
    await parts.drain();
    who = staff();
    http = await serveRoutes({
      parts,
      routes: billing.routes,
      authenticator: { authenticate: async () => who },
    });
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  let requests = 0;
  async function send<T>(
    method: string,
    path: string,
    body?: unknown,
    { status = 200, key = `request-${(requests += 1)}` }: { status?: number; key?: string } = {},
  ): Promise<T> {
    const headers: Record<string, string> = method === 'GET' ? {} : { 'idempotency-key': key };
    const answer = await http.send(method, path.startsWith('/api') ? path : `${base}${path}`, body, headers);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  }

  let account: AccountDetail;

  test('an opening is proposed from the imported list and takes registers as evidence', async () => {
    const proposal = await send<AccountProposal>('GET', `/account-proposal?tenantId=${tenantId(0)}`);
    expect(proposal).toMatchObject({
      tenantId: tenantId(0),
      points: [
        { meteringPointId: 'pnt_a', medium: 'electricity', priceSchemeId: shops, metered: true },
        { meteringPointId: 'pnt_w', medium: 'water' },
      ],
      alarm1Micros: 100_000_000,
    });
    const room = await send<AccountProposal>('GET', '/account-proposal?placeId=plc_room');
    expect(room).toMatchObject({ tenantId: tenantId(0), points: [{}, {}] });
    const reading = {
      meteringPointId: 'pnt_a',
      meterId: 'mtr_pnt_a',
      register: 'total',
      value: 12345,
      scaler: 1,
      readAtMs: openedAtMs,
    };
    account = await send<AccountDetail>(
      'POST',
      '/accounts',
      {
        tenantId: tenantId(0),
        points: [{ meteringPointId: 'pnt_a', priceSchemeId: shops, contractedDemandW: 20_000 }],
        openedAtMs,
        alarm1Micros: 20_000_000,
        alarm2Micros: 5_000_000,
        readings: [reading],
      },
      { status: 201 },
    );
    expect(account.points).toMatchObject([{ contractedDemandW: 20_000 }]);
    expect(await send('GET', `/accounts/${account.accountId}/history`)).toMatchObject({
      openingReadings: [reading],
      meters: [{ serial: 'MTR_PNT_A' }],
    });
    const left = await send<AccountProposal>('GET', `/account-proposal?tenantId=${tenantId(0)}`);
    expect(left).toMatchObject({ points: [{ meteringPointId: 'pnt_w' }], alarm1Micros: 20_000_000 });
  });

  test('a change is refused with every fault in words', async () => {
    const path = `/accounts/${account.accountId}/changes`;
    const faulty = {
      change: 'change-scheme',
      meteringPointId: 'pnt_w',
      priceSchemeId: 'psc_none',
      reason: 'x',
    };
    expect(await send('POST', path, { ...faulty, fromMs: openedAtMs + 1 }, { status: 422 })).toMatchObject({
      code: 'change-refused',
      faults: [{ path: 'fromMs' }, { path: 'priceSchemeId' }, { path: 'meteringPointId' }],
    });
    await send('POST', path, { change: 'paint-it-green', reason: 'x' }, { status: 400 });
    await send('POST', path, { ...faulty, fromMs: 'yesterday' }, { status: 400 });
    const last = { change: 'remove-point', meteringPointId: 'pnt_a', fromMs: openedAtMs, reason: 'x' };
    expect(await send('POST', path, last, { status: 422 })).toMatchObject({
      faults: [{ message: expect.stringContaining('close the account') }],
    });
    const unknown = { change: 'undo', changeId: 'ach_none', reason: 'x' };
    expect(await send('POST', path, unknown, { status: 404 })).toMatchObject({ code: 'change-unknown' });
  });

  test('closing is seen beforehand and changes nothing', async () => {
    const closedAtMs = openedAtMs + 12 * hourMs;
    const preview = await send('POST', `/accounts/${account.accountId}/close-preview`, { closedAtMs });
    expect(preview).toMatchObject({
      balanceMicros: -4_800_000,
      finalChargeMicros: -2_400_000,
      finalBalanceMicros: -2_400_000,
      refundMicros: 0,
      owedMicros: 2_400_000,
      points: [{ meteringPointId: 'pnt_a', complete: true }],
      obstacles: [],
    });
    expect(await send('GET', `/accounts/${account.accountId}`)).toMatchObject({
      state: 'open',
      balanceMicros: -4_800_000,
    });
    await send(
      'POST',
      `/accounts/${account.accountId}/close-preview`,
      { closedAtMs: nowMs + hourMs },
      { status: 422 },
    );
  });

  test('a list names every fault at its cell, opens all or nothing, and repeated opens nothing twice', async () => {
    const { rows } = await send<OpeningTemplate>('GET', '/account-openings/template');
    expect(rows).toHaveLength(tenantsMax);
    expect(rows.every((row) => row.scheme !== '' && row.tenant !== '' && row.alarm1 === '20')).toBe(true);
    const faulty = rows.map((row, index): OpeningRow => {
      if (index === 0) return { ...row, scheme: 'Water of Mars' };
      if (index === 1) return { ...row, openedAt: 'soon', firstVend: '1,000.50' };
      if (index === 2) return { ...row, point: 'PNT_A' };
      return row;
    });
    const dry = await send<OpeningListAnswer>('POST', '/account-openings', { dryRun: true, rows: faulty });
    expect(dry.faults).toMatchObject([
      { row: rows[0]?.row, column: 'scheme', code: 'unknown', about: 'Water of Mars' },
      {
        row: rows[1]?.row,
        column: 'openedAt',
        code: 'no-local-time',
        message: expect.stringContaining('"soon"'),
      },
      { row: rows[1]?.row, column: 'firstVend', code: 'no-amount', about: '1,000.50' },
      { row: rows[2]?.row, column: 'point', code: 'taken', message: 'is on another account at that time' },
    ]);
    expect(dry.accounts.filter((row) => row.outcome === 'faulty')).toHaveLength(3);
    expect(await send('POST', '/account-openings', { rows: faulty }, { status: 422 })).toMatchObject({
      code: 'opening-list-faulty',
    });
    const good = rows.map((row) => ({ ...row, firstVend: '100', means: 'card', openedAt: '2026-02-02' }));
    const key = { key: 'list-of-february' };
    // As after a crash half way: the first third is open already.
    await send('POST', '/account-openings', { rows: good.slice(0, 40) }, key);
    const answer = await send<OpeningListAnswer>('POST', '/account-openings', { rows: good }, key);
    const outcomes = answer.accounts.map((row) => row.outcome);
    expect(outcomes.filter((outcome) => outcome === 'opened-before')).toHaveLength(40);
    expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(tenantsMax - 40);
    const again = await send<OpeningListAnswer>('POST', '/account-openings', { rows: good }, key);
    expect(again.accounts.every((row) => row.outcome === 'opened-before')).toBe(true);
    expect(again.accounts.map((row) => row.accountId)).toEqual(answer.accounts.map((row) => row.accountId));
    expect(await send('GET', '/account-openings/template')).toEqual({ rows: [] });
    expect(await failingChecks(site.billing)).toEqual([]);
  }, 60_000);

  test('the record is paged, newest first, and filtered', async () => {
    const path = `/accounts/${account.accountId}`;
    await send('POST', `${path}/suspension`, { reason: 'rebuilding' });
    await send('POST', `${path}/resumption`, { reason: 'built' });
    const all: string[] = [];
    let after = '';
    for (;;) {
      const page = await send<AccountRecordList>('GET', `/account-events?limit=50${after}`);
      all.push(...page.events.map((event) => event.recordId));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    expect(all).toHaveLength(tenantsMax + 3);
    expect(new Set(all).size).toBe(all.length);
    const own = await send<AccountRecordList>('GET', `/account-events?accountId=${account.accountId}`);
    expect(own.events.map((event) => event.kind).sort()).toEqual(['opened', 'resumed', 'suspended']);
    expect(await send('GET', '/account-events?kind=suspended')).toMatchObject({
      events: [{ reason: 'rebuilding', recordedBy: { name: 'Anna' } }],
    });
    expect(await send('GET', '/account-events?fromDay=2026-02-04')).toMatchObject({ events: [] });
    await send('GET', '/account-events?fromDay=2026-02-31', undefined, { status: 422 });
    await send('GET', '/account-events?after=nowhere', undefined, { status: 400 });
    await send('GET', '/account-events?kind=painted', undefined, { status: 400 });
  });

  test('rights are asked, and another project has no such account', async () => {
    const path = `/accounts/${account.accountId}`;
    const commands: readonly (readonly [string, unknown])[] = [
      [
        `${path}/changes`,
        { change: 'remove-point', meteringPointId: 'pnt_a', fromMs: openedAtMs, reason: 'x' },
      ],
      [`${path}/close-preview`, { closedAtMs: openedAtMs + hourMs }],
      [`${path}/tenant-change`, { tenantId: tenantId(1), atMs: openedAtMs + hourMs, reason: 'x' }],
      [`${path}/suspension`, { reason: 'x' }],
      [`${path}/resumption`, { reason: 'x' }],
    ];
    who = staff(['account:read']);
    for (const [command, body] of commands) await send('POST', command, body, { status: 403 });
    await send('POST', '/account-openings', { rows: [{ row: 2 }] }, { status: 403 });
    await send('GET', '/account-events');
    // Suspending orders a supply off, so it needs that right, too.
    who = staff(['account:read', 'account:write']);
    await send('POST', `${path}/suspension`, { reason: 'x' }, { status: 403 });
    who = staff(['energy:read']);
    for (const asked of [
      '/account-events',
      '/account-proposal',
      `${path}/history`,
      '/account-openings/template',
    ])
      await send('GET', asked, undefined, { status: 403 });
    who = staff(rights, 'prj_other');
    for (const [command, body] of commands)
      await send('POST', `/api/projects/prj_other${command}`, body, { status: 404 });
    await send('GET', `/api/projects/prj_other${path}/history`, undefined, { status: 404 });
    await send('GET', '/api/projects/prj_other/account-events', undefined, { status: 404 });
    who = staff();
  });
});
