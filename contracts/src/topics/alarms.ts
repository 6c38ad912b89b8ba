// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

export const alarmKinds = [
  'gateway-offline',
  'meter-offline',
  'low-balance-1',
  'low-balance-2',
  'arrears',
  'relay-not-obeying',
  'reading-held',
  'energy-not-closing',
  'overload',
  'over-consumption',
  'voltage-loss',
  'reverse-flow',
  'phase-imbalance',
  'abnormal-consumption',
  'stale-reading',
  'clock-drift',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];
/** Raised and cleared by whoever detects; the registry keeps the life of the alarm. One open alarm per kind and subject. */
export const alarmSignalShape = z.object({
  projectId: z.string(),
  kind: z.enum(alarmKinds),
  subjectKind: z.enum(['gateway', 'meter', 'metering-point', 'account']),
  subjectId: z.string(),
  state: z.enum(['raised', 'cleared']),
  at: z.number().int(),
  /** Facts for the reader, e.g. { balanceMicros: "-1200000" }; texts are made by the screen. */
  facts: z.record(z.string(), z.string()),
});
export type AlarmSignal = z.infer<typeof alarmSignalShape>;

/** Least grave first. */
export const alarmSeverities = ['information', 'warning', 'critical'] as const;
export type AlarmSeverity = (typeof alarmSeverities)[number];

/** Local hours of the week; `fromMinute` later than `toMinute` goes over midnight. Weekdays: 1 = Monday … 7 = Sunday. */
export const alarmHoursShape = z.strictObject({
  weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7),
  fromMinute: z.number().int().min(0).max(1440),
  toMinute: z.number().int().min(0).max(1440),
});
export type AlarmHours = z.infer<typeof alarmHoursShape>;

/** What a scheme says of one kind. `thresholds` by the names of `alarmThresholds`; one left out has its default. */
export const alarmRuleShape = z.strictObject({
  enabled: z.boolean(),
  severity: z.enum(alarmSeverities),
  /** It must have been bad this long before it is raised, and good this long before it is cleared. */
  holdSeconds: z.number().int().min(0).max(604_800),
  clearSeconds: z.number().int().min(0).max(604_800),
  /** Judged within these hours only; null: always. */
  hours: alarmHoursShape.nullable(),
  thresholds: z.record(z.string(), z.number()),
});
export type AlarmRule = z.infer<typeof alarmRuleShape>;

/** The part of a scheme that detection needs; who is told stays in the registry. */
export const alarmSchemeSnapshotShape = z.object({
  id: z.string(),
  projectId: z.string(),
  /** Tenants of this class; null: everything else of the project. */
  tenantClass: z.string().nullable(),
  rules: z.partialRecord(z.enum(alarmKinds), alarmRuleShape),
});
export type AlarmSchemeSnapshot = z.infer<typeof alarmSchemeSnapshotShape>;

export interface Threshold {
  readonly usual: number;
  readonly min: number;
  readonly max: number;
  readonly unit:
    'W' | 'A' | 'V' | '%' | 'Wh' | '×' | 'h' | 's' | 'min' | 'intervals' | 'deviations' | 'nights' | 'l';
}
const threshold = (usual: number, min: number, max: number, unit: Threshold['unit']): Threshold => ({
  usual,
  min,
  max,
  unit,
});

/**
 * Thresholds by kind. Where 0 is allowed and given, that side is not judged; for the power of an overload 0 means the
 * greatest power of the mounting, where it has one.
 */
