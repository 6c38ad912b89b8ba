// SPDX-License-Identifier: Apache-2.0
/**
 * One meter as its bus sees it: function codes, limits and refusals of its model. FC03 and FC04 read their own address
 * spaces; registers are written by the one function code the model knows, any other is refused with exception 1.
 */
import { Buffer } from 'node:buffer';
import { registersOfType, spaceOf, type RegisterMap, type RegisterRow } from '../register-maps/index.ts';
import { exceptionPdu, exceptions } from './modbus-frames.ts';
import type { MeterImage } from './meter-image.ts';
import type { SimulatedBalance } from './simulated-balance.ts';
import type { SimulatedClock } from './simulated-clock.ts';

export interface SimulatedUnit {
  /** Answer to a request PDU; the switch has moved, durably, when it resolves. */
  answer(pdu: Buffer, instantMs: number): Promise<Buffer>;
  /** How often somebody read a span that holds a secret. */
  readonly secretReads: number;
}

export interface SimulatedUnitParts {
  readonly map: RegisterMap;
  readonly image: MeterImage;
  /** Moves the supply switch to these words. */
  readonly moveSwitch: (words: readonly number[], instantMs: number) => Promise<void>;
  readonly supplyWords: () => readonly number[];
  /** null: the model has no clock that can be read. */
  readonly clock: SimulatedClock | null;
  /** null: the model keeps no balance that can be written. */
  readonly balance: SimulatedBalance | null;
}

const readFunctions: Readonly<Record<number, 'holding' | 'input'>> = { 3: 'holding', 4: 'input' };
const registersPerReadMax = 125;

export function createSimulatedUnit(parts: SimulatedUnitParts): SimulatedUnit {
  const { map, image } = parts;
  let secretReads = 0;
  /** Words of settings that somebody wrote, by address. */
  const settings = new Map<number, number>();

  const readRegisters = (pdu: Buffer, instantMs: number): Buffer => {
    const functionCode = pdu.readUInt8(0);
    if (pdu.length !== 5) return exceptionPdu(functionCode, exceptions.illegalValue);
    const address = pdu.readUInt16BE(1);
    const count = pdu.readUInt16BE(3);
    const countMax = Math.min(registersPerReadMax, map.limits.maxRegistersPerRead);
    const odd = map.limits.evenOnly && (address % 2 !== 0 || count % 2 !== 0);
    if (count < 1 || count > countMax || odd) return exceptionPdu(functionCode, exceptions.illegalValue);
    const space = readFunctions[functionCode] ?? 'holding';
    const bytes = image.read(space, address, count, instantMs);
    if (bytes === null) return exceptionPdu(functionCode, exceptions.illegalAddress);
    for (let at = 0; space === 'holding' && at < count; at += 1) {
      const word = settings.get(address + at);
      if (word !== undefined) bytes.writeUInt16BE(word, 2 * at);
    }
    if (space === 'holding') {
      parts.clock?.show(bytes, address, instantMs);
      parts.balance?.show(bytes, address);
    }
    // The same numbers in the other address space are other registers.
    const isWithin = (row: RegisterRow): boolean =>
      spaceOf(map, row) === space &&
      row.address < address + count &&
      row.address + registersOfType(row.type) > address;
    if (map.registers.some((row) => row.kind === 'secret' && isWithin(row))) secretReads += 1;
    return Buffer.concat([Buffer.from([functionCode, bytes.length]), bytes]);
  };

  const isSetting = (address: number, count: number): boolean => {
    const { clock, touPlan } = map.settings ?? {};
    const names = [
      ...(clock?.rows ?? []),
      ...(touPlan?.rows ?? []),
      ...(map.meterBalance?.newPurchase ?? []),
    ];
    const owned = (cell: number): boolean =>
      map.registers.some(
        (row) =>
          names.includes(row.name) && row.address <= cell && cell < row.address + registersOfType(row.type),
      );
    return Array.from({ length: count }, (_, index) => address + index).every(owned);
  };

  const writeSwitch = async (
    functionCode: number,
    address: number,
    words: readonly number[],
    instantMs: number,
  ): Promise<Buffer | null> => {
    if (isSetting(address, words.length)) {
      for (const [index, word] of words.entries()) settings.set(address + index, word);
      parts.clock?.set(address, words, instantMs);
      parts.balance?.take(address, words);
      return null;
    }
    const control = map.supplySwitch;
    if (control === null) return exceptionPdu(functionCode, exceptions.illegalAddress);
    const from = address - control.address;
    if (from < 0 || from + words.length > control.words)
      return exceptionPdu(functionCode, exceptions.illegalAddress);
    if (words.some((word) => word > 2)) return exceptionPdu(functionCode, exceptions.illegalValue);
    const next = [...parts.supplyWords()];
    for (const [index, word] of words.entries()) next[from + index] = word;
    await parts.moveSwitch(next, instantMs);
    return null;
  };

  const writeRegisters = async (pdu: Buffer, instantMs: number): Promise<Buffer> => {
    const functionCode = 16;
    const isWhole =
      pdu.length >= 6 && pdu.readUInt8(5) === pdu.length - 6 && pdu.readUInt8(5) === 2 * pdu.readUInt16BE(3);
    if (!isWhole || pdu.readUInt16BE(3) === 0) return exceptionPdu(functionCode, exceptions.illegalValue);
    const words = Array.from({ length: pdu.readUInt16BE(3) }, (_, index) => pdu.readUInt16BE(6 + 2 * index));
    const refusal = await writeSwitch(functionCode, pdu.readUInt16BE(1), words, instantMs);
    return refusal ?? Buffer.from(pdu.subarray(0, 5));
  };

  const writeRegister = async (pdu: Buffer, instantMs: number): Promise<Buffer> => {
    if (pdu.length !== 5) return exceptionPdu(6, exceptions.illegalValue);
    const refusal = await writeSwitch(6, pdu.readUInt16BE(1), [pdu.readUInt16BE(3)], instantMs);
    return refusal ?? Buffer.from(pdu);
  };

  return {
    async answer(pdu, instantMs) {
      const functionCode = pdu.readUInt8(0);
      if (readFunctions[functionCode] !== undefined) return readRegisters(pdu, instantMs);
      if (functionCode === 16 && map.supplySwitch?.functionCode !== 6) return writeRegisters(pdu, instantMs);
      if (functionCode === 6 && map.supplySwitch?.functionCode === 6) return writeRegister(pdu, instantMs);
      return exceptionPdu(functionCode, exceptions.illegalFunction);
    },
    get secretReads() {
      return secretReads;
    },
  };
}
