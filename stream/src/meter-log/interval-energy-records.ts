// SPDX-License-Identifier: Apache-2.0
/** Slots that changed → records for charging, one per segment and local day, each slot whole. */
import {
  localDayOf,
  slotsOfLocalDay,
  type IntervalEnergy,
  type Quantity,
  type SlotMinutes,
} from '@wattledger/contracts';
import type { NewRecord } from '@wattledger/platform';
import type { SegmentSlots } from '../interval-energy/meter-effects.ts';
import type { MeterState } from '../interval-energy/meter-state.ts';

const missingQuality = 3;

/** Slot starts of changed slots in order of time. */
export const changedStarts = ({ slots }: SegmentSlots): number[] => [...slots.keys()].sort((a, b) => a - b);

export function intervalEnergyRecords(
  meter: MeterState,
  changed: SegmentSlots,
  starts: readonly number[],
): NewRecord<IntervalEnergy>[] {
  const mounting = meter.inForce?.mounting;
  if (mounting === undefined) return [];
  const { zone, slotMinutes } = mounting;
  const last = meter.registers.get(changed.register)?.segments.get(changed.segmentId)?.extents.at(-1)?.last;
  const records: NewRecord<IntervalEnergy>[] = [];
  for (let from = 0; from < starts.length;) {
    const localDay = localDayOf(zone, starts[from] as number);
    const day = daySlots(changed, starts, from, { zone, localDay, slotMinutes });
    from = day.next;
    if (day.fields.index.length === 0) continue;
    records.push({
      key: changed.meteringPointId,
      value: {
        projectId: meter.projectId,
        meteringPointId: changed.meteringPointId,
        segmentId: changed.segmentId,
        meterId: meter.meterId,
        quantity: changed.quantity as Quantity,
        zone,
        slotMinutes,
        localDay,
        ...day.fields,
        lastReadingMs: last?.instantMs ?? (starts[0] as number),
        lastReadingQuality: last?.quality ?? missingQuality,
        receivedAt: changed.receivedAt,
      },
    });
  }
  return records;
}

type DayFields = Pick<
  IntervalEnergy,
  'firstSlotMs' | 'slotCount' | 'revision' | 'index' | 'consumption' | 'quality'
>;

function daySlots(
  changed: SegmentSlots,
  starts: readonly number[],
  from: number,
  {
    zone,
    localDay,
    slotMinutes,
  }: { readonly zone: string; readonly localDay: string; readonly slotMinutes: SlotMinutes },
): { readonly next: number; readonly fields: DayFields } {
  const { firstSlotMs, slotCount } = slotsOfLocalDay(zone, localDay, slotMinutes);
  const slotMs = slotMinutes * 60_000;
  const index: number[] = [];
  const consumption: number[] = [];
  const quality: number[] = [];
  let revision = 0;
  let next = from;
  for (; next < starts.length; next += 1) {
    const start = starts[next] as number;
    const at = (start - firstSlotMs) / slotMs;
    if (at >= slotCount) break;
    const slot = changed.slots.get(start);
    // A slot of another slot length than the one in force now vanished: nobody counts on that grid any more.
    if (slot === undefined || !Number.isInteger(at)) continue;
    index.push(at);
    consumption.push(slot.consumption);
    quality.push(slot.deleted ? missingQuality : slot.quality);
    revision = Math.max(revision, slot.revision);
  }
  return { next, fields: { firstSlotMs, slotCount, revision, index, consumption, quality } };
}
