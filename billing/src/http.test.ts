// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type Principal, type Right } from '@wattledger/contracts';
import type {
  AccountDetail,
  AccountList,
  Charges,
  Closure,
  Explain,
  Income,
  LedgerPage,
  PostingDetail,
  PriceScheme,
  PriceVersion,
  Vend,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, peakCalendar, projectId } from './testing/messages.ts';
import { pointSnapshot, startTestSite, tenantId, type TestSite } from './testing/test-site.ts';

const monday = '2026-02-02';
const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const nowMs = Date.parse('2026-02-02T12:05:00+01:00');
const base = `/api/projects/${projectId}`;

describe('billing over HTTP', () => {
  let site: TestSite;
  let http: TestHttp;
  let who: Principal;
  const staff = (id: string, held: readonly Right[] = rights): Principal => ({
    kind: 'staff',
    id,
    name: `Staff ${id}`,
    rightsByProject: { [projectId]: held },
  });
  const as = (principal: Principal): void => void (who = principal);
  beforeAll(async () => {
    site = await startTestSite({
      name: 'billing-http',
      nowMs,
      points: [pointSnapshot('pnt_a'), pointSnapshot('pnt_w', 'water')],
    });
    as(staff('anna'));
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => who },
    });
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  let requests = 0;
  const post = async <T>(
    path: string,
    body: unknown,
    status = 201,
    key: string | null = `request-${(requests += 1)}`,
  ): Promise<T> => {
    const answer = await http.send(
      'POST',
      `${base}${path}`,
      body,
      key === null ? {} : { 'idempotency-key': key },
    );
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  };
  const get = async <T>(path: string, status = 200): Promise<T> => {
    const answer = await http.send('GET', `${base}${path}`);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  };
  const put = async <T>(path: string, body: unknown, status = 200): Promise<T> => {
    const answer = await http.send('PUT', `${base}${path}`, body);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  };

  let electricity: PriceScheme;
  let water: PriceScheme;
  let account: AccountDetail;

  test('prices: drafted, submitted, approved by another, refused to the author', async () => {
    electricity = await post<PriceScheme>('/price-schemes', { name: 'Shops', medium: 'electricity' });
    water = await post<PriceScheme>('/price-schemes', { name: 'Water', medium: 'water' });
    expect(await post('/price-schemes', { name: 'Shops', medium: 'electricity' }, 409)).toMatchObject({
      code: 'price-scheme-exists',
    });
    const versions = `/price-schemes/${electricity.priceSchemeId}/versions`;
    expect(await post(versions, { effectiveFromMs: openedAtMs, rates: { peak: 1 } }, 422)).toMatchObject({
      code: 'rates-incomplete',
      faults: [{ path: 'rates.valley' }],
    });
    expect(
      await post(versions, { effectiveFromMs: openedAtMs + 1, rates: { peak: 1, valley: 1 } }, 422),
    ).toMatchObject({ code: 'off-slot-grid' });
    for (const scheme of [electricity, water]) {
      const path = `/price-schemes/${scheme.priceSchemeId}/versions`;
      const draft = await post<PriceVersion>(path, {
        effectiveFromMs: openedAtMs,
        rates: { peak: 1_000_500, valley: 500_000 },
        note: 'first',
      });
      expect(draft).toMatchObject({ number: 1, state: 'draft', inForce: false, calendar: peakCalendar });
      expect(await post(`${path}/${draft.priceVersionId}/approve`, undefined, 409)).toMatchObject({
        code: 'price-version-state',
      });
      await post(`${path}/${draft.priceVersionId}/submit`, undefined, 200);
      expect(await post(`${path}/${draft.priceVersionId}/approve`, undefined, 403)).toMatchObject({
        code: 'approver-is-author',
      });
      as(staff('bert'));
      expect(await post(`${path}/${draft.priceVersionId}/approve`, undefined, 200)).toMatchObject({
        state: 'approved',
        inForce: true,
        approvedBy: { id: 'bert' },
      });
      as(staff('anna'));
      expect(await post(`${path}/${draft.priceVersionId}/withdraw`, undefined, 403)).toMatchObject({
        code: 'approver-is-author',
      });
    }
    expect(await get('/price-schemes')).toMatchObject({
      currency: 'EUR',
      schemes: [{ name: 'Shops' }, { name: 'Water' }],
    });
  });

  test('an account is opened once, with every fault named', async () => {
    const body = {
      tenantId: tenantId(),
      points: [
        { meteringPointId: 'pnt_a', priceSchemeId: electricity.priceSchemeId },
        { meteringPointId: 'pnt_w', priceSchemeId: water.priceSchemeId },
      ],
      openedAtMs,
      alarm1Micros: 20_000_000,
      alarm2Micros: 5_000_000,
      firstVend: { amountMicros: 10_000_000, means: 'cash' },
    };
    const wrong = {
      ...body,
      tenantId: 'tnt_x',
      alarm2Micros: 30_000_000,
      points: [
        { meteringPointId: 'pnt_w', priceSchemeId: electricity.priceSchemeId },
        { meteringPointId: 'pnt_q', priceSchemeId: 'psc_q' },
      ],
    };
    expect(await post<{ faults: { path: string }[] }>('/accounts', wrong, 422)).toMatchObject({
      code: 'opening-refused',
      faults: [
        { path: 'tenantId' },
        { path: 'alarm2Micros' },
        { path: 'points.0.priceSchemeId' },
        { path: 'points.1.meteringPointId' },
      ],
    });
    expect(await post('/accounts', body, 400, null)).toMatchObject({ code: 'request-id-required' });
    account = await post<AccountDetail>('/accounts', body, 201, 'open-the-shop');
    expect(account).toMatchObject({
      balanceMicros: 10_000_000,
      stage: 'alarm-1',
      tenantName: 'Tenant 0',
      state: 'open',
    });
    expect(await post('/accounts', body, 201, 'open-the-shop')).toMatchObject({
      accountId: account.accountId,
      balanceMicros: 10_000_000,
    });
    expect(
      await post('/accounts', { ...body, alarm1Micros: 21_000_000 }, 409, 'open-the-shop'),
    ).toMatchObject({ code: 'request-id-reused' });
  });

  test('charges explain themselves, slot by slot and posting by posting', async () => {
    await site.parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: monday, revision: 1, slots: { 15: 1000, 16: 333 } }) },
      {
        key: 'pnt_w',
        value: energy({
          meteringPointId: 'pnt_w',
          quantity: 'water-volume',
          day: monday,
          revision: 1,
          slots: { 15: 7 },
          quality: 1,
        }),
      },
    ]);
    await site.parts.drain();
    await site.parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: monday, revision: 2, slots: { 16: 1 } }) },
    ]);
    await site.parts.drain();
    const path = `/accounts/${account.accountId}`;
    const explained = await get<Explain>(`${path}/charges/explain?meteringPointId=pnt_a&day=${monday}`);
    expect(
      explained.slots.map(
        ({ consumption, period, rateMicros, amountMicros, roundingMilliMicros, quality, revision }) => ({
          consumption,
          period,
          rateMicros,
          amountMicros,
          roundingMilliMicros,
          quality,
          revision,
        }),
      ),
    ).toEqual([
      {
        consumption: 1000,
        period: 'valley',
        rateMicros: 500_000,
        amountMicros: 500_000,
        roundingMilliMicros: 0,
        quality: 'measured',
        revision: 1,
      },
      {
        consumption: 1,
        period: 'peak',
        rateMicros: 1_000_500,
        amountMicros: 1001,
        roundingMilliMicros: 500,
        quality: 'measured',
        revision: 2,
      },
    ]);
    expect(explained.postings.reduce((sum, posting) => sum + posting.amountMicros, 0)).toBe(
      explained.amountMicros,
    );
    expect(explained.postings).toHaveLength(2);
    expect(explained.priceVersions).toMatchObject([
      { schemeName: 'Shops', number: 1, approvedBy: { id: 'bert' } },
    ]);
    const charges = await get<Charges>(`${path}/charges?fromDay=${monday}&toDay=${monday}`);
    expect(charges.totals).toEqual([
      { medium: 'electricity', consumption: 1001, amountMicros: 501_001, unpricedConsumption: 0 },
      { medium: 'water', consumption: 7, amountMicros: 3500, unpricedConsumption: 0 },
    ]);
    expect(charges.asOf).toMatchObject({ slotsMeasured: 2, slotsEstimated: 1, points: 2, pointsStale: 2 });
    expect(
      (await get<Charges>(`${path}/charges?fromDay=2026-01-01&toDay=2026-03-01&grain=month`)).rows.map(
        (row) => row.span,
      ),
    ).toEqual(['2026-02', '2026-02']);
    const ledger = await get<LedgerPage>(`${path}/ledger?limit=2`);
    expect(ledger.balanceMicros).toBe(10_000_000 - 501_001 - 3500);
    expect(ledger.entries.map((entry) => entry.kind)).toEqual(['charge', 'charge']);
    expect(ledger.entries[0]?.charge).toMatchObject({
      cause: 'interval-energy',
      fromDay: monday,
      consumption: [{ medium: 'electricity', consumption: -332 }],
    });
    const older = await get<LedgerPage>(`${path}/ledger?before=${ledger.next}`);
    expect(older.entries.at(-1)).toMatchObject({
      kind: 'vend',
      sequence: 1,
      amountMicros: 10_000_000,
      receiptNumber: 1,
      means: 'cash',
    });
    const posting = await get<PostingDetail>(`${path}/ledger/${ledger.entries[0]?.postingId}`);
    expect(posting.entries).toEqual([
      { ledgerAccount: 'electricity-revenue', debitMicros: 332_166, creditMicros: 0 },
      { ledgerAccount: 'tenant-balance', debitMicros: 0, creditMicros: 332_166 },
    ]);
  });

  test('top up, receipt, reversal, day-end', async () => {
    const path = `/accounts/${account.accountId}/vends`;
    const vend = await post<Vend>(
      path,
      { amountMicros: 50_000_000, means: 'card', reference: 'slip 7' },
      201,
      'top-up-one',
    );
    expect(vend).toMatchObject({
      receiptNumber: 2,
      parts: { arrearsMicros: 0, balanceMicros: 50_000_000 },
      cashier: { id: 'anna' },
    });
    expect(
      await post(path, { amountMicros: 50_000_000, means: 'card', reference: 'slip 7' }, 201, 'top-up-one'),
    ).toEqual(vend);
    expect(
      await post(path, { amountMicros: 60_000_000, means: 'card', reference: 'slip 7' }, 409, 'top-up-one'),
    ).toMatchObject({ code: 'request-id-reused' });
    expect(await post(path, { amountMicros: -5, means: 'card' }, 400)).toBeDefined();
    expect(await post(`${path}/${vend.vendId}/reversal`, { reason: 'wrong shop' }, 200)).toMatchObject({
      reversal: { reason: 'wrong shop' },
    });
    expect(await get(`/vends?fromDay=${monday}&means=card`)).toMatchObject({
      vends: [{ vendId: vend.vendId }],
      next: null,
    });
    const income = await get<Income>(`/income?fromDay=${monday}&toDay=${monday}`);
    expect(income.rows).toMatchObject([
      {
        span: monday,
        vends: 2,
        cashMicros: 10_000_000,
        cardMicros: 0,
        reversedMicros: 50_000_000,
        electricityMicros: 501_001,
        waterMicros: 3500,
        waterLitres: 7,
      },
    ]);
    expect(income).toMatchObject({
      balancesMicros: 10_000_000 - 504_501,
      accountsOpen: 1,
      accountsByStage: { 'alarm-1': 1 },
    });
  });

  test('supply: policy, dry run, mode, decisions', async () => {
    expect(await get('/supply-policy')).toMatchObject({ automatic: false });
    const policy = {
      automatic: true,
      disconnectThresholdMicros: 100_000_000,
      graceMinutes: 0,
      freshnessLimitMinutes: 1440,
      unchargedLimitMinutes: 10,
      calendarIds: [] as string[],
      relayAlarmMinutes: 10,
    };
    const calendar = {
      name: 'Monday morning',
      spans: [{ weekdays: [1], fromMinute: 0, toMinute: 780 }],
      days: [],
    };
    const turned = { ...calendar, spans: [{ weekdays: [1], fromMinute: 800, toMinute: 780 }] };
    expect(await post('/protection-calendars', turned, 422)).toMatchObject({
      code: 'calendar-refused',
    });
    expect(await put('/supply-policy', { ...policy, calendarIds: ['pca_none'] }, 422)).toMatchObject({
      code: 'policy-refused',
    });
    const { calendarId } = await post<{ calendarId: string }>('/protection-calendars', calendar);
    await put('/supply-policy', { ...policy, calendarIds: [calendarId] });
    await site.billing.settle();
    const blocked = await get<{ rows: { action: string; gates: { gate: string; passes: boolean }[] }[] }>(
      '/supply-dry-run?all=true',
    );
    expect(
      blocked.rows.flatMap((row) => row.gates.filter((gate) => !gate.passes).map((gate) => gate.gate)),
    ).toEqual(['protected-hours']);
    const later = await get<{ rows: { action: string }[] }>(
      `/supply-dry-run?at=${Date.parse('2026-02-02T13:00:00+01:00')}`,
    );
    expect(later.rows.map((row) => row.action)).toEqual(['disconnect']);
    expect(
      await put(`/accounts/${account.accountId}/supply-mode`, {
        mode: 'forced-off',
        reason: 'works on the riser',
      }),
    ).toMatchObject({ mode: 'forced-off', desiredRelay: 'open', forcedBy: { id: 'anna' } });
    expect(await get('/supply-decisions')).toMatchObject({
      decisions: [
        {
          action: 'disconnect',
          cause: 'mode',
          commands: [{ meterId: 'mtr_pnt_a', action: 'disconnect', outcome: null }],
        },
      ],
      next: null,
    });
    await put(`/accounts/${account.accountId}/supply-mode`, { mode: 'automatic', reason: 'done' });
  });

  test('thresholds, closure, closing and settlement', async () => {
    const path = `/accounts/${account.accountId}`;
    expect(
      await put(
        `${path}/thresholds`,
        { alarm1Micros: 5, alarm2Micros: 6, hysteresisMicros: 0, protectedSupply: false },
        422,
      ),
    ).toMatchObject({ code: 'thresholds-crossed' });
    expect(
      await put(`${path}/thresholds`, {
        alarm1Micros: 6,
        alarm2Micros: 5,
        hysteresisMicros: 0,
        protectedSupply: true,
      }),
    ).toMatchObject({ stage: 'normal', supply: { protectedSupply: true } });
    expect(await put(`${path}/supply-mode`, { mode: 'forced-off', reason: 'no' }, 409)).toMatchObject({
      code: 'supply-protected',
    });
    expect(await get<Closure>(`/charges-closure?fromDay=${monday}&toDay=${monday}`)).toMatchObject({
      closes: true,
      slotsConsumption: 1008,
      chargedConsumption: 1008,
      unpricedConsumption: 0,
      pointDays: 2,
    });
    expect(await get('/charges-closure?fromDay=2026-02-02&toDay=2026-02-01', 422)).toMatchObject({
      code: 'day-range-refused',
    });
    expect(await get('/charges-closure?fromDay=2026-02-30&toDay=2026-03-01', 422)).toMatchObject({
      code: 'day-range-refused',
    });
    const closedAtMs = Date.parse('2026-02-02T12:00:00+01:00');
    expect(await post(`${path}/close`, { closedAtMs, reason: 'moved out' }, 409)).toMatchObject({
      code: 'readings-incomplete',
      faults: [{ message: 'pnt_a' }, { message: 'pnt_w' }],
    });
    const closing = await post<{ refundMicros: number }>(
      `${path}/close`,
      { closedAtMs, reason: 'moved out', acceptIncomplete: true },
      200,
      'close-the-shop',
    );
    expect(closing).toEqual({
      accountId: account.accountId,
      postingId: expect.any(String),
      closedAtMs,
      finalBalanceMicros: 9_495_499,
      arrearsMicros: 0,
      refundMicros: 9_495_499,
      balanceMicros: 0,
    });
    expect(
      await post(
        `${path}/close`,
        { closedAtMs, reason: 'moved out', acceptIncomplete: true },
        200,
        'close-the-shop',
      ),
    ).toEqual(closing);
    expect(
      await post(`${path}/close`, { closedAtMs, reason: 'moved out', acceptIncomplete: true }, 409),
    ).toMatchObject({ code: 'account-closed' });
    expect(await post(`${path}/vends`, { amountMicros: 1, means: 'cash' }, 409)).toMatchObject({
      code: 'account-closed',
    });
    // Late energy says less was used: what is left over is paid out.
    await site.parts.eventLog.append(topics.intervalEnergy, [
      { key: 'pnt_a', value: energy({ day: monday, revision: 3, slots: { 15: 500 } }) },
    ]);
    await site.parts.drain();
    expect(await get(path)).toMatchObject({ state: 'closed', balanceMicros: 250_000, stage: 'normal' });
    expect(await post(`${path}/settlement`, { reason: 'late reading' }, 200)).toMatchObject({
      refundMicros: 250_000,
      balanceMicros: 0,
    });
    expect(await post(`${path}/settlement`, { reason: 'late reading' }, 409)).toMatchObject({
      code: 'nothing-to-settle',
    });
  });

  test('rights are asked by the server, and another project is another world', async () => {
    as(staff('olga', ['project:read', 'energy:read']));
    for (const path of [
      '/accounts',
      `/accounts/${account.accountId}`,
      '/vends',
      '/price-schemes',
      '/supply-policy',
      '/income?fromDay=2026-02-02&toDay=2026-02-02',
    ])
      await get(path, 403);
    await post(`/accounts/${account.accountId}/vends`, { amountMicros: 1, means: 'cash' }, 403);
    as({ ...staff('eva'), rightsByProject: { prj_other: rights } });
    await get(`/accounts/${account.accountId}`, 403);
    const other = await http.send('GET', `/api/projects/prj_other/accounts/${account.accountId}`);
    expect(other.status).toBe(404);
    as(staff('anna', ['vend:write']));
    await post(`/accounts/${account.accountId}/close`, { closedAtMs: openedAtMs, reason: 'x' }, 403);
  });

  test('the list finds by name, state and page, and injection is only text', async () => {
    as(staff('anna'));
    expect((await get<AccountList>('/accounts?state=all&q=tenant%200')).accounts).toHaveLength(1);
    expect(
      (
        await get<AccountList>(
          `/accounts?state=all&q=${encodeURIComponent("'; DROP TABLE billing.accounts; --")}`,
        )
      ).accounts,
    ).toHaveLength(0);
    expect((await get<AccountList>('/accounts?state=open')).accounts).toHaveLength(0);
    expect(await get<AccountList>('/accounts?state=all&limit=1')).toMatchObject({
      total: 1,
      accounts: [{ accountId: account.accountId, supply: { mode: 'automatic' } }],
    });
  });

  test('everything that changed something was told to the log of actions', () => {
    const actions = new Set(
      site.parts.actions.map((action) => action.action).filter((action) => action !== 'refused'),
    );
    expect([...actions].sort()).toEqual([
      'account.close',
      'account.open',
      'account.settle',
      'account.thresholds',
      'price-scheme.create',
      'price-version.approve',
      'price-version.draft',
      'price-version.submit',
      'protection-calendar.add',
      'supply-mode.set',
      'supply-policy.set',
      'vend',
      'vend.reverse',
    ]);
  });
});
