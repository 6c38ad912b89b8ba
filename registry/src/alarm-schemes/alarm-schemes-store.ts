// SPDX-License-Identifier: Apache-2.0
import type { AlarmScheme, AlarmSchemeBody } from '@wattledger/contracts/http/alarms';
import type { Queryable, Transaction } from '@wattledger/platform';

type Contents = Omit<AlarmSchemeBody, 'name' | 'tenantClass'>;
interface Row {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly tenantClass: string | null;
  readonly body: Contents;
}

/** The project's schemes, that of everything first. */
export async function readAlarmSchemes(
  queryable: Queryable,
  projectId: string,
): Promise<readonly AlarmScheme[]> {
  const { rows } = await queryable.query<Row>(
    `select s.id, s.project_id as "projectId", s.name, s.tenant_class as "tenantClass", s.body
     from registry.alarm_schemes s where s.project_id = $1 order by s.tenant_class nulls first`,
    [projectId],
  );
  return rows.map(({ body, ...row }) => ({ ...row, ...body }));
}

export async function putAlarmScheme(transaction: Transaction, scheme: AlarmScheme): Promise<void> {
  const { id, projectId, name, tenantClass, ...body } = scheme;
  await transaction.query(
    `insert into registry.alarm_schemes (id, project_id, name, tenant_class, body) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set name = excluded.name, tenant_class = excluded.tenant_class, body = excluded.body`,
    [id, projectId, name, tenantClass, JSON.stringify(body)],
  );
}

export async function deleteAlarmScheme(
  transaction: Transaction,
  projectId: string,
  schemeId: string,
): Promise<void> {
  await transaction.query('delete from registry.alarm_schemes s where s.project_id = $1 and s.id = $2', [
    projectId,
    schemeId,
  ]);
}

export async function readTenantClasses(queryable: Queryable, projectId: string): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ tenantClass: string }>(
    'select distinct t.tenant_class as "tenantClass" from registry.tenants t where t.project_id = $1 order by 1',
    [projectId],
  );
  return rows.map((row) => row.tenantClass);
}
