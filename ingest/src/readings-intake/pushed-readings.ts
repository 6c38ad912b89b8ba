// SPDX-License-Identifier: Apache-2.0
/** Judges a batch of pushed readings: either every one is good, or each fault is named by its index. Pure. */
import { DateTime } from 'luxon';
import { qualityCodes, type MeterSnapshot, type ReadingBatch } from '@wattledger/contracts';
import type { PushedReading } from '@wattledger/contracts/http/ingest';
import { findRow, type RegisterMap } from '../register-maps/index.ts';

/** What of the registry a judgement needs: the meters of one project. */
export interface KnownMeters {
  bySerial(serial: string): MeterSnapshot | undefined;
  byId(meterId: string): MeterSnapshot | undefined;
  /** Registers mounted at some metering point, at any time. */
  mountedRegisters(meterId: string): ReadonlySet<string>;
}

export interface ReadingFault {
  readonly path: string;
  readonly message: string;
}
export type PushJudgement =
  | { readonly ok: true; readonly batches: readonly ReadingBatch[]; readonly readings: number }
  | { readonly ok: false; readonly faults: readonly ReadingFault[] };

/** Before electronic meters were read remotely by anybody who now pushes here. */
export const oldestInstantMs = Date.UTC(2000, 0, 1);
/** Clocks differ; more than this ahead is a wrong clock or a wrong zone. */
export const futureMsMax = 600_000;
/** Milliseconds below this are before 1973: somebody sent seconds. */
const offsetMinutesMax = 14 * 60;
const secondsLookMax = 1e11;
export const faultsShownMax = 100;

interface Judged {
  readonly meter: MeterSnapshot;
  readonly register: string;
  readonly scaler: number;
  readonly quality: 0 | 1 | 3;
  readonly instantMs: number;
  readonly value: number;
}

export function judgePushedReadings(
  readings: readonly PushedReading[],
  known: KnownMeters,
  maps: ReadonlyMap<string, RegisterMap>,
  nowMs: number,
): PushJudgement {
  const faults: ReadingFault[] = [];
  const judged: Judged[] = [];
  const seen = new Map<string, number>();
  for (const [index, reading] of readings.entries()) {
    const result = judgeOne(reading, known, maps, nowMs);
    if ('message' in result) {
      faults.push({ path: `readings.${index}.${result.path}`, message: result.message });
      continue;
    }
    const key = `${result.meter.id}|${result.register}|${result.instantMs}`;
    const earlier = seen.get(key);
    const shown = result.value * 10 ** result.scaler;
    if (earlier === undefined) {
      seen.set(key, shown);
      judged.push(result);
    } else if (earlier !== shown) {
      faults.push({
        path: `readings.${index}.value`,
        message: 'another value for the same meter, register and instant stands earlier in this batch',
      });
    }
  }
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, faultsShownMax) };
  return { ok: true, batches: batchesOf(judged, nowMs), readings: judged.length };
}

function judgeOne(
  reading: PushedReading,
  known: KnownMeters,
  maps: ReadonlyMap<string, RegisterMap>,
  nowMs: number,
): Judged | ReadingFault {
  const meter = meterOf(reading, known);
  if ('message' in meter) return meter;
  const mounted = known.mountedRegisters(meter.id);
  if (!mounted.has(reading.register)) {
    const there =
      mounted.size === 0
        ? 'nothing of it is mounted at a metering point'
        : `mounted are: ${[...mounted].join(', ')}`;
    return {
      path: 'register',
      message: `register "${reading.register}" of meter ${meter.serial} is not mounted; ${there}`,
    };
  }
  const instantMs = instantOf(reading.instant, nowMs);
  if (typeof instantMs === 'string') return { path: 'instant', message: instantMs };
  const fault = valueFault(reading.value);
  if (fault !== null) return { path: 'value', message: fault };
  const map = meter.modelId === null ? undefined : maps.get(meter.modelId);
  const row = map === undefined ? undefined : findRow(map, reading.register);
  const scaler = reading.scaler ?? row?.scaler;
  if (scaler === undefined) {
    return {
      path: 'scaler',
      message: `no register map tells the scaler of "${reading.register}": give it (0.01 kWh per count is 1, 1 kWh is 3, 1 Wh or 1 l is 0)`,
    };
  }
  const quality = qualityCodes[reading.quality ?? 'measured'];
  return { meter, register: reading.register, scaler, quality, instantMs, value: reading.value };
}

