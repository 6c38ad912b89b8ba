// SPDX-License-Identifier: Apache-2.0
/**
 * Questions about energy and money, asked over HTTP. Unless a comment says otherwise:
 * - energy is whole base units of the medium (Wh, l, dm³) in `consumption`; money is whole micros of the currency;
 * - `null` means unknown (nothing was measured), never zero;
 * - instants are ms since the epoch in `…Ms`; local days are 'YYYY-MM-DD' in the project's zone; spans are half-open;
 * - shares and rates are plain ratios (0.034 = 3.4 %), null where the divisor is zero or unknown.
 *
 * What adds up. Each metering point's *net* energy is what it measures less what is metered directly beneath it.
 * Net energy belongs to the point's place, tenant and sub-item. A total, a place, a tenant or a sub-item is the sum
 * of the net energy that belongs to it, so nothing is counted twice and the parts add up to the whole exactly
 * (`counting: 'net'`). For a whole tree that equals the energy of its top-most meters. Rows of single metering
 * points show what the point itself measured, its children included (`counting: 'gross'`): they do not add up.
 */
import { z } from 'zod';
import { media, type Medium } from '../quantities.ts';
import { touPeriods } from '../tou-period.ts';
import { pointRoles, subItems } from '../topics/registry-snapshots.ts';
import { accountEventShape } from '../topics/charges.ts';
import { alarmSignalShape } from '../topics/alarms.ts';
import { commandOutcomeShape, telemetryShape } from '../topics/commands.ts';
import { asOfShape } from './as-of.ts';

// ── Asking ────────────────────────────────────────────────────────────────────────────────────────────────────

const whole = z.number().int();
const known = whole.nullable();
const ratio = z.number().nullable();

