// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topics } from '@wattledger/contracts';
import { createLogger } from '../logger/logger.ts';
import type { Database } from '../database/port.ts';
import { fairShare } from './membership.ts';
import { PartitionRunner } from './partition-runner.ts';
import { partitionOf } from './partition-of.ts';
import type { LogRecord } from './port.ts';
import { Bell } from './wake-up.ts';

test('a consumer that is busy holds what two reads brought and asks for no more', async () => {
  let reads = 0;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let handled = 0;
  const runner = new PartitionRunner<unknown>({
    place: { group: 'g', topic: 't', partition: 0 },
    // Only the position is asked of the database here.
    database: { query: async () => ({ rows: [{ next_offset: 0 }], rowCount: 1 }) } as unknown as Database,
    consume: {
      group: 'g',
      topic: topics.telemetry as never,
      recordsMax: 5,
      handle: async () => {
        handled += 1;
        await held;
        throw new Error('stopped by the test');
      },
    },
    source: {
      longPolls: false,
      read: async (from, { recordsMax }) => {
        reads += 1;
        return Array.from({ length: recordsMax }, (_, index): LogRecord<unknown> => ({
          key: 'k',
          value: null,
          offset: from + index,
          recordedAtMs: 0,
        }));
      },
    },
    bell: new Bell(),
    logger: createLogger({ level: 'silent' }),
  });
  while (handled === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect({ handled, reads }).toEqual({ handled: 1, reads: 2 });
  const stopping = runner.stop();
  release();
  await stopping;
});

test('every partition belongs to exactly one living member, shares differ by at most one, and everybody computes the same', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 40 }),
      (members, partitions) => {
        const shares = members.map((member) =>
          fairShare(
            fc.sample(fc.shuffledSubarray(members, { minLength: members.length }), 1)[0] ?? members,
            member,
            partitions,
          ),
        );
        expect(shares.flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: partitions }, (_, partition) => partition),
        );
        const sizes = shares.map((share) => share.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test('the partition of a key never changes: it is part of the stored format', () => {
  // FNV-1a's published vectors for "", "a" and "foobar", reduced by 2^10.
  expect(partitionOf('a', 1_024)).toBe(0xe40c292c % 1_024);
  expect(partitionOf('foobar', 1_024)).toBe(0xbf9cf968 % 1_024);
  expect(partitionOf('mtr_0123456789abcdef', 12)).toBe(partitionOf('mtr_0123456789abcdef', 12));
  expect(partitionOf('anything', 1)).toBe(0);
});
