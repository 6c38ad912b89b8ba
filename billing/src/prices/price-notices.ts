// SPDX-License-Identifier: Apache-2.0
/**
 * Retroactive notices: a version approved after it began to hold, or withdrawn after it did. Everything it touches is charged anew, some metering
 * points per transaction; how far it has come is part of each transaction, so a crash repeats and loses nothing.
 */
import type { Database, EventLog, Transaction } from '@wattledger/platform';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { chargeAnew } from '../charging/charging-service.ts';
import { holdPoints } from '../charging/charging-store.ts';

/** Points per transaction: a year of one point is 365 rows of arrays. */
const pointsPerStepMax = 10;

/**
 * Notes that a version begins to hold for the past, or no longer does: then what it touched is charged once more. Nothing is noted where no account was ever charged by its scheme: the
 * caller holds the scheme, and an opening, which references it, has either committed before or will see the version.
 */
export async function noteRetroactiveVersion(
  transaction: Transaction,
  projectId: string,
  priceVersionId: string,
): Promise<void> {
  await transaction.query(
    `INSERT INTO billing.price_notices (price_version_id, project_id, state)
     SELECT version.price_version_id, $2, 'running'
       FROM billing.price_versions AS version
      WHERE version.price_version_id = $1
        AND EXISTS (SELECT FROM billing.account_points AS point WHERE point.price_scheme_id = version.price_scheme_id)
         ON CONFLICT (price_version_id) DO UPDATE SET state = 'running', after_point_id = ''`,
    [priceVersionId, projectId],
  );
}

/** A notice that begins again counts again. */
const progressSql = `
  UPDATE billing.price_notices AS notice
     SET after_point_id = $2, state = $3, finished_at_ms = CASE WHEN $3 = 'done' THEN $5::bigint END,
         points_done = $4 + CASE WHEN notice.after_point_id = '' THEN 0 ELSE notice.points_done END,
         points_total = CASE WHEN notice.after_point_id = ''
                             THEN (SELECT count(DISTINCT span.metering_point_id)
                                     FROM billing.price_versions AS version
                                     JOIN billing.account_points AS span ON span.price_scheme_id = version.price_scheme_id
                                    WHERE version.price_version_id = notice.price_version_id)
                             ELSE notice.points_total END
   WHERE notice.price_version_id = $1`;

interface NoticeRow {
  readonly price_version_id: string;
  readonly price_scheme_id: string;
  readonly project_id: string;
  readonly after_point_id: string;
  readonly effective_from_ms: number;
  readonly version_state: string;
}

/** Carries out one step of one running notice. False when none is running, or others are at work on all of them. */
export async function stepNotice(
  parts: { readonly database: Database; readonly eventLog: EventLog },
  nowMs: number,
): Promise<boolean> {
  return await parts.database.transaction(async (transaction) => {
    const { rows } = await transaction.query<NoticeRow>(
      `SELECT notice.price_version_id, version.price_scheme_id, notice.project_id, notice.after_point_id, version.effective_from_ms,
              version.state AS version_state
         FROM billing.price_notices AS notice
         JOIN billing.price_versions AS version ON version.price_version_id = notice.price_version_id
        WHERE notice.state = 'running'
        ORDER BY notice.price_version_id
        LIMIT 1
          FOR UPDATE OF notice SKIP LOCKED`,
    );
    const notice = rows[0];
    if (notice === undefined) return false;
    const { rows: points } = await transaction.query<{ metering_point_id: string }>(
      `SELECT DISTINCT point.metering_point_id
         FROM billing.account_points AS point
        WHERE point.price_scheme_id = $1 AND point.metering_point_id > $2
        ORDER BY point.metering_point_id
        LIMIT $3`,
      [notice.price_scheme_id, notice.after_point_id, pointsPerStepMax],
    );
    const ids = points.map((point) => point.metering_point_id);
    const announcements = noAnnouncements();
    if (ids.length > 0) {
      await holdPoints(transaction, new Map(ids.map((id) => [id, { projectId: notice.project_id }])));
      await chargeAnew({ transaction, nowMs, announcements }, ids, {
        fromMs: notice.effective_from_ms,
        toMs: Number.MAX_SAFE_INTEGER,
        cause: notice.version_state === 'withdrawn' ? 'price-withdrawn' : 'price-notice',
        noticeVersionId: notice.price_version_id,
      });
    }
    await transaction.query(progressSql, [
      notice.price_version_id,
      ids.at(-1) ?? notice.after_point_id,
      ids.length < pointsPerStepMax ? 'done' : 'running',
      ids.length,
      nowMs,
    ]);
    await announce(parts.eventLog, transaction, announcements);
    return true;
  });
}
