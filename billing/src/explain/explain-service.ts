// SPDX-License-Identifier: Apache-2.0
import type { Medium } from '@wattledger/contracts';
import {
  priceTermsShape,
  type ChargeCause,
  type Explain,
  type PriceTermsBody,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable } from '@wattledger/platform';
import { loadSlotDaysOfDay } from '../charging/charging-store.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadPriceBook } from '../prices/price-book.ts';
import { explainSlots, segmentsOf } from './explain.ts';

export interface ExplainQuestion {
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly day: string;
}

/** @throws RequestError 404 account-point-unknown */
export async function explainDay(parts: BillingParts, question: ExplainQuestion): Promise<Explain> {
  const { database } = parts;
  const project = projectOf(parts, question.projectId);
  const medium = await requireMedium(database, question);
  const days = await loadSlotDaysOfDay(database, question.meteringPointId, question.day);
  const mine = days.filter((day) => day.charge.accountIds.includes(question.accountId));
  const versions = new Set(mine.flatMap((day) => day.charge.priceVersionIds));
  const book = await loadPriceBook(database, [], [...versions]);
  const slots = [...explainSlots(mine, question.accountId, book)];
  const priced = slots.filter((slot) => slot.priceVersionId !== null);
  const sum = (of: readonly { readonly consumption: number }[]): number =>
    of.reduce((total, slot) => total + slot.consumption, 0);
  return {
    accountId: question.accountId,
    meteringPointId: question.meteringPointId,
    medium,
    day: question.day,
    zone: mine[0]?.slots.zone ?? project.zone,
    slotMinutes: mine[0]?.slots.slotMinutes ?? project.slotMinutes,
    slots,
    segments: segmentsOf(slots),
    consumption: sum(priced),
    amountMicros: slots.reduce((total, slot) => total + slot.amountMicros, 0),
    unpricedConsumption: sum(slots) - sum(priced),
    priceVersions: await loadVersionHeads(database, [
      ...new Set(priced.map((slot) => slot.priceVersionId as string)),
    ]),
    postings: await loadPostingsOfDay(database, question),
  };
}

/** @throws RequestError 404 account-point-unknown */
export async function requireMedium(
  queryable: Queryable,
  question: Pick<ExplainQuestion, 'projectId' | 'accountId' | 'meteringPointId'>,
): Promise<Medium> {
  const { rows } = await queryable.query<{ medium: Medium }>(
    `SELECT span.medium
       FROM billing.account_points AS span
      WHERE span.account_id = $1 AND span.metering_point_id = $2 AND span.project_id = $3
      LIMIT 1`,
    [question.accountId, question.meteringPointId, question.projectId],
  );
  const [row] = rows;
  if (row !== undefined) return row.medium;
  throw new RequestError({
    status: 404,
    code: 'account-point-unknown',
    message: 'The account has never paid for this metering point.',
    hint: 'Look at the metering points in the account.',
  });
}

export async function loadVersionHeads(
  queryable: Queryable,
  ids: readonly string[],
): Promise<Explain['priceVersions']> {
  const { rows } = await queryable.query<{
    price_version_id: string;
    price_scheme_id: string;
    scheme_name: string;
    number: number;
    effective_from_ms: number;
    approved_by_id: string;
    approved_by_name: string;
    approved_at_ms: number;
    terms: PriceTermsBody;
  }>(
    `SELECT version.price_version_id, version.price_scheme_id, scheme.name AS scheme_name, version.number,
            version.effective_from_ms, version.approved_by_id, version.approved_by_name, version.approved_at_ms,
            version.terms
       FROM billing.price_versions AS version
       JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = version.price_scheme_id
      WHERE version.price_version_id = ANY ($1::text[])
      ORDER BY version.effective_from_ms, version.number`,
    [ids],
  );
  return rows.map((row) => ({
    priceVersionId: row.price_version_id,
    priceSchemeId: row.price_scheme_id,
    schemeName: row.scheme_name,
    number: row.number,
    effectiveFromMs: row.effective_from_ms,
    approvedBy: { id: row.approved_by_id, name: row.approved_by_name },
    approvedAtMs: row.approved_at_ms,
    tiers: priceTermsShape.parse(row.terms).tiers,
  }));
}

/** The postings whose lines of energy, or of the month's items, add up to the day's amount, oldest first. */
export async function loadPostingsOfDay(
  queryable: Queryable,
  question: ExplainQuestion,
  of: 'energy' | 'items' = 'energy',
): Promise<Explain['postings']> {
  const { rows } = await queryable.query<{
    posting_id: string;
    sequence: number | null;
    recorded_at_ms: number;
    cause: ChargeCause;
    consumption: number;
    amount_micros: number;
  }>(
    `SELECT line.posting_id, entry.sequence, posting.recorded_at_ms, posting.cause,
            sum(line.consumption)::bigint AS consumption, sum(line.amount_micros)::bigint AS amount_micros
       FROM billing.charge_lines AS line
       JOIN billing.postings AS posting ON posting.posting_id = line.posting_id
       JOIN billing.ledger_accounts AS ledger
         ON ledger.project_id = posting.project_id AND ledger.kind = 'tenant-balance' AND ledger.owner_id = line.account_id
       LEFT JOIN billing.entries AS entry
         ON entry.posting_id = line.posting_id AND entry.ledger_account_id = ledger.ledger_account_id
      WHERE line.account_id = $1 AND line.metering_point_id = $2 AND line.local_day = $3::date
        AND (line.component = 'energy') = $4
      GROUP BY line.posting_id, entry.sequence, posting.recorded_at_ms, posting.cause
      ORDER BY posting.recorded_at_ms, entry.sequence`,
    [question.accountId, question.meteringPointId, question.day, of === 'energy'],
  );
  return rows.map((row) => ({
    postingId: row.posting_id,
    sequence: row.sequence,
    recordedAtMs: row.recorded_at_ms,
    cause: row.cause,
    consumption: row.consumption,
    amountMicros: row.amount_micros,
  }));
}
