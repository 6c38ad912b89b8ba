// SPDX-License-Identifier: Apache-2.0
/** What every warehouse promises, asked of each adapter. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Warehouse, WarehouseValue } from './port.ts';

export interface WarehouseHarness {
  readonly warehouse: Warehouse;
  migrate(name: string, directory: URL): Promise<void>;
  /** kill -9 of the engine's process, then a new one on the same data. */
  killAndReopen(): Promise<void>;
  stop(): Promise<void>;
}

export function warehouseConformance(name: string, start: () => Promise<WarehouseHarness>): void {
  describe(`warehouse: ${name}`, () => {
    let harness: WarehouseHarness;
    const folders: string[] = [];
    beforeAll(async () => {
      harness = await start();
    }, 60_000);
    afterAll(async () => {
      await harness.stop();
      for (const folder of folders) await rm(folder, { recursive: true });
    }, 60_000);
    async function folderWith(files: Readonly<Record<string, string>>): Promise<URL> {
      const folder = await mkdtemp(join(tmpdir(), 'wattledger-warehouse-'));
      folders.push(folder);
      for (const [file, sql] of Object.entries(files)) await writeFile(join(folder, file), sql);
      return pathToFileURL(`${folder}/`);
    }

    test('whatever is inserted comes back: text, numbers, instants, arrays, nulls', async () => {
      const { warehouse } = harness;
      await warehouse.command(
        "CREATE TABLE kinds (n Int64, text String, short LowCardinality(String), maybe Nullable(Int64), instant DateTime64(3, 'UTC'), texts Array(String), counts Array(Int64), day Date, yes Bool) ENGINE = MergeTree ORDER BY n",
      );
      const text = fc.string({ unit: 'binary', maxLength: 20 });
      const rows = fc.uniqueArray(
        fc.record({
          n: fc.maxSafeInteger(),
          text,
          short: text,
          maybe: fc.option(fc.maxSafeInteger()),
          ms: fc.integer({ min: 0, max: 4_102_444_800_000 }),
          texts: fc.array(text, { maxLength: 3 }),
          counts: fc.array(fc.maxSafeInteger(), { maxLength: 3 }),
          day: fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
          yes: fc.boolean(),
        }),
        { selector: (row) => row.n, minLength: 1, maxLength: 20 },
      );
      await fc.assert(
        fc.asyncProperty(rows, async (given) => {
          await warehouse.command('TRUNCATE TABLE kinds');
          const day = (date: Date): string => date.toISOString().slice(0, 10);
          const values = given.map((row): readonly WarehouseValue[] => [
            row.n,
            row.text,
            row.short,
            row.maybe,
            row.ms,
            row.texts,
            row.counts,
            day(row.day),
            row.yes,
          ]);
          await warehouse.insert(
            'kinds',
            ['n', 'text', 'short', 'maybe', 'instant', 'texts', 'counts', 'day', 'yes'],
            values,
          );
          const found = await warehouse.query(
            'SELECT n, text, short, maybe, toUnixTimestamp64Milli(instant) AS ms, texts, counts, day, yes FROM kinds ORDER BY n',
          );
          expect(found).toEqual(
            given.map((row) => ({ ...row, day: day(row.day) })).sort((a, b) => a.n - b.n),
          );
        }),
        { numRuns: 25 },
      );
    }, 60_000);

    test('parameters are values, never SQL, whatever they hold', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.array(fc.string({ unit: 'binary', maxLength: 10 }), { maxLength: 4 }),
          fc.maxSafeInteger(),
          async (text, texts, n) => {
            const found = await harness.warehouse.query(
              'SELECT {text:String} AS text, {texts:Array(String)} AS texts, {n:Int64} AS n, {none:Nullable(String)} AS none',
              { text, texts, n, none: null },
            );
            expect(found).toEqual([{ text, texts, n, none: null }]);
          },
        ),
        { numRuns: 40 },
      );
      await expect(harness.warehouse.query('SELECT {missing:String}')).rejects.toMatchObject({
        code: 'warehouse-unknown-query-parameter',
      });
      await expect(harness.warehouse.query('SELECT {bad name:String}', { 'bad name': 1 })).rejects.toThrow();
    }, 60_000);

    test('a parameter or setting of one question is not there for the next', async () => {
      await harness.warehouse.query('SELECT {leak:Int64}, sleep(0)', { leak: 5 }, { max_threads: 1 });
      const values = await Promise.all(
        Array.from(
          { length: 8 },
          async () =>
            await harness.warehouse.query<{ threads: number }>(
              "SELECT toUInt64(getSetting('max_result_rows')) AS threads",
              {},
              {},
            ),
        ),
      );
      await harness.warehouse.query(
        "SELECT toUInt64(getSetting('max_result_rows')) AS threads",
        {},
        { max_result_rows: 77 },
      );
      const after = await Promise.all(
        Array.from(
          { length: 8 },
          async () =>
            await harness.warehouse.query<{ threads: number }>(
              "SELECT toUInt64(getSetting('max_result_rows')) AS threads",
            ),
        ),
      );
      expect(after).toEqual(values);
    });

    test('what cannot be stored as it is, is refused: nulls, NaN, too few values, wrong kinds', async () => {
      const { warehouse } = harness;
      await warehouse.command(
        'CREATE TABLE strict (a Int64, b Nullable(Int64)) ENGINE = MergeTree ORDER BY a',
      );
      const insert = async (...rows: (readonly WarehouseValue[])[]): Promise<void> =>
        await warehouse.insert('strict', ['a', 'b'], rows);
      await expect(insert([1, null], [null, 1])).rejects.toThrow(/row 1 has null for column a/);
      await expect(insert([Number.NaN, 1])).rejects.toThrow(/NaN/);
      await expect(insert([1])).rejects.toThrow(/has 1 values, expected 2/);
      await expect(insert(['many', 1])).rejects.toMatchObject({ retryable: false });
      await expect(warehouse.insert('nothing', ['a'], [[1]])).rejects.toMatchObject({
        code: 'warehouse-unknown-table',
      });
      await expect(warehouse.insert('strict; DROP TABLE strict', ['a'], [[1]])).rejects.toThrow(/no name/);
      await insert();
      expect(await warehouse.query('SELECT count() AS n FROM strict')).toEqual([{ n: 0 }]);
      await insert([1, null]);
      expect(await warehouse.query('SELECT a, b FROM strict')).toEqual([{ a: 1, b: null }]);
    });

    test('a slow question holds up neither other questions nor inserts', async () => {
      const { warehouse } = harness;
      await warehouse.command('CREATE TABLE busy (n Int64) ENGINE = MergeTree ORDER BY n');
      const order: string[] = [];
      const slow = warehouse
        .query('SELECT sum(sleepEachRow(0.05)) AS s FROM numbers(40)', {}, { max_block_size: 1 })
        .then(() => order.push('slow'));
      await Promise.all([
        warehouse.query('SELECT 1 AS one').then(() => order.push('quick')),
        warehouse
          .insert(
            'busy',
            ['n'],
            Array.from({ length: 20_000 }, (_, n) => [n]),
          )
          .then(() => order.push('insert')),
      ]);
      await slow;
      expect(order).toHaveLength(3);
      expect(order.at(-1)).toBe('slow');
    }, 30_000);

    test("errors name the engine's own reason and say whether to try again", async () => {
      await expect(harness.warehouse.query('SELECT bogus')).rejects.toMatchObject({
        code: 'warehouse-unknown-identifier',
        retryable: false,
      });
      await expect(harness.warehouse.command('SELEKT 1')).rejects.toMatchObject({
        code: 'warehouse-syntax-error',
      });
      await expect(
        harness.warehouse.query('SELECT number FROM numbers(1000000)', {}, { max_memory_usage: 1 }),
      ).rejects.toMatchObject({ code: 'warehouse-memory-limit-exceeded', retryable: true });
    });

    test('a statement that fails half-way leaves nothing in the answer of the next', async () => {
      const { warehouse } = harness;
      for (let turn = 0; turn < 6; turn += 1) {
        await expect(
          warehouse.query(
            'SELECT number, throwIf(number = 70000) FROM numbers(100000)',
            {},
            { max_block_size: 1_000 },
          ),
        ).rejects.toMatchObject({ code: expect.stringMatching(/^warehouse-/) });
        expect(await warehouse.query('SELECT {turn:Int64} AS turn', { turn })).toEqual([{ turn }]);
      }
    });

    test('migrations: once each, statements parted by a line with a semicolon; a newer warehouse stops an older program', async () => {
      const first = {
        '000001_a.sql':
          'CREATE TABLE IF NOT EXISTS moved (n Int64, v UInt64) ENGINE = :engine(ReplacingMergeTree(v))\nORDER BY n\n;\n-- only a comment\n;\nINSERT INTO moved VALUES (1, 1)\n;\n',
      };
      const second = {
        ...first,
        '000002_b.sql': 'ALTER TABLE moved :on_cluster ADD COLUMN IF NOT EXISTS name String',
      };
      await harness.migrate('shop', await folderWith(first));
      await harness.migrate('shop', await folderWith(second));
      await harness.migrate('shop', await folderWith(second));
      expect(await harness.warehouse.query('SELECT n, name FROM moved')).toEqual([{ n: 1, name: '' }]);
      await expect(harness.migrate('shop', await folderWith(first))).rejects.toMatchObject({
        code: 'schema-newer',
      });
      await expect(
        harness.migrate('shop', await folderWith({ ...second, '000001_a.sql': 'SELECT 1' })),
      ).rejects.toMatchObject({ code: 'schema-changed' });
      // Another package's numbers are its own.
      await harness.migrate('other', await folderWith({ '000001_c.sql': 'SELECT 1' }));
    }, 30_000);

    test('what was acknowledged survives kill -9', async () => {
      const { warehouse } = harness;
      await warehouse.command('CREATE TABLE kept (n Int64) ENGINE = MergeTree ORDER BY n');
      for (let part = 0; part < 20; part += 1)
        await warehouse.insert(
          'kept',
          ['n'],
          Array.from({ length: 500 }, (_, n) => [part * 500 + n]),
        );
      // One more is on its way when the process dies: it is there whole or not at all.
      const last = warehouse
        .insert(
          'kept',
          ['n'],
          Array.from({ length: 5_000 }, (_, n) => [10_000 + n]),
        )
        .catch(() => undefined);
      await harness.killAndReopen();
      await last;
      const [found] = await harness.warehouse.query<{ count: number; total: number }>(
        'SELECT count() AS count, sum(n) AS total FROM kept',
      );
      const whole = (count: number): { count: number; total: number } => ({
        count,
        total: (count * (count - 1)) / 2,
      });
      expect([whole(10_000), whole(15_000)]).toContainEqual(found);
    }, 60_000);
  });
}
