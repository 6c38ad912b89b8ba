// SPDX-License-Identifier: Apache-2.0
/** The clock of a meter of DL/T 645: date and time are two values of their own. */
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { localMsOf, lookOf, noLook, type ClockLook } from '../collector/clock-drift.ts';
import type { LocalTime, SettingAttempt } from '../collector/meter-driver.ts';
import type { Dlt645Target, LineAsker } from './dlt645-driver.ts';
import { readExchange, writeExchange, type SwitchPassword } from './exchanges.ts';
import { clockIds } from './frames.ts';

/** So near to midnight date and time may be of two days. */
const midnightSeconds = 60;
const daySeconds = 86_400;
/** A clock that was just set may have gone on a little when it is read back. */
const slackSeconds = 5;

/** Two digits of each byte, most significant first; null: no digits. */
function digitsOf(bytes: Buffer): readonly number[] | null {
  const digits = Buffer.from(bytes).reverse().toString('hex');
  return /^\d+$/.test(digits) ? (digits.match(/../g) ?? []).map(Number) : null;
}

export async function readClock645(
  line: LineAsker,
  { address, map }: Dlt645Target,
  time: LocalTime,
): Promise<ClockLook> {
  await sleep(map.limits.minGapMs);
  const dateAnswer = await line.ask(readExchange(address, clockIds.date, 4));
  if (!dateAnswer.ok) return noLook;
  await sleep(map.limits.minGapMs);
  const askedMs = time.nowMs();
  const timeAnswer = await line.ask(readExchange(address, clockIds.time, 3));
  if (!timeAnswer.ok) return noLook;
  const [year, month, day] = digitsOf(dateAnswer.words) ?? [];
  const [hour = 0, minute = 0, second = 0] = digitsOf(timeAnswer.words) ?? [];
  if (isNearMidnight(3600 * hour + 60 * minute + second)) return noLook;
  const localMs = localMsOf({ year, month, day, hour, minute, second });
  return lookOf(localMs, { askedMs, atMs: timeAnswer.atMs, zone: time.zone }, false);
}

/** Sets date and time and reads them back. */
export async function setClock645(
  line: LineAsker,
  target: Dlt645Target,
  password: SwitchPassword | null,
  time: LocalTime,
): Promise<SettingAttempt> {
  if (password === null)
    return {
      kind: 'refused',
      evidence: 'the meter lets its clock be set with a password only, and none is stored for it',
    };
  const { address, map } = target;
  const notes: string[] = [];
  const localNow = (): DateTime => DateTime.fromMillis(time.nowMs(), { zone: time.zone });
  const now = localNow();
  if (isNearMidnight(3600 * now.hour + 60 * now.minute + now.second))
    return { kind: 'unreachable', evidence: 'around midnight no clock is set: tried again in a minute' };
  for (const part of ['date', 'time'] as const) {
    const at = localNow();
    const digits = part === 'date' ? `${at.toFormat('yyMMdd')}0${at.weekday % 7}` : at.toFormat('HHmmss');
    const value = Buffer.from(digits, 'hex').reverse();
    const written = await line.ask(writeExchange(address, clockIds[part], password, value));
    notes.push(`14 ${clockIds[part]} = ${digits}: ${written.ok ? 'acknowledged' : written.reason}`);
    if (!written.ok) {
      const kind = written.fault === 'exception' ? 'refused' : 'unreachable';
      return { kind, evidence: notes.join('; ') };
    }
    await sleep(map.limits.minGapMs);
  }
  const { driftSeconds } = await readClock645(line, target, time);
  notes.push(driftSeconds === null ? 'it does not tell its time' : `read back: off by ${driftSeconds} s`);
  const evidence = notes.join('; ');
  if (driftSeconds === null) return { kind: 'unreachable', evidence };
  return { kind: Math.abs(driftSeconds) <= slackSeconds ? 'confirmed' : 'disobeyed', evidence };
}

function isNearMidnight(secondOfDay: number): boolean {
  return secondOfDay < midnightSeconds || secondOfDay >= daySeconds - midnightSeconds;
}
