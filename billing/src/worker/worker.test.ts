// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { createLogger } from '@wattledger/platform';
import { createWorker } from './worker.ts';

const logger = createLogger({ level: 'silent', name: 'test' });
/** Never comes by itself within a test. */
const everyMs = 3_600_000;

test('steps until nothing is left, again when woken, and not after it was stopped', async () => {
  let left = 3;
  let steps = 0;
  let done: () => void = () => undefined;
  const nothingLeft = (): Promise<void> => new Promise((resolve) => (done = resolve));
  const worker = createWorker({
    name: 'test',
    everyMs,
    logger,
    step: async () => {
      steps += 1;
      left = Math.max(0, left - 1);
      if (left === 0) done();
      return left > 0;
    },
  });
  worker.wake();
  expect(steps).toBe(0); // not started yet
  const first = nothingLeft();
  worker.start();
  await first;
  expect(steps).toBe(3);
  // Woken at any moment, also while it runs: never lost.
  for (let round = 0; round < 20; round += 1) {
    const again = nothingLeft();
    left = 2;
    worker.wake();
    for (let turn = 0; turn < round; turn += 1) await Promise.resolve();
    worker.wake();
    await again;
  }
  await worker.stop();
  const stopped = steps;
  worker.wake();
  await worker.stop();
  expect(steps).toBe(stopped);
});

test('stop waits for the step in hand, and a failed step stops nothing else', async () => {
  let release: () => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let ended = false;
  const worker = createWorker({
    name: 'test',
    everyMs,
    logger,
    step: async () => {
      begin();
      await new Promise<void>((resolve) => (release = resolve));
      ended = true;
      throw new Error('the database is away');
    },
  });
  worker.start();
  await begun;
  const stopping = worker.stop();
  expect(ended).toBe(false);
  release();
  await stopping;
  expect(ended).toBe(true);
});
