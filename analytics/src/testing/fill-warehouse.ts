// SPDX-License-Identifier: Apache-2.0
/** Puts a world into the stream's tables the way the stream leaves them: later revisions beside earlier ones, unmerged. */
import { boundsOfLocalDay, localDayOf, slotsOfLocalDay } from '@wattledger/contracts';
import { migrateWarehouse, type Parts, type Warehouse, type WarehouseValue } from '@wattledger/platform';
import { writeFreshness } from '../freshness/freshness-store.ts';
import { Naive } from './naive.ts';
import { Dice, periodOf, type TruthSlot, type World } from './world.ts';

/** The stream's own table definitions: a published contract, read from where it is published. */
export async function makeStreamTables(warehouse: Warehouse): Promise<void> {
  await migrateWarehouse(warehouse, {
    name: 'stream',
    directory: new URL('../../../stream/warehouse/', import.meta.url),
  });
}

const slotColumns = [
  'project_id',
  'metering_point_id',
  'quantity',
  'segment_id',
  'slot_start',
  'consumption',
  'quality',
  'revision',
  'is_deleted',
];

function slotRow(
  world: World,
  slot: TruthSlot,
  revision: number,
  changed: { consumption: number; quality: number } | null,
  isDeleted: 0 | 1,
): WarehouseValue[] {
  return [
    world.projectId,
    slot.pointId,
    slot.quantity,
    slot.segmentId,
    slot.startMs / 1_000,
    changed?.consumption ?? slot.consumption,
    changed?.quality ?? slot.quality,
    revision,
    isDeleted,
  ];
}

const dayColumns = [
  'project_id',
  'metering_point_id',
  'quantity',
  'segment_id',
  'local_day',
  'period',
  'consumption',
  'slots_measured',
  'slots_estimated',
  'slots_edited',
  'slots_missing',
  'peak_consumption',
  'peak_start',
  'revision',
  'is_deleted',
];

interface DaySum {
  readonly slot: TruthSlot;
  readonly localDay: string;
  readonly period: string;
  consumption: number;
  readonly slots: [number, number, number, number];
  peak: TruthSlot;
}

function daySums(world: World): DaySum[] {
  const sums = new Map<string, DaySum>();
  for (const slot of world.slots) {
    const localDay = localDayOf(world.zone, slot.startMs);
    const period = periodOf(world, slot.startMs);
    const key = `${slot.segmentId}/${slot.quantity}/${localDay}/${period}`;
    const sum = sums.get(key) ?? { slot, localDay, period, consumption: 0, slots: [0, 0, 0, 0], peak: slot };
    sum.consumption += slot.consumption;
    sum.slots[slot.quality] = (sum.slots[slot.quality] ?? 0) + 1;
    if (slot.consumption > sum.peak.consumption) sum.peak = slot;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

function dayRow(
  world: World,
  sum: DaySum,
  revision: number,
  add: number,
  isDeleted: 0 | 1,
): WarehouseValue[] {
  return [
    world.projectId,
    sum.slot.pointId,
    sum.slot.quantity,
    sum.slot.segmentId,
    sum.localDay,
    sum.period,
    sum.consumption + add,
    ...sum.slots,
    sum.peak.consumption,
    sum.peak.startMs / 1_000,
    revision,
    isDeleted,
  ];
}

const lossColumns = [
  'project_id',
  'metering_point_id',
  'quantity',
  'local_day',
  'input',
  'children',
  'child_count',
  'slots_compared',
  'slots_expected',
  'revision',
  'is_deleted',
];

/** Losses as the stream computes them: a row per parent and local day with compared slots. */
function lossRows(world: World): WarehouseValue[][] {
  const naive = new Naive(world);
  const days = new Set(world.slots.map((slot) => localDayOf(world.zone, slot.startMs)));
  return world.points.flatMap((point) =>
    [...days].flatMap((day): WarehouseValue[][] => {
      const { startMs, endMs } = boundsOfLocalDay(world.zone, day);
      const { input, children, slotsCompared } = naive.loss(point.id, startMs, endMs);
      if (slotsCompared === 0) return [];
      const childCount = naive.linkedChildren(point.id, startMs).length;
      return [
        [
          world.projectId,
          point.id,
          'active-import',
          day,
          input,
          children,
          childCount,
          slotsCompared,
          slotsOfLocalDay(world.zone, day, world.slotMinutes).slotCount,
          10,
          0,
        ],
      ];
    }),
  );
}

/** Slots, days, losses and freshness of a world, with superseded and deleted rows among them. */
export async function fillWorld(parts: Pick<Parts, 'warehouse' | 'database'>, world: World): Promise<void> {
  const dice = new Dice(world.slots.length + world.nowMs);
  const { warehouse, database } = parts;
  const superseded = world.slots
    .filter(() => dice.chance(0.1))
    .map((slot) =>
      slotRow(world, slot, 5, { consumption: dice.whole(0, 9_999), quality: dice.whole(0, 3) }, 0),
    );
  const ghosts = world.slots
    .filter(() => dice.chance(0.02))
    .map((slot): TruthSlot => ({ ...slot, segmentId: `${slot.segmentId}_ghost` }));
  await warehouse.insert('slots', slotColumns, [
    ...superseded,
    ...ghosts.map((slot) => slotRow(world, slot, 6, null, 0)),
  ]);
  await warehouse.insert('slots', slotColumns, [
    ...world.slots.map((slot) => slotRow(world, slot, 10, null, 0)),
    ...ghosts.map((slot) => slotRow(world, slot, 9, null, 1)),
  ]);
  const sums = daySums(world);
  const ghostSums = daySums({ ...world, slots: ghosts });
  await warehouse.insert('days', dayColumns, [
    ...sums.filter(() => dice.chance(0.2)).map((sum) => dayRow(world, sum, 4, 777, 0)),
    ...ghostSums.map((sum) => dayRow(world, sum, 6, 0, 0)),
  ]);
  await warehouse.insert('days', dayColumns, [
    ...sums.map((sum) => dayRow(world, sum, 10, 0, 0)),
    ...ghostSums.map((sum) => dayRow(world, sum, 9, 0, 1)),
  ]);
  await warehouse.insert('loss_days', lossColumns, lossRows(world));
  await writeFreshness(
    database,
    [...world.lastReadingOf].map(([segmentId, { pointId, ms }]) => ({
      segmentId,
      projectId: world.projectId,
      meteringPointId: pointId,
      lastReadingMs: ms,
      lastReadingQuality: 0,
    })),
  );
}
