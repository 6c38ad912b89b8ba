// SPDX-License-Identifier: Apache-2.0
/**
 * Shares the partitions of a topic among the consumers of a group. Each consumer is a member row with the database
 * session of its process; a member whose session has ended, or that was not seen for a while, is dead. Leases make
 * hand-over orderly; they are not what keeps effects single: that is the compare-and-set of the position.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { sessionOf } from '../database/postgres-database.ts';
import type { Database, Transaction } from '../database/port.ts';

export const beatMs = 2_000;
/** By the database's clock. Only for processes that hang: a dead one's session ends at once. */
const silenceSecondsMax = 20;
const channel = 'event_log_members';

export interface Member {
  readonly memberId: string;
  readonly group: string;
  readonly topic: string;
  readonly partitionCount: number;
  /** Partitions this member may run now. Called when that changes; resolves when partitions taken away have ended. */
  assign(partitions: readonly number[]): Promise<void>;
}

interface MemberRow {
  readonly member_id: string;
  readonly consumer_group: string;
  readonly topic: string;
}
interface LeaseRow {
  readonly consumer_group: string;
  readonly topic: string;
  readonly partition: number;
  readonly member_id: string;
}

/** Partitions a member should hold: those whose number falls to its place among the sorted living members. */
export function fairShare(
  memberIds: readonly string[],
  memberId: string,
  partitionCount: number,
): readonly number[] {
  const sorted = [...memberIds].sort();
  const place = sorted.indexOf(memberId);
  if (place < 0) return [];
  return Array.from({ length: partitionCount }, (_, partition) => partition).filter(
    (partition) => partition % sorted.length === place,
  );
}

export class Membership {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #members = new Map<string, { readonly member: Member; held: readonly number[] }>();
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #again = false;
  #unlisten: (() => Promise<void>) | null = null;
  #closed = false;

  constructor(database: Database, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  static newMemberId(): string {
    return randomUUID();
  }

  async join(member: Member): Promise<void> {
    this.#members.set(member.memberId, { member, held: [] });
    this.#unlisten ??= await this.#database.listen(channel, () => void this.beat());
    this.#timer ??= setInterval(() => void this.beat(), beatMs);
    await this.beat();
    await this.#tellOthers();
  }

  async leave(memberId: string): Promise<void> {
    const entry = this.#members.get(memberId);
    this.#members.delete(memberId);
    await this.#beating;
    await entry?.member.assign([]);
    await this.#database.query('DELETE FROM event_log.members WHERE member_id = $1', [memberId]);
    await this.#tellOthers();
  }

  async #tellOthers(): Promise<void> {
    await this.#database.query('SELECT pg_notify($1, $2)', [channel, '']);
  }

  /** Says that our members live, learns who else does, gives back and takes partitions. Never throws. */
  async beat(): Promise<void> {
    if (this.#beating !== null) {
      this.#again = true;
      return await this.#beating;
    }
    this.#beating = this.#beatUntilQuiet();
    try {
      await this.#beating;
    } finally {
      this.#beating = null;
    }
  }

  async #beatUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      if (this.#closed || this.#members.size === 0) return;
      try {
        await this.#beatOnce();
      } catch (error) {
        this.#logger.warn(
          { err: error },
          'the consumers could not be announced; partitions stay as they are until the next attempt',
        );
      }
    } while (this.#again);
  }

  async #beatOnce(): Promise<void> {
    const session = await sessionOf(this.#database);
    const own = [...this.#members.values()];
    const { members, leases } = await this.#database.transaction(async (transaction) => {
      await announce(
        transaction,
        own.map(({ member }) => member),
        session,
      );
      return await survey(transaction);
    });
    let released = false;
    for (const entry of own) {
      const { member } = entry;
      const ofGroup = members
        .filter((row) => row.consumer_group === member.group && row.topic === member.topic)
        .map((row) => row.member_id);
      const share = fairShare(ofGroup, member.memberId, member.partitionCount);
      const leased = leases.filter(
        (row) => row.consumer_group === member.group && row.topic === member.topic,
      );
      const mine = leased.filter((row) => row.member_id === member.memberId).map((row) => row.partition);
      const kept = mine.filter((partition) => share.includes(partition));
      const surplus = mine.filter((partition) => !share.includes(partition));
      if (entry.held.some((partition) => !kept.includes(partition))) {
        await member.assign(kept);
        entry.held = kept;
      }
      if (surplus.length > 0) {
        released = true;
        await this.#database.query(
          'DELETE FROM event_log.leases WHERE member_id = $1 AND partition = ANY ($2::integer[])',
          [member.memberId, surplus],
        );
      }
      const wanted = share.filter((partition) => !leased.some((row) => row.partition === partition));
      const taken = wanted.length === 0 ? [] : await takeLeases(this.#database, member, wanted);
      const held = [...kept, ...taken];
      if (held.length !== entry.held.length && this.#members.has(member.memberId)) {
        await member.assign(held);
        entry.held = held;
      }
    }
    if (released) await this.#tellOthers();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#beating;
    await this.#unlisten?.();
  }
}

async function announce(
  transaction: Transaction,
  members: readonly Member[],
  session: { readonly pid: number; readonly startedAt: string },
): Promise<void> {
  await transaction.query(
    `INSERT INTO event_log.members (member_id, consumer_group, topic, backend_pid, backend_start, seen_at)
     SELECT m.member_id, m.consumer_group, m.topic, $4, $5::timestamptz, clock_timestamp()
     FROM unnest($1::text[], $2::text[], $3::text[]) AS m (member_id, consumer_group, topic)
     ORDER BY m.member_id
     ON CONFLICT (member_id) DO UPDATE
     SET seen_at = excluded.seen_at, backend_pid = excluded.backend_pid, backend_start = excluded.backend_start`,
    [
      members.map((member) => member.memberId),
      members.map((member) => member.group),
      members.map((member) => member.topic),
      session.pid,
      session.startedAt,
    ],
  );
}

async function survey(
  transaction: Transaction,
): Promise<{ readonly members: readonly MemberRow[]; readonly leases: readonly LeaseRow[] }> {
  await transaction.query(
    `DELETE FROM event_log.members
     WHERE member_id IN (
       SELECT m.member_id FROM event_log.members m
       WHERE m.seen_at < clock_timestamp() - make_interval(secs => ${silenceSecondsMax})
          OR NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = m.backend_pid AND a.backend_start = m.backend_start)
       ORDER BY m.member_id
       FOR UPDATE SKIP LOCKED)`,
  );
  const members = await transaction.query<MemberRow>(
    'SELECT member_id, consumer_group, topic FROM event_log.members',
  );
  const leases = await transaction.query<LeaseRow>(
    'SELECT consumer_group, topic, partition, member_id FROM event_log.leases',
  );
  return { members: members.rows, leases: leases.rows };
}

async function takeLeases(
  database: Database,
  member: Member,
  partitions: readonly number[],
): Promise<readonly number[]> {
  const taken = await database.query<{ partition: number }>(
    `INSERT INTO event_log.leases (consumer_group, topic, partition, member_id)
     SELECT $1, $2, p.partition, $3 FROM unnest($4::integer[]) AS p (partition)
     ON CONFLICT (consumer_group, topic, partition) DO NOTHING
     RETURNING partition`,
    [member.group, member.topic, member.memberId, partitions],
  );
  return taken.rows.map((row) => row.partition);
}
