// SPDX-License-Identifier: Apache-2.0
/** The record of all openings, closings and changes of a project, newest first: who, when, from when, why. */
import { boundsOfLocalDay } from '@wattledger/contracts';
import type {
  AccountRecord,
  AccountRecordKind,
  AccountRecordList,
  accountRecordQueryShape,
} from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';
import type { z } from 'zod';
import { projectOf, requireDayRange, type BillingParts } from '../parts.ts';
import { namedPoint } from './account-history.ts';
import type { PointChangeFacts } from './change-account.ts';
import { timeAt, type PointTime } from './point-times.ts';

export type RecordFilter = z.output<typeof accountRecordQueryShape>;

interface RecordRow {
  readonly record_id: string;
  readonly kind: AccountRecordKind;
  readonly account_id: string;
  readonly tenant_id: string;
  readonly effective_at_ms: number;
  readonly recorded_at_ms: number;
  readonly recorded_by_id: string;
  readonly recorded_by_name: string;
  readonly reason: string | null;
  readonly posting_id: string | null;
  readonly other_account_id: string | null;
  readonly facts: Partial<PointChangeFacts>;
}

/** $1 project, $2 from, $3 to (recorded), $4 tenant, $5 account, $6 kind, $7 and $8 the place after which to go on, $9 limit. */
const recordsSql = `
  WITH record AS (
    SELECT account.opening_posting_id AS record_id, 'opened' AS kind, account.account_id, account.tenant_id,
           account.opened_at_ms AS effective_at_ms, account.opened_recorded_at_ms AS recorded_at_ms,
           account.opened_by_id AS recorded_by_id, account.opened_by_name AS recorded_by_name, posting.reason,
           account.opening_posting_id AS posting_id, account.previous_account_id AS other_account_id, '{}'::jsonb AS facts
      FROM billing.accounts AS account
      JOIN billing.postings AS posting ON posting.posting_id = account.opening_posting_id
     WHERE account.project_id = $1
    UNION ALL
    SELECT account.closing_posting_id, 'closed', account.account_id, account.tenant_id, account.closed_at_ms,
           account.closed_recorded_at_ms, account.closed_by_id, account.closed_by_name, posting.reason,
           account.closing_posting_id, follower.account_id, '{}'::jsonb
      FROM billing.accounts AS account
      JOIN billing.postings AS posting ON posting.posting_id = account.closing_posting_id
      LEFT JOIN billing.accounts AS follower ON follower.previous_account_id = account.account_id
     WHERE account.project_id = $1
    UNION ALL
    SELECT change.change_id, change.kind, change.account_id, account.tenant_id, change.effective_at_ms, change.recorded_at_ms,
           change.recorded_by_id, change.recorded_by_name, change.reason, NULL, NULL, change.facts
      FROM billing.account_changes AS change
      JOIN billing.accounts AS account ON account.account_id = change.account_id
     WHERE change.project_id = $1
  )
  SELECT * FROM record
   WHERE ($2::bigint IS NULL OR record.recorded_at_ms >= $2) AND ($3::bigint IS NULL OR record.recorded_at_ms < $3)
     AND ($4::text IS NULL OR record.tenant_id = $4) AND ($5::text IS NULL OR record.account_id = $5)
     AND ($6::text IS NULL OR record.kind = $6)
     AND ($7::bigint IS NULL OR (record.recorded_at_ms, record.record_id) < ($7, $8::text))
   ORDER BY record.recorded_at_ms DESC, record.record_id DESC
   LIMIT $9`;

/** @throws RequestError 422 day-range-refused, 400 page-unknown */
export async function loadRecords(
  parts: BillingParts,
  projectId: string,
  filter: RecordFilter,
): Promise<AccountRecordList> {
  const { zone } = projectOf(parts, projectId);
  const { fromDay, toDay } = filter;
  // Each day by itself must exist; the two may lie as far apart as they like.
  for (const day of [fromDay, toDay]) if (day !== undefined) requireDayRange(day, day, 1);
  const place = filter.after === undefined ? null : placeOf(filter.after);
  const { rows } = await parts.database.query<RecordRow>(recordsSql, [
    projectId,
    fromDay === undefined ? null : boundsOfLocalDay(zone, fromDay).startMs,
    toDay === undefined ? null : boundsOfLocalDay(zone, toDay).endMs,
    filter.tenantId ?? null,
    filter.accountId ?? null,
    filter.kind ?? null,
    place?.recordedAtMs ?? null,
    place?.recordId ?? null,
    filter.limit,
  ]);
  const names = await schemeNames(parts, projectId);
  const last = rows.length === filter.limit ? rows.at(-1) : undefined;
  return {
    events: rows.map((row) => toRecord(parts, names, row)),
    next: last === undefined ? null : `${last.recorded_at_ms}:${last.record_id}`,
  };
}

async function schemeNames(
  { database }: BillingParts,
  projectId: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ price_scheme_id: string; name: string }>(
    'SELECT scheme.price_scheme_id, scheme.name FROM billing.price_schemes AS scheme WHERE scheme.project_id = $1',
    [projectId],
  );
  return new Map(rows.map((row) => [row.price_scheme_id, row.name]));
}

function toRecord(parts: BillingParts, names: ReadonlyMap<string, string>, row: RecordRow): AccountRecord {
  const tenant = parts.registry.get('tenant', row.tenant_id);
  const { meteringPointId, before, after } = row.facts;
  const said = (times: readonly PointTime[] | undefined): AccountRecord['before'] => {
    const time = timeAt(times ?? [], row.effective_at_ms);
    if (time === undefined) return null;
    const { priceSchemeId, contractedDemandW } = time;
    return { priceSchemeName: names.get(priceSchemeId) ?? priceSchemeId, contractedDemandW };
  };
  return {
    recordId: row.record_id,
    kind: row.kind,
    accountId: row.account_id,
    tenantId: row.tenant_id,
    tenantCode: tenant?.code ?? '',
    tenantName: tenant?.name ?? row.tenant_id,
    effectiveAtMs: row.effective_at_ms,
    recordedAtMs: row.recorded_at_ms,
    recordedBy: { id: row.recorded_by_id, name: row.recorded_by_name },
    reason: row.reason,
    postingId: row.posting_id,
    otherAccountId: row.other_account_id,
    point: meteringPointId === undefined ? null : namedPoint(parts, meteringPointId),
    before: said(before),
    after: said(after),
  };
}

function placeOf(text: string): { readonly recordedAtMs: number; readonly recordId: string } {
  const match = /^(\d{1,15}):([a-z0-9_-]{1,64})$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined)
    return { recordedAtMs: Number(match[1]), recordId: match[2] };
  throw new RequestError({
    status: 400,
    code: 'page-unknown',
    message: 'There is no such place in the record.',
    hint: 'Give `next` of the page before, or leave `after` out.',
  });
}
