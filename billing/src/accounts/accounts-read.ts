// SPDX-License-Identifier: Apache-2.0
/** Reads for the screens: rows of accounts with everything the wall shows, and the detail of one. */
import { qualityOf, type Medium, type RelayState } from '@wattledger/contracts';
import type {
  AccountDetail,
  AccountPoint,
  AccountRow,
  AccountSupply,
  BalanceStage,
  DesiredRelay,
  SupplyMeter,
  SupplyMode,
  UnpricedReason,
} from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import { reportedRelaySql } from '../balance/follow-balances.ts';
import { daysLeft, daysLeftRange } from '../balance/days-left.ts';
import { loadMeasuredDays } from '../balance/measured-days-store.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import type { MountedMeter, MountedMeters } from '../supply/mounted-meters.ts';
import { accountSumsSql } from './account-sums.ts';
import { presentTimeSql } from './accounts-store.ts';

export interface AccountFilter {
  readonly projectId: string;
  readonly accountId?: string | undefined;
  readonly state: 'open' | 'closed' | 'all';
  readonly stage?: BalanceStage | undefined;
  readonly tenantIds?: readonly string[] | undefined;
  readonly meteringPointId?: string | undefined;
  /** Account ids greater than this. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface AccountSqlRow {
  readonly account_id: string;
  readonly tenant_id: string;
  readonly state: 'open' | 'closed';
  readonly opened_at_ms: number;
  readonly closed_at_ms: number | null;
  readonly stage: BalanceStage;
  readonly protected_supply: boolean;
  readonly balance_micros: number;
  readonly mode: SupplyMode;
  readonly forced_by_id: string | null;
  readonly forced_by_name: string | null;
  readonly forced_reason: string | null;
  readonly desired: DesiredRelay;
  readonly below_since_ms: number | null;
  readonly reported: RelayState;
}

const whereSql = `
   WHERE account.project_id = $1
     AND ($2::text IS NULL OR account.account_id = $2)
     AND ($3 = 'all' OR account.state = $3)
     AND ($4::text IS NULL OR account.stage = $4)
     AND ($5::text[] IS NULL OR account.tenant_id = ANY ($5))
     AND ($6::text IS NULL OR EXISTS (
           SELECT FROM billing.account_points AS point
            WHERE point.account_id = account.account_id AND point.metering_point_id = $6))`;

const accountsSql = `
  SELECT account.account_id, account.tenant_id, account.state, account.opened_at_ms, account.closed_at_ms, account.stage,
         account.protected_supply, coalesce(ledger.balance_micros, 0) AS balance_micros, supply.mode, supply.forced_by_id,
         supply.forced_by_name, supply.forced_reason, supply.desired, supply.below_since_ms,
         (SELECT ${reportedRelaySql} FROM billing.supply_meters AS meter WHERE meter.account_id = account.account_id) AS reported
    FROM billing.accounts AS account
    JOIN billing.supply_states AS supply ON supply.account_id = account.account_id
    LEFT JOIN billing.ledger_accounts AS ledger
      ON ledger.project_id = account.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = account.account_id
  ${whereSql} AND ($7::text IS NULL OR account.account_id > $7)
   ORDER BY account.account_id
   LIMIT $8`;

const whereParameters = (filter: AccountFilter): readonly unknown[] => [
  filter.projectId,
  filter.accountId ?? null,
  filter.state,
  filter.stage ?? null,
  filter.tenantIds ?? null,
  filter.meteringPointId ?? null,
];

export async function countAccounts(queryable: Queryable, filter: AccountFilter): Promise<number> {
  const { rows } = await queryable.query<{ accounts: number }>(
    `SELECT count(*) AS accounts FROM billing.accounts AS account ${whereSql}`,
    whereParameters(filter),
  );
  return rows[0]?.accounts ?? 0;
}

interface PointSqlRow {
  readonly account_id: string;
  readonly metering_point_id: string;
  readonly medium: Medium;
  readonly price_scheme_id: string;
  readonly scheme_name: string;
  readonly contracted_demand_w: number | null;
  readonly last_reading_ms: number | null;
  readonly last_reading_quality: number | null;
}

async function loadPoints(
  queryable: Queryable,
  accountIds: readonly string[],
): Promise<readonly PointSqlRow[]> {
  const { rows } = await queryable.query<PointSqlRow>(
    `SELECT span.account_id, span.metering_point_id, span.medium, span.price_scheme_id, scheme.name AS scheme_name,
            span.contracted_demand_w, point.last_reading_ms, point.last_reading_quality
       FROM billing.account_points AS span
       JOIN billing.accounts AS account ON account.account_id = span.account_id
       JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = span.price_scheme_id
       LEFT JOIN billing.points AS point ON point.metering_point_id = span.metering_point_id
      WHERE span.account_id = ANY ($1::text[]) AND ${presentTimeSql}
      ORDER BY span.account_id, span.medium, span.metering_point_id`,
    [accountIds],
  );
  return rows;
}

interface RelaySqlRow {
  readonly meter_id: string;
  readonly desired: DesiredRelay | null;
  readonly reported: RelayState;
  readonly reported_at_ms: number | null;
  readonly command_done: boolean;
  readonly command_expires_at_ms: number | null;
  readonly held_by: string[];
}

async function loadRelayRows(
  queryable: Queryable,
  meterIds: readonly string[],
): Promise<ReadonlyMap<string, RelaySqlRow>> {
  const { rows } = await queryable.query<RelaySqlRow>(
    `SELECT meter.meter_id, meter.desired, meter.reported, meter.reported_at_ms, meter.command_done,
            meter.command_expires_at_ms, meter.held_by
       FROM billing.supply_meters AS meter
      WHERE meter.meter_id = ANY ($1::text[])`,
    [meterIds],
  );
  return new Map(rows.map((row) => [row.meter_id, row]));
}

/** Rows in account id order; five statements whatever their number. */
export async function loadAccountRows(
  parts: BillingParts,
  mounted: MountedMeters,
  filter: AccountFilter,
): Promise<readonly AccountRow[]> {
  const { database, clock, registry } = parts;
  const nowMs = clock.nowMs();
  const project = projectOf(parts, filter.projectId);
  const { rows } = await database.query<AccountSqlRow>(accountsSql, [
    ...whereParameters(filter),
    filter.after ?? null,
    filter.limit,
  ]);
  const ids = rows.map((row) => row.account_id);
  const range = daysLeftRange(dayInProject(project, nowMs));
  const [points, measured] = await Promise.all([
    loadPoints(database, ids),
    loadMeasuredDays(database, ids, range),
  ]);
  const pointsOf = Map.groupBy(points, (row) => row.account_id);
  const metersOf = new Map<PointSqlRow, readonly MountedMeter[]>();
  for (const own of pointsOf.values()) {
    const ownIds = own.map((row) => row.metering_point_id);
    for (const row of own) metersOf.set(row, mounted.atPoint(row.metering_point_id, ownIds, nowMs));
  }
  const meterIds = [...metersOf.values()].flatMap((meters) => meters.map((meter) => meter.meterId));
  const relays = await loadRelayRows(database, meterIds);
  return rows.map((row) => {
    const tenant = registry.get('tenant', row.tenant_id);
    const left = daysLeft(row.balance_micros, measured.get(row.account_id) ?? []);
    return {
      accountId: row.account_id,
      state: row.state,
      tenantId: row.tenant_id,
      tenantCode: tenant?.code ?? '',
      tenantName: tenant?.name ?? row.tenant_id,
      openedAtMs: row.opened_at_ms,
      closedAtMs: row.closed_at_ms,
      balanceMicros: row.balance_micros,
      stage: row.stage,
      daysLeft: left?.daysLeft ?? null,
      dailyChargeMicros: left?.dailyChargeMicros ?? null,
      points: (pointsOf.get(row.account_id) ?? []).map((point) =>
        toPoint(parts, point, metersOf.get(point) ?? [], relays, nowMs),
      ),
      supply: toSupply(row),
    };
  });
}

function toPoint(
  parts: BillingParts,
  row: PointSqlRow,
  meters: readonly MountedMeter[],
  relays: ReadonlyMap<string, RelaySqlRow>,
  nowMs: number,
): AccountPoint {
  const snapshot = parts.registry.get('metering-point', row.metering_point_id);
  return {
    meteringPointId: row.metering_point_id,
    code: snapshot?.code ?? '',
    name: snapshot?.name ?? row.metering_point_id,
    medium: row.medium,
    placeId: snapshot?.placeId ?? null,
    priceSchemeId: row.price_scheme_id,
    priceSchemeName: row.scheme_name,
    contractedDemandW: row.contracted_demand_w,
    lastReadingMs: row.last_reading_ms,
    lastReadingQuality: row.last_reading_quality === null ? null : qualityOf(row.last_reading_quality),
    meters: meters.map((meter): SupplyMeter => {
      const relay = relays.get(meter.meterId);
      return {
        meterId: meter.meterId,
        serial: meter.serial,
        meteringPointId: row.metering_point_id,
        switchable: meter.switchable,
        desiredRelay: relay?.desired ?? null,
        reportedRelay: relay?.reported ?? 'unknown',
        reportedAtMs: relay?.reported_at_ms ?? null,
        commandPending: relay?.command_done === false && nowMs < (relay.command_expires_at_ms ?? 0),
        heldBy: relay?.held_by ?? [],
      };
    }),
  };
}

const toSupply = (row: AccountSqlRow): AccountSupply => ({
  mode: row.mode,
  forcedBy: row.forced_by_id === null ? null : { id: row.forced_by_id, name: row.forced_by_name ?? '' },
  forcedReason: row.forced_reason,
  desiredRelay: row.desired,
  reportedRelay: row.reported,
  protectedSupply: row.protected_supply,
  belowSinceMs: row.below_since_ms,
});

export type AccountExtras = Pick<
  AccountDetail,
  | 'alarm1Micros'
  | 'alarm2Micros'
  | 'hysteresisMicros'
  | 'openedBy'
  | 'openedRecordedAtMs'
  | 'closedBy'
  | 'closedRecordedAtMs'
  | 'openingPostingId'
  | 'closingPostingId'
  | 'suspendedSinceMs'
  | 'previousAccountId'
  | 'nextAccountId'
  | 'carriedMicros'
  | 'vendedMicros'
  | 'chargedMicros'
  | 'sharedCostsMicros'
  | 'refundedMicros'
  | 'arrearsMicros'
>;

interface ExtrasSqlRow {
  readonly alarm1_micros: number;
  readonly alarm2_micros: number;
  readonly hysteresis_micros: number;
  readonly opened_by_id: string;
  readonly opened_by_name: string;
  readonly opened_recorded_at_ms: number;
  readonly closed_by_id: string | null;
  readonly closed_by_name: string | null;
  readonly closed_recorded_at_ms: number | null;
  readonly opening_posting_id: string;
  readonly closing_posting_id: string | null;
  readonly suspended_since_ms: number | null;
  readonly previous_account_id: string | null;
  readonly next_account_id: string | null;
  readonly carried_micros: number;
  readonly vended_micros: number;
  readonly charged_micros: number;
  readonly shared_costs_micros: number;
  readonly refunded_micros: number;
  readonly arrears_micros: number;
}

/** What only the detail shows. */
export async function loadAccountExtras(
  queryable: Queryable,
  accountId: string,
): Promise<AccountExtras | undefined> {
  const { rows } = await queryable.query<ExtrasSqlRow>(
    `SELECT account.alarm1_micros, account.alarm2_micros, account.hysteresis_micros, account.opened_by_id,
            account.opened_by_name, account.opened_recorded_at_ms, account.closed_by_id, account.closed_by_name,
            account.closed_recorded_at_ms, account.opening_posting_id, account.closing_posting_id, account.suspended_since_ms,
            account.previous_account_id,
            (SELECT follower.account_id FROM billing.accounts AS follower
              WHERE follower.previous_account_id = account.account_id) AS next_account_id,
            ${accountSumsSql}
       FROM billing.accounts AS account
      WHERE account.account_id = $1`,
    [accountId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    alarm1Micros: row.alarm1_micros,
    alarm2Micros: row.alarm2_micros,
    hysteresisMicros: row.hysteresis_micros,
    openedBy: { id: row.opened_by_id, name: row.opened_by_name },
    openedRecordedAtMs: row.opened_recorded_at_ms,
    closedBy: row.closed_by_id === null ? null : { id: row.closed_by_id, name: row.closed_by_name ?? '' },
    closedRecordedAtMs: row.closed_recorded_at_ms,
    openingPostingId: row.opening_posting_id,
    closingPostingId: row.closing_posting_id,
    suspendedSinceMs: row.suspended_since_ms,
    previousAccountId: row.previous_account_id,
    nextAccountId: row.next_account_id,
    carriedMicros: row.carried_micros,
    vendedMicros: row.vended_micros,
    chargedMicros: row.charged_micros,
    sharedCostsMicros: row.shared_costs_micros,
    refundedMicros: row.refunded_micros,
    arrearsMicros: row.arrears_micros,
  };
}

/** Consumption of the account that has no price, by point and reason. */
export async function loadUnpriced(
  queryable: Queryable,
  accountId: string,
): Promise<AccountDetail['unpriced']> {
  const { rows } = await queryable.query<{
    meteringPointId: string;
    reason: UnpricedReason;
    consumption: number;
  }>(
    `SELECT line.metering_point_id AS "meteringPointId", line.unpriced_reason AS reason, sum(line.consumption)::bigint AS consumption
       FROM billing.charge_lines AS line
      WHERE line.account_id = $1 AND line.unpriced_reason IS NOT NULL
      GROUP BY line.metering_point_id, line.unpriced_reason
     HAVING sum(line.consumption) <> 0
      ORDER BY 1, 2`,
    [accountId],
  );
  return [...rows];
}
