// SPDX-License-Identifier: Apache-2.0
/** Goal: each kind is raised and cleared once, also over restarts and replays. Method: real parts; what detection tells is read from the log. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  topics,
  usualRule,
  type AlarmKind,
  type AlarmRule,
  type AlarmSignal,
  type RegistrySnapshot,
} from '@wattledger/contracts';
import {
  half,
  mountingOf,
  readingsOf,
  segmentOf,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';

jest.setTimeout(120_000);

const hour = 2 * half;
const day = 24 * hour;
const projectId = 'prj_1';
const nowMs = Date.parse('2026-12-01T00:00:00Z');

let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('alarms');
  await tell({
    entity: 'project',
    id: projectId,
    projectId,
    snapshot: {
      ...{ id: projectId, code: 'p', name: 'P', zone: 'Europe/Berlin', currency: 'EUR', slotMinutes: 30 },
      ...{ pollIntervalSeconds: 1800, calendar: mountingOf('x').calendar, areaM2: null, address: null },
      ...{ latitude: null, longitude: null },
    },
  });
  await scheme({ overload: { thresholds: { powerW: 5000, clearPercent: 90 }, clearSeconds: 0 } });
});
afterAll(async () => {
  await kit.stop();
});

async function tell(snapshot: RegistrySnapshot): Promise<void> {
  await kit.parts.eventLog.append(topics.registrySnapshots, [
    { key: `${snapshot.entity}/${snapshot.id}`, value: snapshot },
  ]);
  await kit.parts.drain();
}
async function scheme(
  changes: Partial<Record<AlarmKind, Partial<AlarmRule>>>,
  tenantClass: string | null = null,
): Promise<void> {
  const rules = Object.fromEntries(
    Object.entries(changes).map(([kind, change]) => [kind, { ...usualRule(kind as AlarmKind), ...change }]),
  );
  const id = `asc_${tenantClass ?? 'all'}`;
  await tell({ entity: 'alarm-scheme', id, projectId, snapshot: { id, projectId, tenantClass, rules } });
}
async function point(
  meterId: string,
  more: {
    readonly tenantId?: string;
    readonly parentId?: string;
    readonly medium?: 'water';
    readonly mounting?: { readonly powerMax: number; readonly multiplierNumerator: number };
  } = {},
): Promise<void> {
  const id = `pnt_${meterId}`;
  await tell({
    entity: 'metering-point',
    id,
    projectId,
    snapshot: {
      ...{
        id,
        projectId,
        code: id,
        name: id,
        medium: more.medium ?? 'electricity',
        role: 'sub',
        subItem: 'other',
        placeId: null,
      },
      ...{ tenantId: more.tenantId ?? null, areaM2: null, headcount: null },
      parentLinks: more.parentId === undefined ? [] : [{ parentId: more.parentId, fromMs: 0, toMs: null }],
      mountings: [
        {
          ...{ segmentId: `seg_${meterId}`, meterId, register: 'import', fromMs: 0, toMs: null },
          ...more.mounting,
        },
      ],
    },
  });
}
async function polled(
  meterId: string,
  atMs: number,
  parameters: Readonly<Record<string, number>>,
): Promise<void> {
  await kit.parts.eventLog.append(topics.telemetry, [
    {
      key: meterId,
      value: { projectId, meterId, gatewayId: null, at: atMs, online: true, relay: 'closed', parameters },
    },
  ]);
  await kit.parts.drain();
}
let readers = 0;
/** Everything told of a subject, as `kind state`, oldest first. */
async function told(subjectId: string): Promise<readonly string[]> {
  const found: AlarmSignal[] = [];
  readers += 1;
  const consumer = await kit.parts.eventLog.consume({
    group: `reader-${readers}`,
    topic: topics.alarmSignals,
    recordsMax: 1000,
    async handle(batch) {
      await kit.parts.database.transaction(async (transaction) => await batch.commit(transaction));
      found.push(...batch.records.map(({ value }) => value));
    },
  });
  await kit.parts.drain();
  await consumer.stop();
  return found
    .filter((signal) => signal.subjectId === subjectId)
    .map(({ kind, state }) => `${kind} ${state}`);
}

test('overload: once when it begins, once when it ends, whatever trembles in between', async () => {
  await point('over');
  for (const [minute, powerW] of [5100, 4900, 5200, 4800, 5300, 3000, 3000, 5100].entries())
    await polled('over', nowMs + minute * 60_000, { 'power.active.total': powerW });
  expect(await told('over')).toEqual(['overload raised', 'overload cleared', 'overload raised']);
});

