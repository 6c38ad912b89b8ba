// SPDX-License-Identifier: Apache-2.0
/** People whom the product tells of alarms: a mail server and a receiver of webhooks on sockets, and a scheme that names them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { alarmKinds, usualRule, type AlarmKind } from '@wattledger/contracts';
import type { AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import { startMailServer, startReceiver, type MailServer } from '@wattledger/registry/testing';

/** Where the mails go. */
export const watcher = 'watch@example.com';
const patienceMs = 120_000;

export interface Told {
  readonly event: string;
  readonly kind: AlarmKind;
  readonly subjectId: string;
  readonly subject: string;
}
export interface WatchedScheme {
  /** null: everything else of the project. */
  readonly tenantClass: string | null;
  /** The other kinds are switched off. */
  readonly kinds: readonly AlarmKind[];
  /** Of those that are not the usual ones. */
  readonly thresholds: Readonly<Partial<Record<AlarmKind, Readonly<Record<string, number>>>>>;
}
export interface AlarmWatch {
  /** With which a product can tell. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that is bad is told at once, by mail and webhook, and so is its end. */
  schemeBody(scheme: WatchedScheme): AlarmSchemeBody;
  /** What the webhook was told, oldest first. */
  told(): readonly Told[];
  toldOf(wanted: AlarmKind, wantedEvent: string): Promise<void>;
  /** Resolves when there are as many mails as calls of the webhook. */
  mails(): Promise<MailServer['received']>;
  /** @throws Error with what was told until then, when it does not hold within two minutes */
  until(what: string, holds: () => Promise<boolean> | boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startAlarmWatch(): Promise<AlarmWatch> {
  const mail = await startMailServer();
  const hook = await startReceiver();
  const told = (): readonly Told[] => hook.received.map(({ body }) => JSON.parse(body) as Told);
  const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    const deadlineMs = Date.now() + patienceMs;
    while (!(await holds())) {
      const subjects = told().map(({ subject }) => subject);
      if (Date.now() > deadlineMs) throw new Error(`${what} did not come; told: ${subjects.join(', ')}`);
      await sleep(100);
    }
  };
  return {
    environment: {
      SMTP_URL: mail.url,
      SMTP_FROM: 'Wattledger <alarms@example.com>',
      WEBHOOK_SECRET: 'a-shared-key-of-the-test',
      WEBHOOK_ALLOW_PRIVATE: 'on',
    },
    schemeBody: (scheme) => schemeBodyOf(scheme, hook.url),
    told,
    toldOf: async (wanted, wantedEvent) =>
      await until(`${wanted} ${wantedEvent}`, () =>
        told().some(({ kind, event }) => kind === wanted && event === wantedEvent),
      ),
    mails: async () => {
      await until('every mail', () => mail.received.length === hook.received.length);
      return mail.received;
    },
    until,
    stop: async () => {
      await hook.stop();
      await mail.stop();
    },
  };
}

function schemeBodyOf({ tenantClass, kinds, thresholds }: WatchedScheme, hookUrl: string): AlarmSchemeBody {
  const told = { language: 'en', kinds: null, severityMin: 'information', afterMinutes: 0 } as const;
  return {
    name: tenantClass ?? 'All',
    tenantClass,
    rules: Object.fromEntries(
      alarmKinds.map((kind) => {
        const rule = usualRule(kind);
        const own = { ...rule.thresholds, ...thresholds[kind] };
        const enabled = kinds.includes(kind);
        return [kind, { ...rule, enabled, holdSeconds: 0, clearSeconds: 0, thresholds: own }];
      }),
    ),
    recipients: [
      { to: { kind: 'address', name: 'Watch', address: watcher }, channel: 'email', ...told },
      { to: { kind: 'address', name: 'Desk', address: hookUrl }, channel: 'webhook', ...told },
    ],
    quietHours: null,
    repeatMinutes: 0,
    tellCleared: true,
  };
}
