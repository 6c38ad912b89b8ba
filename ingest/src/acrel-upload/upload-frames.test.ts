// SPDX-License-Identifier: Apache-2.0
/** Goal: no byte that is not a frame is ever taken for one, and no whole frame is lost. Method: golden frames, then damage. */
import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import { readLogin, readReadings, readTime, timeBody } from './upload-bodies.ts';
import { encodeFrame, frameBytesMax, takeFrames, uploadCommands } from './upload-frames.ts';
import { readSummaryRecord } from './summary-record.ts';
import { SimulatedUploadMeter } from '../simulated-callers/upload-meter.ts';
import { summaryBytes, type SummaryImage } from '../simulated-callers/summary-image.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const image: SummaryImage = {
  modelCode: 7,
  phases: 1,
  counts: [123_456, 1, 23_455, 60_000, 40_000],
  volts: 230.1,
  amperes: 5.23,
  kilowatts: 1.198,
  balance: -12.34,
  closed: true,
  localMs: Date.UTC(2026, 10, 20, 14, 30, 5),
};
const meter = new SimulatedUploadMeter({ port: 0, serial: '24101500230017' }, image);
const heartbeat = hex('7B7B94BEEF7D7D');

describe('golden frames', () => {
  test.each([
    ['login acknowledged', uploadCommands.login, '7B7B84BF237D7D'],
    ['heartbeat', uploadCommands.heartbeat, '7B7B94BEEF7D7D'],
    ['readings acknowledged', uploadCommands.readings, '7B7B917EEC7D7D'],
  ])('%s', (_name, command, text) => {
    expect(encodeFrame(command)).toEqual(hex(text));
    expect(takeFrames(hex(text)).frames).toEqual([{ command, body: Buffer.alloc(0) }]);
  });

  test('the time is told as the zone shows it, Sunday as 0', () => {
    // 19:36:42 on Thursday, 2021-10-21 in Shanghai.
    const body = timeBody(Date.UTC(2021, 9, 21, 11, 36, 42), 'Asia/Shanghai');
    expect(body).toEqual(hex('15 0A 15 04 13 24 2A'));
    expect(readTime(body)).toBe(Date.UTC(2021, 9, 21, 19, 36, 42));
    expect(timeBody(Date.UTC(2021, 9, 24, 11), 'UTC')[3]).toBe(0);
  });

  test.each(['15 0D 15 04 13 24 2A', '15 02 1E 04 13 24 2A', '15 0A 15 04 19 24 2A', '15 0A 15 04 13 3C 2A'])(
    '%s is no time',
    (text) => expect(readTime(hex(text))).toBeNull(),
  );

  test('a login names its meter', () => {
    const body = Buffer.concat([
      Buffer.from('24101500230017'.padEnd(20, '\0')),
      Buffer.from('89860012345678901234'.padEnd(30, '\0')),
      hex('14 0102 0304 0506 1E'),
    ]);
    expect(readLogin(body)).toEqual({
      serial: '24101500230017',
      simId: '89860012345678901234',
      signalDbm: -73,
      firmware: '0102 0304 0506',
      uploadIntervalMinutes: 30,
    });
    expect(readLogin(body.subarray(1))).toBeNull();
    expect(readLogin(Buffer.alloc(58))).toBeNull();
  });
});

