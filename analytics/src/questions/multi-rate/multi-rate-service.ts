// SPDX-License-Identifier: Apache-2.0
import {
  mayDo,
  periodsOfLocalDay,
  slotLengthMs,
  slotsOfLocalDay,
  type Principal,
  type TouPeriod,
} from '@wattledger/contracts';
import type { MultiRateAnswer, multiRateQueryShape } from '@wattledger/contracts/http/analytics';
import type { z } from 'zod';
import { askEnergy, headOf, type AskedEnergy } from '../../asking/asked-energy.ts';
import { scopeOf, type Asker } from '../../asking/asker.ts';
import { subjectOf } from '../../asking/subjects.ts';
import { parseEdges, requireWholeDays } from '../../calendar/span.ts';
import { dayOfNumber } from '../../calendar/wall-clock.ts';
import { noGroup, type Term } from '../../selection/net-terms.ts';
import { isSelected, tenantOf } from '../../selection/selection.ts';
import { pointsOfMedium, treesOver } from '../../site/site.ts';
import { bucketDays, endDayAt, firstDayFrom } from '../../sums/ranges.ts';
import { sumSlots } from '../../sums/sums-store.ts';
import { MultiRateSums, periodsInOrder } from './multi-rate.ts';
import { readCharged, readPeriods, type DayBuckets, type KeyedDays } from './multi-rate-store.ts';

export type MultiRateQuery = z.infer<typeof multiRateQueryShape>;

/** Terms with the number of their pair of groups: a point enters with one group it adds to and one it is taken from. */
interface PairedTerms {
  readonly pairs: readonly { readonly plus: number; readonly minus: number }[];
  readonly keyed: readonly { readonly term: Term; readonly key: number }[];
}

function pairTerms(terms: readonly Term[]): PairedTerms {
  const pairs: { plus: number; minus: number }[] = [];
  const numbers = new Map<string, number>();
  const keyed = terms.map((term) => {
    const name = `${term.plus}/${term.minus}`;
    const key = numbers.get(name) ?? pairs.push({ plus: term.plus, minus: term.minus }) - 1;
    numbers.set(name, key);
    return { term, key };
  });
  return { pairs, keyed };
}

