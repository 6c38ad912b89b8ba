// SPDX-License-Identifier: Apache-2.0
/** The sheet of a month: the pot with its working, and every line with its own. The same facts give the same sheet. */
import { boundsOfLocalDay, divideRounded, slotLengthMs, type ProjectSnapshot } from '@wattledger/contracts';
import type {
  SharedCostPot,
  SharedCostPotResult,
  SharedCostSheet,
  SharedCostVersion,
} from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { BillingParts } from '../parts.ts';
import { allocatePot } from './allocate-pot.ts';
import { extentsOf, loadComparison, loadConsumption, loadTenures } from './measured-pot-store.ts';
import { shareKey, sharesOf, unitsOf, type Share, type Tenure } from './participants.ts';
import { loadBilled } from './runs-store.ts';
import { invoiceMissing, pointMissing } from './shared-costs-errors.ts';

export interface MonthSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly fromDay: string;
  readonly toDay: string;
  readonly dayEnds: readonly number[];
}

export function monthSpan(zone: string, month: string): MonthSpan {
  const days: string[] = [];
  const day = new Date(`${month}-01T12:00:00Z`);
  while (day.toJSON().startsWith(month)) {
    days.push(day.toJSON().slice(0, 10));
    day.setUTCDate(day.getUTCDate() + 1);
  }
  const bounds = days.map((one) => boundsOfLocalDay(zone, one));
  return {
    startMs: bounds[0]?.startMs ?? 0,
    endMs: bounds.at(-1)?.endMs ?? 0,
    fromDay: days[0] ?? '',
    toDay: days.at(-1) ?? '',
    dayEnds: bounds.map(({ endMs }) => endMs),
  };
}

export interface SheetQuestion {
  readonly ruleId: string;
  readonly version: SharedCostVersion;
  readonly versions: readonly SharedCostVersion[];
  readonly month: string;
  readonly invoiceMicros: number | undefined;
}

export async function makeSheet(
  parts: BillingParts,
  queryable: Queryable,
  project: ProjectSnapshot,
  question: SheetQuestion,
): Promise<SharedCostSheet> {
  const { ruleId, version, month } = question;
  const { terms } = version;
  const span = monthSpan(project.zone, month);
  const pot = await potOf(parts, queryable, project, question);
  const shares = await loadShares(parts, queryable, project, version, span);
  const weights = shares.reduce((sum, share) => sum + share.weight, 0n);
  const amounts = allocatePot(
    pot.totalMicros,
    shares.map((share) => ({ key: shareKey(share), weight: share.weight })),
  );
  const lines = shares.map((share) => lineOf(share, amounts.get(shareKey(share)) ?? 0, terms.taxPpm));
  // Nobody has any measure: the owner bears it, and the table says so.
  if (weights === 0n && pot.totalMicros > 0) lines.push(ownerLine(pot.totalMicros));
  const sum = (of: (line: (typeof lines)[number]) => number): number =>
    lines.reduce((total, line) => total + of(line), 0);
  return {
    ruleId,
    versionId: version.versionId,
    month,
    key: terms.key.kind,
    currency: project.currency,
    pot,
    weights: String(weights),
    lines: lines.map(({ tenantId, ...line }) => ({
      ...line,
      tenantName: tenantId === null ? null : (parts.registry.get('tenant', tenantId)?.name ?? tenantId),
    })),
    chargedMicros: sum((line) => (line.accountId === null ? 0 : line.amountMicros)),
    ownerMicros: sum((line) => (line.accountId === null ? line.amountMicros : 0)),
    taxMicros: sum((line) => line.taxMicros),
    run: null,
  };
}

type ShareOfTenant = Share & { readonly tenantId: string | null };

const lineOf = (share: ShareOfTenant, amountMicros: number, taxPpm: number) => ({
  unitId: share.unit.unitId,
  unitCode: share.unit.code,
  unitName: share.unit.name,
  accountId: share.accountId,
  tenantId: share.tenantId,
  days: share.days,
  measure: share.measure,
  weight: String(share.weight),
  amountMicros,
  taxMicros:
    share.accountId === null ? 0 : Number(divideRounded(BigInt(amountMicros) * BigInt(taxPpm), 1_000_000n)),
});

const ownerLine = (amountMicros: number): ReturnType<typeof lineOf> => ({
  unitId: 'owner',
  unitCode: '',
  unitName: '',
  accountId: null,
  tenantId: null,
  days: 0,
  measure: 0,
  weight: '0',
  amountMicros,
  taxMicros: 0,
});

