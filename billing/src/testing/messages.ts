// SPDX-License-Identifier: Apache-2.0
/** Records of interval energy as the stream writes them, and a calendar, for tests and measurements. */
import {
  slotLengthMs,
  slotsOfLocalDay,
  type IntervalEnergy,
  type Quantity,
  type SlotMinutes,
  type TariffCalendar,
} from '@wattledger/contracts';

/** Peak from 08:00 to 20:00 on weekdays, valley else. */
export const peakCalendar: TariffCalendar = {
  id: 'peak',
  name: 'Peak and valley',
  dayProfiles: {
    work: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
      { fromMinute: 1200, period: 'valley' },
    ],
    rest: [{ fromMinute: 0, period: 'valley' }],
  },
  seasons: [
    {
      name: 'year',
      fromMonthDay: '01-01',
      weekday: ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'],
    },
  ],
  specialDays: { '2026-01-01': 'rest' },
};

export const projectId = 'prj_test';

export interface EnergyOptions {
  readonly projectId?: string;
  readonly meteringPointId?: string;
  readonly segmentId?: string;
  readonly day: string;
  readonly revision: number;
  /** Slot index → consumption; or one number for every slot. */
  readonly slots: Readonly<Record<string, number>> | number;
  readonly quality?: number;
  readonly quantity?: Quantity;
  readonly zone?: string;
  readonly slotMinutes?: SlotMinutes;
  readonly lastReadingMs?: number;
  readonly lastReadingQuality?: number;
}

/** One segment's day. The last reading is at the end of the last slot named. */
export function energy(options: EnergyOptions): IntervalEnergy {
  const { meteringPointId = 'pnt_a', day, zone = 'Europe/Berlin', slotMinutes = 30 } = options;
  const { firstSlotMs, slotCount } = slotsOfLocalDay(zone, day, slotMinutes);
  const slots = typeof options.slots === 'number' ? filled(slotCount, options.slots) : options.slots;
  const index = Object.keys(slots)
    .map(Number)
    .sort((a, b) => a - b);
  const lastSlot = (index.at(-1) ?? 0) + 1;
  return {
    projectId: options.projectId ?? projectId,
    meteringPointId,
    segmentId: options.segmentId ?? `seg_${meteringPointId}`,
    meterId: `mtr_${meteringPointId}`,
    quantity: options.quantity ?? 'active-import',
    zone,
    slotMinutes,
    localDay: day,
    firstSlotMs,
    slotCount,
    revision: options.revision,
    index,
    consumption: index.map((slot) => slots[String(slot)] as number),
    quality: index.map(() => options.quality ?? 0),
    lastReadingMs: options.lastReadingMs ?? firstSlotMs + lastSlot * slotLengthMs(slotMinutes),
    lastReadingQuality: options.lastReadingQuality ?? 0,
    receivedAt: firstSlotMs,
  };
}

const filled = (count: number, consumption: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index), consumption]));
