// SPDX-License-Identifier: Apache-2.0
/** Postgres over `pg`: the same adapter for the embedded cluster and for a server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';
import pg from 'pg';
import { OperatingError } from '../errors.ts';
import {
  createNotificationListener,
  type NotificationListener,
  type ServerSession,
} from './notification-listener.ts';
import type { Database, QueryResult, Transaction, TransactionOptions } from './port.ts';

export interface DatabaseOptions {
  /** Connections this process may hold; further callers wait. */
  readonly connectionsMax?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** A statement that runs longer is cancelled; 0 = never. */
  readonly statementTimeoutMs?: number;
  /** How long a caller waits for a free connection before an error. */
  readonly acquireTimeoutMs?: number;
  /** Told about connections that broke while idle; they are replaced by themselves. */
  readonly onConnectionError?: (error: Error) => void;
}

const transactionAttemptsMax = 4;
const idleInTransactionMsMax = 900_000;
const serializationFailure = '40001';
const deadlockDetected = '40P01';

/** int8 beyond ±2^53 would be silently rounded by a JavaScript number: that is our mistake, so it is loud. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is outside ±2^53: select it as text`);
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  if (text === '{}') return [];
  if (text.includes('{', 1)) throw new RangeError('int8 arrays of more than one dimension are not supported');
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'NULL' ? null : parseInt8(item)));
}

const parserOf: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [20, parseInt8],
  [1016, parseInt8Array],
  // date: a calendar day has no instant; pg would make it local midnight of this machine.
  [1082, (text) => text],
  [1182, (text) => (text === '{}' ? [] : text.slice(1, -1).split(','))],
  // timestamp without zone: likewise no instant.
  [1114, (text) => text],
]);

const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format ?? 'text') === 'text'
      ? (parserOf.get(oid) ?? pg.types.getTypeParser(oid))
      : pg.types.getTypeParser(oid, 'binary')) as typeof pg.types.getTypeParser,
};

/** SQLSTATE classes and socket errors after which the connection, not the statement, is at fault. */
function isConnectionTrouble(error: Error & { code?: string }): boolean {
  const code = error.code ?? '';
  return (
    /^(08|57P0[123]|53300)/.test(code) ||
    /^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|AI_AGAIN|NOTFOUND)/.test(code) ||
    /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
      error.message,
    )
  );
}

/** The one error a caller sees for a lost or refused connection; SQL errors pass as pg's DatabaseError with `code`. */
function asDatabaseError(error: unknown): unknown {
  // Errors of the runtime are of another realm in some test runners: asked by kind, not by class.
  if (types.isNativeError(error) && isConnectionTrouble(error)) {
    return new OperatingError(
      'database-unreachable',
      `the database cannot be reached: ${error.message === '' ? String((error as { code?: unknown }).code) : error.message}`,
      { retryable: true, cause: error },
    );
  }
  return error;
}

/** What a transaction may be told to do once it has committed; used by the event log to wake consumers. */
const afterCommitOf = new WeakMap<Transaction, (() => void)[]>();

/** Runs `action` after the transaction has committed; never when it rolls back. */
export function afterCommit(transaction: Transaction, action: () => void): void {
  const actions = afterCommitOf.get(transaction);
  if (actions === undefined) throw new Error('afterCommit needs a transaction of an open Database');
  actions.push(action);
}

const configOf = new WeakMap<Database, pg.ClientConfig>();

/** A connection of the caller's own, outside the pool; the caller ends it. For COPY, which a pool's query cannot carry. */
export async function connectionOf(database: Database): Promise<pg.Client> {
  const config = configOf.get(database);
  if (config === undefined) throw new Error('connectionOf needs a Database made by openDatabase');
  const client = new pg.Client(config);
  // A connection that breaks fails the query under way; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw asDatabaseError(error);
  });
  return client;
}

const listenerOf = new WeakMap<Database, NotificationListener>();

/** The server session that lives as long as this process: by it others see that the process is alive. */
export async function sessionOf(database: Database): Promise<ServerSession> {
  const listener = listenerOf.get(database);
  if (listener === undefined) throw new Error('sessionOf needs a Database made by openDatabase');
  return await listener.session();
}

