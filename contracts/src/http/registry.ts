// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of the registry: what exists and who may. Instants are whole milliseconds since the epoch (`…Ms`).
 * Bodies are strict: an unknown field is refused rather than silently ignored.
 *
 * Pages: lists that can grow take `limit` and `after` and answer `next` (null at the end). `after` is opaque: give
 * back what `next` said.
 */
import { z } from 'zod';
import { idPattern } from '../ids.ts';
import { mqttDialects } from '../topics/device-calls.ts';
import { rights, roles } from '../rights.ts';
import { media, quantities } from '../quantities.ts';
import { slotMinutesAllowed } from '../slot.ts';
import { tariffCalendarShape } from '../tariff-calendar.ts';
import { segmentShape } from '../topics/readings.ts';
import {
  gatewaySnapshotShape,
  parities,
  registrationMoments,
  stopBitsAllowed,
  meterSnapshotShape,
  meteringPointSnapshotShape,
  placeSnapshotShape,
  pointRoles,
  projectSnapshotShape,
  subItems,
  tenantSnapshotShape,
} from '../topics/registry-snapshots.ts';

// ── Words shared by several routes ───────────────────────────────────────────────────────────────────────────────

/** No control characters and no halves of surrogate pairs: no database keeps them as text. */
const plainCharacters = /^[^\p{Cc}\p{Cs}]*$/u;
const id = z.string().regex(idPattern, 'an id');
const code = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(plainCharacters, 'no control characters')
  .describe('The name people and files use; unique within its project, kept for good.');
const text = (charactersMax: number) =>
  z.string().trim().min(1).max(charactersMax).regex(plainCharacters, 'no control characters');
const name = text(200);
const instantMs = z.number().int().min(0).max(253_402_300_799_999);
const pollIntervalSeconds = z.number().int().min(1).max(86_400);
const areaM2 = z.number().min(0).max(100_000_000);
const counter = z.number().int().min(0);

export const pageLimitMax = 1000;
export const pageQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(pageLimitMax).default(200),
  after: z.string().max(200).regex(plainCharacters).optional(),
});
export const searchQueryShape = pageQueryShape.extend({
  q: z.string().trim().max(100).regex(plainCharacters).optional().describe('Part of a code, serial or name.'),
});
export const projectParamsShape = z.object({ projectId: id });
export type ProjectParams = z.infer<typeof projectParamsShape>;

// ── Session ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const languages = ['en', 'zh'] as const;
export const themes = ['light', 'dark', 'system'] as const;

/** POST /api/session */
export const signInBodyShape = z.strictObject({
  login: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(1024),
});
export type SignInBody = z.infer<typeof signInBodyShape>;

export const roleGrantShape = z.strictObject({
  projectId: z.union([id, z.literal('*')]).describe("A project id, or '*' for every project of the group."),
  role: z.enum(roles),
});
export type RoleGrant = z.infer<typeof roleGrantShape>;

export const rightsByProjectShape = z.record(z.string().max(64), z.array(z.enum(rights)));

export const visibleProjectShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  zone: z.string(),
  currency: z.string(),
});
export type VisibleProject = z.infer<typeof visibleProjectShape>;

/** GET /api/session and the answer of POST /api/session: everything a screen needs to know about who looks at it. */
export const sessionShape = z.object({
  principal: z.object({ kind: z.enum(['staff', 'api-key']), id: z.string(), name: z.string() }),
  /** Null when an API key asks. */
  staff: z
    .object({
      id: z.string(),
      login: z.string(),
      name: z.string(),
      email: z.string().nullable(),
      language: z.enum(languages).nullable(),
      theme: z.enum(themes).nullable(),
      /** The password was set by somebody else (seed, reset): ask for a new one. */
      mustChangePassword: z.boolean(),
    })
    .nullable(),
  session: z
    .object({ id: z.string(), createdAtMs: instantMs, idleExpiresAtMs: instantMs, expiresAtMs: instantMs })
    .nullable(),
  roles: z.array(roleGrantShape),
  /** Rights by project id; '*' stands for every project of the group. */
  rightsByProject: rightsByProjectShape,
  projects: z.array(visibleProjectShape),
});
export type Session = z.infer<typeof sessionShape>;

