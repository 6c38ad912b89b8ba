// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localDayOf, slotsOfLocalDay, type IntervalEnergy } from '@wattledger/contracts';
import { energy } from '../testing/messages.ts';
import { layDays, segmentKeyText, settleGrids, type SegmentGrid } from './segment-grids.ts';
import { mergeSlots, slotDayKeyText, type SlotDay } from './slot-day.ts';

const days = ['2026-03-28', '2026-03-29', '2026-03-30'];
const zones = ['Europe/Berlin', 'Asia/Shanghai', 'America/New_York'] as const;

/** Start → consumption over all days. */
const startsOf = (all: Iterable<SlotDay>): Record<string, number> => {
  const starts: Record<string, number> = {};
  for (const day of all) {
    day.consumption.forEach((consumption, index) => {
      if (consumption !== null) starts[day.firstSlotMs + index * day.slotMinutes * 60_000] = consumption;
    });
  }
  return starts;
};

/** Charging's way through messages, without a database. */
function takeIn(batches: readonly (readonly IntervalEnergy[])[]): ReadonlyMap<string, SlotDay> {
  let grids = new Map<string, SegmentGrid>();
  let stored = new Map<string, SlotDay>();
  for (const batch of batches) {
    const settled = settleGrids(grids, batch);
    grids = new Map([...grids, ...settled.changed.map((grid) => [segmentKeyText(grid), grid] as const)]);
    for (const grid of settled.changed) {
      if (settled.left.has(segmentKeyText(grid)))
        stored = new Map(layDays([...stored.values()], grid).map((day) => [slotDayKeyText(day), day]));
    }
    for (const message of settled.messages)
      stored.set(slotDayKeyText(message), mergeSlots(stored.get(slotDayKeyText(message)) ?? null, message));
  }
  return stored;
}

describe('another zone', () => {
  test('moves slots between days and loses none, whatever arrives when', () => {
    const raw = fc.record({
      era: fc.integer({ min: 0, max: 2 }),
      day: fc.constantFrom(...days),
      revision: fc.integer({ min: 0, max: 9 }),
      slots: fc.dictionary(fc.integer({ min: 0, max: 45 }).map(String), fc.integer({ min: 1, max: 900 }), {
        minKeys: 1,
        maxKeys: 6,
      }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(raw, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        (batches) => {
          // The log's offsets: all news of an era comes before the next era's.
          const said = new Map<string, number>();
          const toMessage = ({
            era,
            day,
            revision,
            slots,
          }: (typeof batches)[number][number]): IntervalEnergy => {
            const message = energy({
              day,
              revision: era * 100 + revision,
              slots,
              zone: zones[era] as string,
            });
            const consumption = message.index.map((index, item) => {
              const key = `${message.firstSlotMs + index * 1_800_000}/${message.revision}`;
              said.set(key, said.get(key) ?? (message.consumption[item] as number));
              return said.get(key) as number;
            });
            return { ...message, consumption };
          };
          const messages = batches.map((batch) => batch.map(toMessage));
          const stored = takeIn(messages);
          const expected: Record<string, number> = {};
          const newest: Record<string, number> = {};
          for (const message of messages.flat()) {
            message.index.forEach((index, item) => {
              const start = message.firstSlotMs + index * 1_800_000;
              if ((newest[start] ?? -1) >= message.revision) return;
              newest[start] = message.revision;
              expected[start] = message.consumption[item] as number;
            });
          }
          expect(startsOf(stored.values())).toEqual(expected);
          const zone = zones[
            Math.max(...messages.flat().map((message) => Math.floor(message.revision / 100)))
          ] as string;
          for (const day of stored.values()) {
            expect(day.zone).toBe(zone);
            expect(day.firstSlotMs).toBe(slotsOfLocalDay(zone, day.localDay, 30).firstSlotMs);
          }
        },
      ),
    );
  });

  test('a day left without slots is still answered, so that its charge is taken back', () => {
    const before = mergeSlots(null, energy({ day: '2026-02-02', revision: 1, slots: { 0: 5 } }));
    const laid = layDays([before], {
      meteringPointId: 'pnt_a',
      segmentId: 'seg_pnt_a',
      zone: 'America/New_York',
      slotMinutes: 30,
      gridRevision: 2,
    });
    expect(laid.map((day) => [day.localDay, startsOf([day])])).toEqual([
      ['2026-02-02', {}],
      ['2026-02-01', { [before.firstSlotMs]: 5 }],
    ]);
    expect(localDayOf('America/New_York', before.firstSlotMs)).toBe('2026-02-01');
  });
});

describe('another slot length', () => {
  test('newer drops the old slots, older is ignored', () => {
    const half = energy({ day: '2026-02-02', revision: 5, slots: { 0: 10, 1: 20 } });
    const quarter = energy({ day: '2026-02-02', revision: 6, slots: { 0: 3, 1: 7 }, slotMinutes: 15 });
    const late = energy({ day: '2026-02-03', revision: 4, slots: { 0: 99 } });
    for (const batches of [
      [[half], [quarter], [late]],
      [[half, quarter, late]],
      [[quarter], [half], [late]],
      [[late], [half, quarter]],
    ]) {
      expect(Object.values(startsOf(takeIn(batches).values()))).toEqual([3, 7]);
    }
  });
});