function meterOf(reading: PushedReading, known: KnownMeters): MeterSnapshot | ReadingFault {
  const { serial, meterId } = reading;
  if ((serial === undefined) === (meterId === undefined)) {
    return { path: 'serial', message: 'give either the serial or the meterId of the meter' };
  }
  const meter = serial !== undefined ? known.bySerial(serial) : known.byId(meterId ?? '');
  if (meter !== undefined) return meter;
  return serial !== undefined
    ? { path: 'serial', message: `this project has no meter with serial "${serial}"` }
    : { path: 'meterId', message: `this project has no meter "${meterId ?? ''}"` };
}

/** @returns the instant in ms, or what is wrong with it */
function instantOf(instant: string | number, nowMs: number): number | string {
  const instantMs = typeof instant === 'number' ? instant : parseInstant(instant);
  if (typeof instantMs === 'string') return instantMs;
  if (!Number.isSafeInteger(instantMs)) return 'an instant in milliseconds is a whole number';
  if (typeof instant === 'number' && instantMs > 0 && instantMs < secondsLookMax) {
    return `${instant} looks like seconds; instants are milliseconds since 1970 UTC, or text`;
  }
  if (instantMs < oldestInstantMs) return `${new Date(instantMs).toISOString()} is before 2000-01-01`;
  if (instantMs > nowMs + futureMsMax) {
    return `${new Date(instantMs).toISOString()} lies in the future: check the clock and the zone of the sender`;
  }
  return instantMs;
}

function parseInstant(text: string): number | string {
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(text))
    return `"${text}" has no zone: end it with Z or an offset such as +08:00`;
  const instant = DateTime.fromISO(text, { setZone: true });
  // No place on earth is further from UTC; the library would add up any number.
  if (Math.abs(instant.offset) > offsetMinutesMax)
    return `"${text}" is no instant: no zone is more than 14 hours from UTC`;
  return instant.isValid
    ? instant.toMillis()
    : `"${text}" is no instant: ${instant.invalidExplanation ?? 'write it as 2026-01-31T12:00:00+08:00'}`;
}

function valueFault(value: number): string | null {
  if (!Number.isInteger(value)) return `${value} is no whole number: send register counts and the scaler`;
  if (!Number.isSafeInteger(value)) return `${value} is beyond ±2^53 and would not be exact`;
  if (value < 0) return `${value} is below zero: a register counts upwards`;
  return null;
}

/** One record per meter, one series per register, scaler and quality. */
function batchesOf(judged: readonly Judged[], receivedAt: number): readonly ReadingBatch[] {
  const byMeter = new Map<string, Map<string, ReadingBatch['series'][number]>>();
  const projects = new Map<string, string>();
  for (const { meter, register, scaler, quality, instantMs, value } of judged) {
    projects.set(meter.id, meter.projectId);
    let series = byMeter.get(meter.id);
    if (series === undefined) byMeter.set(meter.id, (series = new Map()));
    const key = `${register}|${scaler}|${quality}`;
    const one = series.get(key);
    if (one === undefined)
      series.set(key, { register, scaler, quality, instants: [instantMs], values: [value] });
    else {
      one.instants.push(instantMs);
      one.values.push(value);
    }
  }
  return [...byMeter].map(([meterId, series]) => ({
    kind: 'readings',
    meterId,
    projectId: projects.get(meterId) ?? '',
    source: 'push',
    receivedAt,
    series: [...series.values()],
  }));
}
