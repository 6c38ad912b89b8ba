// SPDX-License-Identifier: Apache-2.0
/** From the fields of a draft to the body that is sent, with what is wrong at which field. Pure. */
import {
  faultsOfCalendar,
  flatCalendar,
  periodsBySeason,
  type SlotMinutes,
  type TariffCalendar,
  type TouPeriod,
} from '@wattledger/contracts';
import type { PriceTermsBody, PriceVersionBody, Rates } from '@wattledger/contracts/http/billing';
import { parseDecimal } from './decimal-text.ts';
import type { AdjustmentDraft, RateTexts, TierDraft, VersionDraft } from './version-draft.ts';

/** Keys of texts: price-fault.… */
export type FieldFault =
  | 'needed'
  | 'number'
  | 'rises'
  | 'name-taken'
  | 'of-earlier'
  | 'of-none'
  | 'span'
  | 'season-start'
  | 'special-day'
  | 'above-zero';
/** Field → what is wrong with it. */
export type FieldFaults = ReadonlyMap<string, FieldFault>;

export interface DraftContext {
  readonly projectCalendar: TariffCalendar;
  readonly slotMinutes: SlotMinutes;
}
export type DraftBody = Pick<PriceVersionBody, 'rates' | 'calendar'> & { readonly terms: PriceTermsBody };

export function calendarOf(draft: VersionDraft, { projectCalendar }: DraftContext): TariffCalendar {
  if (draft.calendarKind === 'project') return projectCalendar;
  return draft.calendarKind === 'flat' ? flatCalendar : draft.own;
}

/** The body is null while anything is wrong. */
export function checkDraft(
  draft: VersionDraft,
  context: DraftContext,
): { readonly body: DraftBody | null; readonly faults: FieldFaults } {
  const faults = new Map<string, FieldFault>();
  const calendar = calendarOf(draft, context);
  if (draft.calendarKind === 'own') checkCalendar(faults, draft.own, context.slotMinutes);
  const form = new Form(faults);
  const used = periodsBySeason(calendar);
  const energy = energyOf(draft, form, used);
  const terms: PriceTermsBody = {
    seasonRates: energy.seasonRates,
    tiers: energy.tiers,
    priceSeriesId: energy.priceSeriesId,
    ...itemsOf(draft, form, [...used.keys()]),
  };
  const own = draft.calendarKind === 'project' ? {} : { calendar };
  return { body: faults.size > 0 ? null : { rates: energy.rates, terms, ...own }, faults };
}

/** Reads fields and notes which cannot be read. */
class Form {
  private readonly faults: Map<string, FieldFault>;
  private readonly names = new Set<string>(['minimum']);
  constructor(faults: Map<string, FieldFault>) {
    this.faults = faults;
  }
  fault(path: string, fault: FieldFault): void {
    if (!this.faults.has(path)) this.faults.set(path, fault);
  }
  /** Millionths. */
  number(
    path: string,
    text: string | undefined,
    options: { digits?: number; negative?: boolean } = {},
  ): number {
    if (text === undefined || text.trim() === '') {
      this.fault(path, 'needed');
      return 0;
    }
    const micros = parseDecimal(text, options.digits ?? 6);
    if (micros === null || (micros < 0 && options.negative !== true)) this.fault(path, 'number');
    return micros ?? 0;
  }
  name(path: string, text: string): string {
    const name = text.trim();
    if (name === '') this.fault(path, 'needed');
    else if (this.names.has(name)) this.fault(path, 'name-taken');
    this.names.add(name);
    return name;
  }
}

type Used = ReadonlyMap<string, ReadonlySet<TouPeriod>>;

function energyOf(
  draft: VersionDraft,
  form: Form,
  used: Used,
): Required<Pick<PriceTermsBody, 'seasonRates' | 'tiers' | 'priceSeriesId'>> & { readonly rates: Rates } {
  if (draft.energy === 'series') {
    if (draft.priceSeriesId === '') form.fault('series', 'needed');
    return { rates: {}, seasonRates: {}, tiers: null, priceSeriesId: draft.priceSeriesId };
  }
  const [base, ...more] = draft.tiers;
  const first = ratesOf(base, 0, draft, form, used);
  const steps =
    draft.energy === 'rates' ? [] : more.map((tier, index) => stepOf(tier, index + 1, draft, form, used));
  steps.forEach((step, index) => {
    if (step.above <= (steps[index - 1]?.above ?? 0)) form.fault(`tier.${index + 1}.above`, 'rises');
  });
  return {
    ...first,
    tiers: steps.length === 0 ? null : { span: draft.tierSpan, steps },
    priceSeriesId: null,
  };
}

