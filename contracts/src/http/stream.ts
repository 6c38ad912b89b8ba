// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of the stream: readings that were held, and the proof that energy closes.
 *
 * GET /api/projects/{projectId}/held-readings                                  heldReadingsShape   (meter:read)
 * GET /api/projects/{projectId}/held-registers                                 heldRegistersShape  (meter:read)
 * GET /api/projects/{projectId}/metering-points/{meteringPointId}/closure      energyClosureShape  (energy:read)
 *
 * A held reading is decided by what it is measured against: mount the meter, give the segment a register width or a
 * power limit, or end the segment where the register fell and begin another (restart, exchange). Each of these is a
 * change of the mounting in the registry; the readings concerned are judged again by themselves.
 */
import { z } from 'zod';
import { quantities } from '../quantities.ts';
import { qualities } from '../quality.ts';
import { asOfShape } from './as-of.ts';

const whole = z.number().int();

/** Why a reading does not count. */
export const heldReasons = [
  'conflict', // another value for an instant that already has one; the first in the log stands
  'register-fell', // the register fell and it was no rollover: held from there until a decision
  'impossible-value', // more energy than the point can carry, or beyond the register's width
  'impossible-instant', // later than it was received, or before the year 2000
  'not-mounted', // the meter is known, but this register counted nowhere at that instant
  'unknown-meter', // nothing is known of the meter in this project
  'outside-segment', // before the opening or after the closing reading of its segment
] as const;
export type HeldReason = (typeof heldReasons)[number];

export const heldReadingsQueryShape = z.object({
  reason: z.enum(heldReasons).optional(),
  meterId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** `next` of the page before. */
  cursor: z.string().max(200).optional(),
});

export const heldReadingShape = z.object({
  reason: z.enum(heldReasons),
  meterId: z.string(),
  register: z.string(),
  instantMs: whole,
  /** Register counts as read; value × 10^scaler is base units before the multiplier. */
  value: whole,
  scaler: whole,
  quality: z.enum(qualities),
  source: z.string(),
  receivedAtMs: whole,
  /** Offset in the meter log of the record that brought it. */
  logOffset: whole,
});
export type HeldReading = z.infer<typeof heldReadingShape>;

export const heldReadingsShape = z.object({
  projectId: z.string(),
  /** All held readings of the project by reason, whatever the filter; only reasons that occur. */
  counts: z.array(z.object({ reason: z.enum(heldReasons), readings: whole, meters: whole })),
  total: whole,
  /** Newest instant first. */
  items: z.array(heldReadingShape),
  /** Ask again with this as `cursor`; null at the end. */
  next: z.string().nullable(),
});
export type HeldReadings = z.infer<typeof heldReadingsShape>;

const registerReadingShape = z.object({
  instantMs: whole,
  value: whole,
  scaler: whole,
  /** value × 10^scaler × multiplier in whole base units. */
  baseUnits: whole,
});

/** Registers that wait for a decision: their readings are kept and nothing is counted since `lastAccepted`. */
export const heldRegistersShape = z.object({
  projectId: z.string(),
  registers: z.array(
    z.object({
      meterId: z.string(),
      register: z.string(),
      segmentId: z.string(),
      meteringPointId: z.string(),
      quantity: z.enum(quantities),
      reason: z.enum(['register-fell', 'impossible-value']),
      lastAccepted: registerReadingShape,
      /** The reading that began it, and the newest one held. */
      heldFromMs: whole,
      heldToMs: whole,
    }),
  ),
});
export type HeldRegisters = z.infer<typeof heldRegistersShape>;

/** Σ slots = closing − opening (+ what rollovers passed), per segment: the proof behind every energy figure. */
export const energyClosureShape = z.object({
  projectId: z.string(),
  meteringPointId: z.string(),
  segments: z.array(
    z.object({
      segmentId: z.string(),
      meterId: z.string(),
      register: z.string(),
      quantity: z.enum(quantities),
      fromMs: whole,
      toMs: whole.nullable(),
      multiplierNumerator: whole,
      multiplierDenominator: whole,
      /** First and last accepted reading; null while the segment has none. */
      opening: registerReadingShape.nullable(),
      closing: registerReadingShape.nullable(),
      rollovers: whole,
      /** Base units that passed through rollovers: added to closing − opening. */
      rolloverConsumption: whole,
      /** closing − opening + rolloverConsumption. */
      registerConsumption: whole,
      /** Σ slots of the segment as they stand in the warehouse. */
      slotsConsumption: whole,
      slots: whole,
      closes: z.boolean(),
    }),
  ),
  registerConsumption: whole,
  slotsConsumption: whole,
  closes: z.boolean(),
  asOf: asOfShape,
});
export type EnergyClosure = z.infer<typeof energyClosureShape>;
