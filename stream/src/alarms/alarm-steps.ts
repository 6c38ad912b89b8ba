// SPDX-License-Identifier: Apache-2.0
/** Applies findings to the episodes they belong to, and tells what was raised or cleared; in the caller's transaction. */
import { topics, type AlarmSignal } from '@wattledger/contracts';
import type { EventLog, NewRecord, Queryable, Transaction } from '@wattledger/platform';
import { calm, isCalm, stepEpisode, type Episode } from './episode.ts';
import type { Judged } from './finding.ts';

type EpisodeKey = Pick<Judged, 'projectId' | 'kind' | 'subjectKind' | 'subjectId'>;
interface StoredEpisode extends EpisodeKey, Episode {}

const keyOf = ({ projectId, kind, subjectKind, subjectId }: EpisodeKey): string =>
  `${projectId} ${kind} ${subjectKind} ${subjectId}`;
/** One append to the event log. */
const signalsPerAppend = 10_000;

/** Findings in the order of their instants. */
export async function takeFindings(
  transaction: Transaction,
  eventLog: EventLog,
  findings: readonly Judged[],
): Promise<void> {
  if (findings.length === 0) return;
  const before = await loadEpisodes(transaction, findings);
  const after = new Map<string, StoredEpisode>();
  const signals: NewRecord<AlarmSignal>[] = [];
  for (const judged of findings) {
    const key = keyOf(judged);
    const { episode, turned } = stepEpisode(
      after.get(key) ?? before.get(key) ?? calm,
      verdictOf(judged),
      judged.atMs,
      // What was switched off ends at once.
      judged.rule.enabled ? judged.rule : { holdSeconds: 0, clearSeconds: 0 },
    );
    const { projectId, kind, subjectKind, subjectId } = judged;
    after.set(key, { projectId, kind, subjectKind, subjectId, ...episode });
    if (turned !== null) signals.push({ key: subjectId, value: signalOf(judged, turned) });
  }
  await saveEpisodes(transaction, before, after);
  for (let from = 0; from < signals.length; from += signalsPerAppend)
    await eventLog.append(topics.alarmSignals, signals.slice(from, from + signalsPerAppend), transaction);
}

function verdictOf({ rule, verdict, inHours }: Judged): Judged['verdict'] {
  if (!rule.enabled) return 'good';
  return verdict === 'bad' && !inHours ? 'between' : verdict;
}

function signalOf(judged: Judged, turned: 'raised' | 'cleared'): AlarmSignal {
  const { projectId, kind, subjectKind, subjectId, atMs, facts } = judged;
  return {
    ...{ projectId, kind, subjectKind, subjectId, state: turned, at: atMs },
    facts: turned === 'raised' ? facts : {},
  };
}

async function loadEpisodes(
  queryable: Queryable,
  findings: readonly Judged[],
): Promise<ReadonlyMap<string, StoredEpisode>> {
  const { rows } = await queryable.query<StoredEpisode>(
    `SELECT s.project_id AS "projectId", s.kind, s.subject_kind AS "subjectKind", s.subject_id AS "subjectId",
       s.is_raised AS "isRaised", s.turning_since_ms AS "turningSinceMs", s.last_ms AS "lastMs"
     FROM stream.alarm_states s WHERE s.subject_id = ANY ($1)
     ORDER BY s.project_id, s.kind, s.subject_kind, s.subject_id FOR UPDATE`,
    [[...new Set(findings.map(({ subjectId }) => subjectId))]],
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** What is calm is not kept: the tables stay as small as the trouble is. */
async function saveEpisodes(
  transaction: Transaction,
  before: ReadonlyMap<string, StoredEpisode>,
  after: ReadonlyMap<string, StoredEpisode>,
): Promise<void> {
  const kept = [...after.values()].filter((episode) => !isCalm(episode));
  const gone = [...after]
    .filter(([key, episode]) => isCalm(episode) && before.has(key))
    .map(([, episode]) => episode);
  if (kept.length > 0)
    await transaction.query(
      `INSERT INTO stream.alarm_states (project_id, kind, subject_kind, subject_id, is_raised, turning_since_ms, last_ms)
       SELECT r."projectId", r."kind", r."subjectKind", r."subjectId", r."isRaised", r."turningSinceMs", r."lastMs"
       FROM json_to_recordset($1::json) AS r ("projectId" text, "kind" text, "subjectKind" text, "subjectId" text, "isRaised" boolean,
         "turningSinceMs" bigint, "lastMs" bigint)
       ON CONFLICT (project_id, kind, subject_kind, subject_id) DO UPDATE
         SET is_raised = excluded.is_raised, turning_since_ms = excluded.turning_since_ms, last_ms = excluded.last_ms`,
      [JSON.stringify(kept)],
    );
  if (gone.length > 0)
    await transaction.query(
      `DELETE FROM stream.alarm_states s
       USING json_to_recordset($1::json) AS r ("projectId" text, "kind" text, "subjectKind" text, "subjectId" text)
       WHERE s.project_id = r."projectId" AND s.kind = r."kind" AND s.subject_kind = r."subjectKind" AND s.subject_id = r."subjectId"`,
      [JSON.stringify(gone)],
    );
}
