// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: bad input gets a clear error, and nothing is lost or leaked. Method: the product as a process; each kind of bad
 * input over HTTP and, where files are concerned, from the command line; then what is stored is looked at.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImportFormatInput, ImportJob, ImportJobs } from '@wattledger/contracts/http/ingest';
import type { ActionList, Tree } from '@wattledger/contracts/http/registry';
import type { HeldReadings } from '@wattledger/contracts/http/stream';
import type { Health } from '@wattledger/contracts/http/system';
import { openProcess } from '@wattledger/app';
import { signIn, type Api } from '../api.ts';
import { runCommand, startProduct, type StartedProduct } from '../product-process.ts';
import { drained, makeSite } from '../torment.ts';
import { makeWorld, register } from '../world.ts';
import { hangUp, problemOf, send, sendFlood, type PlainAnswer, type PlainRequest } from './plain-http.ts';

const world = makeWorld(7, 1, 2);
const publicOrigin = 'https://energy.example.com';
let folder: string;
let data: string;
let product: StartedProduct;
let api: Api;
let projectId: string;
let cookie: string;
/** Engineer of another project. */
let outsider: string;

const ask = (method: string, path: string, given: PlainRequest = {}): Promise<PlainAnswer> =>
  send(product.url, method, path, { cookie, ...given });
const project = (path = ''): string => `/api/projects/${projectId}${path}`;
const accepted = async (): Promise<number> => (await api.get<Health>('/api/health')).pipeline.acceptedRecords;

async function refused(method: string, path: string, given: PlainRequest, status: number, code: string) {
  const answer = await ask(method, path, given);
  const problem = problemOf(answer);
  expect({ status: answer.status, code: problem.code, text: answer.text }).toEqual({
    status,
    code,
    text: answer.text,
  });
  return problem;
}

