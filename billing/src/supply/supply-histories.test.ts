// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: whatever happens, a meter is never opened for want of credit in protected hours, on a stale or estimated reading or with
 * a payment announced, and one who has credit is connected within a minute of the meter being reachable. Method: random days with
 * a meter that obeys only while it is online, and judges each command at the moment it carries it out.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  topics,
  type CommandOutcome,
  type MeterCommand,
  type RelayState,
  type Telemetry,
} from '@wattledger/contracts';
import { energy, projectId } from '../testing/messages.ts';
import {
  addProtectedHours,
  cashier,
  failingChecks,
  openAccount,
  openPolicy,
  pointAndMeter,
  pointSnapshot,
  setPrices,
  startTestSite,
  type TestSite,
} from '../testing/test-site.ts';

const zone = 'Europe/Berlin';
const minuteMs = 60_000;
const startMs = Date.parse('2026-03-28T08:00:00+01:00');
/** 22:00 to 06:00 every day, over the night in which clocks go forward; noon on Sundays. */
const protectedHours = [
  { weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 1320, toMinute: 1800 },
  { weekdays: [7], fromMinute: 720, toMinute: 780 },
];
const isProtected = (atMs: number): boolean => {
  const { hour, weekday } = DateTime.fromMillis(atMs, { zone });
  return hour >= 22 || hour < 6 || (weekday === 7 && hour === 12);
};

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      minutes: fc.constantFrom(1, 5, 29, 60, 180, 420),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('consume' as const),
      wh: fc.integer({ min: 0, max: 4000 }),
      quality: fc.constantFrom(0, 0, 0, 1),
      lateMinutes: fc.constantFrom(0, 0, 5, 120),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('vend' as const),
      amountMicros: fc.integer({ min: 1, max: 6_000_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('announce' as const),
      minutes: fc.integer({ min: 10, max: 600 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('line' as const), online: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
);
/** A disconnection that is wanted but cannot be carried out until something stands against it. */
const missed = fc
  .record({
    wh: fc.integer({ min: 2000, max: 9000 }),
    against: fc.constantFrom('announce' as const, 'night' as const),
    minutes: fc.constantFrom(1, 5, 29),
  })
  .map(({ wh, against, minutes }): readonly Step[] => [
    { kind: 'line', online: false },
    { kind: 'consume', wh, quality: 0, lateMinutes: 0 },
    against === 'announce' ? { kind: 'announce', minutes: 300 } : { kind: 'night' },
    { kind: 'consume', wh: 1, quality: 0, lateMinutes: 0 },
    { kind: 'line', online: true },
    { kind: 'wait', minutes },
  ]);
const history = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: step.map((item): readonly Step[] => [item]) },
      { weight: 1, arbitrary: missed },
    ),
    { minLength: 5, maxLength: 25 },
  )
  .map((parts) => parts.flat());
type Step = (typeof step extends fc.Arbitrary<infer T> ? T : never) | { readonly kind: 'night' };

