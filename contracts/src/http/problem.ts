// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
/** Every error answer. `code` is stable and machine-readable, `message` says what happened, `hint` what to do next. */
export const problemShape = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  /** Which field or row is at fault. */
  faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** To find this in the log. */
  requestId: z.string(),
});
export type Problem = z.infer<typeof problemShape>;