/** A local day 'YYYY-MM-DD' in the project's zone, or for spans below a day an instant with offset ('…Z', '…+08:00'). */
const edge = z
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
const formatQuery = {
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
const compareQuery = { compare: z.enum(comparisonKinds).default('none') };
export const projectParams = z.object({ projectId: z.string() });
export const pointParams = z.object({ projectId: z.string(), meteringPointId: z.string() });

export const grains = ['slot', 'hour', 'day', 'week', 'month', 'year'] as const;
export type Grain = (typeof grains)[number];
export const groupings = ['none', 'point', 'place', 'tenant', 'sub-item'] as const;
export type Grouping = (typeof groupings)[number];
export const placeLevels = ['area', 'building', 'floor', 'room'] as const;
/** For grouping by place: which level of the place tree. Without it: the uppermost level that has two or more places. */
const placeLevelQuery = { placeLevel: z.enum(placeLevels).optional() };

// ── Parts of answers ──────────────────────────────────────────────────────────────────────────────────────────

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

const headFields = {
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

// ── 1 Overview ────────────────────────────────────────────────────────────────────────────────────────────────

/** How much of a figure was measured: of its span up to now, and of the part of the span before that it is compared with. */
export const coverageShape = z.object({ asOf: asOfShape, before: asOfShape.nullable() });
export type Coverage = z.infer<typeof coverageShape>;

const spansFigures = { today: figureShape, month: figureShape, year: figureShape };
const spansCoverage = { today: coverageShape, month: coverageShape, year: coverageShape };

export const groupOverviewShape = z.object({
  nowMs: whole,
  projects: z.array(
    z.object({
      projectId: z.string(),
      code: z.string(),
      name: z.string(),
      zone: z.string(),
      currency: z.string(),
      address: z.string().nullable(),
      latitude: z.number().nullable(),
      longitude: z.number().nullable(),
      areaM2: z.number().nullable(),
      meteringPoints: whole,
      meters: whole,
      gateways: whole,
      tenants: whole,
      /** One entry per medium that the project meters. Comparison: the span before (yesterday, last month, last year). */
      media: z.array(
        z.object({
          medium: z.enum(media),
          unit: z.enum(['Wh', 'l', 'dm3']),
          ...spansFigures,
          coverage: z.object(spansCoverage),
          monthPerM2: z.number().nullable(),
          /** Quality of this month. */
          asOf: asOfShape,
        }),
      ),
      /** Money charged to accounts; null where the caller may not see money. */
      charges: z
        .object({ todayMicros: whole, monthMicros: whole, yearMicros: whole, monthBeforeMicros: whole })
        .nullable(),
    }),
  ),
});
export type GroupOverview = z.infer<typeof groupOverviewShape>;

const overviewMediumShape = z.object({
  medium: z.enum(media),
  unit: z.enum(['Wh', 'l', 'dm3']),
  /** Against yesterday, the month before, the year before: each up to the same part. */
  ...spansFigures,
  /** This month against the same days a year ago. */
  monthYearOnYear: figureShape,
  coverage: z.object({ ...spansCoverage, monthYearOnYear: coverageShape }),
  /** This month; adds up to `month`. */
  bySubItem: z.array(subjectShape.extend({ month: figureShape, share: ratio, slots: slotCountsShape })),
  byPlace: z.array(
    subjectShape.extend({
      month: figureShape,
      share: ratio,
      areaM2: z.number().nullable(),
      monthPerM2: z.number().nullable(),
      slots: slotCountsShape,
    }),
  ),
  /** Today's slots with yesterday's behind them, laid on local time of day. */
  curve: z.object({
    startMs: z.array(whole),
    localTime: z.array(z.string()),
    today: z.array(known),
    yesterday: z.array(known),
    /** Of today. */
    slotsEstimated: z.array(whole),
    slotsMissing: z.array(whole),
  }),
  /** The largest metering points without metered children, this month. */
  topConsumers: z.array(
    subjectShape.extend({
      placeName: z.string().nullable(),
      tenantName: z.string().nullable(),
      month: figureShape,
      share: ratio,
      slots: slotCountsShape,
    }),
  ),
  /** Losses of this month over all parents' compared slots; null without parents. */
  loss: z
    .object({ input: whole, children: whole, loss: whole, rate: ratio, comparedShare: ratio })
    .nullable(),
  /** Quality of this month. */
  asOf: asOfShape,
});
export const projectOverviewShape = z.object({
  projectId: z.string(),
  zone: z.string(),
  slotMinutes: whole,
  currency: z.string(),
  nowMs: whole,
  spans: z.object({ today: spanShape, month: spanShape, year: spanShape }),
  counts: z.object({ meteringPoints: whole, meters: whole, gateways: whole, tenants: whole, places: whole }),
  media: z.array(overviewMediumShape),
});
export type ProjectOverview = z.infer<typeof projectOverviewShape>;

// ── 2 Energy over time ────────────────────────────────────────────────────────────────────────────────────────

export const energyQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grain: z.enum(grains).default('day'),
  grouping: z.enum(groupings).default('none'),
});
export const bucketShape = z.object({
  /** Local label: '2026', '2026-03', '2026-03-01' (week: its Monday), '2026-03-01T08:30'. */
  label: z.string(),
  startMs: whole,
  endMs: whole,
});
export type Bucket = z.infer<typeof bucketShape>;
/** Arrays run along `buckets`. */
const seriesValues = {
  consumption: z.array(known),
  slotsEstimated: z.array(whole),
  slotsMissing: z.array(whole),
};
export const energyAnswerShape = z.object({
  ...headFields,
  grain: z.enum(grains),
  grouping: z.enum(groupings),
  buckets: z.array(bucketShape),
  /** Counterpart of each bucket in the comparison; null where there is none. Comparison series run along this. */
  comparisonBuckets: z.array(bucketShape.nullable()).nullable(),
  /**
   * What of the comparison stands beside no bucket: 29 February of the year before, 29 to 31 January beside February. It
   * is in every `before` of a total and in no bucket's counterpart. Empty where everything has its counterpart.
   */
  comparisonAlone: z.array(bucketShape),
  total: figureShape,
  series: z.array(
    z.object({
      subject: subjectShape,
      total: figureShape,
      slots: slotCountsShape,
      ...seriesValues,
      comparison: z.object(seriesValues).nullable(),
      /** Along `comparisonAlone`. */
      comparisonAlone: z.object(seriesValues).nullable(),
    }),
  ),
});
export type EnergyAnswer = z.infer<typeof energyAnswerShape>;

// ── 3 Ranking ─────────────────────────────────────────────────────────────────────────────────────────────────

