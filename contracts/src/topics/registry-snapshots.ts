// SPDX-License-Identifier: Apache-2.0
/**
 * What exists, as the registry last told it: each record is the whole snapshot of one entity (or its removal).
 * Other packages keep a copy of what they need; nobody reads the registry's tables.
 */
import { z } from 'zod';
import { media, quantities } from '../quantities.ts';
import { slotMinutesAllowed } from '../slot.ts';
import { tariffCalendarShape } from '../tariff-calendar.ts';
import { alarmSchemeSnapshotShape, type AlarmSchemeSnapshot } from './alarms.ts';
import { mqttDialects } from './device-calls.ts';

export const projectSnapshotShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  zone: z.string(),
  currency: z.string().length(3),
  slotMinutes: z.literal(slotMinutesAllowed),
  pollIntervalSeconds: z.number().int().positive(),
  calendar: tariffCalendarShape,
  areaM2: z.number().nullable(),
  address: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
});
export const placeSnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  parentId: z.string().nullable(),
  kind: z.enum(['area', 'building', 'floor', 'room']),
  code: z.string(),
  name: z.string(),
  /** shop, office, flat, hotel, workshop, plant, common … free word of the customer. */
  use: z.string().nullable(),
  areaM2: z.number().nullable(),
  sortOrder: z.number().int(),
});
/** Of a serial line: what both ends must have alike. */
export const parities = ['none', 'even', 'odd'] as const;
/** A gateway that calls in says who it is once when the connection opens, or before every packet. */
export const registrationMoments = ['connect', 'every-packet'] as const;
export const stopBitsAllowed = [1, 2] as const;
/**
 * How a gateway is spoken to. We open the first two (with the header of Modbus TCP, or with the frames and check sums of
 * a serial line through the socket) and the serial port of this machine; the others call in. `registration` and
 * `heartbeat` are text, or bytes written as "hex:00ff…". A `registration` or `serial` is unique in the whole group: it
 * is all that a call tells of where it comes from.
 */
