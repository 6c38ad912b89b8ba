// SPDX-License-Identifier: Apache-2.0
/** Tenants with a room and a meter of their own: shops, restaurants, workshops, flats, offices, and the stalls. */
import { seedOf } from '@wattledger/ingest';
import {
  between,
  habitOf,
  kWh,
  officeFloors,
  podiumFloors,
  residenceFloors,
  seed,
  two,
} from './plaza-basics.ts';
import type { PlanBuilder } from './plan-builder.ts';
import type { SchemeKey } from './site-plan.ts';
import { officeName, phoneOf, residentName, restaurantName, shopName } from './tenant-names.ts';

/** Electricity of a shop, restaurant … per m² and ordinary day, Wh; cooling comes from the central plant. */
const whPerM2 = { shop: 260, restaurant: 620, office: 165, flat: 88, workshop: 480 } as const;

interface Unit {
  readonly code: string;
  readonly floor: string;
  readonly name: string;
  readonly tenantClass: 'shop' | 'restaurant' | 'office' | 'flat' | 'workshop';
  readonly areaM2: number;
  readonly feeder: string;
  readonly gateway: string;
  /** Day number from which somebody lives or works there. */
  readonly fromDay?: number;
}

/** Wh of an ordinary day: by area and class, one tenant thriftier than another. */
const dayConsumptionOf = (code: string, tenantClass: Unit['tenantClass'], areaM2: number): number =>
  Math.round((areaM2 * whPerM2[tenantClass] * between(700, 1350, code, 3)) / 1000);

/** Alarm thresholds, yuan, about five and two days of a usual tenant of the class. */
const thresholds = {
  shop: [150, 60],
  restaurant: [800, 320],
  office: [200, 80],
  flat: [30, 12],
  workshop: [300, 120],
} as const;

/** A room with one tenant, one meter and one account. */
function planUnit(plan: PlanBuilder, unit: Unit): void {
  const { code, tenantClass, areaM2 } = unit;
  plan.place({
    code,
    parent: unit.floor,
    kind: 'room',
    name: `${code} ${unit.name}`,
    use: tenantClass,
    areaM2,
  });
  plan.tenant({ code: `T-${code}`, name: unit.name, tenantClass, phone: phoneOf(seed, seedOf(0, code)) });
  const dayConsumption = dayConsumptionOf(code, tenantClass, areaM2);
  plan.point({
    code,
    name: unit.name,
    place: code,
    gateway: unit.gateway,
    parent: unit.feeder,
    meter: 'three-phase',
    subItem: 'tenant',
    tenant: `T-${code}`,
    areaM2,
    ...(tenantClass === 'flat' ? { headcount: between(1, 4, code, 4) } : {}),
    load: {
      kind: tenantClass,
      dayConsumption,
      ...(unit.fromDay === undefined ? {} : { fromDay: unit.fromDay }),
    },
    ...(habitOf(code) === 'nearly-out' ? { pollIntervalSeconds: 30 } : {}),
  });
  const [alarm1, alarm2] = thresholds[tenantClass];
  plan.account({
    tenant: `T-${code}`,
    habit: habitOf(code),
    alarm1,
    alarm2,
    scheme: schemeOf(unit),
  });
}

/** The lowest floor of flats pays by yearly tiers, the first workshop by what it draws at most. */
const schemeOf = ({ tenantClass, floor, name }: Unit): SchemeKey =>
  tenantClass === 'flat'
    ? floor === residenceFloors[0]
      ? 'residential-tiers'
      : 'residential'
    : name === workshopNames[0]
      ? 'demand'
      : 'commercial';

/** Per floor: shops, restaurants, workshops. */
const podiumUnits = { B1: [5, 14, 5], L1: [34, 4, 0], L2: [36, 2, 0], L3: [16, 14, 0] } as const;

export function planPodium(plan: PlanBuilder): void {
  const named = { shop: 0, restaurant: 0, workshop: 0 };
  const nameOf = {
    shop: shopName,
    restaurant: restaurantName,
    workshop: (index: number): string => workshopNames[index - 1] ?? 'Workshop 工坊',
  };
  for (const floor of podiumFloors) {
    const [shops, restaurants, workshops] = podiumUnits[floor];
    // The supermarket has the first three numbers of the basement.
    const offset = floor === 'B1' ? 4 : 1;
    for (let index = 0; index < shops + restaurants + workshops; index += 1) {
      const code = `${floor}-${two(index + offset)}`;
      const tenantClass = index < shops ? 'shop' : index < shops + restaurants ? 'restaurant' : 'workshop';
      const name = nameOf[tenantClass]((named[tenantClass] += 1));
      const areaM2 = tenantClass === 'shop' ? between(45, 190, code, 5) : between(90, 330, code, 5);
      planUnit(plan, { code, floor, name, tenantClass, areaM2, ...podiumFeeder(floor, index % 2 === 0) });
    }
  }
}

const workshopNames = [
  'Maker Studio 创客工坊',
  'Clay and Kiln 陶艺工坊',
  'Swift Repairs 快修坊',
  'Print Corner 图文快印',
  'Tailor Bench 裁缝坊',
];

