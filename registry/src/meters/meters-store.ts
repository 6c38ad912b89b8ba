// SPDX-License-Identifier: Apache-2.0
import type { MeterSnapshot } from '@wattledger/contracts';
import type { MeterDetail } from '@wattledger/contracts/http/registry';
import type { Queryable, Transaction } from '@wattledger/platform';

export async function putMeters(
  transaction: Transaction,
  projectId: string,
  meters: readonly MeterSnapshot[],
): Promise<void> {
  await transaction.query(
    `insert into registry.meters (id, project_id, serial, model_id, gateway_id, unit_id, line_address,
       poll_interval_seconds, switchable, enabled)
     select r."id", $1, r."serial", r."modelId", r."gatewayId", r."unitId", r."lineAddress",
       r."pollIntervalSeconds", r."switchable", r."enabled"
     from json_to_recordset($2::json) as r("id" text, "serial" text, "modelId" text, "gatewayId" text, "unitId" integer,
       "lineAddress" text, "pollIntervalSeconds" integer, "switchable" boolean, "enabled" boolean)
     on conflict (id) do update set model_id = excluded.model_id, gateway_id = excluded.gateway_id, unit_id = excluded.unit_id,
       line_address = excluded.line_address, poll_interval_seconds = excluded.poll_interval_seconds,
       switchable = excluded.switchable, enabled = excluded.enabled`,
    [projectId, JSON.stringify(meters)],
  );
}

export async function deleteMeter(
  transaction: Transaction,
  projectId: string,
  meterId: string,
): Promise<void> {
  await transaction.query('delete from registry.meters m where m.project_id = $1 and m.id = $2', [
    projectId,
    meterId,
  ]);
}

/** Segments a meter has, past ones included. */
export async function countMountingsOf(queryable: Queryable, meterId: string): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*) as count from registry.mountings s where s.meter_id = $1',
    [meterId],
  );
  return rows[0]?.count ?? 0;
}

export interface MeterPage {
  /** Null: whatever the id. */
  readonly meterId: string | null;
  readonly gatewayId: string | null;
  readonly pattern: string | null;
  readonly after: string | null;
  readonly limit: number;
  /** The instant at which "mounted now" is asked. */
  readonly nowMs: number;
}

/** Meters whose serial or model contains the text, in order of their serials, each with where it counts now. */
export async function listMeters(
  queryable: Queryable,
  projectId: string,
  page: MeterPage,
): Promise<readonly MeterDetail[]> {
  const { rows } = await queryable.query<MeterDetail>(
    `select m.id, m.project_id as "projectId", m.serial, m.model_id as "modelId", m.gateway_id as "gatewayId",
       m.unit_id as "unitId", m.line_address as "lineAddress", m.poll_interval_seconds as "pollIntervalSeconds", m.switchable, m.enabled,
       coalesce((
         select json_agg(json_build_object('meteringPointId', p.id, 'code', p.code, 'name', p.name, 'register', s.register)
           order by p.code)
         from registry.mountings s join registry.metering_points p on p.id = s.point_id
         where s.meter_id = m.id and s.from_ms <= $7 and (s.to_ms is null or s.to_ms > $7)
       ), '[]'::json) as "mountedAt"
     from registry.meters m
     where m.project_id = $1
       and ($2::text is null or m.id = $2)
       and ($3::text is null or m.gateway_id = $3)
       and ($4::text is null or m.serial ilike $4 or m.model_id ilike $4)
       and ($5::text is null or m.serial > $5)
     order by m.serial limit $6`,
    [projectId, page.meterId, page.gatewayId, page.pattern, page.after, page.limit, page.nowMs],
  );
  return rows;
}
