// SPDX-License-Identifier: Apache-2.0
/** Opening the accounts of a list: a dry run that names every fault at its cell, then the deed, safe to repeat. */
import { DateTime } from 'luxon';
import type { OpeningListAnswer, OpeningRow, OpeningTemplate } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { loadSchemes } from '../prices/prices-store.ts';
import { openAccounts } from './open-accounts.ts';
import { freePoints, freeSince, loadCustoms, schemeFor } from './opening-proposal.ts';
import {
  faultAt,
  readOpeningRows,
  type ListedAccount,
  type ListFacts,
  type RowFault,
} from './opening-rows.ts';

export interface OpeningList {
  readonly requestId: string;
  readonly dryRun: boolean;
  readonly rows: readonly OpeningRow[];
}

/**
 * Opens what the list names and is not open yet. Accounts that the same list opened before (a crash, a file sent twice) are
 * told apart by their request ids and left as they are.
 * @throws RequestError 422 opening-list-faulty when it is no dry run and any row is faulty: then nothing is opened
 */
export async function openList(
  parts: BillingParts,
  projectId: string,
  list: OpeningList,
  by: Who,
): Promise<OpeningListAnswer> {
  const listed = readOpeningRows(list.rows, await listFacts(parts, projectId, list.requestId));
  const before = await openedBefore(parts, projectId, listed);
  const taken = await takenFaults(
    parts,
    projectId,
    listed.filter((item) => !before.has(item.requestId)),
  );
  const faultsOf = (item: ListedAccount): readonly RowFault[] =>
    before.has(item.requestId) ? [] : [...item.faults, ...(taken.get(item) ?? [])];
  const faults = listed.flatMap(faultsOf);
  if (!list.dryRun && faults.length > 0) throw listFaulty(faults);
  const accountOf = new Map(before);
  if (!list.dryRun) {
    const fresh = listed.flatMap(({ account, requestId }) =>
      account === null || before.has(requestId) ? [] : [account],
    );
    const ids = await openAccounts(parts, projectId, fresh, by);
    fresh.forEach((account, index) => accountOf.set(account.requestId, ids[index] as string));
  }
  return {
    accounts: listed.map((item) => ({
      rows: item.rows.map((row) => row.row),
      tenantName: item.tenant?.name ?? null,
      points: item.rows.length,
      openedAtMs: item.openedAtMs,
      firstVendMicros: item.account?.firstVend?.amountMicros ?? 0,
      outcome: outcomeOf(before.has(item.requestId), faultsOf(item).length > 0, list.dryRun),
      accountId: accountOf.get(item.requestId) ?? null,
    })),
    faults,
  };
}

function outcomeOf(
  before: boolean,
  faulty: boolean,
  dryRun: boolean,
): OpeningListAnswer['accounts'][number]['outcome'] {
  if (before) return 'opened-before';
  if (faulty) return 'faulty';
  return dryRun ? 'would-open' : 'opened';
}

async function listFacts(parts: BillingParts, projectId: string, requestId: string): Promise<ListFacts> {
  const schemes = await loadSchemes(parts.database, projectId, null);
  const points = parts.registry.all('metering-point', projectId);
  return {
    project: projectOf(parts, projectId),
    nowMs: parts.clock.nowMs(),
    requestId,
    points: new Map(points.map((point) => [point.id, point])),
    mediumOfScheme: new Map(schemes.map((scheme) => [scheme.priceSchemeId, scheme.medium])),
    tenantByCode: new Map(parts.registry.all('tenant', projectId).map((tenant) => [tenant.code, tenant])),
    pointByCode: new Map(points.map((point) => [point.code, point])),
    schemeByName: new Map(schemes.map((scheme) => [scheme.name, scheme.priceSchemeId])),
  };
}

