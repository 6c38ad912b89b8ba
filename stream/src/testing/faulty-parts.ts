// SPDX-License-Identifier: Apache-2.0
/** Real parts that fail at one chosen call, before or after it has done its work: a crash at any await of the consumer. */
import type { Parts, Transaction } from '@wattledger/platform';

export interface Fault {
  /** Which call fails, counted from 1; Infinity = none. */
  readonly at: number;
  /** Whether the call does its work first. */
  readonly when: 'before' | 'after';
}

export class InjectedCrash extends Error {
  constructor(what: string) {
    super(`crash at ${what}`);
    this.name = 'InjectedCrash';
  }
}

export class CrashingParts {
  readonly parts: Parts;
  calls = 0;
  readonly #fault: Fault;

  constructor(real: Parts, fault: Fault) {
    this.#fault = fault;
    this.parts = {
      ...real,
      warehouse: {
        insert: async (table, columns, rows) =>
          await this.#run(
            `insert into ${table}`,
            async () => await real.warehouse.insert(table, columns, rows),
          ),
        query: async (sql, parameters, settings) =>
          await this.#run(
            'a question to the warehouse',
            async () => await real.warehouse.query(sql, parameters, settings),
          ),
        command: async (sql, parameters) => await real.warehouse.command(sql, parameters),
        close: async () => undefined,
      },
      database: {
        query: async (text, parameters) =>
          await this.#run('a query', async () => await real.database.query(text, parameters)),
        // A transaction that fails `after` has committed: nobody was told.
        transaction: async (fn, options) =>
          await this.#run(
            'a transaction',
            async () =>
              await real.database.transaction(
                async (transaction) => await fn(this.#within(transaction)),
                options,
              ),
          ),
        listen: async (channel, handle) => await real.database.listen(channel, handle),
        close: async () => undefined,
      },
      eventLog: {
        ...real.eventLog,
        append: async (topic, records, transaction) =>
          await this.#run(
            `append to ${topic.name}`,
            async () =>
              await real.eventLog.append(
                topic,
                records,
                transaction === undefined ? undefined : this.#inner(transaction),
              ),
          ),
      },
    };
  }

  readonly #realOf = new WeakMap<Transaction, Transaction>();

  #within(transaction: Transaction): Transaction {
    const wrapped: Transaction = {
      kind: 'transaction',
      query: async (text, parameters) =>
        await this.#run('a statement', async () => await transaction.query(text, parameters)),
    };
    this.#realOf.set(wrapped, transaction);
    return wrapped;
  }

  #inner(transaction: Transaction): Transaction {
    return this.#realOf.get(transaction) ?? transaction;
  }

  async #run<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    const fails = this.calls === this.#fault.at;
    if (fails && this.#fault.when === 'before') throw new InjectedCrash(what);
    const result = await work();
    if (fails) throw new InjectedCrash(what);
    return result;
  }
}
