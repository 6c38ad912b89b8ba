// SPDX-License-Identifier: Apache-2.0
/**
 * The life of an alarm, pure: open → acknowledged → cleared, or open → cleared. Of one kind and subject one alarm is
 * active at a time; raised again after it was cleared, it is a new alarm.
 */
import { newId, type AlarmSeverity, type AlarmSignal } from '@wattledger/contracts';
import type { AlarmDetail } from '@wattledger/contracts/http/alarms';

export interface AlarmState {
  readonly id: string;
  readonly projectId: string;
  readonly kind: AlarmSignal['kind'];
  /** As the scheme had it when the alarm opened. */
  readonly severity: AlarmSeverity;
  readonly subjectKind: AlarmSignal['subjectKind'];
  readonly subjectId: string;
  readonly state: 'open' | 'acknowledged' | 'cleared';
  readonly openedAtMs: number;
  readonly lastRaisedAtMs: number;
  readonly raisedCount: number;
  readonly clearedAtMs: number | null;
  readonly facts: Readonly<Record<string, string>>;
}

export interface AlarmEvent {
  readonly alarmId: string;
  readonly atMs: number;
  readonly what: AlarmDetail['history'][number]['what'];
  readonly by: string | null;
  readonly note: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

export interface AlarmStep {
  readonly alarm: AlarmState;
  /** Null when there is nothing new to tell: raised again with the same facts. */
  readonly event: AlarmEvent | null;
}

/** What a signal does to the active alarm of its kind and subject; null: nothing (cleared, but none is active). */
export function applySignal(
  active: AlarmState | undefined,
  signal: AlarmSignal,
  makeId: () => string = () => newId('alarm'),
  severity: AlarmSeverity = 'warning',
): AlarmStep | null {
  const { at, facts } = signal;
  if (active === undefined) {
    if (signal.state === 'cleared') return null;
    const alarm: AlarmState = {
      id: makeId(),
      projectId: signal.projectId,
      kind: signal.kind,
      severity,
      subjectKind: signal.subjectKind,
      subjectId: signal.subjectId,
      state: 'open',
      openedAtMs: at,
      lastRaisedAtMs: at,
      raisedCount: 1,
      clearedAtMs: null,
      facts,
    };
    return { alarm, event: eventOf(alarm, 'opened', signal) };
  }
  if (signal.state === 'cleared') {
    const alarm: AlarmState = { ...active, state: 'cleared', clearedAtMs: at };
    return { alarm, event: eventOf(alarm, 'cleared', signal) };
  }
  const alarm = {
    ...active,
    lastRaisedAtMs: Math.max(active.lastRaisedAtMs, at),
    raisedCount: active.raisedCount + 1,
    facts,
  };
  return { alarm, event: sameFacts(active.facts, facts) ? null : eventOf(alarm, 'raised', signal) };
}

function eventOf(alarm: AlarmState, what: AlarmEvent['what'], signal: AlarmSignal): AlarmEvent {
  return { alarmId: alarm.id, atMs: signal.at, what, by: null, note: null, facts: signal.facts };
}

function sameFacts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Signals of one key follow one another; of different keys they have nothing to do with each other. */
export function alarmKey(
  about: Pick<AlarmSignal, 'projectId' | 'kind' | 'subjectKind' | 'subjectId'>,
): string {
  return JSON.stringify([about.projectId, about.kind, about.subjectKind, about.subjectId]);
}
