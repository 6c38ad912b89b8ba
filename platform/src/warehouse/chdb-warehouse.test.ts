// SPDX-License-Identifier: Apache-2.0
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildAnswer, ChildCall } from './chdb-child.ts';
import { warehouseConformance, type WarehouseHarness } from './conformance.ts';
import type { Warehouse } from './port.ts';

class ChdbChild {
  readonly #directory: string;
  #child: ChildProcess | null = null;
  #lastId = 0;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(): Promise<void> {
    const child = fork(fileURLToPath(new URL('./chdb-child.ts', import.meta.url)), [this.#directory], {
      execArgv: [],
      serialization: 'advanced',
    });
    this.#child = child;
    await new Promise<void>((resolve) => child.once('message', () => resolve()));
    child.on('message', ({ id, result, error }: ChildAnswer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(Object.assign(new Error(error.message), error));
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has ended'));
      this.#waiting.clear();
    });
  }

  async call(method: ChildCall['method'], ...parameters: unknown[]): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child?.send({ id, method, parameters } satisfies ChildCall);
    });
  }

  async end(signal?: 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (signal === undefined) child.disconnect();
    else child.kill(signal);
    await ended;
  }
}

async function start(): Promise<WarehouseHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'wattledger-chdb-'));
  const child = new ChdbChild(directory);
  await child.open();
  const warehouse: Warehouse = {
    insert: async (...given) => void (await child.call('insert', ...given)),
    query: async <Row>(...given: readonly unknown[]) =>
      (await child.call('query', ...given)) as readonly Row[],
    command: async (...given) => void (await child.call('command', ...given)),
    close: async () => void (await child.call('close')),
  };
  return {
    warehouse,
    migrate: async (name, folder) => void (await child.call('migrate', name, folder.href)),
    killAndReopen: async () => {
      await child.end('SIGKILL');
      await child.open();
    },
    stop: async () => {
      await warehouse.close();
      await child.end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

warehouseConformance('chDB inside a process', start);
