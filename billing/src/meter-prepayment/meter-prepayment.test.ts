// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  rights,
  topics,
  type CommandOutcome,
  type MeterBalanceRead,
  type MeterCommand,
  type Principal,
  type Right,
} from '@wattledger/contracts';
import type { MeterCredit, MeterCreditList, MeterPrepaymentView } from '@wattledger/contracts/http/billing';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { energy, projectId } from '../testing/messages.ts';
import {
  failingChecks,
  openAccount,
  openPolicy,
  pointSnapshot,
  setPrices,
  startTestSite,
  cashier,
  type TestSite,
} from '../testing/test-site.ts';
import { virtualMeter, type VirtualMeter } from '../testing/virtual-sts-meter.ts';
import { decoderKeyOf } from './sts/decoder-key.ts';
import { trialSecurityModule, type SecurityModule } from './sts/security-module.ts';

const midnight = Date.parse('2026-02-02T00:00:00+01:00');
const nowMs = Date.parse('2026-02-02T10:00:00+01:00');
const rate = 400_000;
const vendingKey = 'abababababababab';
const sts = {
  provider: 'sts',
  meterPan: '600727000000000009',
  supplyGroupCode: '123456',
  tariffIndex: '01',
  keyRevision: 1,
  rateMicrosPerUnit: rate,
} as const;
const registers = { provider: 'vendor-registers', registersConfirmed: true } as const;

let site: TestSite;
let http: TestHttp;
let accountId: string;
let priceSchemeId: string;
let otherAccountId: string;
let held: readonly Right[] = rights;
let project = projectId;
/** Times the module fails after it has made a token, before anybody hears of it. */
let failures = 0;

const trial = trialSecurityModule({ '123456': vendingKey });
const flaky: SecurityModule = {
  refusal: trial.refusal,
  async creditToken(terms, parts) {
    const token = await trial.creditToken(terms, parts);
    if (failures === 0) return token;
    failures -= 1;
    throw new Error('the line to the module is down');
  },
};

beforeEach(async () => {
  site = await startTestSite({
    name: 'meter-prepayment',
    nowMs,
    points: ['pnt_a', 'pnt_b', 'pnt_c', 'pnt_free'].map((id) => pointSnapshot(id)),
    tenants: 2,
    partitionCountOf: () => 1,
    securityModule: flaky,
  });
  const rates = { peak: rate, valley: rate };
  ({ priceSchemeId } = await setPrices(site.billing, { fromMs: midnight, rates }));
  accountId = await openAccount(site.billing, { priceSchemeId, openedAtMs: midnight });
  otherAccountId = await openAccount(site.billing, {
    priceSchemeId,
    openedAtMs: midnight,
    points: ['pnt_b', 'pnt_c'],
    tenant: 1,
  });
  held = rights;
  project = projectId;
  failures = 0;
  const principal = (): Principal => ({
    kind: 'staff',
    id: 'stf_1',
    name: 'Anna',
    rightsByProject: { [project]: held },
  });
  http = await serveRoutes({
    parts: site.parts,
    routes: site.billing.routes,
    authenticator: { authenticate: async () => principal() },
  });
}, 60_000);
afterEach(async () => {
  expect(await failingChecks(site.billing)).toEqual([]);
  await http.stop();
  await site.stop();
});

const path = (rest: string, account = accountId): string =>
  `/api/projects/${projectId}/accounts/${account}/${rest}`;
let requests = 0;
async function send<T>(method: string, url: string, body?: unknown, status = 200): Promise<T> {
  requests += 1;
  const answer = await http.send(method, url, body, { 'idempotency-key': `request-${requests}` });
  expect({ url, status: answer.status, body: answer.body }).toMatchObject({ status });
  return answer.body as T;
}
const set = async (meterSide: unknown, status = 200, account = accountId, point = 'pnt_a') =>
  await send<MeterPrepaymentView>('PUT', path(`meter-prepayment/${point}`, account), { meterSide }, status);
