// SPDX-License-Identifier: Apache-2.0
/** ClickHouse inside this process: chDB through the same client as a server. One data directory per process. */
import { mkdir } from 'node:fs/promises';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { OperatingError } from '../errors.ts';
import { asWarehouseError } from './clickhouse-error.ts';
import { insertColumnar } from './columnar-insert.ts';
import { declareTopology } from './migrate-warehouse.ts';
import type { Warehouse, WarehouseValue } from './port.ts';
import { declareTableFiles, everyRow, fileFormat } from '../store-copy/table-files.ts';
import { checkedName, parameterText, setParameterStatements, stringLiteral } from './sql-literal.ts';

export interface ChdbWarehouseOptions {
  /** Folder of the data; made when missing. */
  readonly directory: string;
  /**
   * Questions that run at the same time, besides one insert. Each keeps one thread of libuv's pool, which file access
   * and password hashing share; default: that pool's size (UV_THREADPOOL_SIZE, 4 unless set) less 2, at most 4.
   */
  readonly queriesMax?: number;
}

/** Statements that may wait for a session. At 20 ms each that is ten seconds of waiting: more would only time out. */
const waitingMax = 500;

/** Clients that each own one session of the engine; a session runs one statement at a time. */
class SessionPool {
  readonly #make: () => ClickHouseClient;
  readonly #idle: ClickHouseClient[];
  readonly #waiting: ((client: ClickHouseClient) => void)[] = [];

  constructor(size: number, make: () => ClickHouseClient) {
    this.#make = make;
    this.#idle = Array.from({ length: size }, make);
  }

  /** @throws OperatingError warehouse-busy when too many wait already */
  async use<T>(work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    if (this.#waiting.length >= waitingMax)
      throw new OperatingError('warehouse-busy', `${waitingMax} statements wait for the warehouse already`, {
        retryable: true,
      });
    let client =
      this.#idle.pop() ?? (await new Promise<ClickHouseClient>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(client);
    } catch (error) {
      // chDB 3.4 leaves the output of a statement that failed while running in its session, and puts it before the next
      // one's answer: another caller would be shown foreign rows. Such a session is never used again; a new one costs 1 ms.
      const spoilt = client;
      client = this.#make();
      await spoilt.close().catch(() => undefined);
      throw asWarehouseError(error);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(client);
      else next(client);
    }
  }

  /** Call when nothing is in use. */
  async close(): Promise<void> {
    for (const client of this.#idle.splice(0)) await client.close();
  }
}

class ChdbWarehouse implements Warehouse {
  /** Apart, so that a burst of dashboard questions never holds up the pipeline, nor the other way round. */
  readonly #inserts: SessionPool;
  readonly #queries: SessionPool;
  #closing: Promise<void> | null = null;
  #inFlight = 0;
  #whenIdle: (() => void) | null = null;

  constructor(inserts: SessionPool, queries: SessionPool) {
    this.#inserts = inserts;
    this.#queries = queries;
  }

  async #tracked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new Error('the warehouse is closed');
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#whenIdle?.();
    }
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly WarehouseValue[])[],
  ): Promise<void> {
    await this.#tracked(
      async () =>
        await this.#inserts.use(async (client) => await insertColumnar(client, table, columns, rows)),
    );
  }

  async query<Row>(
    sql: string,
    parameters: Readonly<Record<string, unknown>> = {},
    settings: Readonly<Record<string, string | number>> = {},
  ): Promise<readonly Row[]> {
    return await this.#tracked(
      async () =>
        await this.#queries.use(async (client) => {
          const result = await client.query({ query: prepared(sql, parameters, settings), format: 'JSON' });
          return (await result.json<Row>()).data;
        }),
    );
  }

  async command(sql: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.#tracked(async () => {
      await this.#inserts.use(async (client) => {
        await client.command({ query: prepared(sql, parameters, {}) });
      });
    });
  }

  /** Beside the questions: a copy of a large table must not hold up the pipeline. */
  async writeFile(select: string, path: string): Promise<number> {
    await this.#tracked(
      async () =>
        await this.#queries.use(async (client) => {
          const query = `INSERT INTO FUNCTION file(${stringLiteral(path)}, '${fileFormat}') ${select}`;
          await client.command({ query });
        }),
    );
    const [counted] = await this.query<{ rows: number }>(`SELECT count() AS rows FROM (${select})`);
    return counted?.rows ?? 0;
  }

  async close(): Promise<void> {
    this.#closing ??= (async () => {
      // Closing a session under a running statement brings the engine down.
      if (this.#inFlight > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
      await this.#queries.close();
      await this.#inserts.close();
    })();
    await this.#closing;
  }
}

/** Parameters by SET on the session, settings by the SETTINGS clause: neither outlives or leaks out of the statement's turn. */
function prepared(
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, string | number>>,
): string {
  const texts = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, parameterText(value)]),
  );
  const pairs = Object.entries(settings).map(
    ([name, value]) =>
      `${checkedName(name)} = ${typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`}`,
  );
  const body = sql.trim().replace(/;$/, '');
  return `${setParameterStatements(texts)}${body}${pairs.length === 0 ? '' : `\nSETTINGS ${pairs.join(', ')}`}`;
}

/** @throws Error when this process has already opened another directory, or another process holds this one */
export async function openChdbWarehouse(options: ChdbWarehouseOptions): Promise<Warehouse> {
  await mkdir(options.directory, { recursive: true });
  // chDB types its connection against its own copy of the client's interface; the shapes are the same.
  const connection = (): Parameters<typeof createClient>[0] =>
    ({ connection: createChdbConnection({ path: options.directory }) }) as unknown as Parameters<
      typeof createClient
    >[0];
  const client = (): ClickHouseClient =>
    createClient({ ...connection(), log: { level: ClickHouseLogLevel.OFF } });
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  const queriesMax = options.queriesMax ?? Math.max(1, Math.min(4, threads - 2));
  const warehouse = new ChdbWarehouse(new SessionPool(1, client), new SessionPool(queriesMax, client));
  declareTopology(warehouse, { cluster: null, flushed: true });
  declareTableFiles(warehouse, {
    write: async (select, path) => await warehouse.writeFile(select, path),
    read: async (table, columns, path) => {
      const names = columns.map(checkedName).join(', ');
      await warehouse.command(
        `INSERT INTO ${checkedName(table)} (${names}) SETTINGS ${everyRow} SELECT ${names} FROM file(${stringLiteral(path)}, '${fileFormat}')`,
      );
    },
  });
  return warehouse;
}
