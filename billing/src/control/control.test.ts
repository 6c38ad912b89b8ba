// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  topics,
  type AlarmSignal,
  type CommandOutcome,
  type MeterCommand,
  type Principal,
  type RegistrySnapshot,
} from '@wattledger/contracts';
import type { CommandBatch, CommandBatchDetail, MeterOrders } from '@wattledger/contracts/http/commands';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { projectId } from '../testing/messages.ts';
import {
  openAccount,
  peakRates,
  pointAndMeter,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';
import { failuresMax } from './order-plan.ts';

const midnight = Date.parse('2026-02-02T00:00:00+01:00');
const base = `/api/projects/${projectId}`;

let site: TestSite;
let http: TestHttp;
let priceSchemeId: string;
let accountId: string;
let requests = 0;

/** The meter hangs on a line, as its commands need. */
const polled = (snapshots: readonly RegistrySnapshot[]): readonly RegistrySnapshot[] =>
  snapshots.map((told) =>
    told.entity === 'meter' && told.snapshot !== null
      ? { ...told, snapshot: { ...told.snapshot, gatewayId: 'gtw_1', unitId: 1 } }
      : told,
  );

beforeEach(async () => {
  requests = 0;
  site = await startTestSite({
    name: 'control',
    nowMs: midnight + 10 * 3_600_000,
    points: [],
    partitionCountOf: () => 1,
  });
  await site.tell(polled(['pnt_tenant', 'pnt_a', 'pnt_b'].flatMap((id) => pointAndMeter(pointSnapshot(id)))));
  ({ priceSchemeId } = await setPrices(site.billing, { fromMs: midnight, rates: peakRates }));
  accountId = await openAccount(site.billing, {
    priceSchemeId,
    openedAtMs: midnight,
    firstVendMicros: 1_000_000,
    points: ['pnt_tenant'],
  });
  await site.billing.settle();
  http = await serveRoutes({ parts: site.parts, routes: site.billing.routes });
}, 60_000);
afterEach(async () => {
  await http.stop();
  await site.stop();
});

const post = async <T>(path: string, body: object = {}): Promise<{ status: number; body: T }> => {
  requests += 1;
  const answer = await http.send('POST', `${base}${path}`, { requestId: `request-${requests}`, ...body });
  return { status: answer.status, body: answer.body as T };
};
const order = async (
  action: string,
  meterIds: readonly string[],
  more: object = {},
): Promise<CommandBatch> => {
  const { status, body } = await post<CommandBatch>('/command-batches', {
    action,
    meterIds,
    reason: 'inspection of the riser',
    ...more,
  });
  expect([status, body]).toMatchObject([202, { action }]);
  await site.billing.settle();
  return body;
};
const detailOf = async ({ batchId }: CommandBatch): Promise<CommandBatchDetail> =>
  (await http.send('GET', `${base}/command-batches/${batchId}`)).body as CommandBatchDetail;
const readAll = async <T>(name: string): Promise<T[]> => {
  const { rows } = await site.parts.database.query<{ payload: string }>(
    'SELECT payload FROM event_log.batches WHERE topic = $1 ORDER BY recorded_at_ms, partition, first_offset',
    [name],
  );
  return rows.flatMap((row) => (JSON.parse(row.payload) as [string, T][]).map(([, value]) => value));
};
const commands = async (): Promise<readonly MeterCommand[]> => await readAll(topics.meterCommands.name);
const lastCommand = async (): Promise<MeterCommand> => (await commands()).at(-1) as MeterCommand;
const report = async (meterId: string, relay: 'closed' | 'open', online = true): Promise<void> => {
  const at = site.parts.clock.nowMs();
  const value = { projectId, meterId, gatewayId: 'gtw_1', at, online, relay, parameters: {} };
  await site.parts.eventLog.append(topics.telemetry, [{ key: meterId, value }]);
  await site.parts.drain();
  await site.billing.settle();
};
const answer = async (
  outcome: CommandOutcome['outcome'],
  reportedRelay: CommandOutcome['reportedRelay'],
): Promise<void> => {
  const command = await lastCommand();
  const action = command.kind === 'switch-supply' ? command.action : null;
  const value: CommandOutcome = {
    commandId: command.commandId,
    projectId,
    meterId: command.meterId,
    kind: command.kind === 'cancel' ? 'read-now' : command.kind,
    action,
    outcome,
    reportedRelay,
    evidence: `read back ${reportedRelay}`,
    attempts: 1,
    at: site.parts.clock.nowMs(),
  };
  await site.parts.eventLog.append(topics.commandOutcomes, [{ key: command.meterId, value }]);
  await site.parts.drain();
  await site.billing.settle();
};

describe('orders for meters without an account', () => {
  test('only the read-back confirms; who, why and what was read stand in the log of actions', async () => {
    const batch = await order('disconnect', ['mtr_pnt_a']);
    expect(batch.counts).toMatchObject({ waiting: 1 });
    expect(await lastCommand()).toMatchObject({
      kind: 'switch-supply',
      meterId: 'mtr_pnt_a',
      action: 'disconnect',
      reason: 'inspection of the riser',
    });
    await answer('confirmed', 'open');
    expect((await detailOf(batch)).items).toMatchObject([
      { state: 'confirmed', reportedRelay: 'open', evidence: 'read back open', attempts: 1 },
    ]);
    expect(site.parts.actions.slice(-2)).toMatchObject([
      { action: 'command-batch.create', after: { reason: 'inspection of the riser', meters: 1 } },
      {
        action: 'meter.disconnect',
        subject: 'mtr_pnt_a',
        principal: { id: 'stf_test' },
        after: { outcome: 'confirmed', evidence: 'read back open' },
      },
    ]);
  });

  test('an order outlives its commands, and waits for a meter that is out of reach', async () => {
    const batch = await order('disconnect', ['mtr_pnt_a']);
    await report('mtr_pnt_a', 'closed', false);
    await answer('expired', 'unknown');
    const sent = (await commands()).length;
    site.parts.clock.advance(30 * 86_400_000);
    await site.billing.settle();
    expect([(await commands()).length, (await detailOf(batch)).batch.counts.waiting]).toEqual([sent, 1]);
    await report('mtr_pnt_a', 'closed', true);
    expect((await commands()).length).toBe(sent + 1);
    await answer('confirmed', 'open');
    expect((await detailOf(batch)).items).toMatchObject([{ state: 'confirmed', attempts: 2 }]);
  });

  test('a relay that turns back is corrected, and after some times somebody is told', async () => {
    await order('disconnect', ['mtr_pnt_a']);
    await answer('confirmed', 'open');
    for (let turn = 1; turn <= failuresMax; turn += 1) {
      const before = (await commands()).length;
      site.parts.clock.advance(61_000);
      await report('mtr_pnt_a', 'closed');
      expect((await commands()).length).toBe(before + 1);
      await answer('confirmed', 'open');
    }
    const alarms = await readAll<AlarmSignal>(topics.alarmSignals.name);
    expect(alarms.filter(({ subjectKind }) => subjectKind === 'meter')).toMatchObject([
      { kind: 'relay-not-obeying', subjectId: 'mtr_pnt_a', state: 'raised' },
    ]);
    const { orders } = (await http.send('GET', `${base}/meter-orders`)).body as MeterOrders;
    expect(orders).toMatchObject([
      {
        meterId: 'mtr_pnt_a',
        desiredRelay: 'open',
        reportedRelay: 'open',
        confirmed: true,
        notObeying: true,
      },
    ]);
  });

  test('what failed is tried again on request', async () => {
    const batch = await order('connect', ['mtr_pnt_a']);
    await answer('failed', 'open');
    expect((await detailOf(batch)).batch.counts).toMatchObject({ failed: 1, waiting: 0 });
    const sent = (await commands()).length;
    expect((await post<CommandBatch>(`/command-batches/${batch.batchId}/retry`)).body.counts.waiting).toBe(1);
    await site.billing.settle();
    expect((await commands()).length).toBe(sent + 1);
    await answer('confirmed', 'closed');
    expect((await detailOf(batch)).batch.counts).toMatchObject({ confirmed: 1, failed: 0 });
  });

  test('what still waits is taken back, and what was ordered before is ordered again', async () => {
    await order('connect', ['mtr_pnt_a']);
    await answer('confirmed', 'closed');
    const batch = await order('disconnect', ['mtr_pnt_a', 'mtr_pnt_b']);
    const { body } = await post<CommandBatch>(`/command-batches/${batch.batchId}/cancel`);
    expect(body.counts).toMatchObject({ cancelled: 2, waiting: 0 });
    expect((await commands()).filter(({ kind }) => kind === 'cancel')).toHaveLength(2);
    await site.billing.settle();
    const { orders } = (await http.send('GET', `${base}/meter-orders`)).body as MeterOrders;
    expect(orders).toMatchObject([{ meterId: 'mtr_pnt_a', action: 'connect' }]);
  });

  test('a newer order takes the place of one that waits; automatic leaves no order', async () => {
    const first = await order('disconnect', ['mtr_pnt_a']);
    await order('connect', ['mtr_pnt_a']);
    expect((await detailOf(first)).items).toMatchObject([{ state: 'superseded' }]);
    const last = await order('automatic', ['mtr_pnt_a']);
    expect((await detailOf(last)).items).toMatchObject([{ state: 'confirmed' }]);
    expect(((await http.send('GET', `${base}/meter-orders`)).body as MeterOrders).orders).toEqual([]);
  });

  test('an account that is opened governs from then on', async () => {
    const batch = await order('disconnect', ['mtr_pnt_b']);
    await openAccount(site.billing, {
      priceSchemeId,
      openedAtMs: midnight,
      firstVendMicros: 1_000_000,
      points: ['pnt_b'],
    });
    await site.billing.settle();
    await report('mtr_pnt_b', 'open');
    expect((await detailOf(batch)).items).toMatchObject([{ state: 'superseded' }]);
    expect(((await http.send('GET', `${base}/meter-orders`)).body as MeterOrders).orders).toEqual([]);
  });
});

describe('meters of accounts', () => {
  test('connect and disconnect are refused with what to do; the mode is the one handle', async () => {
    expect(
      await post(`/meters/mtr_pnt_tenant/control`, { action: 'disconnect', reason: 'because' }),
    ).toMatchObject({
      status: 409,
      body: { code: 'account-governs', hint: expect.stringMatching(/forced-off or automatic/) },
    });
    await report('mtr_pnt_tenant', 'closed');
    const batch = await order('forced-off', ['mtr_pnt_tenant', 'mtr_nobody']);
    expect((await detailOf(batch)).items).toMatchObject([
      { meterId: 'mtr_pnt_tenant', state: 'waiting', accountId },
      { meterId: 'mtr_nobody', state: 'refused', refusal: 'unknown-meter' },
    ]);
    await answer('confirmed', 'open');
    expect((await detailOf(batch)).items[1]).toMatchObject({
      state: 'confirmed',
      evidence: expect.stringMatching(/relay reported open at .*; read back open/),
    });
    const account = await site.billing.accounts.row(projectId, accountId);
    expect(account.supply).toMatchObject({ mode: 'forced-off', desiredRelay: 'open' });
  });

  test('taking a batch back gives the account its mode back', async () => {
    const batch = await order('forced-off', ['mtr_pnt_tenant']);
    await post(`/command-batches/${batch.batchId}/cancel`);
    await site.billing.settle();
    expect((await site.billing.accounts.row(projectId, accountId)).supply).toMatchObject({
      mode: 'automatic',
      desiredRelay: 'closed',
    });
  });
});

describe('requests', () => {
  test('the same request again is the same batch; other contents under its id are refused', async () => {
    const batch = await order('read-now', ['mtr_pnt_a'], { requestId: 'the-same-id' });
    const again = await order('read-now', ['mtr_pnt_a'], { requestId: 'the-same-id' });
    expect(again.batchId).toBe(batch.batchId);
    expect((await commands()).filter(({ kind }) => kind === 'read-now')).toHaveLength(1);
    expect(
      await post('/command-batches', {
        requestId: 'the-same-id',
        action: 'read-now',
        meterIds: ['mtr_pnt_b'],
        reason: 'inspection of the riser',
      }),
    ).toMatchObject({ status: 409, body: { code: 'request-id-reused' } });
  });

  test('a preview says how many and who not; more than were shown are not touched', async () => {
    const target = { action: 'forced-off', filter: { medium: 'electricity' } };
    expect(await post('/command-batches/preview', target)).toMatchObject({
      body: { accepted: 3, accounts: 1, refused: [] },
    });
    expect(
      await post('/command-batches', { ...target, reason: 'inspection', metersExpected: 2 }),
    ).toMatchObject({ status: 409, body: { code: 'more-meters-than-shown' } });
    expect(await commands()).toEqual([]);
  });

  test('control needs its right, and another project is not to be seen', async () => {
    const reader: Principal = {
      kind: 'staff',
      id: 'stf_r',
      name: 'R',
      rightsByProject: { [projectId]: ['meter:read'] },
    };
    const asReader = await serveRoutes({ parts: site.parts, routes: site.billing.routes, principal: reader });
    const body = { action: 'connect', meterIds: ['mtr_pnt_a'], reason: 'because', requestId: 'by-a-reader' };
    expect(await asReader.send('POST', `${base}/command-batches`, body)).toMatchObject({ status: 403 });
    expect(await asReader.send('GET', `${base}/command-batches`)).toMatchObject({ status: 200 });
    expect(await asReader.send('GET', '/api/projects/prj_other/command-batches')).toMatchObject({
      status: 403,
    });
    await asReader.stop();
  });
});
