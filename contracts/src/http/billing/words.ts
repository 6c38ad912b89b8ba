// SPDX-License-Identifier: Apache-2.0
/** Words that several of the shapes are made of. */
import { z } from 'zod';

export const micros = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
export const instantMs = z.number().int().min(0).max(253_402_300_799_999);
export const localDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'a local day, YYYY-MM-DD');
export const counter = z.number().int().min(0);
export const text = z.string().trim().min(1).max(500);
/** The caller's own id for a command. */
export const requestId = z
  .string()
  .min(8)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);
export const who = z.object({ id: z.string(), name: z.string() });