const credits = async (): Promise<readonly MeterCredit[]> =>
  (await send<MeterCreditList>('GET', path('meter-credits'))).credits;
const vend = async (amountMicros: number, requestId: string) =>
  await site.billing.vends.vend(projectId, { requestId, accountId, amountMicros, means: 'cash' }, cashier);
const meterOf = (): VirtualMeter => virtualMeter(decoderKeyOf(Buffer.from(vendingKey, 'hex'), sts));
const commands = async (): Promise<readonly MeterCommand[]> => {
  const { rows } = await site.parts.database.query<{ payload: string }>(
    'SELECT payload FROM event_log.batches WHERE topic = $1 ORDER BY partition, first_offset',
    [topics.meterCommands.name],
  );
  return rows.flatMap((row) =>
    (JSON.parse(row.payload) as [string, MeterCommand][]).map(([, value]) => value),
  );
};

describe('the platform keeps the balance', () => {
  test('where nothing is set: no credit, no command, the ledger alone', async () => {
    await vend(5_000_000, 'vend-platform');
    await site.billing.settle();
    expect(await credits()).toEqual([]);
    const view = await send<MeterPrepaymentView>('GET', path('meter-prepayment'));
    expect(view).toMatchObject({ balanceMicros: 5_000_000, points: [{ meterSide: null, remaining: null }] });
    expect((await commands()).filter((command) => command.kind === 'write-setting')).toEqual([]);
  }, 60_000);
});

