// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type AlarmSignal } from '@wattledger/contracts';
import type { HeldReadings, HeldRegisters } from '@wattledger/contracts/http/stream';
import {
  half,
  mountingOf,
  readingsOf,
  segmentOf,
  startMs,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';

let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('held');
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

async function held(query = '', projectId = 'prj_1'): Promise<HeldReadings> {
  const answer = await kit.get(`/api/projects/${projectId}/held-readings${query}`);
  expect(answer.status).toBe(200);
  return answer.body as HeldReadings;
}
const countsOf = (answer: HeldReadings): Record<string, number> =>
  Object.fromEntries(answer.counts.map(({ reason, readings }) => [reason, readings]));

test('readings of an unknown meter wait, and count by themselves when it is mounted', async () => {
  await kit.read(readingsOf('mtr_a', [10, 20, 30]));
  await kit.settle();
  expect(countsOf(await held())).toEqual({ 'unknown-meter': 3 });
  await kit.mount(mountingOf('mtr_a'));
  await kit.settle();
  expect(countsOf(await held())).toEqual({});
  const [sum] = await kit.parts.warehouse.query<{ total: number }>(
    "SELECT sum(consumption) AS total FROM slots FINAL WHERE segment_id = 'seg_mtr_a'",
  );
  expect(sum?.total).toBe(20);
}, 60_000);

test('each reading that cannot be used is kept with its reason; nothing of another project is shown', async () => {
  await kit.mount(
    mountingOf('mtr_b', [
      segmentOf('mtr_b', {
        powerMax: 1000,
        toMs: startMs + 100 * half,
        openingReading: { instantMs: startMs, value: 100, scaler: 0 },
      }),
    ]),
  );
  await kit.read(readingsOf('mtr_b', [100, 150, 9_999_999, 200]));
  await kit.read(readingsOf('mtr_b', [151], startMs + half)); // another value
  await kit.read(readingsOf('mtr_b', [90], startMs - half)); // before it was mounted
  await kit.read(readingsOf('mtr_b', [900], startMs + 200 * half)); // after it was taken away
  await kit.read({ ...readingsOf('mtr_b', [205], startMs + 5 * half), receivedAt: startMs }); // two and a half hours ahead
  await kit.read({ ...readingsOf('mtr_c', [1]), projectId: 'prj_2' });
  await kit.settle();
  const answer = await held();
  expect(countsOf(answer)).toEqual({
    'impossible-value': 1,
    conflict: 1,
    'not-mounted': 2,
    'impossible-instant': 1,
  });
  expect(answer.total).toBe(5);
  expect(answer.items.map(({ reason, value }) => [reason, value])).toEqual([
    ['not-mounted', 900],
    ['impossible-instant', 205],
    ['impossible-value', 9_999_999],
    ['conflict', 151],
    ['not-mounted', 90],
  ]);
  expect(countsOf(await held('', 'prj_2'))).toEqual({ 'unknown-meter': 1 });
  // The spike did not poison what came after it.
  const [sum] = await kit.parts.warehouse.query<{ total: number }>(
    "SELECT sum(consumption) AS total FROM slots FINAL WHERE segment_id = 'seg_mtr_b'",
  );
  expect(sum?.total).toBe(100);
}, 60_000);

test('pages follow one another without a gap or a repetition', async () => {
  const all = (await held('?limit=500')).items;
  const paged: HeldReadings['items'] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: HeldReadings = await held(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    paged.push(...page.items);
    cursor = page.next;
  }
  expect(paged).toEqual(all);
  expect((await held('?reason=not-mounted')).items).toHaveLength(2);
  expect((await held('?meterId=mtr_x')).items).toEqual([]);
  expect((await kit.get('/api/projects/prj_1/held-readings?cursor=%00')).status).toBe(400);
  expect((await kit.get('/api/projects/prj_1/held-readings?reason=nonsense')).status).toBe(400);
}, 60_000);

test('a register that fell is held with an alarm, and a restart accepted as a new segment lets everything count', async () => {
  const signals: AlarmSignal[] = [];
  const tail = await kit.parts.eventLog.tail(
    topics.alarmSignals,
    (records) => void signals.push(...records.map(({ value }) => value)),
  );
  await kit.mount(mountingOf('mtr_d'));
  await kit.read(readingsOf('mtr_d', [1000, 1010, 1020, 3, 9, 15]));
  await kit.settle();
  const registers = async (): Promise<HeldRegisters['registers']> =>
    ((await kit.get('/api/projects/prj_1/held-registers')).body as HeldRegisters).registers;
  expect(await registers()).toMatchObject([
    {
      meterId: 'mtr_d',
      reason: 'register-fell',
      lastAccepted: { value: 1020 },
      heldFromMs: startMs + 3 * half,
      heldToMs: startMs + 5 * half,
    },
  ]);
  // It passes the old value: still nobody has decided, so nothing is guessed.
  await kit.read(readingsOf('mtr_d', [1030], startMs + 6 * half));
  await kit.settle();
  expect(countsOf(await held('?meterId=mtr_d'))['register-fell']).toBe(4);
  const restartMs = startMs + 3 * half;
  await kit.mount(
    mountingOf('mtr_d', [
      segmentOf('mtr_d', { toMs: restartMs }),
      segmentOf('mtr_d', { segmentId: 'seg_mtr_d_2', fromMs: restartMs }),
    ]),
  );
  await kit.settle();
  expect(await registers()).toEqual([]);
  expect(countsOf(await held())['register-fell']).toBeUndefined();
  const sums = await kit.parts.warehouse.query(
    "SELECT segment_id, sum(consumption) AS total FROM slots FINAL WHERE metering_point_id = 'pnt_mtr_d' GROUP BY segment_id ORDER BY segment_id",
  );
  expect(sums).toEqual([
    { segment_id: 'seg_mtr_d', total: 20 },
    { segment_id: 'seg_mtr_d_2', total: 1027 },
  ]);
  await tail.stop();
  expect(
    signals.filter(({ subjectId }) => subjectId === 'mtr_d').map(({ kind, state }) => [kind, state]),
  ).toEqual([
    ['reading-held', 'raised'],
    ['reading-held', 'cleared'],
  ]);
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('a record that is not what the contract says is kept and does not stop the others', async () => {
  await kit.parts.eventLog.append(topics.meterLog, [
    {
      key: 'mtr_e',
      value: {
        ...readingsOf('mtr_e', [1, 2]),
        series: [{ register: 'import', scaler: 0, quality: 0, instants: [startMs], values: [1, 2] }],
      },
    },
    { key: 'mtr_e', value: mountingOf('mtr_e', undefined, { zone: 'Mars/Olympus' }) },
    { key: 'mtr_e', value: mountingOf('mtr_e') },
    { key: 'mtr_e', value: readingsOf('mtr_e', [1, 2]) },
  ]);
  await kit.settle();
  const refused = await kit.parts.database.query<{ fault: string }>(
    'SELECT fault FROM stream.refused_records ORDER BY log_offset',
  );
  expect(refused.rows.map(({ fault }) => fault)).toEqual([
    'series 0: instants and values are not of one length',
    'unknown time zone Mars/Olympus',
  ]);
  const health = await kit.stream.health();
  expect(health).toMatchObject({ state: 'degraded', facts: { recordsRefused: 2, recordsWaiting: 0 } });
}, 60_000);
