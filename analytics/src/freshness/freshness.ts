// SPDX-License-Identifier: Apache-2.0
/** How fresh metering points are: kept from interval energy, asked by every question. */
import { topics, type IntervalEnergy } from '@wattledger/contracts';
import type { Consumer, Parts, RecordBatch } from '@wattledger/platform';
import { newestPerSegment, readFreshness, writeFreshness } from './freshness-store.ts';

export const freshnessGroup = 'analytics-freshness';
const recordsMax = 1_000;
/** A page asks a dozen questions at once; they share one look. */
const sharedMs = 1_000;

export interface Freshness {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Instant of the newest accepted reading per metering point; absent = never read. At most a second old. */
  ofProject(projectId: string): Promise<ReadonlyMap<string, number>>;
}

export function createFreshness(parts: Pick<Parts, 'database' | 'eventLog' | 'clock'>): Freshness {
  const looks = new Map<
    string,
    { readonly atMs: number; readonly found: Promise<ReadonlyMap<string, number>> }
  >();
  let consumer: Consumer | null = null;

  const handle = async (batch: RecordBatch<IntervalEnergy>): Promise<void> => {
    const rows = newestPerSegment(batch.records.map((record) => record.value));
    await parts.database.transaction(async (transaction) => {
      if (rows.length > 0) await writeFreshness(transaction, rows);
      await batch.commit(transaction);
    });
    for (const row of rows) looks.delete(row.projectId);
  };

  return {
    start: async () => {
      consumer ??= await parts.eventLog.consume({
        group: freshnessGroup,
        topic: topics.intervalEnergy,
        recordsMax,
        handle,
      });
    },
    stop: async () => {
      await consumer?.stop();
      consumer = null;
    },
    ofProject: async (projectId) => {
      const nowMs = parts.clock.nowMs();
      const last = looks.get(projectId);
      if (last !== undefined && nowMs - last.atMs >= 0 && nowMs - last.atMs < sharedMs)
        return await last.found;
      const found = readFreshness(parts.database, projectId);
      looks.set(projectId, { atMs: nowMs, found });
      found.catch(() => looks.delete(projectId));
      return await found;
    },
  };
}
