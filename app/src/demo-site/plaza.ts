// SPDX-License-Identifier: Apache-2.0
/**
 * The demo building: Lanting Plaza, 75,000 m² under one roof. Shops and flats below, a hotel and offices above; 353 prepaid
 * three-phase meters on 12 gateways, mains and feeders above them, common loads by sub-item, a water meter per zone.
 */
import { drawBelow, seedOf } from '@wattledger/ingest';
import { demoCalendar } from './demo-calendar.ts';
import { createPlanBuilder, type PlanBuilder, type PointWish } from './plan-builder.ts';
import type { Habit, SitePlan } from './site-plan.ts';
import { officeName, phoneOf, residentName, restaurantName, shopName } from './tenant-names.ts';

export const plazaCode = 'LTP';
const seed = seedOf(75_000, plazaCode);
/** Whole number in [from, to], the same for the same unit at every start. */
const between = (from: number, to: number, unit: string, what: number): number => from + drawBelow(to - from + 1, seedOf(seed, unit), what, 0);
const kWh = 1000;
/** Electricity of a shop, restaurant … per m² and ordinary day, Wh; cooling comes from the central plant. */
const whPerM2 = { shop: 260, restaurant: 620, office: 165, flat: 88, workshop: 480 } as const;

/** Who is short of money: by code, so that everybody finds them again. */
const habits: ReadonlyMap<string, Habit> = new Map<string, Habit>([
  ...['L1-07', 'L2-11', 'L2-24', 'L3-05', 'B1-09', 'R4-12', 'R5-21', 'R6-03', 'O09-02'].map((code) => [code, 'low-1'] as const),
  ...['L1-18', 'L2-30', 'L3-22', 'R4-27', 'R6-18', 'O14-05'].map((code) => [code, 'low-2'] as const),
  ...['L1-03', 'L2-05', 'L3-19', 'R5-08'].map((code) => [code, 'nearly-out'] as const),
  ...['L2-17', 'R6-30', 'O12-06'].map((code) => [code, 'cut-off'] as const),
]);
const habitOf = (unit: string): Habit => habits.get(unit) ?? 'comfortable';

interface Plaza {
  readonly plan: PlanBuilder;
  /** Names given so far, by kind. */
  readonly named: { shops: number; restaurants: number; offices: number; residents: number };
}

export function planPlaza(): SitePlan {
  const plan = createPlanBuilder(
    {
      code: plazaCode, name: 'Lanting Plaza 澜庭广场', zone: 'Asia/Shanghai', currency: 'CNY', slotMinutes: 30, pollIntervalSeconds: 120,
      calendar: demoCalendar, areaM2: 75_000, address: '88 Jinhe Road, Suzhou Industrial Park, Jiangsu · 江苏省苏州工业园区锦荷路88号',
      latitude: 31.3052, longitude: 120.7243,
    },
    seed,
  );
  const plaza: Plaza = { plan, named: { shops: 0, restaurants: 0, offices: 0, residents: 0 } };
  planBuildings(plan);
  planGateways(plan);
  planMains(plan);
  planCommonLoads(plan);
  planPodium(plaza);
  planResidence(plaza);
  planHotel(plan);
  planOffices(plaza);
  planWater(plan);
  return plan.build();
}

const podiumFloors = ['B1', 'L1', 'L2', 'L3'] as const;
const residenceFloors = ['R4', 'R5', 'R6'] as const;
const two = (value: number): string => String(value).padStart(2, '0');
const hotelFloors = Array.from({ length: 8 }, (_, index) => `H${two(7 + index)}`);
const officeFloors = Array.from({ length: 12 }, (_, index) => `O${two(7 + index)}`);

