// SPDX-License-Identifier: Apache-2.0
/** A ClickHouse server (or our front before chDB) over HTTP. */
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { asWarehouseError } from './clickhouse-error.ts';
import { insertColumnar } from './columnar-insert.ts';
import { declareTopology } from './migrate-warehouse.ts';
import type { Warehouse, WarehouseValue } from './port.ts';

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
  return warehouse;
}
