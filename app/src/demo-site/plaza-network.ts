// SPDX-License-Identifier: Apache-2.0
/** Electricity and water on their way through the plaza: supply, mains, feeders, what everybody shares, water zones. */
import { between, kWh } from './plaza-basics.ts';
import type { PlanBuilder, PointWish } from './plan-builder.ts';

// prettier-ignore
const feeders: readonly (readonly [code: string, name: string, main: string, gateway: string, place: string])[] = [
  ['F-B1', 'Feeder basement 地下馈线', 'M-PODIUM', 'G01', 'SWITCHROOM'],
  ['F-L1N', 'Feeder level 1 north 一层北馈线', 'M-PODIUM', 'G02', 'L1'], ['F-L1S', 'Feeder level 1 south 一层南馈线', 'M-PODIUM', 'G03', 'L1'],
  ['F-L2N', 'Feeder level 2 north 二层北馈线', 'M-PODIUM', 'G04', 'L2'], ['F-L2S', 'Feeder level 2 south 二层南馈线', 'M-PODIUM', 'G04', 'L2'],
  ['F-L3N', 'Feeder level 3 north 三层北馈线', 'M-PODIUM', 'G05', 'L3'], ['F-L3S', 'Feeder level 3 south 三层南馈线', 'M-PODIUM', 'G05', 'L3'],
  ['F-R4', 'Feeder residence 4 公寓四层馈线', 'M-RESIDENCE', 'G06', 'R4'], ['F-R5', 'Feeder residence 5 公寓五层馈线', 'M-RESIDENCE', 'G07', 'R5'],
  ['F-R6', 'Feeder residence 6 公寓六层馈线', 'M-RESIDENCE', 'G08', 'R6'],
  ['F-HG', 'Feeder guest rooms 客房馈线', 'M-HOTEL', 'G09', 'HOTEL'], ['F-HS', 'Feeder hotel services 酒店后勤馈线', 'M-HOTEL', 'G09', 'HOTEL'],
  ['F-O1', 'Feeder offices 7–9 办公低区馈线', 'M-OFFICE', 'G10', 'OFFICE'], ['F-O2', 'Feeder offices 10–12 办公中低区馈线', 'M-OFFICE', 'G10', 'OFFICE'],
  ['F-O3', 'Feeder offices 13–15 办公中高区馈线', 'M-OFFICE', 'G11', 'OFFICE'], ['F-O4', 'Feeder offices 16–18 办公高区馈线', 'M-OFFICE', 'G12', 'OFFICE'],
  ['F-COOL', 'Feeder cooling plant 冷冻站馈线', 'M-PLANT', 'G01', 'CHILLERS'], ['F-LIGHT', 'Feeder public lighting 公共照明馈线', 'M-PLANT', 'G01', 'SWITCHROOM'],
  ['F-LIFT', 'Feeder lifts 电梯馈线', 'M-PLANT', 'G01', 'SWITCHROOM'], ['F-UTIL', 'Feeder pumps and services 水泵动力馈线', 'M-PLANT', 'G01', 'SWITCHROOM'],
];

export function planMains(plan: PlanBuilder): void {
  const upper = { place: 'SWITCHROOM', gateway: 'G01', meter: 'feeder', subItem: 'other' } as const;
  plan.point({
    ...upper,
    code: 'S-10KV',
    name: '10 kV supply 总进线',
    role: 'supply',
    parent: null,
    lossPermille: 14,
    pollIntervalSeconds: 15,
  });
  const mains = [
    ['M-PODIUM', 'Main podium 裙楼总表'],
    ['M-RESIDENCE', 'Main residence 公寓总表'],
    ['M-HOTEL', 'Main hotel 酒店总表'],
    ['M-OFFICE', 'Main offices 写字楼总表'],
    ['M-PLANT', 'Main plant 公共动力总表'],
  ] as const;
  for (const [code, name] of mains)
    plan.point({
      ...upper,
      code,
      name,
      role: 'main',
      parent: 'S-10KV',
      lossPermille: 7,
      pollIntervalSeconds: 30,
    });
  for (const [code, name, parent, gateway, place] of feeders) {
    const load = { kind: 'small-unmetered', dayConsumption: between(6, 22, code, 1) * kWh } as const;
    plan.point({
      ...upper,
      code,
      name,
      role: 'feeder',
      parent,
      gateway,
      place,
      lossPermille: between(8, 19, code, 2),
      load,
    });
  }
}

