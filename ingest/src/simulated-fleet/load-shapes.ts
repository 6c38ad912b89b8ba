// SPDX-License-Identifier: Apache-2.0
/**
 * How each kind of load spends its day, as data. Levels are permille of the kind's usual full hour; hours are local.
 * The shapes are drawn from general knowledge of buildings in the region (shops 10–22 h, restaurants with two peaks,
 * flats with an evening peak, offices on workdays), not measured: they must look right, not prove anything.
 */
import type { DayKind } from './day-kinds.ts';

// prettier-ignore
export const loadKinds = [
  'shop', 'supermarket', 'restaurant', 'office', 'flat', 'hotel-rooms', 'hotel-services', 'workshop', 'market-stall',
  'lifts', 'interior-lighting', 'outdoor-lighting', 'cooling-plant', 'ventilation', 'pumps', 'server-room', 'small-unmetered',
  'shop-water', 'restaurant-water', 'office-water', 'flat-water', 'hotel-water', 'plant-water',
] as const;
export type LoadKind = (typeof loadKinds)[number];

/** [hour, level]: straight lines between; the last level runs on to midnight. */
type Breakpoints = readonly (readonly [hour: number, level: number])[];

export interface LoadShape {
  /** Always there, in the same permille. */
  readonly standby: number;
  readonly day: Breakpoints;
  /** Another shape for days off; without it `day` holds with the level below. */
  readonly dayOff?: Breakpoints;
  /** Level of each kind of day, permille. */
  readonly levels: Readonly<Record<DayKind, number>>;
  /** Part of the shape that does not follow the weather, permille (1000 = all of it, plus what the weather adds). */
  readonly steady: number;
  /** Permille added per degree above `coolingFrom` °C, and per degree below `heatingFrom` °C. */
  readonly cooling: number;
  readonly coolingFrom: number;
  readonly heating: number;
  readonly heatingFrom: number;
  /** Burns when it is dark outside, within the hours of `day`. */
  readonly followsDarkness?: true;
  /** Spread of one day against another and of one half-hour against another, permille. */
  readonly dayNoise: number;
  readonly slotNoise: number;
  /** Permille of three-day spells in which nobody is there. */
  readonly away: number;
}

const everyDay = { workday: 1000, saturday: 1000, sunday: 1000, holiday: 1000, festival: 1000 } as const;
const trade = { workday: 1000, saturday: 1180, sunday: 1160, holiday: 1220, festival: 780 } as const;
const desk = { workday: 1000, saturday: 300, sunday: 170, holiday: 140, festival: 60 } as const;
const always: Breakpoints = [[0, 1000]];
const noWeather = { steady: 1000, cooling: 0, coolingFrom: 24, heating: 0, heatingFrom: 12 } as const;

// prettier-ignore
const shopHours: Breakpoints = [[0, 0], [8, 20], [9, 260], [10, 820], [12, 900], [15, 860], [18, 1000], [21, 960], [22, 300], [22.5, 0]];
// prettier-ignore
const mealHours: Breakpoints = [
  [0, 20], [7, 60], [8.5, 220], [10, 480], [11.5, 1000], [13.5, 900], [14.5, 430], [16.5, 520], [18, 1000], [20.5, 880], [22, 300], [23, 40],
];
// prettier-ignore
const deskHours: Breakpoints = [[0, 0], [7, 60], [8.5, 500], [9.5, 950], [11.5, 1000], [12.5, 780], [14, 1000], [17.5, 900], [18.5, 480], [20, 220], [22, 50], [23, 0]];
// prettier-ignore
const homeWorkday: Breakpoints = [[0, 330], [1.5, 200], [5.5, 190], [7, 620], [8.5, 420], [10, 240], [12, 380], [14, 260], [17.5, 560], [19, 1000], [21.5, 980], [23, 620]];
// prettier-ignore
const homeDayOff: Breakpoints = [[0, 380], [2, 210], [7, 260], [9, 620], [12, 820], [14, 620], [17.5, 720], [19, 1000], [22, 960], [23, 640]];
// prettier-ignore
const guestHours: Breakpoints = [[0, 420], [2, 300], [5.5, 320], [7, 900], [9.5, 640], [11, 360], [15, 420], [18, 780], [20, 1000], [22.5, 900], [23.5, 520]];

