// SPDX-License-Identifier: Apache-2.0
/** Goal: the log of actions cannot be changed unseen. Method: change it as only the database's owner could, and look. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';
import { actionsCsvLine, csvCell } from './actions-csv.ts';
import type { ChainedRow } from './action-chain.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
let auditor: TestPerson;
beforeAll(async () => {
  kit = await startTestRegistry('actions');
  auditor = await kit.person('auditor', [{ projectId: '*', role: 'administrator' }]);
});
afterAll(async () => {
  await kit.stop();
});

const record = async (subject: string, projectId: string | null = null): Promise<void> => {
  await kit.registry.actionLog.record({
    principal: null,
    projectId,
    action: 'test',
    subject,
    after: { subject },
    remoteAddress: 'x',
    atMs: 1,
  });
};
/** Changes the table past its trigger, and puts everything back afterwards. */
async function tampered(sql: string): Promise<unknown> {
  const { database } = kit.parts;
  await database.query('create table kept as select * from registry.actions');
  await database.query('create table kept_head as select * from registry.action_head');
  await database.query('alter table registry.actions disable trigger user');
  await database.query(sql);
  const answer = (await auditor.send('GET', '/api/actions/verify')).body;
  await database.query('delete from registry.actions');
  await database.query('insert into registry.actions select * from kept');
  await database.query('delete from registry.action_head');
  await database.query('insert into registry.action_head select * from kept_head');
  await database.query('alter table registry.actions enable trigger user');
  await database.query('drop table kept, kept_head');
  return answer;
}

beforeEach(async () => {
  for (const subject of ['one', 'two', 'three']) await record(subject);
  expect((await auditor.send('GET', '/api/actions/verify')).body).toMatchObject({
    ok: true,
    firstFault: null,
  });
});

const subjectTwo = `(select max(a.sequence) - 1 from registry.actions a)`;
test.each([
  [
    'a changed subject',
    `update registry.actions set subject = 'nothing' where sequence = ${subjectTwo}`,
    /contents were changed/,
  ],
  [
    'a changed after',
    `update registry.actions set after = '{}' where sequence = ${subjectTwo}`,
    /contents were changed/,
  ],
  [
    'a changed time',
    `update registry.actions set at_ms = 2 where sequence = ${subjectTwo}`,
    /contents were changed/,
  ],
  ['a removed row', `delete from registry.actions where sequence = ${subjectTwo}`, /is missing/],
  [
    'rows cut from the end',
    `delete from registry.actions where sequence >= ${subjectTwo}`,
    /removed from the end/,
  ],
  [
    'a row with a hash of its own',
    `update registry.actions set subject = 'x', hash = repeat('0', 64) where sequence = ${subjectTwo}`,
    /contents were changed/,
  ],
  [
    'a row added behind the head',
    `insert into registry.actions select sequence + 1, at_ms, principal_kind, principal_id, principal_name, project_id, action, subject, before, after, remote_address, hash, hash from registry.actions order by sequence desc limit 1`,
    /contents were changed/,
  ],
  ['everything gone', 'delete from registry.actions', /removed from the end/],
  ['the head gone', 'delete from registry.action_head', /head of the chain is gone/],
])('%s is found', async (_name, sql, message) => {
  expect(await tampered(sql)).toMatchObject({
    ok: false,
    firstFault: { message: expect.stringMatching(message) },
  });
});

test('by ordinary means it can only be added to', async () => {
  await expect(kit.parts.database.query(`update registry.actions set subject = ''`)).rejects.toThrow(
    /only added to/,
  );
  await expect(kit.parts.database.query('delete from registry.actions')).rejects.toThrow(/only added to/);
});

test('a hundred actions at once make one chain without holes', async () => {
  await Promise.all(Array.from({ length: 100 }, async (_, index) => await record(`at once ${index}`)));
  const { body } = await auditor.send('GET', '/api/actions/verify');
  const { rows } = await kit.parts.database.query<{ count: number; last: number }>(
    'select count(*) as count, max(a.sequence) as last from registry.actions a',
  );
  expect(body).toMatchObject({ ok: true, checked: rows[0]?.count });
  expect(rows[0]?.count).toBe(rows[0]?.last);
});

test('an action whose transaction fails was not done and is not told', async () => {
  const before = (await auditor.send('GET', '/api/actions/verify')).body;
  await expect(
    kit.parts.database.transaction(async (transaction) => {
      await kit.registry.actionLog.recordIn(transaction, [
        { principal: null, projectId: null, action: 'a', subject: 's', remoteAddress: 'x', atMs: 1 },
      ]);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect((await auditor.send('GET', '/api/actions/verify')).body).toEqual(before);
});

test('the export holds every row of its project and nothing else', async () => {
  await record('=cmd|calc', 'prj_a');
  await record('other', 'prj_b');
  const own = (await auditor.send('GET', '/api/projects/prj_a/actions/export')).body as string;
  expect(own.trim().split('\r\n')).toHaveLength(2);
  expect(own).toContain(`'=cmd|calc`);
  const all = (await auditor.send('GET', '/api/actions/export')).body as string;
  const { rows } = await kit.parts.database.query<{ count: number }>(
    'select count(*) as count from registry.actions a',
  );
  expect(all.trim().split('\r\n')).toHaveLength((rows[0]?.count ?? 0) + 1);
});

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['=1+1', "'=1+1"],
  ['@x', "'@x"],
  ['-1', "'-1"],
  ['two\nlines', '"two\nlines"'],
  [null, ''],
])('cell %s is written %s', (value, written) => {
  expect(csvCell(value)).toBe(written);
});

test('a line has as many cells as the header has columns', () => {
  const row: ChainedRow = {
    sequence: 1,
    atMs: 0,
    principalKind: 'nobody',
    principalId: '',
    principalName: '',
    projectId: null,
    action: 'a',
    subject: 's',
    before: null,
    after: null,
    remoteAddress: '',
    previousHash: '',
    hash: 'h',
  };
  expect(actionsCsvLine(row)).toBe('1,1970-01-01T00:00:00.000Z,nobody,,,,a,s,,,,,h\r\n');
});