describe('STS meters', () => {
  test('each vend is in the ledger and becomes one token, which the meter takes once', async () => {
    await set(sts);
    // Twenty at once in the same minute, each asked for twice.
    const ids = Array.from({ length: 20 }, (_, index) => `vend-sts-${index}`);
    await Promise.all([...ids, ...ids].map(async (id) => await vend(1_000_000, id)));
    await Promise.all(
      [site.billing.settle(), site.billing.settle(), site.billing.settle()].map(
        async (one) => await one.catch(() => undefined),
      ),
    );
    await site.billing.settle();
    const made = await credits();
    expect(made).toHaveLength(20);
    expect(new Set(made.map((credit) => credit.vendId)).size).toBe(20);
    const meter = meterOf();
    for (const credit of [...made].reverse()) {
      expect(credit).toMatchObject({
        state: 'delivered',
        quantity: 2_500,
        amountMicros: 1_000_000,
        evidence: '',
      });
      expect(meter.enter(credit.token ?? '')).toBe('accepted');
      expect(meter.enter(credit.token ?? '')).toBe('used');
    }
    expect(meter.tenths).toEqual({ electricity: 500, water: 0 });
    expect(new Set(meter.identifiers).size).toBe(20);
    expect((await send<MeterPrepaymentView>('GET', path('meter-prepayment'))).points[0]).toMatchObject({
      creditedMicros: 20_000_000,
      remaining: null,
    });
  }, 60_000);

  test('a module that dies after it made a token makes the same token when it is back', async () => {
    await set(sts);
    await vend(2_000_000, 'vend-flaky');
    failures = 1;
    await site.billing.settle();
    const [waiting] = await credits();
    expect(waiting).toMatchObject({
      state: 'made',
      hasToken: false,
      tries: 1,
      evidence: expect.stringMatching(/is down/),
    });
    const { rows } = await site.parts.database.query<{ token_identifier: number; token_random: number }>(
      'SELECT token_identifier, token_random FROM billing.meter_credits',
    );
    site.parts.clock.advance(60 * 60_000);
    await site.billing.settle();
    const [done] = await credits();
    const meter = meterOf();
    expect(meter.enter(done?.token ?? '')).toBe('accepted');
    expect(meter.identifiers).toEqual([rows[0]?.token_identifier]);
    // It failed for good when it never comes back; a person sends it again.
    await vend(2_000_000, 'vend-lost');
    failures = 100;
    for (let turn = 0; turn < 20; turn += 1) {
      await site.billing.settle();
      site.parts.clock.advance(60_000);
    }
    const [failed] = await credits();
    expect(failed).toMatchObject({ state: 'failed', tries: 8 });
    failures = 0;
    await send('POST', path(`meter-credits/${failed?.meterCreditId}/retry`));
    await site.billing.settle();
    expect(meter.enter((await credits())[0]?.token ?? '')).toBe('accepted');
    expect(meter.tenths.electricity).toBe(100);
    const again = await send('POST', path(`meter-credits/${failed?.meterCreditId}/retry`), undefined, 409);
    expect(again).toMatchObject({ code: 'meter-credit-state' });
  }, 60_000);

  test('digits are for who sells; a token that has left comes back only by override', async () => {
    await set(sts);
    await vend(3_000_000, 'vend-rights');
    await site.billing.settle();
    held = ['account:read'];
    const [shown] = await credits();
    expect(shown).toMatchObject({ hasToken: true, token: null });
    const cancel = path(`meter-credits/${shown?.meterCreditId}/cancel`);
    await send('POST', cancel, { reason: 'wrong tenant' }, 403);
    await send('POST', path(`meter-credits/${shown?.meterCreditId}/retry`), undefined, 403);
    await set(null, 403);
    held = ['account:read', 'vend:write'];
    expect((await credits())[0]?.token).toMatch(/^\d{20}$/);
    expect(await send('POST', cancel, { reason: 'wrong tenant', override: true }, 409)).toMatchObject({
      code: 'meter-credit-delivered',
    });
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(3_000_000);
    held = rights;
    expect(await send('POST', cancel, { reason: 'cleared at the meter', override: true })).toMatchObject({
      state: 'cancelled',
    });
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(0);
    project = 'prj_other';
    for (const rest of ['meter-prepayment', 'meter-credits']) await send('GET', path(rest), undefined, 403);
    project = '*';
    const elsewhere = path('meter-credits').replace(projectId, 'prj_other');
    await send('GET', elsewhere, undefined, 404);
    await send('GET', path('meter-prepayment').replace(projectId, 'prj_other'), undefined, 404);
    await send(
      'PUT',
      path('meter-prepayment/pnt_a').replace(projectId, 'prj_other'),
      { meterSide: null },
      404,
    );
    await send('POST', cancel.replace(projectId, 'prj_other'), { reason: 'wrong tenant' }, 404);
    await send('POST', cancel.replace('/cancel', '/retry').replace(projectId, 'prj_other'), undefined, 404);
  }, 60_000);

  test('a credit that has not left is taken back with its vend, by either way', async () => {
    await set(sts);
    const first = await vend(3_000_000, 'vend-back');
    await vend(3_000_000, 'vend-back-too');
    const reversal = {
      requestId: 'reverse-1',
      accountId,
      vendId: first.vendId,
      reason: 'wrong',
      override: false,
    };
    await site.billing.vends.reverse(projectId, reversal, cashier, false);
    const [second] = await credits();
    await send('POST', path(`meter-credits/${second?.meterCreditId}/cancel`), { reason: 'wrong' });
    await site.billing.settle();
    expect((await credits()).map((credit) => [credit.state, credit.hasToken])).toEqual([
      ['cancelled', false],
      ['cancelled', false],
    ]);
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(0);
  }, 60_000);

  test('what cannot be served is refused with its reason', async () => {
    expect(await set({ ...sts, supplyGroupCode: '654321' }, 409)).toMatchObject({
      code: 'meter-side-refused',
    });
    expect(await set({ ...sts, meterPan: '600727000000000008' }, 400)).toMatchObject({
      faults: [{ message: 'the last digit does not fit the others' }],
    });
    expect(await set(sts, 409, otherAccountId, 'pnt_b')).toMatchObject({ code: 'meter-side-alone' });
    expect(await set(sts, 404, otherAccountId)).toMatchObject({ code: 'metering-point-unknown' });
    await set(sts);
    expect(
      await send(
        'POST',
        path('changes'),
        {
          change: 'add-point',
          meteringPointId: 'pnt_free',
          fromMs: nowMs - (nowMs % 1_800_000),
          reason: 'one more room',
          priceSchemeId,
        },
        409,
      ),
    ).toMatchObject({ code: 'meter-side-alone' });
    await vend(39_999, 'vend-too-little');
    expect((await credits())[0]).toMatchObject({ state: 'failed', quantity: null });
    await vend(1_000_000, 'vend-waits');
    expect(await set(null, 409)).toMatchObject({ code: 'meter-credits-waiting' });
    await site.billing.settle();
    expect((await set(null)).points[0]).toMatchObject({ meterSide: null });
    await vend(1_000_000, 'vend-after');
    expect(await credits()).toHaveLength(2);
  }, 60_000);
});

