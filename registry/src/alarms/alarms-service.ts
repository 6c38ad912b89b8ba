// SPDX-License-Identifier: Apache-2.0
/** Keeps the life of alarms: whoever detects only raises and clears. */
import { topics, type AlarmSignal } from '@wattledger/contracts';
import type {
  AcknowledgeBody,
  Alarm,
  AlarmDetail,
  AlarmList,
  alarmListQueryShape,
} from '@wattledger/contracts/http/registry';
import type { Clock, Consumer, Database, EventLog, Transaction } from '@wattledger/platform';
import type { z } from 'zod';
import type { RegistryActionLog } from '../actions/action-log.ts';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid, notFound } from '../changes/faults.ts';
import { cutPage } from '../changes/page.ts';
import { alarmKey, applySignal, type AlarmEvent, type AlarmState } from './alarm-life.ts';
import {
  acknowledgeAlarm,
  countAlarms,
  insertEvents,
  listAlarms,
  lockActiveAlarms,
  putAlarms,
  readAlarm,
  readEvents,
} from './alarms-store.ts';

export const alarmGroup = 'registry-alarms';
const signalsPerBatch = 1000;
const eventsShown = 500;

type AlarmQuery = z.output<typeof alarmListQueryShape>;

export interface AlarmsService {
  list(projectId: string, query: AlarmQuery): Promise<AlarmList>;
  get(projectId: string, alarmId: string): Promise<AlarmDetail>;
  /** @throws RequestError alarm-cleared; a second acknowledgement changes nothing and answers the first */
  acknowledge(actor: Actor, projectId: string, alarmId: string, body: AcknowledgeBody): Promise<Alarm>;
  consume(): Promise<Consumer>;
}

const statesOf: Readonly<Record<AlarmQuery['state'], readonly Alarm['state'][]>> = {
  open: ['open'],
  acknowledged: ['acknowledged'],
  cleared: ['cleared'],
  active: ['open', 'acknowledged'],
  any: ['open', 'acknowledged', 'cleared'],
};

export function createAlarmsService(parts: {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}): AlarmsService {
  const { database, eventLog, clock, actionLog } = parts;

  return {
    async list(projectId, query) {
      const below = query.after === undefined ? null : Number(query.after);
      if (below !== null && !Number.isSafeInteger(below))
        throw invalid([{ path: 'after', message: 'give back what `next` said' }]);
      const filter = {
        states: statesOf[query.state],
        kind: query.kind ?? null,
        subjectId: query.subjectId ?? null,
        below,
      };
      const found = await listAlarms(database, projectId, { ...filter, limit: query.limit + 1 });
      const { rows, next } = cutPage(found, query.limit, (alarm) => String(alarm.position));
      return {
        alarms: rows.map(({ position: _position, ...alarm }) => alarm),
        next,
        counts: await countAlarms(database, projectId),
      };
    },
    async get(projectId, alarmId) {
      const alarm = await readAlarm(database, projectId, alarmId);
      if (alarm === undefined) throw notFound('alarm');
      return { ...alarm, history: await readEvents(database, alarmId, eventsShown) };
    },
    async acknowledge(actor, projectId, alarmId, { note = null }) {
      return await database.transaction(async (transaction) => {
        const atMs = clock.nowMs();
        const name = actor.principal?.name ?? '';
        const done = await acknowledgeAlarm(transaction, projectId, alarmId, { atMs, name, note });
        const alarm = await readAlarm(transaction, projectId, alarmId);
        if (alarm === undefined) throw notFound('alarm');
        if (alarm.state === 'cleared') {
          throw conflict(
            'alarm-cleared',
            'The alarm has cleared by itself meanwhile.',
            'There is nothing left to acknowledge.',
          );
        }
        if (done) {
          await insertEvents(transaction, [
            { alarmId, atMs, what: 'acknowledged', by: name, note, facts: {} },
          ]);
          const subject = `alarm/${alarmId}`;
          await actionLog.recordIn(transaction, [
            { ...actor, projectId, action: 'alarm.acknowledge', subject, after: { note }, atMs },
          ]);
        }
        return alarm;
      });
    },
    async consume() {
      return await eventLog.consume({
        group: alarmGroup,
        topic: topics.alarmSignals,
        recordsMax: signalsPerBatch,
        async handle(batch) {
          await database.transaction(async (transaction) => {
            await takeSignals(
              transaction,
              batch.records.map(({ value }) => ({ ...value, facts: plainFacts(value.facts) })),
            );
            await batch.commit(transaction);
          });
        },
      });
    },
  };
}

/** Facts may quote what a device sent; Postgres keeps no NUL and no half surrogates, and one bad signal must not stop the rest. */
function plainFacts(facts: AlarmSignal['facts']): AlarmSignal['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, fact.toWellFormed().replaceAll('\u0000', '')]),
  );
}

/** Applies signals in their order, reading and writing each alarm once. */
export async function takeSignals(transaction: Transaction, signals: readonly AlarmSignal[]): Promise<void> {
  const subjectIds = [...new Set(signals.map((signal) => signal.subjectId))];
  const locked = await lockActiveAlarms(transaction, subjectIds);
  const active = new Map<string, AlarmState>(locked.map((alarm) => [alarmKey(alarm), alarm]));
  const changed = new Map<string, AlarmState>();
  const events: AlarmEvent[] = [];
  for (const signal of signals) {
    const key = alarmKey(signal);
    const step = applySignal(active.get(key), signal);
    if (step === null) continue;
    changed.set(step.alarm.id, step.alarm);
    if (step.alarm.state === 'cleared') active.delete(key);
    else active.set(key, step.alarm);
    if (step.event !== null) events.push(step.event);
  }
  // Cleared ones first: the index allows one active alarm of a kind and subject at every moment.
  const [cleared, others] = [...changed.values()].reduce<[AlarmState[], AlarmState[]]>(
    (parts, alarm) => {
      parts[alarm.state === 'cleared' ? 0 : 1].push(alarm);
      return parts;
    },
    [[], []],
  );
  if (cleared.length > 0) await putAlarms(transaction, cleared);
  if (others.length > 0) await putAlarms(transaction, others);
  if (events.length > 0) await insertEvents(transaction, events);
}
