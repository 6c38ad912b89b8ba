// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isRunning, runInRunningProduct } from './control-client.ts';
import { openControlSocket, type ControlHandler } from './control-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wattledger-control-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a directory that is not there yet is made: with servers in place of the embedded stores nothing else makes it', async () => {
  const directory = join(folder, 'not', 'there');
  const handler: ControlHandler = async (options, print) => {
    print({ kind: 'text', text: JSON.stringify(options) });
    return 7;
  };
  const socket = await openControlSocket(directory, {
    doctor: handler,
    'import-site': handler,
    'import-readings': handler,
    rebuild: handler,
    backup: handler,
  });
  expect(await isRunning(directory)).toBe(true);
  const printed: string[] = [];
  const code = await runInRunningProduct(directory, 'doctor', { a: 1 }, (line) => {
    if (line.kind === 'text') printed.push(line.text);
  });
  await socket.close();
  expect([code, printed]).toEqual([7, ['{"a":1}']]);
  expect(await isRunning(directory)).toBe(false);
});
