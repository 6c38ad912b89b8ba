// SPDX-License-Identifier: Apache-2.0
/** A draft looked at before it is saved: its faults, or the bill of a sample month. */
import { faultsOfCalendar, type Medium } from '@wattledger/contracts';
import type { ProjectSnapshot, TariffCalendar } from '@wattledger/contracts';
import {
  plainTerms,
  type PricePreview,
  type PriceTerms,
  type Rates,
} from '@wattledger/contracts/http/billing';
import type { Database, Queryable } from '@wattledger/platform';
import { noPriceSeries } from '../rating/energy-charge.ts';
import { faultsOfTerms, type TermsFault } from '../rating/terms-faults.ts';
import { loadPriceSeriesBook, loadSeriesIds } from './price-series-store.ts';
import { sampleBill, spanOfMonth, type Sample } from './sample-bill.ts';

export interface VersionDraft {
  readonly rates: Rates;
  readonly terms?: PriceTerms | undefined;
  readonly calendar?: TariffCalendar | undefined;
}

/** What is wrong with a draft, by field of its body; the project's calendar holds where it brings none. */
export async function faultsOfDraft(
  queryable: Queryable,
  project: ProjectSnapshot,
  medium: Medium,
  draft: VersionDraft,
): Promise<readonly TermsFault[]> {
  const ofCalendar =
    draft.calendar === undefined
      ? []
      : faultsOfCalendar(draft.calendar, project.slotMinutes).map(({ path, message }) => ({
          path: `calendar.${path}`,
          message,
        }));
  // A calendar that does not hold together says nothing of which rates are needed.
  if (ofCalendar.length > 0) return ofCalendar;
  const terms = draft.terms ?? plainTerms;
  const known = terms.priceSeriesId === null ? null : await loadSeriesIds(queryable, project.id, medium);
  return faultsOfTerms(
    { rates: draft.rates, terms, calendar: draft.calendar ?? project.calendar },
    (priceSeriesId) => known?.has(priceSeriesId) ?? false,
  );
}

export async function previewDraft(
  database: Database,
  project: ProjectSnapshot,
  medium: Medium,
  draft: VersionDraft,
  sample: Sample,
): Promise<PricePreview> {
  const faults = await faultsOfDraft(database, project, medium, draft);
  const { currency, zone, slotMinutes } = project;
  if (faults.length > 0) return { currency, faults: [...faults], bill: null };
  const terms = draft.terms ?? plainTerms;
  const version = {
    priceVersionId: 'draft',
    priceSchemeId: 'draft',
    number: 0,
    effectiveFromMs: 0,
    approved: false,
    rates: draft.rates,
    terms,
    calendar: draft.calendar ?? project.calendar,
  };
  const series =
    terms.priceSeriesId === null
      ? noPriceSeries
      : await loadPriceSeriesBook(database, [terms.priceSeriesId], spanOfMonth(sample.month, zone));
  return { currency, faults: [], bill: sampleBill(version, sample, { zone, slotMinutes }, series) };
}