type CommonLoad = readonly [
  code: string,
  name: string,
  feeder: string,
  subItem: PointWish['subItem'],
  kind: NonNullable<PointWish['load']>['kind'],
  dayKwh: number,
  place: string,
];

// prettier-ignore
const commonLoads: readonly CommonLoad[] = [
  ['CH-1', 'Chiller 1 冷水机组1', 'F-COOL', 'air-conditioning', 'cooling-plant', 1_150, 'CHILLERS'],
  ['CH-2', 'Chiller 2 冷水机组2', 'F-COOL', 'air-conditioning', 'cooling-plant', 820, 'CHILLERS'],
  ['CHP', 'Chilled and cooling water pumps 冷冻冷却泵', 'F-COOL', 'air-conditioning', 'cooling-plant', 380, 'CHILLERS'],
  ['CT', 'Cooling towers 冷却塔', 'F-COOL', 'air-conditioning', 'cooling-plant', 150, 'CHILLERS'],
  ['AHU-P', 'Air handling podium 裙楼空调机组', 'F-COOL', 'air-conditioning', 'ventilation', 900, 'PODIUM'],
  ['AHU-O', 'Fresh air offices 办公新风', 'F-COOL', 'air-conditioning', 'ventilation', 520, 'OFFICE'],
  ['LT-MALL', 'Lighting mall 裙楼公共照明', 'F-LIGHT', 'lighting', 'interior-lighting', 760, 'PODIUM'],
  ['LT-CAR', 'Lighting car park 车库照明', 'F-LIGHT', 'lighting', 'interior-lighting', 210, 'CARPARK'],
  ['LT-OUT', 'Façade and grounds lighting 泛光与室外照明', 'F-LIGHT', 'lighting', 'outdoor-lighting', 260, 'CARPARK'],
  ['LT-RES', 'Lighting residence corridors 公寓走廊照明', 'F-LIGHT', 'lighting', 'interior-lighting', 120, 'RESIDENCE'],
  ['LT-OFF', 'Lighting office lobbies 办公大堂照明', 'F-LIGHT', 'lighting', 'interior-lighting', 190, 'OFFICE'],
  ['LF-MALL', 'Escalators and lifts podium 裙楼扶梯电梯', 'F-LIFT', 'power', 'lifts', 420, 'PODIUM'],
  ['LF-RES', 'Lifts residence 公寓电梯', 'F-LIFT', 'power', 'lifts', 95, 'RESIDENCE'],
  ['LF-HOT', 'Lifts hotel 酒店电梯', 'F-LIFT', 'power', 'lifts', 170, 'HOTEL'],
  ['LF-OFF', 'Lifts offices 办公电梯', 'F-LIFT', 'power', 'lifts', 260, 'OFFICE'],
  ['PW-SUP', 'Water supply pumps 生活水泵', 'F-UTIL', 'power', 'pumps', 180, 'SWITCHROOM'],
  ['PW-DRN', 'Drainage and fire pumps 排水消防泵', 'F-UTIL', 'power', 'pumps', 46, 'SWITCHROOM'],
  ['SP-BMS', 'Control room and network 弱电机房', 'F-UTIL', 'special', 'server-room', 310, 'SWITCHROOM'],
  ['SP-EV', 'Car chargers 充电桩', 'F-UTIL', 'special', 'hotel-rooms', 340, 'CARPARK'],
];

export function planCommonLoads(plan: PlanBuilder): void {
  for (const [code, name, parent, subItem, kind, dayKwh, place] of commonLoads) {
    // Chillers stand behind current transformers 200/5; their registers count the secondary side.
    const transformer = code.startsWith('CH-') ? { multiplier: 40 } : {};
    plan.point({
      code,
      name,
      place,
      parent,
      subItem,
      gateway: subItem === 'air-conditioning' ? 'G12' : 'G01',
      meter: 'feeder',
      load: { kind, dayConsumption: dayKwh * kWh },
      powerMax: 2_500_000,
      ...transformer,
    });
  }
}

