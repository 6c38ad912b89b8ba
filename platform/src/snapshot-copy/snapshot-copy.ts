// SPDX-License-Identifier: Apache-2.0
/**
 * A service's own copy of what the registry has told: newest snapshot per entity and id, in a table of the service's
 * schema and in memory. One process of the group writes the table (position and rows in one transaction); every
 * process of the service keeps its memory by reading the rows that are newer than what it has seen.
 */
import { topics, type RegistryEntity, type RegistrySnapshot, type SnapshotOf } from '@wattledger/contracts';
import type { Transaction } from '../database/port.ts';
import type { Consumer, RecordBatch } from '../event-log/port.ts';
import type { Parts } from '../service/port.ts';
import {
  makeSnapshotTable,
  readNewerSnapshots,
  writeSnapshots,
  type StoredSnapshot,
} from './snapshots-store.ts';

export interface SnapshotCopyOptions<E extends RegistryEntity> {
  readonly parts: Pick<Parts, 'database' | 'eventLog' | 'logger'>;
  /** Postgres schema of the service; holds the table registry_snapshots. */
  readonly schema: string;
  /** Consumer group, e.g. 'billing-registry'. */
  readonly group: string;
  readonly entities: readonly E[];
  /** More effects of the same change, in the transaction that writes the copy. */
  readonly inTransaction?: (transaction: Transaction, changes: readonly RegistrySnapshot[]) => Promise<void>;
  /** After the commit, in every process, in the log's order per entity; not for what was there at start. */
  readonly onChange?: (changes: readonly RegistrySnapshot[]) => void | Promise<void>;
}

export interface SnapshotCopy<E extends RegistryEntity> {
  /** Fills memory from the table without consuming: for doctor and rebuild. */
  load(): Promise<void>;
  /** Makes the table, fills memory, consumes from then on. */
  start(): Promise<void>;
  stop(): Promise<void>;
  get<K extends E>(entity: K, id: string): SnapshotOf[K] | undefined;
  /** In no particular order. */
  all<K extends E>(entity: K, projectId?: string): readonly SnapshotOf[K][];
  /** Resolves when everything the registry had told at the time of the call is in memory. */
  whenCaughtUp(): Promise<void>;
}

const recordsMax = 500;
/** Covers a lost notification. */
const refreshMs = 5_000;

class RegistrySnapshotCopy<E extends RegistryEntity> implements SnapshotCopy<E> {
  readonly #options: SnapshotCopyOptions<E>;
  readonly #channel: string;
  readonly #byEntity = new Map<RegistryEntity, Map<string, RegistrySnapshot>>();
  /** Greatest offset seen per partition: rows of one partition are committed in the order of offsets. */
  readonly #seen = new Map<number, number>();
  #consumer: Consumer | null = null;
  #unlisten: (() => Promise<void>) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #refreshing: Promise<void> = Promise.resolve();
  #waiters: (() => void)[] = [];

  constructor(options: SnapshotCopyOptions<E>) {
    if (!/^[a-z][a-z0-9_]*$/.test(options.schema)) throw new Error(`"${options.schema}" is no schema name`);
    this.#options = options;
    this.#channel = `${options.schema}_registry_snapshots`;
    for (const entity of options.entities) this.#byEntity.set(entity, new Map());
  }

