// SPDX-License-Identifier: Apache-2.0
/** Words that several of the shapes are made of; pages; parameters of paths. */
import { z } from 'zod';
import { idPattern } from '../../ids.ts';

/** No control characters and no halves of surrogate pairs: no database keeps them as text. */
export const plainCharacters = /^[^\p{Cc}\p{Cs}]*$/u;
export const id = z.string().regex(idPattern, 'an id');
export const code = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(plainCharacters, 'no control characters')
  .describe('The name people and files use; unique within its project, kept for good.');
export const text = (charactersMax: number) =>
  z.string().trim().min(1).max(charactersMax).regex(plainCharacters, 'no control characters');
export const name = text(200);
export const instantMs = z.number().int().min(0).max(253_402_300_799_999);
export const email = z.email().max(254);
export const pollIntervalSeconds = z.number().int().min(1).max(86_400);
export const areaM2 = z.number().min(0).max(100_000_000);
export const counter = z.number().int().min(0);

export const pageLimitMax = 1000;
export const pageQueryShape = z.object({
  limit: z.coerce.number().int().min(1).max(pageLimitMax).default(200),
  after: z.string().max(200).regex(plainCharacters).optional(),
});
export const searchQueryShape = pageQueryShape.extend({
  q: z.string().trim().max(100).regex(plainCharacters).optional().describe('Part of a code, serial or name.'),
});
export const projectParamsShape = z.object({ projectId: id });
export type ProjectParams = z.infer<typeof projectParamsShape>;