async function loadShares(
  parts: BillingParts,
  queryable: Queryable,
  project: ProjectSnapshot,
  { terms }: SharedCostVersion,
  span: MonthSpan,
): Promise<readonly ShareOfTenant[]> {
  const { registry } = parts;
  const points = registry.all('metering-point', project.id);
  const units = unitsOf(registry.all('place', project.id), points, terms.placeIds);
  const pointIds = units.flatMap((unit) => unit.points.map((point) => point.id));
  const loaded = await loadTenures(queryable, pointIds, span);
  const tenures = loaded.map((tenure): Tenure => ({
    ...tenure,
    tenantClass: registry.get('tenant', tenure.tenantId)?.tenantClass ?? null,
  }));
  const consumption =
    terms.key.kind === 'consumption' ? await loadConsumption(queryable, pointIds, span) : new Map();
  const tenantOf = new Map(loaded.map((tenure) => [tenure.accountId, tenure.tenantId]));
  const shares = sharesOf({
    terms,
    units,
    tenuresOfPoint: Map.groupBy(tenures, (tenure) => tenure.meteringPointId),
    dayEnds: span.dayEnds,
    consumption,
  });
  return shares.map((share) => ({ ...share, tenantId: tenantOf.get(share.accountId ?? '') ?? null }));
}

/** The month's own pot, and what late energy changed in the pots of months that were posted before. */
async function potOf(
  parts: BillingParts,
  queryable: Queryable,
  project: ProjectSnapshot,
  question: SheetQuestion,
): Promise<SharedCostPotResult> {
  const { pot } = question.version.terms;
  const { month } = question;
  if (pot.kind === 'invoice' && question.invoiceMicros === undefined) throw invoiceMissing();
  const measured = pot.kind === 'measured' ? await measure(parts, queryable, project, pot, month) : null;
  const ownMicros =
    measured !== null
      ? amountOf(measured)
      : pot.kind === 'month'
        ? pot.amountMicros
        : (question.invoiceMicros ?? 0);
  const differences = await differencesOf(parts, queryable, project, question);
  const { carried, totalMicros } = takeAlong(ownMicros, differences);
  return { ownMicros, carried: [...carried], totalMicros, measured };
}

type Measured = NonNullable<SharedCostPotResult['measured']>;

/** More measured beneath a meter than by it is no cost. */
const amountOf = ({ consumption, rateMicrosPerUnit }: Measured): number =>
  Number(divideRounded(BigInt(Math.max(0, consumption)) * BigInt(rateMicrosPerUnit), 1000n));

async function measure(
  parts: BillingParts,
  queryable: Queryable,
  project: ProjectSnapshot,
  pot: Extract<SharedCostPot, { kind: 'measured' }>,
  month: string,
): Promise<Measured> {
  const main = parts.registry.get('metering-point', pot.mainPointId);
  if (main?.projectId !== project.id) throw pointMissing(pot.mainPointId);
  const span = monthSpan(project.zone, month);
  const extents = extentsOf(main, parts.registry.all('metering-point', project.id), pot.less, span);
  const { consumption, slotsCompared } = await loadComparison(queryable, extents, span);
  const slots = Math.round((span.endMs - span.startMs) / slotLengthMs(project.slotMinutes));
  return {
    mainPointId: main.id,
    subPoints: new Set(extents.map((extent) => extent.pointId)).size - 1,
    consumption,
    priceName: pot.priceName,
    rateMicrosPerUnit: pot.rateMicrosPerUnit,
    slots,
    slotsMissing: Math.max(0, slots - slotsCompared),
  };
}

interface Difference {
  readonly month: string;
  readonly wasMicros: number;
  readonly nowMicros: number;
}

async function differencesOf(
  parts: BillingParts,
  queryable: Queryable,
  project: ProjectSnapshot,
  { ruleId, versions, month }: SheetQuestion,
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const { month: earlier, versionId, billedMicros } of await loadBilled(queryable, ruleId)) {
    const pot = versions.find((version) => version.versionId === versionId)?.terms.pot;
    if (pot?.kind !== 'measured' || earlier >= month) continue;
    const nowMicros = amountOf(await measure(parts, queryable, project, pot, earlier));
    if (nowMicros !== billedMicros) differences.push({ month: earlier, wasMicros: billedMicros, nowMicros });
  }
  return differences.sort((a, b) => (a.month < b.month ? -1 : 1));
}

/** Takes differences along, oldest first; what would make the pot negative waits for the next run. */
export function takeAlong(
  ownMicros: number,
  differences: readonly Difference[],
): Pick<SharedCostPotResult, 'carried' | 'totalMicros'> {
  const more = differences.reduce(
    (sum, { wasMicros, nowMicros }) => sum + Math.max(0, nowMicros - wasMicros),
    0,
  );
  let totalMicros = ownMicros + more;
  const carried = differences.map((difference) => {
    const change = difference.nowMicros - difference.wasMicros;
    const carriedMicros = change >= 0 ? change : Math.max(change, -totalMicros);
    if (carriedMicros < 0) totalMicros += carriedMicros;
    return { ...difference, carriedMicros };
  });
  return { carried, totalMicros };
}