  async load(): Promise<void> {
    await makeSnapshotTable(this.#options.parts.database, this.#options.schema);
    await this.#refresh(false);
  }

  async start(): Promise<void> {
    const { parts, group } = this.#options;
    await this.load();
    this.#unlisten = await parts.database.listen(this.#channel, () => this.#refreshSoon());
    this.#timer = setInterval(() => this.#refreshSoon(), refreshMs);
    this.#consumer = await parts.eventLog.consume({
      group,
      topic: topics.registrySnapshots,
      recordsMax,
      handle: async (batch) => await this.#handle(batch),
    });
  }

  async #handle(batch: RecordBatch<RegistrySnapshot>): Promise<void> {
    const { parts, schema, inTransaction } = this.#options;
    // Of several records of one entity in the batch only the newest can be inserted by one statement.
    const newest = new Map(
      batch.records.map((record) => [`${record.value.entity}/${record.value.id}`, record]),
    );
    const records = [...newest.values()].sort((a, b) => a.offset - b.offset);
    const wanted = records
      .map((record) => record.value)
      .filter((change) => this.#byEntity.has(change.entity));
    await parts.database.transaction(async (transaction) => {
      // Entities this version does not ask for are stored too: a later version may, and the position will have passed them.
      await writeSnapshots(transaction, schema, batch.partition, records);
      if (inTransaction !== undefined && wanted.length > 0) await inTransaction(transaction, wanted);
      await batch.commit(transaction);
      if (wanted.length > 0) await transaction.query('SELECT pg_notify($1, $2)', [this.#channel, '']);
    });
    await this.#refresh(true);
  }

  #refreshSoon(): void {
    this.#refresh(true).catch((error: unknown) =>
      this.#options.parts.logger.warn(
        { err: error, schema: this.#options.schema },
        'the copy of the registry could not be refreshed; trying again',
      ),
    );
  }

  /** One at a time, so that changes reach onChange in order. */
  async #refresh(tell: boolean): Promise<void> {
    const next = this.#refreshing.catch(() => undefined).then(async () => await this.#refreshOnce(tell));
    this.#refreshing = next;
    await next;
  }

  async #refreshOnce(tell: boolean): Promise<void> {
    const { parts, schema, entities, onChange, group } = this.#options;
    const rows = await readNewerSnapshots(parts.database, schema, entities, this.#seen);
    const changes = rows.map((row) => this.#apply(row));
    for (const waiter of this.#waiters.splice(0)) waiter();
    if (!tell || changes.length === 0 || onChange === undefined) return;
    try {
      await onChange(changes);
    } catch (error) {
      parts.logger.error(
        { err: error, group },
        'a change of the registry was stored but not carried out in memory: restart this service',
      );
    }
  }

  #apply(row: StoredSnapshot): RegistrySnapshot {
    const change = {
      entity: row.entity,
      id: row.id,
      projectId: row.project_id,
      snapshot: row.snapshot,
    } as RegistrySnapshot;
    const byId = this.#byEntity.get(row.entity);
    if (row.snapshot === null) byId?.delete(row.id);
    else byId?.set(row.id, change);
    this.#seen.set(row.partition, Math.max(this.#seen.get(row.partition) ?? -1, row.record_offset));
    return change;
  }

  get<K extends E>(entity: K, id: string): SnapshotOf[K] | undefined {
    return this.#byEntity.get(entity)?.get(id)?.snapshot as SnapshotOf[K] | undefined;
  }

  all<K extends E>(entity: K, projectId?: string): readonly SnapshotOf[K][] {
    const found: SnapshotOf[K][] = [];
    for (const change of this.#byEntity.get(entity)?.values() ?? []) {
      if (projectId === undefined || change.projectId === projectId)
        found.push(change.snapshot as SnapshotOf[K]);
    }
    return found;
  }

  async whenCaughtUp(): Promise<void> {
    const { parts, group } = this.#options;
    const { records, headOffset } = await parts.eventLog.lag(group, topics.registrySnapshots);
    if (records > 0) {
      for (;;) {
        const now = await parts.eventLog.lag(group, topics.registrySnapshots);
        // What was appended after the call may still be on its way.
        if (now.records <= now.headOffset - headOffset) break;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 100);
          this.#waiters.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
    }
    await this.#refresh(true);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#consumer?.stop();
    this.#consumer = null;
    await this.#unlisten?.();
    this.#unlisten = null;
    await this.#refreshing.catch(() => undefined);
  }
}

export function createSnapshotCopy<E extends RegistryEntity>(
  options: SnapshotCopyOptions<E>,
): SnapshotCopy<E> {
  return new RegistrySnapshotCopy(options);
}
