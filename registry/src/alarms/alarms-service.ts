// SPDX-License-Identifier: Apache-2.0
/** Keeps the life of alarms: whoever detects only raises and clears. */
import { topics } from '@wattledger/contracts';
import {
  alarmFileRowsMax,
  type AcknowledgeBody,
  type AcknowledgeManyAnswer,
  type AcknowledgeManyBody,
  type Alarm,
  type AlarmDetail,
  type alarmFileQueryShape,
  type AlarmList,
  type alarmListQueryShape,
  type AlarmPeople,
  type AlarmStatistics,
} from '@wattledger/contracts/http/alarms';
import type { Clock, Consumer, Database, EventLog, Queryable, Transaction } from '@wattledger/platform';
import type { z } from 'zod';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid, notFound } from '../changes/faults.ts';
import { cutPage } from '../changes/page.ts';
import { readAlarmPeople } from '../notices/matters-store.ts';
import { listNotices } from '../notices/notices-store.ts';
import { forgetEscalations } from '../notices/tell-alarms.ts';
import { alarmFileOf, readAlarmStatistics, type AlarmFile } from './alarm-reports.ts';
import type { AlarmEvent } from './alarm-life.ts';
import {
  acknowledgeAlarm,
  assignAlarm,
  countAlarms,
  insertEvents,
  listAlarms,
  readAlarm,
  readEvents,
  type AlarmFilter,
} from './alarms-store.ts';
import { plainFacts, takeSignals } from './take-signals.ts';

export const alarmGroup = 'registry-alarms';
const signalsPerBatch = 1000;
const eventsShown = 500;
const noticesShown = 200;

type AlarmQuery = z.output<typeof alarmListQueryShape>;
type AlarmFileQuery = z.output<typeof alarmFileQueryShape>;

export interface AlarmsService {
  list(projectId: string, query: AlarmQuery): Promise<AlarmList>;
  get(projectId: string, alarmId: string): Promise<AlarmDetail>;
  file(projectId: string, query: AlarmFileQuery): Promise<AlarmFile>;
  statistics(
    projectId: string,
    span: { readonly fromMs: number; readonly toMs: number },
  ): Promise<AlarmStatistics>;
  people(projectId: string): Promise<AlarmPeople>;
  /** @throws RequestError alarm-cleared; a second acknowledgement changes nothing and answers the first */
  acknowledge(actor: Actor, projectId: string, alarmId: string, body: AcknowledgeBody): Promise<Alarm>;
  acknowledgeMany(actor: Actor, projectId: string, body: AcknowledgeManyBody): Promise<AcknowledgeManyAnswer>;
  addNote(actor: Actor, projectId: string, alarmId: string, note: string): Promise<AlarmDetail>;
  /** @throws RequestError invalid when the person may not see the project's alarms */
  assign(actor: Actor, projectId: string, alarmId: string, staffId: string | null): Promise<AlarmDetail>;
  consume(): Promise<Consumer>;
}

const statesOf: Readonly<Record<AlarmQuery['state'], readonly Alarm['state'][]>> = {
  open: ['open'],
  acknowledged: ['acknowledged'],
  cleared: ['cleared'],
  active: ['open', 'acknowledged'],
  any: ['open', 'acknowledged', 'cleared'],
};

function filterOf(
  query: Omit<AlarmQuery, 'limit' | 'after'>,
  page: { readonly below: number | null; readonly limit: number },
): AlarmFilter {
  return {
    states: statesOf[query.state],
    kind: query.kind ?? null,
    severity: query.severity ?? null,
    subjectId: query.subjectId ?? null,
    placeId: query.placeId ?? null,
    assignedStaffId: query.assignedStaffId ?? null,
    fromMs: query.fromMs ?? null,
    toMs: query.toMs ?? null,
    ...page,
  };
}

interface AlarmsParts {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}

export function createAlarmsService(parts: AlarmsParts): AlarmsService {
  return { ...questions(parts.database), ...changes(parts), consume: async () => await consume(parts) };
}

async function detailOf(queryable: Queryable, projectId: string, alarmId: string): Promise<AlarmDetail> {
  const alarm = await readAlarm(queryable, projectId, alarmId);
  if (alarm === undefined) throw notFound('alarm');
  const page = { state: null, channel: null, alarmId, below: null, limit: noticesShown };
  const notices = await listNotices(queryable, projectId, page);
  return {
    ...alarm,
    history: await readEvents(queryable, alarmId, eventsShown),
    notices: notices.map(({ position: _position, ...notice }) => notice).reverse(),
  };
}

