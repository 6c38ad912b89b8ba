// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../testing/test-postgres.ts';
import { migrate, withMigrationLock } from './migrate.ts';
import type { Database, Transaction } from './port.ts';
import { openDatabase, sessionOf } from './postgres-database.ts';

let url: string;
let drop: () => Promise<void>;
let database: Database;
beforeAll(async () => {
  ({ url, drop } = await createTestDatabase('database'));
  database = await openDatabase(url, { connectionsMax: 6 });
}, 60_000);
afterAll(async () => {
  await database.close();
  await drop();
});

const terminateOthers = async (): Promise<void> =>
  void (await database.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  ));

describe('values', () => {
  test('whole numbers, days, instants and arrays arrive as what they are', async () => {
    const { rows } = await database.query(
      `SELECT 9007199254740991::bigint AS large, '{1,NULL,-3}'::bigint[] AS several, '{}'::bigint[] AS none, date '2024-02-29' AS day, '{2024-02-29}'::date[] AS days,
              timestamptz '2024-02-29 12:00:00+02' AS instant, timestamp '2024-02-29 12:00:00' AS wall, 1.10::numeric AS amount, '{"a":[1]}'::jsonb AS json`,
    );
    expect(rows).toEqual([
      {
        large: 9_007_199_254_740_991,
        several: [1, null, -3],
        none: [],
        day: '2024-02-29',
        days: ['2024-02-29'],
        instant: new Date('2024-02-29T10:00:00Z'),
        wall: '2024-02-29 12:00:00',
        amount: '1.10',
        json: { a: [1] },
      },
    ]);
  });

  test('a number that JavaScript would round is an error, not a wrong number', async () => {
    await expect(database.query('SELECT 9007199254740993::bigint')).rejects.toThrow(/outside ±2\^53/);
    await expect(database.query("SELECT '{9007199254740993}'::bigint[]")).rejects.toThrow(/outside ±2\^53/);
  });
});

