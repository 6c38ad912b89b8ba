// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of ingest: what meters and gateways are doing, readings pushed and imported.
 *
 * GET  /api/projects/{projectId}/meter-states                    meterStatesShape      (meter:read)
 * GET  /api/projects/{projectId}/gateway-states                  gatewayStatesShape    (meter:read)
 * GET  /api/projects/{projectId}/meters/{meterId}/state          meterStateDetailShape (meter:read)
 * GET  /api/projects/{projectId}/meters/{meterId}/commands       meterCommandsShape    (meter:read)
 * POST /api/projects/{projectId}/meters/{meterId}/read-now       commandAcceptedShape  (meter:control)
 * GET  /api/projects/{projectId}/{meters|gateways}/{id}/switch-password   switchPasswordStateShape (project:write)
 * PUT  the same                                                  switchPasswordShape   (project:write)
 * DEL  the same                                                                        (project:write)
 * GET  /api/projects/{projectId}/present-readings.xlsx           spreadsheet           (meter:read)
 * GET  /api/projects/{projectId}/register-maps                   registerMapsShape     (meter:read)
 * GET  /api/register-maps                                        registerMapsShape     (meter:read in any project)
 * GET  /api/register-maps/{modelId}                              registerMapSummaryShape (meter:read in any project)
 * POST /api/readings                                             pushReadingsShape → readingsAcceptedShape (readings:write)
 * POST /api/projects/{projectId}/import-jobs                     file as body → importJobShape (readings:write)
 * GET  /api/projects/{projectId}/import-jobs                     importJobsShape       (meter:read)
 * GET  /api/projects/{projectId}/import-jobs/{jobId}             importJobDetailShape  (meter:read)
 */
import { z } from 'zod';
import { quantities } from '../quantities.ts';
import { commandKinds, relayStates, supplyActions } from '../topics/commands.ts';
import { gatewayTransportKinds } from '../topics/registry-snapshots.ts';

/** What can go wrong with a poll. `no-answer` and `target-silent` mean the meter; `no-connection` means the gateway. */
export const pollFaultKinds = [
  'no-connection', // the gateway's socket cannot be opened, or broke
  'no-answer', // nothing (usable) came within the time-out
  'target-silent', // exception 0x0A or 0x0B: the gateway is well, the meter behind it does not answer
  'exception', // any other Modbus exception
  'foreign-answer', // right transaction, wrong unit or function
  'wrong-length', // byte count or MBAP length does not fit the question
  'garbled', // what came is not Modbus; the connection was closed
  'impossible-value', // decoded, but no register shows that (not a number, below zero, beyond 2^53)
  'not-configured', // unknown register map, no unit id
] as const;
export type PollFaultKind = (typeof pollFaultKinds)[number];

export const pollFaultShape = z.object({
  kind: z.enum(pollFaultKinds),
  /** For a person, in English; the screen makes its own text from `kind`. */
  text: z.string(),
  atMs: z.number().int(),
});
export type PollFault = z.infer<typeof pollFaultShape>;

/** A register as last read: value × 10^scaler base units (Wh, l, dm³; varh for reactive energy). */
export const registerStateShape = z.object({
  register: z.string(),
  value: z.number().int(),
  scaler: z.number().int(),
  unit: z.string(),
  instantMs: z.number().int(),
});
export type RegisterState = z.infer<typeof registerStateShape>;

export const meterStateShape = z.object({
  meterId: z.string(),
  serial: z.string(),
  modelId: z.string().nullable(),
  gatewayId: z.string().nullable(),
  unitId: z.number().int().nullable(),
  enabled: z.boolean(),
  switchable: z.boolean(),
  /** null: nobody polls it (no gateway, not enabled) or it has not been asked yet. */
  online: z.boolean().nullable(),
  /** Instant of the newest answer; null: never. */
  lastReadingMs: z.number().int().nullable(),
  lastAttemptMs: z.number().int().nullable(),
  relay: z.enum(relayStates),
  relayAtMs: z.number().int().nullable(),
  registers: z.array(registerStateShape),
  /** Name as in the register map → value in the map's unit. */
  parameters: z.record(z.string(), z.number()),
  lastFault: pollFaultShape.nullable(),
  /** Cycles in a row without an answer. */
  missedCycles: z.number().int(),
  polls: z.number().int(),
  answers: z.number().int(),
  /** Effective interval of this meter. */
  pollIntervalSeconds: z.number().int(),
});
export type MeterState = z.infer<typeof meterStateShape>;

export const meterStatesQueryShape = z.object({
  gatewayId: z.string().optional(),
  /** Page on: the last meterId of the page before. */
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
});
export const meterStatesShape = z.object({
  asOfMs: z.number().int(),
  meters: z.array(meterStateShape),
  /** null: this was the last page. */
  next: z.string().nullable(),
});
export type MeterStates = z.infer<typeof meterStatesShape>;

