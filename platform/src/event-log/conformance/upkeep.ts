// SPDX-License-Identifier: Apache-2.0
/** Upkeep: tail, lag, rewind, trimming, compaction. */
import { expect, test } from '@jest/globals';
import type { LogRecord } from '../port.ts';
import {
  dayMs,
  newTopic,
  record,
  until,
  type ConformanceOptions,
  type LogBench,
  type TestValue,
} from './log-bench.ts';

export function upkeepTests(bench: LogBench, compaction: ConformanceOptions['compaction']): void {
  watchingTests(bench);
  keepingTests(bench, compaction);
}

function watchingTests(bench: LogBench): void {
  const { openLog, consume, writeEffects, effectsOf, untilEffects } = bench;

  test('a tail hears what is appended from now on, and a position is not needed', async () => {
    const topic = newTopic({ partitions: 4 });
    const log = await openLog();
    await log.append(topic, [record(1, 'before')]);
    const heard: LogRecord<TestValue>[] = [];
    const tail = await log.tail(topic, (records) => void heard.push(...records));
    await log.append(topic, [record(2, 'a'), record(3, 'b')]);
    await (await openLog()).append(topic, [record(4, 'a')]);
    await until('three are heard', () => heard.length >= 3);
    await tail.stop();
    expect(heard.filter((r) => r.key === 'a').map((r) => r.value.n)).toEqual([2, 4]);
    expect(heard.filter((r) => r.key === 'b').map((r) => r.value.n)).toEqual([3]);
  }, 60_000);

  test('lag: how many, since when, and nothing when all is done', async () => {
    const topic = newTopic();
    const log = await openLog();
    expect(await log.lag('g', topic)).toEqual({ records: 0, oldestMs: null, headOffset: 0 });
    bench.harness.clock.set(1_777_000_001_000);
    await log.append(topic, [record(1), record(2)]);
    bench.harness.clock.set(1_777_000_002_000);
    await log.append(topic, [record(3)]);
    expect(await log.lag('g', topic)).toEqual({ records: 3, oldestMs: 1_777_000_001_000, headOffset: 3 });
    let take = 2;
    const consumer = await consume(log, topic, {
      recordsMax: 2,
      handle: async (batch) => {
        if (take === 0) throw new Error('enough');
        take -= batch.records.length;
        await writeEffects(batch, 'a');
      },
    });
    await untilEffects(topic, 2);
    await consumer.stop();
    expect(await log.lag('g', topic)).toEqual({ records: 1, oldestMs: 1_777_000_002_000, headOffset: 3 });
    const rest = await consume(log, topic);
    await untilEffects(topic, 3);
    await rest.stop();
    expect(await log.lag('g', topic)).toEqual({ records: 0, oldestMs: null, headOffset: 3 });
  }, 60_000);

  test('rewind: refused while somebody consumes, then everything comes again', async () => {
    const topic = newTopic();
    const log = await openLog();
    await log.append(topic, [record(1), record(2)]);
    const consumer = await consume(log, topic);
    await untilEffects(topic, 2);
    await expect(log.rewind('g', topic)).rejects.toMatchObject({ code: 'group-consuming' });
    await consumer.stop();
    await log.rewind('g', topic);
    expect((await log.lag('g', topic)).records).toBe(2);
    const again = await consume(log, topic);
    await untilEffects(topic, 4);
    await again.stop();
    expect((await effectsOf(topic)).map((effect) => effect.n)).toEqual([1, 2, 1, 2]);
  }, 60_000);
}

function keepingTests(bench: LogBench, compaction: ConformanceOptions['compaction']): void {
  const { openLog, consume, effectsOf, untilEffects } = bench;

  test('trimming keeps what is young and what any known group has still to process', async () => {
    const topic = newTopic({ retentionMs: dayMs });
    const log = await openLog();
    const start = 1_777_100_000_000;
    bench.harness.clock.set(start);
    await log.append(topic, [record(1)]);
    const done = await consume(log, topic, { group: 'done' });
    await untilEffects(topic, 1);
    bench.harness.clock.set(start + 2 * dayMs);
    await log.append(topic, [record(2)]);
    await untilEffects(topic, 2);
    await done.stop();
    const late = await consume(log, topic, {
      group: 'late',
      handle: async () => await Promise.reject(new Error('not yet')),
    });
    await until(
      'the late group is known',
      async () =>
        (
          await bench.harness.database.query(
            "SELECT 1 FROM event_log.positions WHERE consumer_group = 'late' AND topic = $1",
            [topic.name],
          )
        ).rowCount > 0,
    );
    await late.stop();
    await log.trim(start + 2 * dayMs);
    expect((await log.lag('late', topic)).records).toBe(2);
    await bench.harness.database.query("DELETE FROM event_log.positions WHERE consumer_group = 'late'");
    await log.trim(start + 2 * dayMs);
    expect((await log.lag('new', topic)).records).toBe(1);
    const fresh = await consume(log, topic, { group: 'new', who: 'new' });
    await untilEffects(topic, 3);
    await fresh.stop();
    const effects = await effectsOf(topic);
    expect(
      effects.filter((effect) => effect.who === 'new').map((effect) => [effect.n, effect.record_offset]),
    ).toEqual([[2, 1]]);
  }, 60_000);

  test('a compacted topic keeps the newest record of every key for good', async () => {
    const topic = newTopic({ compacted: true, retentionMs: null });
    const log = await openLog();
    await log.append(topic, [record(1, 'a'), record(2, 'b'), record(3, 'a'), record(4, 'c'), record(5, 'a')]);
    bench.harness.clock.advance(400 * dayMs);
    await log.trim(bench.harness.clock.nowMs());
    const { records } = await log.lag('g', topic);
    if (compaction === 'by trim') expect(records).toBe(3);
    const consumer = await consume(log, topic);
    await until('all is processed', async () => (await log.lag('g', topic)).records === 0);
    await consumer.stop();
    const newest = new Map((await effectsOf(topic)).map((effect) => [effect.key, effect.n]));
    expect(Object.fromEntries(newest)).toEqual({ a: 5, b: 2, c: 4 });
  }, 60_000);
}
