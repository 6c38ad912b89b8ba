// SPDX-License-Identifier: Apache-2.0
/** A small field for tests: one gateway, one meter of each model, a parent above the electric ones. */
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { flatCalendar } from '@wattledger/contracts';
import {
  createSimulatedFleet,
  type FleetOptions,
  type MeterSpec,
  type SimulatedFleet,
} from './simulated-fleet.ts';

export const madeMs = Date.parse('2026-11-20T03:07:11.250Z');

/** For what a test knows to be there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('expected a value');
  return value;
}

/** A clock that stands where it is put. */
export function createHandClock(nowMs: number): { nowMs(): number; set(nowMs: number): void } {
  let now = nowMs;
  return {
    nowMs: () => now,
    set(next) {
      now = next;
    },
  };
}

// prettier-ignore
export const meters: readonly MeterSpec[] = [
  { serial: 'MAIN', gateway: 'G1', unitId: 9, modelId: 'eastron-sdm630', parent: null, load: { kind: 'small-unmetered', dayConsumption: 4_800, seed: 4 }, lossPermille: 21, registerAtStart: 0 },
  { serial: 'SHOP', gateway: 'G1', unitId: 1, modelId: 'acrel-dtsy1352', parent: 'MAIN', load: { kind: 'shop', dayConsumption: 96_000, seed: 1 }, registerAtStart: 41_730 },
  { serial: 'FLAT', gateway: 'G1', unitId: 2, modelId: 'acrel-ddsy1352', parent: 'MAIN', load: { kind: 'flat', dayConsumption: 11_000, seed: 2 }, registerAtStart: 990_005 },
  { serial: 'IDLE', gateway: 'G1', unitId: 3, modelId: 'acrel-dtsy1352', parent: null, load: { kind: 'shop', dayConsumption: 0, seed: 3 }, registerAtStart: 1_234_560 },
  { serial: 'TAP', gateway: 'G1', unitId: 4, modelId: 'xintai-water', parent: null, load: { kind: 'restaurant-water', dayConsumption: 9_000, seed: 5 }, registerAtStart: 545 },
  { serial: 'COOL', gateway: 'G1', unitId: 5, modelId: 'eastron-sdm630', parent: null, load: { kind: 'cooling-plant', dayConsumption: 900_000, seed: 6 }, multiplier: { numerator: 40, denominator: 1 }, registerAtStart: 7 },
];

export function createTestFleet(
  options: Partial<FleetOptions> & Pick<FleetOptions, 'clock'>,
): SimulatedFleet {
  return createSimulatedFleet({
    seed: 20261120,
    directory: null,
    historyDays: 40,
    answerDelayMs: [0, 1],
    sites: [{ code: 'S', zone: 'Asia/Shanghai', calendar: flatCalendar, gateways: ['G1'], meters }],
    ...options,
  });
}

export interface Master {
  /** Sends a PDU (hex) to a unit and gives the next frame that comes, whole, as hex; null when none comes in time. */
  ask(unitId: number, pdu: string, waitMs?: number): Promise<string | null>;
  /** The next frame that comes, without asking. */
  next(waitMs?: number): Promise<string | null>;
  /** Everything that has come and was not taken yet, hex. */
  readonly unasked: string;
  close(): void;
}

/** A Modbus TCP master of a few lines, apart from the collector's. */
export async function connectMaster(port: number): Promise<Master> {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => socket.once('connect', () => resolve()).once('error', reject));
  let received: Buffer = Buffer.alloc(0);
  let wake: () => void = () => undefined;
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on('error', () => wake());
  socket.on('close', () => wake());
  let transactionId = 0;
  const whole = (): string | null => {
    if (received.length < 8) return null;
    const end = 6 + received.readUInt16BE(4);
    if (received.length < end) return null;
    const frame = received.subarray(0, end).toString('hex');
    received = received.subarray(end);
    return frame;
  };
  const next = async (waitMs = 2000): Promise<string | null> => {
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, waitMs).unref());
    for (;;) {
      const frame = whole();
      if (frame !== null) return frame;
      if (socket.destroyed) return null;
      const woken = await Promise.race([
        new Promise<'more'>((resolve) => (wake = () => resolve('more'))),
        deadline.then(() => 'late' as const),
      ]);
      if (woken === 'late') return whole();
    }
  };
  return {
    next,
    async ask(unitId, pdu, waitMs) {
      const body = Buffer.from(pdu.replaceAll(' ', ''), 'hex');
      const header = Buffer.alloc(7);
      header.writeUInt16BE((transactionId += 1), 0);
      header.writeUInt16BE(body.length + 1, 4);
      header.writeUInt8(unitId, 6);
      socket.write(Buffer.concat([header, body]));
      return next(waitMs);
    },
    get unasked() {
      return received.toString('hex');
    },
    close: () => socket.destroy(),
  };
}

/** The answer's PDU as spaced hex, after checking transaction and unit. */
export function pduOf(frame: string | null, transactionId: number, unitId: number): string {
  if (frame === null) return 'silence';
  const bytes = Buffer.from(frame, 'hex');
  if (bytes.readUInt16BE(0) !== transactionId) return `transaction ${bytes.readUInt16BE(0)}`;
  if (bytes.readUInt8(6) !== unitId) return `unit ${bytes.readUInt8(6)}`;
  return (bytes.subarray(7).toString('hex').match(/../g) ?? []).join(' ').toUpperCase();
}
