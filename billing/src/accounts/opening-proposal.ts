// SPDX-License-Identifier: Apache-2.0
/** What an opening would take from the imported list: points without an account, and what their like are charged at. */
import type { MeteringPointSnapshot } from '@wattledger/contracts';
import type { AccountProposal } from '@wattledger/contracts/http/billing';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadSchemes } from '../prices/prices-store.ts';

/** Thresholds of a project in which no account is open yet. */
const firstAlarm1Micros = 100_000_000;
const firstAlarm2Micros = 30_000_000;

export interface ProposalQuestion {
  readonly tenantId?: string | undefined;
  readonly placeId?: string | undefined;
}

/** @throws RequestError 404 project-unknown */
export async function proposeOpening(
  parts: BillingParts,
  projectId: string,
  question: ProposalQuestion,
): Promise<AccountProposal> {
  projectOf(parts, projectId);
  const free = await freePoints(parts, projectId);
  const places = question.placeId === undefined ? null : placesWithin(parts, projectId, question.placeId);
  const points = free.filter(
    (point) =>
      (question.tenantId === undefined || point.tenantId === question.tenantId) &&
      (places === null || places.has(point.placeId ?? '')),
  );
  const customs = await loadCustoms(parts, projectId);
  const tenants = new Set(points.map((point) => point.tenantId));
  const [only] = tenants;
  const nowMs = parts.clock.nowMs();
  return {
    tenantId: question.tenantId ?? (tenants.size === 1 ? (only ?? null) : null),
    points: points.map((point) => ({
      meteringPointId: point.id,
      code: point.code,
      name: point.name,
      medium: point.medium,
      placeId: point.placeId,
      priceSchemeId: schemeFor(parts, customs, point),
      metered: point.mountings.some(
        (mounting) => mounting.fromMs <= nowMs && (mounting.toMs === null || nowMs < mounting.toMs),
      ),
    })),
    alarm1Micros: customs.alarm1Micros,
    alarm2Micros: customs.alarm2Micros,
  };
}

/** Points at the ends of the tree that no open account pays for, in order of their codes. */
export async function freePoints(
  parts: BillingParts,
  projectId: string,
): Promise<readonly MeteringPointSnapshot[]> {
  const { rows } = await parts.database.query<{ metering_point_id: string }>(
    `SELECT DISTINCT span.metering_point_id FROM billing.account_points AS span
      WHERE span.project_id = $1 AND span.closed_at_ms IS NULL`,
    [projectId],
  );
  const taken = new Set(rows.map((row) => row.metering_point_id));
  return parts.registry
    .all('metering-point', projectId)
    .filter((point) => point.role === 'sub' && !taken.has(point.id))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

/** When the last account that had a point gave it up, by point. */
export async function freeSince(
  parts: BillingParts,
  projectId: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await parts.database.query<{ metering_point_id: string; closed_at_ms: number }>(
    `SELECT span.metering_point_id, max(span.closed_at_ms) AS closed_at_ms FROM billing.account_points AS span
      WHERE span.project_id = $1 AND span.closed_at_ms IS NOT NULL
      GROUP BY 1`,
    [projectId],
  );
  return new Map(rows.map((row) => [row.metering_point_id, row.closed_at_ms]));
}

/** The place and everything in it. */
function placesWithin(parts: BillingParts, projectId: string, placeId: string): ReadonlySet<string> {
  const childrenOf = Map.groupBy(parts.registry.all('place', projectId), (place) => place.parentId);
  const found = new Set<string>();
  const open = [placeId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const child of childrenOf.get(id) ?? []) open.push(child.id);
  }
  return found;
}

interface Custom {
  readonly medium: string;
  readonly tenantClass: string | null;
  readonly priceSchemeId: string;
  readonly points: number;
}

export interface Customs {
  readonly schemes: readonly Custom[];
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
}

/** How the project's open accounts are charged and warned; schemes nobody has yet come last, by name. */
export async function loadCustoms(parts: BillingParts, projectId: string): Promise<Customs> {
  const { rows } = await parts.database.query<{
    medium: string;
    tenant_id: string;
    price_scheme_id: string;
    points: number;
  }>(
    `SELECT span.medium, account.tenant_id, span.price_scheme_id, count(*) AS points
       FROM billing.account_points AS span
       JOIN billing.accounts AS account ON account.account_id = span.account_id AND account.state = 'open'
      WHERE span.project_id = $1 AND span.closed_at_ms IS NULL
      GROUP BY 1, 2, 3`,
    [projectId],
  );
  const { rows: usual } = await parts.database.query<{ alarm1_micros: number; alarm2_micros: number }>(
    `SELECT account.alarm1_micros, account.alarm2_micros FROM billing.accounts AS account
      WHERE account.project_id = $1 AND account.state = 'open'
      GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1`,
    [projectId],
  );
  const unused = await loadSchemes(parts.database, projectId, null);
  return {
    schemes: [
      ...rows.map((row) => ({
        medium: row.medium,
        tenantClass: parts.registry.get('tenant', row.tenant_id)?.tenantClass ?? null,
        priceSchemeId: row.price_scheme_id,
        points: row.points,
      })),
      ...unused.map(({ medium, priceSchemeId }) => ({ medium, tenantClass: null, priceSchemeId, points: 0 })),
    ],
    alarm1Micros: usual[0]?.alarm1_micros ?? firstAlarm1Micros,
    alarm2Micros: usual[0]?.alarm2_micros ?? firstAlarm2Micros,
  };
}

/** The scheme that most points of the medium have among tenants of the same kind; without such, among all. */
export function schemeFor(
  parts: BillingParts,
  customs: Customs,
  { medium, tenantId }: Pick<MeteringPointSnapshot, 'medium' | 'tenantId'>,
): string | null {
  const tenantClass =
    tenantId === null ? null : (parts.registry.get('tenant', tenantId)?.tenantClass ?? null);
  const same = customs.schemes.filter((custom) => custom.medium === medium);
  const alike = same.filter((custom) => tenantClass !== null && custom.tenantClass === tenantClass);
  return mostUsed(alike) ?? mostUsed(same);
}

function mostUsed(customs: readonly Custom[]): string | null {
  const points = new Map<string, number>();
  for (const custom of customs)
    points.set(custom.priceSchemeId, (points.get(custom.priceSchemeId) ?? 0) + custom.points);
  let best: string | null = null;
  for (const [id, count] of points) if (best === null || count > (points.get(best) ?? 0)) best = id;
  return best;
}