/** PATCH /api/session/preferences */
export const preferencesBodyShape = z.strictObject({
  language: z.enum(languages).nullable().optional(),
  theme: z.enum(themes).nullable().optional(),
});
export type PreferencesBody = z.infer<typeof preferencesBodyShape>;

export const passwordLengthMin = 10;
export const passwordLengthMax = 1024;
/** POST /api/session/password: a changed password ends every other session of the person. */
export const changePasswordBodyShape = z.strictObject({
  currentPassword: z.string().min(1).max(passwordLengthMax),
  newPassword: z.string().min(1).max(passwordLengthMax),
});
export type ChangePasswordBody = z.infer<typeof changePasswordBodyShape>;

/** GET /api/sessions: one's own; DELETE /api/sessions/{sessionId} revokes one, DELETE /api/sessions all but the present. */
export const sessionListShape = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      createdAtMs: instantMs,
      lastSeenAtMs: instantMs,
      idleExpiresAtMs: instantMs,
      expiresAtMs: instantMs,
      remoteAddress: z.string(),
      userAgent: z.string(),
      current: z.boolean(),
    }),
  ),
});
export type SessionList = z.infer<typeof sessionListShape>;
export const sessionParamsShape = z.object({ sessionId: id });
export const revokedShape = z.object({ revoked: counter });

// ── Projects ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const projectCountsShape = z.object({
  places: counter,
  gateways: counter,
  meters: counter,
  meteringPoints: counter,
  tenants: counter,
  /** Open or acknowledged. */
  alarms: counter,
});
export const projectSummaryShape = projectSnapshotShape
  .omit({ calendar: true })
  .extend({ counts: projectCountsShape });
export type ProjectSummary = z.infer<typeof projectSummaryShape>;
/** GET /api/projects: those the caller may read. */
export const projectListShape = z.object({ projects: z.array(projectSummaryShape) });
export type ProjectList = z.infer<typeof projectListShape>;

/** GET /api/projects/{projectId} */
export const projectDetailShape = projectSnapshotShape.extend({ counts: projectCountsShape });
export type ProjectDetail = z.infer<typeof projectDetailShape>;

/** POST /api/projects. The currency cannot be changed later: balances are kept in it. */
export const projectCreateBodyShape = z.strictObject({
  code,
  name,
  zone: z.string().min(1).max(64).describe('IANA zone, e.g. Asia/Shanghai'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe('ISO 4217, e.g. CNY'),
  slotMinutes: z.literal(slotMinutesAllowed).default(30),
  pollIntervalSeconds: pollIntervalSeconds.default(1800),
  calendar: tariffCalendarShape.optional().describe('Default: one flat period.'),
  areaM2: areaM2.nullable().default(null),
  address: text(500).nullable().default(null),
  latitude: z.number().min(-90).max(90).nullable().default(null),
  longitude: z.number().min(-180).max(180).nullable().default(null),
});
export type ProjectCreateBody = z.input<typeof projectCreateBodyShape>;

/** PATCH /api/projects/{projectId}. Another zone or slot length lays all energy of the project on the new grid. */
export const projectPatchBodyShape = z.strictObject({
  name: name.optional(),
  zone: z.string().min(1).max(64).optional(),
  slotMinutes: z.literal(slotMinutesAllowed).optional(),
  pollIntervalSeconds: pollIntervalSeconds.optional(),
  areaM2: areaM2.nullable().optional(),
  address: text(500).nullable().optional(),
  latitude: z.number().min(-90).max(90).nullable().optional(),
  longitude: z.number().min(-180).max(180).nullable().optional(),
});
export type ProjectPatchBody = z.infer<typeof projectPatchBodyShape>;

/** PUT /api/projects/{projectId}/calendar; the answer is the project. */
export const calendarBodyShape = tariffCalendarShape;

// ── Tree ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const treeQueryShape = z.object({
  atMs: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Links and mountings in force at this instant; default now.'),
});
export const treePointShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  role: z.enum(pointRoles),
  subItem: z.enum(subItems),
  placeId: z.string().nullable(),
  tenantId: z.string().nullable(),
  areaM2: z.number().nullable(),
  headcount: z.number().int().nullable(),
  /** Parent in the metering tree at the instant asked about. */
  parentId: z.string().nullable(),
  /** Meter mounted at the instant asked about. */
  mounting: z
    .object({ segmentId: z.string(), meterId: z.string(), register: z.string(), fromMs: z.number().int() })
    .nullable(),
});
export type TreePoint = z.infer<typeof treePointShape>;
/** GET /api/projects/{projectId}/tree: everything a screen needs to draw trees and walls, in one answer. */
export const treeShape = z.object({
  project: projectSnapshotShape,
  atMs: instantMs,
  places: z.array(placeSnapshotShape),
  points: z.array(treePointShape),
  meters: z.array(meterSnapshotShape),
  gateways: z.array(gatewaySnapshotShape),
  tenants: z.array(tenantSnapshotShape),
});
export type Tree = z.infer<typeof treeShape>;

// ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const placeKinds = ['area', 'building', 'floor', 'room'] as const;
export const placeListShape = z.object({ places: z.array(placeSnapshotShape), next: z.string().nullable() });
export type PlaceList = z.infer<typeof placeListShape>;
export const placeParamsShape = projectParamsShape.extend({ placeId: id });
export const placeCreateBodyShape = z.strictObject({
  parentId: id.nullable().default(null),
  kind: z.enum(placeKinds),
  code,
  name,
  use: text(64).nullable().default(null),
  areaM2: areaM2.nullable().default(null),
  sortOrder: z.number().int().min(-1_000_000).max(1_000_000).default(0),
});
export type PlaceCreateBody = z.input<typeof placeCreateBodyShape>;
export const placePatchBodyShape = z.strictObject({
  parentId: id.nullable().optional(),
  name: name.optional(),
  use: text(64).nullable().optional(),
  areaM2: areaM2.nullable().optional(),
  sortOrder: z.number().int().min(-1_000_000).max(1_000_000).optional(),
});
export type PlacePatchBody = z.infer<typeof placePatchBodyShape>;

// ── Gateways ─────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Meters ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const unitIdMin = 1;
export const unitIdMax = 247;
export const meterDetailShape = meterSnapshotShape.extend({
  /** Where its registers count now. */
  mountedAt: z.array(
    z.object({ meteringPointId: z.string(), code: z.string(), name: z.string(), register: z.string() }),
  ),
});
export type MeterDetail = z.infer<typeof meterDetailShape>;
export const meterListQueryShape = searchQueryShape.extend({ gatewayId: id.optional() });
export const meterListShape = z.object({ meters: z.array(meterDetailShape), next: z.string().nullable() });
export type MeterList = z.infer<typeof meterListShape>;
export const meterParamsShape = projectParamsShape.extend({ meterId: id });
const modelId = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a register map id such as acrel-dtsy1352');
const unitId = z
  .number()
  .int()
  .min(unitIdMin, 'Modbus unit ids are 1 to 247')
  .max(unitIdMax, 'Modbus unit ids are 1 to 247');
