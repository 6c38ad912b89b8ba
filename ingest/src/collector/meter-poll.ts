// SPDX-License-Identifier: Apache-2.0
/** One poll of one meter: its read plan asked on the gateway's connection, the answers decoded. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayState } from '@wattledger/contracts';
import type { PollFaultKind, RegisterState } from '@wattledger/contracts/http/ingest';
import type { Asker, ModbusAnswer, ModbusRequest } from '../modbus/index.ts';
import { decodeRow, relayStateOf, type ReadRequest, type RegisterMap } from '../register-maps/index.ts';
import type { PollOutcome } from './meter-driver.ts';
import type { MeterTarget } from './poll-targets.ts';

/** A fault that says nothing of the meter's being there, only of this one answer: worth one more question. */
const worthRepeating: ReadonlySet<PollFaultKind> = new Set(['garbled', 'wrong-length', 'foreign-answer']);
/** After these nothing more is asked of the same unit id: it would cost a time-out each. */
const endsTheUnit: ReadonlySet<PollFaultKind> = new Set(['no-answer', 'target-silent', 'garbled']);

interface Gathered {
  readonly registers: RegisterState[];
  readonly parameters: Record<string, number>;
  readonly controlWords: Map<number, number>;
  controlAtMs: number | null;
  atMs: number | null;
  fault: PollOutcome['fault'];
}

/**
 * Asks a meter everything a poll asks. A unit is left at the first request it does not answer, so that a dead one costs
 * one time-out (of a cabinet, whose circuits are units, one for each dead circuit); a garbled answer is asked for once
 * more.
 */
export async function pollMeter(
  connection: Asker,
  ask: NonNullable<MeterTarget['ask']>,
): Promise<PollOutcome> {
  const gathered: Gathered = {
    registers: [],
    parameters: {},
    controlWords: new Map(),
    controlAtMs: null,
    atMs: null,
    fault: null,
  };
  let silentOffset: number | null = null;
  for (const [index, request] of ask.plan.entries()) {
    if (request.unitOffset === silentOffset) continue;
    if (index > 0 && ask.map.limits.minGapMs > 0) await sleep(ask.map.limits.minGapMs);
    const { answer, repeatedFor } = await askPatiently(connection, ask, request);
    // An answer that came at the second try still says something about the line.
    if (repeatedFor !== null) gathered.fault = repeatedFor;
    if (answer.ok) {
      gather(gathered, ask.map, request, answer);
      continue;
    }
    gathered.fault = { kind: answer.fault, text: whichUnit(ask, request) + answer.reason };
    if (answer.fault === 'no-connection') break;
    if (endsTheUnit.has(answer.fault)) silentOffset = request.unitOffset;
  }
  const { registers, parameters, atMs, fault } = gathered;
  if (atMs === null) return { answer: null, fault };
  const relay = relayOf(ask.map, gathered.controlWords);
  return {
    answer: { registers, parameters, relay, relayAtMs: relay === null ? null : gathered.controlAtMs, atMs },
    fault,
  };
}

/** Of a cabinet it must be said which circuit did not answer. */
function whichUnit(ask: NonNullable<MeterTarget['ask']>, request: ReadRequest): string {
  return ask.map.circuits === undefined ? '' : `unit ${ask.unitId + request.unitOffset}: `;
}

function gather(
  into: Gathered,
  map: RegisterMap,
  request: ReadRequest,
  answer: Extract<ModbusAnswer, { ok: true }>,
): void {
  into.atMs = answer.atMs;
  for (const { row, byteOffset, byteLength } of request.rows) {
    if (row.type.startsWith('bytes')) continue;
    const decoded = decodeRow(map, row, answer.words.subarray(byteOffset, byteOffset + byteLength));
    if (!decoded.ok) {
      // A phase that is not connected is no fault; a register that ought to count is missed.
      if (decoded.absent && row.kind !== 'counted') continue;
      into.fault = { kind: 'impossible-value', text: decoded.reason };
    } else if (row.kind === 'counted') {
      into.registers.push({
        register: row.name,
        value: decoded.value,
        scaler: row.scaler,
        unit: row.unit,
        instantMs: answer.atMs,
      });
    } else if (row.kind === 'parameter' || row.kind === 'config') {
      // Of settings only those that are polled are asked for: a ratio that changes changes what counts mean.
      into.parameters[row.name] = decoded.value;
    } else if (row.kind === 'control') {
      into.controlWords.set(row.address, decoded.value);
      into.controlAtMs = answer.atMs;
    }
  }
}

async function askPatiently(
  connection: Asker,
  ask: NonNullable<MeterTarget['ask']>,
  request: ReadRequest,
): Promise<{ readonly answer: ModbusAnswer; readonly repeatedFor: PollOutcome['fault'] }> {
  const question: ModbusRequest = {
    kind: 'read',
    unitId: ask.unitId + request.unitOffset,
    functionCode: request.functionCode,
    address: request.address,
    count: request.count,
  };
  const first = await connection.ask(question);
  if (first.ok || !worthRepeating.has(first.fault)) return { answer: first, repeatedFor: null };
  await sleep(ask.map.limits.minGapMs);
  const repeatedFor = { kind: first.fault, text: first.reason };
  return { answer: await connection.ask(question), repeatedFor };
}

function relayOf(map: RegisterMap, words: ReadonlyMap<number, number>): RelayState | null {
  const control = map.supplySwitch;
  if (control === null) return null;
  const read: number[] = [];
  for (let address = control.address; address < control.address + control.words; address += 1) {
    const word = words.get(address);
    if (word === undefined) return null;
    read.push(word);
  }
  return relayStateOf(control, read);
}
