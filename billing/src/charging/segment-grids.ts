// SPDX-License-Identifier: Apache-2.0
/**
 * Which grid a segment's slots lie on. Slots are told by their start in UTC, days are told in the project's zone: when the
 * zone changes, the same slots fall on other days, and what has been charged is laid anew with them. When the slot
 * length changes, the stream tells every slot again, and the old ones are dropped. Pure.
 */
import {
  localDayOf,
  slotLengthMs,
  slotsOfLocalDay,
  type IntervalEnergy,
  type SlotMinutes,
} from '@wattledger/contracts';
import type { SlotDay } from './slot-day.ts';

export interface SegmentGrid {
  readonly meteringPointId: string;
  readonly segmentId: string;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  /** Revision of the news that first used the grid: news of smaller revision is of an earlier one. */
  readonly gridRevision: number;
}
export const segmentKeyText = (segment: Pick<SegmentGrid, 'meteringPointId' | 'segmentId'>): string =>
  `${segment.meteringPointId}/${segment.segmentId}`;

export interface SettledGrids {
  /** The messages on the grids now in force; news on an abandoned slot length is left out. */
  readonly messages: readonly IntervalEnergy[];
  /** Grids first seen or changed. */
  readonly changed: readonly SegmentGrid[];
  /** Segments that were on another grid, by key, with the grid they leave. */
  readonly left: ReadonlyMap<string, SegmentGrid>;
}

const gridOf = (message: IntervalEnergy): SegmentGrid => ({
  meteringPointId: message.meteringPointId,
  segmentId: message.segmentId,
  zone: message.zone,
  slotMinutes: message.slotMinutes,
  gridRevision: message.revision,
});

const sameGrid = (grid: SegmentGrid, message: IntervalEnergy): boolean =>
  grid.zone === message.zone && grid.slotMinutes === message.slotMinutes;

/** Decides the grid of every segment in the messages and lays the messages on it. */
export function settleGrids(
  known: ReadonlyMap<string, SegmentGrid>,
  messages: readonly IntervalEnergy[],
): SettledGrids {
  const grids = new Map<string, SegmentGrid>();
  for (const message of messages) {
    const key = segmentKeyText(message);
    const grid = grids.get(key) ?? known.get(key);
    if (grid === undefined || (!sameGrid(grid, message) && message.revision > grid.gridRevision))
      grids.set(key, gridOf(message));
  }
  const left = new Map<string, SegmentGrid>();
  for (const [key, grid] of grids) {
    const before = known.get(key);
    if (before !== undefined && (before.zone !== grid.zone || before.slotMinutes !== grid.slotMinutes))
      left.set(key, before);
  }
  const laid = messages.flatMap((message) => {
    const grid = (grids.get(segmentKeyText(message)) ?? known.get(segmentKeyText(message))) as SegmentGrid;
    if (sameGrid(grid, message)) return [message];
    return grid.slotMinutes === message.slotMinutes ? layMessage(message, grid) : [];
  });
  return { messages: laid, changed: [...grids.values()], left };
}

/** A message of an earlier zone, on the days of the grid now in force. */
function layMessage(message: IntervalEnergy, grid: SegmentGrid): readonly IntervalEnergy[] {
  const length = slotLengthMs(grid.slotMinutes);
  const byDay = new Map<string, { readonly startMs: number; readonly item: number }[]>();
  message.index.forEach((index, item) => {
    const startMs = message.firstSlotMs + index * length;
    const day = localDayOf(grid.zone, startMs);
    const slots = byDay.get(day);
    if (slots === undefined) byDay.set(day, [{ startMs, item }]);
    else slots.push({ startMs, item });
  });
  return [...byDay].map(([localDay, slots]): IntervalEnergy => {
    const { firstSlotMs, slotCount } = slotsOfLocalDay(grid.zone, localDay, grid.slotMinutes);
    return {
      ...message,
      zone: grid.zone,
      localDay,
      firstSlotMs,
      slotCount,
      index: slots.map(({ startMs }) => (startMs - firstSlotMs) / length),
      consumption: slots.map(({ item }) => message.consumption[item] as number),
      quality: slots.map(({ item }) => message.quality[item] as number),
    };
  });
}

/**
 * The days of a segment on another grid. A day that exists on both is answered even if it is left without slots, so
 * that its charge is taken back.
 */
export function layDays(days: readonly SlotDay[], grid: SegmentGrid): readonly SlotDay[] {
  const length = slotLengthMs(grid.slotMinutes);
  const laid = new Map<
    string,
    { day: SlotDay; consumption: (number | null)[]; revision: number[]; quality: number[] }
  >();
  const dayOf = (from: SlotDay, localDay: string) => {
    let target = laid.get(localDay);
    if (target === undefined) {
      const { firstSlotMs, slotCount } = slotsOfLocalDay(grid.zone, localDay, grid.slotMinutes);
      const consumption = new Array<number | null>(slotCount).fill(null);
      const revision = new Array<number>(slotCount).fill(-1);
      const quality = new Array<number>(slotCount).fill(0);
      const day = {
        ...from,
        zone: grid.zone,
        slotMinutes: grid.slotMinutes,
        localDay,
        firstSlotMs,
        consumption,
        revision,
        quality,
      };
      laid.set(localDay, (target = { day, consumption, revision, quality }));
    }
    return target;
  };
  for (const day of days) {
    dayOf(day, day.localDay);
    if (day.slotMinutes !== grid.slotMinutes) continue;
    day.consumption.forEach((consumption, index) => {
      if (consumption === null) return;
      const startMs = day.firstSlotMs + index * length;
      const target = dayOf(day, localDayOf(grid.zone, startMs));
      const place = (startMs - target.day.firstSlotMs) / length;
      target.consumption[place] = consumption;
      target.revision[place] = day.revision[index] as number;
      target.quality[place] = day.quality[index] as number;
    });
  }
  return [...laid.values()].map(({ day }) => day);
}
