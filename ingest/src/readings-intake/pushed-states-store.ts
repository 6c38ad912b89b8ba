// SPDX-License-Identifier: Apache-2.0
import type { RegisterState } from '@wattledger/contracts/http/ingest';
import type { Queryable } from '@wattledger/platform';

export interface PushedState {
  readonly meterId: string;
  readonly projectId: string;
  readonly registers: readonly RegisterState[];
  readonly lastGoodMs: number;
}

/** Newest registers of meters that push. Whether a meter is online is the collector's to say: left as it is. */
export async function writePushedStates(queryable: Queryable, states: readonly PushedState[]): Promise<void> {
  if (states.length === 0) return;
  await queryable.query(
    `INSERT INTO ingest.meter_states AS s (meter_id, project_id, last_good_ms, registers)
     SELECT r.meter_id, r.project_id, r.last_good_ms, r.registers::jsonb
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS r (meter_id, project_id, last_good_ms, registers)
     ORDER BY r.meter_id
     ON CONFLICT (meter_id) DO UPDATE SET
       project_id = excluded.project_id,
       last_good_ms = greatest(s.last_good_ms, excluded.last_good_ms),
       registers = excluded.registers`,
    [
      states.map(({ meterId }) => meterId),
      states.map(({ projectId }) => projectId),
      states.map(({ lastGoodMs }) => lastGoodMs),
      states.map(({ registers }) => JSON.stringify(registers)),
    ],
  );
}
