// SPDX-License-Identifier: Apache-2.0
/** Alarm `reading-held`: a register of a meter waits for a decision. Raised once, cleared once. */
import type { AlarmSignal } from '@wattledger/contracts';
import type { NewRecord } from '@wattledger/platform';
import { wordOfVerdict } from '../interval-energy/verdict.ts';
import type { MeterChange } from './meters-store.ts';

export function alarmSignals(changes: readonly MeterChange[], nowMs: number): NewRecord<AlarmSignal>[] {
  const signals: NewRecord<AlarmSignal>[] = [];
  for (const { before, after, isHeld } of changes) {
    if (isHeld === before.isHeld) continue;
    signals.push({
      key: after.meterId,
      value: {
        projectId: after.projectId,
        kind: 'reading-held',
        subjectKind: 'meter',
        subjectId: after.meterId,
        state: isHeld ? 'raised' : 'cleared',
        at: nowMs,
        facts: isHeld ? heldFacts(after.registers) : {},
      },
    });
  }
  return signals;
}

function heldFacts(registers: MeterChange['after']['registers']): Record<string, string> {
  for (const [register, { segments }] of registers) {
    for (const { tail, extents } of segments.values()) {
      const doubt = tail?.doubt;
      if (doubt == null || !doubt.confirmed) continue;
      const last = extents.at(-1)?.last;
      return {
        register,
        reason: wordOfVerdict(doubt.verdict),
        sinceMs: String(doubt.sinceMs),
        ...(last === undefined ? {} : { lastValue: String(last.value), lastMs: String(last.instantMs) }),
        heldValue: String(doubt.newest.value),
      };
    }
  }
  return {};
}
