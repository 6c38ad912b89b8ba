// SPDX-License-Identifier: Apache-2.0
import type { GatewaySnapshot } from '@wattledger/contracts';
import type { GatewayDetail } from '@wattledger/contracts/http/registry';
import type { Queryable, Transaction } from '@wattledger/platform';

export async function putGateways(
  transaction: Transaction,
  projectId: string,
  gateways: readonly GatewaySnapshot[],
): Promise<void> {
  await transaction.query(
    `insert into registry.gateways (id, project_id, code, name, transport, timeout_ms, poll_interval_seconds, enabled)
     select r."id", $1, r."code", r."name", r."transport", r."timeoutMs", r."pollIntervalSeconds", r."enabled"
     from json_to_recordset($2::json) as r("id" text, "code" text, "name" text, "transport" jsonb, "timeoutMs" integer,
       "pollIntervalSeconds" integer, "enabled" boolean)
     on conflict (id) do update set name = excluded.name, transport = excluded.transport, timeout_ms = excluded.timeout_ms,
       poll_interval_seconds = excluded.poll_interval_seconds, enabled = excluded.enabled`,
    [projectId, JSON.stringify(gateways)],
  );
}

export async function deleteGateway(
  transaction: Transaction,
  projectId: string,
  gatewayId: string,
): Promise<void> {
  await transaction.query('delete from registry.gateways g where g.project_id = $1 and g.id = $2', [
    projectId,
    gatewayId,
  ]);
}

export async function countMetersOf(queryable: Queryable, gatewayId: string): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*) as count from registry.meters m where m.gateway_id = $1',
    [gatewayId],
  );
  return rows[0]?.count ?? 0;
}

/** Gateways whose code, name or address contains the text, in order of their codes, each with its number of meters. */
export async function listGateways(
  queryable: Queryable,
  projectId: string,
  page: { readonly pattern: string | null; readonly after: string | null; readonly limit: number },
): Promise<readonly GatewayDetail[]> {
  const { rows } = await queryable.query<GatewayDetail>(
    `select g.id, g.project_id as "projectId", g.code, g.name, g.transport, g.timeout_ms as "timeoutMs",
       g.poll_interval_seconds as "pollIntervalSeconds", g.enabled,
       (select count(*) from registry.meters m where m.gateway_id = g.id) as meters
     from registry.gateways g
     where g.project_id = $1 and ($2::text is null or g.code ilike $2 or g.name ilike $2 or g.line ilike $2 or g.called_name ilike $2)
       and ($3::text is null or g.code > $3)
     order by g.code limit $4`,
    [projectId, page.pattern, page.after, page.limit],
  );
  return rows;
}
