// SPDX-License-Identifier: Apache-2.0
/** Driving a supply switch: one write, then the words are read back. Accepted is not done; only the read-back counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Buffer } from 'node:buffer';
import type { RelayState, SupplyAction } from '@wattledger/contracts';

import type { Asker, ModbusAnswer } from '../modbus/index.ts';
import { isConfirmed, relayStateOf, type RegisterMap, type SupplySwitch } from '../register-maps/index.ts';
import type { SwitchAttempt } from './meter-driver.ts';

/** Writes of one attempt: a relay that needs a moment is not reported as disobeying. */
const writesMax = 3;
/** Time a relay and the meter's own control take to settle. */
const settleMs = 300;
/** Exceptions that say "never", not "not now": function, address, value. */
const finalExceptions = /^exception [123] /;

export async function switchSupply(
  asker: Asker,
  target: { readonly unitId: number; readonly map: RegisterMap },
  action: SupplyAction,
): Promise<SwitchAttempt> {
  const control = target.map.supplySwitch;
  const steps = control?.actions[action];
  if (control === null || steps === undefined) {
    return {
      kind: 'refused',
      relay: 'unknown',
      atMs: null,
      evidence: `register map ${target.map.id} has no action "${action}"`,
    };
  }
  const notes: string[] = [];
  let relay: RelayState = 'unknown';
  let atMs: number | null = null;
  for (let write = 1; write <= writesMax; write += 1) {
    const written = await asker.ask({
      kind: 'write',
      unitId: target.unitId,
      functionCode: control.functionCode,
      address: control.address,
      values: steps.write,
    });
    notes.push(
      `FC${control.functionCode} ${hexAddress(control.address)} = ${steps.write.join(' ')}: ${written.ok ? 'acknowledged' : written.reason}`,
    );
    if (!written.ok && finalExceptions.test(written.reason))
      return { kind: 'refused', relay, atMs, evidence: notes.join('; ') };
    if (isSilence(written)) return { kind: 'unreachable', relay, atMs, evidence: notes.join('; ') };
    await sleep(Math.max(target.map.limits.minGapMs, write === 1 ? 0 : settleMs));
    const read = await readBack(asker, target, control);
    if (!read.ok) {
      notes.push(`read back: ${read.reason}`);
      return { kind: 'unreachable', relay, atMs, evidence: notes.join('; ') };
    }
    const words = wordsIn(read.words);
    relay = relayStateOf(control, words);
    atMs = read.atMs;
    notes.push(`read back ${hexAddress(control.address)} = ${words.join(' ')}`);
    if (isConfirmed(control, action, words))
      return { kind: 'confirmed', relay, atMs, evidence: notes.join('; ') };
    await sleep(settleMs);
  }
  return { kind: 'disobeyed', relay, atMs, evidence: notes.join('; ') };
}

async function readBack(
  asker: Asker,
  target: { readonly unitId: number; readonly map: RegisterMap },
  control: SupplySwitch,
): Promise<ModbusAnswer> {
  // Words that can be written are holding registers, whatever space the measurements are in.
  return await asker.ask({
    kind: 'read',
    unitId: target.unitId,
    functionCode: 3,
    address: control.address,
    count: control.words,
  });
}

function isSilence(answer: ModbusAnswer): boolean {
  return (
    !answer.ok &&
    (answer.fault === 'no-answer' || answer.fault === 'no-connection' || answer.fault === 'target-silent')
  );
}

function wordsIn(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index));
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(4, '0').toUpperCase()}`;
}
