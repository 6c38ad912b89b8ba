// SPDX-License-Identifier: Apache-2.0
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rightsOfRole } from '@wattledger/contracts';
import type {
  ImportFormatInput,
  ImportJob,
  ImportJobDetail,
  ImportJobs,
} from '@wattledger/contracts/http/ingest';
import { serveRoutes } from '@wattledger/platform/testing';
import { createIngestService } from '../ingest-service.ts';
import { importProjectId, startImportBench, type ImportBench } from './import-fixture.ts';

const registers: ImportFormatInput = {
  kind: 'registers',
  meterColumn: 'meter',
  timeColumn: 'time',
  timeFormat: 'iso',
  valueColumn: 'value',
  unit: 'kWh',
  scaler: 1,
};
const long: ImportFormatInput = {
  kind: 'intervals',
  layout: 'long',
  meterColumn: 'meter',
  timeColumn: 'time',
  valueColumn: 'kwh',
  zone: 'Europe/London',
  slotMinutes: 60,
  label: 'start',
  unit: 'kWh',
};
const wide: ImportFormatInput = {
  kind: 'intervals',
  layout: 'wide',
  timeColumn: 'time',
  zone: 'UTC',
  slotMinutes: 60,
  label: 'start',
  unit: 'kWh',
};

let bench: ImportBench;
beforeAll(async () => {
  bench = await startImportBench('imports');
  await bench.know(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P']);
}, 60_000);
afterAll(async () => {
  await bench.stop();
}, 60_000);

describe('register files', () => {
  test('each row is a reading: whole counts of the resolution asked for', async () => {
    const job = await bench.importText(
      'meter,time,value\nA,2026-01-01T00:00:00Z,1234.56\nA,2026-01-01T08:30:00+08:00,1234.57\n',
      registers,
    );
    expect(job).toMatchObject({
      state: 'done',
      rowsRead: 2,
      valuesRead: 2,
      readingsAppended: 2,
      meters: 1,
      message: null,
    });
    expect(await bench.pointsOf('A')).toEqual([
      { instantMs: Date.parse('2026-01-01T00:00:00Z'), value: 123456, missing: false },
      { instantMs: Date.parse('2026-01-01T00:30:00Z'), value: 123457, missing: false },
    ]);
  });

  test('every kind of fault is listed with its line, and the rest is imported', async () => {
    const rows = [
      'meter,time,value',
      'B,2026-01-01T00:00:00Z,1',
      'B,2026-01-01T00:30:00,2',
      'B,2026-01-01T01:00:00Z,1 000',
      'B,2026-01-01T01:30:00Z,"2,544"',
      'B,2026-01-01T02:00:00Z',
      'NOBODY,2026-01-01T00:00:00Z,5',
      'NOBODY,2026-01-01T00:30:00Z,6',
      'B,2026-01-01T02:30:00Z,-3',
      'B,2031-01-01T00:00:00Z,3',
      'B,2026-01-01T03:00:00Z,4',
      'B,2026-01-01T03:00:00Z,4',
      'B,2026-01-01T03:00:00Z,5',
      "B,'; DROP TABLE ingest.import_jobs; --,5",
      'B,2026-01-01T03:30:00Z,',
      '',
    ];
    const job = await bench.importText(rows.join('\n'), registers, 'keep-going');
    expect(job).toMatchObject({
      state: 'done',
      rowsRead: 14,
      readingsAppended: 2,
      repeated: 1,
      faultsCount: 9,
    });
    const faults = (await bench.faultsOf(job)).map(
      ({ line, code, message }) => `${line} ${code}: ${message}`,
    );
    expect(faults).toEqual([
      expect.stringMatching(/^3 time: .*no zone/),
      expect.stringMatching(/^4 number: .*blanks within/),
      expect.stringMatching(/^5 number: .*commas between thousands/),
      expect.stringMatching(/^6 row-shape: the row has 2 fields, the header 3/),
      expect.stringMatching(/^7 unknown-meter: .*"NOBODY"; none of its rows/),
      expect.stringMatching(/^9 negative: .*counts upwards/),
      expect.stringMatching(/^10 time: .*in the future/),
      expect.stringMatching(/^13 contradiction: /),
      expect.stringMatching(/^14 time: .*no date and time/),
    ]);
    expect((await bench.pointsOf('B')).map(({ value }) => value)).toEqual([100, 400]);
  });

  test('local instants: the repeated hour in the order of the file, the skipped one a fault', async () => {
    const format: ImportFormatInput = { ...registers, timeFormat: 'local', zone: 'Europe/London' };
    const rows = [
      'meter,time,value',
      'C,2026-03-29 01:30,1',
      'C,2026-10-25 00:30,2',
      'C,2026-10-25 01:30,3',
      'C,2026-10-25 01:30,4',
    ];
    const job = await bench.importText(`${rows.join('\n')}\n`, format, 'keep-going');
    expect(await bench.faultsOf(job)).toMatchObject([
      { line: 2, code: 'time', message: expect.stringMatching(/does not exist in Europe\/London/) },
    ]);
    expect(
      (await bench.pointsOf('C')).map(({ instantMs }) => new Date(instantMs).toISOString().slice(5, 16)),
    ).toEqual(['10-24T23:30', '10-25T00:30', '10-25T01:30']);
  });
});

describe('interval files', () => {
  test('a long file with a hole, the autumn hour and a name that differs', async () => {
    const rows = [
      'meter,time,kwh',
      'house 1,2025-10-26 00:00,1',
      'house 1,2025-10-26 01:00,4.0000005',
      'house 1,2025-10-26 02:00,',
      'house 1,2025-10-26 03:00,2',
    ];
    const job = await bench.importText(rows.join('\r\n'), { ...long, meterNames: { 'house 1': 'D' } });
    expect(job).toMatchObject({
      state: 'done',
      valuesRead: 3,
      readingsAppended: 5,
      holes: 1,
      message: 'The file does not end with a line end: check that it is complete.',
    });
    expect(
      (await bench.pointsOf('D')).map(
        ({ instantMs, value, missing }) =>
          `${new Date(instantMs).toISOString().slice(11, 16)} ${value}${missing ? ' missing' : ''}`,
      ),
    ).toEqual(['23:00 0', '00:00 1000000', '02:00 5000001', '03:00 5000001 missing', '04:00 7000001']);
  });

  test('a wide file packed with gzip; columns that are no meters are skipped, others listed', async () => {
    const text =
      'time,E,F,weather,X1\n2026-01-01 00:00,1,2,cold,9\n2026-01-01 01:00,3,,cold,9\n2026-01-01 02:00,3,5,cold,9\n';
    const job = await bench.importText(gzipSync(text), {
      ...wide,
      skipColumns: ['weather'],
      unknownMeters: 'list',
    });
    expect(job).toMatchObject({
      state: 'done',
      valuesRead: 5,
      holes: 1,
      meters: 2,
      notAskedFor: ['X1'],
      faultsCount: 0,
    });
    expect((await bench.pointsOf('F')).map(({ value }) => value)).toEqual([0, 2e6, 2e6, 7e6]);
  });

  test('negative energy goes to the export register, where one is mounted and it is asked for', async () => {
    await bench.know(['PV'], ['energy.import.total', 'energy.export.total']);
    const text = 'time,PV\n2026-01-01 00:00,2\n2026-01-01 01:00,-3\n2026-01-01 02:00,0\n';
    await bench.importText(text, { ...wide, negative: 'export' });
    const values = async (register: string) =>
      (await bench.pointsOf('PV', register)).map(({ value }) => value / 1e6);
    expect([await values('energy.import.total'), await values('energy.export.total')]).toEqual([
      [0, 2, 2, 2],
      [0, 0, 3, 3],
    ]);
    const refused = await bench.importText('time,G\n2026-01-01 00:00,-2\n', { ...wide, negative: 'export' });
    expect(refused).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/line 2: G: "-2" is below zero/),
    });
  });

  test('stop at the first fault: what stands before it is imported, and the whole file again does no harm', async () => {
    const good = (hour: number, kwh: number) => `H,2026-01-01 ${String(hour).padStart(2, '0')}:00,${kwh}`;
    const rows = ['meter,time,kwh', good(0, 1), good(1, 2), 'H,2026-01-01 02:00,three', good(3, 4)];
    const stopped = await bench.importText(`${rows.join('\n')}\n`, long);
    expect(stopped).toMatchObject({
      state: 'failed',
      faultsCount: 1,
      message:
        'Stopped at line 4: H: "three" is no number. What stands before it was imported. Correct the file and import it again: what is there already has no further effect.',
    });
    expect((await bench.pointsOf('H')).map(({ value }) => value / 1e6)).toEqual([0, 1, 3]);
    rows[3] = good(2, 3);
    expect((await bench.importText(`${rows.join('\n')}\n`, long)).state).toBe('done');
    expect((await bench.pointsOf('H')).map(({ value }) => value / 1e6)).toEqual([0, 1, 3, 6, 10]);
  });

  test('a later file goes on where the earlier ended; one that begins before it is refused with where it may begin', async () => {
    const day = (date: string, kwh: number) =>
      `meter,time,kwh\nI,${date} 00:00,${kwh}\nI,${date} 01:00,${kwh}\n`;
    await bench.importText(day('2026-01-02', 1), long);
    await bench.importText(day('2026-01-03', 2), long);
    expect(
      (await bench.pointsOf('I')).map(({ value, missing }) => `${value / 1e6}${missing ? ' missing' : ''}`),
    ).toEqual(['0', '1', '2', '2 missing', '4', '6']);
    const refused = await bench.importText(day('2026-01-01', 9), long);
    expect(refused).toMatchObject({
      state: 'failed',
      readingsAppended: 0,
      message: expect.stringMatching(/begins before what was imported earlier \(2026-01-02T00:00:00\.000Z …/),
    });
    const otherScale = await bench.importText(day('2026-01-04', 9), { ...long, scaler: 0 });
    expect(otherScale.message).toMatch(/earlier imports counted energy\.import\.total at scaler -3/);
  });
});