/** Language of the sheet's titles. */
export const presentReadingsQueryShape = z.object({ language: z.enum(['en', 'zh']).default('en') });

export const gatewayStateShape = z.object({
  gatewayId: z.string(),
  code: z.string(),
  name: z.string(),
  transport: z.enum(gatewayTransportKinds),
  /** Its address on the network, its serial port, or the name it calls in with. */
  address: z.string(),
  enabled: z.boolean(),
  online: z.boolean().nullable(),
  lastGoodMs: z.number().int().nullable(),
  /** The last complete cycle over the gateway's meters. */
  cycleStartedMs: z.number().int().nullable(),
  cycleDurationMs: z.number().int().nullable(),
  metersConfigured: z.number().int(),
  metersAnswered: z.number().int(),
  missedCycles: z.number().int(),
  reconnects: z.number().int(),
  /** Faults by kind since the gateway exists. */
  faults: z.record(z.string(), z.number().int()),
  lastFault: pollFaultShape.nullable(),
  /** What a gateway that calls in said last of itself; null: it does not say. */
  signalDbm: z.number().int().nullable(),
  firmware: z.string().nullable(),
});
export type GatewayState = z.infer<typeof gatewayStateShape>;
export const gatewayStatesShape = z.object({
  asOfMs: z.number().int(),
  gateways: z.array(gatewayStateShape),
});
export type GatewayStates = z.infer<typeof gatewayStatesShape>;

export const commandRecordShape = z.object({
  commandId: z.string(),
  meterId: z.string(),
  kind: z.enum(commandKinds),
  action: z.enum(supplyActions).nullable(),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAtMs: z.number().int(),
  expiresAtMs: z.number().int(),
  state: z.enum(['waiting', 'confirmed', 'failed', 'expired']),
  attempts: z.number().int(),
  reportedRelay: z.enum(relayStates),
  /** Register values written and read back, last fault. */
  evidence: z.string(),
  finishedAtMs: z.number().int().nullable(),
});
export type CommandRecord = z.infer<typeof commandRecordShape>;
export const meterCommandsShape = z.object({ commands: z.array(commandRecordShape) });
export type MeterCommands = z.infer<typeof meterCommandsShape>;

export const meterStateDetailShape = z.object({
  state: meterStateShape,
  /** Newest first, at most 20. */
  commands: z.array(commandRecordShape),
});
export type MeterStateDetail = z.infer<typeof meterStateDetailShape>;

/** With what a meter of DL/T 645 lets itself be switched. Stored and used; no answer ever carries it. */
export const switchPasswordShape = z.strictObject({
  passwordClass: z.number().int().min(0).max(9).default(2),
  password: z.string().regex(/^\d{6}$/, 'six digits'),
  operatorCode: z
    .string()
    .regex(/^\d{8}$/, 'eight digits')
    .default('00000000'),
});
export type SwitchPasswordBody = z.input<typeof switchPasswordShape>;
/** Whether one is stored; null: none is. */
export const switchPasswordStateShape = z.object({ storedAtMs: z.number().int().nullable() });
export type SwitchPasswordState = z.infer<typeof switchPasswordStateShape>;

export const commandAcceptedShape = z.object({ commandId: z.string(), expiresAtMs: z.number().int() });
export type CommandAccepted = z.infer<typeof commandAcceptedShape>;

