// SPDX-License-Identifier: Apache-2.0
/** Whole base units (Wh, l, dm³) and watts into what a person reads. Pure; the locale is handed in. */
import type { Medium } from '@wattledger/contracts';

/** A unit stated once, and how its numbers are written. */
export interface Scale {
  /** e.g. kWh, MWh, m³ */
  readonly unit: string;
  /** Base units in one of the unit. */
  readonly divisor: number;
  readonly digits: number;
}

interface Step {
  readonly unit: string;
  readonly divisor: number;
  /** Used from this many base units on. */
  readonly from: number;
}

const energySteps: readonly Step[] = [
  { unit: 'GWh', divisor: 1e9, from: 1e10 },
  { unit: 'MWh', divisor: 1e6, from: 1e7 },
  { unit: 'kWh', divisor: 1e3, from: 0 },
];
const volumeSteps: readonly Step[] = [{ unit: 'm³', divisor: 1e3, from: 0 }];
const powerSteps: readonly Step[] = [
  { unit: 'MW', divisor: 1e6, from: 1e7 },
  { unit: 'kW', divisor: 1e3, from: 0 },
];

/** Digits after the point so that the largest number of the set shows four to five figures. */
function digitsFor(largest: number): number {
  if (largest >= 1000) return 0;
  if (largest >= 100) return 1;
  return 2;
}

function scaleOf(steps: readonly Step[], values: readonly (number | null)[]): Scale {
  let largest = 0;
  for (const value of values) if (value !== null) largest = Math.max(largest, Math.abs(value));
  const step = steps.find((candidate) => largest >= candidate.from) ?? steps.at(-1)!;
  return { unit: step.unit, divisor: step.divisor, digits: digitsFor(largest / step.divisor) };
}

/** One scale for all values that stand together, so that they can be compared by eye. Null = no value. */
export function consumptionScale(medium: Medium, values: readonly (number | null)[]): Scale {
  return scaleOf(medium === 'electricity' ? energySteps : volumeSteps, values);
}

export function powerScale(valuesW: readonly (number | null)[]): Scale {
  return scaleOf(powerSteps, valuesW);
}

/** kWh/m² and the like: base units per square metre or head. */
export function intensityScale(medium: Medium, values: readonly (number | null)[], per: string): Scale {
  const scale = scaleOf(medium === 'electricity' ? energySteps.slice(-1) : volumeSteps, values);
  return { ...scale, unit: `${scale.unit}/${per}`, digits: Math.max(scale.digits, 1) };
}

const formatters = new Map<string, Intl.NumberFormat>();

/** Cached: making an Intl formatter costs far more than using it. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) formatters.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

/** The number alone; the unit stands in the header. A dash where there is no value. */
export function formatScaled(value: number | null | undefined, scale: Scale, locale: string): string {
  if (value === null || value === undefined) return '–';
  return numberFormat(locale, {
    minimumFractionDigits: scale.digits,
    maximumFractionDigits: scale.digits,
  }).format(value / scale.divisor);
}

/** At an axis: as many digits as the tick needs. */
export function formatTick(value: number, locale: string): string {
  return numberFormat(locale, { maximumFractionDigits: 3 }).format(value);
}

/** Number and unit, scaled for this value alone. */
export function formatConsumption(value: number | null | undefined, medium: Medium, locale: string): string {
  if (value === null || value === undefined) return '–';
  const scale = consumptionScale(medium, [value]);
  return `${formatScaled(value, scale, locale)} ${scale.unit}`;
}

/** A share (0…1) in per cent. Anything but nothing never reads 0 %, and anything but all never reads 100 %. */
export function formatShare(share: number | null | undefined, locale: string, digits = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  const format = numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const smallest = 10 ** (-2 - digits);
  if (share > 0 && share < smallest / 2) return `< ${format.format(smallest)}`;
  if (share < 1 && share > 1 - smallest / 2) return `> ${format.format(1 - smallest)}`;
  return format.format(share);
}

/** Change against before, signed: +4.2 %. Null when there is nothing to compare with. */
export function changeOf(now: number | null | undefined, before: number | null | undefined): number | null {
  if (now === null || now === undefined || before === null || before === undefined || before === 0)
    return null;
  return (now - before) / Math.abs(before);
}

export function formatChange(change: number | null, locale: string): string {
  if (change === null || !Number.isFinite(change)) return '–';
  // Beyond tenfold a percentage says nothing a person can use.
  const beyond = Math.abs(change) >= 10;
  const written = numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: beyond ? 0 : 1,
    maximumFractionDigits: beyond ? 0 : 1,
    signDisplay: 'exceptZero',
  }).format(beyond ? Math.sign(change) * 9.99 : change);
  return beyond ? `${change > 0 ? '>' : '<'} ${written}` : written;
}

/** A register's count × 10^scaler base units, written in full in kWh or m³: nothing is rounded away. */
export function formatRegister(value: number, scaler: number, locale: string): string {
  const digits = Math.max(0, 3 - scaler);
  const magnitude = BigInt(Math.abs(value)) * (scaler > 3 ? 10n ** BigInt(scaler - 3) : 1n);
  const text = magnitude.toString().padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`;
  const sign = value < 0 ? '-' : '';
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    `${sign}${whole}${fraction}` as Intl.StringNumericLiteral,
  );
}