function planBuildings(plan: PlanBuilder): void {
  const building = (code: string, name: string, use: string, areaM2: number): string => plan.place({ code, parent: null, kind: 'building', name, use, areaM2 });
  const floors = (parent: string, codes: readonly string[], nameOf: (code: string) => string, use: string, areaM2: number): void => {
    for (const code of codes) plan.place({ code, parent, kind: 'floor', name: nameOf(code), use, areaM2 });
  };
  floors(building('PODIUM', 'Podium 裙楼', 'shop', 24_800), podiumFloors, (code) => (code === 'B1' ? 'Basement 1 地下一层' : `Level ${code.slice(1)} ${code.slice(1)}层`), 'shop', 6_200);
  floors(building('RESIDENCE', 'Residence 公寓', 'flat', 11_700), residenceFloors, (code) => `Level ${code.slice(1)} 公寓${code.slice(1)}层`, 'flat', 3_900);
  floors(building('HOTEL', 'Hotel tower 酒店塔楼', 'hotel', 13_200), hotelFloors, (code) => `Level ${Number(code.slice(1))} 酒店${Number(code.slice(1))}层`, 'hotel', 1_650);
  floors(building('OFFICE', 'Office tower 写字楼', 'office', 20_400), officeFloors, (code) => `Level ${Number(code.slice(1))} 办公${Number(code.slice(1))}层`, 'office', 1_700);
  const site = building('PLANT', 'Plant, car park and grounds 机房车库与室外', 'plant', 4_900);
  plan.place({ code: 'SWITCHROOM', parent: site, kind: 'floor', name: 'Switch room 变配电室', use: 'plant', areaM2: 420 });
  plan.place({ code: 'CHILLERS', parent: site, kind: 'floor', name: 'Chiller plant 冷冻机房', use: 'plant', areaM2: 980 });
  plan.place({ code: 'CARPARK', parent: site, kind: 'floor', name: 'Car park and grounds 车库与室外', use: 'common', areaM2: 3_500 });
}

function planGateways(plan: PlanBuilder): void {
  const names = [
    'Basement 1 and switch room', 'Level 1 north', 'Level 1 south', 'Level 2', 'Level 3', 'Residence level 4', 'Residence level 5',
    'Residence level 6', 'Hotel riser', 'Office riser low', 'Office riser middle', 'Office riser high and roof',
  ];
  for (const [index, name] of names.entries()) plan.gateway(`G${two(index + 1)}`, name);
}

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

function planMains(plan: PlanBuilder): void {
  const upper = { place: 'SWITCHROOM', gateway: 'G01', meter: 'feeder', subItem: 'other' } as const;
  plan.point({ ...upper, code: 'S-10KV', name: '10 kV supply 总进线', role: 'supply', parent: null, lossPermille: 14, pollIntervalSeconds: 15 });
  const mains = [['M-PODIUM', 'Main podium 裙楼总表'], ['M-RESIDENCE', 'Main residence 公寓总表'], ['M-HOTEL', 'Main hotel 酒店总表'], ['M-OFFICE', 'Main offices 写字楼总表'], ['M-PLANT', 'Main plant 公共动力总表']] as const;
  for (const [code, name] of mains) plan.point({ ...upper, code, name, role: 'main', parent: 'S-10KV', lossPermille: 7, pollIntervalSeconds: 30 });
  for (const [code, name, parent, gateway, place] of feeders) {
    const load = { kind: 'small-unmetered', dayConsumption: between(6, 22, code, 1) * kWh } as const;
    plan.point({ ...upper, code, name, role: 'feeder', parent, gateway, place, lossPermille: between(8, 19, code, 2), load });
  }
}

type CommonLoad = readonly [code: string, name: string, feeder: string, subItem: PointWish['subItem'], kind: NonNullable<PointWish['load']>['kind'], dayKwh: number, place: string];
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

function planCommonLoads(plan: PlanBuilder): void {
  for (const [code, name, parent, subItem, kind, dayKwh, place] of commonLoads) {
    // Chillers stand behind current transformers 200/5; their registers count the secondary side.
    const transformer = code.startsWith('CH-') ? { multiplier: 40 } : {};
    plan.point({ code, name, place, parent, subItem, gateway: subItem === 'air-conditioning' ? 'G12' : 'G01', meter: 'feeder', load: { kind, dayConsumption: dayKwh * kWh }, powerMax: 2_500_000, ...transformer });
  }
}