/** The 12 digits of DL/T 645, or the name a gateway gives the meter ("3_1"). */
const lineAddress = text(64);
export const meterCreateBodyShape = z.strictObject({
  serial: code,
  modelId: modelId.nullable().default(null),
  gatewayId: id.nullable().default(null),
  unitId: unitId.nullable().default(null),
  lineAddress: lineAddress.nullable().default(null),
  pollIntervalSeconds: pollIntervalSeconds.nullable().default(null),
  switchable: z.boolean().default(false),
  enabled: z.boolean().default(true),
});
export type MeterCreateBody = z.input<typeof meterCreateBodyShape>;
export const meterPatchBodyShape = z.strictObject({
  modelId: modelId.nullable().optional(),
  gatewayId: id.nullable().optional(),
  unitId: unitId.nullable().optional(),
  lineAddress: lineAddress.nullable().optional(),
  pollIntervalSeconds: pollIntervalSeconds.nullable().optional(),
  switchable: z.boolean().optional(),
  enabled: z.boolean().optional(),
});
export type MeterPatchBody = z.infer<typeof meterPatchBodyShape>;

// ── Metering points ──────────────────────────────────────────────────────────────────────────────────────────────

export const meteringPointListQueryShape = searchQueryShape.extend({
  medium: z.enum(media).optional(),
  role: z.enum(pointRoles).optional(),
  subItem: z.enum(subItems).optional(),
  placeId: id.optional().describe('This place or any place within it.'),
  tenantId: id.optional(),
});
export const meteringPointListShape = z.object({
  meteringPoints: z.array(meteringPointSnapshotShape),
  next: z.string().nullable(),
});
export type MeteringPointList = z.infer<typeof meteringPointListShape>;
export const meteringPointParamsShape = projectParamsShape.extend({ meteringPointId: id });

const handReadingShape = z.object({
  instantMs: z.number().int(),
  value: z.number().int(),
  scaler: z.number().int(),
});
/** One segment: a meter's register at a metering point, half-open [fromMs, toMs). */
export const mountingDetailShape = z.object({
  segmentId: z.string(),
  meteringPointId: z.string(),
  meterId: z.string(),
  meterSerial: z.string(),
  register: z.string(),
  quantity: z.enum(quantities),
  fromMs: z.number().int(),
  toMs: z.number().int().nullable(),
  multiplierNumerator: z.number().int(),
  multiplierDenominator: z.number().int(),
  registerMax: z.number().int().nullable(),
  powerMax: z.number().int().nullable(),
  openingReading: handReadingShape.nullable(),
  closingReading: handReadingShape.nullable(),
});
export type MountingDetail = z.infer<typeof mountingDetailShape>;

export const mountingChangeKinds = ['mount', 'exchange', 'unmount', 'correct', 'undo', 'import'] as const;
/** One change of a point's mountings: who, when, why; undo it by its id while nothing later touches the same segments. */
export const mountingChangeShape = z.object({
  id: z.string(),
  kind: z.enum(mountingChangeKinds),
  atMs: z.number().int(),
  by: z.string(),
  reason: z.string(),
  /** Id of the change that undid this one. */
  undoneBy: z.string().nullable(),
  undoable: z.boolean(),
  segmentIds: z.array(z.string()),
});
export type MountingChange = z.infer<typeof mountingChangeShape>;

const relatedPointShape = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  role: z.enum(pointRoles),
});
/** GET /api/projects/{projectId}/metering-points/{meteringPointId} */
export const meteringPointDetailShape = meteringPointSnapshotShape.omit({ mountings: true }).extend({
  place: z
    .object({ id: z.string(), code: z.string(), name: z.string(), path: z.array(z.string()) })
    .nullable(),
  tenant: tenantSnapshotShape.nullable(),
  /** Parent now. */
  parent: relatedPointShape.nullable(),
  /** Children now. */
  children: z.array(relatedPointShape),
  /** Oldest first. */
  mountings: z.array(mountingDetailShape),
  /** Newest first; at most 100. */
  mountingChanges: z.array(mountingChangeShape),
});
export type MeteringPointDetail = z.infer<typeof meteringPointDetailShape>;

