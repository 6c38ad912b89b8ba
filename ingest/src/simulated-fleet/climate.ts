// SPDX-License-Identifier: Apache-2.0
/** Weather and daylight of the lower Yangtze (about 31° north): what drives cooling, heating and lamps. */
import { draw, drawPermille } from './seeded-draws.ts';
import { isoOfDay, type DayNumber } from './local-day-line.ts';

/** Mean temperature of each month, tenths of a degree: round figures near the published Shanghai normals. */
const monthMeansTenths = [49, 67, 104, 157, 209, 245, 288, 285, 247, 198, 139, 77] as const;

/** Deviation from the day's mean at each hour, tenths of a degree: coldest before sunrise, warmest after noon. */
// prettier-ignore
const hourDeviationTenths = [
  -20, -24, -27, -30, -32, -32, -28, -20, -9, 4, 16, 26, 33, 38, 40, 38, 32, 23, 14, 6, -1, -7, -12, -16,
] as const;

/** Smooth seeded deviation: drawn every `spanDays`, straight lines between. Tenths of a degree in ±range. */
function spell(seed: number, day: DayNumber, spanDays: number, rangeTenths: number): number {
  const at = (step: number): number => drawPermille(1000, seed, step, spanDays) - 1000;
  const step = Math.floor(day / spanDays);
  const part = day - step * spanDays;
  return Math.round((rangeTenths * (at(step) * (spanDays - part) + at(step + 1) * part)) / (spanDays * 1000));
}

/** Mean temperature of a local day, tenths of a degree Celsius: the season, a warmer or colder year, spells of weather. */
export function meanTemperatureTenths(seed: number, day: DayNumber): number {
  const iso = isoOfDay(day);
  const month = Number(iso.slice(5, 7)) - 1;
  const half = (Number(iso.slice(8)) - 15) / 30;
  const here = monthMeansTenths[month] ?? 0;
  const neighbour = monthMeansTenths[(month + (half < 0 ? 11 : 1)) % 12] ?? here;
  const season = Math.round(here + (neighbour - here) * Math.abs(half));
  const year = (draw(seed, Number(iso.slice(0, 4)), 77) % 13) - 6;
  return season + year + spell(seed, day, 9, 30) + spell(seed ^ 0x5bd1e995, day, 3, 28);
}

/** Temperature of a half-hour of the day (0 … 47), tenths of a degree. */
export function temperatureTenths(dayMeanTenths: number, halfHour: number): number {
  return dayMeanTenths + (hourDeviationTenths[Math.min(23, halfHour >> 1)] ?? 0);
}

/** Minutes of darkness within a half-hour of the day: night is what lies outside sunrise and sunset. */
export function darkMinutesOf(day: DayNumber, halfHour: number): number {
  const dayOfYear = day - Math.round(Date.parse(`${isoOfDay(day).slice(0, 4)}-01-01T00:00:00Z`) / 86_400_000);
  const halfDayMinutes = Math.round(366 + 62 * Math.cos((2 * Math.PI * (dayOfYear - 172)) / 365));
  const sunrise = 718 - halfDayMinutes;
  const sunset = 718 + halfDayMinutes;
  const from = halfHour * 30;
  const light = Math.min(from + 30, sunset) - Math.max(from, sunrise);
  return 30 - Math.max(0, Math.min(30, light));
}
