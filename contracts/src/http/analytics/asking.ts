// SPDX-License-Identifier: Apache-2.0
/** What questions are asked with: selection, period, grain, grouping, format. */
import { z } from 'zod';
import { media } from '../../quantities.ts';

export const whole = z.number().int();
export const known = whole.nullable();
export const ratio = z.number().nullable();

/** A local day 'YYYY-MM-DD' in the project's zone, or for spans below a day an instant with offset ('…Z', '…+08:00'). */
export const edge = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/,
    'expected YYYY-MM-DD or an instant such as 2026-03-01T08:00:00Z',
  );

/** Several ids in one parameter, divided by commas: `points=pnt_1,pnt_2`. */
const idList = z.string().max(20_000).optional();

export const comparisonKinds = ['none', 'previous', 'last-year'] as const;
export type ComparisonKind = (typeof comparisonKinds)[number];

/** `csv` answers text/csv (RFC 4180, dot decimals); with `bom=1` it begins with a byte order mark, for Excel. */
export const formatQuery = {
  format: z.enum(['json', 'csv']).default('json'),
  bom: z.enum(['0', '1']).default('0'),
};

/** Which metering points. Filters are joined by "and"; a place stands for everything in it, a point for all beneath it. */
export const selectionQuery = {
  points: idList,
  places: idList,
  tenants: idList,
  /** Sub-items divided by commas. */
  subItems: idList,
  medium: z.enum(media).default('electricity'),
  /**
   * `export` asks for energy given back to the supply; electricity only. What a generator makes is shown in its own row
   * and is in no total: part of it is used on the spot, and only the meter at the supply knows what went back.
   */
  direction: z.enum(['import', 'export']).default('import'),
};
/** Half-open span. */
export const periodQuery = { from: edge, to: edge };
export const compareQuery = { compare: z.enum(comparisonKinds).default('none') };
export const projectParams = z.object({ projectId: z.string() });
export const pointParams = z.object({ projectId: z.string(), meteringPointId: z.string() });

export const grains = ['slot', 'hour', 'day', 'week', 'month', 'year'] as const;
export type Grain = (typeof grains)[number];
export const groupings = ['none', 'point', 'place', 'tenant', 'sub-item'] as const;
export type Grouping = (typeof groupings)[number];
export const placeLevels = ['area', 'building', 'floor', 'room'] as const;
/** For grouping by place: which level of the place tree. Without it: the uppermost level that has two or more places. */
export const placeLevelQuery = { placeLevel: z.enum(placeLevels).optional() };
