// SPDX-License-Identifier: Apache-2.0
/**
 * The record of 96 bytes (144 with eight rates) that an Acrel meter's modem uploads: everything of the meter at one
 * instant of its own clock. Pure. Offsets: docs/protocols/acrel-upload.md.
 */
import type { Buffer } from 'node:buffer';
import type { RelayState } from '@wattledger/contracts';
import type { LocalMs } from '../import-readings/zone-clock.ts';
import type { UploadedRegister } from '../callers/meter-upload.ts';
import { scaled } from '../register-maps/register-values.ts';
import { readTime } from './upload-bodies.ts';

export const recordBytes = 96;
const eightRateBytes = 144;

export interface SummaryRecord {
  /** Register map of the model code; null: the code is not known to us. */
  readonly modelId: string | null;
  readonly modelCode: number;
  readonly registers: readonly UploadedRegister[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly relay: RelayState;
  /** What the meter's clock shows; null: that is no time. */
  readonly clock: LocalMs | null;
}

const models: Readonly<Record<number, string>> = { 5: 'acrel-dtsy1352', 7: 'acrel-ddsy1352' };

const rates = ['total', 'tip', 'peak', 'flat', 'valley'] as const;
const energyAt = 42;
const deepValleyAt = 96;
const clockAt = 80;

/** name, offset, parts one after another, signed, scaler to the unit that register maps use (V, A, W, var). */
const phased = [
  ['voltage', 2, ['l1', 'l2', 'l3'], false, -1],
  ['current', 8, ['l1', 'l2', 'l3'], false, -2],
  ['power.active', 14, ['l1', 'l2', 'l3', 'total'], true, 0],
  ['power.reactive', 22, ['l1', 'l2', 'l3', 'total'], true, 0],
  ['pf', 30, ['l1', 'l2', 'l3', 'total'], true, -3],
] as const;
const single = [
  ['ratio.pt', 38, 0],
  ['ratio.ct', 40, 0],
  ['prepaid.purchases', 66, 0],
  ['overload.count', 68, 0],
  ['overload.allowed', 70, 0],
  ['demand.total.max', 87, 0],
] as const;

/** @returns null when the length is of no such record */
export function readSummaryRecord(words: Buffer): SummaryRecord | null {
  if (words.length !== recordBytes && words.length !== eightRateBytes) return null;
  const modelCode = words.readUInt16BE(0);
  const phases = words.readUInt8(95) === 1 ? 1 : 3;
  return {
    modelId: models[modelCode] ?? null,
    modelCode,
    registers: energies(words),
    parameters: parametersOf(words, phases),
    relay: relayOf(words.readUInt8(72), phases),
    clock: readTime(words.subarray(clockAt, clockAt + 7)),
  };
}

function energies(words: Buffer): UploadedRegister[] {
  const registers = rates.map((rate, index) => energy(rate, words.readUInt32BE(energyAt + 4 * index)));
  if (words.length === eightRateBytes) registers.push(energy('deepValley', words.readUInt32BE(deepValleyAt)));
  return registers;
}

/** 0.01 kWh per count. */
function energy(rate: string, count: number): UploadedRegister {
  return { kind: 'count', name: `energy.active.${rate}`, count, scaler: 1 };
}

function parametersOf(words: Buffer, phases: 1 | 3): Record<string, number> {
  const parameters: Record<string, number> = {};
  for (const [name, at, parts, signed, scaler] of phased) {
    for (const [index, part] of parts.entries()) {
      // A single-phase meter leaves the fields of the others at zero.
      if (phases === 1 && (part === 'l2' || part === 'l3')) continue;
      const raw = signed ? words.readInt16BE(at + 2 * index) : words.readUInt16BE(at + 2 * index);
      parameters[`${name}.${part}`] = scaled(raw, scaler);
    }
  }
  for (const [name, at, scaler] of single) parameters[name] = scaled(words.readUInt16BE(at), scaler);
  // The meter's own money, for the reader only: the balance that counts is kept by us.
  parameters['prepaid.balance'] = scaled(words.readInt32BE(62), -2);
  const flags = words.readUInt8(73);
  parameters['meter.fault'] = words.readUInt8(72) & 1;
  parameters['prepaid.arrears'] = (flags >> 5) & 1;
  return parameters;
}

/** Byte 72, bits 5 to 7: relay of each phase closed. Phases that disagree say nothing of the supply. */
function relayOf(flags: number, phases: 1 | 3): RelayState {
  const mask = phases === 1 ? 0x20 : 0xe0;
  const closed = flags & mask;
  if (closed === mask) return 'closed';
  return closed === 0 ? 'open' : 'unknown';
}
