// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: days and losses are what the slots add up to. Method: random slots go straight into the warehouse in several
 * revisions, with tombstones; the worker's rows are compared with a naive count in memory, before and after changes.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate, migrateWarehouse } from '@wattledger/platform';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import {
  flatCalendar,
  localDayOf,
  periodsOfLocalDay,
  slotsOfLocalDay,
  type TariffCalendar,
} from '@wattledger/contracts';
import { keepParentLinks, type ParentLink } from '../loss/parent-links.ts';
import { gridKeyOf, type DayGrid } from './day-grid.ts';
import { createRollupsWorker } from './rollups-worker.ts';
import { markTouchedDays } from './touched-days-store.ts';

let parts: TestParts;
beforeAll(async () => {
  parts = await startTestParts({ name: 'rollups' });
  await migrate(parts.database, { schema: 'stream', directory: new URL('../../sql/', import.meta.url) });
  await migrateWarehouse(parts.warehouse, {
    name: 'stream',
    directory: new URL('../../warehouse/', import.meta.url),
  });
}, 60_000);
afterAll(async () => {
  await parts.stop();
});

const calendar: TariffCalendar = {
  ...flatCalendar,
  id: 'two-rates',
  dayProfiles: {
    all: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
      { fromMinute: 1320, period: 'valley' },
    ],
  },
};
// New York: the window holds a day of 25 hours.
const grid: DayGrid = { zone: 'America/New_York', slotMinutes: 30, calendar };
const days = ['2025-11-01', '2025-11-02', '2025-11-03'];
const slotMs = 1_800_000;

interface Row {
  point: string;
  quantity: string;
  segment: string;
  slotMs: number;
  consumption: number;
  quality: number;
  revision: number;
  deleted: boolean;
}

/** Small deterministic generator: the test prints nothing that a rerun does not print. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Rows of slots, and their days marked by the one meter of the project. */
async function write(
  projectId: string,
  rows: readonly Row[],
  calendarNumber = 1,
  on: DayGrid = grid,
): Promise<void> {
  await parts.warehouse.insert(
    'slots',
    [
      'project_id',
      'metering_point_id',
      'quantity',
      'segment_id',
      'slot_start',
      'consumption',
      'quality',
      'revision',
      'is_deleted',
    ],
    rows.map((row) => [
      projectId,
      row.point,
      row.quantity,
      row.segment,
      row.slotMs / 1000,
      row.consumption,
      row.quality,
      row.revision,
      row.deleted ? 1 : 0,
    ]),
  );
  const days = rows.map((row) => ({
    meterId: 'mtr_1',
    segmentId: row.segment,
    meteringPointId: row.point,
    localDay: localDayOf(on.zone, row.slotMs),
  }));
  const newestReadingMs = Math.max(...rows.map((row) => row.slotMs + slotMs));
  await parts.database.transaction(async (transaction) => {
    await transaction.query(
      `INSERT INTO stream.meters (project_id, meter_id, partition, version, calendar_number, grid_key, is_held, holes)
       VALUES ($1, 'mtr_1', 0, 1, $2, $3, false, '{}')
       ON CONFLICT (project_id, meter_id) DO UPDATE SET calendar_number = excluded.calendar_number, grid_key = excluded.grid_key`,
      [projectId, calendarNumber, gridKeyOf(on)],
    );
    await markTouchedDays(transaction, { projectId, grid: on, days, isNew: true, newestReadingMs });
  });
  await createRollupsWorker(parts).drain();
}

