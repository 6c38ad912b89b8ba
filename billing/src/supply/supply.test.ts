// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  topics,
  type AccountEvent,
  type AlarmSignal,
  type CommandOutcome,
  type MeterCommand,
  type Telemetry,
} from '@wattledger/contracts';
import type { SupplyPolicy } from '@wattledger/contracts/http/billing';
import { energy, projectId } from '../testing/messages.ts';
import {
  addProtectedHours,
  cashier,
  failingChecks,
  openAccount,
  openPolicy,
  peakRates,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const minuteMs = 60_000;
const monday = '2026-02-02';
const midnight = Date.parse('2026-02-02T00:00:00+01:00');
const at = (text: string): number => Date.parse(`2026-02-02T${text}:00+01:00`);

/** Everything of a topic, oldest first. */
async function readAll<T>(site: TestSite, topic: (typeof topics)[keyof typeof topics]): Promise<T[]> {
  const { rows } = await site.parts.database.query<{ payload: string }>(
    'SELECT payload FROM event_log.batches WHERE topic = $1 ORDER BY recorded_at_ms, partition, first_offset',
    [topic.name],
  );
  return rows.flatMap((row) => (JSON.parse(row.payload) as [string, T][]).map(([, value]) => value));
}

describe('supply control over the event log', () => {
  let site: TestSite;
  let accountId: string;
  let revision = 0;

  beforeEach(async () => {
    site = await startTestSite({
      name: 'supply',
      nowMs: at('10:00'),
      points: [pointSnapshot('pnt_a')],
      partitionCountOf: () => 1,
    });
    const { priceSchemeId } = await setPrices(site.billing, { fromMs: midnight, rates: peakRates });
    accountId = await openAccount(site.billing, {
      priceSchemeId,
      openedAtMs: midnight,
      firstVendMicros: 1_000_000,
    });
    await site.billing.supply.setPolicy(projectId, openPolicy, cashier);
    await report('closed');
    await site.billing.settle();
  }, 60_000);
  afterEach(async () => {
    expect(await failingChecks(site.billing)).toEqual([]);
    await site.stop();
  });

  /** One kilowatt-hour in the slot that begins at 09:00, read now. */
  const consume = async (changes: Partial<Parameters<typeof energy>[0]> = {}): Promise<void> => {
    revision += 1;
    const value = energy({
      day: monday,
      revision,
      slots: { 18: 1000 },
      lastReadingMs: site.parts.clock.nowMs() - minuteMs,
      ...changes,
    });
    await site.parts.eventLog.append(topics.intervalEnergy, [{ key: 'pnt_a', value }]);
    await site.parts.drain();
  };
  const report = async (relay: Telemetry['relay'], online = true): Promise<void> => {
    const value = {
      projectId,
      meterId: 'mtr_pnt_a',
      gatewayId: null,
      at: site.parts.clock.nowMs(),
      online,
      relay,
      parameters: {},
    };
    await site.parts.eventLog.append(topics.telemetry, [{ key: 'mtr_pnt_a', value }]);
    await site.parts.drain();
  };
  const commands = async (): Promise<readonly MeterCommand[]> =>
    await readAll<MeterCommand>(site, topics.meterCommands);
  const sent = async (): Promise<readonly string[]> =>
    (await commands()).flatMap((command) => (command.kind === 'switch-supply' ? [command.action] : []));
  const answer = async (
    outcome: CommandOutcome['outcome'],
    reportedRelay: CommandOutcome['reportedRelay'],
  ): Promise<void> => {
    const command = (await commands()).at(-1);
    if (command?.kind !== 'switch-supply') throw new Error('a command was sent');
    const { commandId, meterId, action, kind } = command;
    const value: CommandOutcome = {
      commandId,
      projectId,
      meterId,
      kind,
      action,
      outcome,
      reportedRelay,
      evidence: 'test',
      attempts: 1,
      at: site.parts.clock.nowMs(),
    };
    await site.parts.eventLog.append(topics.commandOutcomes, [{ key: meterId, value }]);
    await site.parts.drain();
  };
  const supply = async () => (await site.billing.accounts.row(projectId, accountId)).supply;
  const setPolicy = async (changes: Partial<SupplyPolicy>): Promise<void> =>
    void (await site.billing.supply.setPolicy(projectId, { ...openPolicy, ...changes }, cashier));
  const vend = async (amountMicros: number, requestId = `vend-${amountMicros}`): Promise<void> =>
    void (await site.billing.vends.vend(
      projectId,
      { requestId, accountId, amountMicros, means: 'cash' },
      cashier,
    ));

  test('out of credit, disconnected; topped up, reconnected; each decision with its evidence', async () => {
    await consume();
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
    expect(await supply()).toMatchObject({ desiredRelay: 'open', reportedRelay: 'closed' });
    await answer('confirmed', 'open');
    await site.billing.settle();
    expect(await supply()).toMatchObject({ desiredRelay: 'open', reportedRelay: 'open' });
    expect(await sent()).toEqual(['disconnect']);
    site.parts.clock.advance(1000);
    await vend(5_000_000);
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect', 'connect']);
    await answer('confirmed', 'closed');
    const { decisions } = await site.billing.supply.decisions({ projectId, limit: 10 });
    expect(
      decisions.map(({ action, cause, commands: list }) => ({
        action,
        cause,
        outcomes: list.map((command) => command.outcome),
      })),
    ).toEqual([
      { action: 'connect', cause: 'vend', outcomes: ['confirmed'] },
      { action: 'disconnect', cause: 'charge', outcomes: ['confirmed'] },
    ]);
    const events = await readAll<AccountEvent>(site, topics.accountEvents);
    expect(
      events
        .filter((event) => event.cause === 'relay' || event.cause === 'decision')
        .map((event) => `${event.cause} ${event.desiredRelay} ${event.reportedRelay}`),
    ).toEqual(['decision open closed', 'relay open open', 'decision closed open', 'relay closed closed']);
  });

  test('not on an estimated or stale reading; as soon as a measured one comes', async () => {
    await consume({ lastReadingQuality: 1 });
    await site.billing.settle();
    await consume({ lastReadingMs: at('08:00'), slots: { 10: 1000 } });
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    const { rows } = await site.billing.supply.dryRun(projectId, null, true);
    expect(rows[0]?.gates.filter((gate) => !gate.passes).map((gate) => gate.gate)).toEqual([
      'reading-measured',
    ]);
    await consume({ slots: { 19: 1 } });
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
  });

  test('emergency credit taken: reconnected at once, until it is used up', async () => {
    const rule = {
      tenantClass: 'shop',
      offeredAt: 'arrears',
      timesPerMonth: 1,
      whileOverdue: false,
    } as const;
    const rules = [{ ...rule, amountMicros: 100_000_000 }];
    await site.billing.emergency.setPolicy(projectId, { rules }, cashier);
    await consume({ slots: { 19: 2000 } });
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
    await answer('confirmed', 'open');
    site.parts.clock.advance(1000);
    await site.billing.emergency.take(
      projectId,
      { requestId: 'take-it', accountId, byTenant: true },
      cashier,
    );
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect', 'connect']);
    const { decisions } = await site.billing.supply.decisions({ projectId, limit: 1 });
    expect(decisions[0]).toMatchObject({ action: 'connect', cause: 'emergency-credit' });
    expect(decisions[0]?.gates.find(({ gate }) => gate === 'credit-exhausted')?.facts).toMatchObject({
      emergencyCreditMicros: '100000000',
    });
    await answer('confirmed', 'closed');
    await consume({ slots: { 19: 200_000 } });
    await site.billing.settle();
    expect((await sent()).at(-1)).toBe('disconnect');
  });

  test('not in protected hours, but when they end, by the clock alone', async () => {
    await setPolicy({
      calendarIds: [
        await addProtectedHours(site.billing, [
          { weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 9 * 60, toMinute: 11 * 60 },
        ]),
      ],
      freshnessLimitMinutes: 200,
    });
    await consume();
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    const dryRun = await site.billing.supply.dryRun(projectId, at('11:00'), false);
    expect(dryRun.rows.map((row) => row.action)).toEqual(['disconnect']);
    site.parts.clock.set(at('10:59'));
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    site.parts.clock.set(at('11:00'));
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
  });

  test('not while an announced payment is waiting; after it is cancelled', async () => {
    const payment = {
      requestId: 'announce-1',
      accountId,
      amountMicros: 5_000_000,
      means: 'transfer',
      reference: 'IBAN 42',
      expiresAtMs: at('18:00'),
    } as const;
    const { pendingPaymentId } = await site.billing.vends.announcePayment(projectId, payment, cashier);
    expect(await site.billing.vends.announcePayment(projectId, payment, cashier)).toMatchObject({
      pendingPaymentId,
    });
    await consume();
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    await site.billing.vends.cancelPayment({ projectId, accountId, pendingPaymentId });
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
  });

  test('grace runs from when the balance was first seen at the threshold', async () => {
    await setPolicy({ graceMinutes: 30 });
    await consume();
    await site.billing.settle();
    site.parts.clock.set(at('10:29'));
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    site.parts.clock.set(at('10:30'));
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
  });

  test('an offline meter is told again, the alarm comes once, and it is told at once when it is back', async () => {
    await consume();
    await site.billing.settle();
    await report('unknown', false);
    await answer('expired', 'unknown');
    for (let minute = 1; minute <= 12; minute += 1) {
      site.parts.clock.advance(minuteMs);
      await site.billing.settle();
    }
    const told = (await sent()).length;
    expect(told).toBeGreaterThan(3);
    const alarms = async (): Promise<readonly string[]> =>
      (await readAll<AlarmSignal>(site, topics.alarmSignals))
        .filter((signal) => signal.kind === 'relay-not-obeying')
        .map((signal) => signal.state);
    expect(await alarms()).toEqual(['raised']);
    await report('closed');
    await site.billing.settle();
    expect((await sent()).length).toBe(told + 1);
    await answer('confirmed', 'open');
    await site.billing.settle();
    expect(await alarms()).toEqual(['raised', 'cleared']);
  });

  test('a disconnection not carried out is not repeated in protected hours', async () => {
    await setPolicy({
      calendarIds: [
        await addProtectedHours(site.billing, [
          { weekdays: [1], fromMinute: 10 * 60 + 5, toMinute: 11 * 60 },
        ]),
      ],
      freshnessLimitMinutes: 200,
    });
    await consume();
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
    await answer('failed', 'closed');
    site.parts.clock.set(at('10:06'));
    await report('closed');
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect']);
    expect((await site.billing.accounts.row(projectId, accountId)).points[0]?.meters[0]?.heldBy).toEqual([
      'protected-hours',
    ]);
    site.parts.clock.set(at('11:00'));
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect', 'disconnect']);
  });

  test('forced on and off by a person, and back to the programme', async () => {
    expect(
      await site.billing.supply.setMode(projectId, accountId, 'forced-off', 'fire brigade', cashier),
    ).toMatchObject({ mode: 'forced-off', desiredRelay: 'open', forcedReason: 'fire brigade' });
    expect(await sent()).toEqual(['disconnect']);
    await answer('confirmed', 'open');
    await site.billing.supply.setMode(projectId, accountId, 'automatic', 'fire is out', cashier);
    expect(await sent()).toEqual(['disconnect', 'connect']);
    await answer('confirmed', 'closed');
    await site.billing.supply.setMode(projectId, accountId, 'forced-on', 'hospital bed', cashier);
    await consume({ slots: { 18: 9000 } });
    await site.billing.settle();
    expect(await sent()).toEqual(['disconnect', 'connect']);
    await site.billing.supply.setMode(projectId, accountId, 'automatic', 'patient moved', cashier);
    expect(await sent()).toEqual(['disconnect', 'connect', 'disconnect']);
  });

  test('a relay that many accounts share, and one without a switch, are nobody’s to cut', async () => {
    const shared = pointSnapshot('pnt_b', 'electricity', {
      mountings: [{ segmentId: 'seg_b', meterId: 'mtr_pnt_a', register: 'total-2', fromMs: 0, toMs: null }],
    });
    await site.tell([{ entity: 'metering-point', id: 'pnt_b', projectId, snapshot: shared }]);
    await consume();
    await site.billing.settle();
    expect(await sent()).toEqual([]);
    expect((await supply()).desiredRelay).toBe('open');
  });

  test('low balance alarms are raised and cleared once each', async () => {
    const alarms = async (): Promise<readonly string[]> =>
      (await readAll<AlarmSignal>(site, topics.alarmSignals))
        .filter((signal) => signal.subjectKind === 'account')
        .map((signal) => `${signal.kind} ${signal.state}`);
    // Opened with less than both thresholds.
    expect(await alarms()).toEqual(['low-balance-1 raised', 'low-balance-2 raised']);
    await consume();
    await consume({ slots: { 19: 10 } });
    expect((await alarms()).slice(2)).toEqual(['arrears raised']);
    await vend(10_000_000);
    expect((await alarms()).slice(3)).toEqual(['low-balance-2 cleared', 'arrears cleared']);
    await vend(100_000_000);
    expect((await alarms()).slice(5)).toEqual(['low-balance-1 cleared']);
  });
});