describe('the summary record', () => {
  test('everything a meter of one phase says', () => {
    const frame = takeFrames(meter.frameOf(image)).frames[0];
    const { serial, sections, faults } = readReadings(frame?.body ?? Buffer.alloc(0));
    expect({ serial, faults }).toEqual({ serial: '24101500230017', faults: [] });
    expect(sections[0]).toMatchObject({ address: '1', unitId: 1 });
    const record = readSummaryRecord(sections[0]?.words ?? Buffer.alloc(0));
    expect(record).toMatchObject({
      modelId: 'acrel-ddsy1352',
      relay: 'closed',
      clock: image.localMs,
      registers: [
        { name: 'energy.active.total', count: 123_456, scaler: 1 },
        { name: 'energy.active.tip', count: 1 },
        { name: 'energy.active.peak', count: 23_455 },
        { name: 'energy.active.flat', count: 60_000 },
        { name: 'energy.active.valley', count: 40_000 },
      ],
      parameters: {
        'voltage.l1': 230.1,
        'current.l1': 5.23,
        'power.active.total': 1_198,
        'pf.total': 0.995,
        'ratio.pt': 1,
        'ratio.ct': 1,
        'prepaid.balance': -12.34,
      },
    });
    expect(record?.parameters).not.toHaveProperty(['voltage.l2']);
  });

  test('arrears, alarms and overloads of its own', () => {
    const told = (own: SummaryImage['own']): Readonly<Record<string, number>> | undefined =>
      readSummaryRecord(summaryBytes({ ...image, ...(own === undefined ? {} : { own }) }))?.parameters;
    expect(told({ arrears: true, alarm1: true, alarm2: true })).toMatchObject({ 'prepaid.arrears': 1 });
    // The alarms beside it are none.
    expect(told({ alarm1: true, alarm2: true, overLimit: true })).toMatchObject({ 'prepaid.arrears': 0 });
    expect(told({ overloads: 3, overloadsMax: 5 })).toMatchObject({
      'overload.count': 3,
      'overload.allowed': 5,
      'prepaid.arrears': 0,
    });
  });

  test('three phases, eight rates, relays that disagree', () => {
    const bytes = summaryBytes({ ...image, modelCode: 5, phases: 3, counts: [6, 1, 1, 1, 1, 2] });
    expect(bytes.length).toBe(144);
    expect(readSummaryRecord(bytes)).toMatchObject({ modelId: 'acrel-dtsy1352', relay: 'closed' });
    expect(readSummaryRecord(bytes)?.registers.at(-1)).toMatchObject({
      name: 'energy.active.deepValley',
      count: 2,
    });
    bytes.writeUInt8(0x60, 72);
    expect(readSummaryRecord(bytes)?.relay).toBe('unknown');
    bytes.writeUInt8(0, 72);
    expect(readSummaryRecord(bytes)?.relay).toBe('open');
    expect(readSummaryRecord(bytes.subarray(0, 95))).toBeNull();
  });

  test('an answer that holds the marks of sections and frames is read by its own length', () => {
    const words = summaryBytes({ ...image, counts: [0x7d7d_2929, 0x5d5d_5b5b, 0x2828_7b7b, 0x7d7d_7d7d, 0] });
    const answer = Buffer.concat([hex('01 03 60'), words]);
    const body = Buffer.concat([Buffer.from('[[1(('), answer, Buffer.from('))]]')]);
    const framed = takeFrames(encodeFrame(uploadCommands.readings, body));
    expect(framed.frames).toHaveLength(1);
    const read = readReadings(framed.frames[0]?.body ?? Buffer.alloc(0));
    expect(read).toMatchObject({ serial: null, faults: [] });
    expect(read.sections[0]?.words).toEqual(words);
  });
});

describe('damage', () => {
  const whole = meter.frameOf(image);
  const commands = (bytes: Buffer): number[] => takeFrames(bytes).frames.map(({ command }) => command);

  test('any cut into two pieces gives the frame once', () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const first = takeFrames(whole.subarray(0, cut));
      const second = takeFrames(Buffer.concat([first.rest, whole.subarray(cut)]));
      expect([...first.frames, ...second.frames].map(({ command }) => command)).toEqual([0x91]);
      expect(second.rest.length).toBe(0);
    }
  });

  test('a frame that was cut off is left behind by the whole one that follows', () => {
    for (const cut of [1, 2, 3, 30, 100, whole.length - 1]) {
      expect(commands(Buffer.concat([whole.subarray(0, cut), whole]))).toEqual([0x91]);
    }
  });

  test('a heartbeat in the middle of a frame is taken out of it', () => {
    for (let cut = 3; cut < whole.length; cut += 1) {
      const bytes = Buffer.concat([whole.subarray(0, cut), heartbeat, whole.subarray(cut)]);
      expect(commands(bytes)).toEqual([0x94, 0x91]);
    }
  });

  test('one wrong bit anywhere and it is no frame', () => {
    for (let byte = 0; byte < whole.length; byte += 1) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(byte) ^ 4, byte);
      expect(commands(bytes)).toEqual([]);
    }
  });

  test('noise before and between is dropped, and what is kept has a limit', () => {
    const noise = Buffer.from('AT+CIPSEND\r\n7b7b}{{{ ');
    expect(commands(Buffer.concat([noise, heartbeat, noise, whole]))).toEqual([0x94, 0x91]);
    const endless = takeFrames(Buffer.from('7b7b907d7d'.repeat(10_000), 'hex'));
    expect(endless.rest.length).toBeLessThanOrEqual(frameBytesMax);
    expect(endless.dropped).toBeGreaterThan(40_000);
  });
});
