// SPDX-License-Identifier: Apache-2.0
/** A small site for billing's tests: real parts, a project, points with meters, schemes, accounts. */
import {
  topics,
  type Medium,
  type MeteringPointSnapshot,
  type ProjectSnapshot,
  type RegistrySnapshot,
} from '@wattledger/contracts';
import {
  plainTerms,
  type PriceTerms,
  type ProtectedSpan,
  type Rates,
  type SupplyPolicy,
} from '@wattledger/contracts/http/billing';
import { startTestParts, type TestParts } from '@wattledger/platform/testing';
import { createBillingService, type BillingOptions, type BillingService } from '../billing-service.ts';
import type { Who } from '../ledger/posting.ts';
import { peakCalendar, projectId } from './messages.ts';

export const hourMs = 3_600_000;
export const drafter: Who = { id: 'stf_drafter', name: 'Drafter' };
export const approver: Who = { id: 'stf_approver', name: 'Approver' };
export const cashier: Who = { id: 'stf_cashier', name: 'Cashier' };

export const peakRates: Rates = { peak: 1_200_333, valley: 400_777 };

export function projectSnapshot(changes: Partial<ProjectSnapshot> = {}): ProjectSnapshot {
  return {
    id: projectId,
    code: 'TEST',
    name: 'Test site',
    zone: 'Europe/Berlin',
    currency: 'EUR',
    slotMinutes: 30,
    pollIntervalSeconds: 1800,
    calendar: peakCalendar,
    areaM2: null,
    address: null,
    latitude: null,
    longitude: null,
    ...changes,
  };
}

export function pointSnapshot(
  id: string,
  medium: Medium = 'electricity',
  changes: Partial<MeteringPointSnapshot> = {},
): MeteringPointSnapshot {
  return {
    id,
    projectId,
    code: id.toUpperCase(),
    name: `Point ${id}`,
    medium,
    role: 'sub',
    subItem: 'tenant',
    placeId: null,
    tenantId: null,
    areaM2: null,
    headcount: null,
    parentLinks: [],
    mountings: [{ segmentId: `seg_${id}`, meterId: `mtr_${id}`, register: 'total', fromMs: 0, toMs: null }],
    ...changes,
  };
}

export interface TestSite {
  readonly parts: TestParts;
  readonly billing: BillingService;
  /** Tells the registry's news and waits until billing knows. */
  tell(snapshots: readonly RegistrySnapshot[]): Promise<void>;
  stop(): Promise<void>;
}

export interface TestSiteOptions {
  readonly name: string;
  readonly nowMs?: number;
  readonly project?: Partial<ProjectSnapshot>;
  readonly points?: readonly MeteringPointSnapshot[];
  readonly tenants?: number;
  readonly partitionCountOf?: (topicName: string) => number;
  /** The workers run by themselves; else the test says when, by `billing.settle()`. */
  readonly works?: boolean;
  readonly securityModule?: BillingOptions['securityModule'];
  readonly payments?: NonNullable<BillingOptions['payments']>;
}

export const tenantId = (index = 0): string => `tnt_${index}`;

export async function startTestSite(options: TestSiteOptions): Promise<TestSite> {
  const parts = await startTestParts({
    name: options.name,
    ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }),
    ...(options.partitionCountOf === undefined ? {} : { partitionCountOf: options.partitionCountOf }),
  });
  const billing = createBillingService(parts, {
    supplyEveryMs: 50,
    works: options.works ?? false,
    ...(options.payments === undefined ? {} : { payments: options.payments }),
    ...(options.securityModule === undefined ? {} : { securityModule: options.securityModule }),
  });
  await billing.migrate();
  const tell = async (snapshots: readonly RegistrySnapshot[]): Promise<void> => {
    const records = snapshots.map((value) => ({ key: `${value.entity}/${value.id}`, value }));
    await parts.eventLog.append(topics.registrySnapshots, records);
    await billing.whenRegistryKnown();
  };
  await billing.start();
  await tell([
    { entity: 'project', id: projectId, projectId, snapshot: projectSnapshot(options.project) },
    ...(options.points ?? [pointSnapshot('pnt_a')]).flatMap(pointAndMeter),
    ...Array.from({ length: options.tenants ?? 1 }, (_, index) => tenantSnapshot(index)),
  ]);
  return {
    parts,
    billing,
    tell,
    stop: async () => {
      await billing.stop();
      await parts.stop();
    },
  };
}

export const tenantSnapshot = (
  index: number,
  ofProject = projectId,
  id = tenantId(index),
): RegistrySnapshot => ({
  entity: 'tenant',
  id,
  projectId: ofProject,
  snapshot: {
    id,
    projectId: ofProject,
    code: `T${index}`,
    name: `Tenant ${index}`,
    tenantClass: 'shop',
    phone: null,
    email: null,
  },
});

