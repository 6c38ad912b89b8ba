// SPDX-License-Identifier: Apache-2.0
import { newId, type TenantSnapshot } from '@wattledger/contracts';
import {
  tenantCreateBodyShape,
  type TenantCreateBody,
  type TenantDetail,
  type TenantList,
  type TenantPatchBody,
} from '@wattledger/contracts/http/registry';
import type { Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { conflict, notFound } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import type { ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import {
  deleteTenant,
  listTenants,
  putTenants,
  readPointsOfTenant,
  wasEverAtPoint,
} from './tenants-store.ts';

export interface TenantsService {
  list(projectId: string, page: PageRequest): Promise<TenantList>;
  get(projectId: string, tenantId: string): Promise<TenantDetail>;
  create(actor: Actor, projectId: string, body: TenantCreateBody): Promise<TenantDetail>;
  patch(actor: Actor, projectId: string, tenantId: string, body: TenantPatchBody): Promise<TenantDetail>;
  /** @throws RequestError tenant-has-history when a metering point has ever named the tenant */
  remove(actor: Actor, projectId: string, tenantId: string): Promise<void>;
}

export function createTenantsService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): TenantsService {
  const { database, writer } = parts;

  async function existing(
    queryable: Queryable,
    projectId: string,
    tenantId: string,
  ): Promise<TenantSnapshot> {
    const tenant = await loadSnapshot(queryable, 'tenant', projectId, tenantId);
    if (tenant === undefined) throw notFound('tenant');
    return tenant;
  }
  async function detail(queryable: Queryable, projectId: string, tenantId: string): Promise<TenantDetail> {
    const tenant = await existing(queryable, projectId, tenantId);
    return { ...tenant, meteringPoints: [...(await readPointsOfTenant(queryable, projectId, tenantId))] };
  }

  return {
    async list(projectId, page) {
      const found = await listTenants(database, projectId, pageOf(page));
      const { rows, next } = cutPage(found, page.limit, (tenant) => tenant.code);
      return { tenants: rows, next };
    },
    get: async (projectId, tenantId) => await detail(database, projectId, tenantId),
    async create(actor, projectId, body) {
      const tenant = { id: newId('tenant'), projectId, ...tenantCreateBodyShape.parse(body) };
      return await writer.write(actor, projectId, async (write) => {
        await write.apply('tenant', tenant.id, 'tenant.create', async () => {
          await putTenants(write.transaction, projectId, [tenant]);
        });
        return await detail(write.transaction, projectId, tenant.id);
      });
    },
    async patch(actor, projectId, tenantId, body) {
      return await writer.write(actor, projectId, async (write) => {
        const tenant = await existing(write.transaction, projectId, tenantId);
        await write.apply('tenant', tenantId, 'tenant.update', async () => {
          await putTenants(write.transaction, projectId, [withGiven(tenant, body)]);
        });
        return await detail(write.transaction, projectId, tenantId);
      });
    },
    async remove(actor, projectId, tenantId) {
      await writer.write(actor, projectId, async (write) => {
        await existing(write.transaction, projectId, tenantId);
        if (await wasEverAtPoint(write.transaction, projectId, tenantId)) {
          throw conflict(
            'tenant-has-history',
            'A metering point names or has named this tenant: accounts and bills may refer to it.',
            'Keep the tenant; take it off its metering points when it leaves.',
          );
        }
        await write.apply('tenant', tenantId, 'tenant.delete', async () => {
          await deleteTenant(write.transaction, projectId, tenantId);
        });
      });
    },
  };
}