describe('supply', () => {
  const consume = async (meteringPointId: string): Promise<void> => {
    const lastReadingMs = site.parts.clock.nowMs() - 60_000;
    const value = energy({
      meteringPointId,
      day: '2026-02-02',
      revision: 1,
      slots: { 18: 100_000 },
      lastReadingMs,
    });
    await site.parts.eventLog.append(topics.intervalEnergy, [{ key: meteringPointId, value }]);
    await site.parts.drain();
  };
  const switched = async (): Promise<readonly string[]> =>
    (await commands()).flatMap((command) =>
      command.kind === 'switch-supply' ? [`${command.meterId} ${command.action}`] : [],
    );

  test('a meter that keeps the credit is let go and never cut for want of credit in the ledger', async () => {
    await site.billing.supply.setPolicy(projectId, openPolicy, cashier);
    await set(sts);
    await consume('pnt_a');
    await consume('pnt_b');
    await consume('pnt_c');
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(-40_000_000);
    for (let turn = 0; turn < 5; turn += 1) {
      await site.billing.settle();
      site.parts.clock.advance(60_000);
    }
    // The neighbours, whose balance is in the ledger, are cut in the same hour.
    expect([...new Set(await switched())].sort()).toEqual([
      'mtr_pnt_a release',
      'mtr_pnt_b disconnect',
      'mtr_pnt_c disconnect',
    ]);
    const dryRun = await site.billing.supply.dryRun(projectId, site.parts.clock.nowMs(), true);
    const mine = dryRun.rows.find((account) => account.accountId === accountId);
    expect(mine).toMatchObject({ action: 'leave' });
    expect(mine?.gates.find((gate) => gate.gate === 'balance-on-platform')).toMatchObject({
      passes: false,
      facts: { pointsMeterSide: 'pnt_a' },
    });
    // The ledger's again: the next look cuts.
    await set(null);
    site.parts.clock.advance(60_000);
    await site.billing.settle();
    expect(await switched()).toContain('mtr_pnt_a disconnect');
  }, 60_000);
});

