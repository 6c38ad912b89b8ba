// SPDX-License-Identifier: Apache-2.0
/** HTTP shapes of alarms and alarm schemes. Instants are whole milliseconds since the epoch (`…Ms`). */
import { z } from 'zod';
import { idPattern } from '../ids.ts';
import { roles } from '../rights.ts';
import {
  alarmHoursShape,
  alarmKinds,
  alarmRuleShape,
  alarmSeverities,
  thresholdsOf,
  type AlarmKind,
  type AlarmRule,
} from '../topics/alarms.ts';
import { languages, pageQueryShape, projectParamsShape } from './registry.ts';

const id = z.string().regex(idPattern, 'an id');
const counter = z.number().int().min(0);
/** No control characters and no halves of surrogate pairs: no database keeps them as text. */
const text = (charactersMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters');

// ── Alarms ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const alarmStates = ['open', 'acknowledged', 'cleared'] as const;
export const alarmSubjectKinds = ['gateway', 'meter', 'metering-point', 'account'] as const;
export const alarmShape = z.object({
  id: z.string(),
  projectId: z.string(),
  kind: z.enum(alarmKinds),
  severity: z.enum(alarmSeverities),
  subjectKind: z.enum(alarmSubjectKinds),
  subjectId: z.string(),
  /** Code or serial with name, where the registry knows the subject; null for accounts. */
  subjectName: z.string().nullable(),
  state: z.enum(alarmStates),
  openedAtMs: z.number().int(),
  /** Newest signal that raised it again. */
  lastRaisedAtMs: z.number().int(),
  raisedCount: z.number().int(),
  acknowledgedAtMs: z.number().int().nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedNote: z.string().nullable(),
  clearedAtMs: z.number().int().nullable(),
  assignedStaffId: z.string().nullable(),
  assignedName: z.string().nullable(),
  facts: z.record(z.string(), z.string()),
});
export type Alarm = z.infer<typeof alarmShape>;
const alarmFilter = {
  state: z
    .enum([...alarmStates, 'active', 'any'])
    .default('active')
    .describe('active = open or acknowledged'),
  kind: z.enum(alarmKinds).optional(),
  severity: z.enum(alarmSeverities).optional(),
  subjectId: id.optional(),
  placeId: id.optional().describe('Alarms of this place and the places within it.'),
  assignedStaffId: id.optional(),
  fromMs: z.coerce.number().int().optional().describe('Opened at or after.'),
  toMs: z.coerce.number().int().optional().describe('Opened before.'),
};
export const alarmListQueryShape = pageQueryShape.extend(alarmFilter);
/** GET /api/projects/{projectId}/alarms: newest first. */
export const alarmListShape = z.object({
  alarms: z.array(alarmShape),
  next: z.string().nullable(),
  /** Of the whole project, whatever the filter. */
  counts: z.object({
    open: counter,
    acknowledged: counter,
    information: counter,
    warning: counter,
    critical: counter,
  }),
});
export type AlarmList = z.infer<typeof alarmListShape>;
/** GET /api/projects/{projectId}/alarm-file: the alarms of the same filter, newest first, at most `alarmFileRowsMax`. */
export const alarmFileQueryShape = z.object({
  ...alarmFilter,
  format: z.enum(['csv', 'xlsx']).default('csv'),
  language: z.enum(languages).default('en'),
});
export const alarmFileRowsMax = 100_000;
export const alarmParamsShape = projectParamsShape.extend({ alarmId: id });
/** POST /api/projects/{projectId}/alarms/{alarmId}/acknowledge */
export const acknowledgeBodyShape = z.strictObject({
  note: text(500).nullable().default(null),
});
export type AcknowledgeBody = z.input<typeof acknowledgeBodyShape>;
/** POST /api/projects/{projectId}/alarms/acknowledge: those that have cleared meanwhile are left alone. */
export const acknowledgeManyBodyShape = z.strictObject({
  alarmIds: z.array(id).min(1).max(500),
  note: text(500).nullable().default(null),
});
export type AcknowledgeManyBody = z.input<typeof acknowledgeManyBodyShape>;
export const acknowledgeManyAnswerShape = z.object({ acknowledged: counter });
export type AcknowledgeManyAnswer = z.infer<typeof acknowledgeManyAnswerShape>;
/** POST /api/projects/{projectId}/alarms/{alarmId}/notes */
export const alarmNoteBodyShape = z.strictObject({ note: text(500) });
/** PUT /api/projects/{projectId}/alarms/{alarmId}/assignment */
export const alarmAssignmentBodyShape = z.strictObject({ staffId: id.nullable() });
/** GET /api/projects/{projectId}/alarm-people: staff who can see the project's alarms. */
export const alarmPeopleShape = z.object({
  people: z.array(z.object({ id: z.string(), name: z.string(), hasEmail: z.boolean() })),
});
export type AlarmPeople = z.infer<typeof alarmPeopleShape>;

export const alarmEventKinds = [
  'opened',
  'raised',
  'acknowledged',
  'cleared',
  'noted',
  'assigned',
  'escalated',
] as const;
export const noticeChannels = ['in-app', 'email', 'sms', 'webhook'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];
/**
 * held = kept back by quiet hours; queued = to be sent (again); sent = the provider took it; given-up = not sent any more;
 * withheld = told already within the span in which nothing is repeated; summarised = went out within a summary.
 */
export const noticeStates = ['held', 'queued', 'sent', 'given-up', 'withheld', 'summarised'] as const;
export const noticeEvents = ['opened', 'cleared', 'escalated', 'summary', 'tenant', 'test'] as const;
export type NoticeEvent = (typeof noticeEvents)[number];
export const noticeShape = z.object({
  id: z.string(),
  projectId: z.string(),
  alarmId: z.string().nullable(),
  kind: z.enum(alarmKinds).nullable(),
  event: z.enum(noticeEvents),
  channel: z.enum(noticeChannels),
  /** Who it is for: a name, and the address it went to. */
  recipient: z.string(),
  address: z.string(),
  language: z.enum(languages),
  subject: z.string(),
  body: z.string(),
  state: z.enum(noticeStates),
  createdAtMs: z.number().int(),
  /** When it is tried next; null when it is done. */
  dueAtMs: z.number().int().nullable(),
  sentAtMs: z.number().int().nullable(),
  attempts: counter,
  /** What the provider said last, in its own words. */
  answer: z.string().nullable(),
});
export type Notice = z.infer<typeof noticeShape>;

/** GET /api/projects/{projectId}/alarms/{alarmId} */
export const alarmDetailShape = alarmShape.extend({
  history: z.array(
    z.object({
      atMs: z.number().int(),
      what: z.enum(alarmEventKinds),
      by: z.string().nullable(),
      note: z.string().nullable(),
      facts: z.record(z.string(), z.string()),
    }),
  ),
  /** Who was told, and how it went; oldest first. */
  notices: z.array(noticeShape),
});
export type AlarmDetail = z.infer<typeof alarmDetailShape>;

/** GET /api/projects/{projectId}/alarm-statistics: of the alarms opened in the span. */
export const alarmStatisticsQueryShape = z.object({
  fromMs: z.coerce.number().int(),
  toMs: z.coerce.number().int(),
});
export const alarmStatisticsShape = z.object({
  kinds: z.array(
    z.object({
      kind: z.enum(alarmKinds),
      opened: counter,
      active: counter,
      acknowledged: counter,
      /** Median time from opening to acknowledgement and to clearing; null when there was none. */
      acknowledgeMsMedian: z.number().nullable(),
      clearMsMedian: z.number().nullable(),
    }),
  ),
  /** Those that opened most alarms. */
  subjects: z.array(
    z.object({
      subjectKind: z.enum(alarmSubjectKinds),
      subjectId: z.string(),
      subjectName: z.string().nullable(),
      opened: counter,
    }),
  ),
});
export type AlarmStatistics = z.infer<typeof alarmStatisticsShape>;

// ── Alarm schemes ────────────────────────────────────────────────────────────────────────────────────────────────

export const alarmRecipientsMax = 50;
const webhookUrl = z.url({ protocol: /^https?$/ }).max(500);
/** An SMS goes to digits in the international form, a webhook to an address of the web, an e-mail to a mailbox. */
export const recipientShape = z
  .strictObject({
    to: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('staff'), staffId: id }),
      z.strictObject({ kind: z.literal('role'), role: z.enum(roles) }),
      z.strictObject({ kind: z.literal('tenant') }),
      z.strictObject({ kind: z.literal('address'), name: text(100), address: text(500) }),
    ]),
    channel: z.enum(noticeChannels),
    language: z.enum(languages),
    /** Null: every kind. */
    kinds: z.array(z.enum(alarmKinds)).max(alarmKinds.length).nullable(),
    severityMin: z.enum(alarmSeverities),
    /** 0: as soon as it opens; more: when nobody has acknowledged it after so many minutes. */
    afterMinutes: z.number().int().min(0).max(10_080),
  })
  .superRefine(({ to, channel }, context) => {
    const refuse = (message: string): void => {
      context.addIssue({ code: 'custom', path: ['channel'], message });
    };
    if (to.kind === 'address') {
      const fault = addressFault(channel, to.address);
      if (fault !== null) context.addIssue({ code: 'custom', path: ['to', 'address'], message: fault });
    } else if (channel === 'webhook') refuse('a webhook needs an address');
    if (channel === 'in-app' && (to.kind === 'tenant' || to.kind === 'address'))
      refuse('only staff can be told in the product');
    if (channel === 'sms' && (to.kind === 'staff' || to.kind === 'role'))
      refuse('staff have no telephone number here: give it as an address');
  });
