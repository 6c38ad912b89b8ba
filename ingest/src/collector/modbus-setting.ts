// SPDX-License-Identifier: Apache-2.0
/** Setting a meter's clock or time-of-use plan: written by FC16, read back, compared. Only what the map lists is written. */
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { DateTime } from 'luxon';
import type { MeterSetting } from '@wattledger/contracts';
import {
  registersOfType,
  rowOf,
  type MeterSettings,
  type RegisterMap,
  type RegisterRow,
} from '../register-maps/index.ts';
import type { LocalTime, SettingAttempt } from './meter-driver.ts';
import type { Asker } from '../modbus/index.ts';

interface Span {
  readonly address: number;
  readonly bytes: Buffer;
}
interface Target {
  readonly unitId: number;
  readonly map: RegisterMap;
}

/** A clock that was just set may have gone on a little when it is read back. */
const clockSlackMs = 5_000;
const secondMs = 1_000;

export async function writeSetting(
  asker: Asker,
  target: Target,
  setting: MeterSetting,
  time: LocalTime,
): Promise<SettingAttempt> {
  const spans = spansOf(target.map, setting, time);
  if (typeof spans === 'string') return { kind: 'refused', evidence: spans };
  const notes: string[] = [];
  for (const span of spans) {
    const fault = await writeSpan(asker, target, span, notes);
    if (fault !== null) return { kind: fault, evidence: notes.join('; ') };
  }
  let kind: SettingAttempt['kind'] = 'confirmed';
  for (const span of spans) {
    await sleep(target.map.limits.minGapMs);
    const count = span.bytes.length / 2;
    const read = await asker.ask({
      kind: 'read',
      unitId: target.unitId,
      functionCode: 3,
      address: span.address,
      count,
    });
    notes.push(
      `read back ${hexAddress(span.address)} = ${read.ok ? read.words.toString('hex') : read.reason}`,
    );
    if (!read.ok) return { kind: 'unreachable', evidence: notes.join('; ') };
    const same =
      setting.kind === 'clock'
        ? clockAgrees(target.map, span.bytes, read.words)
        : span.bytes.equals(read.words);
    if (!same) kind = 'disobeyed';
  }
  return { kind, evidence: notes.join('; ') };
}

/** Exceptions that say "never", not "not now": function, address, value. */
const finalExceptions = /^exception [123] /;

async function writeSpan(
  asker: Asker,
  { unitId, map }: Target,
  { address, bytes }: Span,
  notes: string[],
): Promise<'refused' | 'unreachable' | null> {
  const values = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index));
  const written = await asker.ask({ kind: 'write', unitId, functionCode: 16, address, values });
  const answer = written.ok ? 'acknowledged' : written.reason;
  notes.push(`FC16 ${hexAddress(address)} = ${bytes.toString('hex')}: ${answer}`);
  if (!written.ok) return finalExceptions.test(written.reason) ? 'refused' : 'unreachable';
  await sleep(map.limits.minGapMs);
  return null;
}

/** What is to be written where, or why nothing is. */
function spansOf(map: RegisterMap, setting: MeterSetting, time: LocalTime): readonly Span[] | string {
  const facts = setting.kind === 'clock' ? map.settings?.clock : map.settings?.touPlan;
  if (facts === undefined)
    return `register map ${map.id} has no registers to set the ${setting.kind}: use the vendor's tool`;
  if (facts.byteOrder === 'inferred' && !setting.byteOrderConfirmed)
    return `the byte order of ${map.id} is inferred from public drivers: check it on one meter, then confirm it with the command`;
  const rows = facts.rows.map((name) => rowOf(map, name));
  return setting.kind === 'clock' ? clockSpans(map, rows, time) : touSpans(map, rows, setting);
}

function clockSpans(map: RegisterMap, rows: readonly RegisterRow[], time: LocalTime): readonly Span[] {
  const now = DateTime.fromMillis(time.nowMs(), { zone: time.zone });
  const parts = { ...now.toObject(), year: now.year % 100 } as unknown as Record<string, number>;
  const bytes = Buffer.from((map.settings?.clock?.bytes ?? []).map((part) => parts[part] ?? 0));
  return [{ address: rows[0]?.address ?? 0, bytes }];
}

function clockAgrees(map: RegisterMap, written: Buffer, read: Buffer): boolean {
  const instantOf = (bytes: Buffer): number => {
    const parts = Object.fromEntries(
      (map.settings?.clock?.bytes ?? []).map((part, at) => [part, bytes[at] ?? 0]),
    );
    return DateTime.fromObject({ ...parts, year: 2000 + (parts['year'] ?? 0) }, { zone: 'utc' }).toMillis();
  };
  const aheadMs = instantOf(read) - instantOf(written);
  return aheadMs >= -secondMs && aheadMs <= clockSlackMs;
}

type TouPlan = Extract<MeterSetting, { kind: 'tou-plan' }>;

function touSpans(map: RegisterMap, rows: readonly RegisterRow[], plan: TouPlan): readonly Span[] | string {
  const facts = map.settings?.touPlan;
  const [dates, ...days] = rows;
  if (facts === undefined || dates === undefined) return `register map ${map.id} has no time-of-use plan`;
  const fault = faultOf(plan, facts);
  if (fault !== null) return fault;
  const dateEntries = plan.datePlan.map((entry) => facts.dateBytes.map((part) => entry[part]));
  const spans = [{ address: dates.address, bytes: filled(dates, dateEntries) }];
  for (const [index, entries] of plan.dayPlans.entries()) {
    const row = days[index];
    if (row === undefined) return `register map ${map.id} has ${days.length} day plans, not ${index + 1}`;
    const bytes = entries.map(({ hour, minute, period }) => {
      const parts = { hour, minute, rate: facts.rates[period] ?? 0 };
      return facts.dayBytes.map((part) => parts[part]);
    });
    spans.push({ address: row.address, bytes: filled(row, bytes) });
  }
  return spans;
}

/** Entries that are left over repeat the last one, which changes nothing however a meter reads them. */
function filled(row: RegisterRow, entries: readonly (readonly number[])[]): Buffer {
  const length = 2 * registersOfType(row.type);
  const last = entries.at(-1) ?? [];
  const padding = Array.from({ length: length / 3 - entries.length }, () => last);
  return Buffer.from([...entries, ...padding].flat());
}

function faultOf(plan: TouPlan, facts: NonNullable<MeterSettings['touPlan']>): string | null {
  const unknown = plan.dayPlans.flat().find(({ period }) => facts.rates[period] === undefined);
  if (unknown !== undefined) return `this model has no rate for ${unknown.period}`;
  const missing = plan.datePlan.find((entry) => entry.plan > plan.dayPlans.length);
  if (missing !== undefined) return `day plan ${missing.plan} is named by a date and not given`;
  for (const entries of plan.dayPlans) {
    const minutes = entries.map((entry) => entry.hour * 60 + entry.minute);
    if (minutes[0] !== 0) return 'a day plan begins at midnight';
    if (minutes.some((minute, at) => at > 0 && minute <= (minutes[at - 1] ?? 0)))
      return 'the times of a day plan rise';
  }
  const days = plan.datePlan.map((entry) => entry.month * 100 + entry.day);
  return days.some((day, at) => at > 0 && day <= (days[at - 1] ?? 0))
    ? 'the dates rise through the year'
    : null;
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(4, '0').toUpperCase()}`;
}