/** Newest revision of each slot that is not a tombstone. */
function alive(rows: readonly Row[]): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.point} ${row.quantity} ${row.segment} ${String(row.slotMs)}`;
    const known = newest.get(key);
    if (known === undefined || known.revision <= row.revision) newest.set(key, row);
  }
  return [...newest.values()].filter((row) => !row.deleted);
}

function naiveDays(rows: readonly Row[], on: DayGrid): Record<string, [number, number]> {
  const sums: Record<string, [number, number]> = {};
  for (const row of alive(rows)) {
    const day = localDayOf(on.zone, row.slotMs);
    const index = (row.slotMs - slotsOfLocalDay(on.zone, day, on.slotMinutes).firstSlotMs) / slotMs;
    const period = periodsOfLocalDay(on.calendar, on.zone, day, on.slotMinutes)[index] ?? '?';
    const sum = (sums[`${row.point} ${row.segment} ${day} ${period}`] ??= [0, 0]);
    sum[0] += row.consumption;
    sum[1] += 1;
  }
  return sums;
}

async function storedDays(projectId: string): Promise<Record<string, [number, number]>> {
  const rows = await parts.warehouse.query<{ key: string; consumption: number; slots: number }>(
    `SELECT concat(d.metering_point_id, ' ', d.segment_id, ' ', toString(d.local_day), ' ', d.period) AS key, d.consumption AS consumption,
            d.slots_measured + d.slots_estimated + d.slots_edited + d.slots_missing AS slots
     FROM days AS d FINAL WHERE d.project_id = {projectId:String}`,
    { projectId },
  );
  return Object.fromEntries(rows.map((row) => [row.key, [row.consumption, row.slots]]));
}

function randomRows(seed: number, revision: number, share: number, tombstones: boolean): Row[] {
  const random = generator(seed);
  const rows: Row[] = [];
  for (const point of ['main', 'a', 'b']) {
    for (const day of days) {
      const { firstSlotMs, slotCount } = slotsOfLocalDay(grid.zone, day, 30);
      for (let index = 0; index < slotCount; index += 1) {
        if (random(100) >= share) continue;
        const deleted = tombstones && random(3) === 0;
        rows.push({
          point,
          quantity: 'active-import',
          segment: `${point}-1`,
          slotMs: firstSlotMs + index * slotMs,
          consumption: deleted ? 0 : random(5_000),
          quality: random(20) === 0 ? 3 : random(2),
          revision,
          deleted,
        });
      }
    }
  }
  return rows;
}

test('days are the sums of the newest slots, through revisions, tombstones and another calendar', async () => {
  const first = randomRows(1, 10, 90, false);
  await write('p1', first);
  expect(await storedDays('p1')).toEqual(naiveDays(first, grid));
  const second = randomRows(2, 20, 40, true);
  await write('p1', second);
  expect(await storedDays('p1')).toEqual(naiveDays([...first, ...second], grid));
  // A whole day vanishes.
  const gone = alive([...first, ...second])
    .filter((row) => row.point === 'a' && localDayOf(grid.zone, row.slotMs) === '2025-11-02')
    .map((row) => ({ ...row, revision: 30, deleted: true, consumption: 0 }));
  await write('p1', gone);
  expect(await storedDays('p1')).toEqual(naiveDays([...first, ...second, ...gone], grid));
  const flat: DayGrid = { ...grid, calendar: flatCalendar };
  await write('p1', alive([...first, ...second, ...gone]), 2, flat);
  expect(await storedDays('p1')).toEqual(naiveDays([...first, ...second, ...gone], flat));
});

test('losses compare only slots that parent and children all have, with the links of their time', async () => {
  const rows = randomRows(3, 10, 85, false);
  const noonMs = slotsOfLocalDay(grid.zone, '2025-11-03', 30).firstSlotMs + 24 * slotMs;
  await write('p2', rows);
  await keepParentLinks(parts.database, parts.warehouse, [
    {
      projectId: 'p2',
      meteringPointId: 'a',
      links: [{ parentId: 'main', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }],
    },
    { projectId: 'p2', meteringPointId: 'b', links: [{ parentId: 'main', fromMs: 0, toMs: noonMs }] },
  ]);
  await createRollupsWorker(parts).drain();
  const stored = await parts.warehouse.query<{
    day: string;
    input: number;
    children: number;
    compared: number;
    child_count: number;
  }>(
    `SELECT toString(l.local_day) AS day, l.input, l.children, l.slots_compared AS compared, l.child_count FROM loss_days AS l FINAL
     WHERE l.project_id = 'p2' AND l.metering_point_id = 'main' ORDER BY l.local_day`,
  );
  const known = new Map(
    rows
      .filter((row) => row.quality !== 3)
      .map((row) => [`${row.point} ${String(row.slotMs)}`, row.consumption]),
  );
  const expected = days.map((day) => {
    const { firstSlotMs, slotCount } = slotsOfLocalDay(grid.zone, day, 30);
    let [input, children, compared] = [0, 0, 0];
    for (let at = firstSlotMs; at < firstSlotMs + slotCount * slotMs; at += slotMs) {
      const values = ['main', 'a', ...(at < noonMs ? ['b'] : [])].map((point) =>
        known.get(`${point} ${String(at)}`),
      );
      if (values.some((value) => value === undefined)) continue;
      const [own, ...others] = values as [number, ...number[]];
      input += own;
      children += others.reduce((sum, value) => sum + value, 0);
      compared += 1;
    }
    return { day, input, children, compared, child_count: 2 };
  });
  expect(stored).toEqual(expected);
});

test('losses of a tree that is no more, or began later, are gone', async () => {
  await write('p3', randomRows(4, 10, 100, false));
  const comparedDays = async (links: readonly ParentLink[]): Promise<unknown> => {
    const points = [{ projectId: 'p3', meteringPointId: 'a', links }];
    await keepParentLinks(parts.database, parts.warehouse, points);
    await createRollupsWorker(parts).drain();
    const rows = await parts.warehouse.query<{ day: string }>(
      `SELECT toString(l.local_day) AS day FROM loss_days AS l FINAL WHERE l.project_id = 'p3' ORDER BY l.local_day`,
    );
    return rows.map(({ day }) => day);
  };
  const toMs = Number.MAX_SAFE_INTEGER;
  expect(await comparedDays([{ parentId: 'main', fromMs: 0, toMs }])).toEqual(days);
  const secondDayMs = slotsOfLocalDay(grid.zone, days[1] as string, 30).firstSlotMs;
  expect(await comparedDays([{ parentId: 'main', fromMs: secondDayMs, toMs }])).toEqual(days.slice(1));
  expect(await comparedDays([])).toEqual([]);
});
