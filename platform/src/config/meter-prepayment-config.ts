// SPDX-License-Identifier: Apache-2.0
/** Keys for trials of STS meters. Real keys never stand in an environment. */
import { z } from 'zod';

export const meterPrepaymentVariables = {
  STS_TRIAL: z
    .enum(['on', 'off'])
    .default('off')
    .describe('on: tokens of STS meters are made in software, with keys for trials only; on or off'),
  STS_TRIAL_SECRETS: z
    .string()
    .regex(/^\d{6}:[0-9a-fA-F]{16}(\s*,\s*\d{6}:[0-9a-fA-F]{16})*$/)
    .optional()
    .describe(
      'supply group codes and their trial keys as 123456:0123456789abcdef, comma between them; needs STS_TRIAL=on',
    ),
} as const;

export interface MeterPrepaymentConfig {
  /** Vending keys for trials by supply group code; null: none. */
  readonly trialKeys: Readonly<Record<string, string>> | null;
}

export function meterPrepaymentFaults(
  given: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (given['STS_TRIAL_SECRETS'] === undefined || given['STS_TRIAL'] === 'on') return [];
  return ['STS_TRIAL_SECRETS: keys in the environment are for trials: set STS_TRIAL=on, or leave them out'];
}

type MeterPrepaymentValues = z.infer<z.ZodObject<typeof meterPrepaymentVariables>>;

export function meterPrepaymentOf(values: MeterPrepaymentValues): MeterPrepaymentConfig {
  const pairs = values.STS_TRIAL === 'on' ? values.STS_TRIAL_SECRETS : undefined;
  if (pairs === undefined) return { trialKeys: null };
  return { trialKeys: Object.fromEntries(pairs.split(',').map((pair) => pair.trim().split(':'))) };
}