interface Unit {
  readonly code: string;
  readonly floor: string;
  readonly name: string;
  readonly tenantClass: 'shop' | 'restaurant' | 'office' | 'flat' | 'workshop';
  readonly areaM2: number;
  readonly feeder: string;
  readonly gateway: string;
  readonly fromDay?: number;
  /** Wh of an ordinary day; default by area. */
  readonly dayConsumption?: number;
}

/** Alarm thresholds, yuan, about five and two days of a usual tenant of the class. */
const thresholds = { shop: [150, 60], restaurant: [800, 320], office: [200, 80], flat: [30, 12], workshop: [300, 120] } as const;

/** A room with one tenant, one meter and one account. */
function planUnit(plan: PlanBuilder, unit: Unit): void {
  const { code, tenantClass, areaM2 } = unit;
  plan.place({ code, parent: unit.floor, kind: 'room', name: `${code} ${unit.name}`, use: tenantClass, areaM2 });
  plan.tenant({ code: `T-${code}`, name: unit.name, tenantClass, phone: phoneOf(seed, seedOf(0, code)) });
  const dayConsumption = unit.dayConsumption ?? Math.round((areaM2 * whPerM2[tenantClass] * between(700, 1350, code, 3)) / 1000);
  plan.point({
    code, name: unit.name, place: code, gateway: unit.gateway, parent: unit.feeder, meter: 'three-phase', subItem: 'tenant', tenant: `T-${code}`, areaM2,
    ...(tenantClass === 'flat' ? { headcount: between(1, 4, code, 4) } : {}),
    load: { kind: tenantClass, dayConsumption, ...(unit.fromDay === undefined ? {} : { fromDay: unit.fromDay }) },
    ...(habitOf(code) === 'nearly-out' ? { pollIntervalSeconds: 30 } : {}),
  });
  const [alarm1, alarm2] = thresholds[tenantClass];
  plan.account({ tenant: `T-${code}`, habit: habitOf(code), alarm1, alarm2, scheme: tenantClass === 'flat' ? 'residential' : 'commercial' });
}

/** Per floor: shops, restaurants, workshops. */
const podiumUnits = { B1: [5, 14, 5], L1: [34, 4, 0], L2: [36, 2, 0], L3: [16, 14, 0] } as const;

function planPodium({ plan, named }: Plaza): void {
  planSupermarket(plan);
  for (const floor of podiumFloors) {
    const [shops, restaurants, workshops] = podiumUnits[floor];
    const total = shops + restaurants + workshops;
    const offset = floor === 'B1' ? 4 : 1;
    for (let index = 0; index < total; index += 1) {
      const code = `${floor}-${two(index + offset)}`;
      const tenantClass = index < shops ? 'shop' : index < shops + restaurants ? 'restaurant' : 'workshop';
      const name = tenantClass === 'shop' ? shopName((named.shops += 1)) : tenantClass === 'restaurant' ? restaurantName((named.restaurants += 1)) : workshopNames[index - shops - restaurants]!;
      const areaM2 = tenantClass === 'shop' ? between(45, 190, code, 5) : between(90, 330, code, 5);
      const north = index % 2 === 0;
      planUnit(plan, { code, floor, name, tenantClass, areaM2, ...podiumFeeder(floor, north) });
    }
  }
  planStalls(plan);
}

const workshopNames = ['Maker Studio 创客工坊', 'Clay and Kiln 陶艺工坊', 'Swift Repairs 快修坊', 'Print Corner 图文快印', 'Tailor Bench 裁缝坊'];

function podiumFeeder(floor: (typeof podiumFloors)[number], north: boolean): { readonly feeder: string; readonly gateway: string } {
  if (floor === 'B1') return { feeder: 'F-B1', gateway: 'G01' };
  if (floor === 'L1') return north ? { feeder: 'F-L1N', gateway: 'G02' } : { feeder: 'F-L1S', gateway: 'G03' };
  return { feeder: `F-${floor}${north ? 'N' : 'S'}`, gateway: floor === 'L2' ? 'G04' : 'G05' };
}