export const gatewayTransportShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('modbus-tcp'), host: z.string(), port: z.number().int() }),
  z.object({ kind: z.literal('rtu-over-tcp'), host: z.string(), port: z.number().int() }),
  z.object({
    kind: z.literal('rtu-dial-in'),
    registration: z.string(),
    registrationOn: z.enum(registrationMoments),
    heartbeat: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('serial'),
    path: z.string(),
    baud: z.number().int(),
    parity: z.enum(parities),
    stopBits: z.literal(stopBitsAllowed),
  }),
  z.object({
    kind: z.literal('mqtt'),
    dialect: z.enum(mqttDialects),
    productKey: z.string().nullable(),
    serial: z.string(),
  }),
  z.object({ kind: z.literal('acrel-upload'), serial: z.string() }),
]);
export type GatewayTransport = z.infer<typeof gatewayTransportShape>;
export type GatewayTransportKind = GatewayTransport['kind'];
export const gatewayTransportKinds = [
  'modbus-tcp',
  'rtu-over-tcp',
  'rtu-dial-in',
  'serial',
  'mqtt',
  'acrel-upload',
] as const satisfies readonly GatewayTransportKind[];
/** Where a gateway is, in few words for a person: its address on the network, its port, or the name it calls in with. */
export function addressOfTransport(transport: GatewayTransport): string {
  switch (transport.kind) {
    case 'modbus-tcp':
    case 'rtu-over-tcp':
      return `${transport.host}:${transport.port}`;
    case 'rtu-dial-in':
      return transport.registration;
    case 'serial':
      return transport.path;
    case 'mqtt':
    case 'acrel-upload':
      return transport.serial;
  }
}
export const gatewaySnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  code: z.string(),
  name: z.string(),
  transport: gatewayTransportShape,
  timeoutMs: z.number().int().positive(),
  pollIntervalSeconds: z.number().int().positive().nullable(),
  enabled: z.boolean(),
});
export const meterSnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  serial: z.string(),
  /** Register map id, e.g. acrel-dtsy1352; null for meters that are only imported or pushed. */
  modelId: z.string().nullable(),
  gatewayId: z.string().nullable(),
  unitId: z.number().int().min(0).max(255).nullable(),
  /** Where a line has other addresses than Modbus: the 12 digits of DL/T 645, or the name the gateway gives the meter. */
  lineAddress: z.string().nullable().default(null),
  pollIntervalSeconds: z.number().int().positive().nullable(),
  /** Has a supply control switch that we may drive. */
  switchable: z.boolean(),
  enabled: z.boolean(),
});
/** What the metering point stands for in the electrical (or water) tree. */
export const pointRoles = ['supply', 'main', 'feeder', 'sub', 'generation'] as const;
export const subItems = ['lighting', 'air-conditioning', 'power', 'special', 'tenant', 'other'] as const;
export const meteringPointSnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  role: z.enum(pointRoles),
  subItem: z.enum(subItems),
  placeId: z.string().nullable(),
  tenantId: z.string().nullable(),
  areaM2: z.number().nullable(),
  headcount: z.number().int().nullable(),
  /** Links to the parent in the metering tree, with the time each holds; at most one at an instant. */
  parentLinks: z.array(
    z.object({ parentId: z.string(), fromMs: z.number().int(), toMs: z.number().int().nullable() }),
  ),
  /** Meters mounted now and before: which meter's register is counted here and when. */
  mountings: z.array(
    z.object({
      segmentId: z.string(),
      meterId: z.string(),
      register: z.string(),
      fromMs: z.number().int(),
      toMs: z.number().int().nullable(),
      /** Without it: what the medium usually counts (active-import, water-volume, gas-volume). */
      quantity: z.enum(quantities).optional(),
      /** CT × PT and register width: what an amount needs to be explained down to its registers. */
      multiplierNumerator: z.number().int().positive().optional(),
      multiplierDenominator: z.number().int().positive().optional(),
      registerMax: z.number().int().positive().nullable().optional(),
      /** Most power the point can carry: where no scheme says more, what lies above is overload. */
      powerMax: z.number().int().positive().nullable().optional(),
    }),
  ),
});
export const tenantSnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  code: z.string(),
  name: z.string(),
  tenantClass: z.string(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
});

const removed = z.null();
export const registrySnapshotShape = z.discriminatedUnion('entity', [
  z.object({
    entity: z.literal('project'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([projectSnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('place'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([placeSnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('gateway'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([gatewaySnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('meter'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([meterSnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('metering-point'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([meteringPointSnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('tenant'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([tenantSnapshotShape, removed]),
  }),
  z.object({
    entity: z.literal('alarm-scheme'),
    id: z.string(),
    projectId: z.string(),
    snapshot: z.union([alarmSchemeSnapshotShape, removed]),
  }),
]);
export type RegistrySnapshot = z.infer<typeof registrySnapshotShape>;
export type RegistryEntity = RegistrySnapshot['entity'];
export interface SnapshotOf {
  project: ProjectSnapshot;
  place: PlaceSnapshot;
  gateway: GatewaySnapshot;
  meter: MeterSnapshot;
  'metering-point': MeteringPointSnapshot;
  tenant: TenantSnapshot;
  'alarm-scheme': AlarmSchemeSnapshot;
}
export type ProjectSnapshot = z.infer<typeof projectSnapshotShape>;
export type PlaceSnapshot = z.infer<typeof placeSnapshotShape>;
export type GatewaySnapshot = z.infer<typeof gatewaySnapshotShape>;
export type MeterSnapshot = z.infer<typeof meterSnapshotShape>;
export type MeteringPointSnapshot = z.infer<typeof meteringPointSnapshotShape>;
export type TenantSnapshot = z.infer<typeof tenantSnapshotShape>;