export const rankingMeasures = ['absolute', 'per-m2', 'per-head'] as const;
const rankingFields = {
  measure: z.enum(rankingMeasures).default('absolute'),
  order: z.enum(['highest', 'lowest']).default('highest'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
};
export const rankingQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  ...placeLevelQuery,
  ...rankingFields,
  by: z.enum(['point', 'tenant', 'place']).default('point'),
  /** Of points: `ends` (without metered children) or `all`. */
  among: z.enum(['ends', 'all']).default('ends'),
});
export const rankingRowShape = subjectShape.extend({
  /** Equal values share a rank and the next is left out (1, 2, 2, 4); null = not ranked. */
  rank: whole.nullable(),
  tied: z.boolean(),
  /** Why it has no rank: nothing measured, or no area / headcount to divide by. */
  unranked: z.enum(['no-energy-known', 'no-area', 'no-headcount']).nullable(),
  rankBefore: whole.nullable(),
  figure: figureShape,
  /** m² or heads, when the measure divides by them. */
  divisor: z.number().nullable(),
  /** The ranked number: base units, or base units per m² or per head. */
  value: z.number().nullable(),
  valueBefore: z.number().nullable(),
  /** Part of the sum of all rows' energy. */
  share: ratio,
  slots: slotCountsShape,
  placeName: z.string().nullable(),
  tenantName: z.string().nullable(),
});
export type RankingRow = z.infer<typeof rankingRowShape>;
const rankingAnswerFields = {
  measure: z.enum(rankingMeasures),
  order: z.enum(['highest', 'lowest']),
  rows: z.array(rankingRowShape),
  /** How many there are in all, and how many of them have no rank. */
  rowsTotal: whole,
  rowsUnranked: whole,
  /** Sum over all rows, shown or not. */
  rowsConsumption: known,
};
export const rankingAnswerShape = z.object({
  ...headFields,
  by: z.enum(['point', 'tenant', 'place']),
  ...rankingAnswerFields,
});
export type RankingAnswer = z.infer<typeof rankingAnswerShape>;

/** GET /api/ranking: the projects the caller may see. Local days count in each project's own zone. */
export const projectRankingQueryShape = z.object({
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  measure: z.enum(['absolute', 'per-m2']).default('absolute'),
  order: rankingFields.order,
  limit: rankingFields.limit,
  medium: selectionQuery.medium,
});
export const projectRankingAnswerShape = z.object({
  medium: z.enum(media),
  unit: z.enum(['Wh', 'l', 'dm3']),
  from: z.string(),
  to: z.string(),
  asOf: asOfShape,
  /** Quality of the span before, where there is one. */
  comparisonAsOf: asOfShape.nullable(),
  ...rankingAnswerFields,
});
export type ProjectRankingAnswer = z.infer<typeof projectRankingAnswerShape>;

// ── 4 Year-on-year, month-on-month ────────────────────────────────────────────────────────────────────────────

export const yearOnYearQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grain: z.enum(['day', 'month', 'year']).default('month'),
  grouping: z.enum(groupings).default('none'),
});
export const monthOnMonthQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  ...placeLevelQuery,
  grouping: z.enum(groupings).default('none'),
});
export const comparedAnswerShape = z.object({
  ...headFields,
  grain: z.enum(['day', 'month', 'year']),
  /** Each bucket with its counterpart: the same local calendar span a year (or a month) before. */
  buckets: z.array(bucketShape.extend({ before: bucketShape.nullable(), complete: z.boolean() })),
  /** What of the comparison stands beside no bucket (29 February a year before): in `total.before` all the same. */
  comparisonAlone: z.array(bucketShape),
  series: z.array(
    z.object({
      subject: subjectShape,
      total: figureShape,
      figures: z.array(figureShape),
      slots: z.array(slotCountsShape),
      slotsBefore: z.array(slotCountsShape),
      /** Along `comparisonAlone`, up to the comparison's untilMs. */
      alone: z.array(z.object({ before: known, slotsBefore: slotCountsShape })),
    }),
  ),
});
export type ComparedAnswer = z.infer<typeof comparedAnswerShape>;

// ── 5 Loss ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Loss = what went in − Σ children, over the slots that the parent and every child have. */
const lossFields = {
  input: known,
  children: known,
  loss: known,
  rate: ratio,
  slotsCompared: whole,
  slotsExpected: whole,
  comparedShare: ratio,
};
export const suspicionKinds = [
  'children-exceed-parent', // sum of children above the parent by more than 2 %: wrong ratio, wrong parent, parent faulty
  'loss-high', // loss above 10 % of the input
  'loss-risen', // rate at least 5 points above the same parent's span before
  'child-silent', // child stands still while it moved before
  'child-missing', // child lacks more than a tenth of its slots, so the parent cannot be compared then
] as const;
export const suspicionShape = z.object({
  kind: z.enum(suspicionKinds),
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  /** Numbers behind it, by name, in base units, slots or ratios. */
  facts: z.record(z.string(), z.number()),
});
export type Suspicion = z.infer<typeof suspicionShape>;
export const lossQueryShape = z.object({
  ...periodQuery,
  ...compareQuery,
  ...formatQuery,
  points: selectionQuery.points,
  places: selectionQuery.places,
  medium: selectionQuery.medium,
});
export const lossParentShape = z.object({
  meteringPointId: z.string(),
  code: z.string(),
  name: z.string(),
  role: z.enum(pointRoles),
  parentId: z.string().nullable(),
  depth: whole,
  childCount: whole,
  ...lossFields,
  before: z.object(lossFields).nullable(),
  suspicions: z.array(suspicionShape),
});
export type LossParent = z.infer<typeof lossParentShape>;
export const lossAnswerShape = z.object({
  ...headFields,
  /** Parents, uppermost first, children after their parent. */
  parents: z.array(lossParentShape),
  /** Over all parents: input of the top-most ones, losses of all. */
  total: z.object({ input: known, loss: known, rate: ratio, comparedShare: ratio }),
});
export type LossAnswer = z.infer<typeof lossAnswerShape>;

