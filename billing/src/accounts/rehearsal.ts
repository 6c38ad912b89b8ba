// SPDX-License-Identifier: Apache-2.0
/** A dry run is the real thing, taken back before it is kept: so it cannot say other than what would happen. */
import type { Database, Transaction } from '@wattledger/platform';

class TakenBack<T> extends Error {
  readonly answer: T;
  constructor(answer: T) {
    super('a rehearsal ends by taking everything back');
    this.answer = answer;
  }
}

/** Does the work in a transaction and keeps it, or only answers when it is a rehearsal. */
export async function rehearseOrDo<T>(
  database: Database,
  rehearsal: boolean,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(async (transaction) => {
      const answer = await work(transaction);
      if (rehearsal) throw new TakenBack(answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.answer as T;
    throw error;
  }
}
