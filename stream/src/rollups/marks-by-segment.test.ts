// SPDX-License-Identifier: Apache-2.0
/** Goal: an installation from before marks by segment keeps its marks and knows its meters' grids. Method: the schema as it was, rows, then the newest. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { flatCalendar } from '@wattledger/contracts';
import { migrate } from '@wattledger/platform';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { gridKeyOf, type DayGrid } from './day-grid.ts';
import { readMarkedDays, readMarks } from './touched-days-store.ts';

const schema = 'stream';
const newest = new URL('../../sql/', import.meta.url);
const grid: DayGrid = { zone: 'Europe/Berlin', slotMinutes: 30, calendar: flatCalendar };

let parts: TestParts;
beforeAll(async () => {
  parts = await startTestParts({ name: 'marks_by_segment' });
  const earlier = await mkdtemp(join(tmpdir(), 'wattledger-stream-sql-'));
  for (const name of ['000001_stream.sql', '000002_rollup_marks.sql'])
    await copyFile(new URL(name, newest), join(earlier, name));
  await migrate(parts.database, { schema, directory: pathToFileURL(`${earlier}/`) });
  await rm(earlier, { recursive: true });
}, 60_000);
afterAll(async () => {
  await parts.stop();
});

test('marks of a point become those of its segments, on the grid of their meter', async () => {
  const { database } = parts;
  const gridKey = gridKeyOf(grid);
  await database.query('INSERT INTO stream.grids VALUES ($1, $2, $3, $4)', [
    gridKey,
    grid.zone,
    grid.slotMinutes,
    JSON.stringify(grid.calendar),
  ]);
  for (const meterId of ['mtr_1', 'mtr_2']) {
    await database.query(`INSERT INTO stream.meters VALUES ('prj_1', $1, 0, 1, 5, 5, false, '{}')`, [
      meterId,
    ]);
    await database.query(`INSERT INTO stream.mountings VALUES ('prj_1', $1, 5, $2)`, [
      meterId,
      JSON.stringify({ kind: 'mounting', ...grid }),
    ]);
    await database.query(
      `INSERT INTO stream.segments (project_id, meter_id, segment_id, register, metering_point_id, quantity, rollovers, rollover_consumption, readings, state)
       VALUES ('prj_1', $1, $2, 'import', 'pnt_1', 'active-import', 0, 0, 0, '{}')`,
      [meterId, `seg_${meterId}`],
    );
  }
  await database.query(
    `INSERT INTO stream.day_marks (project_id, metering_point_id, local_day, grid_key) VALUES ('prj_1', 'pnt_1', '2026-03-02', $1)`,
    [gridKey],
  );
  await migrate(database, { schema, directory: newest });
  const [marked, ...others] = await readMarkedDays(database);
  expect(others).toEqual([]);
  expect(marked).toMatchObject({ projectId: 'prj_1', gridKey, calendarNumber: 2 });
  if (marked === undefined) throw new Error('nothing is marked');
  const markOf = (segmentId: string): unknown => ({
    meteringPointId: 'pnt_1',
    segmentId,
    localDay: '2026-03-02',
    touches: 1,
  });
  expect(await readMarks(database, marked, 10)).toEqual([markOf('seg_mtr_1'), markOf('seg_mtr_2')]);
});