async function signInAs(login: string, password: string): Promise<string> {
  const ownPassword = `${password}-${login}'s-own`;
  const first = await send(product.url, 'POST', '/api/session', { body: { login, password } });
  await send(product.url, 'POST', '/api/session/password', {
    cookie: first.cookie,
    body: { currentPassword: password, newPassword: ownPassword },
  });
  return first.cookie;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wattledger-bad-input-'));
  data = join(folder, 'data');
  product = await startProduct(data, ['--empty'], { PUBLIC_ORIGINS: publicOrigin, TRUST_PROXY: '1' });
  const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
  api = await signIn(() => product.url, 'admin', password);
  projectId = await makeSite(api, world, () => product.url);
  const session = await send(product.url, 'POST', '/api/session', {
    body: { login: 'admin', password: `${password}-admin's-own` },
  });
  ({ cookie } = session);
  const other = JSON.parse(world.siteFile) as { project: { code: string } };
  other.project.code = 'other';
  const made = await api.post<{ projectId: string }>('/api/projects/import-site', JSON.stringify(other));
  const { initialPassword } = await api.post<{ initialPassword: string }>('/api/staff', {
    login: 'outsider',
    name: 'Outsider',
    roles: [{ projectId: made.projectId, role: 'engineer' }],
  });
  outsider = await signInAs('outsider', initialPassword);
  await push([reading('MP1', 0, 1_000), reading('MP1', 1, 1_010)]);
  await drained(api);
}, 120_000);
afterAll(async () => {
  await product.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const slotMs = 1_800_000;
const reading = (serial: string, slot: number, value: number, instant?: string | number) => ({
  serial,
  register,
  instant: instant ?? world.beginMs + slot * slotMs,
  value,
  scaler: 1,
});
const push = (readings: readonly unknown[]): Promise<unknown> =>
  api.post('/api/readings', { projectId, readings });

describe('readings', () => {
  test.each([
    ['an unknown meter', { serial: "NONE'; DROP TABLE readings; --" }, 'readings.1.serial', /no meter/],
    ['a register that is not mounted', { register: 'energy.none' }, 'readings.1.register', /not mounted/],
    ['half a count', { value: 1.5 }, 'readings.1.value', /whole/],
    ['a negative count', { value: -1 }, 'readings.1.value', /negative|less|below/],
    ['a count beyond whole numbers', { value: 1e300 }, 'readings.1.value', /./],
    ['a time without a zone', { instant: '2025-11-01T12:00:00' }, 'readings.1.instant', /no zone/],
    [
      'a time in the future',
      { instant: Date.now() + 86_400_000 },
      'readings.1.instant',
      /clock and the zone/,
    ],
    ['seconds for milliseconds', { instant: 1_762_000_000 }, 'readings.1.instant', /seconds/],
  ])('%s: told by its place, and nothing of the batch is taken', async (_name, fault, path, message) => {
    const before = await accepted();
    const readings = [reading('MP1', 9, 2_000), { ...reading('MP1', 8, 1_900), ...fault }];
    const body = { projectId, readings };
    const problem = await refused('POST', '/api/readings', { body }, 422, 'readings-refused');
    expect(problem.faults?.[0]).toEqual({ path, message: expect.stringMatching(message) });
    expect(await accepted()).toBe(before);
  });

  test('an impossible value is kept with its verdict and counts nowhere; what follows counts', async () => {
    await push([reading('MP1', 2, 1_020), reading('MP1', 3, 100_000_000), reading('MP1', 4, 1_040)]);
    await drained(api);
    const held = await api.get<HeldReadings>(project('/held-readings'));
    expect(held.counts).toEqual([{ reason: 'impossible-value', readings: 1, meters: 1 }]);
    expect(held.items[0]).toMatchObject({ value: 100_000_000, reason: 'impossible-value' });
    const tree = await api.get<Tree>(project('/tree'));
    const point = tree.points.find(({ code }) => code === 'P1')?.id ?? '';
    const closure = await api.get<{ segments: { closes: boolean; slots: { consumption: number } }[] }>(
      project(`/metering-points/${point}/closure`),
    );
    expect(JSON.stringify(closure)).toContain('400');
    expect(JSON.stringify(closure)).not.toContain('999000');
  }, 60_000);

  test.each([
    ['half a body', '{"projectId":"x","readings":[{"serial":"M', 400, 'json-invalid'],
    ['a list for an object', '[]', 400, 'request-invalid'],
    ['nothing', '', 400, 'request-invalid'],
    ['a NUL in a name', { projectId: 'prj_\0', readings: [] }, 400, 'request-invalid'],
  ])('%s is refused', async (_name, body, status, code) => {
    await refused('POST', '/api/readings', { body }, status, code);
  });

  test('a connection that breaks off in the middle of a body leaves nothing', async () => {
    const before = await accepted();
    const whole = JSON.stringify({ projectId, readings: [reading('MP1', 20, 3_000)] });
    await hangUp(product.url, '/api/readings', cookie, whole);
    await sleep(300);
    expect(await accepted()).toBe(before);
  });
});

describe('files of readings', () => {
  const format: ImportFormatInput = {
    kind: 'registers',
    unit: 'kWh',
    scaler: 1,
    register,
    meterColumn: 'meter',
    timeColumn: 'time',
    timeFormat: 'iso',
    valueColumn: 'value',
  };
  const rows = Array.from({ length: 3_000 }, (_, row) => {
    const time = new Date(world.beginMs + row * 60_000).toISOString();
    return `MP2,${time},${(100 + row * 0.01).toFixed(2)}`;
  });
  const text = `meter,time,value\n${rows.join('\n')}\n`;
  const upload = (bytes: unknown, given: unknown = format, more = ''): Promise<PlainAnswer> => {
    const query = new URLSearchParams({ fileName: 'file.csv', format: JSON.stringify(given) });
    return ask('POST', project(`/import-jobs?${query.toString()}${more}`), { body: bytes });
  };
  const jobs = async (): Promise<ImportJob[]> => (await api.get<ImportJobs>(project('/import-jobs'))).jobs;

  async function ended(answer: PlainAnswer): Promise<ImportJob> {
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 202 });
    const { id } = JSON.parse(answer.text) as ImportJob;
    for (;;) {
      const job = (await jobs()).find((candidate) => candidate.id === id);
      if (job?.state === 'done' || job?.state === 'failed') return job;
      await sleep(100);
    }
  }
  async function commandLine(name: string, bytes: string | Uint8Array): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, bytes);
    const { code, output } = await runCommand([
      ...['import-readings', file, '--data', data, '--project', 'torment'],
      ...['--format', JSON.stringify(format)],
    ]);
    return `${String(code)} ${output}`;
  }

  test('half a packed file fails in words; sent whole again, everything is there once', async () => {
    const packed = gzipSync(text);
    const half = await ended(await upload(packed.subarray(0, packed.length / 2)));
    expect(half).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/whole|cut|broke|half|end/i),
    });
    expect(await commandLine('half.csv.gz', packed.subarray(0, packed.length / 2))).toMatch(/^1 /);
    const whole = await ended(await upload(packed));
    expect(whole).toMatchObject({ state: 'done', faultsCount: 0, rowsRead: 3_000 });
    expect(await commandLine('whole.csv.gz', packed)).toMatch(/^0 /);
    await drained(api);
    const held = await api.get<HeldReadings>(project('/held-readings'));
    expect(held.counts.filter(({ reason }) => reason === 'conflict')).toEqual([]);
  }, 60_000);

  test.each([
    [
      'an unknown meter',
      `meter,time,value\nNOBODY'--,${new Date(world.beginMs).toISOString()},1\n`,
      'unknown-meter',
    ],
    ['a NUL in a meter', `meter,time,value\nA\0B,${new Date(world.beginMs).toISOString()},1\n`, 'columns'],
    ['a row of another shape', 'meter,time,value\nMP2\n', 'row-shape'],
    ['columns of another file', 'a,b,c\n1,2,3\n', 'columns'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'columns'],
    [
      'a value that is no number',
      `meter,time,value\nMP2,${new Date(world.beginMs).toISOString()},1;DROP\n`,
      'number',
    ],
    ['a time without a zone', 'meter,time,value\nMP2,2025-11-01 12:00,1\n', 'time'],
  ])(
    '%s is a fault with its line, here and on the command line',
    async (_name, bytes, code) => {
      const before = await accepted();
      const job = await ended(await upload(bytes));
      expect(job).toMatchObject({
        state: 'failed',
        readingsAppended: 0,
        message: expect.stringMatching(/\w{3}/),
      });
      const { faults } = await api.get<{ faults: { code: string; line: number }[] }>(
        project(`/import-jobs/${job.id}`),
      );
      expect(faults.map((fault) => fault.code)).toEqual([code]);
      const told = await commandLine('faulty.csv', bytes);
      expect(told).toMatch(/^1 /);
      expect(told).not.toMatch(/\.ts:\d|node_modules|SELECT |invalid byte/);
      expect(await accepted()).toBe(before);
    },
    30_000,
  );

  test.each([
    ['a zone that is none', { ...format, timeFormat: 'local', zone: 'Mars/Base' }, 422, 'format-invalid'],
    ['a description of another shape', { kind: 'pictures' }, 422, 'format-invalid'],
  ])('%s is refused before the file is taken', async (_name, given, status, code) => {
    const before = (await jobs()).length;
    const answer = await upload(text, given);
    expect({ status: answer.status, code: problemOf(answer).code }).toEqual({ status, code });
    expect((await jobs()).length).toBe(before);
  });

  test('an empty file, and one that broke off on its way, leave no job', async () => {
    const before = (await jobs()).length;
    expect(problemOf(await upload('')).code).toBe('file-empty');
    const query = new URLSearchParams({ fileName: 'file.csv', format: JSON.stringify(format) });
    await hangUp(product.url, project(`/import-jobs?${query.toString()}`), cookie, text.slice(0, 1_000));
    await sleep(300);
    expect((await jobs()).length).toBe(before);
  });
});

