// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

export const alarmKinds = [
  'gateway-offline',
  'meter-offline',
  'low-balance-1',
  'low-balance-2',
  'arrears',
  'relay-not-obeying',
  'reading-held',
  'energy-not-closing',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];
/** Raised and cleared by whoever detects; the registry keeps the life of the alarm. One open alarm per kind and subject. */
export const alarmSignalShape = z.object({
  projectId: z.string(),
  kind: z.enum(alarmKinds),
  subjectKind: z.enum(['gateway', 'meter', 'metering-point', 'account']),
  subjectId: z.string(),
  state: z.enum(['raised', 'cleared']),
  at: z.number().int(),
  /** Facts for the reader, e.g. { balanceMicros: "-1200000" }; texts are made by the screen. */
  facts: z.record(z.string(), z.string()),
});
export type AlarmSignal = z.infer<typeof alarmSignalShape>;