/** GET …/loss/{meteringPointId}: one parent day by day. */
export const lossSeriesQueryShape = z.object({ ...periodQuery, ...formatQuery });
export const lossSeriesAnswerShape = z.object({
  ...headFields,
  parent: lossParentShape,
  days: z.array(z.object({ localDay: z.string(), ...lossFields })),
  children: z.array(
    z.object({
      meteringPointId: z.string(),
      code: z.string(),
      name: z.string(),
      /** All that is known of the child in the span. */
      consumption: known,
      /** Of the parent's energy. */
      share: ratio,
      slots: slotCountsShape,
    }),
  ),
});
export type LossSeriesAnswer = z.infer<typeof lossSeriesAnswerShape>;

// ── 6 Energy flow ─────────────────────────────────────────────────────────────────────────────────────────────

export const energyFlowQueryShape = z.object({
  ...periodQuery,
  ...formatQuery,
  medium: selectionQuery.medium,
  /** Drill: draw only what flows from this metering point. */
  root: z.string().optional(),
  /** What the ends gather into. `none` ends at the metering points. */
  ends: z.enum(['sub-item', 'place', 'tenant', 'none']).default('sub-item'),
  ...placeLevelQuery,
  nodesMax: z.coerce.number().int().min(10).max(500).default(150),
});
export const flowNodeKinds = [
  'supply',
  'generation',
  'point',
  'sub-item',
  'place',
  'tenant',
  'rest',
  'loss',
  'export',
  'folded',
] as const;
export const flowNodeShape = z.object({
  /** Unique in this answer: the point's id, or a made one such as 'loss:pnt_1', 'folded:pnt_1', 'sub-item:lighting'. */
  id: z.string(),
  kind: z.enum(flowNodeKinds),
  meteringPointId: z.string().nullable(),
  /** Place, tenant id or sub-item word behind an end node. */
  subjectId: z.string().nullable(),
  name: z.string().nullable(),
  depth: whole,
  consumption: whole,
  /** Part of all that flows in. */
  share: ratio,
  /** Points that were folded into this node, so that a click may ask with `root` = the folded node's parent. */
  foldedPoints: whole,
  /** Can be drilled: has metered children. */
  drillable: z.boolean(),
});
export type FlowNode = z.infer<typeof flowNodeShape>;
export const flowLinkShape = z.object({
  source: z.string(),
  target: z.string(),
  /** Always positive. */
  consumption: whole,
  kind: z.enum(['flow', 'loss', 'export', 'generation', 'folded']),
  /** Of the source node. */
  share: ratio,
});
export type FlowLink = z.infer<typeof flowLinkShape>;
export const energyFlowAnswerShape = z.object({
  ...headFields,
  root: z.string().nullable(),
  /** From the top of the tree down to the root, for going back up. */
  path: z.array(z.object({ meteringPointId: z.string(), name: z.string() })),
  nodes: z.array(flowNodeShape),
  links: z.array(flowLinkShape),
  /** Parents whose children measured more than they did: nothing flows backwards, the excess is listed here. */
  excesses: z.array(z.object({ meteringPointId: z.string(), name: z.string(), excess: whole })),
});
export type EnergyFlowAnswer = z.infer<typeof energyFlowAnswerShape>;

// ── 7 Multi-rate ──────────────────────────────────────────────────────────────────────────────────────────────