// prettier-ignore
export const loadShapes: Readonly<Record<LoadKind, LoadShape>> = {
  shop: { standby: 70, day: shopHours, levels: trade, steady: 1000, cooling: 28, coolingFrom: 22, heating: 16, heatingFrom: 12, dayNoise: 110, slotNoise: 130, away: 0 },
  supermarket: { standby: 460, day: [[0, 0], [6, 120], [8, 700], [9, 950], [18, 1000], [21.5, 900], [22.5, 60], [23, 0]], levels: trade, steady: 1000, cooling: 22, coolingFrom: 20, heating: 4, heatingFrom: 10, dayNoise: 50, slotNoise: 60, away: 0 },
  restaurant: { standby: 120, day: mealHours, levels: trade, steady: 1000, cooling: 24, coolingFrom: 22, heating: 10, heatingFrom: 12, dayNoise: 140, slotNoise: 160, away: 0 },
  office: { standby: 90, day: deskHours, levels: desk, steady: 1000, cooling: 34, coolingFrom: 22, heating: 22, heatingFrom: 13, dayNoise: 100, slotNoise: 110, away: 0 },
  flat: { standby: 80, day: homeWorkday, dayOff: homeDayOff, levels: { workday: 1000, saturday: 1100, sunday: 1120, holiday: 1020, festival: 820 }, steady: 1000, cooling: 95, coolingFrom: 24, heating: 60, heatingFrom: 11, dayNoise: 260, slotNoise: 520, away: 45 },
  'hotel-rooms': { standby: 140, day: guestHours, levels: { workday: 1000, saturday: 1180, sunday: 960, holiday: 1260, festival: 1120 }, steady: 1000, cooling: 48, coolingFrom: 22, heating: 30, heatingFrom: 13, dayNoise: 120, slotNoise: 150, away: 0 },
  'hotel-services': { standby: 260, day: [[0, 120], [4.5, 300], [6, 900], [9.5, 700], [11, 900], [14, 620], [17.5, 1000], [21, 800], [23, 240]], levels: { workday: 1000, saturday: 1120, sunday: 980, holiday: 1180, festival: 1080 }, steady: 1000, cooling: 18, coolingFrom: 22, heating: 10, heatingFrom: 12, dayNoise: 90, slotNoise: 120, away: 0 },
  workshop: { standby: 60, day: [[0, 0], [7, 120], [8, 820], [9, 1000], [11.5, 980], [12, 380], [13, 960], [17, 900], [18, 240], [20, 60], [21, 0]], levels: { workday: 1000, saturday: 620, sunday: 120, holiday: 90, festival: 40 }, steady: 1000, cooling: 12, coolingFrom: 24, heating: 8, heatingFrom: 10, dayNoise: 170, slotNoise: 240, away: 0 },
  'market-stall': { standby: 160, day: [[0, 0], [4, 260], [5.5, 900], [8, 1000], [11, 760], [13, 420], [15.5, 760], [18, 620], [19.5, 160], [20, 0]], levels: { workday: 1000, saturday: 1120, sunday: 1140, holiday: 1100, festival: 520 }, steady: 1000, cooling: 20, coolingFrom: 20, heating: 6, heatingFrom: 8, dayNoise: 120, slotNoise: 170, away: 0 },
  lifts: { standby: 110, day: [[0, 60], [6, 180], [8, 900], [9.5, 700], [12, 920], [14, 620], [18, 1000], [21, 640], [23, 160]], levels: { workday: 1000, saturday: 900, sunday: 880, holiday: 860, festival: 520 }, ...noWeather, dayNoise: 60, slotNoise: 180, away: 0 },
  'interior-lighting': { standby: 180, day: [[0, 120], [6, 300], [8.5, 900], [10, 1000], [21.5, 1000], [22.5, 300], [23.5, 130]], levels: everyDay, ...noWeather, dayNoise: 20, slotNoise: 20, away: 0 },
  'outdoor-lighting': { standby: 4, day: [[0, 380], [5, 380], [5.5, 1000], [22.5, 1000], [23, 380]], levels: everyDay, ...noWeather, followsDarkness: true, dayNoise: 15, slotNoise: 10, away: 0 },
  'cooling-plant': { standby: 16, day: [[0, 40], [6.5, 80], [8, 760], [9.5, 1000], [19, 1000], [21, 760], [22, 240], [23, 50]], levels: { workday: 1000, saturday: 920, sunday: 900, holiday: 900, festival: 560 }, steady: 90, cooling: 105, coolingFrom: 17, heating: 46, heatingFrom: 13, dayNoise: 50, slotNoise: 60, away: 0 },
  ventilation: { standby: 120, day: [[0, 140], [6, 260], [8, 860], [9, 1000], [20, 1000], [22, 420], [23, 160]], levels: { workday: 1000, saturday: 940, sunday: 920, holiday: 920, festival: 640 }, steady: 1000, cooling: 14, coolingFrom: 20, heating: 8, heatingFrom: 10, dayNoise: 40, slotNoise: 50, away: 0 },
  pumps: { standby: 60, day: [[0, 160], [5.5, 260], [7, 1000], [9, 720], [12, 820], [15, 560], [18, 940], [21, 980], [23, 300]], levels: everyDay, ...noWeather, dayNoise: 60, slotNoise: 200, away: 0 },
  'server-room': { standby: 700, day: [[0, 260], [9, 300], [18, 300], [20, 260]], levels: everyDay, steady: 1000, cooling: 12, coolingFrom: 18, heating: 0, heatingFrom: 0, dayNoise: 12, slotNoise: 14, away: 0 },
  'small-unmetered': { standby: 500, day: [[0, 100], [7, 400], [18, 500], [22, 200]], levels: everyDay, ...noWeather, dayNoise: 60, slotNoise: 60, away: 0 },
  'shop-water': { standby: 2, day: shopHours, levels: trade, steady: 1000, cooling: 6, coolingFrom: 22, heating: 0, heatingFrom: 0, dayNoise: 180, slotNoise: 420, away: 0 },
  'restaurant-water': { standby: 6, day: mealHours, levels: trade, steady: 1000, cooling: 8, coolingFrom: 22, heating: 0, heatingFrom: 0, dayNoise: 140, slotNoise: 260, away: 0 },
  'office-water': { standby: 4, day: deskHours, levels: desk, steady: 1000, cooling: 8, coolingFrom: 22, heating: 0, heatingFrom: 0, dayNoise: 140, slotNoise: 320, away: 0 },
  'flat-water': { standby: 1, day: homeWorkday, dayOff: homeDayOff, levels: { workday: 1000, saturday: 1120, sunday: 1140, holiday: 980, festival: 740 }, steady: 1000, cooling: 14, coolingFrom: 22, heating: 0, heatingFrom: 0, dayNoise: 200, slotNoise: 380, away: 0 },
  'hotel-water': { standby: 12, day: guestHours, levels: { workday: 1000, saturday: 1180, sunday: 960, holiday: 1260, festival: 1120 }, steady: 1000, cooling: 10, coolingFrom: 22, heating: 0, heatingFrom: 0, dayNoise: 130, slotNoise: 240, away: 0 },
  'plant-water': { standby: 4, day: always, levels: everyDay, steady: 60, cooling: 110, coolingFrom: 17, heating: 0, heatingFrom: 0, dayNoise: 60, slotNoise: 180, away: 0 },
};

/** Level of each half-hour of a day from its breakpoints, permille. */
export function halfHourLevels(breakpoints: Breakpoints): Int32Array {
  const levels = new Int32Array(48);
  for (let halfHour = 0; halfHour < 48; halfHour += 1) {
    const hour = halfHour / 2 + 0.25;
    const next = breakpoints.findIndex(([from]) => from > hour);
    const before = breakpoints[next === -1 ? breakpoints.length - 1 : Math.max(0, next - 1)];
    const after = next === -1 ? before : breakpoints[next];
    if (before === undefined || after === undefined) throw new RangeError('a load shape needs breakpoints');
    const span = after[0] - before[0];
    const part = span === 0 ? 0 : (hour - before[0]) / span;
    levels[halfHour] = Math.round(before[1] + (after[1] - before[1]) * part);
  }
  return levels;
}
