// SPDX-License-Identifier: Apache-2.0
/** From a day's amount to its slots. Pure: what is stored, laid out slot by slot. */
import { qualityOf, slotLengthMs } from '@wattledger/contracts';
import type { ExplainSlot } from '@wattledger/contracts/http/billing';
import { roundingMilliMicros } from '../charging/amount.ts';
import { periodsOfDay, rateOf, unpricedReasonOf, type PriceBook } from '../charging/rate-slot-day.ts';
import type { ChargedSlotDay } from '../charging/slot-day.ts';

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

function explainSegment(
  { slots, charge }: ChargedSlotDay,
  accountId: string,
  book: PriceBook,
): readonly ExplainSlot[] {
  const place = charge.accountIds.indexOf(accountId) + 1;
  if (place === 0) return [];
  const length = slotLengthMs(slots.slotMinutes);
  const explained: ExplainSlot[] = [];
  charge.accountIndex.forEach((accountPlace, index) => {
    if (accountPlace !== place) return;
    const consumption = slots.consumption[index] ?? 0;
    const amountMicros = charge.amountMicros[index] as number;
    const versionIndex = charge.versionIndex[index] as number;
    const priceVersionId = versionIndex > 0 ? (charge.priceVersionIds[versionIndex - 1] as string) : null;
    const version = priceVersionId === null ? null : book.version(priceVersionId);
    const period = version === null ? null : (periodsOfDay(slots, version)[index] ?? null);
    const rateMicros = version === null || period === null ? null : rateOf(version, period);
    explained.push({
      startMs: slots.firstSlotMs + index * length,
      endMs: slots.firstSlotMs + (index + 1) * length,
      segmentId: slots.segmentId,
      meterId: slots.meterId,
      quantity: slots.quantity,
      consumption,
      quality: qualityOf(slots.quality[index] as number),
      revision: slots.revision[index] as number,
      period,
      priceVersionId,
      unpricedReason: unpricedReasonOf(versionIndex),
      rateMicros,
      amountMicros,
      roundingMilliMicros:
        rateMicros === null ? 0 : roundingMilliMicros(consumption, rateMicros, amountMicros),
    });
  });
  return explained;
}