test('voltage loss, reverse flow, imbalance and clock drift are raised and cleared', async () => {
  await point('sick');
  await scheme({ 'phase-imbalance': { holdSeconds: 0 } });
  const well = {
    'voltage.l1': 230,
    'voltage.l2': 231,
    'voltage.l3': 229,
    'power.active.total': 900,
    'clock.driftSeconds': 2,
  };
  const even = { 'current.l1': 10, 'current.l2': 10, 'current.l3': 10 };
  await polled('sick', nowMs, {
    ...{
      'voltage.l1': 230,
      'voltage.l2': 4,
      'voltage.l3': 229,
      'power.active.total': -900,
      'clock.driftSeconds': 600,
    },
    ...{ 'current.l1': 30, 'current.l2': 1, 'current.l3': 10 },
  });
  await polled('sick', nowMs + 60_000, { ...well, ...even });
  await polled('sick', nowMs + 600_000, { ...well, ...even });
  const kinds = ['voltage-loss', 'reverse-flow', 'phase-imbalance', 'clock-drift'];
  expect([...(await told('sick'))].sort()).toEqual(
    kinds.flatMap((kind) => [`${kind} cleared`, `${kind} raised`]).sort(),
  );
});

test('where no scheme gives a limit of power that of the mounting holds, on the meter’s side of its transformers', async () => {
  await point('narrow', { mounting: { powerMax: 8000, multiplierNumerator: 4 } });
  await polled('narrow', nowMs, { 'power.active.total': 1900 });
  expect(await told('narrow')).toEqual([]);
  await polled('narrow', nowMs + 60_000, { 'power.active.total': 2100 });
  expect(await told('narrow')).toEqual(['overload raised']);
});

test('the scheme of the tenant’s class holds before that of everything; switched off ends what was raised', async () => {
  await tell({
    entity: 'tenant',
    id: 'tnt_1',
    projectId,
    snapshot: { id: 'tnt_1', projectId, code: 't', name: 'T', tenantClass: 'shop', phone: null, email: null },
  });
  await scheme({ overload: { thresholds: { powerW: 1000 } } }, 'shop');
  await point('shop', { tenantId: 'tnt_1' });
  await polled('shop', nowMs, { 'power.active.total': 1500 });
  expect(await told('shop')).toEqual(['overload raised']);
  await scheme({ overload: { enabled: false } }, 'shop');
  await polled('shop', nowMs + 1000, { 'power.active.total': 1500 });
  expect(await told('shop')).toEqual(['overload raised', 'overload cleared']);
});

test('a meter that answers while its readings stopped is stale, and not when it goes on', async () => {
  await point('stale');
  const fromMs = nowMs - 10 * half;
  await kit.mount(mountingOf('stale', [segmentOf('stale', { fromMs })]));
  await kit.read(readingsOf('stale', [0, 10, 20, 30], fromMs));
  await kit.settle();
  await polled('stale', nowMs - 6 * half, {});
  expect(await told('stale')).toEqual([]);
  await polled('stale', nowMs, {});
  await polled('stale', nowMs + half, {});
  expect(await told('stale')).toEqual(['stale-reading raised']);
  await kit.read(readingsOf('stale', [40, 50], nowMs + half));
  await kit.settle();
  await polled('stale', nowMs + half + 1000, {});
  await polled('stale', nowMs + half + 1000 + 300_000, {});
  expect(await told('stale')).toEqual(['stale-reading raised', 'stale-reading cleared']);
});

test('the poll that ends a gap is known before its reading is counted: nothing is stale', async () => {
  await point('back');
  const fromMs = nowMs - 20 * half;
  await kit.mount(mountingOf('back', [segmentOf('back', { fromMs })]));
  await kit.read(readingsOf('back', [0, 10], fromMs));
  await kit.settle();
  // Ten hours later, after a stop of the product.
  await polled('back', nowMs, {});
  await kit.read(readingsOf('back', [90], nowMs));
  await kit.settle();
  await polled('back', nowMs + half, {});
  expect(await told('back')).toEqual([]);
});

/** Three weeks of half-hours, 500 Wh each, then what is added to each slot of the last day. */
const weeks = (slotsLast: readonly number[]): readonly number[] => {
  let value = 0;
  const values = Array.from({ length: 21 * 48 }, () => (value += 500));
  return [...values, ...slotsLast.map((energy) => (value += energy))];
};