describe('files that are not what they should be', () => {
  const imported = async (text: string | Buffer, format: ImportFormatInput = long): Promise<string> => {
    const job = await bench.importText(text, format, 'keep-going');
    expect(job.state).toBe('failed');
    return job.message ?? '';
  };
  const rows = `meter,time,kwh\n${Array.from({ length: 2_000 }, (_, hour) => `J,${new Date(Date.UTC(2025, 0, 1, hour)).toISOString().slice(0, 19)},${hour % 7}`).join('\n')}\n`;

  test('half a packed file: what came is kept, the fault says where it broke off, and the whole file completes it', async () => {
    const packed = gzipSync(rows);
    expect(await imported(packed.subarray(0, packed.length >> 1), { ...long, zone: 'UTC' })).toMatch(
      /ends in the middle: its packed data are cut off after line \d+/,
    );
    const half = (await bench.pointsOf('J')).length;
    expect(half).toBeGreaterThan(10);
    await bench.importText(packed, { ...long, zone: 'UTC' });
    const points = await bench.pointsOf('J');
    expect(points).toHaveLength(2_001);
    expect(points.at(-1)?.value).toBe(
      1e6 * Array.from({ length: 2_000 }, (_, hour) => hour % 7).reduce((a, b) => a + b),
    );
  });
  test('damaged packed data', async () => {
    const packed = gzipSync(rows);
    packed.writeUInt8(packed.readUInt8(packed.length - 6) ^ 0xff, packed.length - 6);
    expect(await imported(packed)).toMatch(/packed data are damaged/);
  });
  test('a spreadsheet instead of a CSV', async () => {
    expect(await imported(Buffer.from('504b030414000600080000002100', 'hex'))).toMatch(
      /no text: export it as CSV/,
    );
  });
  test('nothing at all', async () => {
    expect(await imported('')).toMatch(/the file is empty/);
  });
  test('other columns', async () => {
    expect(await imported('id;when;what\n1;2;3\n')).toMatch(
      /no column "time" for the time; the file has "id;when;what"/,
    );
    expect(await imported('meter,time,kwh,kwh\n')).toMatch(/names "kwh" twice/);
  });
  test('a quote that is never closed', async () => {
    expect(await imported('meter,time,kwh\nJ,"2026-01-01 00:00,5\n')).toMatch(
      /quote is opened and never closed/,
    );
  });
  test('a wide file without one meter of the project', async () => {
    expect(await imported('time,Y1,Y2\n', { ...wide, unknownMeters: 'list' })).toMatch(
      /no column of the file is a meter/,
    );
  });
  test('a zone that does not exist, a unit nobody has, a project that is not there', async () => {
    await expect(bench.importText(rows, { ...long, zone: 'Europe/Londn' })).rejects.toMatchObject({
      status: 422,
      faults: [{ path: 'format.zone', message: expect.stringMatching(/no time zone/) }],
    });
    await expect(bench.importText(rows, { ...long, unit: 'BTU' as 'kWh' })).rejects.toMatchObject({
      code: 'format-invalid',
      faults: [{ path: 'format.unit' }],
    });
    const stream = (async function* (): AsyncGenerator<Buffer> {
      await Promise.resolve();
      yield Buffer.from(rows);
    })();
    await expect(
      bench.service.importReadings({ file: stream, projectId: 'prj_none', format: long }),
    ).rejects.toMatchObject({ status: 404 });
  });
});

