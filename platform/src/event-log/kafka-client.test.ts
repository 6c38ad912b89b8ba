// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import type { RecordsBatch } from '@platformatic/kafka';
import fc from 'fast-check';
import { committedRecords } from './kafka-client.ts';

function batch(
  firstOffset: number,
  values: readonly string[],
  producerId: number,
  kind: 'plain' | 'transactional' | 'marker',
): RecordsBatch {
  return {
    firstOffset: BigInt(firstOffset),
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes: kind === 'plain' ? 0 : kind === 'marker' ? 0b11_0000 : 0b01_0000,
    lastOffsetDelta: values.length - 1,
    firstTimestamp: 1_000n,
    maxTimestamp: 1_000n,
    producerId: BigInt(producerId),
    producerEpoch: 0,
    firstSequence: 0,
    records: values.map((value, offsetDelta) => ({
      length: 0,
      attributes: 0,
      timestampDelta: BigInt(offsetDelta),
      offsetDelta,
      key: Buffer.from('k'),
      value: Buffer.from(value),
      headers: [],
    })),
  };
}

/** What one producer did: committed or aborted transactions, or a plain write. */
const steps = fc.array(
  fc.record({
    producer: fc.integer({ min: 1, max: 3 }),
    outcome: fc.constantFrom('plain', 'commit', 'abort' as const),
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 12 },
);

test('a committed reader sees what was committed, in order, and nothing of aborted transactions, wherever the answer is cut', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 60 }), fc.nat(60), (history, start, cut) => {
      const batches: RecordsBatch[] = [];
      const aborted: { producerId: bigint; firstOffset: bigint }[] = [];
      const visible: { offset: number; value: string }[] = [];
      let offset = 0;
      for (const { producer, outcome, sizes } of history) {
        if (outcome === 'abort') aborted.push({ producerId: BigInt(producer), firstOffset: BigInt(offset) });
        for (const size of sizes) {
          const values = Array.from({ length: size }, (_, index) => `${offset + index}`);
          batches.push(batch(offset, values, producer, outcome === 'plain' ? 'plain' : 'transactional'));
          if (outcome !== 'abort')
            visible.push(...values.map((value, index) => ({ offset: offset + index, value })));
          offset += size;
        }
        if (outcome !== 'plain') {
          batches.push(batch(offset, ['marker'], producer, 'marker'));
          offset += 1;
        }
      }
      // A broker answers with whole batches from the one that holds `from`, and lists the aborted transactions that reach into them.
      const from = Math.min(start, offset);
      const first = batches.findIndex(
        (candidate) => Number(candidate.firstOffset) + candidate.lastOffsetDelta >= from,
      );
      const answer = first < 0 ? [] : batches.slice(first, first + Math.max(1, cut));
      const end =
        answer.at(-1) === undefined
          ? from
          : Number(answer.at(-1)?.firstOffset) + (answer.at(-1)?.lastOffsetDelta ?? 0) + 1;
      const answerStart = Number(answer[0]?.firstOffset ?? 0n);
      const reaching = aborted.filter(({ producerId, firstOffset }) => {
        const marker = batches.find(
          (candidate) =>
            candidate.producerId === producerId &&
            (candidate.attributes & 0b10_0000) !== 0 &&
            candidate.firstOffset > firstOffset,
        );
        return Number(firstOffset) < end && Number(marker?.firstOffset ?? 0n) >= answerStart;
      });
      const fetched = committedRecords(answer, reaching, from);
      expect(fetched.records.map((record) => ({ offset: record.offset, value: record.value }))).toEqual(
        visible.filter((record) => record.offset >= from && record.offset < end),
      );
      expect(fetched.nextOffset).toBe(end);
    }),
  );
});