/** Sums of each group and bucket. */
class Rows {
  readonly #buckets: number;
  readonly rows: MultiRateSums[];
  constructor(groups: number, buckets: number) {
    this.#buckets = buckets;
    this.rows = Array.from({ length: groups * buckets }, () => new MultiRateSums());
  }
  at(group: number, bucket: number): MultiRateSums {
    const row = this.rows[group * this.#buckets + bucket];
    if (row === undefined)
      throw new Error(
        `the warehouse answered for group ${group}, bucket ${bucket}, which were not asked for`,
      );
    return row;
  }
  addEnergy(
    pair: PairedTerms['pairs'][number] | undefined,
    bucket: number,
    period: TouPeriod,
    consumption: number,
  ): void {
    if (pair === undefined) throw new Error('the warehouse answered for a key that was not asked for');
    if (pair.plus !== noGroup) this.at(pair.plus, bucket).addEnergy(period, consumption);
    if (pair.minus !== noGroup) this.at(pair.minus, bucket).addEnergy(period, -consumption);
  }
}

/** Whole days of every term, by period. */
async function addWholeDays(
  asker: Asker,
  asked: AskedEnergy,
  { pairs, keyed }: PairedTerms,
  range: DayBuckets,
  bucketOf: ReadonlyMap<number, number>,
  rows: Rows,
): Promise<void> {
  const { site, grid, selection } = asked.scope;
  const days = keyed.map(({ term, key }): KeyedDays => ({
    pointId: term.pointId,
    key,
    fromDay: firstDayFrom(grid, term.fromMs),
    toDay: endDayAt(grid, term.toMs),
  }));
  for (const row of await readPeriods(
    asker.warehouse,
    { projectId: site.project.id, quantity: selection.quantity },
    days,
    range,
  )) {
    rows.addEnergy(pairs[row.key], bucketOf.get(row.bucket) ?? -1, row.period, row.consumption);
  }
}

/** Days that a change of the tree cuts: slot by slot, each with the period of the project's calendar. */
async function addCutDays(
  asker: Asker,
  asked: AskedEnergy,
  { pairs, keyed }: PairedTerms,
  bucketOfDay: (day: number) => number,
  rows: Rows,
): Promise<void> {
  const { site, grid, selection } = asked.scope;
  const cuts = new Map<number, Set<PairedTerms['keyed'][number]>>();
  for (const one of keyed) {
    for (const edgeMs of [one.term.fromMs, one.term.toMs]) {
      const day = endDayAt(grid, edgeMs);
      if (firstDayFrom(grid, edgeMs) !== day) cuts.set(day, (cuts.get(day) ?? new Set()).add(one));
    }
  }
  for (const [day, cut] of cuts) {
    const terms = [...cut];
    const { firstSlotMs, slotCount } = slotsOfLocalDay(grid.zone, dayOfNumber(day), grid.slotMinutes);
    const length = slotLengthMs(grid.slotMinutes);
    const buckets = Array.from(
      { length: slotCount },
      (_unused, index) => (firstSlotMs + index * length) / 1_000,
    );
    const periods = periodsOfLocalDay(site.project.calendar, grid.zone, dayOfNumber(day), grid.slotMinutes);
    const found = await sumSlots(
      asker.warehouse,
      {
        projectId: site.project.id,
        quantity: selection.quantity,
        points: terms.map(({ term }) => term.pointId),
        keys: terms.map(({ key }) => key),
      },
      {
        ranges: [{ from: firstSlotMs / 1_000, to: (firstSlotMs + slotCount * length) / 1_000 }],
        closed: 0,
        buckets,
      },
      {
        begins: terms.map(({ term }) => Math.max(0, Math.ceil(term.fromMs / 1_000))),
        ends: terms.map(({ term }) => Math.ceil(term.toMs / 1_000)),
      },
    );
    for (const row of found) {
      const period = periods[Math.round((row.bucket * 1_000 - firstSlotMs) / length)];
      if (period !== undefined && row.present > 0)
        rows.addEnergy(pairs[row.key], bucketOfDay(day), period, row.consumption);
    }
  }
}

/** Group whose money a point's charges are: by its tenant now, itself, or all. */
function moneyGroups(asked: AskedEnergy): { pointId: string; key: number }[] {
  const { site, selection } = asked.scope;
  const tree = treesOver(site, selection.quantity, asked.span.fromMs, asked.span.toMs).at(-1);
  if (tree === undefined) return [];
  const indexOf = new Map(asked.groups.map((group, index) => [`${group.kind}/${group.id ?? ''}`, index]));
  return pointsOfMedium(site, selection.medium).flatMap((point) => {
    if (!isSelected(site, selection, tree, point)) return [];
    const tenant = tenantOf(site, tree, point);
    const key =
      indexOf.get(`point/${point.id}`) ??
      indexOf.get(tenant === null ? 'rest/' : `tenant/${tenant}`) ??
      indexOf.get('total/');
    return key === undefined ? [] : [{ pointId: point.id, key }];
  });
}

type PriceVersions = Map<string, MultiRateAnswer['priceVersions'][number]>;

async function addMoney(
  asker: Asker,
  asked: AskedEnergy,
  range: DayBuckets,
  bucketOf: ReadonlyMap<number, number>,
  rows: Rows,
): Promise<PriceVersions> {
  const versions: PriceVersions = new Map();
  const { lines, unpriced } = await readCharged(
    asker.warehouse,
    asked.scope.site.project.id,
    moneyGroups(asked),
    range,
  );
  for (const line of lines) {
    const row = rows.at(line.key, bucketOf.get(line.bucket) ?? -1);
    if (line.period === '') {
      row.itemsMicros += line.amountMicros;
      continue;
    }
    row.addMoney(line.period, line.consumption, line.amountMicros);
    const name = `${line.priceVersionId}/${line.period}`;
    const known = versions.get(name) ?? {
      priceVersionId: line.priceVersionId,
      period: line.period,
      consumption: 0,
      amountMicros: 0,
    };
    versions.set(name, {
      ...known,
      consumption: known.consumption + line.consumption,
      amountMicros: known.amountMicros + line.amountMicros,
    });
  }
  for (const row of unpriced)
    rows.at(row.key, bucketOf.get(row.bucket) ?? -1).unpricedConsumption += row.consumption;
  return versions;
}

/** @throws RequestError whole-days-only besides those of askEnergy */
export async function askMultiRate(
  asker: Asker,
  principal: Principal | null,
  projectId: string,
  query: MultiRateQuery,
): Promise<MultiRateAnswer> {
  requireWholeDays(query, 'Time-of-use periods are summed by day: write from and to as YYYY-MM-DD.');
  const scope = await scopeOf(asker, projectId, query);
  const { site, grid } = scope;
  const edges = parseEdges(grid, query.from, query.to);
  const asked = await askEnergy(asker, scope, {
    ...edges,
    compare: 'none',
    grain: query.grain === 'total' ? null : query.grain,
    grouping: query.grouping,
  });
  const days = bucketDays(grid, {
    startsMs: asked.buckets.map((bucket) => bucket.startMs),
    endMs: asked.span.toMs,
  });
  const range = {
    fromDay: firstDayFrom(grid, edges.fromMs),
    toDay: endDayAt(grid, edges.toMs),
    buckets: days,
  };
  const bucketOf = new Map(days.map((day, index) => [day, index]));
  const rows = new Rows(asked.groups.length, asked.buckets.length);
  const moneyShown = principal !== null && mayDo(principal, 'account:read', projectId);
  const paired = pairTerms(asked.terms.terms);
  const [, , versions] = await Promise.all([
    addWholeDays(asker, asked, paired, range, bucketOf, rows),
    addCutDays(asker, asked, paired, (day) => days.findLastIndex((start) => start <= day), rows),
    moneyShown
      ? addMoney(asker, asked, range, bucketOf, rows)
      : new Map<string, MultiRateAnswer['priceVersions'][number]>(),
  ]);
  return answerOf(asked, query, rows, {
    moneyShown,
    versions,
    calendarPeriods: periodsOfCalendar(site.project.calendar.dayProfiles),
  });
}

function periodsOfCalendar(
  profiles: Readonly<Record<string, readonly { readonly period: TouPeriod }[]>>,
): TouPeriod[] {
  return Object.values(profiles).flatMap((profile) => profile.map((span) => span.period));
}

function answerOf(
  asked: AskedEnergy,
  query: MultiRateQuery,
  rows: Rows,
  money: {
    readonly moneyShown: boolean;
    readonly versions: PriceVersions;
    readonly calendarPeriods: readonly TouPeriod[];
  },
): MultiRateAnswer {
  const { site } = asked.scope;
  const periods = periodsInOrder([...money.calendarPeriods, ...rows.rows.flatMap((row) => [...row.periods])]);
  const total = new MultiRateSums();
  const answered: MultiRateAnswer['rows'] = [];
  asked.groups.forEach((group, groupIndex) => {
    asked.buckets.forEach((bucket, bucketIndex) => {
      const own = rows.at(groupIndex, bucketIndex).answer(periods);
      for (const cell of own.cells) {
        if (own.consumption !== null) total.addEnergy(cell.period, cell.consumption);
        total.addMoney(cell.period, cell.chargedConsumption, cell.amountMicros);
      }
      total.unpricedConsumption += own.unpricedConsumption;
      total.itemsMicros += own.itemsMicros;
      const slots = asked.series[groupIndex]?.slots[bucketIndex] ?? {
        measured: 0,
        estimated: 0,
        edited: 0,
        missing: 0,
      };
      answered.push({
        subject: subjectOf(site, group),
        bucket: query.grain === 'total' ? null : bucket,
        ...own,
        slots,
      });
    });
  });
  const head = headOf(asked, query.grouping === 'point' ? 'gross' : 'net');
  return {
    ...head,
    notes: money.moneyShown ? [...head.notes, 'money-only-charged-accounts'] : head.notes,
    currency: site.project.currency,
    periods,
    moneyShown: money.moneyShown,
    rows: answered,
    priceVersions: [...money.versions.values()].sort((a, b) =>
      a.priceVersionId < b.priceVersionId
        ? -1
        : a.priceVersionId > b.priceVersionId
          ? 1
          : periods.indexOf(a.period) - periods.indexOf(b.period),
    ),
    total: total.answer(periods),
  };
}
