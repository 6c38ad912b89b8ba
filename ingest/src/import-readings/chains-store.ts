// SPDX-License-Identifier: Apache-2.0
/** Where imported series of interval energy stand, per meter and register. */
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Checkpoint, KnownChain } from './interval-chain.ts';

export interface ChainKey {
  readonly meterId: string;
  readonly register: string;
}
export interface StoredChain extends KnownChain {
  readonly scaler: number;
}

/** A chain, with its checkpoints from the instant on at which a file begins. */
export async function readChain(
  queryable: Queryable,
  { meterId, register }: ChainKey,
  fromMs: number,
): Promise<StoredChain | null> {
  const found = await queryable.query<{
    scaler: number;
    first_ms: number;
    end_ms: number;
    end_count: number;
  }>(
    'SELECT c.scaler, c.first_ms, c.end_ms, c.end_count FROM ingest.interval_chains c WHERE c.meter_id = $1 AND c.register = $2',
    [meterId, register],
  );
  const chain = found.rows[0];
  if (chain === undefined) return null;
  const points =
    fromMs >= chain.end_ms
      ? []
      : (
          await queryable.query<{ instant_ms: number; count: number; after_hole: boolean }>(
            `SELECT p.instant_ms, p.count, p.after_hole FROM ingest.interval_checkpoints p
             WHERE p.meter_id = $1 AND p.register = $2 AND p.instant_ms >= $3`,
            [meterId, register, fromMs],
          )
        ).rows;
  const checkpoints = new Map<number, Checkpoint>(
    points.map((point) => [point.instant_ms, { count: point.count, afterHole: point.after_hole }]),
  );
  return {
    scaler: chain.scaler,
    firstMs: chain.first_ms,
    endMs: chain.end_ms,
    endCount: chain.end_count,
    checkpoints,
  };
}

export interface ChainProgress extends ChainKey {
  readonly scaler: number;
  readonly firstMs: number;
  readonly endMs: number;
  readonly endCount: number;
  readonly checkpoints: readonly { readonly instantMs: number; readonly checkpoint: Checkpoint }[];
}

/** In the transaction that appends the readings. A chain's end only moves forward; what is known stays as it is. */
export async function writeChains(transaction: Transaction, chains: readonly ChainProgress[]): Promise<void> {
  if (chains.length === 0) return;
  await transaction.query(
    `INSERT INTO ingest.interval_chains AS known (meter_id, register, scaler, first_ms, end_ms, end_count)
     SELECT c.meter_id, c.register, c.scaler, c.first_ms, c.end_ms, c.end_count
     FROM unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS c (meter_id, register, scaler, first_ms, end_ms, end_count)
     ORDER BY c.meter_id, c.register
     ON CONFLICT (meter_id, register) DO UPDATE SET end_ms = excluded.end_ms, end_count = excluded.end_count
     WHERE known.end_ms < excluded.end_ms`,
    [
      chains.map(({ meterId }) => meterId),
      chains.map(({ register }) => register),
      chains.map(({ scaler }) => scaler),
      chains.map(({ firstMs }) => firstMs),
      chains.map(({ endMs }) => endMs),
      chains.map(({ endCount }) => endCount),
    ],
  );
  const points = chains.flatMap(({ meterId, register, checkpoints }) =>
    checkpoints.map((point) => ({ meterId, register, ...point })),
  );
  if (points.length === 0) return;
  await transaction.query(
    `INSERT INTO ingest.interval_checkpoints (meter_id, register, instant_ms, count, after_hole)
     SELECT p.meter_id, p.register, p.instant_ms, p.count, p.after_hole
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[]) AS p (meter_id, register, instant_ms, count, after_hole)
     ON CONFLICT DO NOTHING`,
    [
      points.map(({ meterId }) => meterId),
      points.map(({ register }) => register),
      points.map(({ instantMs }) => instantMs),
      points.map(({ checkpoint }) => checkpoint.count),
      points.map(({ checkpoint }) => checkpoint.afterHole),
    ],
  );
}
