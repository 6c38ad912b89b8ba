// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type MeterLogRecord } from '@wattledger/contracts';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createIngestService } from '../ingest-service.ts';
import { createIngestMetrics } from '../metrics/ingest-metrics.ts';
import { createPollResults, type MeterResult } from './poll-results.ts';
import { readMeterStates } from './states-store.ts';

let parts: TestParts;
const result = (meterId: string, value: number | null, changes: Partial<MeterResult> = {}): MeterResult => ({
  meterId,
  projectId: 'prj_a',
  gatewayId: 'gtw_a',
  attemptMs: 1_000 + (value ?? 0),
  answer:
    value === null
      ? null
      : {
          registers: [
            { register: 'energy.active.total', value, scaler: 1, unit: 'Wh', instantMs: 1_000 + value },
            { register: 'energy.active.peak', value: 1, scaler: 1, unit: 'Wh', instantMs: 1_000 + value },
          ],
          parameters: { 'voltage.l1': 230.1 },
          relay: 'closed',
          relayAtMs: 1_000 + value,
          atMs: 1_000 + value,
        },
  reported: new Set(['energy.active.total']),
  fault: value === null ? { kind: 'no-answer', text: 'no answer', atMs: 1_000 } : null,
  liveness: { online: value !== null, missedCycles: value === null ? 1 : 0, answersInRow: 0, alarmed: false },
  turned: false,
  countsAsPoll: true,
  ...changes,
});
async function logged(): Promise<readonly (readonly [string, number])[]> {
  const rows = await parts.database.query<{ payload: string }>(
    'SELECT b.payload::text AS payload FROM event_log.batches b WHERE b.topic = $1 ORDER BY b.first_offset',
    [topics.meterLog.name],
  );
  const records = rows.rows.flatMap((row) => JSON.parse(row.payload) as [string, MeterLogRecord][]);
  return records.flatMap(([key, value]) =>
    value.kind === 'readings' ? value.series.map(({ values }) => [key, values[0] ?? NaN] as const) : [],
  );
}

beforeAll(async () => {
  parts = await startTestParts({ name: 'poll-results' });
  await createIngestService(parts).migrate();
}, 60_000);
afterAll(async () => {
  await parts.stop();
}, 60_000);

test('while the database refuses, results are kept; afterwards each is stored once, log and state together', async () => {
  const results = createPollResults(parts, createIngestMetrics(parts.metrics));
  await parts.database.query('ALTER TABLE ingest.meter_states RENAME TO meter_states_away');
  let durable = 0;
  const adding = [result('mtr_1', 1), result('mtr_2', 2), result('mtr_1', 3)].map(async (one) => {
    await results.addMeter(one);
    durable += 1;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  // Nothing counts as done, and the log holds nothing that the state does not.
  expect([durable, await logged()]).toEqual([0, []]);
  await parts.database.query('ALTER TABLE ingest.meter_states_away RENAME TO meter_states');
  await Promise.all(adding);
  expect(await logged()).toEqual([
    ['mtr_1', 1],
    ['mtr_2', 2],
    ['mtr_1', 3],
  ]);
  const state = (await readMeterStates(parts.database, ['mtr_1'])).get('mtr_1');
  expect(state).toMatchObject({ lastGoodMs: 1_003, polls: 2, answers: 2, relay: 'closed' });
  expect(state?.registers.map(({ value }) => value)).toEqual([3, 1]);
  await results.stop();
});

test('a miss forgets nothing of what was seen; what a command saw counts as no poll', async () => {
  const results = createPollResults(parts, createIngestMetrics(parts.metrics));
  await results.addMeter(result('mtr_3', 5));
  await results.addMeter(result('mtr_3', null));
  const seen = { registers: [], parameters: {}, relay: 'open' as const, relayAtMs: 2_000, atMs: 2_000 };
  await results.addMeter(result('mtr_3', 6, { answer: seen, countsAsPoll: false, attemptMs: 2_000 }));
  await results.stop();
  expect((await readMeterStates(parts.database, ['mtr_3'])).get('mtr_3')).toMatchObject({
    lastGoodMs: 2_000,
    lastAttemptMs: 1_000,
    relay: 'open',
    relayAtMs: 2_000,
    registers: [{ value: 5 }, { value: 1 }],
    parameters: { 'voltage.l1': 230.1 },
    fault: { kind: 'no-answer' },
    polls: 2,
    answers: 1,
  });
});

test('what became durable is counted', async () => {
  const text = await parts.metrics.metrics();
  expect(text).toMatch(/wattledger_ingest_polls_total\{result="answered"\} 4\n/);
  expect(text).toMatch(/wattledger_ingest_polls_total\{result="no-answer"\} 1\n/);
  expect(text).toMatch(/wattledger_ingest_readings_total\{source="poll"\} 4\n/);
});

test('stop stores what was handed in', async () => {
  const results = createPollResults(parts, createIngestMetrics(parts.metrics));
  const adding = results.addMeter(result('mtr_4', 9));
  await results.stop();
  await adding;
  expect((await logged()).filter(([meterId]) => meterId === 'mtr_4')).toEqual([['mtr_4', 9]]);
});