export const parentLinkBodyShape = z.strictObject({
  parentId: id,
  fromMs: instantMs.default(0),
  toMs: instantMs.nullable().default(null),
});
export const meteringPointCreateBodyShape = z.strictObject({
  code,
  name,
  medium: z.enum(media),
  role: z.enum(pointRoles).default('sub'),
  subItem: z.enum(subItems).default('other'),
  placeId: id.nullable().default(null),
  tenantId: id.nullable().default(null),
  areaM2: areaM2.nullable().default(null),
  headcount: z.number().int().min(0).max(1_000_000).nullable().default(null),
  parentLinks: z.array(parentLinkBodyShape).max(100).default([]),
});
export type MeteringPointCreateBody = z.input<typeof meteringPointCreateBodyShape>;
/** `parentLinks`, where given, are the complete new set. The medium cannot change. */
export const meteringPointPatchBodyShape = z.strictObject({
  name: name.optional(),
  role: z.enum(pointRoles).optional(),
  subItem: z.enum(subItems).optional(),
  placeId: id.nullable().optional(),
  tenantId: id.nullable().optional(),
  areaM2: areaM2.nullable().optional(),
  headcount: z.number().int().min(0).max(1_000_000).nullable().optional(),
  parentLinks: z.array(parentLinkBodyShape).max(100).optional(),
});
export type MeteringPointPatchBody = z.input<typeof meteringPointPatchBodyShape>;

// ── Mountings ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A value read by a person: value × 10^scaler base units (Wh, l, dm³) as the register shows it, before the multiplier. */
export const registerValueShape = z.strictObject({
  value: z.number().int().min(0),
  scaler: z.number().int().min(-6).max(6),
});
const registerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a register name of the meter, such as energy.active.total');
const reason = text(500);
const mountedRegister = {
  meterId: id,
  register: registerName,
  multiplierNumerator: z.number().int().min(1).max(1_000_000_000).default(1),
  multiplierDenominator: z.number().int().min(1).max(1_000_000_000).default(1),
  registerMax: z.number().int().min(1).nullable().default(null),
  powerMax: z.number().int().min(1).nullable().default(null),
  openingReading: registerValueShape.nullable().default(null),
};
/**
 * What a proposed change was made from: the segments of the meter's register as they then were. Refused with
 * `proposal-stale` when they have changed since.
 */
const madeFrom = z
  .strictObject({ proposalId: z.string().max(64), segments: z.array(segmentShape).min(1).max(500) })
  .optional();
export const mountingExchangeShape = z.strictObject({
  action: z.literal('exchange'),
  meteringPointId: id,
  atMs: instantMs,
  closingReading: registerValueShape.nullable().default(null),
  next: z.strictObject(mountedRegister),
  madeFrom,
  reason,
});
export const mountingCorrectionShape = z.strictObject({
  action: z.literal('correct'),
  segmentId: id,
  fromMs: instantMs.optional(),
  toMs: instantMs.nullable().optional(),
  multiplierNumerator: z.number().int().min(1).max(1_000_000_000).optional(),
  multiplierDenominator: z.number().int().min(1).max(1_000_000_000).optional(),
  registerMax: z.number().int().min(1).nullable().optional(),
  powerMax: z.number().int().min(1).nullable().optional(),
  openingReading: registerValueShape.nullable().optional(),
  closingReading: registerValueShape.nullable().optional(),
  madeFrom,
  reason,
});
/** POST /api/projects/{projectId}/mountings. Readings given here hold at the instant of the change. */
export const mountingBodyShape = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('mount'),
    meteringPointId: id,
    ...mountedRegister,
    quantity: z
      .enum(quantities)
      .optional()
      .describe("Default: the point's own, else the usual one of its medium."),
    fromMs: instantMs,
    reason,
  }),
  mountingExchangeShape,
  z.strictObject({
    action: z.literal('unmount'),
    meteringPointId: id,
    atMs: instantMs,
    closingReading: registerValueShape.nullable().default(null),
    reason,
  }),
  mountingCorrectionShape,
  z.strictObject({ action: z.literal('undo'), changeId: id, reason }),
]);
export type MountingBody = z.input<typeof mountingBodyShape>;
export const mountingAnswerShape = z.object({
  change: mountingChangeShape,
  /** The segments touched, as they are now. */
  segments: z.array(mountingDetailShape),
});
export type MountingAnswer = z.infer<typeof mountingAnswerShape>;

