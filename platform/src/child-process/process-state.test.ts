// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { processState } from './process-state.ts';

test('a running process has a beginning that stays and a command; an ended one is nothing', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pid = child.pid ?? 0;
  const first = await processState(pid);
  expect(first?.command).toContain('setInterval');
  expect(first?.began).not.toBe('');
  expect((await processState(pid))?.began).toBe(first?.began);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(await processState(pid)).toBeNull();
  expect(await processState(0)).toBeNull();
  expect(await processState(2 ** 30)).toBeNull();
});
