// SPDX-License-Identifier: Apache-2.0
/** Meters of DL/T 645 as their side of a line. Written apart from the frames we send. For tests only. */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

export interface SimulatedDltMeter {
  /** Twelve digits. */
  readonly address: string;
  /** Values by data identifier, as bytes in the order of the wire. */
  readonly values: Map<string, Buffer>;
  /** Class, password and operator code in the order of the wire; only who sends them may switch. */
  readonly password: Buffer;
  open: boolean;
  /** Orders of control 1C that were obeyed. */
  readonly orders: number[];
}

export function simulatedDltMeter(address: string, countOfTotal: number): SimulatedDltMeter {
  const bcd = (digits: string): Buffer => Buffer.from(digits, 'hex').reverse();
  return {
    address,
    values: new Map([
      ['00010000', bcd(String(countOfTotal).padStart(8, '0'))],
      ['02010100', bcd('2301')],
      // -5.123 A: current against the counting direction.
      ['02020100', bcd('805123')],
      ['02030000', bcd('011780')],
      ['02010200', bcd('ffff')],
    ]),
    password: Buffer.from('0256341278563412', 'hex'),
    open: false,
    orders: [],
  };
}

/** Lets meters answer on a line, besides whatever else hangs there. */
export function attachDltMeters(socket: Socket, meters: readonly SimulatedDltMeter[]): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    // Not for us: another protocol is spoken on the line too.
    if (received.length === 0 && chunk[0] !== 0xfe && chunk[0] !== 0x68) return;
    received = Buffer.concat([received, chunk]);
    const begin = received.indexOf(0x68);
    if (begin < 0) return;
    const frame = received.subarray(begin);
    if (frame.length < 12 || frame.length < 12 + (frame[9] ?? 0)) return;
    received = Buffer.alloc(0);
    const address = Buffer.from(frame.subarray(1, 7)).reverse().toString('hex');
    const meter = meters.find((each) => each.address === address || address === 'aaaaaaaaaaaa');
    if (meter === undefined) return;
    const control = frame[8] ?? 0;
    const contents = Buffer.from(frame.subarray(10, 10 + (frame[9] ?? 0)).map((byte) => byte - 0x33));
    socket.write(answerOf(meter, control, contents));
  });
}

function answerOf(meter: SimulatedDltMeter, control: number, contents: Buffer): Buffer {
  if (control === 0x13) return frameOf(meter, 0x93, Buffer.from(meter.address, 'hex').reverse());
  if (control === 0x14) return writeAnswer(meter, contents);
  if (control === 0x1c) return relayAnswer(meter, contents);
  const id = Buffer.from(contents.subarray(0, 4)).reverse().toString('hex').toUpperCase();
  const status = Buffer.from([meter.open ? 0x10 : 0, 0]);
  const value = id === '04000503' ? status : meter.values.get(id);
  if (control !== 0x11 || value === undefined) return frameOf(meter, control | 0xc0, Buffer.from([2]));
  return frameOf(meter, 0x91, Buffer.concat([contents.subarray(0, 4), value]));
}

function writeAnswer(meter: SimulatedDltMeter, contents: Buffer): Buffer {
  if (!contents.subarray(4, 12).equals(meter.password)) return frameOf(meter, 0xd4, Buffer.from([4]));
  const id = Buffer.from(contents.subarray(0, 4)).reverse().toString('hex').toUpperCase();
  meter.values.set(id, Buffer.from(contents.subarray(12)));
  return frameOf(meter, 0x94, Buffer.alloc(0));
}

function relayAnswer(meter: SimulatedDltMeter, contents: Buffer): Buffer {
  if (!contents.subarray(0, 8).equals(meter.password)) return frameOf(meter, 0xdc, Buffer.from([4]));
  const order = contents[8] ?? 0;
  meter.orders.push(order);
  if (order === 0x1a) meter.open = true;
  if (order === 0x1c) meter.open = false;
  return frameOf(meter, 0x9c, Buffer.alloc(0));
}

function frameOf(meter: SimulatedDltMeter, control: number, contents: Buffer): Buffer {
  const address = Buffer.from(meter.address, 'hex').reverse();
  const body = Buffer.from([
    0x68,
    ...address,
    0x68,
    control,
    contents.length,
    ...contents.map((byte) => byte + 0x33),
  ]);
  const sum = body.reduce((total, byte) => (total + byte) % 256, 0);
  return Buffer.concat([Buffer.from([0xfe, 0xfe]), body, Buffer.from([sum, 0x16])]);
}
