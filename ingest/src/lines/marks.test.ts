// SPDX-License-Identifier: Apache-2.0
import { Buffer } from 'node:buffer';
import { expect, test } from '@jest/globals';
import { seededRandom } from '../modbus/hostile-gateway.ts';
import { crcOf } from '../modbus/hostile-framings.ts';
import { deframeRtu } from '../modbus/rtu-frames.ts';
import { deframeMarked, markOf, textOfMark } from './marks.ts';

const summed = (body: Buffer): Buffer => Buffer.concat([body, crcOf(body)]);

test.each(['www.usr.cn', 'hex:0d0a0d0a', 'hex:00', 'hex:ffff'])(
  'with heartbeat %s wherever it stands an answer is the true one, or none',
  (text) => {
    const mark = markOf(text);
    const random = seededRandom(20_261_120);
    let taken = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const words = Buffer.from(Array.from({ length: 4 }, () => Math.floor(random() * 256)));
      // Registers that hold the heartbeat itself.
      if (random() < 0.2) mark.copy(words, 0, 0, 4);
      const good = summed(Buffer.concat([Buffer.from([1, 3, 4]), words]));
      const at = Math.floor(random() * (good.length + 1));
      const sent = random() < 0.2 ? good : Buffer.concat([good.subarray(0, at), mark, good.subarray(at)]);
      const next = deframeMarked(sent, [mark], deframeRtu);
      if (next.kind !== 'frame') continue;
      taken += 1;
      expect(next.frame.pdu.subarray(2).toString('hex')).toBe(words.toString('hex'));
    }
    // A long one is taken out everywhere, a short one before and after answers only.
    expect(taken).toBeGreaterThan(mark.length >= 4 ? 4_500 : 1_000);
  },
);

test('a torn heartbeat is waited for', () => {
  const mark = markOf('beat');
  const good = summed(Buffer.from([1, 3, 2, 0, 7]));
  const kindOf = (bytes: Buffer): string => deframeMarked(bytes, [mark], deframeRtu).kind;
  expect(kindOf(Buffer.from('be'))).toBe('more');
  expect(kindOf(Buffer.concat([good.subarray(0, 4), Buffer.from('bea')]))).toBe('more');
  expect(kindOf(Buffer.concat([good, Buffer.from('b')]))).toBe('more');
  expect(kindOf(Buffer.concat([good, Buffer.from('beat')]))).toBe('frame');
  expect(kindOf(Buffer.concat([good, Buffer.from('boat')]))).toBe('garbled');
});

test('what is entered and what was heard are the same text', () => {
  for (const text of ['GATE-1', 'hex:00ff', 'hex:7f']) expect(textOfMark(markOf(text))).toBe(text);
  expect(textOfMark(Buffer.from('hex:aa'))).toBe('hex:6865783a6161');
});
