// SPDX-License-Identifier: Apache-2.0
/** Registers of meters at the begin and the end of a period, asked of the warehouse in one question. */
import type { BillingParts } from '../parts.ts';

export interface RegisterAt {
  readonly instantMs: number;
  readonly value: number;
  readonly scaler: number;
}
export interface RegisterSpan {
  readonly opening: RegisterAt | null;
  readonly closing: RegisterAt | null;
}
interface Row {
  readonly meterId: string;
  readonly register: string;
  readonly openings: number;
  readonly openingMs: number;
  readonly openingValue: number;
  readonly openingScaler: number;
  readonly closingMs: number;
  readonly closingValue: number;
  readonly closingScaler: number;
}

const readingsSql = `
SELECT r.meter_id AS meterId, r.register AS register, countIf(r.instant <= begin) AS openings,
       toUnixTimestamp64Milli(maxIf(r.instant, r.instant <= begin)) AS openingMs, argMaxIf(r.value, r.instant, r.instant <= begin) AS openingValue,
       argMaxIf(r.scaler, r.instant, r.instant <= begin) AS openingScaler,
       toUnixTimestamp64Milli(max(r.instant)) AS closingMs, argMax(r.value, r.instant) AS closingValue, argMax(r.scaler, r.instant) AS closingScaler
FROM (SELECT *, fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS begin FROM readings FINAL
       WHERE project_id = {project:String} AND verdict = 'accepted' AND instant <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         AND instant >= fromUnixTimestamp64Milli({lowest:Int64}, 'UTC')) AS r
GROUP BY r.meter_id, r.register`;

/** A register older than this before the period began is no opening reading. */
const lookBackMs = 40 * 86_400_000;

/** By `meter/register`; empty, and told to the log, when the warehouse does not answer: the money of the report stands without it. */
export async function loadRegisterSpans(
  { warehouse, logger }: Pick<BillingParts, 'warehouse' | 'logger'>,
  span: { readonly projectId: string; readonly fromMs: number; readonly toMs: number },
): Promise<ReadonlyMap<string, RegisterSpan>> {
  try {
    const rows = await warehouse.query<Row>(readingsSql, {
      project: span.projectId,
      from: span.fromMs,
      to: span.toMs,
      lowest: span.fromMs - lookBackMs,
    });
    return new Map(
      rows.map((row) => [
        `${row.meterId}/${row.register}`,
        {
          opening:
            row.openings === 0
              ? null
              : { instantMs: row.openingMs, value: row.openingValue, scaler: row.openingScaler },
          closing: { instantMs: row.closingMs, value: row.closingValue, scaler: row.closingScaler },
        },
      ]),
    );
  } catch (error) {
    logger.warn({ error }, 'register readings for the report could not be asked of the warehouse');
    return new Map();
  }
}
