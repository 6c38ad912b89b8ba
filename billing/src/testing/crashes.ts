// SPDX-License-Identifier: Apache-2.0
/** Crashes on demand: at the n-th query of a transaction, or between its commit and the caller's next step. */
import type { Database, Transaction } from '@wattledger/platform';

export class Crash extends Error {
  constructor() {
    super('the process was killed here');
    this.name = 'Crash';
  }
}

export interface Crashes {
  wrap(database: Database): Database;
  /** The next crash comes after so many more queries in transactions; null: none. After the last query: after the commit. */
  arm(queries: number | null): void;
}

export function createCrashes(): Crashes {
  let left: number | null = null;
  const strike = (): void => {
    if (left === null) return;
    if (left === 0) {
      left = null;
      throw new Crash();
    }
    left -= 1;
  };
  return {
    arm: (queries) => void (left = queries),
    wrap: (database) => ({
      query: async (text, parameters) => await database.query(text, parameters),
      listen: async (channel, handle) => await database.listen(channel, handle),
      close: async () => await database.close(),
      transaction: async (fn, options) => {
        const result = await database.transaction(async (transaction) => {
          // The object itself is kept: the event log knows a transaction by it.
          const mutable = transaction as { query: Transaction['query'] };
          const query = mutable.query.bind(transaction);
          mutable.query = async (text, parameters) => {
            strike();
            return await query(text, parameters);
          };
          return await fn(transaction);
        }, options);
        strike();
        return result;
      },
    }),
  };
}
