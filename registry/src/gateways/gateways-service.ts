// SPDX-License-Identifier: Apache-2.0
import { newId } from '@wattledger/contracts';
import {
  gatewayCreateBodyShape,
  type GatewayCreateBody,
  type GatewayDetail,
  type GatewayList,
  type GatewayPatchBody,
} from '@wattledger/contracts/http/registry';
import type { Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { conflict, notFound } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import type { ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import { countMetersOf, deleteGateway, listGateways, putGateways } from './gateways-store.ts';

export interface GatewaysService {
  list(projectId: string, page: PageRequest): Promise<GatewayList>;
  get(projectId: string, gatewayId: string): Promise<GatewayDetail>;
  /** @throws RequestError duplicate-code, duplicate-address */
  create(actor: Actor, projectId: string, body: GatewayCreateBody): Promise<GatewayDetail>;
  patch(actor: Actor, projectId: string, gatewayId: string, body: GatewayPatchBody): Promise<GatewayDetail>;
  /** @throws RequestError gateway-has-meters */
  remove(actor: Actor, projectId: string, gatewayId: string): Promise<void>;
}

export function createGatewaysService(parts: {
  readonly database: Database;
  readonly writer: ProjectWriter;
}): GatewaysService {
  const { database, writer } = parts;

  async function detail(queryable: Queryable, projectId: string, gatewayId: string): Promise<GatewayDetail> {
    const gateway = await loadSnapshot(queryable, 'gateway', projectId, gatewayId);
    if (gateway === undefined) throw notFound('gateway');
    return { ...gateway, meters: await countMetersOf(queryable, gatewayId) };
  }

  return {
    async list(projectId, page) {
      const found = await listGateways(database, projectId, pageOf(page));
      const { rows, next } = cutPage(found, page.limit, (gateway) => gateway.code);
      return { gateways: rows, next };
    },
    get: async (projectId, gatewayId) => await detail(database, projectId, gatewayId),
    async create(actor, projectId, body) {
      const gateway = { id: newId('gateway'), projectId, ...gatewayCreateBodyShape.parse(body) };
      return await writer.write(actor, projectId, async (write) => {
        await write.apply('gateway', gateway.id, 'gateway.create', async () => {
          await putGateways(write.transaction, projectId, [gateway]);
        });
        return await detail(write.transaction, projectId, gateway.id);
      });
    },
    async patch(actor, projectId, gatewayId, body) {
      return await writer.write(actor, projectId, async (write) => {
        const gateway = await loadSnapshot(write.transaction, 'gateway', projectId, gatewayId);
        if (gateway === undefined) throw notFound('gateway');
        await write.apply('gateway', gatewayId, 'gateway.update', async () => {
          await putGateways(write.transaction, projectId, [withGiven(gateway, body)]);
        });
        return await detail(write.transaction, projectId, gatewayId);
      });
    },
    async remove(actor, projectId, gatewayId) {
      await writer.write(actor, projectId, async (write) => {
        const { meters } = await detail(write.transaction, projectId, gatewayId);
        if (meters > 0) {
          throw conflict(
            'gateway-has-meters',
            `${meters} meters are on this gateway.`,
            'Move them to another gateway first.',
          );
        }
        await write.apply('gateway', gatewayId, 'gateway.delete', async () => {
          await deleteGateway(write.transaction, projectId, gatewayId);
        });
      });
    },
  };
}