export const alarmThresholds = {
  overload: {
    powerW: threshold(0, 0, 100_000_000, 'W'),
    currentA: threshold(0, 0, 100_000, 'A'),
    clearPercent: threshold(90, 10, 100, '%'),
  },
  'over-consumption': {
    dayWh: threshold(0, 0, 1_000_000_000_000, 'Wh'),
    timesUsual: threshold(3, 0, 1000, '×'),
    usualWhMin: threshold(1000, 0, 1_000_000_000, 'Wh'),
  },
  'voltage-loss': {
    phaseV: threshold(160, 1, 100_000, 'V'),
    clearV: threshold(180, 1, 100_000, 'V'),
  },
  'reverse-flow': {
    powerW: threshold(50, 1, 100_000_000, 'W'),
    exportWh: threshold(100, 1, 1_000_000_000, 'Wh'),
  },
  'phase-imbalance': {
    percent: threshold(50, 1, 200, '%'),
    clearPercent: threshold(40, 1, 200, '%'),
    currentA: threshold(5, 0, 100_000, 'A'),
  },
  'abnormal-consumption': {
    deviations: threshold(6, 0, 100, 'deviations'),
    nightDeviations: threshold(6, 0, 100, 'deviations'),
    nightFromMinute: threshold(60, 0, 1440, 'min'),
    nightToMinute: threshold(300, 0, 1440, 'min'),
    standingHours: threshold(24, 0, 336, 'h'),
    usualWhMin: threshold(2000, 1, 1_000_000_000, 'Wh'),
    /** Water and gas: so many nights in a row in which the flow never stops are a leak. */
    leakNights: threshold(3, 0, 28, 'nights'),
    usualLMin: threshold(100, 1, 1_000_000_000, 'l'),
  },
  'stale-reading': { intervals: threshold(4, 1, 1000, 'intervals') },
  'energy-not-closing': {
    lossPercent: threshold(20, 0, 100, '%'),
    gainPercent: threshold(5, 0, 100, '%'),
    inputWhMin: threshold(10_000, 0, 1_000_000_000_000, 'Wh'),
  },
  'clock-drift': { seconds: threshold(120, 1, 86_400, 's'), clearSeconds: threshold(60, 0, 86_400, 's') },
} as const satisfies Partial<Record<AlarmKind, Readonly<Record<string, Threshold>>>>;
export type DetectedAlarmKind = keyof typeof alarmThresholds;
export const detectedAlarmKinds = Object.keys(alarmThresholds) as readonly DetectedAlarmKind[];

const usualSeverity: Readonly<Record<AlarmKind, AlarmSeverity>> = {
  'gateway-offline': 'critical',
  'meter-offline': 'warning',
  'low-balance-1': 'information',
  'low-balance-2': 'warning',
  arrears: 'critical',
  'relay-not-obeying': 'critical',
  'reading-held': 'warning',
  'energy-not-closing': 'warning',
  overload: 'critical',
  'over-consumption': 'warning',
  'voltage-loss': 'critical',
  'reverse-flow': 'critical',
  'phase-imbalance': 'information',
  'abnormal-consumption': 'information',
  'stale-reading': 'warning',
  'clock-drift': 'information',
};
const usualHoldSeconds: Readonly<Partial<Record<AlarmKind, number>>> = { 'phase-imbalance': 900 };
const usualClearSeconds = 300;

/** The names of a kind's thresholds; empty for kinds whose detection has no thresholds of a scheme. */
export function thresholdsOf(kind: AlarmKind): Readonly<Record<string, Threshold>> {
  return (
    (alarmThresholds as Readonly<Partial<Record<AlarmKind, Readonly<Record<string, Threshold>>>>>)[kind] ?? {}
  );
}

/** A kind's rule where no scheme says anything. */
export function usualRule(kind: AlarmKind): AlarmRule {
  const detected = Object.keys(thresholdsOf(kind)).length > 0;
  return {
    enabled: true,
    severity: usualSeverity[kind],
    holdSeconds: usualHoldSeconds[kind] ?? 0,
    clearSeconds: detected ? usualClearSeconds : 0,
    hours: null,
    thresholds: Object.fromEntries(
      Object.entries(thresholdsOf(kind)).map(([name, { usual }]) => [name, usual]),
    ),
  };
}

/** The rule of a kind in a scheme, every threshold filled in. */
export function ruleOf(scheme: Pick<AlarmSchemeSnapshot, 'rules'> | undefined, kind: AlarmKind): AlarmRule {
  const usual = usualRule(kind);
  const given = scheme?.rules[kind];
  return given === undefined ? usual : { ...given, thresholds: { ...usual.thresholds, ...given.thresholds } };
}

const weekdayNumbers: Readonly<Record<string, number>> = {
  Mon: 1,
  Tue: 2,
  Wed: 3,
  Thu: 4,
  Fri: 5,
  Sat: 6,
  Sun: 7,
};
const wallClocks = new Map<string, Intl.DateTimeFormat>();

/** Weekday and minute of the local day. */
export function wallClockOf(
  zone: string,
  instantMs: number,
): { readonly weekday: number; readonly minute: number } {
  let format = wallClocks.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    wallClocks.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
  return {
    weekday: weekdayNumbers[parts['weekday'] ?? ''] ?? 0,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

/** Whether an instant lies within the hours, by the wall clock; the part after midnight belongs to the day before. */
export function withinHours(hours: AlarmHours | null, zone: string, instantMs: number): boolean {
  if (hours === null) return true;
  const { weekday, minute } = wallClockOf(zone, instantMs);
  const { weekdays, fromMinute, toMinute } = hours;
  if (fromMinute < toMinute) return weekdays.includes(weekday) && minute >= fromMinute && minute < toMinute;
  const before = weekday === 1 ? 7 : weekday - 1;
  return (
    (weekdays.includes(weekday) && minute >= fromMinute) || (weekdays.includes(before) && minute < toMinute)
  );
}
