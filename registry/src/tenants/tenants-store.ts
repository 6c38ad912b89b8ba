// SPDX-License-Identifier: Apache-2.0
import type { Medium, TenantSnapshot } from '@wattledger/contracts';
import type { Queryable, Transaction } from '@wattledger/platform';

export async function putTenants(
  transaction: Transaction,
  projectId: string,
  tenants: readonly TenantSnapshot[],
): Promise<void> {
  await transaction.query(
    `insert into registry.tenants (id, project_id, code, name, tenant_class, phone, email)
     select r."id", $1, r."code", r."name", r."tenantClass", r."phone", r."email"
     from json_to_recordset($2::json) as r("id" text, "code" text, "name" text, "tenantClass" text, "phone" text, "email" text)
     on conflict (id) do update set name = excluded.name, tenant_class = excluded.tenant_class, phone = excluded.phone,
       email = excluded.email`,
    [projectId, JSON.stringify(tenants)],
  );
}

export async function deleteTenant(
  transaction: Transaction,
  projectId: string,
  tenantId: string,
): Promise<void> {
  await transaction.query('delete from registry.tenants t where t.project_id = $1 and t.id = $2', [
    projectId,
    tenantId,
  ]);
}

export async function wasEverAtPoint(
  queryable: Queryable,
  projectId: string,
  tenantId: string,
): Promise<boolean> {
  const { rows } = await queryable.query<{ ever_at_point: boolean }>(
    'select t.ever_at_point from registry.tenants t where t.project_id = $1 and t.id = $2',
    [projectId, tenantId],
  );
  return rows[0]?.ever_at_point ?? false;
}

export interface PointOfTenant {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly medium: Medium;
}

export async function readPointsOfTenant(
  queryable: Queryable,
  projectId: string,
  tenantId: string,
): Promise<readonly PointOfTenant[]> {
  const { rows } = await queryable.query<PointOfTenant>(
    `select p.id, p.code, p.name, p.medium from registry.metering_points p
     where p.project_id = $1 and p.tenant_id = $2 order by p.code`,
    [projectId, tenantId],
  );
  return rows;
}

/** Tenants whose code, name, phone or e-mail contains the text, in order of their codes. */
export async function listTenants(
  queryable: Queryable,
  projectId: string,
  page: { readonly pattern: string | null; readonly after: string | null; readonly limit: number },
): Promise<readonly TenantSnapshot[]> {
  const { rows } = await queryable.query<TenantSnapshot>(
    `select t.id, t.project_id as "projectId", t.code, t.name, t.tenant_class as "tenantClass", t.phone, t.email
     from registry.tenants t
     where t.project_id = $1
       and ($2::text is null or t.code ilike $2 or t.name ilike $2 or t.phone ilike $2 or t.email ilike $2)
       and ($3::text is null or t.code > $3)
     order by t.code limit $4`,
    [projectId, page.pattern, page.after, page.limit],
  );
  return rows;
}
