// SPDX-License-Identifier: Apache-2.0
/** The two tenants with many meters in one account: the supermarket and the hotel. */
import { between, hotelFloors, kWh, seed } from './plaza-basics.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { phoneOf } from './tenant-names.ts';

/** One tenant with three meters in one account. */
export function planSupermarket(plan: PlanBuilder): void {
  plan.place({
    code: 'B1-SUPER',
    parent: 'B1',
    kind: 'room',
    name: 'B1 Harvest Supermarket 丰禾超市',
    use: 'shop',
    areaM2: 2_350,
  });
  plan.tenant({
    code: 'T-SUPER',
    name: 'Harvest Supermarket 丰禾超市',
    tenantClass: 'supermarket',
    phone: phoneOf(seed, 1),
  });
  const parts = [
    ['B1-01', 'sales floor 卖场', 620, 1_500],
    ['B1-02', 'cold store 冷库', 560, 450],
    ['B1-03', 'bakery and kitchen 面包厨房', 410, 400],
  ] as const;
  for (const [code, name, dayKwh, areaM2] of parts) {
    plan.point({
      code,
      name: `Harvest Supermarket ${name}`,
      place: 'B1-SUPER',
      gateway: 'G01',
      parent: 'F-B1',
      meter: 'three-phase',
      subItem: 'tenant',
      tenant: 'T-SUPER',
      areaM2,
      load: { kind: 'supermarket', dayConsumption: dayKwh * kWh },
    });
  }
}

// prettier-ignore
const hotelServices = [
  ['HS-KITCHEN', 'main kitchen 中央厨房', 640], ['HS-BANQUET', 'banquet hall 宴会厅', 380], ['HS-LAUNDRY', 'laundry 洗衣房', 460], ['HS-POOL', 'pool and spa 泳池水疗', 520],
  ['HS-LOBBY', 'lobby 大堂', 300], ['HS-GYM', 'gym 健身房', 150], ['HS-BAR', 'sky bar 空中酒吧', 190], ['HS-OFFICE', 'back office 行政后勤', 130],
] as const;

/** One tenant: two meters per guest floor and the services, and the hotel's water, in one account. */
export function planHotel(plan: PlanBuilder): void {
  plan.tenant({
    code: 'T-HOTEL',
    name: 'Hotel Lanting 澜庭酒店',
    tenantClass: 'hotel',
    phone: phoneOf(seed, 2),
  });
  const hotel = { gateway: 'G09', meter: 'three-phase', subItem: 'tenant', tenant: 'T-HOTEL' } as const;
  for (const floor of hotelFloors) {
    for (const [wing, name] of [
      ['E', 'east wing 东翼'],
      ['W', 'west wing 西翼'],
    ] as const) {
      const code = `${floor}-${wing}`;
      plan.point({
        ...hotel,
        code,
        name: `Hotel level ${Number(floor.slice(1))} ${name}`,
        place: floor,
        parent: 'F-HG',
        areaM2: 700,
        load: { kind: 'hotel-rooms', dayConsumption: between(105, 165, code, 7) * kWh },
      });
    }
  }
  for (const [code, name, dayKwh] of hotelServices) {
    plan.point({
      ...hotel,
      code,
      name: `Hotel ${name}`,
      place: 'HOTEL',
      parent: 'F-HS',
      load: { kind: 'hotel-services', dayConsumption: dayKwh * kWh },
    });
  }
}

/** Their accounts cover electricity and water, so they are opened when all their meters are planned. */
export function settleLargeTenants(plan: PlanBuilder): void {
  plan.account({
    tenant: 'T-SUPER',
    habit: 'comfortable',
    alarm1: 6_000,
    alarm2: 2_500,
    scheme: 'commercial',
  });
  plan.account({
    tenant: 'T-HOTEL',
    habit: 'comfortable',
    alarm1: 20_000,
    alarm2: 8_000,
    scheme: 'demand',
  });
}
