// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { oldestUnchargedMsMax, overallState, pipelineLag } from './health.ts';

const lag = (records: number, oldestMs: number | null) => ({ records, oldestMs, headOffset: 100 });

test('the oldest record not yet charged is the oldest of both stages', () => {
  expect(pipelineLag(lag(2, 5_000), lag(3, 4_000))).toEqual({
    acceptedRecords: 100,
    uncountedRecords: 2,
    unchargedRecords: 3,
    oldestUnchargedMs: 4_000,
  });
  expect(pipelineLag(lag(0, null), lag(0, null)).oldestUnchargedMs).toBeNull();
});

test('the worst part decides, and a pipeline that lags is degraded', () => {
  const idle = pipelineLag(lag(0, null), lag(0, null));
  expect(overallState(['ok', 'ok'], idle, 0)).toBe('ok');
  expect(overallState(['ok', 'failed', 'degraded'], idle, 0)).toBe('failed');
  const behind = pipelineLag(lag(1, 1_000), lag(0, null));
  expect(overallState(['ok'], behind, 1_000 + oldestUnchargedMsMax)).toBe('ok');
  expect(overallState(['ok'], behind, 1_001 + oldestUnchargedMsMax)).toBe('degraded');
});
