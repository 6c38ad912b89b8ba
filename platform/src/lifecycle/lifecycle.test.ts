// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { createLogger } from '../logger/logger.ts';
import { createLifecycle } from './lifecycle.ts';

const logger = createLogger({ level: 'silent' });

test('parts stop in the reverse order, also when one of them fails', async () => {
  const order: string[] = [];
  const lifecycle = createLifecycle({ logger });
  for (const name of ['database', 'log', 'server']) {
    await lifecycle.start(
      name,
      async () => name,
      async (part) => {
        order.push(part);
        if (part === 'log') throw new Error('stuck');
      },
    );
  }
  expect(await lifecycle.stop()).toBe(false);
  expect(await lifecycle.stop()).toBe(false);
  expect(order).toEqual(['server', 'log', 'database']);
});

test('a part that does not start takes down what was started before', async () => {
  const order: string[] = [];
  const lifecycle = createLifecycle({ logger });
  await lifecycle.start(
    'database',
    async () => 'database',
    async (part) => void order.push(part),
  );
  await expect(
    lifecycle.start(
      'log',
      async () => await Promise.reject(new Error('no disk')),
      async () => undefined,
    ),
  ).rejects.toThrow('no disk');
  expect(order).toEqual(['database']);
});

test('the first signal stops in order, the second ends at once', async () => {
  const exits: number[] = [];
  let release = (): void => undefined;
  const lifecycle = createLifecycle({ logger, exit: (code) => void exits.push(code) });
  lifecycle.onStop('slow', async () => await new Promise<void>((resolve) => (release = resolve)));
  const off = lifecycle.handleSignals();
  process.emit('SIGTERM', 'SIGTERM');
  await Promise.resolve();
  expect(exits).toEqual([]);
  process.emit('SIGINT', 'SIGINT');
  expect(exits).toEqual([130]);
  release();
  await lifecycle.stop();
  await Promise.resolve();
  expect(exits).toEqual([130, 0]);
  off();
});
