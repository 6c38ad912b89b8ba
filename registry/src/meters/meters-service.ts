// SPDX-License-Identifier: Apache-2.0
import { newId, type MeterSnapshot } from '@wattledger/contracts';
import {
  meterCreateBodyShape,
  type MeterCreateBody,
  type MeterDetail,
  type MeterList,
  type MeterPatchBody,
} from '@wattledger/contracts/http/registry';
import type { Clock, Database, Queryable } from '@wattledger/platform';
import type { Actor } from '../changes/actor.ts';
import { conflict, invalid, notFound } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import type { ProjectWrite, ProjectWriter } from '../changes/project-writer.ts';
import { withGiven } from '../changes/with-given.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import { faultsOfMeter } from './meter.ts';
import { countMountingsOf, deleteMeter, listMeters, putMeters } from './meters-store.ts';

export interface MetersService {
  list(
    projectId: string,
    page: PageRequest & { readonly gatewayId?: string | undefined },
  ): Promise<MeterList>;
  get(projectId: string, meterId: string): Promise<MeterDetail>;
  /** @throws RequestError duplicate-serial, duplicate-address, invalid */
  create(actor: Actor, projectId: string, body: MeterCreateBody): Promise<MeterDetail>;
  patch(actor: Actor, projectId: string, meterId: string, body: MeterPatchBody): Promise<MeterDetail>;
  /** @throws RequestError meter-has-mountings */
  remove(actor: Actor, projectId: string, meterId: string): Promise<void>;
}

export function createMetersService(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly writer: ProjectWriter;
}): MetersService {
  const { database, clock, writer } = parts;

  async function detail(queryable: Queryable, projectId: string, meterId: string): Promise<MeterDetail> {
    const page = { meterId, gatewayId: null, pattern: null, after: null, limit: 1, nowMs: clock.nowMs() };
    const [meter] = await listMeters(queryable, projectId, page);
    if (meter === undefined) throw notFound('meter');
    return meter;
  }

  async function put(write: ProjectWrite, meter: MeterSnapshot, action: string): Promise<MeterDetail> {
    const { transaction, project } = write;
    const faults = [...faultsOfMeter(meter)];
    if (
      meter.gatewayId !== null &&
      (await loadSnapshot(transaction, 'gateway', project.id, meter.gatewayId)) === undefined
    ) {
      faults.push({ path: 'gatewayId', message: 'there is no such gateway in this project' });
    }
    if (faults.length > 0) throw invalid(faults);
    await write.apply('meter', meter.id, action, async () => {
      await putMeters(transaction, project.id, [meter]);
    });
    return await detail(transaction, project.id, meter.id);
  }

  return {
    async list(projectId, request) {
      const page = {
        ...pageOf(request),
        meterId: null,
        gatewayId: request.gatewayId ?? null,
        nowMs: clock.nowMs(),
      };
      const { rows, next } = cutPage(
        await listMeters(database, projectId, page),
        request.limit,
        (meter) => meter.serial,
      );
      return { meters: rows, next };
    },
    get: async (projectId, meterId) => await detail(database, projectId, meterId),
    async create(actor, projectId, body) {
      const meter = { id: newId('meter'), projectId, ...meterCreateBodyShape.parse(body) };
      return await writer.write(actor, projectId, async (write) => await put(write, meter, 'meter.create'));
    },
    async patch(actor, projectId, meterId, body) {
      return await writer.write(actor, projectId, async (write) => {
        const meter = await loadSnapshot(write.transaction, 'meter', projectId, meterId);
        if (meter === undefined) throw notFound('meter');
        return await put(write, withGiven(meter, body), 'meter.update');
      });
    },
    async remove(actor, projectId, meterId) {
      await writer.write(actor, projectId, async (write) => {
        await detail(write.transaction, projectId, meterId);
        if ((await countMountingsOf(write.transaction, meterId)) > 0) {
          throw conflict(
            'meter-has-mountings',
            'The meter is or was mounted: its readings are part of what was measured and charged.',
            'Unmount it and switch it off (enabled: false) instead.',
          );
        }
        await write.apply('meter', meterId, 'meter.delete', async () => {
          await deleteMeter(write.transaction, projectId, meterId);
        });
      });
    },
  };
}
