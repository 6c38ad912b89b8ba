// SPDX-License-Identifier: Apache-2.0
/** Sharing: processes that die, hang, join and leave, and a server that goes away. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { PositionMovedError } from '../positions.ts';
import { newTopic, record, until, type LogBench } from './log-bench.ts';

export function sharingTests(bench: LogBench): void {
  deathTests(bench);
  rebalanceTests(bench);
}

function deathTests(bench: LogBench): void {
  const { openLog, consume, writeEffects, effectsOf, untilEffects } = bench;

  test('a process that is killed between the effects and the commit leaves nothing; another takes over', async () => {
    const topic = newTopic();
    const log = await openLog();
    await log.append(
      topic,
      Array.from({ length: 10 }, (_, n) => record(n)),
    );
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('./killed-consumer.ts', import.meta.url)),
        bench.harness.childArgument,
        topic.name,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('in the transaction')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the child ended with code ${code}: ${text}`)));
    });
    const consumer = await consume(log, topic, { who: 'heir' });
    await sleep(300);
    expect(await effectsOf(topic)).toEqual([]);
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await untilEffects(topic, 10);
    await consumer.stop();
    expect((await effectsOf(topic)).map((effect) => [effect.n, effect.who])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n, 'heir']),
    );
  }, 90_000);

  test('a consumer that lost its partition while it was busy cannot make its effects stay', async () => {
    const topic = newTopic();
    const [slow, heir] = await Promise.all([openLog(), openLog()]);
    await slow.append(topic, [record(1), record(2)]);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let outcome: unknown;
    const zombie = await consume(slow, topic, {
      who: 'zombie',
      handle: async (batch) => {
        await held;
        try {
          await writeEffects(batch, 'zombie');
        } catch (error) {
          outcome ??= error;
          throw error;
        }
      },
    });
    await until(
      'the slow one has a batch',
      async () =>
        (await bench.harness.database.query('SELECT 1 FROM event_log.leases WHERE topic = $1', [topic.name]))
          .rowCount > 0,
    );
    await sleep(200);
    // As if it had been silent for too long.
    await bench.harness.database.query('DELETE FROM event_log.members WHERE topic = $1', [topic.name]);
    const consumer = await consume(heir, topic, { who: 'heir' });
    await untilEffects(topic, 2);
    release();
    await until('the zombie was told', () => outcome !== undefined);
    expect(outcome).toBeInstanceOf(PositionMovedError);
    await Promise.all([zombie.stop(), consumer.stop()]);
    expect((await effectsOf(topic)).map((effect) => effect.who)).toEqual(['heir', 'heir']);
  }, 60_000);
}

function rebalanceTests(bench: LogBench): void {
  const { openLog, consume, effectsOf, untilEffects } = bench;

  test('two consumers of a group share the partitions, hand over when one stops, and double nothing', async () => {
    const topic = newTopic({ partitions: 4 });
    const [one, two] = await Promise.all([openLog(), openLog()]);
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    let n = 0;
    const appendAll = async (): Promise<void> => {
      n += 1;
      await one.append(
        topic,
        keys.map((key) => record(n, key)),
      );
    };
    await appendAll();
    const first = await consume(one, topic, { who: 'one' });
    await untilEffects(topic, 40);
    const second = await consume(two, topic, { who: 'two' });
    await until('both work', async () => {
      await appendAll();
      await sleep(50);
      return (await effectsOf(topic)).some((effect) => effect.who === 'two');
    });
    await until('all is processed', async () => (await one.lag('g', topic)).records === 0);
    await appendAll();
    await until('all is processed', async () => (await one.lag('g', topic)).records === 0);
    const shared = (await effectsOf(topic)).filter((effect) => effect.n === n);
    expect(new Set(shared.map((effect) => effect.who))).toEqual(new Set(['one', 'two']));
    await first.stop();
    await appendAll();
    await until('the one that is left takes all', async () => (await two.lag('g', topic)).records === 0);
    await second.stop();
    const effects = await effectsOf(topic);
    expect(effects).toHaveLength(n * keys.length);
    for (const key of keys)
      expect(effects.filter((effect) => effect.key === key).map((effect) => effect.n)).toEqual(
        Array.from({ length: n }, (_, index) => index + 1),
      );
  }, 120_000);

  test('the server goes away and comes back: what was acknowledged is there, consumers go on by themselves', async () => {
    const topic = newTopic();
    const log = await openLog();
    const consumer = await consume(log, topic);
    const acknowledged: number[] = [];
    let running = true;
    const writing = (async () => {
      for (let n = 0; running || acknowledged.length < 30; n += 1) {
        await log.append(topic, [record(n)]).then(
          () => acknowledged.push(n),
          async () => await sleep(100),
        );
      }
    })();
    await until('some are written', () => acknowledged.length >= 10);
    await bench.harness.restartServer();
    const before = acknowledged.length;
    await until('writing goes on', () => acknowledged.length >= before + 10);
    running = false;
    await writing;
    await until('all is processed', async () => (await log.lag('g', topic)).records === 0);
    await consumer.stop();
    const numbers = (await effectsOf(topic)).map((effect) => effect.n);
    // A write that failed for its caller may still have happened; none that was acknowledged may be missing or doubled.
    expect(numbers.filter((number) => acknowledged.includes(number))).toEqual(acknowledged);
    expect(new Set(numbers).size).toBe(numbers.length);
  }, 180_000);
}