async function runQuery<Row>(
  client: pg.Pool | pg.ClientBase,
  text: string,
  parameters: readonly unknown[],
): Promise<QueryResult<Row>> {
  try {
    const answer = (await client.query(text, parameters as unknown[])) as pg.QueryResult | pg.QueryResult[];
    // Several statements in one text (migrations) answer with one result each: the last stands for all.
    const result = Array.isArray(answer) ? answer.at(-1) : answer;
    if (result === undefined) return { rows: [], rowCount: 0 };
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
  } catch (error) {
    throw asDatabaseError(error);
  }
}

class PostgresDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #listener: NotificationListener;
  readonly #onClosing: () => void;
  #closing: Promise<void> | null = null;

  constructor(pool: pg.Pool, listener: NotificationListener, onClosing: () => void) {
    this.#pool = pool;
    this.#onClosing = onClosing;
    this.#listener = listener;
    listenerOf.set(this, listener);
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return await runQuery<Row>(this.#pool, text, parameters);
  }

  async transaction<T>(
    fn: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#runTransaction(fn, options);
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        const retryable = code === serializationFailure || code === deadlockDetected;
        if (!retryable || attempt >= transactionAttemptsMax) throw error;
        await sleep(5 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  async #runTransaction<T>(
    fn: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions,
  ): Promise<T> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw asDatabaseError(error);
    });
    let open = true;
    let broken: Error | undefined;
    const onError = (error: Error): void => void (broken = error);
    client.on('error', onError);
    const transaction: Transaction = {
      kind: 'transaction',
      query: async <Row>(text: string, parameters: readonly unknown[] = []) => {
        if (!open)
          throw new Error(
            'a query was sent through a transaction that has ended: await every query inside it',
          );
        return await runQuery<Row>(client, text, parameters);
      },
    };
    const actions: (() => void)[] = [];
    afterCommitOf.set(transaction, actions);
    let result: T;
    try {
      await runQuery(
        client,
        options.isolation === undefined
          ? 'BEGIN'
          : `BEGIN ISOLATION LEVEL ${isolationSql[options.isolation]}`,
        [],
      );
      result = await fn(transaction);
      open = false;
      await commit(client);
    } catch (error) {
      open = false;
      await client.query('ROLLBACK').catch((rollbackError: unknown) => {
        broken ??= rollbackError as Error;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
    for (const action of actions) action();
    return result;
  }

  async listen(channel: string, handle: () => void): Promise<() => Promise<void>> {
    return await this.#listener.listen(channel, handle);
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#onClosing();
      await this.#listener.close();
      await this.#pool.end();
    })();
    await this.#closing;
  }
}

const isolationSql = {
  'read committed': 'READ COMMITTED',
  'repeatable read': 'REPEATABLE READ',
  serializable: 'SERIALIZABLE',
} as const;

/** COMMIT of a transaction in which a statement failed answers ROLLBACK without an error: that must not look like success. */
async function commit(client: pg.ClientBase): Promise<void> {
  const result = await client.query('COMMIT').catch((error: unknown) => {
    throw asDatabaseError(error);
  });
  if (result.command !== 'COMMIT')
    throw new Error('the transaction was rolled back: an error of one of its statements was swallowed');
}

/**
 * Opens a pool on a Postgres URL (postgres://user:password@host:port/name) and proves that it answers.
 * @throws OperatingError database-unreachable
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const config: pg.ClientConfig = {
    connectionString: url,
    application_name: options.applicationName ?? 'wattledger',
    types: typeParsers,
    keepAlive: true,
    statement_timeout: options.statementTimeoutMs ?? 0,
    // A transaction that nobody continues holds locks and keeps vacuum from its work.
    idle_in_transaction_session_timeout: idleInTransactionMsMax,
  };
  let closing = false;
  const onError = (error: Error): void => {
    // What breaks while we take leave anyway is nobody's concern.
    if (!closing) options.onConnectionError?.(error);
  };
  const pool = new pg.Pool({
    ...config,
    max: options.connectionsMax ?? 16,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 60_000,
    idleTimeoutMillis: 60_000,
  });
  pool.on('error', onError);
  const database = new PostgresDatabase(pool, createNotificationListener(config, onError), () => {
    closing = true;
  });
  configOf.set(database, config);
  try {
    await database.query('SELECT 1');
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
