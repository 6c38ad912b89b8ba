// SPDX-License-Identifier: Apache-2.0
/** Writes and checks the log of actions. Made apart from the service, so that the composition root has no cycle. */
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Principal } from '@wattledger/contracts';
import type { ActionLog, Clock, Database, Transaction } from '@wattledger/platform';
import {
  emptyChain,
  followChain,
  hashOfAction,
  textOfState,
  type ActionRow,
  type ChainedRow,
  type ChainFault,
} from './action-chain.ts';
import { insertActions, lockHead, readActionsAfter, readHead } from './actions-store.ts';

/** An action as a caller tells it. */
export interface NewAction {
  readonly principal: Principal | null;
  readonly projectId: string | null;
  /** e.g. meter.create */
  readonly action: string;
  /** e.g. meter/mtr_… */
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly remoteAddress: string;
  readonly atMs: number;
}

export interface Verification {
  readonly ok: boolean;
  readonly checked: number;
  readonly lastHash: string | null;
  readonly firstFault: ChainFault | null;
}

export interface RegistryActionLog extends ActionLog {
  /**
   * Adds actions inside the caller's transaction: change and record commit together. Call it last: it holds the head
   * of the chain until the transaction ends, and everybody else waits.
   */
  recordIn(transaction: Transaction, actions: readonly NewAction[]): Promise<void>;
  /** Recomputes the chain from the first action to the last. */
  verify(): Promise<Verification>;
}

const pageRows = 2000;

export function createActionLog(parts: {
  readonly database: Database;
  readonly clock: Clock;
}): RegistryActionLog {
  const { database } = parts;

  async function recordIn(transaction: Transaction, actions: readonly NewAction[]): Promise<void> {
    if (actions.length === 0) return;
    const head = await lockHead(transaction);
    let { sequence, hash } = head;
    const rows: ChainedRow[] = [];
    for (const action of actions) {
      sequence += 1;
      const row = rowOf(action, sequence);
      const previousHash = hash;
      hash = hashOfAction(row, previousHash);
      rows.push({ ...row, previousHash, hash });
    }
    await insertActions(transaction, rows, { sequence, hash });
  }

  async function verify(): Promise<Verification> {
    // The head first: rows added while we read only lengthen the chain.
    const expected = await readHead(database);
    let head = emptyChain;
    for (;;) {
      const rows = await readActionsAfter(database, head.sequence, pageRows);
      const step = followChain(head, rows);
      if (step.fault !== null)
        return { ok: false, checked: step.head.sequence, lastHash: step.head.hash, firstFault: step.fault };
      const last = rows.find((row) => row.sequence === expected?.sequence);
      if (last !== undefined && last.hash !== expected?.hash) {
        return cut(last.sequence, 'it is not the last action that the head remembers', last.sequence - 1);
      }
      head = step.head;
      if (rows.length < pageRows) break;
      await yieldToOthers();
    }
    if (expected === undefined) return cut(head.sequence + 1, 'the head of the chain is gone', head.sequence);
    if (head.sequence < expected.sequence) {
      return cut(
        head.sequence + 1,
        `actions ${head.sequence + 1} to ${expected.sequence} were removed from the end`,
        head.sequence,
      );
    }
    return {
      ok: true,
      checked: head.sequence,
      lastHash: head.hash === '' ? null : head.hash,
      firstFault: null,
    };
  }

  return {
    recordIn,
    verify,
    async record(action) {
      await database.transaction(async (transaction) => {
        await recordIn(transaction, [action]);
      });
    },
  };
}

function cut(sequence: number, message: string, checked: number): Verification {
  return { ok: false, checked, lastHash: null, firstFault: { sequence, message } };
}

function rowOf(action: NewAction, sequence: number): ActionRow {
  return {
    sequence,
    atMs: action.atMs,
    principalKind: action.principal?.kind ?? 'nobody',
    principalId: action.principal?.id ?? '',
    principalName: plain(action.principal?.name ?? ''),
    projectId: action.projectId,
    action: plain(action.action),
    subject: plain(action.subject),
    before: textOfState(action.before),
    after: textOfState(action.after),
    remoteAddress: plain(action.remoteAddress),
  };
}

/** Postgres text holds no NUL; other control characters would only confuse a reader of the export. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 500);
}
