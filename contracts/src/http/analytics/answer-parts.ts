// SPDX-License-Identifier: Apache-2.0
/** What answers are made of: spans, figures, counts of slots, subjects, the head. */
import { z } from 'zod';
import { type Medium, media } from '../../quantities.ts';
import { asOfShape } from '../as-of.ts';
import { known, ratio, whole } from './asking.ts';

export const unitOfMedium: Readonly<Record<Medium, 'Wh' | 'l' | 'dm3'>> = {
  electricity: 'Wh',
  water: 'l',
  gas: 'dm3',
};

export const spanShape = z.object({
  /** As asked: local days, or instants when the span is finer. */
  from: z.string(),
  to: z.string(),
  fromMs: whole,
  toMs: whole,
  /**
   * Where comparable energy ends: toMs for a span that is over, else the start of the slot that holds the newest
   * reading: of the points that make the total where the answer tells one, else of all points that enter. A comparison
   * covers the same local part of its own span.
   */
  untilMs: whole,
  complete: z.boolean(),
});
export type Span = z.infer<typeof spanShape>;

/** Things a reader should know about an answer; texts are made by the screen. */
export const noteKinds = [
  'parent-links-changed', // the tree changed inside the span; each part was counted by the tree of its time
  'comparison-shorter', // the span before has fewer days (February), so it is not the same length
  'comparison-longer', // the span before has more days (January, a leap February): those stand beside none of this one
  'no-counterpart', // 29 February has no day a year before
  'rows-truncated', // only the first rows are shown
  'money-only-charged-accounts', // energy without an account, or not yet charged, has no money here
] as const;
export type NoteKind = (typeof noteKinds)[number];

/** A quantity with the span before laid beside it. */
export const figureShape = z.object({
  /** All that is known of the span. */
  consumption: known,
  /** The part of it that is compared (up to untilMs); equals consumption when the span is over. */
  samePart: known,
  before: known,
  /** samePart − before. */
  change: known,
  /** change / before. */
  changeShare: ratio,
});
export type Figure = z.infer<typeof figureShape>;

export const slotCountsShape = z.object({ measured: whole, estimated: whole, edited: whole, missing: whole });
export type SlotCounts = z.infer<typeof slotCountsShape>;

export const headFields = {
  projectId: z.string(),
  zone: z.string(),
  slotMinutes: whole,
  medium: z.enum(media),
  direction: z.enum(['import', 'export']),
  unit: z.enum(['Wh', 'l', 'dm3']),
  counting: z.enum(['net', 'gross']),
  period: spanShape,
  comparison: spanShape.nullable(),
  notes: z.array(z.enum(noteKinds)),
  asOf: asOfShape,
  /** Quality of the span before, where there is one. */
  comparisonAsOf: asOfShape.nullable(),
};
export const answerHeadShape = z.object(headFields);
export type AnswerHead = z.infer<typeof answerHeadShape>;

/** Who a series or row stands for. `rest` = energy of no group: unmetered parts and losses of mains, no place, no tenant. */
const subjectFields = {
  kind: z.enum(['total', 'point', 'place', 'tenant', 'sub-item', 'project', 'rest']),
  /** Id of the point, place, tenant or project; the word of a sub-item; null for total and rest. */
  id: z.string().nullable(),
  code: z.string().nullable(),
  name: z.string().nullable(),
};
export const subjectShape = z.object(subjectFields);
export type Subject = z.infer<typeof subjectShape>;
