// SPDX-License-Identifier: Apache-2.0
/** The bytes of a meter's summary record, written from what it is to show. */
import { Buffer } from 'node:buffer';

export interface SummaryImage {
  /** 7 DDSY1352, 5 DTSY1352. */
  readonly modelCode: number;
  readonly phases: 1 | 3;
  /** Counts of 0.01 kWh: total, tip, peak, flat, valley; a sixth (deep valley) makes it the record of eight rates. */
  readonly counts: readonly number[];
  readonly volts: number;
  readonly amperes: number;
  readonly kilowatts: number;
  readonly balance: number;
  readonly closed: boolean;
  /** What the meter says of its own money and of its load; left out: nothing is amiss. */
  readonly own?: {
    readonly arrears?: boolean;
    readonly alarm1?: boolean;
    readonly alarm2?: boolean;
    /** Its load is beyond the limit now; how often it tripped, and how often it may. */
    readonly overLimit?: boolean;
    readonly overloads?: number;
    readonly overloadsMax?: number;
  };
  /** What the meter's clock shows, read as if it were UTC. */
  readonly localMs: number;
}

export function summaryBytes(image: SummaryImage): Buffer {
  const bytes = Buffer.alloc(image.counts.length > 5 ? 144 : 96);
  bytes.writeUInt16BE(image.modelCode, 0);
  for (let phase = 0; phase < image.phases; phase += 1) {
    bytes.writeUInt16BE(Math.round(image.volts * 10), 2 + 2 * phase);
    bytes.writeUInt16BE(Math.round(image.amperes * 100), 8 + 2 * phase);
    bytes.writeInt16BE(Math.round((image.kilowatts * 1000) / image.phases), 14 + 2 * phase);
    bytes.writeInt16BE(995, 30 + 2 * phase);
  }
  bytes.writeInt16BE(Math.round(image.kilowatts * 1000), 20);
  bytes.writeInt16BE(995, 36);
  bytes.writeUInt16BE(1, 38);
  bytes.writeUInt16BE(1, 40);
  for (const [index, count] of image.counts.slice(0, 5).entries()) bytes.writeUInt32BE(count, 42 + 4 * index);
  if (image.counts.length > 5) bytes.writeUInt32BE(image.counts[5] ?? 0, 96);
  bytes.writeInt32BE(Math.round(image.balance * 100), 62);
  const relays = image.phases === 1 ? 0x20 : 0xe0;
  bytes.writeUInt8(image.closed ? relays : 0, 72);
  const { arrears, alarm1, alarm2, overLimit, overloads = 0, overloadsMax = 0 } = image.own ?? {};
  bytes.writeUInt16BE(overloads, 68);
  bytes.writeUInt16BE(overloadsMax, 70);
  const flags = [overLimit, arrears, alarm1, alarm2].map((flag, index) =>
    flag === true ? 0x10 << index : 0,
  );
  bytes.writeUInt8(
    flags.reduce((sum, flag) => sum | flag, 0),
    73,
  );
  const clock = new Date(image.localMs);
  for (const [index, part] of [
    clock.getUTCFullYear() % 100,
    clock.getUTCMonth() + 1,
    clock.getUTCDate(),
    clock.getUTCDay(),
    clock.getUTCHours(),
    clock.getUTCMinutes(),
    clock.getUTCSeconds(),
  ].entries())
    bytes.writeUInt8(part, 80 + index);
  bytes.writeUInt8(image.phases === 1 ? 1 : 0, 95);
  return bytes;
}