// ── Tenants ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const tenantListShape = z.object({
  tenants: z.array(tenantSnapshotShape),
  next: z.string().nullable(),
});
export type TenantList = z.infer<typeof tenantListShape>;
export const tenantDetailShape = tenantSnapshotShape.extend({
  meteringPoints: z.array(
    z.object({ id: z.string(), code: z.string(), name: z.string(), medium: z.enum(media) }),
  ),
});
export type TenantDetail = z.infer<typeof tenantDetailShape>;
export const tenantParamsShape = projectParamsShape.extend({ tenantId: id });
const phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9 ()./-]{4,32}$/, 'a telephone number');
const email = z.email().max(254);
export const tenantCreateBodyShape = z.strictObject({
  code,
  name,
  tenantClass: text(64).default('standard'),
  phone: phone.nullable().default(null),
  email: email.nullable().default(null),
});
export type TenantCreateBody = z.input<typeof tenantCreateBodyShape>;
export const tenantPatchBodyShape = z.strictObject({
  name: name.optional(),
  tenantClass: text(64).optional(),
  phone: phone.nullable().optional(),
  email: email.nullable().optional(),
});
export type TenantPatchBody = z.infer<typeof tenantPatchBodyShape>;

// ── Site file ────────────────────────────────────────────────────────────────────────────────────────────────────

export const siteFileBytesMax = 64 * 1024 * 1024;
/** POST /api/projects/import-site?dryRun=true; the body is the .xlsx or .json file itself. */
export const importSiteQueryShape = z.object({
  dryRun: z.enum(['true', 'false']).default('false'),
});
export const siteFaultShape = z.object({
  /** Sheet (or array) as it is called in the file. */
  sheet: z.string(),
  /** Row as a spreadsheet counts it (the header is row 1); null when the whole sheet is meant. In .json: index + 2. */
  row: z.number().int().nullable(),
  column: z.string().nullable(),
  message: z.string(),
});
export type SiteFault = z.infer<typeof siteFaultShape>;
const importCountShape = z.object({ created: counter, updated: counter, unchanged: counter });
export const importSiteAnswerShape = z.object({
  dryRun: z.boolean(),
  /** Null in a dry run of a project that does not exist yet. */
  projectId: z.string().nullable(),
  /** Empty when the file was (or would be) taken. At most 1000 are listed; `faultsTotal` counts all. */
  faults: z.array(siteFaultShape),
  faultsTotal: counter,
  counts: z.object({
    projects: importCountShape,
    places: importCountShape,
    tenants: importCountShape,
    gateways: importCountShape,
    meters: importCountShape,
    meteringPoints: importCountShape,
    mountings: importCountShape,
  }),
});
export type ImportSiteAnswer = z.infer<typeof importSiteAnswerShape>;
/** GET /api/projects/{projectId}/site-file and GET /api/projects/site-file-template */
export const siteFileQueryShape = z.object({ format: z.enum(['xlsx', 'json']).default('xlsx') });

