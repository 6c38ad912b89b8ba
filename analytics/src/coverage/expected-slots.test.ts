// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExpectedSlots } from './expected-slots.ts';

const minute = 60_000;
const instants = fc.integer({ min: 0, max: 3 * 24 * 60 });

test('expected slots equal a count of every slot: begun in the bucket, ended by now, a meter mounted during it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(15 as const, 30 as const, 60 as const),
      fc.uniqueArray(instants, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(instants, fc.option(instants), instants, instants), { maxLength: 6 }),
      instants,
      (slotMinutes, edgeMinutes, spans, nowMinute) => {
        const startsMs = [...edgeMinutes].sort((a, b) => a - b).map((value) => value * minute);
        const endMs = (startsMs.at(-1) ?? 0) + 90 * minute;
        const nowMs = nowMinute * minute;
        const length = slotMinutes * minute;
        const counter = new ExpectedSlots({ startsMs, endMs }, slotMinutes, nowMs);
        const naive = startsMs.map(() => 0);
        for (const [mountFrom, mountTo, from, to] of spans) {
          const mounting = { fromMs: mountFrom * minute, toMs: mountTo === null ? null : mountTo * minute };
          if (mounting.toMs !== null && mounting.toMs <= mounting.fromMs) continue;
          counter.add(mounting, from * minute, to * minute);
          for (let ms = 0; ms < endMs; ms += length) {
            const bucket = startsMs.findLastIndex((start) => start <= ms);
            const mounted = mounting.fromMs < ms + length && (mounting.toMs === null || mounting.toMs > ms);
            if (bucket >= 0 && mounted && ms >= from * minute && ms < to * minute && ms + length <= nowMs)
              naive[bucket] = (naive[bucket] ?? 0) + 1;
          }
        }
        expect([...counter.counts()]).toEqual(naive);
      },
    ),
    { numRuns: 500 },
  );
});
