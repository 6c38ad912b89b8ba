// SPDX-License-Identifier: Apache-2.0
/** HTTP shapes of notices: messages, their templates, and what waits for the person who is signed in. */
import { z } from 'zod';
import { idPattern } from '../ids.ts';
import { alarmKinds, alarmSeverities } from '../topics/alarms.ts';
import { noticeChannels, noticeEvents, noticeShape, noticeStates } from './alarms.ts';
import { languages, pageQueryShape, projectParamsShape } from './registry.ts';

const id = z.string().regex(idPattern, 'an id');
const counter = z.number().int().min(0);

export const noticeListQueryShape = pageQueryShape.extend({
  state: z.enum(noticeStates).optional(),
  channel: z.enum(noticeChannels).optional(),
  alarmId: id.optional(),
});
/** GET /api/projects/{projectId}/notices: every message with its outcome, newest first. */
export const noticeListShape = z.object({
  notices: z.array(noticeShape),
  next: z.string().nullable(),
  counts: z.record(z.enum(noticeStates), counter),
});
export type NoticeList = z.infer<typeof noticeListShape>;
export const noticeParamsShape = projectParamsShape.extend({ noticeId: id });
/** GET /api/projects/{projectId}/notices/{noticeId} */
export const noticeDetailShape = noticeShape.extend({
  tries: z.array(
    z.object({ atMs: z.number().int(), outcome: z.enum(['sent', 'failed']), answer: z.string() }),
  ),
});
export type NoticeDetail = z.infer<typeof noticeDetailShape>;

/** POST /api/projects/{projectId}/notices/test: one message by one channel. */
export const testNoticeBodyShape = z.strictObject({
  channel: z.enum(noticeChannels),
  /** Not for in-app: that goes to oneself. */
  address: z.string().trim().max(500).nullable().default(null),
  language: z.enum(languages),
});
export type TestNoticeBody = z.input<typeof testNoticeBodyShape>;

// ── Templates ────────────────────────────────────────────────────────────────────────────────────────────────────

export const noticePlaceholders = [
  'alarm',
  'severity',
  'subject',
  'project',
  'place',
  'tenant',
  'time',
  'facts',
  'balance',
  'count',
  'list',
] as const;
export type NoticePlaceholder = (typeof noticePlaceholders)[number];
export const templateParamsShape = projectParamsShape.extend({
  event: z.enum(noticeEvents),
  language: z.enum(languages),
});
/** Text with places to fill, {alarm} for example. Line breaks are kept; nothing else is markup. */
export const templateBodyShape = z.strictObject({
  subject: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'one line, no control characters'),
  body: z
    .string()
    .trim()
    .min(1)
    .max(4000)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n|\r\n)*$/u, 'no control characters'),
});
export type TemplateBody = z.infer<typeof templateBodyShape>;
export const templateShape = templateBodyShape.extend({
  event: z.enum(noticeEvents),
  language: z.enum(languages),
  /** Changed by the project; false: as it comes with the product. */
  own: z.boolean(),
});
export type NoticeTemplate = z.infer<typeof templateShape>;
/** GET /api/projects/{projectId}/notice-templates */
export const templateListShape = z.object({ templates: z.array(templateShape) });
export type TemplateList = z.infer<typeof templateListShape>;
/** POST /api/projects/{projectId}/notice-templates/{event}/{language}/preview: filled with an example. */
export const templatePreviewShape = z.object({ subject: z.string(), body: z.string(), html: z.string() });
export type TemplatePreview = z.infer<typeof templatePreviewShape>;

// ── One's own ────────────────────────────────────────────────────────────────────────────────────────────────────

export const ownNoticeShape = z.object({
  id: z.string(),
  projectId: z.string(),
  alarmId: z.string().nullable(),
  kind: z.enum(alarmKinds).nullable(),
  severity: z.enum(alarmSeverities).nullable(),
  subject: z.string(),
  body: z.string(),
  atMs: z.number().int(),
  readAtMs: z.number().int().nullable(),
});
/** GET /api/own-notices: what was told to the person in the product, newest first, at most 50. */
export const ownNoticeListShape = z.object({ notices: z.array(ownNoticeShape), unread: counter });
export type OwnNoticeList = z.infer<typeof ownNoticeListShape>;
/** POST /api/own-notices/read; without ids: all. */
export const readOwnNoticesBodyShape = z.strictObject({ ids: z.array(id).max(200).optional() });