describe('site files', () => {
  interface SiteFile {
    readonly project: object;
    readonly metering_points: readonly object[];
  }
  const sound = (change: (file: SiteFile) => void): string => {
    const file = JSON.parse(world.siteFile) as SiteFile;
    change(file);
    return JSON.stringify(file);
  };
  const mars = sound((file) => Object.assign(file.project, { zone: 'Mars/Base' }));
  const nul = sound((file) => Object.assign(file.project, { name: 'a\0b' }));
  const stranger = sound((file) => Object.assign(file.metering_points[0] ?? {}, { parent: 'NOBODY' }));

  test.each([
    ['half a file', world.siteFile.slice(0, 900)],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')],
    ['a table of text', 'code,name\nA,B\n'],
    ['half a spreadsheet', Buffer.from('PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0', 'latin1')],
    ['a list', '[]'],
    ['nothing', ''],
    ['a zone that is none', mars],
    ['a NUL in a name', nul],
    ['a parent that is not there', stranger],
  ])(
    '%s is refused in words, here and on the command line, and changes nothing',
    async (_name, bytes) => {
      const before = await ask('GET', project('/site-file?format=json'));
      const answer = await ask('POST', '/api/projects/import-site', { body: bytes });
      expect(`${String(answer.status)} ${answer.text}`).toMatch(/^(400|415|422) /);
      problemOf(answer);
      const file = join(folder, 'site.json');
      await writeFile(file, bytes);
      const { code, output } = await runCommand(['import-site', file, '--data', data]);
      expect({ code, output }).toMatchObject({
        code: 1,
        output: expect.not.stringMatching(/\.ts:\d|node_modules/),
      });
      expect((await ask('GET', project('/site-file?format=json'))).text).toBe(before.text);
    },
    30_000,
  );
});

