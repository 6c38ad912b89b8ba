// SPDX-License-Identifier: Apache-2.0
/** A ClickHouse server (or our front before chDB) over HTTP. */
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { asWarehouseError } from './clickhouse-error.ts';
import { insertColumnar } from './columnar-insert.ts';
import { declareTopology } from './migrate-warehouse.ts';
import { declareTableFiles, everyRow, fileFormat } from '../store-copy/table-files.ts';
import type { Warehouse, WarehouseValue } from './port.ts';
import { checkedName } from './sql-literal.ts';

const lineFeed = 0x0a;

export interface ServerWarehouseOptions {
  /** Requests in flight to the server. */
  readonly connectionsMax?: number;
  readonly requestTimeoutMs?: number;
  /** Name of the ClickHouse cluster on which migrations make tables; left out: a single server. */
  readonly cluster?: string;
}

class ServerWarehouse implements Warehouse {
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  async insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly WarehouseValue[])[],
  ): Promise<void> {
    try {
      await insertColumnar(this.#client, table, columns, rows);
    } catch (error) {
      throw asWarehouseError(error);
    }
  }

  async query<Row>(
    sql: string,
    parameters: Readonly<Record<string, unknown>> = {},
    settings: Readonly<Record<string, string | number>> = {},
  ): Promise<readonly Row[]> {
    try {
      const result = await this.#client.query({
        query: sql,
        query_params: parameters,
        format: 'JSON',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0, ...settings },
      });
      return (await result.json<Row>()).data;
    } catch (error) {
      throw asWarehouseError(error);
    }
  }

  async command(sql: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<void> {
    try {
      await this.#client.command({ query: sql, query_params: parameters });
    } catch (error) {
      throw asWarehouseError(error);
    }
  }

  async writeFile(select: string, path: string): Promise<number> {
    try {
      const answer = await this.#client.exec({ query: `${select} FORMAT ${fileFormat}` });
      let lines = 0;
      const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const chunk of source) {
          for (const byte of chunk) if (byte === lineFeed) lines += 1;
          yield chunk;
        }
      };
      await pipeline(answer.stream, counted, createZstdCompress(), createWriteStream(path));
      // The format writes a line feed within a value as two characters; two lines are names and types.
      return Math.max(0, lines - 2);
    } catch (error) {
      throw asWarehouseError(error);
    }
  }

  async readFile(table: string, columns: readonly string[], path: string): Promise<void> {
    const rows = createReadStream(path).pipe(createZstdDecompress());
    try {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${checkedName(table)} (${columns.map(checkedName).join(', ')}) SETTINGS ${everyRow} FORMAT ${fileFormat}`,
        values: rows,
      });
      for await (const _ of stream);
    } catch (error) {
      throw asWarehouseError(error);
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/**
 * @param url http(s)://user:password@host:8123/database
 * @throws OperatingError warehouse-unreachable
 */
export async function openServerWarehouse(
  url: string,
  options: ServerWarehouseOptions = {},
): Promise<Warehouse> {
  const client = createClient({
    url,
    max_open_connections: options.connectionsMax ?? 16,
    request_timeout: options.requestTimeoutMs ?? 120_000,
    // Errors are thrown and logged once by whoever handles them.
    log: { level: ClickHouseLogLevel.OFF },
    compression: { request: false, response: false },
  });
  const answer = await client.ping({ select: true });
  if (!answer.success) {
    await client.close();
    throw asWarehouseError(answer.error);
  }
  const warehouse = new ServerWarehouse(client);
  declareTopology(warehouse, { cluster: options.cluster ?? null });
  declareTableFiles(warehouse, {
    write: async (select, path) => await warehouse.writeFile(select, path),
    read: async (table, columns, path) => {
      await warehouse.readFile(table, columns, path);
    },
  });
  return warehouse;
}
