// SPDX-License-Identifier: Apache-2.0
/** From a figure down to its registers. */
import { z } from 'zod';
import { media } from '../../quantities.ts';
import { pointRoles, subItems } from '../../topics/registry-snapshots.ts';
import { touPeriods } from '../../tou-period.ts';
import { asOfShape } from '../as-of.ts';
import { edge, formatQuery, known, selectionQuery, whole } from './asking.ts';
import { spansCoverage, spansFigures } from './overview.ts';

export const readingVerdicts = [
  'accepted',
  'conflict',
  'register-fell',
  'impossible-value',
  'not-mounted',
  'unknown-meter',
  'outside-segment',
] as const;
export const readingRowShape = z.object({
  meterId: z.string(),
  register: z.string(),
  instantMs: whole,
  /** Register count as read; value × 10^scaler base units. */
  value: whole,
  scaler: whole,
  quality: z.enum(['measured', 'estimated', 'edited', 'missing']),
  source: z.string(),
  receivedAtMs: whole,
  /** Offset in the meter log of the record that first brought it. */
  logOffset: whole,
  /** Only accepted readings count; the others are held with this reason. */
  verdict: z.enum(readingVerdicts),
});
export type ReadingRow = z.infer<typeof readingRowShape>;

export const slotEvidenceQueryShape = z.object({
  /** Instant of the slot's start. */
  slotStart: edge,
  direction: selectionQuery.direction,
});
export const slotEvidenceAnswerShape = z.object({
  projectId: z.string(),
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  unit: z.enum(['Wh', 'l', 'dm3']),
  slotStartMs: whole,
  slotEndMs: whole,
  localDay: z.string(),
  period: z.enum(touPeriods),
  consumption: known,
  /** One per meter mounted during the slot. */
  segments: z.array(
    z.object({
      segmentId: z.string(),
      meterId: z.string(),
      meterSerial: z.string().nullable(),
      register: z.string(),
      fromMs: whole,
      toMs: whole.nullable(),
      /** CT × PT; null when the mounting is not known here. */
      multiplierNumerator: whole.nullable(),
      multiplierDenominator: whole.nullable(),
      consumption: known,
      quality: z.enum(['measured', 'estimated', 'edited', 'missing']),
      revision: whole.nullable(),
      /** The last reading at or before the slot's start, those inside it, and the first at or after its end. */
      readings: z.array(readingRowShape),
      /** The spans below add up to the slot's consumption exactly. */
      explained: z.boolean(),
      /**
       * The arithmetic, step by step: each span between two neighbouring readings, its energy (register difference ×
       * multiplier), and how much of it fell into this slot. Empty when the multiplier is not known here.
       */
      spans: z.array(
        z.object({
          fromMs: whole,
          toMs: whole,
          fromValue: whole,
          toValue: whole,
          /** Whole base units between the two readings. */
          spanConsumption: whole,
          slotConsumption: whole,
          rollover: z.boolean(),
        }),
      ),
    }),
  ),
});
export type SlotEvidenceAnswer = z.infer<typeof slotEvidenceAnswerShape>;

export const readingsQueryShape = z.object({
  /** Readings before this instant, newest first; without it the newest. */
  beforeMs: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  ...formatQuery,
});
export const readingsAnswerShape = z.object({
  projectId: z.string(),
  meteringPointId: z.string(),
  rows: z.array(readingRowShape),
  /** Ask again with beforeMs = this; null at the end. */
  nextBeforeMs: whole.nullable(),
});
export type ReadingsAnswer = z.infer<typeof readingsAnswerShape>;

export const pointSummaryShape = z.object({
  projectId: z.string(),
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  medium: z.enum(media),
  unit: z.enum(['Wh', 'l', 'dm3']),
  role: z.enum(pointRoles),
  subItem: z.enum(subItems),
  place: z.object({ id: z.string(), name: z.string(), path: z.array(z.string()) }).nullable(),
  tenant: z.object({ id: z.string(), name: z.string() }).nullable(),
  parent: z.object({ id: z.string(), name: z.string() }).nullable(),
  children: z.array(z.object({ id: z.string(), code: z.string(), name: z.string() })),
  mountings: z.array(
    z.object({
      segmentId: z.string(),
      meterId: z.string(),
      meterSerial: z.string().nullable(),
      register: z.string(),
      fromMs: whole,
      toMs: whole.nullable(),
    }),
  ),
  /** What the point itself measured, against the span before. */
  ...spansFigures,
  coverage: z.object(spansCoverage),
  /** Newest reading, its register and value; null when there is none. */
  lastReading: readingRowShape.nullable(),
  /** Quality of this month. */
  asOf: asOfShape,
});
export type PointSummary = z.infer<typeof pointSummaryShape>;
