// SPDX-License-Identifier: Apache-2.0
/** From what a caller says of a meter to what a poll would have found. Pure. */
import type { RegisterState } from '@wattledger/contracts/http/ingest';
import { driftParameter } from '../collector/clock-drift.ts';
import type { MeterAnswer, PollOutcome } from '../collector/meter-driver.ts';
import { readDecimal } from '../import-readings/decimal-text.ts';
import {
  circuitRegister,
  findRow,
  primaryRowOf,
  type RegisterMap,
  type RegisterRow,
} from '../register-maps/index.ts';
import type { JudgedTime } from './reading-instant.ts';
import type { MeterUpload, UploadedRegister } from './meter-upload.ts';

export interface UnderstoodUpload {
  readonly answer: MeterAnswer;
  readonly fault: PollOutcome['fault'];
}

export function answerOf(upload: MeterUpload, time: JudgedTime, map: RegisterMap): UnderstoodUpload {
  const registers: RegisterState[] = [];
  let fault: PollOutcome['fault'] = null;
  for (const uploaded of upload.registers) {
    const understood = registerOf(uploaded, map);
    if (understood === null) continue;
    if ('impossible' in understood) fault = { kind: 'impossible-value', text: understood.impossible };
    else registers.push({ ...understood, instantMs: time.instantMs });
  }
  const drift = time.driftSeconds === null ? {} : { [driftParameter]: time.driftSeconds };
  if (time.doubtful !== null) fault = { kind: 'impossible-value', text: time.doubtful };
  return {
    answer: {
      registers,
      parameters: { ...upload.parameters, ...drift },
      relay: upload.relay,
      relayAtMs: upload.relay === null ? null : time.instantMs,
      atMs: time.instantMs,
    },
    fault,
  };
}

type Understood = Omit<RegisterState, 'instantMs'> | { readonly impossible: string };

/** null: the meter's map has no such register; a poll would not have asked for it either. */
function registerOf(uploaded: UploadedRegister, map: RegisterMap): Understood | null {
  const row = rowOf(uploaded, map);
  if (row === undefined) return null;
  const { name: register, unit } = row;
  if (uploaded.kind === 'count') return { register, unit, value: uploaded.count, scaler: uploaded.scaler };
  const scaler = row.countsPerUnit === undefined ? row.scaler : 0;
  const read = readDecimal(uploaded.text, {
    places: uploaded.unitPower - scaler,
    decimalSign: '.',
    thousands: null,
  });
  if (read.kind === 'missing') return null;
  if (read.kind === 'fault') return { impossible: `${register}: ${read.message}` };
  if (read.count < 0) return { impossible: `${register} is below zero (${uploaded.text})` };
  return { register, unit, value: read.count, scaler };
}

function rowOf(uploaded: UploadedRegister, map: RegisterMap): RegisterRow | undefined {
  const name = uploaded.name ?? primaryRowOf(map)?.name;
  if (name === undefined) return undefined;
  if (map.circuits === undefined) return countedRow(map, name);
  const circuit = uploaded.kind === 'decimal' ? uploaded.circuit : null;
  return countedRow(map, circuit === null ? name : circuitRegister(circuit, name));
}

function countedRow(map: RegisterMap, name: string): RegisterRow | undefined {
  const row = findRow(map, name);
  return row?.kind === 'counted' ? row : undefined;
}