describe('transactions', () => {
  beforeAll(async () => {
    await database.query('CREATE TABLE accounts (id integer PRIMARY KEY, balance bigint NOT NULL)');
  });

  test('commit when the function resolves, nothing when it throws', async () => {
    await database.transaction(
      async (transaction) => void (await transaction.query('INSERT INTO accounts VALUES (1, 0), (2, 0)')),
    );
    await expect(
      database.transaction(async (transaction) => {
        await transaction.query('INSERT INTO accounts VALUES (3, 0)');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect((await database.query('SELECT id FROM accounts ORDER BY id')).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });

  test('a swallowed error of a statement does not look like a commit', async () => {
    await expect(
      database.transaction(async (transaction) => {
        await transaction.query('UPDATE accounts SET balance = 99');
        await transaction.query('SELECT 1 / 0').catch(() => undefined);
      }),
    ).rejects.toThrow(/swallowed/);
    expect((await database.query('SELECT DISTINCT balance FROM accounts')).rows).toEqual([{ balance: 0 }]);
  });

  test('a query after the end is refused', async () => {
    const kept: Transaction[] = [];
    await database.transaction(async (transaction) => void kept.push(transaction));
    await expect(kept[0]?.query('SELECT 1')).rejects.toThrow(/has ended/);
  });

  test('deadlocks are retried until both have their way', async () => {
    const add = async (first: number, second: number): Promise<void> =>
      await database.transaction(async (transaction) => {
        await transaction.query('UPDATE accounts SET balance = balance + 1 WHERE id = $1', [first]);
        await transaction.query('SELECT pg_sleep(0.05)');
        await transaction.query('UPDATE accounts SET balance = balance + 1 WHERE id = $1', [second]);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect((await database.query('SELECT balance FROM accounts ORDER BY id')).rows).toEqual([
      { balance: 2 },
      { balance: 2 },
    ]);
  }, 20_000);

  test('serializable transactions that read what the other writes both succeed, one after the other', async () => {
    await database.query('UPDATE accounts SET balance = 1');
    // Each sets its account to the sum of both: only a serial order gives 2 and 3.
    const sum = async (id: number): Promise<void> =>
      await database.transaction(
        async (transaction) => {
          const { rows } = await transaction.query<{ total: string }>(
            'SELECT sum(balance) AS total FROM accounts',
          );
          await transaction.query('SELECT pg_sleep(0.05)');
          await transaction.query('UPDATE accounts SET balance = $2 WHERE id = $1', [
            id,
            Number(rows[0]?.total),
          ]);
        },
        { isolation: 'serializable' },
      );
    await Promise.all([sum(1), sum(2)]);
    const { rows } = await database.query<{ balance: number }>(
      'SELECT balance FROM accounts ORDER BY balance',
    );
    expect(rows.map((row) => row.balance)).toEqual([2, 3]);
  }, 20_000);
});

describe('a server that goes away', () => {
  test('the transaction under way fails as unreachable and retryable; the next one works', async () => {
    // A pool of one connection: an idle one that has ended but does not know yet would fail the next query too.
    const alone = await openDatabase(url);
    try {
      const broken = alone.transaction(async (transaction) => {
        const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await database.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
        await transaction.query('SELECT 2');
      });
      await expect(broken).rejects.toMatchObject({ code: 'database-unreachable', retryable: true });
      expect((await alone.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await alone.close();
    }
  });

  test('a listener comes back by itself and then calls once, because it may have missed something', async () => {
    let calls = 0;
    const stop = await database.listen('channel', () => void (calls += 1));
    await database.query("SELECT pg_notify('channel', '')");
    await until(() => calls === 1);
    await terminateOthers();
    await until(() => calls === 2);
    await database.query("SELECT pg_notify('channel', '')");
    await until(() => calls === 3);
    await stop();
    await database.query("SELECT pg_notify('channel', '')");
    await database.query('SELECT 1');
    expect(calls).toBe(3);
  }, 20_000);

  test('the listening connection is asked one thing after the other', async () => {
    const { query } = pg.Client.prototype;
    const busy = new Set<pg.Client>();
    let overlaps = 0;
    pg.Client.prototype.query = function (this: pg.Client, ...given: never[]): unknown {
      const answer = Reflect.apply(query, this, given) as Promise<unknown> | undefined;
      // The pool asks with a callback, after it has made sure that the connection is idle.
      if (answer === undefined) return undefined;
      if (busy.has(this)) overlaps += 1;
      busy.add(this);
      return answer.finally(() => busy.delete(this));
    } as unknown as typeof query;
    const listening = await openDatabase(url);
    try {
      const ends = await Promise.all(
        ['a', 'b', 'c'].map(async (channel) => await listening.listen(channel, () => undefined)),
      );
      await Promise.all([...ends.map(async (end) => await end()), sessionOf(listening)]);
    } finally {
      pg.Client.prototype.query = query;
      await listening.close();
    }
    expect(overlaps).toBe(0);
  });

  test('an address where nothing listens is an error that says so', async () => {
    await expect(openDatabase('postgres://u:p@127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'database-unreachable',
    });
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 10) {
    if (waitedMs > 15_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('migrations', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });
  async function folderWith(files: Readonly<Record<string, string>>): Promise<URL> {
    const folder = await mkdtemp(join(tmpdir(), 'wattledger-migrations-'));
    folders.push(folder);
    for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
    return pathToFileURL(`${folder}/`);
  }
  const first = { '000001_first.sql': 'CREATE TABLE things (n integer); INSERT INTO things VALUES (1);' };
  const second = { ...first, '000002_second.sql': 'INSERT INTO things VALUES (2);' };

  test('each file once, in order, in the schema of its name, also by two processes at once', async () => {
    const other = await openDatabase(url);
    const directory = await folderWith(second);
    await Promise.all(
      [database, other, database, other].map(
        async (each) => await migrate(each, { schema: 'shop', directory }),
      ),
    );
    await other.close();
    expect((await database.query('SELECT n FROM shop.things ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('what Postgres cannot hold together itself is done by one process at a time', async () => {
    const other = await openDatabase(url);
    let running = 0;
    let runningMax = 0;
    await Promise.all(
      [database, other, database].map(
        async (each) =>
          await withMigrationLock(each, async () => {
            running += 1;
            runningMax = Math.max(runningMax, running);
            await each.query('SELECT pg_sleep(0.05)');
            running -= 1;
          }),
      ),
    );
    await other.close();
    expect(runningMax).toBe(1);
  });

  test('a newer schema stops an older program before it does anything', async () => {
    await expect(
      migrate(database, { schema: 'shop', directory: await folderWith(first) }),
    ).rejects.toMatchObject({ code: 'schema-newer', retryable: false });
  });

  test('an applied file that was edited is noticed', async () => {
    const edited = { ...second, '000001_first.sql': 'CREATE TABLE things (n bigint);' };
    await expect(
      migrate(database, { schema: 'shop', directory: await folderWith(edited) }),
    ).rejects.toMatchObject({ code: 'schema-changed' });
  });

  test('a file that fails leaves everything as it was', async () => {
    const failing = await folderWith({
      '000001_a.sql': 'CREATE TABLE a (n integer);',
      '000002_b.sql': 'SELECT 1 / 0;',
    });
    await expect(migrate(database, { schema: 'broken', directory: failing })).rejects.toThrow(
      /division by zero/,
    );
    expect((await database.query("SELECT to_regclass('broken.a') AS found")).rows).toEqual([{ found: null }]);
  });

  test.each([
    [{ '000002_x.sql': '' }, /expected number 1/],
    [{ '1_x.sql': '' }, /named 000001_name/],
  ])('names with holes or of another form are refused: %j', async (files, message) => {
    await expect(migrate(database, { schema: 'named', directory: await folderWith(files) })).rejects.toThrow(
      message,
    );
  });
});
