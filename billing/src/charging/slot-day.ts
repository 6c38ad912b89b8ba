// SPDX-License-Identifier: Apache-2.0
/**
 * The slots of one segment of a metering point on one local day, as parallel arrays, and how news is merged into
 * them: the newest revision of a slot wins, whatever order it arrives in.
 */
import assert from 'node:assert/strict';
import type { IntervalEnergy, Quantity, SlotMinutes } from '@wattledger/contracts';

export interface SlotDayKey {
  readonly meteringPointId: string;
  readonly segmentId: string;
  readonly localDay: string;
}
export const slotDayKeyText = (key: SlotDayKey): string =>
  `${key.meteringPointId}/${key.segmentId}/${key.localDay}`;

/** Slots as they are known. */
export interface SlotDay extends SlotDayKey {
  readonly projectId: string;
  readonly meterId: string;
  readonly quantity: Quantity;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly firstSlotMs: number;
  /** Null where nothing is known of the slot. */
  readonly consumption: readonly (number | null)[];
  readonly revision: readonly number[];
  /** Quality codes. */
  readonly quality: readonly number[];
}

/** Place in `priceVersionIds` from 1, or one of these. */
export const noAccount = 0;
export const noPriceInForce = -1;
export const quantityNotCharged = -2;

/** How each slot is charged; parallel to the slots. */
export interface SlotDayCharge {
  /** Place in `accountIds` from 1; 0 = no account. */
  readonly accountIndex: readonly number[];
  readonly versionIndex: readonly number[];
  readonly amountMicros: readonly number[];
  readonly accountIds: readonly string[];
  readonly priceVersionIds: readonly string[];
  /**
   * What each account had used before the day's first slot, since its local month or year began: parallel to `accountIds`;
   * empty where no version of the day has tiers of that span.
   */
  readonly monthPositions: readonly number[];
  readonly yearPositions: readonly number[];
}

/** A day as stored: slots and their charge. */
export interface ChargedSlotDay {
  readonly slots: SlotDay;
  readonly charge: SlotDayCharge;
  /** Grows with every change of the charge; 0 before the first. */
  readonly chargeRevision: number;
}

export function emptyCharge(slotCount: number): SlotDayCharge {
  const zeros = new Array<number>(slotCount).fill(0);
  return {
    accountIndex: zeros,
    versionIndex: zeros,
    amountMicros: zeros,
    accountIds: [],
    priceVersionIds: [],
    monthPositions: [],
    yearPositions: [],
  };
}

function emptySlotDay(message: IntervalEnergy): SlotDay {
  return {
    meteringPointId: message.meteringPointId,
    segmentId: message.segmentId,
    localDay: message.localDay,
    projectId: message.projectId,
    meterId: message.meterId,
    quantity: message.quantity,
    zone: message.zone,
    slotMinutes: message.slotMinutes,
    firstSlotMs: message.firstSlotMs,
    consumption: new Array<null>(message.slotCount).fill(null),
    revision: new Array<number>(message.slotCount).fill(-1),
    quality: new Array<number>(message.slotCount).fill(0),
  };
}

const sameGrid = (day: SlotDay, message: IntervalEnergy): boolean =>
  day.zone === message.zone &&
  day.slotMinutes === message.slotMinutes &&
  day.firstSlotMs === message.firstSlotMs &&
  day.consumption.length === message.slotCount;

/**
 * The day after a message. Answers the same object when the message says nothing new.
 * @param message on the day's grid; see segment-grids.ts
 * @throws RangeError when the message's arrays do not fit together
 */
export function mergeSlots(day: SlotDay | null, message: IntervalEnergy): SlotDay {
  checkMessage(message);
  const base = day ?? emptySlotDay(message);
  assert.ok(sameGrid(base, message), `${slotDayKeyText(message)} has one grid`);
  let consumption: (number | null)[] | null = null;
  let revision: number[] = [];
  let quality: number[] = [];
  for (let item = 0; item < message.index.length; item += 1) {
    const index = message.index[item] as number;
    if (message.revision <= (base.revision[index] as number)) continue;
    if (consumption === null) {
      consumption = [...base.consumption];
      revision = [...base.revision];
      quality = [...base.quality];
    }
    consumption[index] = message.consumption[item] as number;
    revision[index] = message.revision;
    quality[index] = message.quality[item] as number;
  }
  if (consumption === null) return base;
  return { ...base, meterId: message.meterId, quantity: message.quantity, consumption, revision, quality };
}

function checkMessage(message: IntervalEnergy): void {
  const { index, consumption, quality, slotCount } = message;
  const whole = (value: number): boolean => Number.isSafeInteger(value);
  const fits =
    consumption.length === index.length &&
    quality.length === index.length &&
    message.revision >= 0 &&
    index.every((slot) => slot >= 0 && slot < slotCount) &&
    consumption.every(whole);
  if (!fits) {
    throw new RangeError(
      `interval energy of ${slotDayKeyText(message)}, revision ${message.revision}: its arrays do not describe slots 0…${slotCount - 1}`,
    );
  }
}

/** Σ of the known slots. */
export function consumptionOf(day: SlotDay): number {
  return day.consumption.reduce<number>((sum, consumption) => sum + (consumption ?? 0), 0);
}