function questions(
  database: Database,
): Pick<AlarmsService, 'list' | 'get' | 'file' | 'statistics' | 'people'> {
  return {
    async list(projectId, query) {
      const below = query.after === undefined ? null : Number(query.after);
      if (below !== null && !Number.isSafeInteger(below))
        throw invalid([{ path: 'after', message: 'give back what `next` said' }]);
      const found = await listAlarms(database, projectId, filterOf(query, { below, limit: query.limit + 1 }));
      const { rows, next } = cutPage(found, query.limit, (alarm) => String(alarm.position));
      return {
        alarms: rows.map(({ position: _position, ...alarm }) => alarm),
        next,
        counts: await countAlarms(database, projectId),
      };
    },
    get: async (projectId, alarmId) => await detailOf(database, projectId, alarmId),
    async file(projectId, query) {
      const { rows } = await database.query<{ zone: string }>(
        'select p.zone from registry.projects p where p.id = $1',
        [projectId],
      );
      if (rows[0] === undefined) throw notFound('project');
      const page = { below: null, limit: alarmFileRowsMax };
      const alarms = await listAlarms(database, projectId, filterOf(query, page));
      return await alarmFileOf(alarms, { ...query, zone: rows[0].zone });
    },
    statistics: async (projectId, span) => await readAlarmStatistics(database, projectId, span),
    async people(projectId) {
      const people = await readAlarmPeople(database, projectId);
      return { people: people.map(({ id, name, email }) => ({ id, name, hasEmail: email !== null })) };
    },
  };
}

function changes({
  database,
  clock,
  actionLog,
}: AlarmsParts): Pick<AlarmsService, 'acknowledge' | 'acknowledgeMany' | 'addNote' | 'assign'> {
  /** What a person did to an alarm: in its history and in the log of actions. */
  async function tell(
    transaction: Transaction,
    actor: Actor,
    projectId: string,
    what: Pick<AlarmEvent, 'alarmId' | 'what' | 'note'> & { readonly action: string },
  ): Promise<void> {
    const atMs = clock.nowMs();
    const { action, alarmId, note } = what;
    const by = actor.principal?.name ?? '';
    await insertEvents(transaction, [{ alarmId, atMs, what: what.what, by, note, facts: {} }]);
    const subject = `alarm/${alarmId}`;
    await actionLog.recordIn(transaction, [{ ...actor, projectId, action, subject, after: { note }, atMs }]);
  }
  async function acknowledgeOne(
    transaction: Transaction,
    actor: Actor,
    projectId: string,
    { alarmId, note }: { readonly alarmId: string; readonly note: string | null },
  ): Promise<boolean> {
    const by = { atMs: clock.nowMs(), name: actor.principal?.name ?? '', note };
    if (!(await acknowledgeAlarm(transaction, projectId, alarmId, by))) return false;
    await forgetEscalations(transaction, [alarmId]);
    await tell(transaction, actor, projectId, {
      alarmId,
      what: 'acknowledged',
      note,
      action: 'alarm.acknowledge',
    });
    return true;
  }

  return {
    async acknowledge(actor, projectId, alarmId, { note = null }) {
      return await database.transaction(async (transaction) => {
        await acknowledgeOne(transaction, actor, projectId, { alarmId, note });
        const alarm = await readAlarm(transaction, projectId, alarmId);
        if (alarm === undefined) throw notFound('alarm');
        if (alarm.state === 'cleared') {
          throw conflict(
            'alarm-cleared',
            'The alarm has cleared by itself meanwhile.',
            'There is nothing left to acknowledge.',
          );
        }
        return alarm;
      });
    },
    async acknowledgeMany(actor, projectId, { alarmIds, note = null }) {
      return await database.transaction(async (transaction) => {
        let acknowledged = 0;
        for (const alarmId of [...new Set(alarmIds)].sort())
          if (await acknowledgeOne(transaction, actor, projectId, { alarmId, note })) acknowledged += 1;
        return { acknowledged };
      });
    },
    async addNote(actor, projectId, alarmId, note) {
      return await database.transaction(async (transaction) => {
        if ((await readAlarm(transaction, projectId, alarmId)) === undefined) throw notFound('alarm');
        await tell(transaction, actor, projectId, { alarmId, what: 'noted', note, action: 'alarm.note' });
        return await detailOf(transaction, projectId, alarmId);
      });
    },
    async assign(actor, projectId, alarmId, staffId) {
      return await database.transaction(async (transaction) => {
        const people = await readAlarmPeople(transaction, projectId);
        const person = people.find(({ id }) => id === staffId) ?? null;
        if (staffId !== null && person === null)
          throw invalid([{ path: 'staffId', message: 'nobody who may see the alarms of this project' }]);
        if (!(await assignAlarm(transaction, projectId, alarmId, person))) throw notFound('alarm');
        const note = person?.name ?? null;
        await tell(transaction, actor, projectId, {
          alarmId,
          what: 'assigned',
          note,
          action: 'alarm.assign',
        });
        return await detailOf(transaction, projectId, alarmId);
      });
    },
  };
}

async function consume({ database, eventLog, clock }: AlarmsParts): Promise<Consumer> {
  return await eventLog.consume({
    group: alarmGroup,
    topic: topics.alarmSignals,
    recordsMax: signalsPerBatch,
    async handle(batch) {
      const signals = batch.records.map(({ value }) => ({ ...value, facts: plainFacts(value.facts) }));
      await database.transaction(async (transaction) => {
        await takeSignals(transaction, signals, clock.nowMs());
        await batch.commit(transaction);
      });
    },
  });
}
