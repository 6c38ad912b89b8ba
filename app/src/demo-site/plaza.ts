// SPDX-License-Identifier: Apache-2.0
/**
 * The demo building: Lanting Plaza, 75,000 m² under one roof. Shops and flats below, a hotel and offices above; 353 prepaid
 * three-phase meters on 12 gateways, mains and feeders above them, common loads by sub-item, a water meter per zone.
 */
import { demoCalendar } from './demo-calendar.ts';
import { createPlanBuilder, type PlanBuilder } from './plan-builder.ts';
import {
  hotelFloors,
  officeFloors,
  plazaCode,
  podiumFloors,
  residenceFloors,
  seed,
  two,
} from './plaza-basics.ts';
import { planHotel, planSupermarket, settleLargeTenants } from './plaza-large-tenants.ts';
import { planCommonLoads, planMains, planWater } from './plaza-network.ts';
import { planOffices, planPodium, planResidence, planStalls } from './plaza-rooms.ts';
import type { SitePlan } from './site-plan.ts';

export function planPlaza(): SitePlan {
  const plan = createPlanBuilder(
    {
      code: plazaCode,
      name: 'Lanting Plaza 澜庭广场',
      zone: 'Asia/Shanghai',
      currency: 'CNY',
      slotMinutes: 30,
      pollIntervalSeconds: 120,
      calendar: demoCalendar,
      areaM2: 75_000,
      address: '88 Jinhe Road, Suzhou Industrial Park, Jiangsu · 江苏省苏州工业园区锦荷路88号',
      latitude: 31.3052,
      longitude: 120.7243,
    },
    seed,
  );
  planBuildings(plan);
  planGateways(plan);
  planMains(plan);
  planCommonLoads(plan);
  planSupermarket(plan);
  planPodium(plan);
  planStalls(plan);
  planResidence(plan);
  planHotel(plan);
  planOffices(plan);
  planWater(plan);
  settleLargeTenants(plan);
  return plan.build();
}

function planBuildings(plan: PlanBuilder): void {
  const building = (code: string, name: string, use: string, areaM2: number): string =>
    plan.place({ code, parent: null, kind: 'building', name, use, areaM2 });
  const floors = (
    parent: string,
    codes: readonly string[],
    nameOf: (code: string) => string,
    use: string,
    areaM2: number,
  ): void => {
    for (const code of codes) plan.place({ code, parent, kind: 'floor', name: nameOf(code), use, areaM2 });
  };
  floors(
    building('PODIUM', 'Podium 裙楼', 'shop', 24_800),
    podiumFloors,
    (code) => (code === 'B1' ? 'Basement 1 地下一层' : `Level ${code.slice(1)} ${code.slice(1)}层`),
    'shop',
    6_200,
  );
  floors(
    building('RESIDENCE', 'Residence 公寓', 'flat', 11_700),
    residenceFloors,
    (code) => `Level ${code.slice(1)} 公寓${code.slice(1)}层`,
    'flat',
    3_900,
  );
  floors(
    building('HOTEL', 'Hotel tower 酒店塔楼', 'hotel', 13_200),
    hotelFloors,
    (code) => `Level ${Number(code.slice(1))} 酒店${Number(code.slice(1))}层`,
    'hotel',
    1_650,
  );
  floors(
    building('OFFICE', 'Office tower 写字楼', 'office', 20_400),
    officeFloors,
    (code) => `Level ${Number(code.slice(1))} 办公${Number(code.slice(1))}层`,
    'office',
    1_700,
  );
  const site = building('PLANT', 'Plant, car park and grounds 机房车库与室外', 'plant', 4_900);
  plan.place({
    code: 'SWITCHROOM',
    parent: site,
    kind: 'floor',
    name: 'Switch room 变配电室',
    use: 'plant',
    areaM2: 420,
  });
  plan.place({
    code: 'CHILLERS',
    parent: site,
    kind: 'floor',
    name: 'Chiller plant 冷冻机房',
    use: 'plant',
    areaM2: 980,
  });
  plan.place({
    code: 'CARPARK',
    parent: site,
    kind: 'floor',
    name: 'Car park and grounds 车库与室外',
    use: 'common',
    areaM2: 3_500,
  });
}

function planGateways(plan: PlanBuilder): void {
  const names = [
    'Basement 1 and switch room',
    'Level 1 north',
    'Level 1 south',
    'Level 2',
    'Level 3',
    'Residence level 4',
    'Residence level 5',
    'Residence level 6',
    'Hotel riser',
    'Office riser low',
    'Office riser middle',
    'Office riser high and roof',
  ];
  for (const [index, name] of names.entries()) plan.gateway(`G${two(index + 1)}`, name);
}
