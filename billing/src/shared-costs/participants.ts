// SPDX-License-Identifier: Apache-2.0
/** Who takes part in a shared cost: rooms (or points that stand in none), and who had them on which days. Pure. */
import type { Medium, MeteringPointSnapshot, PlaceSnapshot } from '@wattledger/contracts';
import type { SharedCostTerms } from '@wattledger/contracts/http/billing';

export interface Unit {
  readonly unitId: string;
  readonly code: string;
  readonly name: string;
  /** m² × 10⁻⁴, so that areas with decimals stay whole numbers. */
  readonly area: number;
  readonly headcount: number;
  readonly points: readonly MeteringPointSnapshot[];
}

/** Rooms of everybody bear no share of what is everybody's. */
const ownUses: readonly string[] = ['common', 'plant'];
const areaScale = 10_000;
const wholeArea = (areaM2: number | null): number => Math.max(0, Math.round((areaM2 ?? 0) * areaScale));

/**
 * Units beneath the places named (none: all), by id. A room has its own area, else that of its points; headcounts stand
 * at the points. A tenant's point that stands in no room is a unit of its own.
 */
export function unitsOf(
  places: readonly PlaceSnapshot[],
  points: readonly MeteringPointSnapshot[],
  placeIds: readonly string[],
): readonly Unit[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  const within = (placeId: string | null): boolean =>
    placeIds.length === 0 || ancestors(byId, placeId).some((place) => placeIds.includes(place.id));
  const roomOf = (point: MeteringPointSnapshot): string | undefined =>
    ancestors(byId, point.placeId).find((place) => place.kind === 'room')?.id;
  const byRoom = Map.groupBy(points, roomOf);
  const rooms = places
    .filter((place) => place.kind === 'room' && !ownUses.includes(place.use ?? '') && within(place.id))
    .map((room) => unitOf(room, byRoom.get(room.id) ?? [], room.areaM2));
  const loose = (byRoom.get(undefined) ?? [])
    .filter((point) => point.role === 'sub' && point.subItem === 'tenant' && within(point.placeId))
    .map((point) => unitOf(point, [point], null));
  return [...rooms, ...loose].sort((a, b) => (a.unitId < b.unitId ? -1 : 1));
}

const unitOf = (
  { id, code, name }: { readonly id: string; readonly code: string; readonly name: string },
  points: readonly MeteringPointSnapshot[],
  areaM2: number | null,
): Unit => ({
  unitId: id,
  code,
  name,
  // Several meters of one room each know the whole room's area and heads.
  area: wholeArea(areaM2 ?? Math.max(0, ...points.map((point) => point.areaM2 ?? 0))),
  headcount: Math.max(0, ...points.map((point) => point.headcount ?? 0)),
  points,
});

/** The place and those above it. */
function ancestors(
  byId: ReadonlyMap<string, PlaceSnapshot>,
  placeId: string | null,
): readonly PlaceSnapshot[] {
  const found: PlaceSnapshot[] = [];
  for (let place = byId.get(placeId ?? ''); place !== undefined; place = byId.get(place.parentId ?? '')) {
    if (found.includes(place)) break;
    found.push(place);
  }
  return found;
}

/** A time in which an account pays for a point. */
export interface Tenure {
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly medium: Medium;
  readonly tenantClass: string | null;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

/**
 * Who has a unit on a day: the account that has it when the day ends, so that the day of moving in counts and the day of
 * moving out does not. Of several the one of the electricity meter, then the oldest.
 */
export function occupantOf(tenures: readonly Tenure[], dayEndMs: number): Tenure | null {
  const lastMs = dayEndMs - 1;
  const present = tenures.filter(
    ({ openedAtMs, closedAtMs }) => openedAtMs <= lastMs && (closedAtMs === null || closedAtMs > lastMs),
  );
  const rank = ({ medium, openedAtMs, accountId }: Tenure): string =>
    `${medium === 'electricity' ? 0 : 1} ${String(openedAtMs).padStart(16, '0')} ${accountId}`;
  return present.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0] ?? null;
}

export interface Share {
  readonly unit: Unit;
  /** Null: the owner. */
  readonly accountId: string | null;
  readonly days: number;
  readonly measure: number;
  readonly weight: bigint;
}

/** Keeps the owner's share of a unit apart from its tenants'. */
export const shareKey = (
  share: Pick<Share, 'accountId'> & { readonly unit: { readonly unitId: string } },
): string => `${share.unit.unitId} ${share.accountId ?? ''}`;

/** Consumption of a point in the month by account; null: under none. */
export type ConsumptionByAccount = ReadonlyMap<string, ReadonlyMap<string | null, number>>;

export interface Circumstances {
  readonly terms: SharedCostTerms;
  readonly units: readonly Unit[];
  readonly tenuresOfPoint: ReadonlyMap<string, readonly Tenure[]>;
  /** Where the days of the month end. */
  readonly dayEnds: readonly number[];
  readonly consumption: ConsumptionByAccount;
}

/** Shares by unit and account, in the order of units; a unit without tenant has the owner's share. */
export function sharesOf(circumstances: Circumstances): readonly Share[] {
  const { terms, units } = circumstances;
  const pays = (tenure: Tenure | null): string | null =>
    tenure !== null &&
    (terms.tenantClasses.length === 0 || terms.tenantClasses.includes(tenure.tenantClass ?? ''))
      ? tenure.accountId
      : null;
  return units.flatMap((unit) => {
    const tenures = unit.points.flatMap((point) => circumstances.tenuresOfPoint.get(point.id) ?? []);
    const days = new Map<string | null, number>();
    for (const dayEndMs of circumstances.dayEnds) {
      const accountId = pays(occupantOf(tenures, dayEndMs));
      days.set(accountId, (days.get(accountId) ?? 0) + 1);
    }
    return terms.key.kind === 'consumption'
      ? sharesByConsumption(unit, days, terms.key.medium, circumstances, tenures, pays)
      : sharesByMeasure(unit, days, measureOf(unit, terms));
  });
}

const sharesByMeasure = (
  unit: Unit,
  days: ReadonlyMap<string | null, number>,
  measure: number,
): readonly Share[] =>
  [...days].map(([accountId, count]) => ({
    unit,
    accountId,
    days: count,
    measure,
    weight: BigInt(measure) * BigInt(count),
  }));

/** Consumption knows its days by itself. What nobody who pays consumed is the owner's; what was given back counts nothing. */
function sharesByConsumption(
  unit: Unit,
  days: ReadonlyMap<string | null, number>,
  medium: Medium,
  { consumption }: Circumstances,
  tenures: readonly Tenure[],
  pays: (tenure: Tenure | null) => string | null,
): readonly Share[] {
  const sums = new Map<string | null, number>();
  for (const point of unit.points.filter((one) => one.medium === medium)) {
    for (const [accountId, amount] of consumption.get(point.id) ?? []) {
      const payer = pays(tenures.find((tenure) => tenure.accountId === accountId) ?? null);
      sums.set(payer, (sums.get(payer) ?? 0) + amount);
    }
  }
  return [...sums].map(([accountId, sum]) => {
    const measure = Math.max(0, sum);
    return { unit, accountId, days: days.get(accountId) ?? 0, measure, weight: BigInt(measure) };
  });
}

function measureOf(unit: Unit, { key }: SharedCostTerms): number {
  switch (key.kind) {
    case 'area':
      return unit.area;
    case 'headcount':
      return unit.headcount;
    case 'fixed':
      return key.shares.find((share) => share.unitId === unit.unitId)?.parts ?? 0;
    case 'equal':
    case 'consumption':
      return 1;
  }
}