export type AlarmRecipient = z.infer<typeof recipientShape>;

function addressFault(channel: NoticeChannel, address: string): string | null {
  if (channel === 'email') return z.email().max(254).safeParse(address).success ? null : 'an e-mail address';
  if (channel === 'sms')
    return /^\+[1-9][0-9]{5,14}$/.test(address) ? null : 'a telephone number such as +8613900000000';
  if (channel === 'webhook') return webhookUrl.safeParse(address).success ? null : 'an address of the web';
  return null;
}

const rulesShape = z.partialRecord(z.enum(alarmKinds), alarmRuleShape).superRefine((rules, context) => {
  for (const [kind, rule] of Object.entries(rules) as [AlarmKind, AlarmRule][]) {
    const known = thresholdsOf(kind);
    for (const [name, value] of Object.entries(rule.thresholds)) {
      const path = [kind, 'thresholds', name];
      const bounds = Object.hasOwn(known, name) ? known[name] : undefined;
      if (bounds === undefined) context.addIssue({ code: 'custom', path, message: 'no such threshold' });
      else if (!Number.isFinite(value) || value < bounds.min || value > bounds.max)
        context.addIssue({
          code: 'custom',
          path,
          message: `from ${bounds.min} to ${bounds.max} ${bounds.unit}`,
        });
    }
  }
});

