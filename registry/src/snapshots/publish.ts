// SPDX-License-Identifier: Apache-2.0
/** Tells the others what exists: snapshots and mounting records, in the transaction that made the change. */
import {
  topics,
  type ProjectSnapshot,
  type RegistryEntity,
  type RegistrySnapshot,
} from '@wattledger/contracts';
import type { EventLog, NewRecord, Transaction } from '@wattledger/platform';
import { loadMountings, loadSnapshots } from './snapshots-store.ts';

/** Records of one append. A mounting record carries the whole calendar, so it counts for more. */
const snapshotsPerAppend = 2000;
const mountingsPerAppend = 500;

export interface PublishParts {
  readonly eventLog: EventLog;
  readonly transaction: Transaction;
}

/** Publishes the entities as the transaction sees them now; an id that is no longer there as its removal. */
export async function publishSnapshots(
  { eventLog, transaction }: PublishParts,
  projectId: string,
  entity: RegistryEntity,
  ids: readonly string[],
): Promise<void> {
  for (const page of pagesOf(ids, snapshotsPerAppend)) {
    const found = await loadSnapshots(transaction, entity, { projectId, ids: page });
    const byId = new Map<string, (typeof found)[number]>(found.map((snapshot) => [snapshot.id, snapshot]));
    const records = page.map((id): NewRecord<RegistrySnapshot> => ({
      key: snapshotKey(entity, id),
      // The union's members differ in `snapshot` only, and the loader of an entity answers with its own.
      value: { entity, id, projectId, snapshot: byId.get(id) ?? null } as RegistrySnapshot,
    }));
    await eventLog.append(topics.registrySnapshots, records, transaction);
  }
}

/** Publishes the complete mountings of meters, as the transaction sees them now, on the meter log. */
export async function publishMountings(
  { eventLog, transaction }: PublishParts,
  project: ProjectSnapshot,
  meterIds: readonly string[],
): Promise<void> {
  for (const page of pagesOf(meterIds, mountingsPerAppend)) {
    const mountings = await loadMountings(transaction, project, page);
    await eventLog.append(
      topics.meterLog,
      mountings.map((mounting) => ({ key: mounting.meterId, value: mounting })),
      transaction,
    );
  }
}

export const snapshotKey = (entity: RegistryEntity, id: string): string => `${entity}/${id}`;

function* pagesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
