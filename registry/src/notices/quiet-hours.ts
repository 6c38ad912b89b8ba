// SPDX-License-Identifier: Apache-2.0
/** Hours in which nobody is told. Pure. */
import { alarmSeverities, withinHours, type AlarmSeverity } from '@wattledger/contracts';
import type { AlarmSchemeBody } from '@wattledger/contracts/http/alarms';

const minuteMs = 60_000;
/** Quiet hours without an end: what they hold back is told after a week all the same. */
const heldMinutesMax = 7 * 1440;

export const gravityOf = (severity: AlarmSeverity): number => alarmSeverities.indexOf(severity);

/** When a message that comes now may go out: null = now, else the end of the quiet hours. */
export function quietUntil(
  quiet: AlarmSchemeBody['quietHours'],
  {
    zone,
    nowMs,
    severity,
  }: { readonly zone: string; readonly nowMs: number; readonly severity: AlarmSeverity },
): number | null {
  if (quiet === null || gravityOf(severity) >= gravityOf(quiet.overrideSeverity)) return null;
  if (!withinHours(quiet, zone, nowMs)) return null;
  const firstMs = Math.floor(nowMs / minuteMs) * minuteMs + minuteMs;
  for (let minute = 0; minute < heldMinutesMax; minute += 1) {
    const atMs = firstMs + minute * minuteMs;
    if (!withinHours(quiet, zone, atMs)) return atMs;
  }
  return firstMs + heldMinutesMax * minuteMs;
}