/** Accounts by the request ids of the list that have been carried out. */
async function openedBefore(
  { database }: BillingParts,
  projectId: string,
  listed: readonly ListedAccount[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ request_id: string; account_id: string }>(
    `SELECT posting.request_id, posting.account_id
       FROM billing.postings AS posting
      WHERE posting.project_id = $1 AND posting.request_id = ANY ($2::text[]) AND posting.kind = 'opening'`,
    [projectId, listed.map((item) => item.requestId)],
  );
  return new Map(rows.map((row) => [row.request_id, row.account_id]));
}

/** Points that another account pays for at or after the opening instant. */
async function takenFaults(
  { database }: BillingParts,
  projectId: string,
  listed: readonly ListedAccount[],
): Promise<ReadonlyMap<ListedAccount, readonly RowFault[]>> {
  const wanted = listed.flatMap((item) =>
    (item.account?.points ?? []).map((point, index) => ({ item, point, row: item.rows[index]?.row ?? 0 })),
  );
  const { rows } = await database.query<{ place: number }>(
    `SELECT DISTINCT wanted.place
       FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (metering_point_id, opened_at_ms, place)
       JOIN billing.account_points AS span ON span.metering_point_id = wanted.metering_point_id AND span.project_id = $1
      WHERE int8range(span.opened_at_ms, span.closed_at_ms) && int8range(wanted.opened_at_ms, NULL)`,
    [projectId, wanted.map(({ point }) => point.meteringPointId), wanted.map(({ item }) => item.openedAtMs)],
  );
  const faults = new Map<ListedAccount, RowFault[]>();
  for (const { place } of rows) {
    const found = wanted[place - 1];
    if (found === undefined) continue;
    const fault = faultAt(found.row, 'point', 'taken');
    faults.set(found.item, [...(faults.get(found.item) ?? []), fault]);
  }
  return faults;
}

const faultsInProblem = 1000;
const listFaulty = (faults: readonly RowFault[]): RequestError =>
  new RequestError({
    status: 422,
    code: 'opening-list-faulty',
    message: `The list has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; no account was opened.`,
    hint: 'Put the listed cells right and send the list again; with dryRun all of them are answered without opening any.',
    faults: faults.slice(0, faultsInProblem).map(({ row, column, message }) => ({
      path: column === null ? `row ${row}` : `row ${row}, ${column}`,
      message,
    })),
  });

/** Rows of the tenants' points that have no account, as an opening today would take them. */
export async function openingTemplate(parts: BillingParts, projectId: string): Promise<OpeningTemplate> {
  const project = projectOf(parts, projectId);
  const customs = await loadCustoms(parts, projectId);
  const names = new Map(
    (await loadSchemes(parts.database, projectId, null)).map((scheme) => [scheme.priceSchemeId, scheme.name]),
  );
  const today = DateTime.fromISO(dayInProject(project, parts.clock.nowMs()), { zone: project.zone });
  const since = await freeSince(parts, projectId);
  const free = (await freePoints(parts, projectId)).filter((point) => point.tenantId !== null);
  const rows = free.map((point, index) => ({
    row: index + 2,
    account: '',
    tenant: parts.registry.get('tenant', point.tenantId ?? '')?.code ?? '',
    point: point.code,
    scheme: names.get(schemeFor(parts, customs, point) ?? '') ?? '',
    // This morning, or since the account before gave the point up.
    openedAt: DateTime.fromMillis(Math.max(today.toMillis(), since.get(point.id) ?? 0), {
      zone: project.zone,
    }).toFormat('yyyy-MM-dd HH:mm'),
    contractedDemandKw: '',
    alarm1: String(customs.alarm1Micros / 1_000_000),
    alarm2: String(customs.alarm2Micros / 1_000_000),
    firstVend: '',
    means: '',
    reference: '',
  }));
  return {
    rows: rows.toSorted((a, b) => (a.tenant < b.tenant ? -1 : a.tenant > b.tenant ? 1 : a.row - b.row)),
  };
}
