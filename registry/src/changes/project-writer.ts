// SPDX-License-Identifier: Apache-2.0
/**
 * The one way in which anything of a project changes. One transaction holds the change itself, the snapshots and mounting
 * records that tell the others, and the entry in the log of actions: all or none.
 *
 * The project's row is locked first, so a project has one writer at a time. That keeps the rules that span
 * rows (no cycle, no overlap) free of races, and the order of snapshots in the log equal to the order of commits.
 */
import type { ProjectSnapshot, RegistryEntity, SnapshotOf } from '@wattledger/contracts';
import type { Clock, Database, EventLog, Transaction } from '@wattledger/platform';
import type { NewAction, RegistryActionLog } from '../actions/action-log.ts';
import { publishMountings, publishSnapshots } from '../snapshots/publish.ts';
import { loadSnapshot } from '../snapshots/snapshots-store.ts';
import type { Actor } from './actor.ts';
import { asRequestError, notFound } from './faults.ts';

export interface WriterParts {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly actionLog: RegistryActionLog;
}

export interface ProjectWrite {
  readonly transaction: Transaction;
  /** As it was when it was locked. */
  readonly project: ProjectSnapshot;
  readonly actor: Actor;
  readonly atMs: number;
  /**
   * Runs one change of one entity: its snapshot before and after go into the log of actions, the one at the end of
   * the transaction goes to the others.
   */
  apply<E extends RegistryEntity>(
    entity: E,
    id: string,
    action: string,
    change: () => Promise<unknown>,
  ): Promise<SnapshotOf[E] | undefined>;
  /** Entities changed in bulk: published at the end, but not told one by one in the log of actions. */
  touch(entity: RegistryEntity, ids: readonly string[]): void;
  /** Meters whose mounting record must be told again; 'all' after a change of calendar, zone or slot length. */
  touchMountings(meterIds: readonly string[] | 'all'): void;
  note(action: string, subject: string, before: unknown, after: unknown): void;
}

export interface ProjectWriter {
  /** @throws RequestError not-found, or whatever constraint the change would break */
  write<T>(actor: Actor, projectId: string, change: (write: ProjectWrite) => Promise<T>): Promise<T>;
  /** As `write`, for a project that `insert` makes first. */
  create<T>(
    actor: Actor,
    projectId: string,
    insert: (transaction: Transaction) => Promise<unknown>,
    change: (write: ProjectWrite) => Promise<T>,
  ): Promise<T>;
}

export function createProjectWriter(parts: WriterParts): ProjectWriter {
  async function run<T>(
    actor: Actor,
    projectId: string,
    insert: ((transaction: Transaction) => Promise<unknown>) | null,
    change: (write: ProjectWrite) => Promise<T>,
  ): Promise<T> {
    try {
      return await parts.database.transaction(async (transaction) => {
        if (insert !== null) await insert(transaction);
        const locked = await transaction.query(
          'select p.id from registry.projects p where p.id = $1 for update',
          [projectId],
        );
        const project = await loadSnapshot(transaction, 'project', projectId, projectId);
        if (locked.rowCount !== 1 || project === undefined) throw notFound('project');
        const pending = createPendingChanges(parts, transaction, project, actor);
        const result = await change(pending.write);
        await pending.finish();
        return result;
      });
    } catch (error) {
      throw asRequestError(error);
    }
  }
  return {
    write: async (actor, projectId, change) => await run(actor, projectId, null, change),
    create: run,
  };
}

function createPendingChanges(
  parts: WriterParts,
  transaction: Transaction,
  project: ProjectSnapshot,
  actor: Actor,
): { readonly write: ProjectWrite; finish(): Promise<void> } {
  const atMs = parts.clock.nowMs();
  const actions: NewAction[] = [];
  const touched = new Map<RegistryEntity, Set<string>>();
  let meters: Set<string> | 'all' = new Set();

  const note: ProjectWrite['note'] = (action, subject, before, after) => {
    actions.push({ ...actor, projectId: project.id, action, subject, before, after, atMs });
  };
  const touch: ProjectWrite['touch'] = (entity, ids) => {
    const known = touched.get(entity) ?? new Set<string>();
    for (const id of ids) known.add(id);
    touched.set(entity, known);
  };
  const write: ProjectWrite = {
    transaction,
    project,
    actor,
    atMs,
    touch,
    note,
    touchMountings(meterIds) {
      if (meterIds === 'all') meters = 'all';
      else if (meters !== 'all') for (const meterId of meterIds) meters.add(meterId);
    },
    async apply(entity, id, action, change) {
      const before = await loadSnapshot(transaction, entity, project.id, id);
      await change();
      const after = await loadSnapshot(transaction, entity, project.id, id);
      // Same loader, same order of keys. A change that changes nothing is nobody's news.
      if (JSON.stringify(before) !== JSON.stringify(after)) {
        touch(entity, [id]);
        note(action, `${entity}/${id}`, before, after);
      }
      return after;
    },
  };

  return {
    write,
    async finish() {
      const publish = { eventLog: parts.eventLog, transaction };
      await publishSnapshots(publish, project.id, touched);
      const meterIds = meters === 'all' ? await mountedMeters(transaction, project.id) : [...meters];
      if (meterIds.length > 0) {
        // Again, because the calendar, the zone or the slot length may be what changed.
        const now = (await loadSnapshot(transaction, 'project', project.id, project.id)) ?? project;
        await publishMountings(publish, now, meterIds);
      }
      // Last: everybody who does anything waits for the head of the log of actions.
      await parts.actionLog.recordIn(transaction, actions);
    },
  };
}

async function mountedMeters(transaction: Transaction, projectId: string): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ id: string }>(
    'select distinct s.meter_id as id from registry.mountings s where s.project_id = $1 order by 1',
    [projectId],
  );
  return rows.map((row) => row.id);
}