function podiumFeeder(
  floor: (typeof podiumFloors)[number],
  north: boolean,
): { readonly feeder: string; readonly gateway: string } {
  if (floor === 'B1') return { feeder: 'F-B1', gateway: 'G01' };
  if (floor === 'L1')
    return north ? { feeder: 'F-L1N', gateway: 'G02' } : { feeder: 'F-L1S', gateway: 'G03' };
  return { feeder: `F-${floor}${north ? 'N' : 'S'}`, gateway: floor === 'L2' ? 'G04' : 'G05' };
}

const stalls = [
  'Ice Cart 冰品车',
  'Cold Lockers 冷链柜',
  'Vending Row 自助售货',
  'Charging Bar 充电吧',
  'Photo Booth 照相亭',
  'Juice Window 果汁窗口',
];

/** Stalls in the atrium, rented by the hour and running day and night: they pay small money, often too late. */
export function planStalls(plan: PlanBuilder): void {
  for (const [index, name] of stalls.entries()) {
    const code = `L1-P${index + 1}`;
    plan.place({ code, parent: 'L1', kind: 'room', name: `${code} ${name}`, use: 'shop', areaM2: 9 });
    plan.tenant({ code: `T-${code}`, name, tenantClass: 'stall', phone: phoneOf(seed, 900 + index) });
    plan.point({
      code,
      name,
      place: code,
      gateway: index % 2 === 0 ? 'G02' : 'G03',
      parent: index % 2 === 0 ? 'F-L1N' : 'F-L1S',
      meter: 'three-phase',
      subItem: 'tenant',
      tenant: `T-${code}`,
      areaM2: 9,
      load: { kind: 'server-room', dayConsumption: between(150, 230, code, 6) * kWh },
      pollIntervalSeconds: 15,
    });
    plan.account({ tenant: `T-${code}`, habit: 'by-the-hour', alarm1: 1, alarm2: 0.5, scheme: 'commercial' });
  }
}

export function planResidence(plan: PlanBuilder): void {
  let residents = 0;
  for (const [level, floor] of residenceFloors.entries()) {
    for (let flat = 1; flat <= 34; flat += 1) {
      const code = `${floor}-${two(flat)}`;
      const name = residentName((residents += 1));
      const areaM2 = between(54, 132, code, 5);
      const feeder = `F-${floor}`;
      const gateway = `G${two(6 + level)}`;
      planUnit(plan, { code, floor, name, tenantClass: 'flat', areaM2, feeder, gateway });
    }
  }
}

/** Companies that rent two or three rooms next to each other: first room → how many. */
const wideOffices: ReadonlyMap<string, number> = new Map([
  ['O16-01', 2],
  ['O17-01', 3],
  ['O18-01', 3],
  ['O15-03', 2],
]);
/** 2026-01-01 as a day number: some moved in since, and their room stood empty before. */
const newTenantsFromDay = 20_454;

export function planOffices(plan: PlanBuilder): void {
  let companies = 0;
  for (const [level, floor] of officeFloors.entries()) {
    const rooms = level < 8 ? 7 : 8;
    const riser = {
      floor,
      feeder: `F-O${Math.floor(level / 3) + 1}`,
      gateway: `G${10 + Math.floor(level / 4)}`,
    };
    for (let room = 1; room <= rooms;) {
      const code = `${floor}-${two(room)}`;
      const name = officeName((companies += 1));
      const wide = wideOffices.get(code) ?? 1;
      if (wide > 1)
        planWideOffice(plan, {
          ...riser,
          name,
          codes: Array.from({ length: wide }, (_, index) => `${floor}-${two(room + index)}`),
        });
      else {
        const isNew = between(1, 100, code, 8) <= 7;
        const fromDay = isNew ? { fromDay: newTenantsFromDay + between(0, 160, code, 9) } : {};
        planUnit(plan, {
          ...riser,
          code,
          name,
          tenantClass: 'office',
          areaM2: between(120, 240, code, 5),
          ...fromDay,
        });
      }
      room += wide;
    }
  }
}

interface WideOffice {
  readonly floor: string;
  readonly feeder: string;
  readonly gateway: string;
  readonly name: string;
  readonly codes: readonly string[];
}

/** One company, several rooms, each with its meter, one account. */
function planWideOffice(plan: PlanBuilder, { floor, feeder, gateway, name, codes }: WideOffice): void {
  const tenant = `T-${codes[0] ?? ''}`;
  plan.tenant({ code: tenant, name, tenantClass: 'office', phone: phoneOf(seed, seedOf(0, tenant)) });
  for (const code of codes) {
    const areaM2 = between(120, 240, code, 5);
    plan.place({ code, parent: floor, kind: 'room', name: `${code} ${name}`, use: 'office', areaM2 });
    const load = { kind: 'office', dayConsumption: dayConsumptionOf(code, 'office', areaM2) } as const;
    plan.point({
      code,
      name,
      place: code,
      gateway,
      parent: feeder,
      meter: 'three-phase',
      subItem: 'tenant',
      tenant,
      areaM2,
      load,
    });
  }
  plan.account({ tenant, habit: 'comfortable', alarm1: 500, alarm2: 200, scheme: 'commercial' });
}
