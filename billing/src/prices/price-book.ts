// SPDX-License-Identifier: Apache-2.0
/** The prices of some schemes, read in the transaction that charges by them. */
import assert from 'node:assert/strict';
import type { TariffCalendar } from '@wattledger/contracts';
import { priceTermsShape, type PriceTermsBody, type Rates } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import type { PriceBook } from '../charging/rate-slot-day.ts';
import { noPriceSeries } from '../rating/energy-charge.ts';
import { loadPriceSeriesBook, type InstantSpan } from './price-series-store.ts';
import { approvedInOrder, type PriceVersionTerms } from './price-version.ts';

/** What a version says never changes, so it is kept: parsing a calendar for each batch would cost more than charging. */
const keptTerms = new Map<string, Pick<PriceVersionTerms, 'rates' | 'terms' | 'calendar'>>();
const keptTermsMax = 5000;

interface VersionRow {
  readonly price_version_id: string;
  readonly price_scheme_id: string;
  readonly number: number;
  readonly effective_from_ms: number;
  readonly state: string;
}

const allTime: InstantSpan = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/**
 * Which versions are approved is read anew each time; rates and calendars only when first met. Call it after the
 * metering points are held, so that a notice approved meanwhile is either seen here or charges the points after us.
 * @param priceVersionIds versions of other schemes that days were charged by
 * @param span of the slots to be charged: prices by hour are read for it, where a version takes its own from a series
 */
export async function loadPriceBook(
  queryable: Queryable,
  priceSchemeIds: readonly string[],
  priceVersionIds: readonly string[] = [],
  span: InstantSpan = allTime,
): Promise<PriceBook> {
  const wanted = [...new Set(priceSchemeIds)];
  const { rows } =
    wanted.length + priceVersionIds.length === 0
      ? { rows: [] }
      : await queryable.query<VersionRow>(
          `SELECT version.price_version_id, version.price_scheme_id, version.number, version.effective_from_ms, version.state
             FROM billing.price_versions AS version
            WHERE version.price_scheme_id = ANY ($1::text[]) OR version.price_version_id = ANY ($2::text[])`,
          [wanted, priceVersionIds],
        );
  await keepTerms(
    queryable,
    rows.map((row) => row.price_version_id),
  );
  const byId = new Map<string, PriceVersionTerms>();
  const byScheme = new Map<string, PriceVersionTerms[]>();
  for (const row of rows) {
    const terms = keptTerms.get(row.price_version_id);
    assert.ok(terms, `terms of price version ${row.price_version_id} were just kept`);
    const version: PriceVersionTerms = {
      priceVersionId: row.price_version_id,
      priceSchemeId: row.price_scheme_id,
      number: row.number,
      effectiveFromMs: row.effective_from_ms,
      approved: row.state === 'approved',
      rates: terms.rates,
      terms: terms.terms,
      calendar: terms.calendar,
    };
    byId.set(version.priceVersionId, version);
    const list = byScheme.get(version.priceSchemeId);
    if (list === undefined) byScheme.set(version.priceSchemeId, [version]);
    else list.push(version);
  }
  const seriesIds = [...byId.values()].flatMap(({ terms }) =>
    terms.priceSeriesId === null ? [] : [terms.priceSeriesId],
  );
  const series =
    seriesIds.length === 0 ? noPriceSeries : await loadPriceSeriesBook(queryable, seriesIds, span);
  const inOrder = new Map([...byScheme].map(([id, versions]) => [id, approvedInOrder(versions)]));
  return {
    inOrder: (priceSchemeId) => inOrder.get(priceSchemeId) ?? [],
    version: (priceVersionId) => {
      const version = byId.get(priceVersionId);
      assert.ok(version, `price version ${priceVersionId} belongs to a scheme of the metering point`);
      return version;
    },
    series,
  };
}

async function keepTerms(queryable: Queryable, priceVersionIds: readonly string[]): Promise<void> {
  if (keptTerms.size > keptTermsMax) keptTerms.clear();
  const missing = priceVersionIds.filter((id) => !keptTerms.has(id));
  if (missing.length === 0) return;
  const { rows } = await queryable.query<{
    price_version_id: string;
    rates: Rates;
    terms: PriceTermsBody;
    calendar: TariffCalendar;
  }>(
    `SELECT version.price_version_id, version.rates, version.terms, version.calendar
       FROM billing.price_versions AS version
      WHERE version.price_version_id = ANY ($1::text[])`,
    [missing],
  );
  for (const row of rows) {
    const terms = priceTermsShape.parse(row.terms);
    keptTerms.set(row.price_version_id, { rates: row.rates, terms, calendar: row.calendar });
  }
}
