// SPDX-License-Identifier: Apache-2.0
/** Who is told of what happened to an alarm, by which channel, now or later. Pure: the same facts give the same messages. */
import type { AlarmKind, AlarmSeverity, AlarmSignal, Role } from '@wattledger/contracts';
import type { AlarmRecipient, AlarmSchemeBody, Notice, NoticeEvent } from '@wattledger/contracts/http/alarms';
import type { TemplateBody } from '@wattledger/contracts/http/notices';
import { fillNotice, type NoticeMatter } from './fill-notice.ts';
import { usualTemplates, type Language } from './notice-words.ts';
import { gravityOf, quietUntil } from './quiet-hours.ts';
import { fillTemplate, type Filled } from './template.ts';

/** A member of staff who may see the project's alarms. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
}
export interface TenantContact {
  readonly id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
}
/** An alarm with what is known around it. */
export interface AlarmMatter extends NoticeMatter {
  readonly kind: AlarmKind;
  readonly severity: AlarmSeverity;
  readonly projectId: string;
  readonly alarmId: string;
  readonly subjectKind: AlarmSignal['subjectKind'];
  readonly subjectId: string;
  readonly tenant: TenantContact | null;
}
export interface NewNotice extends Pick<
  Notice,
  'channel' | 'recipient' | 'address' | 'subject' | 'body' | 'state' | 'event'
> {
  readonly projectId: string;
  readonly alarmId: string | null;
  readonly kind: AlarmKind | null;
  readonly subjectKind: AlarmSignal['subjectKind'] | null;
  readonly subjectId: string | null;
  readonly severity: AlarmSeverity | null;
  readonly staffId: string | null;
  readonly language: Language;
  readonly filled: Filled;
  readonly createdAtMs: number;
  readonly dueAtMs: number | null;
}
export type OwnTemplates = ReadonlyMap<string, TemplateBody>;
export const templateKey = (event: NoticeEvent, language: Language): string => `${event}/${language}`;

interface Addressee {
  readonly name: string;
  readonly address: string;
  readonly staffId: string | null;
}
/** One who was told of the opening. */
export type Told = Pick<NewNotice, 'channel' | 'recipient' | 'address' | 'staffId' | 'language' | 'event'>;

export interface NoticeOccasion {
  readonly event: 'opened' | 'escalated';
  /** Recipients of this step of the scheme. */
  readonly afterMinutes: number;
  readonly matter: AlarmMatter;
  readonly scheme: AlarmSchemeBody;
  readonly people: readonly Person[];
  readonly templates: OwnTemplates;
  /** `channel address` of those told of the same alarm of the same subject within the span of no repeats. */
  readonly toldBefore: ReadonlySet<string>;
  readonly nowMs: number;
}

export const toldKey = (told: Pick<Told, 'channel' | 'address'>): string => `${told.channel} ${told.address}`;

/** Steps of a scheme that concern an alarm, beyond those told at once. */
export function escalationSteps(scheme: AlarmSchemeBody, matter: AlarmMatter): readonly number[] {
  const steps = concerned(scheme, matter).map(({ afterMinutes }) => afterMinutes);
  return [...new Set(steps)].filter((minutes) => minutes > 0).sort((a, b) => a - b);
}

function concerned(
  { recipients }: AlarmSchemeBody,
  { kind, severity }: Pick<AlarmMatter, 'kind' | 'severity'>,
): readonly AlarmRecipient[] {
  return recipients.filter(
    ({ kinds, severityMin }) =>
      (kinds === null || kinds.includes(kind)) && gravityOf(severity) >= gravityOf(severityMin),
  );
}

/** One message per channel and address, however often the scheme names it. */
export function planNotices(occasion: NoticeOccasion): readonly NewNotice[] {
  const { scheme, matter, people, afterMinutes } = occasion;
  const planned = new Map<string, NewNotice>();
  for (const recipient of concerned(scheme, matter)) {
    if (recipient.afterMinutes !== afterMinutes) continue;
    for (const addressee of addresseesOf(recipient, matter, people)) {
      const told: Told = {
        channel: recipient.channel,
        recipient: addressee.name,
        address: addressee.address,
        staffId: addressee.staffId,
        language: recipient.language,
        event: recipient.to.kind === 'tenant' ? 'tenant' : occasion.event,
      };
      if (!planned.has(toldKey(told))) planned.set(toldKey(told), noticeTo(told, occasion));
    }
  }
  return [...planned.values()];
}

