// SPDX-License-Identifier: Apache-2.0
/** Puts a site plan together: unit ids on each gateway, serials, registers, tenants with their points. */
import { drawBelow, seedOf, type LoadKind } from '@wattledger/ingest';
import type {
  Habit,
  PlannedAccount,
  PlannedGateway,
  PlannedPlace,
  PlannedPoint,
  PlannedProject,
  PlannedTenant,
  SchemeKey,
  SitePlan,
} from './site-plan.ts';

/** What a builder is told of a metering point; the rest follows from the kind of meter. */
export interface PointWish {
  readonly code: string;
  readonly name: string;
  readonly place: string;
  readonly gateway: string;
  readonly parent: string | null;
  readonly meter: 'three-phase' | 'single-phase' | 'feeder' | 'water';
  readonly role?: PlannedPoint['role'];
  readonly subItem: PlannedPoint['subItem'];
  readonly tenant?: string;
  readonly areaM2?: number;
  readonly headcount?: number;
  readonly load?: { readonly kind: LoadKind; readonly dayConsumption: number; readonly fromDay?: number };
  readonly lossPermille?: number;
  readonly multiplier?: number;
  readonly pollIntervalSeconds?: number;
  /** W or l/h; default by the kind of meter. */
  readonly powerMax?: number;
}

export interface PlanBuilder {
  place(place: Omit<PlannedPlace, 'sortOrder'>): string;
  gateway(code: string, name: string): string;
  tenant(tenant: PlannedTenant): string;
  point(wish: PointWish): string;
  /** An account of a tenant over all its points. */
  account(account: {
    readonly tenant: string;
    readonly habit: Habit;
    readonly alarm1: number;
    readonly alarm2: number;
    readonly scheme: SchemeKey;
  }): void;
  build(): SitePlan;
}

interface MeterKind {
  readonly modelId: string;
  readonly register: string;
  readonly registerMax: number | null;
  readonly powerMax: number;
  readonly switchable: boolean;
  readonly medium: 'electricity' | 'water';
}
/** 4,294,967,295 counts: the whole width of a 32-bit register (see the register maps). */
const wholeU32 = 4_294_967_295;
// prettier-ignore
const meterKinds: Readonly<Record<PointWish['meter'], MeterKind>> = {
  // 3 × 100 A at 230 V is 69 kW; a step beyond 90 kW cannot have happened.
  'three-phase': { modelId: 'acrel-dtsy1352', register: 'energy.active.total', registerMax: wholeU32, powerMax: 90_000, switchable: true, medium: 'electricity' },
  'single-phase': { modelId: 'acrel-ddsy1352', register: 'energy.active.total', registerMax: wholeU32, powerMax: 20_000, switchable: true, medium: 'electricity' },
  // Floats do not roll over.
  feeder: { modelId: 'eastron-sdm630', register: 'energy.import.total', registerMax: null, powerMax: 8_000_000, switchable: false, medium: 'electricity' },
  water: { modelId: 'xintai-water', register: 'volume.forward', registerMax: null, powerMax: 200_000, switchable: true, medium: 'water' },
};

const micros = 1_000_000;

export function createPlanBuilder(project: PlannedProject, seed: number): PlanBuilder {
  const places: PlannedPlace[] = [];
  const gateways: PlannedGateway[] = [];
  const tenants: PlannedTenant[] = [];
  const points: PlannedPoint[] = [];
  const accounts: PlannedAccount[] = [];
  const unitsOf = new Map<string, number>();

  return {
    place(place) {
      places.push({ ...place, sortOrder: places.length });
      return place.code;
    },
    gateway(code, name) {
      gateways.push({ code, name });
      return code;
    },
    tenant(tenant) {
      tenants.push(tenant);
      return tenant.code;
    },
    point(wish) {
      const kind = meterKinds[wish.meter];
      const unitId = (unitsOf.get(wish.gateway) ?? 0) + 1;
      unitsOf.set(wish.gateway, unitId);
      const pointSeed = seedOf(seed, wish.code);
      points.push({
        code: wish.code,
        name: wish.name,
        medium: kind.medium,
        role: wish.role ?? 'sub',
        subItem: wish.subItem,
        place: wish.place,
        tenant: wish.tenant ?? null,
        areaM2: wish.areaM2 ?? null,
        headcount: wish.headcount ?? null,
        parent: wish.parent,
        serial: `${project.code}${String(10_001 + points.length)}`,
        modelId: kind.modelId,
        gateway: wish.gateway,
        unitId,
        // Water is not cut off in this house, though the meters have valves.
        switchable: kind.switchable && kind.medium === 'electricity',
        pollIntervalSeconds: wish.pollIntervalSeconds ?? null,
        multiplier: { numerator: wish.multiplier ?? 1, denominator: 1 },
        register: kind.register,
        registerMax: kind.registerMax,
        powerMax: wish.powerMax ?? kind.powerMax,
        load: wish.load === undefined ? null : { ...wish.load, seed: pointSeed },
        lossPermille: wish.lossPermille ?? 0,
        registerAtStart:
          drawBelow(60_000, pointSeed, 17, 0) * (kind.medium === 'water' ? 40 : 1_000) +
          drawBelow(1_000, pointSeed, 18, 0),
      });
      return wish.code;
    },
    account({ tenant, habit, alarm1, alarm2, scheme }) {
      const own = points.filter((point) => point.tenant === tenant);
      accounts.push({
        tenant,
        habit,
        points: own.map((point) => ({
          point: point.code,
          scheme: point.medium === 'water' ? 'water' : scheme,
        })),
        alarm1Micros: Math.round(alarm1 * micros),
        alarm2Micros: Math.round(alarm2 * micros),
        protectedSupply: false,
      });
    },
    build: () => ({ project, places, tenants, gateways, points, accounts }),
  };
}