export const multiRateQueryShape = z.object({
  ...selectionQuery,
  ...periodQuery,
  ...formatQuery,
  grouping: z.enum(['none', 'point', 'tenant']).default('none'),
  grain: z.enum(['total', 'day', 'month']).default('total'),
});
const periodCellShape = z.object({
  period: z.enum(touPeriods),
  consumption: whole,
  /** Charged energy and money of this period. */
  chargedConsumption: whole,
  amountMicros: whole,
});
export const multiRateAnswerShape = z.object({
  ...headFields,
  currency: z.string(),
  periods: z.array(z.enum(touPeriods)),
  /** false: the caller may not see money, and all charged energy and amounts are 0. */
  moneyShown: z.boolean(),
  rows: z.array(
    z.object({
      subject: subjectShape,
      /** null when the grain is the total. */
      bucket: bucketShape.nullable(),
      cells: z.array(periodCellShape),
      consumption: known,
      chargedConsumption: whole,
      unpricedConsumption: whole,
      amountMicros: whole,
      slots: slotCountsShape,
    }),
  ),
  /** What was charged at which price version, over all rows. */
  priceVersions: z.array(
    z.object({
      priceVersionId: z.string(),
      period: z.enum(touPeriods),
      consumption: whole,
      amountMicros: whole,
    }),
  ),
  total: z.object({
    cells: z.array(periodCellShape),
    consumption: known,
    chargedConsumption: whole,
    unpricedConsumption: whole,
    amountMicros: whole,
  }),
});
export type MultiRateAnswer = z.infer<typeof multiRateAnswerShape>;

// ── 8 Load profile ────────────────────────────────────────────────────────────────────────────────────────────

export const loadProfileQueryShape = z.object({ ...selectionQuery, ...periodQuery, ...formatQuery });
export const loadProfileAnswerShape = z.object({
  ...headFields,
  /** Mean of each local time of day over the days that have it; demand in W (base units per hour for water and gas). */
  averageDay: z.array(
    z.object({
      localTime: z.string(),
      all: ratio,
      workdays: ratio,
      weekends: ratio,
      highest: ratio,
      lowest: ratio,
      days: whole,
    }),
  ),
  /** hours[day][hour 0 … 23] as base units; an hour passed twice (autumn) holds both; null = nothing known. */
  heatMap: z.object({ days: z.array(z.string()), hours: z.array(z.array(known)) }),
  /** Highest mean power of one slot, when it began, and how many slots it was sought in. */
  maximumDemand: z.object({ demandW: z.number(), slotStartMs: whole, localTime: z.string() }).nullable(),
  meanDemandW: ratio,
  /** Mean / maximum demand. */
  loadFactor: ratio,
  /** Demand that 5 % of the slots stay below: what runs day and night. */
  baseLoadW: ratio,
  baseLoadShare: ratio,
  /**
   * Slots that were counted: those that at least 95 of 100 of the mounted meters have. In the others a demand would be
   * too small.
   */
  slotsCounted: whole,
});
export type LoadProfileAnswer = z.infer<typeof loadProfileAnswerShape>;

// ── 9 Down to the registers ───────────────────────────────────────────────────────────────────────────────────

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

// ── 10 Live ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * GET …/live answers text/event-stream. Event names and their data (JSON). At most one event of a name per second;
 * a screen that cannot keep up misses events and gets `resync` before the next: ask again then. Comment lines
 * (': ping') every 15 s. The stream ends when the session does.
 */
export const liveEventShapes = {
  /** First event: what the caller will be told. */
  hello: z.object({ projectId: z.string(), nowMs: whole, events: z.array(z.string()) }),
  /** Slots that changed, summed over segments of the message: newest slot per point. Needs energy:read. */
  energy: z.object({
    points: z.array(
      z.object({
        meteringPointId: z.string(),
        quantity: z.string(),
        lastReadingMs: whole,
        /** Slots of the newest local day in this second: start, consumption of the segment, quality. */
        slots: z.array(
          z.object({
            segmentId: z.string(),
            slotStartMs: whole,
            consumption: whole,
            quality: z.enum(['measured', 'estimated', 'edited', 'missing']),
          }),
        ),
      }),
    ),
  }),
  /** Newest per meter. Needs meter:read. */
  telemetry: z.object({ meters: z.array(telemetryShape) }),
  /** Newest per account. Needs account:read. */
  accounts: z.object({ accounts: z.array(accountEventShape) }),
  /** Needs alarm:read. */
  alarms: z.object({ alarms: z.array(alarmSignalShape) }),
  /** Needs meter:read. */
  commands: z.object({ outcomes: z.array(commandOutcomeShape) }),
  /** Some events were skipped. */
  resync: z.object({ nowMs: whole }),
  /** Last event before the server closes. */
  bye: z.object({ reason: z.enum(['session-ended', 'shutting-down']) }),
} as const;
export type LiveEventName = keyof typeof liveEventShapes;
export type LiveEvent<Name extends LiveEventName> = z.infer<(typeof liveEventShapes)[Name]>;
