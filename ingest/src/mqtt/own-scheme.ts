// SPDX-License-Identifier: Apache-2.0
/** Our own topics, for gateways that whoever installs them can program: docs/guides/mqtt-gateways.md. */
import { z } from 'zod';
import { relayStates, type RelayState, type SupplyAction } from '@wattledger/contracts';
import type { MeterUpload } from '../callers/meter-upload.ts';
import type { SwitchAttempt } from '../collector/meter-driver.ts';
import type { MeterTarget } from '../collector/poll-targets.ts';
import type { OpenSpeaker, Talk } from './dialect.ts';
import { signalOf, timeOf } from './message-fields.ts';
import { Waits } from './upload-waits.ts';

const parametersMax = 200;
const nameShape = z.string().min(1).max(64);
const meterShape = z.object({
  /** Name of the meter behind the gateway; null or left out: the caller is itself the meter. */
  meter: nameShape.nullable().default(null),
  unitId: z.number().int().min(0).max(255).nullable().default(null),
});
export const helloShape = z.object({
  model: nameShape.nullable().default(null),
  kind: z.enum(['gateway', 'meter']).default('gateway'),
  firmware: nameShape.nullable().default(null),
  signalDbm: z.number().nullable().default(null),
  simId: nameShape.nullable().default(null),
  uploadIntervalMinutes: z.number().int().min(1).max(1440).nullable().default(null),
  meters: z
    .array(meterShape.extend({ serial: nameShape, model: nameShape.nullable().default(null) }))
    .max(1_000)
    .default([]),
});
const readingShape = meterShape.extend({
  /** ISO 8601 with its offset, or milliseconds since 1970; left out: now. */
  at: z.union([z.string(), z.number()]).nullable().default(null),
  registers: z
    .array(
      z.union([
        z.object({
          register: nameShape,
          count: z.number().int().min(0),
          scaler: z.number().int().min(-6).max(6),
        }),
        /** A decimal number, better as text, in kWh, kvarh or m³. */
        z.object({
          register: nameShape.nullable().default(null),
          value: z.union([z.string().max(32), z.number()]),
        }),
      ]),
    )
    .max(500)
    .default([]),
  parameters: z
    .record(nameShape, z.number())
    .refine((parameters) => Object.keys(parameters).length <= parametersMax)
    .default({}),
  relay: z.enum(relayStates).nullable().default(null),
});
export const readingsShape = z.object({ readings: z.array(readingShape).min(1).max(1_000) });
export const outcomeShape = z.object({
  commandId: nameShape,
  result: z.enum(['done', 'refused', 'failed']),
  /** What the device read back from the switch after it acted. */
  relay: z.enum(relayStates).nullable().default(null),
  note: z.string().max(500).default(''),
});
type Outcome = z.infer<typeof outcomeShape>;

export const openOwnScheme: OpenSpeaker = (talk) => {
  const uploads = new Waits<MeterUpload>();
  const outcomes = new Waits<Outcome>();
  return {
    hear: async (channel, message) => {
      if (channel === 'hello') return hello(talk, helloShape.parse(message));
      if (channel === 'outcome') return outcomes.tell(outcomeShape.parse(message));
      // A state only says that it is there.
      if (channel !== 'readings') return;
      const told = readingsShape.parse(message).readings.map(uploadOf);
      await talk.visit().take(told);
      for (const upload of told) uploads.tell(upload);
    },
    driverOf: (meter, understand) => ({
      poll: async () => {
        const told = uploads.next(talk.visit().timeoutMs, (upload) => (isOf(meter, upload) ? upload : null));
        await talk.say('command', commandOf(talk, meter, 'read-now'));
        const upload = await told;
        if (upload !== null) return understand(upload);
        return { answer: null, fault: { kind: 'no-answer', text: 'asked to read, it told nothing' } };
      },
      switchSupply: async (action) => await switchSupply(talk, outcomes, meter, action),
    }),
  };
};

function hello(talk: Talk, told: z.infer<typeof helloShape>): void {
  const { model: modelName, kind, firmware, simId, uploadIntervalMinutes, meters } = told;
  talk.visit().describe({
    kind,
    modelName,
    firmware,
    simId,
    signalDbm: signalOf(told.signalDbm),
    uploadIntervalMinutes,
    topology: meters.map(({ serial, model, meter, unitId }) => ({
      serial,
      modelName: model,
      unitId: meter === null ? unitId : null,
      lineAddress: meter,
    })),
  });
}

function uploadOf(reading: z.infer<typeof readingShape>): MeterUpload {
  return {
    address: { unitId: reading.unitId, lineAddress: reading.meter },
    time: reading.at === null ? null : timeOf(reading.at),
    registers: reading.registers.map((one) =>
      'count' in one
        ? { kind: 'count', name: one.register, count: one.count, scaler: one.scaler }
        : { kind: 'decimal', name: one.register, text: String(one.value), unitPower: 3, circuit: null },
    ),
    parameters: reading.parameters,
    relay: reading.relay,
  };
}

function isOf({ place, serial }: MeterTarget, { address }: MeterUpload): boolean {
  const { lineAddress, unitId } = address;
  if (lineAddress !== null) return lineAddress === place.lineAddress || lineAddress === serial;
  return unitId === null || unitId === place.unitId;
}

let lastCommand = 0;
function commandOf(talk: Talk, meter: MeterTarget, action: SupplyAction | 'read-now') {
  lastCommand = (lastCommand + 1) % 1_000_000;
  const nowMs = talk.clock.nowMs();
  const { lineAddress, unitId } = meter.place;
  const commandId = `${nowMs}-${lastCommand}`;
  return { commandId, action, meter: lineAddress, unitId, expiresAt: nowMs + talk.visit().timeoutMs };
}

async function switchSupply(
  talk: Talk,
  outcomes: Waits<Outcome>,
  meter: MeterTarget,
  action: SupplyAction,
): Promise<SwitchAttempt> {
  const command = commandOf(talk, meter, action);
  const told = outcomes.next(talk.visit().timeoutMs, (one) =>
    one.commandId === command.commandId ? one : null,
  );
  await talk.say('command', command);
  const outcome = await told;
  const none = { relay: 'unknown', atMs: null } as const;
  if (outcome === null) return { kind: 'unreachable', ...none, evidence: `${action}: no outcome came` };
  const { result, note } = outcome;
  const relay: RelayState = outcome.relay ?? 'unknown';
  const evidence = `${action}: ${result}, relay ${relay}${note === '' ? '' : ` (${note})`}`;
  if (result === 'refused') return { kind: 'refused', ...none, evidence };
  const atMs = outcome.relay === null ? null : talk.clock.nowMs();
  const shown =
    action === 'release' ? result === 'done' : relay === (action === 'connect' ? 'closed' : 'open');
  if (shown && atMs !== null) return { kind: 'confirmed', relay, atMs, evidence };
  return { kind: atMs === null ? 'unreachable' : 'disobeyed', relay, atMs, evidence };
}
