// SPDX-License-Identifier: Apache-2.0
/** Keeps the list of devices that call in and belong to nobody yet. */
import { mayDo, serialOfLabel, topics, type DeviceCall, type Principal } from '@wattledger/contracts';
import type { DeviceLookup, UnclaimedDevices } from '@wattledger/contracts/http/claims';
import type { Consumer, Database, EventLog } from '@wattledger/platform';
import { invalid } from '../changes/faults.ts';
import { cutPage, pageOf, type PageRequest } from '../changes/page.ts';
import {
  countUnclaimed,
  findCall,
  findClaimed,
  forgetOldest,
  listUnclaimed,
  putCalls,
} from './device-calls-store.ts';

export const deviceCallsGroup = 'registry-device-calls';
const callsPerBatch = 500;
export const devicesKeptMax = 10_000;

export interface UnclaimedDevicesService {
  list(request: PageRequest): Promise<UnclaimedDevices>;
  /** @throws RequestError invalid (the label holds no serial) */
  lookup(principal: Principal | null, label: string): Promise<DeviceLookup>;
  consume(): Promise<Consumer>;
}

export function createUnclaimedDevicesService(parts: {
  readonly database: Database;
  readonly eventLog: EventLog;
}): UnclaimedDevicesService {
  const { database, eventLog } = parts;
  return {
    async list(request) {
      const { pattern, limit } = pageOf(request);
      const found = await listUnclaimed(database, { pattern, limit, after: positionOf(request.after) });
      const { rows, next } = cutPage(found, request.limit, ({ atMs, serial }) => `${atMs} ${serial}`);
      return { devices: rows, next, total: await countUnclaimed(database) };
    },
    async lookup(principal, label) {
      const serial = serialOfLabel(label);
      if (serial === null) {
        throw invalid(
          [{ path: 'label', message: 'no serial can be told from this' }],
          'Type the serial as it is printed beside the code, often behind "SN".',
        );
      }
      const claimed = await findClaimed(database, serial);
      if (claimed !== null) {
        const { serial: calledName, ...where } = claimed;
        const known = principal !== null && mayDo(principal, 'project:read', claimed.projectId);
        return { serial: calledName, state: 'claimed', device: null, claimed: known ? where : null };
      }
      const device = await findCall(database, serial);
      return {
        serial: device?.serial ?? serial,
        state: device === null ? 'never-called' : 'unclaimed',
        device,
        claimed: null,
      };
    },
    async consume() {
      return await eventLog.consume({
        group: deviceCallsGroup,
        topic: topics.deviceCalls,
        recordsMax: callsPerBatch,
        async handle(batch) {
          await database.transaction(async (transaction) => {
            await putCalls(
              transaction,
              batch.records.map(({ value }) => plainCall(value)),
            );
            await forgetOldest(transaction, devicesKeptMax);
            await batch.commit(transaction);
          });
        },
      });
    },
  };
}

/** A device writes what it likes; Postgres keeps no NUL and no half surrogates, and one bad call must not stop the rest. */
function plainCall(call: DeviceCall): DeviceCall {
  return JSON.parse(JSON.stringify(call), (_key, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\u0000', '') : part,
  ) as DeviceCall;
}

function positionOf(after: string | undefined): { readonly atMs: number; readonly serial: string } | null {
  if (after === undefined) return null;
  const [, atMs, serial] = /^(\d{1,15}) (.*)$/.exec(after) ?? [];
  if (atMs === undefined || serial === undefined) {
    throw invalid([{ path: 'after', message: 'give back what `next` said' }]);
  }
  return { atMs: Number(atMs), serial };
}
