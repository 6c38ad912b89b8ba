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

export interface PublishParts {
  readonly eventLog: EventLog;
  readonly transaction: Transaction;
}

/**
 * Records of one append. An append locks its partitions in their order until the transaction ends; large first
 * appends reach all of them at once, so that two writers do not lock them crosswise.
 */
const recordsPerAppend = 5000;
/** Well below what the event log takes in one append. */
const bytesPerAppend = 16_000_000;
const mountingBytes = 1000;

export type TouchedEntities = ReadonlyMap<RegistryEntity, ReadonlySet<string>>;

/** Publishes the entities as the transaction sees them now; an id that is no longer there as its removal. */
export async function publishSnapshots(
  { eventLog, transaction }: PublishParts,
  projectId: string,
  touched: TouchedEntities,
): Promise<void> {
  const records: NewRecord<RegistrySnapshot>[] = [];
  for (const [entity, ids] of touched) {
    for (const page of pagesOf([...ids], recordsPerAppend)) {
      records.push(...(await recordsOf(transaction, projectId, entity, page)));
    }
  }
  for (const page of pagesOf(records, recordsPerAppend))
    await eventLog.append(topics.registrySnapshots, page, transaction);
}

async function recordsOf(
  transaction: Transaction,
  projectId: string,
  entity: RegistryEntity,
  ids: readonly string[],
): Promise<readonly NewRecord<RegistrySnapshot>[]> {
  const found = await loadSnapshots(transaction, entity, { projectId, ids });
  const byId = new Map<string, (typeof found)[number]>(found.map((snapshot) => [snapshot.id, snapshot]));
  return ids.map((id) => ({
    key: snapshotKey(entity, id),
    // The union's members differ in `snapshot` only, and the loader of an entity answers with its own.
    value: { entity, id, projectId, snapshot: byId.get(id) ?? null } as RegistrySnapshot,
  }));
}

/**
 * Publishes the complete mountings of meters, as the transaction sees them now, on the meter log. Call it late: from
 * here to the commit the collectors' appends wait.
 */
export async function publishMountings(
  { eventLog, transaction }: PublishParts,
  project: ProjectSnapshot,
  meterIds: readonly string[],
): Promise<void> {
  // Each record carries the whole calendar.
  const bytes = mountingBytes + JSON.stringify(project.calendar).length;
  const size = Math.max(1, Math.min(recordsPerAppend, Math.floor(bytesPerAppend / bytes)));
  const mountings = await loadMountings(transaction, project, meterIds);
  const records = mountings.map((mounting) => ({ key: mounting.meterId, value: mounting }));
  for (const page of pagesOf(records, size)) await eventLog.append(topics.meterLog, page, transaction);
}

export const snapshotKey = (entity: RegistryEntity, id: string): string => `${entity}/${id}`;

function* pagesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
