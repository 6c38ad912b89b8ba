// SPDX-License-Identifier: Apache-2.0
/** The whole stream on real parts: log in, tables out. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar, topics, type IntervalEnergy, type Mounting } from '@wattledger/contracts';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createStreamService, type StreamService } from './index.ts';

let parts: TestParts;
let stream: StreamService;
beforeAll(async () => {
  parts = await startTestParts({ name: 'stream' });
  stream = createStreamService(parts);
  await stream.migrate();
  await stream.start();
}, 60_000);
afterAll(async () => {
  await stream.stop();
  await parts.stop();
});

const mounting = (meterId: string): Mounting => ({
  kind: 'mounting', meterId, projectId: 'prj_1', zone: 'Europe/Berlin', slotMinutes: 30, calendar: flatCalendar,
  segments: [{
    segmentId: `seg_${meterId}`, register: 'import', meteringPointId: `pnt_${meterId}`, quantity: 'active-import',
    fromMs: Date.parse('2026-01-01T00:00:00Z'), toMs: null, multiplierNumerator: 1, multiplierDenominator: 1,
    registerMax: null, powerMax: 1_000_000, openingReading: null, closingReading: null,
  }],
});

test('a reading becomes slots, interval energy and days', async () => {
  const from = Date.parse('2026-02-01T00:00:00Z');
  const instants = Array.from({ length: 200 }, (_, index) => from + index * 1_800_000);
  const values = instants.map((_, index) => index * 25);
  await parts.eventLog.append(topics.meterLog, [{ key: 'mtr_1', value: mounting('mtr_1') }]);
  await parts.eventLog.append(topics.meterLog, [{ key: 'mtr_1', value: {
    kind: 'readings', meterId: 'mtr_1', projectId: 'prj_1', source: 'poll', receivedAt: parts.clock.nowMs(),
    series: [{ register: 'import', scaler: 1, quality: 0, instants, values }],
  } }]);
  const heard: IntervalEnergy[] = [];
  const consumer = await parts.eventLog.consume({ group: 'test', topic: topics.intervalEnergy, recordsMax: 100, handle: async (batch) => {
    heard.push(...batch.records.map((record) => record.value));
    await parts.database.transaction(async (transaction) => await batch.commit(transaction));
  } });
  await parts.drain();
  await consumer.stop();
  const [sum] = await parts.warehouse.query<{ total: number; slots: number }>('SELECT sum(consumption) AS total, count() AS slots FROM slots FINAL');
  expect(sum).toEqual({ total: 199 * 250, slots: 199 });
  expect(heard.map((record) => [record.localDay, record.index.length])).toEqual([
    ['2026-02-01', 46], ['2026-02-02', 48], ['2026-02-03', 48], ['2026-02-04', 48], ['2026-02-05', 9],
  ]);
});
