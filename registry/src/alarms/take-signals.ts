// SPDX-License-Identifier: Apache-2.0
/** Applies signals to alarms, and writes what is to be told of it, in one transaction. */
import type { AlarmSignal } from '@wattledger/contracts';
import type { Transaction } from '@wattledger/platform';
import { AlarmSurroundings, tellTurns, type AlarmTurn } from '../notices/tell-alarms.ts';
import { alarmKey, applySignal, type AlarmEvent, type AlarmState } from './alarm-life.ts';
import { insertEvents, lockActiveAlarms, putAlarms } from './alarms-store.ts';

/** Facts may quote what a device sent; Postgres keeps no NUL and no half surrogates, and one bad signal must not stop the rest. */
export function plainFacts(facts: AlarmSignal['facts']): AlarmSignal['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, fact.toWellFormed().replaceAll('\u0000', '')]),
  );
}

/** Applies signals in their order, reading and writing each alarm once. A kind that the scheme has switched off opens nothing. */
export async function takeSignals(
  transaction: Transaction,
  signals: readonly AlarmSignal[],
  nowMs: number,
): Promise<void> {
  const subjectIds = [...new Set(signals.map((signal) => signal.subjectId))];
  const locked = await lockActiveAlarms(transaction, subjectIds);
  const active = new Map<string, AlarmState>(locked.map((alarm) => [alarmKey(alarm), alarm]));
  const surroundings = await AlarmSurroundings.of(transaction, [...locked, ...signals]);
  const changed = new Map<string, AlarmState>();
  const events: AlarmEvent[] = [];
  const turns: AlarmTurn[] = [];
  for (const signal of signals) {
    const key = alarmKey(signal);
    const before = active.get(key);
    const judgement = surroundings.judge(signal);
    if (before === undefined && !judgement.enabled) continue;
    const step = applySignal(before, signal, undefined, judgement.severity);
    if (step === null) continue;
    const { alarm, event } = step;
    changed.set(alarm.id, alarm);
    if (alarm.state === 'cleared') active.delete(key);
    else active.set(key, alarm);
    if (event === null) continue;
    events.push(event);
    if (event.what === 'opened' || event.what === 'cleared') turns.push({ alarm, what: event.what });
  }
  await putChanged(transaction, [...changed.values()]);
  if (events.length > 0) await insertEvents(transaction, events);
  await tellTurns(transaction, surroundings, turns, nowMs);
}

/** Cleared ones first: the index allows one active alarm of a kind and subject at every moment. */
async function putChanged(transaction: Transaction, changed: readonly AlarmState[]): Promise<void> {
  const cleared = changed.filter((alarm) => alarm.state === 'cleared');
  const others = changed.filter((alarm) => alarm.state !== 'cleared');
  if (cleared.length > 0) await putAlarms(transaction, cleared);
  if (others.length > 0) await putAlarms(transaction, others);
}