test('files that are not there, are folders or far too large are told from the command line', async () => {
  const large = join(folder, 'large.json');
  await writeFile(large, '');
  await truncate(large, 2_200_000_000);
  for (const [file, message] of [
    [large, /^1 .*2,200 MB; at most \d+ MB are taken/],
    [folder, /^1 .*is not a file/],
    [join(folder, 'none.json'), /^1 .*cannot be read/],
  ] as const) {
    const { code, output } = await runCommand(['import-site', file, '--data', data]);
    expect(`${String(code)} ${output}`).toMatch(message);
    expect(output).not.toMatch(/\.ts:\d|node_modules/);
  }
}, 30_000);

describe('names', () => {
  const name = `Robert'); DROP TABLE registry.tenants; -- <script>alert(1)</script> \${7*7} 电`;

  test('SQL and script in a name are a name: stored and shown as they were written, everywhere', async () => {
    const tenant = await api.post<{ id: string }>(project('/tenants'), { code: 'SQL', name });
    const serial = `M'; DELETE FROM registry.meters; --`;
    await api.post(project('/meters'), { serial });
    const tree = await api.get<Tree>(project('/tree'));
    expect(tree.tenants.find(({ id }) => id === tenant.id)?.name).toBe(name);
    expect(tree.meters.some((meter) => meter.serial === serial)).toBe(true);
    expect(tree.tenants).toHaveLength(world.tenants.length + 1);
    const file = JSON.parse((await ask('GET', project('/site-file?format=json'))).text) as {
      tenants: { name: string }[];
    };
    expect(file.tenants.map((row) => row.name)).toContain(name);
    const { actions } = await api.get<ActionList>(`/api/actions?projectId=${projectId}`);
    expect(JSON.stringify(actions)).toContain(JSON.stringify(name).slice(1, -1));
    await drained(api);
    const found = await ask('GET', project(`/meters?q=${encodeURIComponent(serial)}`));
    expect(found.status).toBe(200);
  }, 30_000);

  test.each([
    ['an id', `/accounts/${encodeURIComponent("x' OR '1'='1")}`, 404],
    ['a search', `/meters?q=${encodeURIComponent("%' OR 1=1 --")}`, 200],
    ['a number', `/held-readings?limit=${encodeURIComponent('1; DROP TABLE x')}`, 400],
    ['an id with NUL', '/accounts/acc_%00', 400],
    ['a search with NUL', '/meters?q=%00', 400],
  ])('SQL as %s finds nothing and breaks nothing', async (_name, path, status) => {
    const answer = await ask('GET', project(path));
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
    if (status !== 200) problemOf(answer);
    expect(answer.text).not.toContain('MP1');
  });
});

