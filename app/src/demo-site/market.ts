// SPDX-License-Identifier: Apache-2.0
/** The second demo project: a small neighbourhood market, so that the group has more than one place to look at. */
import { drawBelow, seedOf, type LoadKind } from '@wattledger/ingest';
import { demoCalendar } from './demo-calendar.ts';
import { createPlanBuilder, type PlanBuilder } from './plan-builder.ts';
import type { SchemeKey, SitePlan } from './site-plan.ts';
import { phoneOf } from './tenant-names.ts';

export const marketCode = 'BQM';
const seed = seedOf(1_900, marketCode);

// prettier-ignore
const stalls: readonly (readonly [name: string, kind: LoadKind, dayKwh: number, meter: 'single-phase' | 'three-phase'])[] = [
  ['Old Zhou Vegetables 老周蔬菜', 'market-stall', 11, 'single-phase'], ['Taihu Fish 太湖水产', 'market-stall', 46, 'three-phase'],
  ['Jiangnan Pork 江南鲜肉', 'market-stall', 38, 'three-phase'], ['Sister Wu Tofu 吴姐豆腐', 'market-stall', 19, 'single-phase'],
  ['Green Basket 绿篮子', 'market-stall', 12, 'single-phase'], ['Crab Corner 蟹角', 'market-stall', 52, 'three-phase'],
  ['Grain and Oil 粮油铺', 'shop', 9, 'single-phase'], ['Spice Jar 香料罐', 'shop', 7, 'single-phase'],
  ['Steamed Buns Lin 林记包子', 'restaurant', 64, 'three-phase'], ['Wonton Window 馄饨窗口', 'restaurant', 48, 'three-phase'],
  ['Fruit Hill 果山', 'market-stall', 23, 'single-phase'], ['Egg Lady 蛋婆婆', 'market-stall', 6, 'single-phase'],
  ['Duck House 卤鸭屋', 'restaurant', 55, 'three-phase'], ['Household Goods 日杂', 'shop', 10, 'single-phase'],
  ['Key and Shoe 开锁修鞋', 'workshop', 8, 'single-phase'], ['Morning Congee 早粥', 'restaurant', 42, 'three-phase'],
];

const hall = { place: 'GROUND', gateway: 'G01', parent: 'M-HALL' } as const;

export function planMarket(): SitePlan {
  const plan = createPlanBuilder(
    {
      code: marketCode,
      name: 'Beiqiao Neighbourhood Market 北桥邻里集市',
      zone: 'Asia/Shanghai',
      currency: 'CNY',
      slotMinutes: 30,
      pollIntervalSeconds: 120,
      calendar: demoCalendar,
      areaM2: 1_900,
      address: '6 Beiqiao Lane, Xiangcheng, Suzhou, Jiangsu · 江苏省苏州市相城区北桥弄6号',
      latitude: 31.4688,
      longitude: 120.6104,
    },
    seed,
  );
  plan.gateway('G01', 'Meter cabinet');
  const whole = { use: 'shop', areaM2: 1_900 } as const;
  plan.place({ ...whole, code: 'HALL', parent: null, kind: 'building', name: 'Market hall 集市大厅' });
  plan.place({ ...whole, code: 'GROUND', parent: 'HALL', kind: 'floor', name: 'Ground floor 一层' });
  planCommon(plan);
  for (const index of stalls.keys()) planStall(plan, index);
  return plan.build();
}

/** The main meter above everything, what the hall itself takes, and its water. */
function planCommon(plan: PlanBuilder): void {
  plan.point({
    ...hall,
    code: 'M-HALL',
    name: 'Main meter 总表',
    parent: null,
    meter: 'feeder',
    role: 'supply',
    subItem: 'other',
    lossPermille: 17,
    load: { kind: 'small-unmetered', dayConsumption: 3_000 },
    powerMax: 400_000,
    pollIntervalSeconds: 30,
  });
  const lighting = { kind: 'interior-lighting', dayConsumption: 64_000 } as const;
  const cooling = { kind: 'server-room', dayConsumption: 88_000 } as const;
  const common = { ...hall, meter: 'feeder', powerMax: 60_000 } as const;
  plan.point({
    ...common,
    code: 'LIGHT',
    name: 'Hall lighting 大厅照明',
    subItem: 'lighting',
    load: lighting,
  });
  plan.point({ ...common, code: 'COLD', name: 'Cold room 冷藏间', subItem: 'special', load: cooling });
  plan.point({
    ...hall,
    code: 'W-HALL',
    name: 'Water hall 集市用水',
    parent: null,
    meter: 'water',
    role: 'supply',
    subItem: 'other',
    load: { kind: 'restaurant-water', dayConsumption: 9_500 },
  });
}

/** The workshop pays by what it draws at most, the grocer by tiers: one of each kind of price. */
const schemeOf = (kind: LoadKind, index: number): SchemeKey =>
  kind === 'workshop' ? 'demand' : index === 6 ? 'residential-tiers' : 'commercial';

function planStall(plan: PlanBuilder, index: number): void {
  const stall = stalls[index];
  if (stall === undefined) throw new RangeError(`the market has no stall ${index}`);
  const [name, kind, dayKwh, meter] = stall;
  const code = `S${String(index + 1).padStart(2, '0')}`;
  const tenant = `T-${code}`;
  const areaM2 = 12 + drawBelow(40, seed, index, 3);
  const load = { kind, dayConsumption: dayKwh * 1000 };
  plan.place({ code, parent: 'GROUND', kind: 'room', name: `${code} ${name}`, use: 'shop', areaM2 });
  plan.tenant({ code: tenant, name, tenantClass: 'stall', phone: phoneOf(seed, index) });
  plan.point({ ...hall, code, name, place: code, meter, subItem: 'tenant', tenant, areaM2, load });
  const habit = index === 5 ? 'low-1' : index === 10 ? 'low-2' : 'comfortable';
  plan.account({ tenant, habit, alarm1: dayKwh * 4, alarm2: dayKwh * 1.5, scheme: schemeOf(kind, index) });
}
