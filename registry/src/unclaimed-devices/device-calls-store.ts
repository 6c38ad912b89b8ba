// SPDX-License-Identifier: Apache-2.0
import type { DeviceCall } from '@wattledger/contracts';
import type { UnclaimedDevice } from '@wattledger/contracts/http/claims';
import type { Queryable, Transaction } from '@wattledger/platform';

/** Keeps the newest call of each serial; of two with one serial the later one in the list counts. */
export async function putCalls(transaction: Transaction, calls: readonly DeviceCall[]): Promise<void> {
  const newest = [...new Map(calls.map((call) => [call.serial, call])).values()];
  await transaction.query(
    `insert into registry.device_calls as c (serial, first_call_ms, at_ms, call)
     select r."serial", r."atMs", r."atMs", r."call"
     from json_to_recordset($1::json) as r("serial" text, "atMs" bigint, "call" jsonb)
     on conflict (serial) do update set at_ms = excluded.at_ms, call = excluded.call where c.at_ms <= excluded.at_ms`,
    [JSON.stringify(newest.map((call) => ({ serial: call.serial, atMs: call.atMs, call })))],
  );
}

/** Forgets the serials that called longest ago, so that a caller with ever new serials cannot fill the database. */
export async function forgetOldest(transaction: Transaction, kept: number): Promise<void> {
  await transaction.query(
    `delete from registry.device_calls d where d.serial in (
       select c.serial from registry.device_calls c order by c.at_ms desc, c.serial offset $1
     )`,
    [kept],
  );
}

interface Row {
  readonly call: DeviceCall;
  readonly firstCallMs: number;
}
const toDevice = ({ call, firstCallMs }: Row): UnclaimedDevice => ({ ...call, firstCallMs });

const unclaimed = 'not exists (select 1 from registry.gateways g where g.called_name = c.serial)';

/** Newest call first. `after` is the last row of the page before. */
export async function listUnclaimed(
  queryable: Queryable,
  page: {
    readonly pattern: string | null;
    readonly after: { readonly atMs: number; readonly serial: string } | null;
    readonly limit: number;
  },
): Promise<readonly UnclaimedDevice[]> {
  const { rows } = await queryable.query<Row>(
    `select c.call, c.first_call_ms as "firstCallMs" from registry.device_calls c
     where ${unclaimed}
       and ($1::text is null or c.serial ilike $1 or c.call ->> 'modelName' ilike $1)
       and ($2::bigint is null or c.at_ms < $2 or (c.at_ms = $2 and c.serial > $3))
     order by c.at_ms desc, c.serial limit $4`,
    [page.pattern, page.after?.atMs ?? null, page.after?.serial ?? null, page.limit],
  );
  return rows.map(toDevice);
}

export async function countUnclaimed(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    `select count(*) as count from registry.device_calls c where ${unclaimed}`,
  );
  return rows[0]?.count ?? 0;
}

/** By serial, whatever its case: exact before similar. */
export async function findCall(queryable: Queryable, serial: string): Promise<UnclaimedDevice | null> {
  const { rows } = await queryable.query<Row>(
    `select c.call, c.first_call_ms as "firstCallMs" from registry.device_calls c
     where lower(c.serial) = lower($1) order by (c.serial = $1) desc, c.at_ms desc limit 1`,
    [serial],
  );
  return rows[0] === undefined ? null : toDevice(rows[0]);
}

export interface ClaimedBy {
  readonly projectId: string;
  readonly gatewayId: string;
  readonly gatewayCode: string;
  readonly gatewayName: string;
  readonly serial: string;
}

/** The gateway of the group that calls in with this serial. */
export async function findClaimed(queryable: Queryable, serial: string): Promise<ClaimedBy | null> {
  const { rows } = await queryable.query<ClaimedBy>(
    `select g.project_id as "projectId", g.id as "gatewayId", g.code as "gatewayCode", g.name as "gatewayName",
       g.called_name as serial
     from registry.gateways g where lower(g.called_name) = lower($1) order by (g.called_name = $1) desc limit 1`,
    [serial],
  );
  return rows[0] ?? null;
}

/** Ids of meters by their serials, of metering points by their codes. */
export async function findIds(
  queryable: Queryable,
  projectId: string,
  names: { readonly serials: readonly string[]; readonly codes: readonly string[] },
): Promise<{ readonly meterIds: readonly string[]; readonly pointIds: readonly string[] }> {
  const meters = await queryable.query<{ id: string }>(
    'select m.id from registry.meters m where m.project_id = $1 and m.serial = any ($2)',
    [projectId, names.serials],
  );
  const points = await queryable.query<{ id: string }>(
    'select p.id from registry.metering_points p where p.project_id = $1 and p.code = any ($2)',
    [projectId, names.codes],
  );
  return { meterIds: meters.rows.map((row) => row.id), pointIds: points.rows.map((row) => row.id) };
}

export async function gatewayCodeTaken(
  queryable: Queryable,
  projectId: string,
  code: string,
): Promise<boolean> {
  const { rows } = await queryable.query<{ taken: boolean }>(
    'select exists (select 1 from registry.gateways g where g.project_id = $1 and g.code = $2) as taken',
    [projectId, code],
  );
  return rows[0]?.taken === true;
}

/** Two claims for one serial, of whatever projects, come one after the other. */
export async function lockSerial(transaction: Transaction, serial: string): Promise<void> {
  await transaction.query("select pg_advisory_xact_lock(hashtextextended('claim ' || lower($1), 0))", [
    serial,
  ]);
}