type Zone = readonly [
  code: string,
  name: string,
  place: string,
  gateway: string,
  kind: NonNullable<PointWish['load']>['kind'],
  dayLitres: number,
  tenant?: string,
];

// prettier-ignore
const waterZones: readonly Zone[] = [
  ['W-SUPER', 'Water supermarket 超市用水', 'B1-SUPER', 'G01', 'shop-water', 4_200, 'T-SUPER'], ['W-FOOD', 'Water food court 美食广场用水', 'B1', 'G01', 'restaurant-water', 15_500],
  ['W-L1N', 'Water level 1 north 一层北用水', 'L1', 'G02', 'shop-water', 3_600], ['W-L1S', 'Water level 1 south 一层南用水', 'L1', 'G03', 'shop-water', 3_100],
  ['W-L2', 'Water level 2 二层用水', 'L2', 'G04', 'shop-water', 4_800], ['W-L3D', 'Water level 3 dining 三层餐饮用水', 'L3', 'G05', 'restaurant-water', 17_800],
  ['W-L3S', 'Water level 3 shops 三层商铺用水', 'L3', 'G05', 'shop-water', 2_100],
  ['W-R4E', 'Water residence 4 east 公寓四层东用水', 'R4', 'G06', 'flat-water', 5_400], ['W-R4W', 'Water residence 4 west 公寓四层西用水', 'R4', 'G06', 'flat-water', 5_100],
  ['W-R5E', 'Water residence 5 east 公寓五层东用水', 'R5', 'G07', 'flat-water', 5_600], ['W-R5W', 'Water residence 5 west 公寓五层西用水', 'R5', 'G07', 'flat-water', 4_900],
  ['W-R6E', 'Water residence 6 east 公寓六层东用水', 'R6', 'G08', 'flat-water', 5_300], ['W-R6W', 'Water residence 6 west 公寓六层西用水', 'R6', 'G08', 'flat-water', 5_000],
  ['W-HLOW', 'Water guest rooms low 客房低区用水', 'HOTEL', 'G09', 'hotel-water', 22_000, 'T-HOTEL'], ['W-HHIGH', 'Water guest rooms high 客房高区用水', 'HOTEL', 'G09', 'hotel-water', 20_500, 'T-HOTEL'],
  ['W-HKIT', 'Water hotel kitchen 酒店厨房用水', 'HOTEL', 'G09', 'restaurant-water', 8_600, 'T-HOTEL'], ['W-HLAU', 'Water laundry 洗衣房用水', 'HOTEL', 'G09', 'hotel-water', 14_000, 'T-HOTEL'],
  ['W-HPOOL', 'Water pool 泳池用水', 'HOTEL', 'G09', 'hotel-water', 5_200, 'T-HOTEL'],
  ['W-O1', 'Water offices 7–9 办公低区用水', 'OFFICE', 'G10', 'office-water', 6_400], ['W-O2', 'Water offices 10–12 办公中低区用水', 'OFFICE', 'G10', 'office-water', 6_100],
  ['W-O3', 'Water offices 13–15 办公中高区用水', 'OFFICE', 'G11', 'office-water', 5_900], ['W-O4', 'Water offices 16–18 办公高区用水', 'OFFICE', 'G12', 'office-water', 6_000],
  ['W-COOL', 'Water cooling towers 冷却塔补水', 'CHILLERS', 'G12', 'plant-water', 6_500], ['W-GRND', 'Water grounds 室外绿化用水', 'CARPARK', 'G01', 'plant-water', 2_400],
];

export function planWater(plan: PlanBuilder): void {
  plan.point({
    code: 'W-MAIN',
    name: 'Water main 总水表',
    place: 'SWITCHROOM',
    gateway: 'G01',
    parent: null,
    meter: 'water',
    role: 'supply',
    subItem: 'other',
    lossPermille: 26,
    powerMax: 600_000,
  });
  for (const [code, name, place, gateway, kind, dayLitres, tenant] of waterZones) {
    plan.point({
      code,
      name,
      place,
      gateway,
      parent: 'W-MAIN',
      meter: 'water',
      subItem: tenant === undefined ? 'other' : 'tenant',
      ...(tenant === undefined ? {} : { tenant }),
      load: { kind, dayConsumption: dayLitres },
    });
  }
}
