// SPDX-License-Identifier: Apache-2.0
/** Writes the messages about alarms into the outbox, in the transaction in which the alarms open, clear or escalate. */
import type { AlarmSeverity } from '@wattledger/contracts';
import { ruleOf } from '@wattledger/contracts';
import type { AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import type { Transaction } from '@wattledger/platform';
import type { AlarmState } from '../alarms/alarm-life.ts';
import {
  readProjectMatter,
  readSubjects,
  schemeFor,
  subjectKey,
  type ProjectMatter,
  type SubjectMatter,
} from './matters-store.ts';
import { insertNotices, toldOfAlarm, toldSince } from './notices-store.ts';
import {
  escalationSteps,
  planCleared,
  planNotices,
  toldKey,
  type AlarmMatter,
  type NewNotice,
} from './plan-notices.ts';

/** Judged by the scheme of where the subject stands. */
export interface AlarmJudgement {
  readonly enabled: boolean;
  readonly severity: AlarmSeverity;
}
type About = Pick<AlarmState, 'projectId' | 'kind' | 'subjectKind' | 'subjectId' | 'facts'>;

/** What is known around alarms, read once for a batch of them. */
export class AlarmSurroundings {
  readonly #projects = new Map<string, ProjectMatter | null>();
  readonly #subjects = new Map<string, SubjectMatter>();

  static async of(transaction: Transaction, alarms: readonly About[]): Promise<AlarmSurroundings> {
    const found = new AlarmSurroundings();
    for (const [projectId, own] of Map.groupBy(alarms, (alarm) => alarm.projectId)) {
      found.#projects.set(projectId, await readProjectMatter(transaction, projectId));
      const wanted = new Map<string, Parameters<typeof readSubjects>[2][number]>();
      for (const { subjectKind, subjectId, facts } of own) {
        const key = subjectKey({ subjectKind, subjectId });
        // What clears an alarm need not name the tenant again.
        const tenantId = facts['tenantId'] ?? wanted.get(key)?.tenantId ?? null;
        wanted.set(key, { subjectKind, subjectId, tenantId });
      }
      for (const [key, subject] of await readSubjects(transaction, projectId, [...wanted.values()]))
        found.#subjects.set(`${projectId} ${key}`, subject);
    }
    return found;
  }

  project(projectId: string): ProjectMatter | null {
    return this.#projects.get(projectId) ?? null;
  }

  schemeOf(alarm: About): AlarmSchemeBody {
    const tenantClass = this.#subjectOf(alarm)?.tenant?.tenantClass ?? null;
    return schemeFor(this.project(alarm.projectId)?.schemes ?? [], tenantClass);
  }

  judge(alarm: About): AlarmJudgement {
    const { enabled, severity } = ruleOf(this.schemeOf(alarm), alarm.kind);
    return { enabled, severity };
  }

  /** Null for a project the registry does not know. */
  matterOf(alarm: AlarmState, atMs: number): AlarmMatter | null {
    const project = this.project(alarm.projectId);
    if (project === null) return null;
    const subject = this.#subjectOf(alarm);
    const { projectName, zone, currency } = project;
    const { id: alarmId, projectId, kind, severity, subjectKind, subjectId, facts } = alarm;
    return {
      ...{
        projectName,
        zone,
        currency,
        alarmId,
        projectId,
        kind,
        severity,
        subjectKind,
        subjectId,
        facts,
        atMs,
      },
      subjectName: subject?.subjectName ?? subjectId,
      placeName: subject?.placeName ?? null,
      tenantName: subject?.tenant?.name ?? null,
      tenant: subject?.tenant ?? null,
    };
  }

  #subjectOf({ projectId, subjectKind, subjectId }: About): SubjectMatter | undefined {
    return this.#subjects.get(`${projectId} ${subjectKey({ subjectKind, subjectId })}`);
  }
}

export interface AlarmTurn {
  readonly alarm: AlarmState;
  readonly what: 'opened' | 'cleared';
}

/** Messages and pending escalations of alarms that opened or cleared, in the order in which they did. */
export async function tellTurns(
  transaction: Transaction,
  surroundings: AlarmSurroundings,
  turns: readonly AlarmTurn[],
  nowMs: number,
): Promise<void> {
  for (const { alarm, what } of turns) {
    if (what === 'opened') await tellOpened(transaction, surroundings, alarm, nowMs);
    else await tellCleared(transaction, surroundings, alarm, nowMs);
  }
}

async function tellOpened(
  transaction: Transaction,
  surroundings: AlarmSurroundings,
  alarm: AlarmState,
  nowMs: number,
): Promise<void> {
  const scheme = surroundings.schemeOf(alarm);
  const notices = await planStep(transaction, surroundings, alarm, {
    event: 'opened',
    afterMinutes: 0,
    nowMs,
  });
  await insertNotices(transaction, notices);
  const matter = surroundings.matterOf(alarm, alarm.openedAtMs);
  const steps = matter === null ? [] : escalationSteps(scheme, matter);
  if (steps.length === 0) return;
  await transaction.query(
    `insert into registry.alarm_escalations (alarm_id, after_minutes, due_at_ms)
     select $1, u.after_minutes, $3 + u.after_minutes * 60000::bigint from unnest($2::integer[]) as u (after_minutes)
     on conflict do nothing`,
    [alarm.id, steps, nowMs],
  );
}

/** Messages of one step of the scheme. */
export async function planStep(
  transaction: Transaction,
  surroundings: AlarmSurroundings,
  alarm: AlarmState,
  step: { readonly event: 'opened' | 'escalated'; readonly afterMinutes: number; readonly nowMs: number },
): Promise<readonly NewNotice[]> {
  const matter = surroundings.matterOf(alarm, alarm.openedAtMs);
  const project = surroundings.project(alarm.projectId);
  if (matter === null || project === null) return [];
  const scheme = surroundings.schemeOf(alarm);
  const told = await toldSince(transaction, {
    projectId: alarm.projectId,
    kind: alarm.kind,
    subjectId: alarm.subjectId,
    sinceMs: step.nowMs - scheme.repeatMinutes * 60_000,
  });
  const { people, templates } = project;
  return planNotices({ ...step, matter, scheme, people, templates, toldBefore: new Set(told.map(toldKey)) });
}

async function tellCleared(
  transaction: Transaction,
  surroundings: AlarmSurroundings,
  alarm: AlarmState,
  nowMs: number,
): Promise<void> {
  await forgetEscalations(transaction, [alarm.id]);
  const scheme = surroundings.schemeOf(alarm);
  const matter = surroundings.matterOf(alarm, alarm.clearedAtMs ?? nowMs);
  const project = surroundings.project(alarm.projectId);
  if (!scheme.tellCleared || matter === null || project === null) return;
  const told = await toldOfAlarm(transaction, alarm.id);
  await insertNotices(
    transaction,
    planCleared(matter, told, { scheme, templates: project.templates, nowMs }),
  );
}

export async function forgetEscalations(
  transaction: Transaction,
  alarmIds: readonly string[],
): Promise<void> {
  await transaction.query('delete from registry.alarm_escalations e where e.alarm_id = any ($1)', [alarmIds]);
}
