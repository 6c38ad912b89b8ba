// SPDX-License-Identifier: Apache-2.0
/** Electrical parameters of a meter over time, by the names and in the units of its register map. */
import { z } from 'zod';
import { formatQuery, periodQuery, ratio, whole } from './asking.ts';
import { bucketShape } from './energy.ts';

/** `raw` = every poll by itself; the others gather polls on the local clock. */
export const parameterGrains = ['raw', 'slot', 'hour', 'day'] as const;
export type ParameterGrain = (typeof parameterGrains)[number];

/** Most parameters of one question, and most instants of a raw one. */
export const parameterNamesMax = 12;
export const rawInstantsMax = 4_000;

const namePattern = /^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/;
const nameList = z
  .string()
  .max(1_000)
  .transform((text) => [...new Set(text.split(','))])
  .pipe(z.array(z.string().regex(namePattern)).min(1).max(parameterNamesMax));

export const meterParams = z.object({ projectId: z.string(), meterId: z.string() });
export const parametersQueryShape = z.object({
  /** Names divided by commas: `names=voltage.l1,voltage.l2`. */
  names: nameList,
  ...periodQuery,
  grain: z.enum(parameterGrains).default('slot'),
  ...formatQuery,
});

/** Along `buckets`; null where no poll brought a value. Thousandths of the unit are exact; means are rounded to them. */
export const parameterSeriesShape = z.object({
  name: z.string(),
  min: z.array(ratio),
  mean: z.array(ratio),
  max: z.array(ratio),
  last: z.array(ratio),
  /** Polls. */
  count: z.array(whole),
});
export type ParameterSeries = z.infer<typeof parameterSeriesShape>;
export const parametersAnswerShape = z.object({
  projectId: z.string(),
  meterId: z.string(),
  zone: z.string(),
  fromMs: whole,
  toMs: whole,
  grain: z.enum(parameterGrains),
  /** Newest value in the span; null when there is none. */
  asOfMs: whole.nullable(),
  /** Of a raw question: the instants, with equal start and end. */
  buckets: z.array(bucketShape),
  series: z.array(parameterSeriesShape),
});
export type ParametersAnswer = z.infer<typeof parametersAnswerShape>;

export const parameterNamesShape = z.object({
  projectId: z.string(),
  meterId: z.string(),
  /** Oldest and newest value of any parameter; null when nothing is kept. */
  keptSinceMs: whole.nullable(),
  asOfMs: whole.nullable(),
  parameters: z.array(z.object({ name: z.string(), firstMs: whole, lastMs: whole })),
});
export type ParameterNames = z.infer<typeof parameterNamesShape>;