export const alarmSchemeBodyShape = z.strictObject({
  name: text(100),
  /** Tenants of this class; null: everything else of the project. One scheme of each. */
  tenantClass: text(64).nullable(),
  rules: rulesShape,
  recipients: z.array(recipientShape).max(alarmRecipientsMax),
  /** Nobody is told in these hours, but of alarms at least this grave; a summary follows. Null: no quiet hours. */
  quietHours: alarmHoursShape.extend({ overrideSeverity: z.enum(alarmSeverities) }).nullable(),
  /** The same alarm of the same subject is not told again within so many minutes. */
  repeatMinutes: z.number().int().min(0).max(10_080),
  /** Whether those who were told of the opening are told of the clearing. */
  tellCleared: z.boolean(),
});
export type AlarmSchemeBody = z.infer<typeof alarmSchemeBodyShape>;
export const alarmSchemeShape = alarmSchemeBodyShape.extend({ id: z.string(), projectId: z.string() });
export type AlarmScheme = z.infer<typeof alarmSchemeShape>;
export const alarmSchemeParamsShape = projectParamsShape.extend({ schemeId: id });
/** GET /api/projects/{projectId}/alarm-schemes */
export const alarmSchemeListShape = z.object({
  schemes: z.array(alarmSchemeShape),
  /** What holds where no scheme does. */
  usual: alarmSchemeBodyShape,
  /** Classes that the project's tenants have. */
  tenantClasses: z.array(z.string()),
  /** Channels that are set up on this machine. */
  channels: z.array(z.enum(noticeChannels)),
});
export type AlarmSchemeList = z.infer<typeof alarmSchemeListShape>;
