// SPDX-License-Identifier: Apache-2.0
/**
 * Gateways and meters that call in by themselves and that nobody has claimed yet. Told when an unknown serial calls and
 * when what is known of it changes, at most once a minute per serial. Nothing that such a caller measures is a reading:
 * it becomes one only after the registry has given the serial a gateway.
 */
import { z } from 'zod';

export const callTransports = ['rtu-dial-in', 'mqtt', 'acrel-upload'] as const;
export type CallTransport = (typeof callTransports)[number];
export const mqttDialects = ['acrel-v1', 'acrel-v2', 'wattledger'] as const;
export type MqttDialect = (typeof mqttDialects)[number];

/** A meter that the caller says is behind it. */
export const calledMeterShape = z.object({
  serial: z.string(),
  unitId: z.number().int().min(0).max(255).nullable(),
  /** The address the gateway gives it where that is no unit id: "3_1", its own number. */
  lineAddress: z.string().nullable(),
  /** As the caller names the model; null: it does not. */
  modelName: z.string().nullable(),
  /** Register map with that name or alias; null: none is known. */
  modelId: z.string().nullable(),
});
export type CalledMeter = z.infer<typeof calledMeterShape>;

export const deviceCallShape = z.object({
  serial: z.string(),
  via: z.enum(callTransports),
  /** Of MQTT callers; null for the others. */
  dialect: z.enum(mqttDialects).nullable(),
  productKey: z.string().nullable(),
  /** meter: a meter with a modem of its own, alone behind itself. */
  kind: z.enum(['gateway', 'meter']),
  modelName: z.string().nullable(),
  modelId: z.string().nullable(),
  firmware: z.string().nullable(),
  signalDbm: z.number().int().nullable(),
  /** ICCID of its SIM card. */
  simId: z.string().nullable(),
  remoteAddress: z.string().nullable(),
  uploadIntervalMinutes: z.number().int().positive().nullable(),
  /** Empty: nothing is known of what is behind it. */
  topology: z.array(calledMeterShape),
  /** Readings it has sent since it is known and unclaimed: counted, not kept. */
  unusedReadings: z.number().int().nonnegative(),
  atMs: z.number().int(),
});
export type DeviceCall = z.infer<typeof deviceCallShape>;
