// SPDX-License-Identifier: Apache-2.0
import type { Mounting } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';

export interface HeldRow {
  readonly meter_id: string;
  readonly register: string;
  readonly segment_id: string;
  readonly held_reason: string;
  readonly last_ms: number;
  readonly held_from_ms: number;
}

/** Registers that wait for a decision, oldest first. */
export async function readHeldRegisters(
  queryable: Queryable,
  projectId: string,
  limit: number,
): Promise<{ readonly rows: readonly HeldRow[]; readonly total: number }> {
  const found = await queryable.query<HeldRow & { readonly total: number }>(
    `SELECT segment.meter_id, segment.register, segment.segment_id, segment.held_reason, segment.last_ms, segment.held_from_ms,
       count(*) OVER () AS total
     FROM stream.segments segment
     WHERE segment.project_id = $1 AND segment.held_reason IS NOT NULL AND segment.last_ms IS NOT NULL
     ORDER BY segment.held_from_ms, segment.segment_id LIMIT $2`,
    [projectId, limit],
  );
  return { rows: found.rows, total: found.rows[0]?.total ?? 0 };
}

export async function readMountings(
  queryable: Queryable,
  projectId: string,
  meterIds: readonly string[],
): Promise<ReadonlyMap<string, Mounting>> {
  const found = await queryable.query<{ meter_id: string; body: string }>(
    'SELECT mounting.meter_id, mounting.body FROM stream.mountings mounting WHERE mounting.project_id = $1 AND mounting.meter_id = ANY ($2)',
    [projectId, meterIds],
  );
  return new Map(found.rows.map((row) => [row.meter_id, JSON.parse(row.body) as Mounting]));
}

export interface Rejection {
  readonly proposalId: string;
  readonly meterId: string;
  readonly register: string;
  readonly byId: string;
  readonly byName: string;
  readonly atMs: number;
  readonly reason: string;
}

export async function readRejections(
  queryable: Queryable,
  projectId: string,
  proposalIds: readonly string[],
): Promise<ReadonlyMap<string, Rejection>> {
  const found = await queryable.query<Rejection>(
    `SELECT rejected.proposal_id AS "proposalId", rejected.meter_id AS "meterId", rejected.register, rejected.by_id AS "byId",
       rejected.by_name AS "byName", rejected.at_ms AS "atMs", rejected.reason
     FROM stream.rejected_proposals rejected WHERE rejected.project_id = $1 AND rejected.proposal_id = ANY ($2)`,
    [projectId, proposalIds],
  );
  return new Map(found.rows.map((row) => [row.proposalId, row]));
}

/** The first rejection stands. @returns whether it is this one */
export async function insertRejection(
  queryable: Queryable,
  projectId: string,
  { proposalId, meterId, register, byId, byName, atMs, reason }: Rejection,
): Promise<boolean> {
  const done = await queryable.query(
    `INSERT INTO stream.rejected_proposals (project_id, proposal_id, meter_id, register, by_id, by_name, at_ms, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (project_id, proposal_id) DO NOTHING`,
    [projectId, proposalId, meterId, register, byId, byName, atMs, reason],
  );
  return done.rowCount === 1;
}

/** @returns false when nobody had rejected it */
export async function deleteRejection(
  queryable: Queryable,
  projectId: string,
  proposalId: string,
): Promise<boolean> {
  const done = await queryable.query(
    'DELETE FROM stream.rejected_proposals rejected WHERE rejected.project_id = $1 AND rejected.proposal_id = $2',
    [projectId, proposalId],
  );
  return done.rowCount === 1;
}

export interface DeviceRatio {
  readonly projectId: string;
  readonly meterId: string;
  readonly thousandths: number;
  readonly atMs: number;
}

/** What meters say now; a row changes only when the ratio does, and only forward in time. */
export async function keepRatios(transaction: Transaction, ratios: readonly DeviceRatio[]): Promise<void> {
  await transaction.query(
    `INSERT INTO stream.device_ratios AS kept (project_id, meter_id, thousandths, since_ms)
     SELECT heard."projectId", heard."meterId", heard."thousandths", heard."atMs"
     FROM json_to_recordset($1::json) AS heard ("projectId" text, "meterId" text, "thousandths" bigint, "atMs" bigint)
     ON CONFLICT (project_id, meter_id) DO UPDATE
       SET thousandths = excluded.thousandths, since_ms = excluded.since_ms, before_thousandths = kept.thousandths
       WHERE kept.thousandths <> excluded.thousandths AND kept.since_ms < excluded.since_ms`,
    [JSON.stringify(ratios)],
  );
}

export interface RatioChangeRow {
  readonly meterId: string;
  readonly thousandths: number;
  readonly beforeThousandths: number;
  readonly sinceMs: number;
}

/** Meters whose ratio has changed since it was first heard. */
export async function readRatioChanges(
  queryable: Queryable,
  projectId: string,
): Promise<readonly RatioChangeRow[]> {
  const found = await queryable.query<RatioChangeRow>(
    `SELECT ratio.meter_id AS "meterId", ratio.thousandths, ratio.before_thousandths AS "beforeThousandths", ratio.since_ms AS "sinceMs"
     FROM stream.device_ratios ratio WHERE ratio.project_id = $1 AND ratio.before_thousandths IS NOT NULL ORDER BY ratio.since_ms`,
    [projectId],
  );
  return found.rows;
}