/** One tenant with three meters in one account. */
function planSupermarket(plan: PlanBuilder): void {
  plan.place({ code: 'B1-SUPER', parent: 'B1', kind: 'room', name: 'B1 Harvest Supermarket 丰禾超市', use: 'shop', areaM2: 2_350 });
  plan.tenant({ code: 'T-SUPER', name: 'Harvest Supermarket 丰禾超市', tenantClass: 'supermarket', phone: phoneOf(seed, 1) });
  const parts = [['B1-01', 'sales floor 卖场', 620, 1_500], ['B1-02', 'cold store 冷库', 560, 450], ['B1-03', 'bakery and kitchen 面包厨房', 410, 400]] as const;
  for (const [code, name, dayKwh, areaM2] of parts) {
    plan.point({ code, name: `Harvest Supermarket ${name}`, place: 'B1-SUPER', gateway: 'G01', parent: 'F-B1', meter: 'three-phase', subItem: 'tenant', tenant: 'T-SUPER', areaM2, load: { kind: 'supermarket', dayConsumption: dayKwh * kWh } });
  }
}

const stalls = ['Ice Cart 冰品车', 'Cold Lockers 冷链柜', 'Vending Row 自助售货', 'Charging Bar 充电吧', 'Photo Booth 照相亭', 'Juice Window 果汁窗口'];

/** Stalls in the atrium, rented by the hour and running day and night: they pay small money, often too late. */
function planStalls(plan: PlanBuilder): void {
  for (const [index, name] of stalls.entries()) {
    const code = `L1-P${index + 1}`;
    plan.place({ code, parent: 'L1', kind: 'room', name: `${code} ${name}`, use: 'shop', areaM2: 9 });
    plan.tenant({ code: `T-${code}`, name, tenantClass: 'stall', phone: phoneOf(seed, 900 + index) });
    plan.point({
      code, name, place: code, gateway: index % 2 === 0 ? 'G02' : 'G03', parent: index % 2 === 0 ? 'F-L1N' : 'F-L1S', meter: 'three-phase', subItem: 'tenant',
      tenant: `T-${code}`, areaM2: 9, load: { kind: 'server-room', dayConsumption: between(150, 230, code, 6) * kWh }, pollIntervalSeconds: 15,
    });
    plan.account({ tenant: `T-${code}`, habit: 'by-the-hour', alarm1: 1, alarm2: 0.5, scheme: 'commercial' });
  }
}

function planResidence({ plan, named }: Plaza): void {
  for (const [level, floor] of residenceFloors.entries()) {
    for (let flat = 1; flat <= 34; flat += 1) {
      const code = `${floor}-${two(flat)}`;
      planUnit(plan, {
        code, floor, name: residentName((named.residents += 1)), tenantClass: 'flat', areaM2: between(54, 132, code, 5),
        feeder: `F-${floor}`, gateway: `G${two(6 + level)}`,
      });
    }
  }
}

const hotelServices = [
  ['HS-KITCHEN', 'main kitchen 中央厨房', 640], ['HS-BANQUET', 'banquet hall 宴会厅', 380], ['HS-LAUNDRY', 'laundry 洗衣房', 460], ['HS-POOL', 'pool and spa 泳池水疗', 520],
  ['HS-LOBBY', 'lobby 大堂', 300], ['HS-GYM', 'gym 健身房', 150], ['HS-BAR', 'sky bar 空中酒吧', 190], ['HS-OFFICE', 'back office 行政后勤', 130],
] as const;

