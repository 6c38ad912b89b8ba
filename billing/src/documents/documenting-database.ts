// SPDX-License-Identifier: Apache-2.0
/**
 * Every posting of an account that was claimed in a transaction gets its document before that transaction commits. Done
 * here, once, and not by each command: no command can forget it, and one that is taken back leaves no gap.
 */
import type { Database } from '@wattledger/platform';
import { claimedIn } from '../ledger/ledger-store.ts';
import { issueDocuments, type DocumentParts } from './issue-documents.ts';

export function documentingDatabase(database: Database, parts: DocumentParts): Database {
  return {
    query: async (text, parameters) => await database.query(text, parameters),
    listen: async (channel, handle) => await database.listen(channel, handle),
    close: async () => await database.close(),
    transaction: async (fn, options) =>
      await database.transaction(async (transaction) => {
        const answer = await fn(transaction);
        const claimed = claimedIn(transaction);
        for (const projectId of [...new Set(claimed.map((posting) => posting.projectId))].sort()) {
          const ids = claimed
            .filter((posting) => posting.projectId === projectId)
            .map(({ postingId }) => postingId);
          await issueDocuments(parts, transaction, projectId, ids);
        }
        return answer;
      }, options),
  };
}