/** Input registers are read by FC04, holding registers by FC03. They overlap in numbers, not in meaning. */
export const addressSpaces = ['holding', 'input'] as const;
/** ABCD (high word first), CDAB (low word first), DCBA (all bytes reversed), BADC (bytes reversed within words). */
export const wordOrders = ['big', 'little', 'dcba', 'badc'] as const;
export const registerKinds = ['counted', 'parameter', 'control', 'config', 'secret'] as const;
export const registerMapSummaryShape = z.object({
  modelId: z.string(),
  vendor: z.string(),
  model: z.string(),
  aliases: z.array(z.string()),
  medium: z.enum(['electricity', 'water', 'gas']),
  phases: z.number().int(),
  /** Has a supply control switch that this map can drive. */
  switchable: z.boolean(),
  /** Of DL/T 645 rows are read by data identifier; function code, word order, space and address say nothing there. */
  protocol: z.enum(['modbus', 'dlt645']),
  readFunctionCode: z.union([z.literal(3), z.literal(4)]),
  wordOrder: z.enum(wordOrders),
  registersPerReadMax: z.number().int(),
  /** Rest that the meter needs between two questions. */
  minGapMs: z.number().int(),
  /** A cabinet of several users as one meter: the registers below are those of each. null: one meter, one user. */
  circuits: z
    .object({
      max: z.number().int(),
      /** User n answers at the meter's unit id + (n - 1) × unitIdStep. */
      unitIdStep: z.number().int(),
      /** Name by which the first user's main register is mounted; the n-th user's has n for 1. */
      namedAs: z.string(),
      confidence: z.enum(['vendor', 'driver', 'inferred']),
    })
    .nullable(),
  /** What can be set through this map; everything else is set with the vendor's tool. */
  settings: z.array(
    z.object({
      kind: z.enum(['clock', 'tou-plan']),
      /** inferred: only with the engineer's word that the bytes are laid out so. */
      byteOrder: z.enum(['confirmed', 'inferred']),
      source: z.string(),
    }),
  ),
  registers: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(registerKinds),
      space: z.enum(addressSpaces),
      address: z.number().int(),
      dataId: z.string().nullable(),
      type: z.string(),
      unit: z.string(),
      scaler: z.number().int(),
      /** Counted floats: count = round(value × countsPerUnit). */
      countsPerUnit: z.number().int().nullable(),
      /** Read in every poll; others only when they are mounted. */
      polled: z.boolean(),
      quantity: z.enum(quantities).nullable(),
      /** The register that is mounted when nobody says otherwise. */
      primary: z.boolean(),
      confidence: z.enum(['vendor', 'driver', 'inferred']),
      source: z.string(),
      note: z.string().nullable(),
    }),
  ),
  notes: z.array(z.string()),
});
export type RegisterMapSummary = z.infer<typeof registerMapSummaryShape>;
export const registerMapsShape = z.object({ maps: z.array(registerMapSummaryShape) });
export type RegisterMaps = z.infer<typeof registerMapsShape>;

/** Most readings of one POST /api/readings. */
export const pushReadingsMax = 10_000;
export const pushedReadingShape = z.object({
  /** One of the two: serial (unique within the project) or id. */
  serial: z.string().optional(),
  meterId: z.string().optional(),
  register: z.string(),
  /** ISO 8601 with Z or an offset (2026-01-31T12:00:00+08:00), or milliseconds since 1970 UTC. */
  instant: z.union([z.string(), z.number()]),
  /** Whole register counts: value × 10^scaler base units (Wh, l, dm³). */
  value: z.number(),
  /** Left out: the scaler of the meter's register map. */
  scaler: z.number().int().min(-6).max(6).optional(),
  quality: z.enum(['measured', 'estimated', 'missing']).optional(),
});
export type PushedReading = z.infer<typeof pushedReadingShape>;
export const pushReadingsShape = z.object({
  projectId: z.string(),
  readings: z.array(pushedReadingShape).min(1).max(pushReadingsMax),
});
export type PushReadings = z.infer<typeof pushReadingsShape>;
/** Sent after the readings are durable in the event log. The same batch again has no further effect. */
export const readingsAcceptedShape = z.object({
  accepted: z.number().int(),
  meters: z.number().int(),
  receivedAtMs: z.number().int(),
});
export type ReadingsAccepted = z.infer<typeof readingsAcceptedShape>;

/** Units a file's values may be in, and the power of ten that leads to the base unit (Wh, l, dm³). */
export const importUnits = { Wh: 0, kWh: 3, MWh: 6, l: 0, hl: 2, m3: 3, dm3: 0 } as const;
export type ImportUnit = keyof typeof importUnits;

const importCommon = {
  delimiter: z.string().length(1).default(','),
  /** Lines before the header line. */
  skipLines: z.number().int().min(0).max(1000).default(0),
  unit: z.enum(Object.keys(importUnits) as [ImportUnit, ...ImportUnit[]]),
  /** Resolution kept: 10^scaler base units. −3 = 10⁻⁶ kWh for electricity, 1 ml for water. Values are rounded to it, half away from zero. */
  scaler: z.number().int().min(-6).max(6).default(-3),
  /** Numbers may carry thousands separators of this sign ("2,544"); null: such text is a fault. */
  thousands: z.string().length(1).nullable().default(null),
  decimalSign: z.enum(['.', ',']).default('.'),
  /** Register the values belong to; null: the one register of the meter that is mounted. */
  register: z.string().nullable().default(null),
  /** Only these meters, by glob on the name in the file (`Rat_*`); the rest is listed as not asked for. */
  onlyMeters: z.array(z.string()).default([]),
  /** Name in the file → serial, where they differ. */
  meterNames: z.record(z.string(), z.string()).default({}),
  /** What a name that no meter of the project has means. */
  unknownMeters: z.enum(['fault', 'list']).default('fault'),
};