test('a day far beyond the usual is told once, and not again by a restart', async () => {
  await point('greedy');
  const fromMs = nowMs - 21 * day;
  await kit.mount(mountingOf('greedy', [segmentOf('greedy', { fromMs })]));
  const values = weeks(Array.from({ length: 20 }, () => 6000));
  // The clock stands at the beginning of the last day's readings.
  kit.parts.clock.set(nowMs + 10 * hour);
  await kit.read(readingsOf('greedy', values, fromMs));
  await kit.settle();
  await kit.stream.settleAlarms();
  expect(await told('pnt_greedy')).toContain('over-consumption raised');
  const before = await told('pnt_greedy');
  await kit.stream.stop();
  await kit.stream.start();
  await kit.read(readingsOf('greedy', values.slice(-1), fromMs + (values.length - 1) * half));
  await kit.parts.drain();
  await kit.stream.settleAlarms();
  expect(await told('pnt_greedy')).toEqual(before);
});

test('a point that stands still while it usually moves', async () => {
  await point('still');
  const fromMs = nowMs - 20 * day;
  await kit.mount(mountingOf('still', [segmentOf('still', { fromMs })]));
  await kit.read(readingsOf('still', weeks(Array.from({ length: 10 }, () => 0)).slice(0, 20 * 48), fromMs));
  await kit.read(
    readingsOf(
      'still',
      Array.from({ length: 60 }, () => 20 * 48 * 500),
      nowMs,
    ),
  );
  kit.parts.clock.set(nowMs + 30 * hour);
  await kit.settle();
  await kit.stream.settleAlarms();
  expect(await told('pnt_still')).toEqual(['abnormal-consumption raised']);
});

test('water that flows all night is a leak; a point where it rests at night has none', async () => {
  const fromMs = nowMs - 5 * day;
  const slots = Array.from({ length: 5 * 48 }, (_, slot) => (slot * 30 + 60) % 1440);
  const isNight = (minute: number): boolean => minute >= 60 && minute < 300;
  for (const [meterId, atNight] of [
    ['leak', 2],
    ['tight', 0],
  ] as const) {
    await point(meterId, { medium: 'water' });
    const segment = segmentOf(meterId, { fromMs, quantity: 'water-volume' });
    await kit.mount(mountingOf(meterId, [segment]));
    let value = 0;
    const values = slots.map((minute) => (value += isNight(minute) ? atNight : 9));
    await kit.read(readingsOf(meterId, [0, ...values], fromMs));
  }
  kit.parts.clock.set(nowMs + hour);
  await kit.settle();
  await kit.stream.settleAlarms();
  expect(await told('pnt_leak')).toEqual(['abnormal-consumption raised']);
  expect(await told('pnt_tight')).toEqual([]);
});

test('history that is read in raises nothing', async () => {
  await point('history');
  const fromMs = nowMs - 120 * day;
  await kit.mount(mountingOf('history', [segmentOf('history', { fromMs })]));
  await kit.read(readingsOf('history', weeks(Array.from({ length: 20 }, () => 9000)), fromMs));
  await kit.settle();
  await kit.stream.settleAlarms();
  expect(await told('pnt_history')).toEqual([]);
});

test('history that is filled in behind the newest reading raises nothing', async () => {
  await point('filled');
  const fromMs = nowMs - 40 * day;
  await kit.mount(mountingOf('filled', [segmentOf('filled', { fromMs })]));
  const values = weeks(Array.from({ length: 30 }, () => 9000));
  await kit.read(readingsOf('filled', [20_000_000], nowMs + 30 * hour));
  await kit.settle();
  await kit.stream.settleAlarms();
  for (const from of [0, 500, 1000])
    await kit.read(
      readingsOf('filled', values.slice(from, from + 500), fromMs + from * half, { source: 'back-fill' }),
    );
  await kit.settle();
  await kit.stream.settleAlarms();
  expect(await told('pnt_filled')).toEqual([]);
});

test('energy that comes out of a point that only takes it', async () => {
  await point('export');
  const segment = segmentOf('export', { fromMs: nowMs, quantity: 'active-export' });
  await kit.mount(mountingOf('export', [segment]));
  await kit.read(readingsOf('export', [0, 500, 1000], nowMs));
  await kit.settle();
  expect(await told('pnt_export')).toEqual(['reverse-flow raised']);
});

test('a parent that measures far more than its children', async () => {
  await point('main');
  await point('leaf', { parentId: 'pnt_main' });
  const fromMs = nowMs - 2 * day;
  const ramp = (perSlot: number): readonly number[] =>
    Array.from({ length: 2 * 48 + 4 }, (_, index) => index * perSlot);
  for (const [meterId, perSlot] of [
    ['main', 1000],
    ['leaf', 400],
  ] as const) {
    await kit.mount(mountingOf(meterId, [segmentOf(meterId, { fromMs })]));
    await kit.read(readingsOf(meterId, ramp(perSlot), fromMs));
  }
  await kit.settle();
  await kit.settle();
  expect(await told('pnt_main')).toEqual(['energy-not-closing raised']);
});
