// SPDX-License-Identifier: Apache-2.0
/** Goal: what waits for a decision is proposed over HTTP, decided once, and not proposed again. Method: the stream on real parts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { topics, type Telemetry } from '@wattledger/contracts';
import type { Explanation, SegmentProposals } from '@wattledger/contracts/http/segment-proposals';
import {
  half,
  mountingOf,
  readingsOf,
  segmentOf,
  startMs,
  startTestStream,
  type TestStream,
} from '../testing/test-stream.ts';
import { ratioOf, runsOf } from './device-ratios.ts';

let kit: TestStream;
beforeAll(async () => {
  kit = await startTestStream('proposals');
}, 60_000);
afterAll(async () => {
  await kit.stop();
});

const path = '/api/projects/prj_1/segment-proposals';
async function proposals(projectId = 'prj_1'): Promise<SegmentProposals> {
  const answer = await kit.get(`/api/projects/${projectId}/segment-proposals`);
  expect(answer.status).toBe(200);
  return answer.body as SegmentProposals;
}
async function energyOf(pointId: string): Promise<number> {
  const [sum] = await kit.parts.warehouse.query<{ total: number }>(
    'SELECT sum(consumption) AS total FROM slots FINAL WHERE metering_point_id = {pointId:String}',
    { pointId },
  );
  return sum?.total ?? 0;
}

test('a restart is proposed; mounted as proposed, exactly the energy foreseen is counted and nothing waits', async () => {
  await kit.mount(mountingOf('mtr_a'));
  await kit.read(readingsOf('mtr_a', [1000, 1010, 1020, 1030, 3, 13, 23]));
  await kit.settle();
  const { proposals: found, waiting } = await proposals();
  expect(waiting).toBe(1);
  expect(found).toMatchObject([
    {
      meterId: 'mtr_a',
      segmentId: 'seg_mtr_a',
      reason: 'register-fell',
      readingsHeld: 3,
      consumptionNow: 10,
      spanToMs: startMs + 6 * half,
      rejected: null,
    },
  ]);
  expect(found[0]?.readings.map(({ value, counts }) => [value, counts])).toEqual([
    [1000, true],
    [1010, true],
    [1020, true],
    [1030, true],
    [3, false],
    [13, false],
    [23, false],
  ]);
  const best = found[0]?.explanations[0] as Explanation;
  expect(best).toMatchObject({ kind: 'restart', consumptionChange: 23 });
  expect((await proposals('prj_2')).proposals).toEqual([]);

  const before = await energyOf('pnt_mtr_a');
  await kit.mount(
    mountingOf(
      'mtr_a',
      best.after.map((one) => ({ ...one, segmentId: one.segmentId === 'new' ? 'seg_a2' : one.segmentId })),
    ),
  );
  await kit.settle();
  expect((await energyOf('pnt_mtr_a')) - before).toBe(23);
  expect(await proposals()).toMatchObject({ proposals: [], waiting: 0 });
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('rejected with a reason it stands last, also when more readings come; restored it is proposed again', async () => {
  await kit.mount(mountingOf('mtr_b'));
  await kit.mount(mountingOf('mtr_c'));
  await kit.read(readingsOf('mtr_b', [1000, 1010, 1020, 1030, 3, 13]));
  await kit.read(readingsOf('mtr_c', [1000, 1010, 1020, 1030, 1040, 3, 13]));
  await kit.settle();
  const [first] = (await proposals()).proposals;
  expect(first?.meterId).toBe('mtr_b');
  const of = `${path}/${first?.proposalId ?? ''}`;
  expect((await kit.http.send('POST', `${of}/reject`, { reason: ' ' })).status).toBe(400);
  const rejected = await kit.http.send('POST', `${of}/reject`, { reason: 'meter is on the bench' });
  expect(rejected.status).toBe(200);
  await kit.read(readingsOf('mtr_b', [23], startMs + 6 * half));
  await kit.settle();
  expect((await proposals()).proposals).toMatchObject([
    { meterId: 'mtr_c', rejected: null },
    { meterId: 'mtr_b', readingsHeld: 3, rejected: { reason: 'meter is on the bench' } },
  ]);
  expect((await kit.http.send('POST', `${of}/restore`)).status).toBe(200);
  expect((await kit.http.send('POST', `${of}/restore`)).status).toBe(409);
  expect((await proposals()).proposals[0]).toMatchObject({ meterId: 'mtr_b', rejected: null });
  // Another mounting is other evidence.
  await kit.mount(mountingOf('mtr_b', [segmentOf('mtr_b', { powerMax: 5 })]));
  await kit.settle();
  const gone = await kit.http.send('POST', `${of}/reject`, { reason: 'late' });
  expect([gone.status, (gone.body as { code: string }).code]).toEqual([409, 'proposal-gone']);
}, 60_000);

test('a meter that tells another ratio than before is proposed to be divided there, when we multiply by the old one', async () => {
  const ratio = { multiplierNumerator: 20 };
  await kit.mount(mountingOf('mtr_d', [segmentOf('mtr_d', ratio)]));
  await kit.mount(mountingOf('mtr_e'));
  await kit.read(readingsOf('mtr_d', [100, 110, 120, 130, 140]));
  await kit.read(readingsOf('mtr_e', [100, 110, 120, 130, 140]));
  // The ratio is asked for a moment after the register.
  const sinceMs = startMs + 2 * half;
  const told = (meterId: string, at: number, ct: number): Telemetry => ({
    projectId: 'prj_1',
    meterId,
    gatewayId: null,
    at,
    online: true,
    relay: 'unknown',
    parameters: { 'ratio.ct': ct, 'ratio.pt': 1 },
  });
  for (const meterId of ['mtr_d', 'mtr_e'])
    await kit.parts.eventLog.append(
      topics.telemetry,
      [told(meterId, startMs, 20), told(meterId, startMs + half, 20), told(meterId, sinceMs + 700, 30)].map(
        (value) => ({ key: meterId, value }),
      ),
    );
  await kit.settle();
  const found = (await proposals()).proposals.filter(({ reason }) => reason === 'ratio-changed');
  expect(found).toMatchObject([
    {
      meterId: 'mtr_d',
      consumptionNow: 400,
      explanations: [
        {
          kind: 'ratio-change',
          atMs: sinceMs,
          consumption: 600,
          consumptionChange: 200,
          after: [{ toMs: sinceMs }, { multiplierNumerator: 30, multiplierDenominator: 1 }],
        },
      ],
    },
  ]);
  const before = await energyOf('pnt_mtr_d');
  const after = found[0]?.explanations[0]?.after.map((one, index) => ({
    ...one,
    segmentId: `seg_d${index}`,
  }));
  await kit.mount(mountingOf('mtr_d', after));
  await kit.settle();
  expect((await energyOf('pnt_mtr_d')) - before).toBe(200);
  expect((await proposals()).proposals.filter(({ reason }) => reason === 'ratio-changed')).toEqual([]);
  expect(await kit.faults()).toEqual({});
}, 60_000);

test('of what meters say of their ratio only changes are kept, in order, one of a meter at a time', () => {
  const heard = (meterId: string, atMs: number, thousandths: number) => ({
    projectId: 'p',
    meterId,
    atMs,
    thousandths,
  });
  expect(
    runsOf([heard('a', 1, 20), heard('b', 1, 5), heard('a', 2, 20), heard('a', 3, 30), heard('a', 4, 20)]),
  ).toEqual([[heard('a', 1, 20), heard('b', 1, 5)], [heard('a', 3, 30)], [heard('a', 4, 20)]]);
  const of = {
    projectId: 'p',
    meterId: 'a',
    gatewayId: null,
    at: 1,
    online: true,
    relay: 'unknown' as const,
  };
  expect(ratioOf({ ...of, parameters: { 'ratio.ct': 40, 'ratio.pt': 0.1 } })?.thousandths).toBe(4_000);
  expect(ratioOf({ ...of, parameters: { 'ratio.pt': 1 } })).toBeNull();
  expect(ratioOf({ ...of, parameters: { 'ratio.ct': 0 } })).toBeNull();
});
