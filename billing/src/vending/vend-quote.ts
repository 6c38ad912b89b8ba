// SPDX-License-Identifier: Apache-2.0
/**
 * What money buys at present, for the person at the counter. An estimate: the charge itself is made slot by slot, by the period
 * and tier in which the energy flows.
 */
import { divideRounded, media, type Medium } from '@wattledger/contracts';
import type { VendQuote } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import { DateTime } from 'luxon';
import { loadPriceBook } from '../prices/price-book.ts';

/** Days whose charges make the price; one where there are tiers, because the newest day stands in the present tier. */
const priceDays = { flat: 7, tiered: 1 } as const;
const unitsPerPriced = 1000n;

export async function loadQuoteMedia(
  queryable: Queryable,
  account: { readonly accountId: string; readonly zone: string; readonly nowMs: number },
): Promise<VendQuote['media']> {
  const { accountId, zone, nowMs } = account;
  const { rows } = await queryable.query<{ medium: Medium; price_scheme_id: string }>(
    `SELECT DISTINCT point.medium, point.price_scheme_id
       FROM billing.account_points AS point
      WHERE point.account_id = $1 AND (point.closed_at_ms IS NULL OR point.closed_at_ms > $2) AND point.opened_at_ms <= $2`,
    [accountId, nowMs],
  );
  const book = await loadPriceBook(
    queryable,
    rows.map((row) => row.price_scheme_id),
  );
  const quotes: VendQuote['media'] = [];
  for (const medium of media) {
    const versions = rows
      .filter((row) => row.medium === medium)
      .map((row) =>
        book.inOrder(row.price_scheme_id).findLast((version) => version.effectiveFromMs <= nowMs),
      );
    if (versions.length === 0) continue;
    const known = versions.filter((version) => version !== undefined);
    const rates = known.flatMap((version) => Object.values(version.rates));
    const tiered = known.some((version) => version.terms.tiers !== null);
    const flat = !tiered && new Set(rates).size === 1;
    const sinceMs = Math.max(0, ...known.map((version) => version.effectiveFromMs));
    const fromDay = DateTime.fromMillis(sinceMs, { zone }).toISODate() ?? '1970-01-01';
    const days = tiered ? priceDays.tiered : priceDays.flat;
    const charged =
      known.length === 0 ? null : await loadChargedPrice(queryable, { accountId, medium, fromDay, days });
    const basis = flat || charged === null ? (rates.length === 0 ? 'none' : 'rates-in-force') : 'last-days';
    const priceMicros = basis === 'last-days' ? charged : meanOf(rates);
    quotes.push({ medium, priceMicros, basis, flat });
  }
  return quotes;
}

const meanOf = (rates: readonly number[]): number | null =>
  rates.length === 0
    ? null
    : Number(divideRounded(BigInt(rates.reduce((sum, rate) => sum + rate, 0)), BigInt(rates.length)));

/** What the newest charged days cost per kWh or m³; null when nothing was charged since. */
async function loadChargedPrice(
  queryable: Queryable,
  question: {
    readonly accountId: string;
    readonly medium: Medium;
    readonly fromDay: string;
    readonly days: number;
  },
): Promise<number | null> {
  const { rows } = await queryable.query<{ amount_micros: number; consumption: number }>(
    `SELECT coalesce(sum(recent.amount_micros), 0)::bigint AS amount_micros, coalesce(sum(recent.consumption), 0)::bigint AS consumption
       FROM (SELECT day.local_day, sum(day.amount_micros) AS amount_micros,
                    sum(day.consumption - day.unpriced_consumption) AS consumption
               FROM billing.charge_days AS day
              WHERE day.account_id = $1 AND day.medium = $2 AND day.local_day >= $3::date AND day.segment_id <> 'month-items'
              GROUP BY day.local_day
             HAVING sum(day.consumption - day.unpriced_consumption) > 0
              ORDER BY day.local_day DESC
              LIMIT $4) AS recent`,
    [question.accountId, question.medium, question.fromDay, question.days],
  );
  const { amount_micros: amountMicros, consumption } = rows[0] ?? { amount_micros: 0, consumption: 0 };
  if (amountMicros <= 0 || consumption <= 0) return null;
  return Number(divideRounded(BigInt(amountMicros) * unitsPerPriced, BigInt(consumption)));
}
