// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: every view of the books says what the ledger says, to the last micro. Method: a random history of vends, reversals, charges
 * and closings over three days; then orders, journal, trial balance, report and daily closes over HTTP against sums of the rows.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rights, topics, type Principal, type Right } from '@wattledger/contracts';
import type {
  ConsumptionReport,
  DayCloseList,
  DayCloseView,
  DocumentDetail,
  Income,
  OrderList,
  TrialBalance,
} from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { parse } from 'csv-parse/sync';
import readXlsx from 'read-excel-file/node';
import { energy, projectId } from './testing/messages.ts';
import {
  hourMs,
  openAccount,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from './testing/test-site.ts';

const firstDay = '2026-02-02';
const lastDay = '2026-02-04';
const openedAtMs = Date.parse('2026-02-02T00:00:00+01:00');
const dayMs = 24 * hourMs;
const base = `/api/projects/${projectId}`;
const points = ['pnt_a', 'pnt_b', 'pnt_c', 'pnt_d'];
const anna = { id: 'anna', name: 'Staff anna' };

describe('books', () => {
  let site: TestSite;
  let http: TestHttp;
  let who: Principal;
  const accounts: string[] = [];
  const as = (id: string, held: readonly Right[] = rights, project = projectId): void => {
    who = { kind: 'staff', id, name: `Staff ${id}`, rightsByProject: { [project]: held } };
  };
  const send = async <T>(method: string, path: string, status = 200, body?: unknown): Promise<T> => {
    const answer = await http.send(method, `${base}${path}`, body);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status });
    return answer.body as T;
  };
  const csv = async (path: string): Promise<Record<string, string>[]> => {
    const answer = await fetch(`${http.url}${base}${path}`);
    expect(answer.status).toBe(200);
    return parse(await answer.text(), { columns: true, bom: true, relax_column_count: true }) as Record<
      string,
      string
    >[];
  };
  const micros = (text: string | undefined): number =>
    text === undefined || text === '' ? 0 : Math.round(Number(text) * 1e6);
  const one = async (sql: string, parameters: readonly unknown[] = [projectId]): Promise<number> =>
    (await site.parts.database.query<{ sum: number }>(sql, parameters)).rows[0]?.sum ?? 0;

  /** Two days of vends, reversals and energy; the third begins with what concerns the first. */
  async function live(): Promise<void> {
    const { vends } = site.billing;
    for (const [index, accountId] of accounts.entries()) {
      for (const means of ['cash', 'card', 'transfer'] as const) {
        const vend = {
          requestId: `vend-${index}-${means}`,
          accountId,
          amountMicros: 7_000_001 * (index + 1),
          means,
        };
        await vends.vend(
          projectId,
          { ...vend, reference: means === 'card' ? `slip-${index}` : undefined },
          anna,
        );
      }
    }
    const [wrong] = await vends.list({ projectId, means: 'card', limit: 1 });
    const request = {
      requestId: 'wrong-one',
      accountId: wrong?.accountId ?? '',
      vendId: wrong?.vendId ?? '',
      reason: 'typed twice',
      override: false,
    };
    await vends.reverse(projectId, request, anna, false);
  }
  async function flow(day: string, revision: number): Promise<void> {
    const records = points.slice(0, 3).map((meteringPointId, index) => ({
      key: meteringPointId,
      value: energy({ meteringPointId, day, revision, slots: (136 + revision) * (index + 1) }),
    }));
    await site.parts.eventLog.append(topics.intervalEnergy, records);
    for (let tries = 0; tries < 400; tries += 1) {
      const charged = await one(
        `SELECT count(DISTINCT day.metering_point_id) AS sum FROM billing.slot_days AS day WHERE day.project_id = $1 AND day.local_day = $2::date AND day.revision @> ARRAY[$3::bigint]`,
        [projectId, day, revision],
      );
      if (charged === 3) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('the energy was not charged');
  }

  beforeAll(async () => {
    site = await startTestSite({
      name: 'books',
      nowMs: openedAtMs + 9 * hourMs,
      tenants: 3,
      points: points.map((id) => pointSnapshot(id)),
    });
    as('anna');
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => who },
    });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: 0, rates: peakRates });
    for (const [index, point] of points.slice(0, 3).entries())
      accounts.push(
        await openAccount(site.billing, {
          priceSchemeId,
          points: [point],
          openedAtMs,
          tenant: index,
          firstVendMicros: 30_000_000,
        }),
      );
    await live();
    await flow(firstDay, 1);
  }, 60_000);
  afterAll(async () => {
    await http.stop();
    await site.stop();
  });

  test('orders: pages by key add up to the whole, totals are those of the rows, filters agree, the file has them all', async () => {
    const whole = await send<OrderList>('GET', '/orders?limit=500');
    const paged: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: OrderList = await send<OrderList>(
        'GET',
        `/orders?limit=4${next === '' ? '' : `&before=${next}`}`,
      );
      paged.push(...page.orders.map(({ postingId }) => postingId));
      next = page.next;
    }
    expect(paged).toEqual(whole.orders.map(({ postingId }) => postingId));
    expect(whole.totals.reduce((sum, total) => sum + total.orders, 0)).toBe(whole.orders.length);
    expect(whole.totals.reduce((sum, total) => sum + total.amountMicros, 0)).toBe(
      whole.orders.reduce((sum, order) => sum + order.amountMicros, 0),
    );
    const cards = await send<OrderList>(
      'GET',
      `/orders?means=card&fromDay=${firstDay}&toDay=${firstDay}&q=tenant%202`,
    );
    expect(cards.orders.map(({ kind, reversed }) => `${kind} ${reversed}`).sort()).toEqual([
      'reversal false',
      'vend true',
    ]);
    expect(cards.orders.find(({ kind }) => kind === 'reversal')?.amountMicros).toBe(-21_000_003);
    expect((await send<OrderList>('GET', '/orders?number=2&kind=vend')).orders).toHaveLength(1);
    expect(
      (await send<OrderList>('GET', '/orders?amountMinMicros=30000000&amountMaxMicros=30000000')).orders,
    ).toHaveLength(3);
    const file = await csv('/orders.csv?kind=vend');
    expect(file).toHaveLength(whole.orders.filter(({ kind }) => kind === 'vend').length);
  });

  test('the journal balances per posting and in total, says what the ledger says, and never changes for a span that is over', async () => {
    await send('PUT', '/chart-of-accounts', 200, {
      accounts: [{ ledgerAccount: 'cash', chartNumber: '1001', chartName: '库存现金' }],
    });
    const rows = await csv(`/journal.csv?fromDay=${firstDay}&toDay=${firstDay}`);
    const sums = new Map<string, number>();
    for (const row of rows)
      sums.set(
        row['posting'] ?? '',
        (sums.get(row['posting'] ?? '') ?? 0) + micros(row['credit']) - micros(row['debit']),
      );
    expect([...sums.values()].every((sum) => sum === 0)).toBe(true);
    expect(
      rows.filter((row) => row['ledger_account'] === 'cash').every((row) => row['chart_number'] === '1001'),
    ).toBe(true);
    expect(rows).toHaveLength(await one("SELECT count(*) AS sum FROM billing.entries WHERE $1 <> ''"));
    const balance = await send<TrialBalance>('GET', `/trial-balance?fromDay=${firstDay}&toDay=${firstDay}`);
    expect(balance.debitMicros).toBe(balance.creditMicros);
    expect(balance.debitMicros).toBe(rows.reduce((sum, row) => sum + micros(row['debit']), 0));
    for (const row of balance.rows)
      expect(row.closingMicros).toBe(
        await one(
          'SELECT sum(balance_micros)::bigint AS sum FROM billing.ledger_accounts WHERE project_id = $1 AND kind = $2',
          [projectId, row.ledgerAccount],
        ),
      );
  });

  test('report: opening + top-ups − charges − refunds + other = closing = the ledger, for each account and in total', async () => {
    const report = await send<ConsumptionReport>(
      'GET',
      `/consumption-report?fromDay=${firstDay}&toDay=${firstDay}`,
    );
    expect(report.accounts).toHaveLength(3);
    for (const { accountId, money, points: lines } of [
      ...report.accounts,
      { accountId: null, money: report.total, points: report.accounts.flatMap((account) => account.points) },
    ]) {
      expect(
        money.openingMicros +
          money.vendedMicros -
          money.chargedMicros -
          money.refundedMicros +
          money.otherMicros,
      ).toBe(money.closingMicros);
      expect(lines.reduce((sum, point) => sum + point.amountMicros, 0)).toBe(money.chargedMicros);
      expect(money.openingMicros).toBe(0);
      expect(money.closingMicros).toBe(
        await one(
          `SELECT sum(entry.amount_micros)::bigint AS sum FROM billing.entries AS entry JOIN billing.ledger_accounts AS ledger USING (ledger_account_id)
            WHERE ledger.project_id = $1 AND ledger.kind = 'tenant-balance' AND ($2::text IS NULL OR ledger.owner_id = $2)`,
          [projectId, accountId],
        ),
      );
    }
    const [first] = report.accounts;
    expect(first?.points[0]).toMatchObject({
      code: 'PNT_A',
      consumption: 137 * 48,
      components: [{ component: 'energy' }],
    });
    expect(first?.points[0]?.periods.reduce((sum, period) => sum + period.amountMicros, 0)).toBe(
      first?.points[0]?.amountMicros,
    );
    const xlsx = await fetch(
      `${http.url}${base}/consumption-report.xlsx?fromDay=${firstDay}&toDay=${firstDay}&language=zh`,
    );
    const sheets = await readXlsx(Buffer.from(await xlsx.arrayBuffer()));
    const total = JSON.stringify(sheets);
    expect(total).toContain('合计');
    expect(total).toContain(String(report.total.closingMicros / 1e6));
    const file = await csv(`/consumption-report.csv?fromDay=${firstDay}&toDay=${firstDay}`);
    expect(micros(file.find((row) => row['Code'] === 'Total')?.['Closing balance'])).toBe(
      report.total.closingMicros,
    );
  });

  test('income: media, components, means and the ledger agree, day by day and in total', async () => {
    for (const grain of ['day', 'month', 'year']) {
      const income = await send<Income>('GET', `/income?fromDay=2026-01-01&toDay=${lastDay}&grain=${grain}`);
      const report = await send<ConsumptionReport>(
        'GET',
        `/consumption-report?fromDay=2026-01-01&toDay=${lastDay}`,
      );
      for (const row of [...income.rows, income.total]) {
        const media = row.electricityMicros + row.waterMicros + row.gasMicros;
        expect(
          row.energyMicros +
            row.demandMicros +
            row.fixedMicros +
            row.minimumMicros +
            row.surchargeMicros +
            row.taxMicros +
            row.rebateMicros,
        ).toBe(media);
      }
      expect(income.total.energyMicros).toBe(report.total.chargedMicros);
      expect(income.total.electricityMicros).toBe(
        await one(
          `SELECT sum(balance_micros)::bigint AS sum FROM billing.ledger_accounts WHERE project_id = $1 AND kind = 'electricity-revenue'`,
        ),
      );
      for (const means of ['cash', 'card', 'transfer'] as const)
        expect(income.total[`${means}Micros`]).toBe(
          -(await one(
            'SELECT sum(balance_micros)::bigint AS sum FROM billing.ledger_accounts WHERE project_id = $1 AND kind = $2',
            [projectId, means],
          )),
        );
    }
    const next = await send<Income>('GET', `/income?fromDay=2026-02-03&toDay=2026-02-03`);
    expect(next.before).toEqual(
      (await send<Income>('GET', `/income?fromDay=${firstDay}&toDay=${firstDay}`)).total,
    );
  });

  const item = (view: DayCloseView, kind: string) => view.figures.items.filter((one) => one.kind === kind);
  const upload = async (text: string, status = 200, query = 'provider=bank&means=card'): Promise<unknown> => {
    const answer = await fetch(`${http.url}${base}/daily-closes/${firstDay}/provider-payments?${query}`, {
      method: 'POST',
      body: text,
    });
    expect(answer.status).toBe(status);
    return await answer.json();
  };

  test('a day shows where provider, ledger and drawers differ; it closes only when every item is answered', async () => {
    const before = await send<DayCloseView>('GET', `/daily-closes/${firstDay}`);
    expect(item(before, 'provider-statement-missing').map(({ subject }) => subject)).toEqual([
      'card',
      'transfer',
    ]);
    expect(item(before, 'cash-uncounted')).toHaveLength(1);
    const at = '2026-02-02T09:00:00+01:00';
    await upload(
      `payment_ref,amount,received_at\nslip-0,7.000001,${at}\nslip-1,14.5,${at}\nstranger,3,${at}\n`,
    );
    const after = await send<DayCloseView>('GET', `/daily-closes/${firstDay}`);
    expect(item(after, 'amount-differs')).toMatchObject([
      { subject: 'slip-1', amountMicros: 14_000_002, otherMicros: 14_500_000 },
    ]);
    expect(item(after, 'ledger-lacks')).toMatchObject([{ otherMicros: 3_000_000 }]);
    // Typed twice and taken back the same day: nothing between the bank and us.
    expect(item(after, 'provider-lacks')).toEqual([]);
    expect(await send('POST', `/daily-closes/${firstDay}/close`, 409)).toMatchObject({ code: 'items-open' });
    for (const { key } of after.figures.items)
      await send('PUT', `/daily-closes/${firstDay}/answers`, 200, { key, text: 'looked at the slips' });
    expect(
      await send('PUT', `/daily-closes/${firstDay}/answers`, 404, { key: 'no/such', text: 'x' }),
    ).toMatchObject({ code: 'item-unknown' });
    for (const text of [
      'payment_ref,amount\nx,1\n',
      `payment_ref,amount,received_at\nx,1e3,${at}\n`,
      `payment_ref,amount,received_at\nx,1,${at}\nx,1,${at}\n`,
      '"',
    ])
      expect(await upload(text, 422)).toMatchObject({ code: 'provider-file-refused' });
    const ofKinds = after.figures.kinds.reduce((sum, kind) => sum + kind.amountMicros, 0);
    const balances = await one(
      `SELECT sum(balance_micros)::bigint AS sum FROM billing.ledger_accounts WHERE project_id = $1 AND kind = 'tenant-balance'`,
    );
    expect(ofKinds).toBe(balances);
  });

  test('closed, frozen, signed by a second person who took no money, with paper and code', async () => {
    as('boss');
    const closed = await send<DayCloseView>('POST', `/daily-closes/${firstDay}/close`);
    expect(closed).toMatchObject({
      state: 'closed',
      nextDay: '2026-02-03',
      closes: [{ revision: 1, previousHash: '0'.repeat(64) }],
    });
    expect(await send('POST', `/daily-closes/${firstDay}/sign`, 403)).toMatchObject({
      code: 'signer-not-second',
    });
    as('anna');
    expect(await send('POST', `/daily-closes/${firstDay}/sign`, 403)).toMatchObject({
      code: 'signer-not-second',
    });
    as('carl');
    expect(await send('POST', `/daily-closes/${firstDay}/sign`)).toMatchObject({
      state: 'signed',
      closes: [{ signed: { by: { id: 'carl' } } }],
    });
    expect(await send('POST', `/daily-closes/${firstDay}/sign`, 409)).toMatchObject({ code: 'day-signed' });
    const document = await send<DocumentDetail>('GET', `/documents/${closed.closes[0]?.documentId}`);
    expect(document).toMatchObject({ kind: 'day-close', number: 1 });
    expect(
      await send('PUT', `/daily-closes/${firstDay}/answers`, 409, { key: 'x', text: 'y' }),
    ).toMatchObject({ code: 'day-closed' });
    expect(await upload('payment_ref,amount,received_at\n', 409)).toMatchObject({ code: 'day-closed' });
  });

  test('what is corrected later stands in a later close as concerning earlier days; the closed day does not move', async () => {
    const closed = await send<DayCloseView>('GET', `/daily-closes/${firstDay}`);
    site.parts.clock.set(openedAtMs + dayMs + 10 * hourMs);
    await flow(firstDay, 2);
    const next = await send<DayCloseView>('GET', '/daily-closes/2026-02-03');
    expect(next.figures.earlier).toMatchObject([{ kind: 'charge' }]);
    expect((await send<DayCloseView>('GET', `/daily-closes/${firstDay}`)).figures).toEqual(closed.figures);
    expect(await send('POST', `/daily-closes/${lastDay}/close`, 422)).toMatchObject({
      code: 'day-in-the-future',
    });
    site.parts.clock.set(openedAtMs + 2 * dayMs + 10 * hourMs);
    expect(await send('POST', `/daily-closes/${lastDay}/close`, 409)).toMatchObject({
      code: 'day-out-of-order',
    });
    // Noted its instant before the close and commits after it: it is the next close's, once.
    const late = `INSERT INTO billing.postings (posting_id, project_id, kind, request_id, content_hash, account_id, effective_at_ms, recorded_at_ms, recorded_by_id, recorded_by_name)
                  VALUES ('pst_late', $1, 'opening', 'late-request', '', $2, $3, $3, 'x', 'X')`;
    await site.parts.database.transaction(async (transaction) => {
      await transaction.query(late, [projectId, accounts[0], openedAtMs + dayMs + 11 * hourMs]);
      await send('POST', '/daily-closes/2026-02-03/close');
    });
    const closedWithout = await send<DayCloseView>('GET', '/daily-closes/2026-02-03');
    expect(closedWithout.figures.kinds.find(({ kind }) => kind === 'opening')).toBeUndefined();
    const after = await send<DayCloseView>('GET', `/daily-closes/${lastDay}`);
    expect(after.figures.earlier).toMatchObject([{ kind: 'opening', postings: 1 }]);
    expect(await send('POST', `/daily-closes/${firstDay}/reopen`, 409, { reason: 'x' })).toMatchObject({
      code: 'day-not-last',
    });
    await send('POST', '/daily-closes/2026-02-03/reopen', 200, { reason: 'the bank sent another file' });
    const again = await send<DayCloseView>('POST', '/daily-closes/2026-02-03/close');
    expect(again.closes).toMatchObject([
      { revision: 2, reopened: null },
      { revision: 1, reopened: { reason: 'the bank sent another file' } },
    ]);
    const list = await send<DayCloseList>('GET', '/daily-closes');
    expect(list).toMatchObject({
      chainHolds: true,
      closes: [{ chainNumber: 3 }, { chainNumber: 2 }, { chainNumber: 1 }],
    });
    expect(list.closes[0]?.previousHash).toBe(list.closes[1]?.hash);
  });

  test('a changed close breaks the chain, and the doctor says so', async () => {
    await site.parts.database.transaction(async (transaction) => {
      await transaction.query('ALTER TABLE billing.day_closes DISABLE TRIGGER day_closes_only_added');
      await transaction.query(
        `UPDATE billing.day_closes SET figures = jsonb_set(figures, '{recordedFromMs}', '1') WHERE chain_number = 1`,
      );
      await transaction.query('ALTER TABLE billing.day_closes ENABLE TRIGGER day_closes_only_added');
    });
    expect(await send<DayCloseList>('GET', '/daily-closes')).toMatchObject({ chainHolds: false });
    const check = site.billing.doctorChecks.find(({ name }) => name.includes('chain'));
    expect(await check?.check()).toMatchObject({ ok: false });
    const gaps = site.billing.doctorChecks.find(({ name }) => name.includes('gaps'));
    expect(await gaps?.check()).toMatchObject({ ok: true });
  });

  test('rights, other projects, bad input', async () => {
    const reading = [
      '/orders',
      '/orders.csv',
      `/consumption-report?fromDay=${firstDay}&toDay=${firstDay}`,
      `/consumption-report.xlsx?fromDay=${firstDay}&toDay=${firstDay}`,
      `/journal.csv?fromDay=${firstDay}&toDay=${firstDay}`,
      `/trial-balance?fromDay=${firstDay}&toDay=${firstDay}`,
      '/chart-of-accounts',
      '/daily-closes',
      `/daily-closes/${firstDay}`,
    ];
    as('stranger', ['energy:read', 'vend:write']);
    for (const path of reading) await send('GET', path, 403);
    as('elsewhere', rights, 'prj_other');
    for (const path of reading) {
      await send('GET', path, 403);
      expect((await http.send('GET', `/api/projects/prj_other${path}`)).status).toBe(404);
    }
    as('cashier', ['account:read', 'vend:write']);
    for (const path of [
      'close',
      'sign',
      'reopen',
      'provider-payments?provider=x&means=card',
      'provider-payments/stripe',
    ])
      await send('POST', `/daily-closes/${firstDay}/${path}`, 403, { reason: 'x' });
    await send('PUT', '/chart-of-accounts', 403, { accounts: [] });
    await send('PUT', `/daily-closes/${firstDay}/answers`, 403, { key: 'x', text: 'y' });
    as('anna');
    await send('GET', '/orders?before=x', 400);
    await send('GET', '/orders?fromDay=2026-02-31', 422);
    await send('GET', '/orders?limit=9999', 400);
    await send('GET', `/consumption-report?fromDay=${lastDay}&toDay=${firstDay}`, 422);
    await send('GET', '/daily-closes/2026-02-31', 422);
    await send('POST', `/daily-closes/2026-02-04/provider-payments/nobody`, 404);
    const twice = { ledgerAccount: 'cash', chartNumber: '1', chartName: '' };
    expect(await send('PUT', '/chart-of-accounts', 422, { accounts: [twice, twice] })).toMatchObject({
      code: 'chart-account-twice',
    });
  });
});
