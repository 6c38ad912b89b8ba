// SPDX-License-Identifier: Apache-2.0
import type { Action, ActionList, actionListQueryShape } from '@wattledger/contracts/http/registry';
import type { Database } from '@wattledger/platform';
import type { z } from 'zod';
import { invalid } from '../changes/faults.ts';
import { cutPage } from '../changes/page.ts';
import type { ChainedRow } from './action-chain.ts';
import type { RegistryActionLog, Verification } from './action-log.ts';
import { actionsCsvHeader, actionsCsvLine } from './actions-csv.ts';
import { listActions, readActionsAfter } from './actions-store.ts';

type ActionQuery = z.output<typeof actionListQueryShape>;
const rowsPerPage = 2000;

export interface ActionsService {
  /** Newest first. `projectId` null: the whole group. */
  list(projectId: string | null, query: ActionQuery): Promise<ActionList>;
  verify(): Promise<Verification>;
  /** CSV in pages, oldest first; holds one page in memory. */
  exportCsv(projectId: string | null): AsyncGenerator<string>;
}

export function createActionsService(parts: {
  readonly database: Database;
  readonly actionLog: RegistryActionLog;
}): ActionsService {
  const { database, actionLog } = parts;
  return {
    verify: async () => await actionLog.verify(),
    async list(projectId, query) {
      const below = query.after === undefined ? null : Number(query.after);
      if (below !== null && !Number.isSafeInteger(below))
        throw invalid([{ path: 'after', message: 'give back what `next` said' }]);
      const filter = {
        projectId,
        fromMs: query.fromMs ?? null,
        toMs: query.toMs ?? null,
        principalId: query.principalId ?? null,
        action: query.action ?? null,
        subject: query.subject ?? null,
      };
      const found = await listActions(database, filter, below, query.limit + 1);
      const { rows, next } = cutPage(found, query.limit, (row) => String(row.sequence));
      return { actions: rows.map(tell), next };
    },
    async *exportCsv(projectId) {
      yield actionsCsvHeader;
      let sequence = 0;
      for (;;) {
        const rows = await readActionsAfter(database, sequence, rowsPerPage, projectId);
        if (rows.length > 0) yield rows.map(actionsCsvLine).join('');
        if (rows.length < rowsPerPage) return;
        sequence = rows.at(-1)?.sequence ?? sequence;
      }
    },
  };
}

function tell({ previousHash: _previousHash, before, after, ...row }: ChainedRow): Action {
  return { ...row, before: stateOf(before), after: stateOf(after) };
}

/** A text that somebody has tampered with need not be JSON; it is shown as it is, and verification finds it. */
function stateOf(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
