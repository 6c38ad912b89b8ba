// SPDX-License-Identifier: Apache-2.0
/** SQL of replays: jobs, how far they are, and what they found. */
import type { SlotMinutes } from '@wattledger/contracts';
import type { ReplayKind, ReplayState, ReplayTotals } from '@wattledger/contracts/http/billing';
import type { Queryable, Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { ReplayedPoint } from './replay-point.ts';

export interface ReplayJob {
  readonly replayId: string;
  readonly projectId: string;
  readonly priceSchemeId: string;
  readonly priceVersionId: string;
  readonly kind: ReplayKind;
  readonly state: ReplayState;
  readonly medium: string;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs: number;
  readonly chosenPointIds: readonly string[] | null;
  readonly chosenAccountIds: readonly string[] | null;
  readonly afterPointId: string;
  readonly pointsDone: number;
  readonly pointsTotal: number;
  readonly failures: number;
  readonly failure: string | null;
  readonly inputHash: string;
  readonly totals: ReplayTotals | null;
  readonly startedById: string;
  readonly startedByName: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
}

const jobColumns = `replay.replay_id AS "replayId", replay.project_id AS "projectId", replay.price_scheme_id AS "priceSchemeId",
       replay.price_version_id AS "priceVersionId", replay.kind, replay.state, scheme.medium, replay.zone, replay.slot_minutes AS "slotMinutes",
       replay.from_ms AS "fromMs", replay.to_ms AS "toMs", replay.as_of_ms AS "asOfMs",
       replay.chosen_point_ids AS "chosenPointIds", replay.chosen_account_ids AS "chosenAccountIds",
       replay.after_point_id AS "afterPointId", replay.points_done AS "pointsDone", replay.points_total AS "pointsTotal",
       replay.failures, replay.failure, replay.input_hash AS "inputHash", replay.totals,
       replay.started_by_id AS "startedById", replay.started_by_name AS "startedByName",
       replay.started_at_ms AS "startedAtMs", replay.finished_at_ms AS "finishedAtMs"
  FROM billing.price_replays AS replay
  JOIN billing.price_schemes AS scheme ON scheme.price_scheme_id = replay.price_scheme_id`;

export interface NewReplay {
  readonly replayId: string;
  readonly projectId: string;
  readonly priceSchemeId: string;
  readonly priceVersionId: string;
  readonly kind: ReplayKind;
  readonly zone: string;
  readonly slotMinutes: SlotMinutes;
  readonly fromMs: number;
  readonly toMs: number;
  readonly asOfMs: number;
  readonly chosenPointIds: readonly string[] | null;
  readonly chosenAccountIds: readonly string[] | null;
  readonly pointsTotal: number;
  readonly inputHash: string;
  readonly startedBy: Who;
  readonly startedAtMs: number;
}

export async function insertReplay(queryable: Queryable, replay: NewReplay): Promise<void> {
  await queryable.query(
    `INSERT INTO billing.price_replays (replay_id, project_id, price_scheme_id, price_version_id, kind, state, zone, from_ms, to_ms,
            as_of_ms, chosen_point_ids, chosen_account_ids, points_total, input_hash, started_by_id, started_by_name, started_at_ms, slot_minutes)
     VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      replay.replayId,
      replay.projectId,
      replay.priceSchemeId,
      replay.priceVersionId,
      replay.kind,
      replay.zone,
      replay.fromMs,
      replay.toMs,
      replay.asOfMs,
      replay.chosenPointIds,
      replay.chosenAccountIds,
      replay.pointsTotal,
      replay.inputHash,
      replay.startedBy.id,
      replay.startedBy.name,
      replay.startedAtMs,
      replay.slotMinutes,
    ],
  );
}

/** Newest first. */
export async function loadReplays(
  queryable: Queryable,
  asked: {
    readonly projectId: string;
    readonly priceSchemeId: string;
    readonly priceVersionId: string;
    readonly replayId: string | null;
    readonly limit: number;
  },
): Promise<readonly ReplayJob[]> {
  const { rows } = await queryable.query<ReplayJob>(
    `SELECT ${jobColumns}
      WHERE replay.project_id = $1 AND replay.price_scheme_id = $2 AND replay.price_version_id = $3
        AND ($4::text IS NULL OR replay.replay_id = $4)
      ORDER BY replay.started_at_ms DESC, replay.replay_id DESC
      LIMIT $5`,
    [asked.projectId, asked.priceSchemeId, asked.priceVersionId, asked.replayId, asked.limit],
  );
  return rows;
}

/** A running replay that nobody else is at work on; those that have failed come after the others. */
export async function holdRunningReplay(transaction: Transaction): Promise<ReplayJob | null> {
  const { rows } = await transaction.query<ReplayJob>(
    `SELECT ${jobColumns}
      WHERE replay.state = 'running'
      ORDER BY replay.failures, replay.started_at_ms, replay.replay_id
      LIMIT 1
        FOR UPDATE OF replay SKIP LOCKED`,
  );
  return rows[0] ?? null;
}

export async function writeProgress(
  transaction: Transaction,
  replayId: string,
  progress: { readonly afterPointId: string; readonly points: number; readonly inputHash: string },
): Promise<void> {
  await transaction.query(
    `UPDATE billing.price_replays SET after_point_id = $2, points_done = points_done + $3, input_hash = $4 WHERE replay_id = $1`,
    [replayId, progress.afterPointId, progress.points, progress.inputHash],
  );
}

/** False when it was not running any more. */
export async function finishReplay(
  queryable: Queryable,
  replayId: string,
  end: {
    readonly state: 'done' | 'cancelled' | 'failed';
    readonly atMs: number;
    readonly totals: ReplayTotals | null;
  },
): Promise<boolean> {
  const { rowCount } = await queryable.query(
    `UPDATE billing.price_replays SET state = $2, finished_at_ms = $3, totals = $4::jsonb
      WHERE replay_id = $1 AND state = 'running'`,
    [replayId, end.state, end.atMs, end.totals === null ? null : JSON.stringify(end.totals)],
  );
  return rowCount === 1;
}

const failuresMax = 5;

/** After some failures a replay ends, so that it does not go on for ever. */
export async function noteFailure(
  queryable: Queryable,
  replayId: string,
  failure: string,
  atMs: number,
): Promise<void> {
  await queryable.query(
    `UPDATE billing.price_replays
        SET failures = failures + 1, failure = $2, state = CASE WHEN failures + 1 >= $3 THEN 'failed' ELSE state END,
            finished_at_ms = CASE WHEN failures + 1 >= $3 THEN $4::bigint END
      WHERE replay_id = $1 AND state = 'running'`,
    [replayId, failure.slice(0, 500), failuresMax, atMs],
  );
}

export async function writeReplayedPoints(
  transaction: Transaction,
  replayId: string,
  points: readonly ReplayedPoint[],
): Promise<void> {
  const lines = points.flatMap((point) => point.lines);
  const accounts = points.flatMap((point) => point.accounts);
  await transaction.query(
    `INSERT INTO billing.price_replay_lines (replay_id, account_id, metering_point_id, month, component, period, item,
            consumption_before, consumption_after, before_micros, after_micros)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[])`,
    [
      replayId,
      lines.map((line) => line.accountId),
      lines.map((line) => line.meteringPointId),
      lines.map((line) => line.month),
      lines.map((line) => line.component),
      lines.map((line) => line.period),
      lines.map((line) => line.item),
      lines.map((line) => line.consumptionBefore),
      lines.map((line) => line.consumptionAfter),
      lines.map((line) => line.beforeMicros),
      lines.map((line) => line.afterMicros),
    ],
  );
  // An account may be at several of the points, here and in other steps.
  await transaction.query(
    `INSERT INTO billing.price_replay_accounts AS found (replay_id, account_id, before_micros, after_micros, consumption,
            slots_expected, slots_known, slots_estimated)
     SELECT $1, added.account_id, sum(added.before_micros), sum(added.after_micros), sum(added.consumption),
            sum(added.slots_expected), sum(added.slots_known), sum(added.slots_estimated)
       FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
         AS added (account_id, before_micros, after_micros, consumption, slots_expected, slots_known, slots_estimated)
      GROUP BY added.account_id
         ON CONFLICT (replay_id, account_id) DO UPDATE
        SET before_micros = found.before_micros + excluded.before_micros,
            after_micros = found.after_micros + excluded.after_micros,
            consumption = found.consumption + excluded.consumption,
            slots_expected = found.slots_expected + excluded.slots_expected,
            slots_known = found.slots_known + excluded.slots_known,
            slots_estimated = found.slots_estimated + excluded.slots_estimated`,
    [
      replayId,
      accounts.map((account) => account.accountId),
      accounts.map((account) => account.beforeMicros),
      accounts.map((account) => account.afterMicros),
      accounts.map((account) => account.consumption),
      accounts.map((account) => account.slotsExpected),
      accounts.map((account) => account.slotsKnown),
      accounts.map((account) => account.slotsEstimated),
    ],
  );
}
