// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from '@jest/globals';
import { createLoadModel, createLocalDayLine, dayOfIso } from '@wattledger/ingest';
import { simulatedSiteOf } from './simulated-sites.ts';
import { planMarket } from './market.ts';
import { planPlaza } from './plaza.ts';
import type { SitePlan } from './site-plan.ts';

const plaza = planPlaza();
const market = planMarket();
const count = <T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> =>
  items.reduce<Record<string, number>>(
    (counts, item) => ({ ...counts, [keyOf(item)]: (counts[keyOf(item)] ?? 0) + 1 }),
    {},
  );

describe('Lanting Plaza', () => {
  it('is the building that was promised', () => {
    expect(plaza.project.areaM2).toBe(75_000);
    expect(plaza.gateways).toHaveLength(12);
    const prepaid = plaza.points.filter((point) => point.modelId === 'acrel-dtsy1352');
    expect(prepaid).toHaveLength(353);
    expect(prepaid.every((point) => point.switchable && point.tenant !== null)).toBe(true);
    expect(count(plaza.points, (point) => point.role)).toEqual({ supply: 2, main: 5, feeder: 20, sub: 396 });
    expect(count(plaza.accounts, (account) => account.habit)).toEqual({
      comfortable: 294,
      'low-1': 9,
      'low-2': 6,
      'nearly-out': 4,
      'cut-off': 3,
      'by-the-hour': 6,
    });
    const floors = plaza.places
      .filter((place) => place.kind === 'building')
      .reduce((sum, place) => sum + (place.areaM2 ?? 0), 0);
    expect(floors).toBe(75_000);
    const subItems = new Set(plaza.points.map((point) => point.subItem));
    expect([...subItems].sort()).toEqual([
      'air-conditioning',
      'lighting',
      'other',
      'power',
      'special',
      'tenant',
    ]);
  });

  it('gives every prepaid meter to exactly one account', () => {
    const charged = plaza.accounts.flatMap((account) => account.points.map(({ point }) => point));
    expect(new Set(charged).size).toBe(charged.length);
    const prepaid = plaza.points.filter((point) => point.tenant !== null).map((point) => point.code);
    expect([...charged].sort()).toEqual([...prepaid].sort());
  });
});

describe.each([
  ['plaza', plaza],
  ['market', market],
] as [string, SitePlan][])('%s', (_name, plan) => {
  it('has unique codes, and nothing hangs in the air', () => {
    const unique = (names: readonly string[]): void => expect(new Set(names).size).toBe(names.length);
    unique(plan.places.map((place) => place.code));
    unique(plan.points.map((point) => point.code));
    unique(plan.points.map((point) => point.serial));
    unique(plan.points.map((point) => `${point.gateway}/${point.unitId}`));
    unique(plan.tenants.map((tenant) => tenant.code));
    unique(plan.tenants.map((tenant) => tenant.name));
    const places = new Set(plan.places.map((place) => place.code));
    const points = new Set(plan.points.map((point) => point.code));
    const tenants = new Set(plan.tenants.map((tenant) => tenant.code));
    expect(
      plan.points.filter(
        (point) =>
          !places.has(point.place) ||
          (point.parent !== null && !points.has(point.parent)) ||
          (point.tenant !== null && !tenants.has(point.tenant)),
      ),
    ).toEqual([]);
    expect(plan.places.filter((place) => place.parent !== null && !places.has(place.parent))).toEqual([]);
    expect(
      plan.points.every(
        (point) =>
          point.unitId <= 247 &&
          /^\+[0-9 ]+$/.test(plan.tenants.find((tenant) => tenant.code === point.tenant)?.phone ?? '+0'),
      ),
    ).toBe(true);
    expect(
      plan.accounts.every(
        (account) => account.alarm2Micros < account.alarm1Micros && account.points.length > 0,
      ),
    ).toBe(true);
  });

  it('is the same at every start', () => {
    const again = plan.project.code === 'LTP' ? planPlaza() : planMarket();
    expect(again).toEqual(plan);
  });

  it('never draws more than half of what a register step may mean', () => {
    const days = createLocalDayLine(plan.project.zone);
    const firstDay = dayOfIso('2024-11-20');
    const model = createLoadModel({ days, climateSeed: 5 }, firstDay);
    const flowed = new Float64Array(64);
    const tooMuch: string[] = [];
    for (const point of plan.points) {
      if (point.load === null) continue;
      const curve = model.curve(point.load);
      for (let day = firstDay; day < firstDay + 730; day += 3) {
        const halfHours = curve.fillDay(day, flowed);
        for (let index = 0; index < halfHours; index += 1) {
          const perHour = 2 * ((flowed[index + 1] as number) - (flowed[index] as number));
          // The power of a minute may be a good third above that of its half-hour.
          if (perHour * 1.5 > point.powerMax) tooMuch.push(`${point.code} ${perHour}`);
        }
      }
    }
    expect(tooMuch.slice(0, 5)).toEqual([]);
  });

  it('stands behind simulated meters, one for each point', () => {
    const site = simulatedSiteOf(plan);
    expect(site.meters).toHaveLength(plan.points.length);
    const parents = new Set(site.meters.map((meter) => meter.parent).filter((parent) => parent !== null));
    expect(site.meters.filter((meter) => meter.load === null && !parents.has(meter.serial))).toEqual([]);
  });
});