describe('who asks', () => {
  const withoutRequestId = (text: string): unknown => ({ ...(JSON.parse(text) as object), requestId: '' });

  test.each([
    ['GET', '/tree'],
    ['GET', '/accounts'],
    ['GET', '/accounts/acc_1'],
    ['GET', '/held-readings'],
    ['GET', '/site-file?format=json'],
    ['POST', '/tenants'],
    ['PUT', '/supply-policy'],
    ['GET', '/live'],
  ])("another project's %s %s answers as one that does not exist", async (method, path) => {
    const given: PlainRequest = { cookie: outsider, ...(method === 'GET' ? {} : { body: {} }) };
    const theirs = await ask(method, project(path), given);
    const nowhere = await ask(method, `/api/projects/prj_nowhere${path}`, given);
    expect(theirs.status).toBe(403);
    expect({ ...theirs, text: withoutRequestId(theirs.text) }).toEqual({
      ...nowhere,
      text: withoutRequestId(nowhere.text),
    });
    problemOf(theirs);
  });

  test("another project's readings and site cannot be written", async () => {
    const before = await accepted();
    const readings = [reading('MP1', 30, 5_000)];
    const theirs = await ask('POST', '/api/readings', { cookie: outsider, body: { projectId, readings } });
    const nowhere = await ask('POST', '/api/readings', {
      cookie: outsider,
      body: { projectId: 'prj_nowhere', readings },
    });
    expect([theirs.status, withoutRequestId(theirs.text)]).toEqual([403, withoutRequestId(nowhere.text)]);
    const site = await ask('POST', '/api/projects/import-site', { cookie: outsider, body: world.siteFile });
    expect(site.status).toBe(403);
    problemOf(site);
    expect(await accepted()).toBe(before);
  });

  test('a change from another site is refused, from the configured origin it is taken', async () => {
    const change = (origin: string): Promise<PlainAnswer> =>
      ask('PATCH', '/api/session/preferences', { headers: { origin }, body: { language: 'en' } });
    expect(problemOf(await change('https://evil.example')).code).toBe('cross-site-request');
    expect((await change(publicOrigin)).status).toBe(200);
  });

  test('an ended session, a made-up one and none are told to sign in', async () => {
    for (const dead of ['', 'wattledger_session=x', `wattledger_session=${'A'.repeat(43)}`])
      await refused('GET', project('/tree'), { cookie: dead }, 401, 'sign-in-required');
  });
});

describe('too much', () => {
  /** Resident memory of the product. */
  const memoryMb = (): number =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(product.pid)], { encoding: 'utf8' })) / 1_024;
  const growthMbMax = 300;
  const two = 2_000_000_000;
  const format = {
    kind: 'registers',
    unit: 'kWh',
    timeColumn: 't',
    timeFormat: 'iso',
    valueColumn: 'v',
    meter: 'MP1',
  };
  const jobPath = (): string =>
    project(`/import-jobs?fileName=big.csv&format=${encodeURIComponent(JSON.stringify(format))}`);

  test.each([
    ['readings, declared', () => '/api/readings', true, 20_000_000],
    ['readings, in chunks', () => '/api/readings', false, 40_000_000],
    ['a site file, declared', () => '/api/projects/import-site', true, 20_000_000],
    ['a site file, in chunks', () => '/api/projects/import-site', false, 100_000_000],
    ['a file of readings, declared', jobPath, true, 20_000_000],
    ['a file of readings, in chunks', jobPath, false, 600_000_000],
  ])(
    '2 GB of %s are refused early, in words, in bounded memory',
    async (_name, path, declared, sentMax) => {
      const before = memoryMb();
      let most = before;
      const watch = setInterval(() => (most = Math.max(most, memoryMb())), 200);
      const answer = await sendFlood(product.url, path(), cookie, two, declared);
      clearInterval(watch);
      expect({ status: answer.status, code: problemOf(answer).code }).toEqual({
        status: 413,
        code: 'body-too-large',
      });
      expect(answer.sent).toBeLessThan(sentMax);
      expect(most - before).toBeLessThan(growthMbMax);
      expect((await api.get<Health>('/api/health')).state).not.toBe('failed');
    },
    120_000,
  );
});

test('after all this every invariant holds, and an expired session is told to sign in and loses nothing', async () => {
  await drained(api);
  expect(await runCommand(['doctor', '--data', data])).toMatchObject({ code: 0 });
  await product.stop();
  const { lifecycle, system } = await openProcess('expiry', data);
  await system.parts.database.query('UPDATE registry.sessions SET expires_at_ms = 1');
  await lifecycle.stop();
  product = await startProduct(data, ['--empty']);
  const body = { amountMicros: 5_000_000, means: 'cash' };
  const answer = await ask('POST', project('/accounts/acc_1/vends'), { body });
  expect({ status: answer.status, code: problemOf(answer).code }).toEqual({
    status: 401,
    code: 'sign-in-required',
  });
}, 120_000);
