// SPDX-License-Identifier: Apache-2.0
/** From a day's amount to its slots. Pure: what is stored, laid out slot by slot. */
import { qualityOf, slotLengthMs } from '@wattledger/contracts';
import type { Explain, ExplainSlot } from '@wattledger/contracts/http/billing';
import { roundingMilliMicros } from '../charging/amount.ts';
import {
  advanced,
  chargePartsOf,
  hasTiers,
  periodsOfDay,
  storedPosition,
  unpricedReasonOf,
  type PriceBook,
} from '../charging/rate-slot-day.ts';
import type { ChargedSlotDay } from '../charging/slot-day.ts';
import type { PriceVersionTerms } from '../prices/price-version.ts';
import type { TierPosition } from '../rating/energy-charge.ts';
import { seasonOfDay } from '../rating/seasons.ts';

/** The slots of an account among the segments of a metering point's day, in order of time. */
export function explainSlots(
  days: readonly ChargedSlotDay[],
  accountId: string,
  book: PriceBook,
): readonly ExplainSlot[] {
  return days
    .flatMap((day) => explainSegment(day, accountId, book))
    .sort((a, b) => a.startMs - b.startMs || (a.segmentId < b.segmentId ? -1 : 1));
}

function explainSegment(day: ChargedSlotDay, accountId: string, book: PriceBook): readonly ExplainSlot[] {
  const { slots, charge } = day;
  const accountPlace = charge.accountIds.indexOf(accountId);
  if (accountPlace < 0) return [];
  const length = slotLengthMs(slots.slotMinutes);
  const explained: ExplainSlot[] = [];
  let position = storedPosition(charge, accountPlace);
  charge.accountIndex.forEach((place, index) => {
    if (place !== accountPlace + 1) return;
    const consumption = slots.consumption[index] ?? 0;
    const versionIndex = charge.versionIndex[index] as number;
    const priceVersionId = versionIndex > 0 ? (charge.priceVersionIds[versionIndex - 1] as string) : null;
    const version = priceVersionId === null ? null : book.version(priceVersionId);
    explained.push({
      startMs: slots.firstSlotMs + index * length,
      endMs: slots.firstSlotMs + (index + 1) * length,
      segmentId: slots.segmentId,
      meterId: slots.meterId,
      quantity: slots.quantity,
      consumption,
      quality: qualityOf(slots.quality[index] as number),
      revision: slots.revision[index] as number,
      priceVersionId,
      unpricedReason: unpricedReasonOf(versionIndex),
      amountMicros: charge.amountMicros[index] as number,
      ...explainPrice(day, index, version, { book, position }),
    });
    if (version !== null) position = advanced(position, consumption);
  });
  return explained;
}

type ExplainedPrice = Pick<
  ExplainSlot,
  'period' | 'season' | 'position' | 'parts' | 'rateMicros' | 'roundingMilliMicros'
>;
const unpriced: ExplainedPrice = {
  period: null,
  season: null,
  position: null,
  parts: [],
  rateMicros: null,
  roundingMilliMicros: 0,
};

function explainPrice(
  { slots }: ChargedSlotDay,
  index: number,
  version: PriceVersionTerms | null,
  { book, position }: { readonly book: PriceBook; readonly position: TierPosition },
): ExplainedPrice {
  const charged = version === null ? null : chargePartsOf(slots, index, version, book, position);
  if (version === null || charged === null) return unpriced;
  const parts = charged.parts.map(({ tier, rateMicros, consumption, amountMicros }) => ({
    tier: hasTiers(version) ? tier : null,
    rateMicros,
    consumption,
    amountMicros,
    roundingMilliMicros: roundingMilliMicros(consumption, rateMicros, amountMicros),
  }));
  const span = hasTiers(version) ? version.terms.tiers?.span : undefined;
  return {
    period: periodsOfDay(slots, version)[index] ?? null,
    season: seasonOfDay(version.calendar, slots.localDay),
    position:
      span === undefined
        ? null
        : {
            span,
            consumption: span === 'month' ? position.monthConsumption : position.yearConsumption,
          },
    parts,
    rateMicros: parts.length === 1 ? (parts[0]?.rateMicros ?? null) : null,
    roundingMilliMicros: parts.reduce((sum, part) => sum + part.roundingMilliMicros, 0),
  };
}

/** Each segment of the day with the instants between which its registers account for it. */
export function segmentsOf(slots: readonly ExplainSlot[]): Explain['segments'] {
  const segments = new Map<string, Explain['segments'][number]>();
  for (const { segmentId, meterId, startMs, endMs, consumption } of slots) {
    const known = segments.get(segmentId);
    segments.set(segmentId, {
      segmentId,
      meterId,
      fromMs: Math.min(known?.fromMs ?? startMs, startMs),
      toMs: Math.max(known?.toMs ?? endMs, endMs),
      consumption: (known?.consumption ?? 0) + consumption,
    });
  }
  return [...segments.values()];
}