// ── Staff ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const staffShape = z.object({
  id: z.string(),
  login: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  roles: z.array(roleGrantShape),
  disabled: z.boolean(),
  createdAtMs: z.number().int(),
  lastSignInAtMs: z.number().int().nullable(),
});
export type Staff = z.infer<typeof staffShape>;
/** GET /api/staff: those who hold a role in a project where the caller may read staff. */
export const staffListShape = z.object({ staff: z.array(staffShape), next: z.string().nullable() });
export type StaffList = z.infer<typeof staffListShape>;
export const staffParamsShape = z.object({ staffId: id });
const login = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{1,253}$/, 'letters a–z, digits and . _ @ + - only, at least two');
/** POST /api/staff. Without a password one is made and shown once. */
export const staffCreateBodyShape = z.strictObject({
  login,
  name,
  email: email.nullable().default(null),
  password: z.string().max(passwordLengthMax).optional(),
  roles: z.array(roleGrantShape).max(200).default([]),
});
export type StaffCreateBody = z.input<typeof staffCreateBodyShape>;
export const staffPatchBodyShape = z.strictObject({
  name: name.optional(),
  email: email.nullable().optional(),
  disabled: z.boolean().optional().describe('A disabled person is signed out everywhere and cannot sign in.'),
});
export type StaffPatchBody = z.infer<typeof staffPatchBodyShape>;
/** PUT /api/staff/{staffId}/roles: the complete set within the projects the caller administers. */
export const staffRolesBodyShape = z.strictObject({ roles: z.array(roleGrantShape).max(200) });
export type StaffRolesBody = z.infer<typeof staffRolesBodyShape>;
/** POST /api/staff and POST /api/staff/{staffId}/password: the password is in this answer and nowhere else. */
export const staffSecretShape = z.object({ staff: staffShape, initialPassword: z.string().nullable() });
export type StaffSecret = z.infer<typeof staffSecretShape>;

// ── API keys ─────────────────────────────────────────────────────────────────────────────────────────────────────

export const apiKeyShape = z.object({
  id: z.string(),
  name: z.string(),
  rightsByProject: rightsByProjectShape,
  createdAtMs: z.number().int(),
  createdBy: z.string(),
  expiresAtMs: z.number().int().nullable(),
  lastUsedAtMs: z.number().int().nullable(),
});
export type ApiKey = z.infer<typeof apiKeyShape>;
export const apiKeyListShape = z.object({ apiKeys: z.array(apiKeyShape) });
export type ApiKeyList = z.infer<typeof apiKeyListShape>;
export const apiKeyParamsShape = z.object({ apiKeyId: id });
/** POST /api/api-keys. Only rights the caller holds can be given. Sent as `Authorization: Bearer <secret>`. */
export const apiKeyCreateBodyShape = z.strictObject({
  name,
  rightsByProject: rightsByProjectShape.refine(
    (value) => Object.keys(value).length > 0,
    'name at least one project',
  ),
  expiresAtMs: instantMs.nullable().default(null),
});
export type ApiKeyCreateBody = z.input<typeof apiKeyCreateBodyShape>;
export const apiKeySecretShape = z.object({ apiKey: apiKeyShape, secret: z.string() });
export type ApiKeySecret = z.infer<typeof apiKeySecretShape>;

// ── Actions ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const actionShape = z.object({
  sequence: z.number().int(),
  atMs: z.number().int(),
  principalKind: z.enum(['staff', 'api-key', 'nobody']),
  principalId: z.string(),
  principalName: z.string(),
  projectId: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  remoteAddress: z.string(),
  hash: z.string(),
});
export type Action = z.infer<typeof actionShape>;
export const actionListQueryShape = pageQueryShape.extend({
  fromMs: z.coerce.number().int().optional(),
  toMs: z.coerce.number().int().optional(),
  principalId: id.optional(),
  action: z.string().max(100).regex(plainCharacters).optional(),
  subject: z.string().max(200).regex(plainCharacters).optional(),
});
/** GET /api/projects/{projectId}/actions and GET /api/actions (group), newest first. */
export const actionListShape = z.object({ actions: z.array(actionShape), next: z.string().nullable() });
export type ActionList = z.infer<typeof actionListShape>;
/** GET /api/actions/verify: recomputes the chain of hashes from the first action to the last. */
export const actionVerifyShape = z.object({
  ok: z.boolean(),
  checked: counter,
  lastHash: z.string().nullable(),
  /** First action that does not fit, with what is wrong. */
  firstFault: z.object({ sequence: z.number().int(), message: z.string() }).nullable(),
});
export type ActionVerify = z.infer<typeof actionVerifyShape>;
