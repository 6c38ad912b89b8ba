// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { energy } from '../testing/messages.ts';
import { consumptionOf, mergeSlots, type SlotDay } from './slot-day.ts';

const day = '2026-02-02';

describe('merging interval energy', () => {
  test('the newest revision of each slot wins, in any order and with repetitions', () => {
    const message = fc.record({
      revision: fc.integer({ min: 0, max: 30 }),
      slots: fc.dictionary(fc.integer({ min: 0, max: 47 }).map(String), fc.integer({ min: 0, max: 900 }), {
        minKeys: 1,
        maxKeys: 5,
      }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(message, { selector: (item) => item.revision, minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (messages, dice) => {
          const order = [...messages, ...messages]
            .map((item) => ({ item, key: dice.next().value as number }))
            .sort((a, b) => a.key - b.key);
          let merged: SlotDay | null = null;
          for (const { item } of order) merged = mergeSlots(merged, energy({ day, ...item }));
          for (let slot = 0; slot < 48; slot += 1) {
            const naming = messages.filter((item) => item.slots[String(slot)] !== undefined);
            const newest = naming.reduce<(typeof messages)[number] | null>(
              (best, item) => (best === null || item.revision > best.revision ? item : best),
              null,
            );
            expect(merged?.consumption[slot]).toBe(newest === null ? null : newest.slots[String(slot)]);
          }
        },
      ),
    );
  });

  test('old news gives back the same object', () => {
    const first = mergeSlots(null, energy({ day, revision: 5, slots: { 0: 10, 1: 20 } }));
    expect(mergeSlots(first, energy({ day, revision: 5, slots: { 0: 10 } }))).toBe(first);
    expect(mergeSlots(first, energy({ day, revision: 4, slots: { 1: 99 } }))).toBe(first);
    expect(consumptionOf(first)).toBe(30);
  });

  test('arrays that do not fit are refused', () => {
    const good = energy({ day, revision: 1, slots: { 0: 1 } });
    expect(() => mergeSlots(null, { ...good, index: [48] })).toThrow(RangeError);
    expect(() => mergeSlots(null, { ...good, quality: [] })).toThrow(RangeError);
    expect(() => mergeSlots(null, { ...good, consumption: [0.5] })).toThrow(RangeError);
  });
});
