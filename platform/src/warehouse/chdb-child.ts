// SPDX-License-Identifier: Apache-2.0
/** chDB in a process of its own for the conformance suite: calls come by IPC. One engine holds one directory for the life of its process. */
import { openChdbWarehouse } from './chdb-warehouse.ts';
import { migrateWarehouse } from './migrate-warehouse.ts';

const [directory = ''] = process.argv.slice(2);
const warehouse = await openChdbWarehouse({ directory });

export interface ChildCall {
  readonly id: number;
  readonly method: 'insert' | 'query' | 'command' | 'close' | 'migrate';
  readonly parameters: readonly unknown[];
}
export interface ChildAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly code?: string;
    readonly retryable?: boolean;
  };
}

async function call({ method, parameters }: ChildCall): Promise<unknown> {
  if (method === 'migrate') {
    const [name, directoryHref] = parameters as [string, string];
    return await migrateWarehouse(warehouse, { name, directory: new URL(directoryHref) });
  }
  return await (warehouse[method] as (...given: readonly unknown[]) => Promise<unknown>)(...parameters);
}

process.on('message', (message: ChildCall) => {
  const answer = (part: Omit<ChildAnswer, 'id'>): void => void process.send?.({ id: message.id, ...part });
  call(message).then(
    (result) => answer({ result }),
    (error: Error & { code?: string; retryable?: boolean }) =>
      answer({
        error: {
          name: error.name,
          message: error.message,
          ...(error.code === undefined ? {} : { code: error.code }),
          ...(error.retryable === undefined ? {} : { retryable: error.retryable }),
        },
      }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0 });
