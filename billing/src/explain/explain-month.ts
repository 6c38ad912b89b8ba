// SPDX-License-Identifier: Apache-2.0
/** A month's items with their working: what was found when they were last rated. */
import type { ChargeComponent, ItemWorking, MonthItems } from '@wattledger/contracts/http/billing';
import type { Queryable } from '@wattledger/platform';
import { loadItemMarks, loadItemPoints, accountAtPointText } from '../charging/month-items-store.ts';
import { daysOfMonth, monthItemsSegment } from '../charging/month-plan.ts';
import { projectOf, type BillingParts } from '../parts.ts';
import { loadPostingsOfDay, loadVersionHeads, requireMedium } from './explain-service.ts';

export interface MonthQuestion {
  readonly projectId: string;
  readonly accountId: string;
  readonly meteringPointId: string;
  readonly month: string;
}

interface ItemRow {
  readonly localDay: string;
  readonly lines: readonly {
    readonly component: ChargeComponent;
    readonly item: string;
    readonly priceVersionId: string;
    readonly amountMicros: number;
    readonly working: ItemWorking;
  }[];
}

/** @throws RequestError 404 account-point-unknown */
export async function explainMonth(parts: BillingParts, question: MonthQuestion): Promise<MonthItems> {
  const { database } = parts;
  const { accountId, meteringPointId, month } = question;
  const project = projectOf(parts, question.projectId);
  const medium = await requireMedium(database, question);
  const days = daysOfMonth(month);
  const range = [accountId, meteringPointId, days[0], days.at(-1)];
  const [points, marks, row, energy] = await Promise.all([
    loadItemPoints(database, [meteringPointId]),
    loadItemMarks(database, [meteringPointId]),
    loadItems(database, range),
    loadEnergy(database, range),
  ]);
  const items = row?.lines ?? [];
  const localDay = row?.localDay ?? null;
  return {
    accountId,
    meteringPointId,
    medium,
    month,
    zone: points.get(meteringPointId)?.zone ?? project.zone,
    currency: project.currency,
    asOfMs: marks.get(accountAtPointText({ accountId, meteringPointId })) ?? null,
    localDay,
    energy,
    items: [...items],
    amountMicros: items.reduce((sum, item) => sum + item.amountMicros, 0),
    priceVersions: await loadVersionHeads(database, [...new Set(items.map((item) => item.priceVersionId))]),
    postings:
      localDay === null ? [] : await loadPostingsOfDay(database, { ...question, day: localDay }, 'items'),
  };
}

async function loadItems(queryable: Queryable, range: readonly unknown[]): Promise<ItemRow | undefined> {
  const { rows } = await queryable.query<ItemRow>(
    `SELECT day.local_day AS "localDay", day.lines
       FROM billing.charge_days AS day
      WHERE day.account_id = $1 AND day.metering_point_id = $2 AND day.local_day BETWEEN $3::date AND $4::date
        AND day.segment_id = '${monthItemsSegment}'
      ORDER BY jsonb_array_length(day.lines) DESC
      LIMIT 1`,
    range,
  );
  return rows[0];
}

async function loadEnergy(queryable: Queryable, range: readonly unknown[]): Promise<MonthItems['energy']> {
  const { rows } = await queryable.query<MonthItems['energy']>(
    `SELECT coalesce(sum(day.consumption), 0)::bigint AS consumption, coalesce(sum(day.amount_micros), 0)::bigint AS "amountMicros"
       FROM billing.charge_days AS day
      WHERE day.account_id = $1 AND day.metering_point_id = $2 AND day.local_day BETWEEN $3::date AND $4::date
        AND day.segment_id <> '${monthItemsSegment}'`,
    range,
  );
  return rows[0] ?? { consumption: 0, amountMicros: 0 };
}