/** One tenant: two meters per guest floor and the services, and the hotel's water, in one account. */
function planHotel(plan: PlanBuilder): void {
  plan.tenant({ code: 'T-HOTEL', name: 'Hotel Lanting 澜庭酒店', tenantClass: 'hotel', phone: phoneOf(seed, 2) });
  const hotel = { gateway: 'G09', meter: 'three-phase', subItem: 'tenant', tenant: 'T-HOTEL' } as const;
  for (const floor of hotelFloors) {
    for (const [wing, name] of [['E', 'east wing 东翼'], ['W', 'west wing 西翼']] as const) {
      const code = `${floor}-${wing}`;
      plan.point({ ...hotel, code, name: `Hotel level ${Number(floor.slice(1))} ${name}`, place: floor, parent: 'F-HG', areaM2: 700, load: { kind: 'hotel-rooms', dayConsumption: between(105, 165, code, 7) * kWh } });
    }
  }
  for (const [code, name, dayKwh] of hotelServices) {
    plan.point({ ...hotel, code, name: `Hotel ${name}`, place: 'HOTEL', parent: 'F-HS', load: { kind: 'hotel-services', dayConsumption: dayKwh * kWh } });
  }
}

/** Companies that rent two or three rooms next to each other: first room → how many. */
const wideOffices: ReadonlyMap<string, number> = new Map([['O16-01', 2], ['O17-01', 3], ['O18-01', 3], ['O15-03', 2]]);

function planOffices({ plan, named }: Plaza): void {
  for (const [level, floor] of officeFloors.entries()) {
    const rooms = level < 8 ? 7 : 8;
    const feeder = `F-O${Math.floor(level / 3) + 1}`;
    const gateway = `G${10 + Math.floor(level / 4)}`;
    let companyRoom = '';
    let company = '';
    let follow = 0;
    for (let room = 1; room <= rooms; room += 1) {
      const code = `${floor}-${two(room)}`;
      if (follow === 0) {
        companyRoom = code;
        company = officeName((named.offices += 1));
        follow = wideOffices.get(code) ?? 1;
      }
      follow -= 1;
      const areaM2 = between(120, 240, code, 5);
      if (companyRoom === code && !wideOffices.has(code)) {
        // Some moved in a while ago only: before that the room stood empty.
        const fromDay = between(1, 100, code, 8) <= 7 ? { fromDay: 20_454 + between(0, 160, code, 9) } : {};
        planUnit(plan, { code, floor, name: company, tenantClass: 'office', areaM2, feeder, gateway, ...fromDay });
        continue;
      }
      if (companyRoom === code) plan.tenant({ code: `T-${code}`, name: company, tenantClass: 'office', phone: phoneOf(seed, seedOf(0, code)) });
      plan.place({ code, parent: floor, kind: 'room', name: `${code} ${company}`, use: 'office', areaM2 });
      const dayConsumption = Math.round((areaM2 * whPerM2.office * between(700, 1350, code, 3)) / 1000);
      plan.point({ code, name: company, place: code, gateway, parent: feeder, meter: 'three-phase', subItem: 'tenant', tenant: `T-${companyRoom}`, areaM2, load: { kind: 'office', dayConsumption } });
      if (follow === 0) plan.account({ tenant: `T-${companyRoom}`, habit: 'comfortable', alarm1: 500, alarm2: 200, scheme: 'commercial' });
    }
  }
}

type Zone = readonly [code: string, name: string, place: string, gateway: string, kind: NonNullable<PointWish['load']>['kind'], dayLitres: number, tenant?: string];
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

function planWater(plan: PlanBuilder): void {
  plan.point({ code: 'W-MAIN', name: 'Water main 总水表', place: 'SWITCHROOM', gateway: 'G01', parent: null, meter: 'water', role: 'supply', subItem: 'other', lossPermille: 26, powerMax: 600_000 });
  for (const [code, name, place, gateway, kind, dayLitres, tenant] of waterZones) {
    plan.point({
      code, name, place, gateway, parent: 'W-MAIN', meter: 'water', subItem: tenant === undefined ? 'other' : 'tenant',
      ...(tenant === undefined ? {} : { tenant }), load: { kind, dayConsumption: dayLitres },
    });
  }
  // Their accounts cover electricity and water, so they come last.
  plan.account({ tenant: 'T-SUPER', habit: 'comfortable', alarm1: 6_000, alarm2: 2_500, scheme: 'commercial' });
  plan.account({ tenant: 'T-HOTEL', habit: 'comfortable', alarm1: 20_000, alarm2: 8_000, scheme: 'commercial' });
}
