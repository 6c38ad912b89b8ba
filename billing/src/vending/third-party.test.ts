// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@wattledger/contracts';
import type { VendQuote } from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { projectId } from '../testing/messages.ts';
import {
  failingChecks,
  openAccount,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const nowMs = Date.parse('2026-02-02T10:00:00+01:00');
const base = `/api/projects/${projectId}`;
const kiosk: Principal = {
  kind: 'api-key',
  id: 'key_kiosk',
  name: 'Kiosk',
  rightsByProject: { [projectId]: ['vend:write'] },
};

describe('top ups sold by third parties', () => {
  let site: TestSite;
  let http: TestHttp;
  let accountId: string;
  let who: Principal = kiosk;
  beforeAll(async () => {
    site = await startTestSite({ name: 'third-party', nowMs, points: [pointSnapshot('pnt_a')] });
    const { priceSchemeId } = await setPrices(site.billing, {
      fromMs: 0,
      rates: { peak: 500_000, valley: 500_000 },
    });
    accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs: nowMs - 3_600_000 });
    http = await serveRoutes({
      parts: site.parts,
      routes: site.billing.routes,
      authenticator: { authenticate: async () => await Promise.resolve(who) },
    });
  }, 60_000);
  afterAll(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await http.stop();
    await site.stop();
  });

  const get = async (path: string) => {
    const answer = await fetch(`${http.url}${base}${path}`);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  const sell = async (key: string, amountMicros: number) => {
    const answer = await fetch(`${http.url}${base}/third-party-vends`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ accountId, amountMicros, reference: 'SHOP-17/0001' }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('an account is found by serial or code; of the tenant only initials and stage are seen', async () => {
    const found = { currency: 'EUR', accounts: [{ accountId, tenantInitials: 'T. 0.', stage: 'arrears' }] };
    const bySerial = await get('/vend-lookup?meterSerial=MTR_PNT_A');
    expect(bySerial.status).toBe(200);
    expect(bySerial.body).toEqual({
      ...found,
      accounts: [{ ...found.accounts[0], stage: expect.any(String) }],
    });
    expect((await get('/vend-lookup?tenantCode=T0')).body).toEqual(bySerial.body);
    expect((await get('/vend-lookup?tenantCode=T')).body).toEqual({ currency: 'EUR', accounts: [] });
    expect((await get('/vend-lookup')).status).toBe(400);
    expect((await get(`/accounts/${accountId}`)).status).toBe(403);
  });

  test('a sale sent twice is one vend, by transfer, and belongs to no shift', async () => {
    const first = await sell('kiosk-sale-1', 25_000_000);
    expect(first.status).toBe(201);
    expect(await sell('kiosk-sale-1', 25_000_000)).toEqual(first);
    expect((await sell('kiosk-sale-1', 26_000_000)).status).toBe(409);
    expect(Object.keys(first.body)).not.toContain('tenantName');
    const [vend] = await site.billing.vends.list({ projectId, accountId, limit: 1 });
    expect(vend).toMatchObject({
      means: 'transfer',
      reference: 'SHOP-17/0001',
      shiftId: null,
      amountMicros: 25_000_000,
    });
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(25_000_000);
  });

  test('what money buys: one rate is one price', async () => {
    who = { ...kiosk, rightsByProject: { [projectId]: ['account:read'] } };
    const { body } = await get(`/accounts/${accountId}/vend-quote`);
    expect((body as VendQuote).media).toEqual([
      { medium: 'electricity', priceMicros: 500_000, basis: 'rates-in-force', flat: true },
    ]);
    who = kiosk;
  });
});
