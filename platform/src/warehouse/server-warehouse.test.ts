// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFront, type RunningFront } from '../testing/test-warehouse.ts';
import { warehouseConformance, type WarehouseHarness } from './conformance.ts';
import { fillPlaceholders, migrateWarehouse } from './migrate-warehouse.ts';
import type { Warehouse } from './port.ts';
import { openServerWarehouse } from './server-warehouse.ts';

async function start(): Promise<WarehouseHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'wattledger-front-'));
  let front = await startFront(directory);
  let opened = await openServerWarehouse(front.url);
  // Calls go to whichever server is running now.
  const warehouse: Warehouse = {
    insert: async (...given) => await opened.insert(...given),
    query: async (...given) => await opened.query(...given),
    command: async (...given) => await opened.command(...given),
    close: async () => await opened.close(),
  };
  return {
    warehouse,
    migrate: async (name, folder) => await migrateWarehouse(warehouse, { name, directory: folder }),
    killAndReopen: async () => {
      await front.stop('kill');
      await opened.close();
      front = await startFront(directory);
      opened = await openServerWarehouse(front.url);
    },
    stop: async () => {
      await opened.close();
      await front.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

warehouseConformance('ClickHouse over HTTP (the front before chDB)', start);

describe("the front speaks ClickHouse's HTTP", () => {
  let front: RunningFront;
  let directory: string;
  let base: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wattledger-front-'));
    front = await startFront(directory);
    base = front.url.replace('default:@', '');
  }, 60_000);
  afterAll(async () => {
    await front.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const post = async (
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; text: string }> => {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body: body as string }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  test('ping, statements in the URL and in the body, the default format', async () => {
    expect(await (await fetch(`${base}/ping`)).text()).toBe('Ok.\n');
    expect((await post(`/?query=${encodeURIComponent('SELECT 1, 2')}`)).text).toBe('1\t2\n');
    expect((await post('/', 'SELECT 3 AS n FORMAT JSONEachRow')).text).toBe('{"n":3}\n');
    expect((await post('/?default_format=CSV', "SELECT 'a'")).text).toBe('"a"\n');
  });

  test('parameters, settings, a database of its own; nothing of it stays', async () => {
    await post('/', 'CREATE DATABASE one');
    await post('/?database=one', 'CREATE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n');
    expect(
      (
        await post(
          `/?database=one&query=${encodeURIComponent('INSERT INTO t FORMAT TabSeparated')}`,
          '1\n2\n',
        )
      ).status,
    ).toBe(200);
    expect(
      (
        await post(
          '/?database=one&param_least=2&max_threads=1',
          "SELECT n, getSetting('max_threads') FROM t WHERE n >= {least:Int64}",
        )
      ).text,
    ).toBe('2\t1\n');
    expect((await post('/', 'SELECT currentDatabase()')).text).toBe('default\n');
    expect((await post('/', 'SELECT {least:Int64}')).headers.get('x-clickhouse-exception-code')).toBe('456');
  });

  test("an error has the engine's code in the header, its text in the body and a status that fits", async () => {
    const answer = await post('/', 'SELECT bogus');
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([400, '47']);
    expect(answer.text).toMatch(/^Code: 47\. DB::Exception: .*UNKNOWN_IDENTIFIER/s);
    expect((await post('/', 'SELECT * FROM nowhere')).status).toBe(404);
    expect((await post('/?bad-name=1', 'SELECT 1')).status).toBe(500);
  });

  test('gzip both ways', async () => {
    const packed = await post(
      `/?query=${encodeURIComponent("SELECT toInt64(c1) FROM input('c1 String') FORMAT TSV")}`,
    );
    expect(packed.status).not.toBe(200);
    await post('/', 'CREATE TABLE z (n Int64) ENGINE = MergeTree ORDER BY n');
    expect(
      (
        await post(`/?query=${encodeURIComponent('INSERT INTO z FORMAT TSV')}`, gzipSync('7\n8\n'), {
          'content-encoding': 'gzip',
        })
      ).status,
    ).toBe(200);
    const bytes = await new Promise<{ encoding: string | undefined; first: number }>((resolve, reject) => {
      const request = httpRequest(
        `${base}/?enable_http_compression=1`,
        { method: 'POST', headers: { 'accept-encoding': 'gzip' } },
        (response) => {
          response.once('data', (chunk: Buffer) =>
            resolve({ encoding: response.headers['content-encoding'], first: chunk.readUInt16BE(0) }),
          );
        },
      );
      request.on('error', reject).end('SELECT sum(n) FROM z');
    });
    expect(bytes).toEqual({ encoding: 'gzip', first: 0x1f8b });
  });
});

test('on a cluster engines become replicated and DDL runs everywhere', () => {
  const sql =
    'CREATE TABLE t :on_cluster (n Int64) ENGINE = :engine(ReplacingMergeTree(revision)) ORDER BY n; CREATE TABLE u :on_cluster (n Int64) ENGINE = :engine(MergeTree) ORDER BY n';
  expect(fillPlaceholders(sql, { cluster: 'main' })).toBe(
    "CREATE TABLE t ON CLUSTER 'main' (n Int64) ENGINE = ReplicatedReplacingMergeTree(revision) ORDER BY n; CREATE TABLE u ON CLUSTER 'main' (n Int64) ENGINE = ReplicatedMergeTree ORDER BY n",
  );
  expect(fillPlaceholders(sql, { cluster: null })).toBe(
    'CREATE TABLE t  (n Int64) ENGINE = ReplacingMergeTree(revision) ORDER BY n; CREATE TABLE u  (n Int64) ENGINE = MergeTree ORDER BY n',
  );
  expect(() => fillPlaceholders('ENGINE = :engine(A(b(c)))', { cluster: null })).toThrow(/cannot be read/);
});
