// SPDX-License-Identifier: Apache-2.0
/** Is a record of the meter log what the contract says? What is not is refused, kept and shown; it must not stop the others. */
import {
  localDayOf,
  mountingShape,
  type Mounting,
  type ReadingBatch,
  type TariffCalendar,
} from '@wattledger/contracts';

/** Instants a warehouse and a calendar can hold. */
const instantMsMax = Date.UTC(2100, 0, 1);
const scalerMax = 6;
const qualityMax = 3;

type Checked<T> =
  { readonly value: T; readonly fault: null } | { readonly value: null; readonly fault: string };
const refused = (fault: string): { readonly value: null; readonly fault: string } => ({ value: null, fault });

/** The record as it can be folded, or what is wrong with it. */
export function checkedRecord(value: unknown, key: string): Checked<ReadingBatch | Mounting> {
  if (typeof value !== 'object' || value === null) return refused('not an object');
  const { kind, meterId, projectId } = value as Record<string, unknown>;
  if (typeof meterId !== 'string' || meterId === '' || typeof projectId !== 'string' || projectId === '')
    return refused('no meterId or projectId');
  if (meterId !== key) return refused('the key is not the meter: the order of its records would be lost');
  if (kind === 'readings') return checkedReadings(value as ReadingBatch);
  if (kind === 'mounting') return checkedMounting(value);
  return refused(`unknown kind ${String(kind)}`);
}

/** By hand, because it is met for every reading: a schema library costs more than the fold itself. */
function checkedReadings(batch: ReadingBatch): Checked<ReadingBatch> {
  if (!isInstant(batch.receivedAt)) return refused('receivedAt is no instant');
  if (typeof batch.source !== 'string' || !Array.isArray(batch.series)) return refused('no source or series');
  for (const [index, series] of batch.series.entries()) {
    const fault = seriesFault(series);
    if (fault !== null) return refused(`series ${index}: ${fault}`);
  }
  return { value: batch, fault: null };
}

function seriesFault({
  register,
  scaler,
  quality,
  instants,
  values,
}: ReadingBatch['series'][number]): string | null {
  if (typeof register !== 'string' || register === '') return 'no register';
  if (!Number.isInteger(scaler) || Math.abs(scaler) > scalerMax) return 'scaler is not within ±6';
  if (!Number.isInteger(quality) || quality < 0 || quality > qualityMax) return 'unknown quality';
  if (!Array.isArray(instants) || !Array.isArray(values) || instants.length !== values.length)
    return 'instants and values are not of one length';
  for (let index = 0; index < instants.length; index += 1) {
    if (!Number.isSafeInteger(instants[index]) || !Number.isSafeInteger(values[index]))
      return `reading ${index} is not of whole numbers`;
  }
  return null;
}

const isInstant = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= instantMsMax;

function checkedMounting(value: unknown): Checked<Mounting> {
  const parsed = mountingShape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refused(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a mounting'}`);
  }
  const mounting = parsed.data;
  const ids = new Set(mounting.segments.map((segment) => segment.segmentId));
  if (ids.size !== mounting.segments.length) return refused('a segment id occurs twice');
  try {
    localDayOf(mounting.zone, 0);
  } catch {
    return refused(`unknown time zone ${mounting.zone}`);
  }
  const fault = calendarFault(mounting.calendar);
  return fault === null ? { value: mounting, fault: null } : refused(fault);
}

/** A calendar that names a period for every instant of every day. */
function calendarFault({ dayProfiles, seasons, specialDays }: TariffCalendar): string | null {
  const names = new Set([...seasons.flatMap((season) => season.weekday), ...Object.values(specialDays)]);
  for (const name of names) {
    const profile = Object.hasOwn(dayProfiles, name) ? dayProfiles[name] : undefined;
    if (profile === undefined) return `calendar: no day profile "${name}"`;
    if (profile[0]?.fromMinute !== 0) return `calendar: day profile "${name}" does not begin at minute 0`;
  }
  return null;
}
