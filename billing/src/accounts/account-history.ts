// SPDX-License-Identifier: Apache-2.0
/** What an account was made of over its time: points at their schemes, meters that counted there, registers noted. */
import type { AccountHistory, RegisterEvidence } from '@wattledger/contracts/http/billing';
import type { BillingParts } from '../parts.ts';
import { accountUnknown } from '../vending/record-vends.ts';

interface TimeRow {
  readonly metering_point_id: string;
  readonly price_scheme_id: string;
  readonly scheme_name: string;
  readonly contracted_demand_w: number | null;
  readonly opened_at_ms: number;
  readonly closed_at_ms: number | null;
}

interface ReadingsRow {
  readonly opening_readings: RegisterEvidence[];
  readonly closing_readings: RegisterEvidence[];
}

/** @throws RequestError 404 account-unknown */
export async function loadHistory(
  parts: BillingParts,
  projectId: string,
  accountId: string,
): Promise<AccountHistory> {
  const { rows: accounts } = await parts.database.query<ReadingsRow>(
    `SELECT account.opening_readings, account.closing_readings FROM billing.accounts AS account
      WHERE account.account_id = $1 AND account.project_id = $2`,
    [accountId, projectId],
  );
  const [account] = accounts;
  if (account === undefined) throw accountUnknown(accountId);
  const { rows: times } = await parts.database.query<TimeRow>(
    `SELECT span.metering_point_id, span.price_scheme_id, scheme.name AS scheme_name, span.contracted_demand_w,
            span.opened_at_ms, span.closed_at_ms
       FROM billing.account_points AS span
       JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = span.price_scheme_id
      WHERE span.account_id = $1 AND (span.closed_at_ms IS NULL OR span.closed_at_ms > span.opened_at_ms)
      ORDER BY span.metering_point_id, span.opened_at_ms`,
    [accountId],
  );
  return {
    points: times.map((time) => ({
      ...namedPoint(parts, time.metering_point_id),
      priceSchemeId: time.price_scheme_id,
      priceSchemeName: time.scheme_name,
      contractedDemandW: time.contracted_demand_w,
      fromMs: time.opened_at_ms,
      toMs: time.closed_at_ms,
    })),
    meters: metersOf(parts, times),
    openingReadings: account.opening_readings,
    closingReadings: account.closing_readings,
  };
}

export function namedPoint(
  parts: BillingParts,
  meteringPointId: string,
): { readonly meteringPointId: string; readonly code: string; readonly name: string } {
  const point = parts.registry.get('metering-point', meteringPointId);
  return { meteringPointId, code: point?.code ?? '', name: point?.name ?? meteringPointId };
}

/** Mountings that touch a time of the account at their point, each once. */
function metersOf(parts: BillingParts, times: readonly TimeRow[]): AccountHistory['meters'] {
  const points = [...new Set(times.map((time) => time.metering_point_id))];
  return points.flatMap((meteringPointId) => {
    const own = times.filter((time) => time.metering_point_id === meteringPointId);
    const mountings = parts.registry.get('metering-point', meteringPointId)?.mountings ?? [];
    return mountings
      .filter((mounting) =>
        own.some(
          (time) =>
            mounting.fromMs < (time.closed_at_ms ?? Infinity) &&
            time.opened_at_ms < (mounting.toMs ?? Infinity),
        ),
      )
      .toSorted((a, b) => a.fromMs - b.fromMs)
      .map(({ segmentId, meterId, register, fromMs, toMs }) => ({
        meteringPointId,
        segmentId,
        meterId,
        serial: parts.registry.get('meter', meterId)?.serial ?? meterId,
        register,
        fromMs,
        toMs,
      }));
  });
}