describe('uploads', () => {
  const path = (format: unknown, more = '') =>
    `/api/projects/${importProjectId}/import-jobs?fileName=k.csv&format=${encodeURIComponent(JSON.stringify(format))}${more}`;
  const file = (meter: string) =>
    `meter,time,kwh\n${meter},2026-01-01 00:00,1\n${meter},2026-01-01 01:00,oops\n${meter},2026-01-01 02:00,2\n`;

  test('a file is kept, imported in the background, and its faults can be read', async () => {
    await bench.service.start();
    const http = await serveRoutes({ parts: bench.parts, routes: bench.service.routes });
    try {
      const post = await fetch(`${http.url}${path(long, '&onFault=keep-going')}`, {
        method: 'POST',
        body: gzipSync(file('K')),
      });
      expect(post.status).toBe(202);
      const { id } = (await post.json()) as ImportJob;
      let detail: ImportJobDetail;
      do
        detail = (await http.send('GET', `/api/projects/${importProjectId}/import-jobs/${id}`))
          .body as ImportJobDetail;
      while (detail.job.state === 'waiting' || detail.job.state === 'running');
      expect(detail.job).toMatchObject({
        state: 'done',
        fileName: 'k.csv',
        createdBy: 'stf_test',
        faultsCount: 1,
        valuesRead: 2,
        holes: 1,
      });
      expect(detail.faults).toEqual([
        { line: 3, meter: 'K', code: 'number', message: '"oops" is no number' },
      ]);
      expect((await bench.pointsOf('K')).map(({ value }) => value / 1e6)).toEqual([0, 1, 1, 3]);
      const { jobs } = (await http.send('GET', `/api/projects/${importProjectId}/import-jobs`))
        .body as ImportJobs;
      expect(jobs.map((job) => job.id)).toContain(id);
      expect((await http.send('GET', `/api/projects/prj_other/import-jobs/${id}`)).status).toBe(404);
      expect(bench.parts.actions.at(-1)).toMatchObject({ action: 'readings.import', subject: id });
      const chunks = await bench.parts.database.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM ingest.import_chunks',
      );
      expect(chunks.rows[0]?.n).toBe(0);
    } finally {
      await http.stop();
      await bench.service.stop();
    }
  }, 60_000);

  test('too large a file is refused before it is read; one that grows too large, and one that breaks off, leave nothing', async () => {
    const small = createIngestService(bench.parts, { importBytesMax: 1_000 });
    await small.start();
    const http = await serveRoutes({ parts: bench.parts, routes: small.routes });
    try {
      // Two gigabytes are announced and none is sent: the answer comes at once.
      const declared = await new Promise<number>((resolve, reject) => {
        const announcing = request(
          `${http.url}${path(long)}`,
          { method: 'POST', headers: { 'content-length': 2_000_000_000 } },
          (answer) => {
            resolve(answer.statusCode ?? 0);
            announcing.destroy();
          },
        );
        announcing.once('error', reject);
        announcing.flushHeaders();
      });
      expect(declared).toBe(413);
      const growing = new ReadableStream({
        pull: (controller) => {
          controller.enqueue(new TextEncoder().encode('x'.repeat(600)));
        },
      });
      const refused = await fetch(`${http.url}${path(long)}`, {
        method: 'POST',
        body: growing,
        duplex: 'half',
      } as RequestInit).catch(() => null);
      if (refused !== null) expect(refused.status).toBe(413);
      const empty = await fetch(`${http.url}${path(long)}`, { method: 'POST', body: '' });
      expect([empty.status, ((await empty.json()) as { code: string }).code]).toEqual([400, 'file-empty']);
      const left = await bench.parts.database.query<{ chunks: number; jobs: number }>(
        "SELECT (SELECT count(*)::int FROM ingest.import_chunks) AS chunks, (SELECT count(*)::int FROM ingest.import_jobs WHERE state IN ('waiting', 'running')) AS jobs",
      );
      expect(left.rows[0]).toEqual({ chunks: 0, jobs: 0 });
    } finally {
      await http.stop();
      await small.stop();
    }
  }, 60_000);

  test('a wrong description of the file is told before the file is read; without the right nothing happens', async () => {
    const http = await serveRoutes({ parts: bench.parts, routes: bench.service.routes });
    const analyst = await serveRoutes({
      parts: bench.parts,
      routes: bench.service.routes,
      principal: {
        kind: 'staff',
        id: 'stf_a',
        name: 'A',
        rightsByProject: { [importProjectId]: rightsOfRole.analyst },
      },
    });
    try {
      const bad = await http.send('POST', path({ ...long, slotMinutes: 0 }));
      expect(bad).toMatchObject({
        status: 422,
        body: { code: 'format-invalid', faults: [{ path: 'format.slotMinutes' }] },
      });
      expect(
        (await http.send('POST', `/api/projects/${importProjectId}/import-jobs?fileName=x&format=%7B`)).body,
      ).toMatchObject({ code: 'format-invalid' });
      expect((await analyst.send('POST', path(long))).status).toBe(403);
    } finally {
      await http.stop();
      await analyst.stop();
    }
  }, 60_000);

  test('an upload whose process died is taken up again and ends the same', async () => {
    const { database, clock } = bench.parts;
    const waiting = createIngestService(bench.parts);
    const http = await serveRoutes({ parts: bench.parts, routes: waiting.routes });
    await waiting.start();
    await waiting.stop();
    const post = await fetch(`${http.url}${path(long, '&onFault=keep-going')}`, {
      method: 'POST',
      body: file('L'),
    });
    const { id } = (await post.json()) as ImportJob;
    await http.stop();
    // As a process leaves it that was killed in the middle: running, with a fault already told.
    await database.query(
      `UPDATE ingest.import_jobs SET state = 'running', heartbeat_ms = $2, faults_count = 1 WHERE id = $1`,
      [id, clock.nowMs() - 61_000],
    );
    await database.query(`INSERT INTO ingest.import_faults VALUES ($1, 1, 3, 'L', 'number', 'told before')`, [
      id,
    ]);
    const after = createIngestService(bench.parts);
    await after.start();
    for (;;) {
      const found = await database.query<{ state: string }>(
        'SELECT state FROM ingest.import_jobs WHERE id = $1',
        [id],
      );
      if (found.rows[0]?.state === 'done') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await after.stop();
    const faults = await database.query<{ message: string }>(
      'SELECT message FROM ingest.import_faults WHERE job_id = $1',
      [id],
    );
    expect(faults.rows).toEqual([{ message: '"oops" is no number' }]);
    expect((await bench.pointsOf('L')).map(({ value }) => value / 1e6)).toEqual([0, 1, 1, 3]);
  }, 60_000);

  test('doctor finds nothing wrong in all of this', async () => {
    for (const { name, check } of bench.service.doctorChecks)
      expect({ name, ...(await check()) }).toMatchObject({ name, ok: true });
  });
});