function stepOf(tier: TierDraft, place: number, draft: VersionDraft, form: Form, used: Used) {
  const above = form.number(`tier.${place}.above`, tier.above, { digits: 3 }) / 1000;
  return { above, ...ratesOf(tier, place, draft, form, used) };
}

function ratesOf(
  tier: TierDraft | undefined,
  place: number,
  draft: VersionDraft,
  form: Form,
  used: Used,
): { readonly rates: Rates; readonly seasonRates: Record<string, Rates> } {
  const read = (path: string, texts: RateTexts | undefined, periods: Iterable<TouPeriod>): Rates =>
    Object.fromEntries(
      [...periods].map((period) => [
        period,
        form.number(`${path}.${period}`, texts?.[period], { negative: true }),
      ]),
    );
  if (!draft.bySeason) {
    const periods = new Set([...used.values()].flatMap((of) => [...of]));
    return { rates: read(`tier.${place}.all`, tier?.all, periods), seasonRates: {} };
  }
  return {
    rates: {},
    seasonRates: Object.fromEntries(
      [...used].map(([season, periods]) => [
        season,
        read(`tier.${place}.${season}`, tier?.seasons[season], periods),
      ]),
    ),
  };
}

function itemsOf(draft: VersionDraft, form: Form, seasons: readonly string[]): PriceTermsBody {
  const bySeason = draft.bySeason && draft.energy !== 'series';
  return {
    demand: draft.demand.map((item, index) => {
      const path = `demand.${index}`;
      const head = {
        name: form.name(`${path}.name`, item.name),
        period: item.period,
        window: item.window,
        windowMinutes: item.windowMinutes,
      };
      if (!bySeason) return { ...head, rateMicros: form.number(`${path}.rate`, item.rate) };
      const rates = seasons.map(
        (season) =>
          [season, form.number(`${path}.rate.${season}`, item.seasons[season] ?? item.rate)] as const,
      );
      return { ...head, rateMicros: rates[0]?.[1] ?? 0, seasonRatesMicros: Object.fromEntries(rates) };
    }),
    fixed: draft.fixed.map(({ name, per, basis, amount }, index) => ({
      name: form.name(`fixed.${index}.name`, name),
      per,
      basis,
      amountMicros: form.number(`fixed.${index}.amount`, amount),
    })),
    minimumMonthMicros: draft.minimum.trim() === '' ? 0 : form.number('minimum', draft.minimum),
    adjustments: draft.adjustments.map((item, index) =>
      adjustmentOf(item, index, draft.adjustments.slice(0, index), form),
    ),
  };
}

function adjustmentOf(
  item: AdjustmentDraft,
  index: number,
  before: readonly AdjustmentDraft[],
  form: Form,
): NonNullable<PriceTermsBody['adjustments']>[number] {
  const path = `adjustment.${index}`;
  const share = item.basis === 'share';
  const micros = form.number(`${path}.value`, item.value, { digits: share ? 4 : 6 });
  const magnitude = share ? micros / 100 : micros;
  const earlier = new Set<string>(before.map((other) => other.component));
  if (share && item.of.length === 0) form.fault(`${path}.of`, 'of-none');
  if (share && item.of.some((of) => ['surcharge', 'tax', 'rebate'].includes(of) && !earlier.has(of)))
    form.fault(`${path}.of`, 'of-earlier');
  return {
    name: form.name(`${path}.name`, item.name),
    component: item.component,
    basis: item.basis,
    value: item.component === 'rebate' ? 0 - magnitude : magnitude,
    of: [...item.of],
  };
}

function checkCalendar(
  faults: Map<string, FieldFault>,
  calendar: TariffCalendar,
  slotMinutes: SlotMinutes,
): void {
  for (const { path } of faultsOfCalendar(calendar, slotMinutes)) {
    const fault = path.startsWith('dayProfiles')
      ? 'span'
      : path.startsWith('specialDays')
        ? 'special-day'
        : 'season-start';
    faults.set(`calendar.${path}`, fault);
  }
}