export const registerFileShape = z.object({
  kind: z.literal('registers'),
  ...importCommon,
  /** Column of the meter's serial or id; null: the whole file is of `meter`. */
  meterColumn: z.string().nullable().default(null),
  meter: z.string().nullable().default(null),
  /** Column of the register's name; null: `register`. */
  registerColumn: z.string().nullable().default(null),
  timeColumn: z.string(),
  timeFormat: z.enum(['epoch-seconds', 'epoch-milliseconds', 'iso', 'local']),
  /** IANA zone of `local` time. */
  zone: z.string().nullable().default(null),
  valueColumn: z.string(),
});
export type RegisterFile = z.infer<typeof registerFileShape>;

export const intervalFileShape = z.object({
  kind: z.literal('intervals'),
  ...importCommon,
  layout: z.enum(['long', 'wide']),
  /** Long files: column of the meter's serial or id; null: the whole file is of `meter`. */
  meterColumn: z.string().nullable().default(null),
  meter: z.string().nullable().default(null),
  /** Long files: column of the interval's energy. */
  valueColumn: z.string().nullable().default(null),
  timeColumn: z.string(),
  /** IANA zone of the file's clock; UTC where the file has no clock changes. */
  zone: z.string(),
  slotMinutes: z.number().int().min(1).max(1440),
  /** Which end of the interval the time stands for. */
  label: z.enum(['start', 'end']),
  /** Wide files: columns that are no meters. */
  skipColumns: z.array(z.string()).default([]),
  /** Day before month in dates with slashes. */
  dayFirst: z.boolean().default(false),
  /** How often a local label appears in the hour that the clock repeats in autumn. */
  autumnHour: z.enum(['one-row', 'two-rows']).default('one-row'),
  /** Negative values: a fault, or energy in the other direction, counted by `exportRegister`. */
  negative: z.enum(['fault', 'export']).default('fault'),
  exportRegister: z.string().default('energy.export.total'),
});
export type IntervalFile = z.infer<typeof intervalFileShape>;
export const importFormatShape = z.discriminatedUnion('kind', [registerFileShape, intervalFileShape]);
export type ImportFormat = z.infer<typeof importFormatShape>;
/** As a caller writes it: defaults may be left out. */
export type ImportFormatInput = z.input<typeof importFormatShape>;

export const faultPolicies = ['stop', 'keep-going'] as const;
export type FaultPolicy = (typeof faultPolicies)[number];

/** Query of POST …/import-jobs; the file itself is the body (text or gzip). */
export const importJobQueryShape = z.object({
  fileName: z.string().min(1).max(255),
  onFault: z.enum(faultPolicies).default('stop'),
  /** An `importFormatShape` as JSON text. */
  format: z.string().max(100_000),
});
export const importJobStates = ['waiting', 'running', 'done', 'failed', 'interrupted'] as const;
export const importJobShape = z.object({
  id: z.string(),
  projectId: z.string(),
  fileName: z.string(),
  state: z.enum(importJobStates),
  onFault: z.enum(faultPolicies),
  format: importFormatShape,
  createdAtMs: z.number().int(),
  createdBy: z.string(),
  startedAtMs: z.number().int().nullable(),
  finishedAtMs: z.number().int().nullable(),
  /** null while a stream of unknown length is read. */
  bytesTotal: z.number().int().nullable(),
  bytesRead: z.number().int(),
  rowsRead: z.number().int(),
  /** Values understood, and readings made of them (an interval makes one, a hole one more). */
  valuesRead: z.number().int(),
  readingsAppended: z.number().int(),
  /** Rows that say again what an earlier row said. */
  repeated: z.number().int(),
  holes: z.number().int(),
  meters: z.number().int(),
  firstMs: z.number().int().nullable(),
  lastMs: z.number().int().nullable(),
  faultsCount: z.number().int(),
  /** Names in the file that were not imported, as asked. */
  notAskedFor: z.array(z.string()),
  /** Why it failed and what to do; null when nothing is wrong. */
  message: z.string().nullable(),
});
export type ImportJob = z.infer<typeof importJobShape>;
export const importFaultCodes = [
  'columns',
  'row-shape',
  'time',
  'number',
  'negative',
  'unknown-meter',
  'unknown-register',
  'out-of-order',
  'contradiction',
  'overlap',
  'truncated',
  'no-following-interval',
  'too-large',
] as const;
export type ImportFaultCode = (typeof importFaultCodes)[number];
export const importFaultShape = z.object({
  /** Line of the (unpacked) file, 1 = first; 0 = the file as a whole. */
  line: z.number().int(),
  meter: z.string().nullable(),
  code: z.enum(importFaultCodes),
  message: z.string(),
});
export type ImportFault = z.infer<typeof importFaultShape>;
export const importJobsShape = z.object({ jobs: z.array(importJobShape) });
export type ImportJobs = z.infer<typeof importJobsShape>;
export const importJobDetailShape = z.object({
  job: importJobShape,
  /** In the order of the file, at most 1,000 from `faultsFrom`. */
  faults: z.array(importFaultShape),
});
export type ImportJobDetail = z.infer<typeof importJobDetailShape>;