describe('meters with registers', () => {
  const asked = async () =>
    (await commands()).flatMap((command) => (command.kind === 'write-setting' ? [command] : []));
  const answer = async (
    outcome: CommandOutcome['outcome'],
    balance: MeterBalanceRead | null,
    attempts = 1,
  ): Promise<void> => {
    const command = (await asked()).at(-1);
    if (command === undefined) throw new Error('a command was sent');
    const value: CommandOutcome = {
      commandId: command.commandId,
      projectId,
      meterId: command.meterId,
      kind: 'write-setting',
      action: null,
      outcome,
      reportedRelay: 'unknown',
      evidence: 'test',
      attempts,
      at: site.parts.clock.nowMs(),
      ...(balance === null ? {} : { balance }),
    };
    // Told twice, as a log may.
    for (let told = 0; told < 2; told += 1)
      await site.parts.eventLog.append(topics.commandOutcomes, [{ key: command.meterId, value }]);
    await site.parts.drain();
    await site.billing.settle();
  };
  const before = { balanceMicros: 1_000_000, purchasedMicros: 50_000_000, purchaseCount: 65_535 };

  test('read, written under the next number, read back; what differs from the ledger is told', async () => {
    await set(registers);
    await vend(20_000_000, 'vend-register');
    await site.billing.settle();
    expect((await asked()).map(({ setting }) => setting)).toEqual([
      { kind: 'meter-balance', register: 'total' },
    ]);
    await answer('confirmed', before);
    expect((await asked()).at(-1)?.setting).toEqual({
      kind: 'meter-credit',
      register: 'total',
      amountMicros: 20_000_000,
      purchaseNumber: 0,
      purchasedBeforeMicros: 50_000_000,
      registersConfirmed: true,
    });
    // Nobody knows whether the write was carried out: the same number again, and no cancelling without override.
    await answer('expired', null, 4);
    const [waiting] = await credits();
    expect(waiting).toMatchObject({ state: 'made', tries: 1 });
    held = ['account:read', 'vend:write'];
    const cancel = path(`meter-credits/${waiting?.meterCreditId}/cancel`);
    expect(await send('POST', cancel, { reason: 'no hope' }, 409)).toMatchObject({
      code: 'meter-credit-delivered',
    });
    held = rights;
    site.parts.clock.advance(60_000);
    await site.billing.settle();
    expect((await asked()).slice(1).map(({ setting }) => setting)).toHaveLength(2);
    expect(new Set((await asked()).slice(1).map(({ setting }) => JSON.stringify(setting))).size).toBe(1);
    await answer('confirmed', { balanceMicros: 21_000_000, purchasedMicros: 70_000_000, purchaseCount: 0 });
    expect((await credits())[0]).toMatchObject({ state: 'confirmed', tries: 2 });
    expect((await send<MeterPrepaymentView>('GET', path('meter-prepayment'))).points[0]).toMatchObject({
      creditedMicros: 20_000_000,
      remaining: { amountMicros: 21_000_000 },
      differenceMicros: -1_000_000,
    });
    site.parts.clock.advance(60_000);
    await site.billing.settle();
    expect(await asked()).toHaveLength(3);
  }, 60_000);

  test('somebody else bought meanwhile: refused before a write, it goes under the number after that', async () => {
    await set(registers);
    await vend(20_000_000, 'vend-elsewhere');
    await site.billing.settle();
    await answer('confirmed', { ...before, purchaseCount: 4 });
    await answer('failed', { balanceMicros: 6_000_000, purchasedMicros: 55_000_000, purchaseCount: 5 });
    expect((await asked()).at(-1)?.setting).toMatchObject({
      purchaseNumber: 6,
      purchasedBeforeMicros: 55_000_000,
    });
    // The meter refuses it and still stands where it stood: it may be cancelled by who sells.
    await answer('failed', { balanceMicros: 6_000_000, purchasedMicros: 55_000_000, purchaseCount: 5 });
    const [failed] = await credits();
    expect(failed).toMatchObject({ state: 'failed' });
    held = ['account:read', 'vend:write'];
    await send('POST', path(`meter-credits/${failed?.meterCreditId}/cancel`), {
      reason: 'the meter refuses',
    });
    held = rights;
    expect((await site.billing.accounts.row(projectId, accountId)).balanceMicros).toBe(0);
  }, 60_000);

  test('one after the other, and hundredths only', async () => {
    await set(registers);
    await vend(20_000_001, 'vend-odd');
    await vend(20_000_000, 'vend-one');
    await vend(30_000_000, 'vend-two');
    await site.billing.settle();
    await answer('confirmed', { ...before, purchaseCount: 4 });
    expect((await asked()).at(-1)?.setting).toMatchObject({ amountMicros: 20_000_000, purchaseNumber: 5 });
    await answer('confirmed', { balanceMicros: 21_000_000, purchasedMicros: 70_000_000, purchaseCount: 5 });
    expect((await asked()).at(-1)?.setting).toMatchObject({
      amountMicros: 30_000_000,
      purchaseNumber: 6,
      purchasedBeforeMicros: 70_000_000,
    });
    expect((await credits()).map((credit) => credit.state)).toEqual(['delivered', 'confirmed', 'failed']);
  }, 60_000);
});