export function pointAndMeter(point: MeteringPointSnapshot): readonly RegistrySnapshot[] {
  const meters = point.mountings.map(({ meterId }): RegistrySnapshot => ({
    entity: 'meter',
    id: meterId,
    projectId: point.projectId,
    snapshot: {
      id: meterId,
      projectId: point.projectId,
      serial: meterId.toUpperCase(),
      modelId: 'acrel-dtsy1352',
      gatewayId: null,
      unitId: 1,
      lineAddress: null,
      pollIntervalSeconds: null,
      switchable: point.medium === 'electricity',
      enabled: true,
    },
  }));
  return [...meters, { entity: 'metering-point', id: point.id, projectId: point.projectId, snapshot: point }];
}

/** Prices in force from an instant: drafted, submitted, approved by another. Answers scheme and version ids. */
export async function setPrices(
  billing: BillingService,
  options: {
    readonly medium?: Medium;
    readonly name?: string;
    readonly fromMs: number;
    readonly rates: Rates;
    readonly terms?: PriceTerms;
    readonly priceSchemeId?: string;
  },
): Promise<{ readonly priceSchemeId: string; readonly priceVersionId: string }> {
  const { medium = 'electricity', name = `Prices ${medium}` } = options;
  const priceSchemeId =
    options.priceSchemeId ??
    (await billing.prices.createScheme(projectId, { name, medium }, drafter)).priceSchemeId;
  const draft = { effectiveFromMs: options.fromMs, rates: options.rates, terms: options.terms ?? plainTerms };
  const { priceVersionId } = await billing.prices.draftVersion(projectId, priceSchemeId, draft, drafter);
  await billing.prices.submit(projectId, priceSchemeId, priceVersionId, drafter);
  await approvePrices(billing, { projectId, priceSchemeId, priceVersionId });
  return { priceSchemeId, priceVersionId };
}

export const finance: Who = { id: 'stf_finance', name: 'Finance' };

/** Approves a submitted version, and where it is of a past that has been charged, the list of its differences; repeated, it goes on. */
export async function approvePrices(
  billing: BillingService,
  ids: { readonly projectId: string; readonly priceSchemeId: string; readonly priceVersionId: string },
): Promise<void> {
  const { projectId: project, priceSchemeId, priceVersionId } = ids;
  const { versions } = await billing.prices.get(project, priceSchemeId);
  let state = versions.find((version) => version.priceVersionId === priceVersionId)?.state;
  if (state === 'submitted')
    ({ state } = await billing.prices.approve(project, priceSchemeId, priceVersionId, approver));
  if (state !== 'listed') return;
  while (await billing.replays.step());
  await billing.lists.approve(ids, finance);
}

export interface OpenOptions {
  readonly priceSchemeId: string;
  readonly points?: readonly string[];
  readonly openedAtMs: number;
  readonly tenant?: number;
  readonly firstVendMicros?: number;
  readonly protectedSupply?: boolean;
  readonly requestId?: string;
}

export async function openAccount(billing: BillingService, options: OpenOptions): Promise<string> {
  const points = options.points ?? ['pnt_a'];
  const [accountId] = await billing.accounts.open(
    projectId,
    [
      {
        requestId: options.requestId ?? `open-${points.join('-')}-${options.openedAtMs}`,
        tenantId: tenantId(options.tenant ?? 0),
        points: points.map((meteringPointId) => ({ meteringPointId, priceSchemeId: options.priceSchemeId })),
        openedAtMs: options.openedAtMs,
        alarm1Micros: 20_000_000,
        alarm2Micros: 5_000_000,
        protectedSupply: options.protectedSupply ?? false,
        firstVend:
          options.firstVendMicros === undefined
            ? undefined
            : { amountMicros: options.firstVendMicros, means: 'cash' },
      },
    ],
    cashier,
  );
  return accountId as string;
}

export const openPolicy: SupplyPolicy = {
  automatic: true,
  disconnectThresholdMicros: 0,
  graceMinutes: 0,
  freshnessLimitMinutes: 90,
  unchargedLimitMinutes: 10,
  calendarIds: [],
  relayAlarmMinutes: 10,
};

/** Adds a calendar of protected hours for everybody; answers its id, for a policy to point to. */
export async function addProtectedHours(
  billing: BillingService,
  spans: readonly ProtectedSpan[],
): Promise<string> {
  const times = { spans: [...spans], days: [], fromDay: null, toDay: null };
  const calendar = { name: 'Protected hours', ...times, tenantClasses: [], accountIds: [] };
  return (await billing.supply.addCalendar(projectId, calendar, cashier)).calendarId;
}

/** Every check that fails, with its detail. */
export async function failingChecks(billing: BillingService): Promise<readonly string[]> {
  const failing: string[] = [];
  for (const check of billing.doctorChecks) {
    // The warehouse belongs to the stream, which does not run here.
    if (check.name.includes('warehouse')) continue;
    const { ok, detail } = await check.check();
    if (!ok) failing.push(`${check.name}: ${detail}`);
  }
  return failing;
}
