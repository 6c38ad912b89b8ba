// SPDX-License-Identifier: Apache-2.0
/** Gateways and how each is reached. */
import { z } from 'zod';
import { mqttDialects } from '../../topics/device-calls.ts';
import {
  gatewaySnapshotShape,
  parities,
  registrationMoments,
  stopBitsAllowed,
} from '../../topics/registry-snapshots.ts';
import { code, counter, id, name, pollIntervalSeconds, projectParamsShape, text } from './words.ts';

export const gatewayDetailShape = gatewaySnapshotShape.extend({ meters: counter });
export type GatewayDetail = z.infer<typeof gatewayDetailShape>;
export const gatewayListShape = z.object({
  gateways: z.array(gatewayDetailShape),
  next: z.string().nullable(),
});
export type GatewayList = z.infer<typeof gatewayListShape>;
export const gatewayParamsShape = projectParamsShape.extend({ gatewayId: id });
export const hostPattern = /^[A-Za-z0-9.:_-]+$/;
const networkAddress = {
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(hostPattern, 'a host name or an address, without blanks or a path'),
  port: z.number().int().min(1).max(65_535),
};
/** Serial servers send at most 40 bytes of each. */
export const calledBytesMax = 40;
/** Text, or bytes in hexadecimal behind "hex:". */
export const calledTextPattern = new RegExp(
  `^(hex:([0-9a-f]{2}){1,${calledBytesMax}}|(?!hex:)[\\x20-\\x7e]{1,${calledBytesMax}})$`,
);
const calledText = z
  .string()
  .regex(calledTextPattern, `at most ${calledBytesMax} plain characters, or bytes written as hex:00ff…`);
export const serialPathPattern = /^(\/dev\/[A-Za-z0-9._/:@-]{1,200}|COM[1-9]\d{0,2})$/;
export const baudMin = 300;
export const baudMax = 921_600;
const calledSerial = text(64);
export const gatewayTransportBodyShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('modbus-tcp'), ...networkAddress }),
  z.strictObject({ kind: z.literal('rtu-over-tcp'), ...networkAddress }),
  z.strictObject({
    kind: z.literal('rtu-dial-in'),
    registration: calledText,
    registrationOn: z.enum(registrationMoments).default('connect'),
    heartbeat: calledText.nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('serial'),
    path: z.string().trim().regex(serialPathPattern, 'a serial port such as /dev/ttyUSB0'),
    baud: z.number().int().min(baudMin).max(baudMax).default(9600),
    parity: z.enum(parities).default('none'),
    stopBits: z.literal(stopBitsAllowed).default(1),
  }),
  z.strictObject({
    kind: z.literal('mqtt'),
    dialect: z.enum(mqttDialects),
    productKey: text(64).nullable().default(null),
    serial: calledSerial,
  }),
  z.strictObject({ kind: z.literal('acrel-upload'), serial: calledSerial }),
]);
export const gatewayCreateBodyShape = z.strictObject({
  code,
  name,
  transport: gatewayTransportBodyShape,
  timeoutMs: z.number().int().min(50).max(60_000).default(1000),
  pollIntervalSeconds: pollIntervalSeconds.nullable().default(null),
  enabled: z.boolean().default(true),
});
export type GatewayCreateBody = z.input<typeof gatewayCreateBodyShape>;
export const gatewayPatchBodyShape = z.strictObject({
  name: name.optional(),
  transport: gatewayTransportBodyShape.optional(),
  timeoutMs: z.number().int().min(50).max(60_000).optional(),
  pollIntervalSeconds: pollIntervalSeconds.nullable().optional(),
  enabled: z.boolean().optional(),
});
export type GatewayPatchBody = z.infer<typeof gatewayPatchBodyShape>;
