// SPDX-License-Identifier: Apache-2.0
/** A small site with its readings: a main meter, tenants with accounts, a zone whose clock changes within the time. Pure. */
import { createRandom, type Random } from './random.ts';

export interface PushedReading {
  readonly serial: string;
  readonly register: string;
  readonly instant: number;
  readonly value: number;
  readonly scaler: number;
}

export interface World {
  readonly siteFile: string;
  readonly projectCode: string;
  readonly tenants: readonly { readonly code: string; readonly point: string }[];
  readonly beginMs: number;
  readonly endMs: number;
  /** In the order in which meters would be read. */
  readonly readings: readonly PushedReading[];
}

export const register = 'energy.active.total';
// A day of 25 hours (2025-11-02) lies within.
const zone = 'America/New_York';
const begin = '2025-10-31T04:00:00Z';
const readEveryMs = 600_000;
/** 0.01 kWh, as the Acrel meters count. */
const scaler = 1;

export function makeWorld(seed: number, days: number, tenantCount = 8): World {
  const random = createRandom(seed);
  const beginMs = Date.parse(begin);
  const endMs = beginMs + days * 86_400_000;
  const tenants = Array.from({ length: tenantCount }, (_, index) => ({
    code: `T${String(index + 1)}`,
    point: `P${String(index + 1)}`,
  }));
  return {
    siteFile: siteFileOf(tenants),
    projectCode: 'torment',
    tenants,
    beginMs,
    endMs,
    readings: readingsOf(random, tenants, beginMs, endMs),
  };
}

function siteFileOf(tenants: World['tenants']): string {
  const weekday = Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, 'all']),
  );
  return JSON.stringify({
    project: {
      code: 'torment',
      name: 'Torment',
      zone,
      currency: 'USD',
      slot_minutes: 30,
      poll_interval_seconds: 600,
      calendar_id: 'two',
      calendar_name: 'Two rates',
    },
    day_profiles: [
      ['00:00', 'valley'],
      ['08:00', 'peak'],
      ['22:00', 'valley'],
    ].map(([from, period]) => ({ profile: 'all', from, period })),
    seasons: [{ name: 'year', from: '01-01', ...weekday }],
    places: [{ code: 'B', name: 'Building', kind: 'building' }],
    tenants: tenants.map(({ code }) => ({ code, name: `Tenant ${code}`, class: 'shop' })),
    meters: [{ serial: 'M0' }, ...tenants.map(({ point }) => ({ serial: `M${point}` }))],
    metering_points: [
      {
        code: 'P0',
        name: 'Main',
        medium: 'electricity',
        role: 'main',
        sub_item: 'other',
        place: 'B',
        meter_serial: 'M0',
        register,
        register_max: 99_999_999,
      },
      ...tenants.map(({ code, point }) => ({
        code: point,
        name: point,
        medium: 'electricity',
        role: 'sub',
        sub_item: 'tenant',
        place: 'B',
        tenant: code,
        parent: 'P0',
        meter_serial: `M${point}`,
        register,
        register_max: 99_999_999,
      })),
    ],
  });
}

function readingsOf(
  random: Random,
  tenants: World['tenants'],
  beginMs: number,
  endMs: number,
): PushedReading[] {
  const counts = tenants.map(() => 1_000 + random.below(1_000_000));
  // One register goes round within the time.
  counts[0] = 99_999_999 - 40;
  let main = 5_000_000;
  const readings: PushedReading[] = [];
  // Readings fall beside the slot boundaries, as they do in life.
  for (let at = beginMs; at <= endMs; at += readEveryMs) {
    const late = random.below(20_000);
    tenants.forEach(({ point }, index) => {
      const step = random.below(12);
      counts[index] = ((counts[index] as number) + step) % 100_000_000;
      main += step;
      // A reading in fifty is lost on the way.
      if (random.below(50) !== 0)
        readings.push({
          serial: `M${point}`,
          register,
          instant: at + late + index,
          value: counts[index] as number,
          scaler,
        });
    });
    main += random.below(2);
    readings.push({ serial: 'M0', register, instant: at + late, value: main, scaler });
  }
  return readings;
}

export const disturbances = ['repeated', 'shuffled', 'late'] as const;
export type Disturbance = (typeof disturbances)[number];

/**
 * The same readings as a bad network would bring them: each batch twice; shuffled within each day; a fifth of them one day
 * late.
 */
export function disturbed(
  world: World,
  disturbance: Disturbance | null,
  seed: number,
): readonly PushedReading[] {
  const random = createRandom(seed);
  const byDay = Map.groupBy(world.readings, (reading) =>
    Math.floor((reading.instant - world.beginMs) / 86_400_000),
  );
  const dayOrder = [...byDay.keys()].sort((a, b) => a - b);
  switch (disturbance) {
    case null:
      return world.readings;
    case 'repeated':
      return dayOrder.flatMap((day) => [...(byDay.get(day) ?? []), ...(byDay.get(day) ?? [])]);
    case 'shuffled':
      return dayOrder.flatMap((day) => random.shuffled(byDay.get(day) ?? []));
    case 'late': {
      const result: PushedReading[] = [];
      let held: PushedReading[] = [];
      for (const day of dayOrder) {
        const today = byDay.get(day) ?? [];
        const late = new Set(today.filter(() => random.below(5) === 0));
        result.push(...today.filter((reading) => !late.has(reading)), ...held);
        held = [...late];
      }
      return [...result, ...held];
    }
  }
}