describe('any day of a prepaid meter', () => {
  let site: TestSite;
  let run = 0;
  beforeAll(async () => {
    site = await startTestSite({
      name: 'supply-histories',
      nowMs: startMs,
      points: [],
      partitionCountOf: () => 1,
    });
    const calendarIds = [await addProtectedHours(site.billing, protectedHours)];
    await site.billing.supply.setPolicy(projectId, { ...openPolicy, calendarIds }, cashier);
  }, 60_000);
  afterAll(async () => await site.stop());

  async function createMeter() {
    run += 1;
    const { billing, parts } = site;
    parts.clock.set(startMs);
    const pointId = `pnt_${run}`;
    const meterId = `mtr_${pointId}`;
    await site.tell(pointAndMeter(pointSnapshot(pointId)));
    const { priceSchemeId } = await setPrices(billing, {
      name: `Prices ${run}`,
      fromMs: 0,
      rates: { peak: 1_000_000, valley: 1_000_000 },
    });
    const openedAtMs = startMs - 60 * minuteMs;
    const accountId = await openAccount(billing, {
      priceSchemeId,
      points: [pointId],
      openedAtMs,
      firstVendMicros: 2_000_000,
    });
    let relay: RelayState = 'closed';
    let online = true;
    let failures = 0;
    let revision = 0;
    let taken = 0;
    let reading = { atMs: 0, quality: 0 };
    let announcedUntilMs = 0;
    const breaches: string[] = [];

    const publish = async (
      topic: typeof topics.telemetry | typeof topics.commandOutcomes,
      value: Telemetry | CommandOutcome,
    ): Promise<void> => {
      await parts.eventLog.append(topic as typeof topics.telemetry, [
        { key: meterId, value: value as Telemetry },
      ]);
      await parts.drain();
    };
    const poll = async (): Promise<void> =>
      await publish(topics.telemetry, {
        projectId,
        meterId,
        gatewayId: null,
        at: parts.clock.nowMs(),
        online,
        relay: online ? relay : 'unknown',
        parameters: {},
      });
    const commands = async (): Promise<readonly MeterCommand[]> => {
      const { rows } = await parts.database.query<{ payload: string }>(
        'SELECT payload FROM event_log.batches WHERE topic = $1 ORDER BY first_offset',
        [topics.meterCommands.name],
      );
      return rows.flatMap((row) =>
        (JSON.parse(row.payload) as [string, MeterCommand][])
          .filter(([key]) => key === meterId)
          .map(([, value]) => value),
      );
    };
    const judge = (nowMs: number): void => {
      if (isProtected(nowMs))
        breaches.push(`opened at ${DateTime.fromMillis(nowMs, { zone }).toISO()}, in protected hours`);
      if (announcedUntilMs > nowMs) breaches.push('opened with a payment announced');
      if (reading.quality !== 0) breaches.push('opened on an estimated reading');
      if (nowMs - reading.atMs > openPolicy.freshnessLimitMinutes * minuteMs + 2 * minuteMs)
        breaches.push('opened on a stale reading');
    };
    /** Takes the commands that have come, obeying or failing; those past their time are dropped. */
    const obey = async (): Promise<void> => {
      const all = await commands();
      for (const command of all.slice(taken)) {
        taken += 1;
        if (command.kind !== 'switch-supply') continue;
        const nowMs = parts.clock.nowMs();
        const late = nowMs > command.expiresAt;
        const works = online && !late && failures === 0;
        if (online && !late && failures > 0) failures -= 1;
        if (works && command.action === 'disconnect') {
          judge(nowMs);
          relay = 'open';
        }
        if (works && command.action === 'connect') relay = 'closed';
        const outcome = works ? 'confirmed' : late ? 'expired' : 'failed';
        await publish(topics.commandOutcomes, {
          commandId: command.commandId,
          projectId,
          meterId,
          kind: command.kind,
          action: command.action,
          outcome,
          reportedRelay: online ? relay : 'unknown',
          evidence: '',
          attempts: 1,
          at: nowMs,
        });
      }
    };
    const tick = async (): Promise<void> => {
      await billing.settle();
      await obey();
      await billing.settle();
    };
    const balance = async (): Promise<number> =>
      (await billing.accounts.row(projectId, accountId)).balanceMicros;

    async function take(item: Step, name: string): Promise<void> {
      switch (item.kind) {
        case 'wait':
          // By the minute, as the workers would see it; an online meter is polled on the way.
          for (let minute = 0; minute < item.minutes; minute += Math.max(1, Math.floor(item.minutes / 12))) {
            parts.clock.advance(Math.max(1, Math.floor(item.minutes / 12)) * minuteMs);
            await tick();
          }
          return;
        case 'consume': {
          const nowMs = parts.clock.nowMs();
          const at = nowMs - item.lateMinutes * minuteMs;
          if (at <= openedAtMs) return;
          revision += 1;
          reading = at >= reading.atMs ? { atMs: at, quality: item.quality } : reading;
          const day = DateTime.fromMillis(at, { zone }).toISODate() as string;
          const local = energy({ meteringPointId: pointId, day, revision, slots: { 0: 0 } });
          const slot = Math.floor((at - local.firstSlotMs) / (30 * minuteMs));
          const value = energy({
            meteringPointId: pointId,
            day,
            revision,
            slots: { [slot]: item.wh },
            lastReadingMs: at,
            lastReadingQuality: item.quality,
          });
          await parts.eventLog.append(topics.intervalEnergy, [{ key: pointId, value }]);
          await parts.drain();
          return await tick();
        }
        case 'vend':
          await billing.vends.vend(
            projectId,
            { requestId: name, accountId, amountMicros: item.amountMicros, means: 'cash' },
            cashier,
          );
          return await tick();
        case 'announce': {
          const expiresAtMs = parts.clock.nowMs() + item.minutes * minuteMs;
          announcedUntilMs = Math.max(announcedUntilMs, expiresAtMs);
          await billing.vends.announcePayment(
            projectId,
            { requestId: name, accountId, amountMicros: 1, means: 'transfer', reference: name, expiresAtMs },
            cashier,
          );
          return await tick();
        }
        case 'line':
          online = item.online;
          await poll();
          return await tick();
        case 'night': {
          const local = DateTime.fromMillis(parts.clock.nowMs(), { zone });
          if (local.hour < 22) parts.clock.set(local.set({ hour: 22, minute: 1 }).toMillis());
          return await tick();
        }
        case 'fail':
          failures = item.times;
      }
    }

    /** Reachable again and with credit: how long until the supply is on. */
    async function minutesUntilOn(): Promise<number> {
      failures = 0;
      online = true;
      if ((await balance()) <= 0) {
        await billing.vends.vend(
          projectId,
          { requestId: `last-${run}-vend`, accountId, amountMicros: 100_000_000, means: 'cash' },
          cashier,
        );
      }
      await poll();
      for (let half = 0; half <= 20; half += 1) {
        await tick();
        if (relay === 'closed') return half / 2;
        parts.clock.advance(minuteMs / 2);
      }
      return Infinity;
    }
    return { take, minutesUntilOn, breaches };
  }

  test('nobody is wronged', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const meter = await createMeter();
        for (const [index, item] of steps.entries()) await meter.take(item, `supply-${run}-${index}`);
        expect(meter.breaches).toEqual([]);
        expect(await meter.minutesUntilOn()).toBeLessThanOrEqual(1);
        expect(await failingChecks(site.billing)).toEqual([]);
      }),
      { numRuns: Number(process.env['WATTLEDGER_HISTORIES'] ?? 8), endOnFailure: true },
    );
  }, 600_000);
});