function addresseesOf(
  { to, channel }: AlarmRecipient,
  { tenant }: AlarmMatter,
  people: readonly Person[],
): readonly Addressee[] {
  switch (to.kind) {
    case 'address':
      return [{ name: to.name, address: to.address, staffId: null }];
    case 'tenant': {
      const address = channel === 'sms' ? dialled(tenant?.phone ?? null) : (tenant?.email ?? null);
      return tenant === null || address === null ? [] : [{ name: tenant.name, address, staffId: null }];
    }
    case 'staff':
    case 'role':
      return people
        .filter((person) => (to.kind === 'staff' ? person.id === to.staffId : person.roles.includes(to.role)))
        .flatMap(({ id, name, email }) => {
          const address = channel === 'in-app' ? id : email;
          return address === null ? [] : [{ name, address, staffId: id }];
        });
  }
}

/** A tenant's number as people write it, to what can be dialled; providers know the country of one without +. */
function dialled(phone: string | null): string | null {
  const digits = phone?.replaceAll(/[^\d+]/g, '') ?? '';
  return digits === '' ? null : digits;
}

function noticeTo(
  told: Told,
  { matter, scheme, toldBefore, nowMs, templates, event }: NoticeOccasion,
): NewNotice {
  const repeated = event === 'opened' && toldBefore.has(toldKey(told));
  return written(told, matter, templates, nowMs, repeated ? 'withheld' : scheme);
}

/** What those who were told of the opening are told at the end; tenants see it in their balance. */
export function planCleared(
  matter: AlarmMatter,
  told: readonly Told[],
  { scheme, templates, nowMs }: Pick<NoticeOccasion, 'scheme' | 'templates' | 'nowMs'>,
): readonly NewNotice[] {
  if (!scheme.tellCleared) return [];
  const once = new Map(told.filter(({ event }) => event !== 'tenant').map((one) => [toldKey(one), one]));
  return [...once.values()].map((one) =>
    written({ ...one, event: 'cleared' }, matter, templates, nowMs, scheme),
  );
}

function written(
  told: Told,
  matter: AlarmMatter,
  templates: OwnTemplates,
  nowMs: number,
  scheme: AlarmSchemeBody | 'withheld',
): NewNotice {
  const { channel, language, event } = told;
  const filled = fillNotice(matter, language);
  const template = templates.get(templateKey(event, language)) ?? usualTemplates[language][event];
  const { kind, severity, projectId, alarmId, subjectKind, subjectId } = matter;
  const about = { kind, severity, projectId, alarmId, subjectKind, subjectId };
  const text = { ...told, ...about, ...fillTemplate(template, filled), filled, createdAtMs: nowMs };
  if (scheme === 'withheld') return { ...text, state: 'withheld', dueAtMs: null };
  // The bell rings for nobody who does not look.
  if (channel === 'in-app') return { ...text, state: 'sent', dueAtMs: null };
  const quietEndMs = quietUntil(scheme.quietHours, { zone: matter.zone, nowMs, severity });
  return quietEndMs === null
    ? { ...text, state: 'queued', dueAtMs: nowMs }
    : { ...text, state: 'held', dueAtMs: quietEndMs };
}

/** What the quiet hours kept back for one address, as one message. */
export function summaryOf(
  held: readonly NewNotice[],
  project: Pick<NoticeMatter, 'projectName' | 'zone' | 'currency'>,
  templates: OwnTemplates,
  nowMs: number,
): NewNotice | null {
  const first = held[0];
  if (first === undefined) return null;
  const { language } = first;
  const severity = held.reduce<AlarmSeverity>(
    (worst, { severity: own }) => (own !== null && gravityOf(own) > gravityOf(worst) ? own : worst),
    'information',
  );
  const bare = fillNotice(
    {
      ...project,
      kind: null,
      severity,
      subjectName: '',
      placeName: null,
      tenantName: null,
      atMs: nowMs,
      facts: {},
    },
    language,
  );
  const list = held.slice(0, listedMax).map(({ filled, subject }) => `${filled.time}  ${subject}`);
  if (held.length > listedMax) list.push('…');
  const filled = { ...bare, count: String(held.length), list: list.join('\n') };
  const template = templates.get(templateKey('summary', language)) ?? usualTemplates[language].summary;
  return {
    ...first,
    ...fillTemplate(template, filled),
    alarmId: null,
    kind: null,
    subjectKind: null,
    subjectId: null,
    severity,
    event: 'summary',
    filled,
    state: 'queued',
    createdAtMs: nowMs,
    dueAtMs: nowMs,
  };
}
const listedMax = 100;
