// SPDX-License-Identifier: Apache-2.0
/** The chain of hashes over the log of actions: pure. */
import { createHash } from 'node:crypto';

/** One action as it is stored: `before` and `after` are JSON texts, exactly as they are hashed. */
export interface ActionRow {
  readonly sequence: number;
  readonly atMs: number;
  readonly principalKind: 'staff' | 'api-key' | 'nobody';
  readonly principalId: string;
  readonly principalName: string;
  readonly projectId: string | null;
  readonly action: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly remoteAddress: string;
}
export interface ChainedRow extends ActionRow {
  readonly previousHash: string;
  readonly hash: string;
}
export interface ChainFault {
  readonly sequence: number;
  readonly message: string;
}

/** SHA-256, in hexadecimal, of every column and the hash of the row before. JSON keeps the columns apart. */
export function hashOfAction(row: ActionRow, previousHash: string): string {
  const columns = [
    previousHash,
    row.sequence,
    row.atMs,
    row.principalKind,
    row.principalId,
    row.principalName,
    row.projectId,
    row.action,
    row.subject,
    row.before,
    row.after,
    row.remoteAddress,
  ];
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex');
}

/** Where a chain stands: the last row's number and hash; an empty chain is (0, ''). */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}
export const emptyChain: ChainHead = { sequence: 0, hash: '' };

/** First row that does not continue the chain, or the head after the last. */
export function followChain(
  head: ChainHead,
  rows: readonly ChainedRow[],
): { readonly head: ChainHead; readonly fault: ChainFault | null } {
  let at = head;
  for (const row of rows) {
    const message = faultOf(at, row);
    if (message !== null) return { head: at, fault: { sequence: row.sequence, message } };
    at = { sequence: row.sequence, hash: row.hash };
  }
  return { head: at, fault: null };
}

function faultOf(head: ChainHead, row: ChainedRow): string | null {
  if (row.sequence !== head.sequence + 1) {
    return `action ${head.sequence + 1} is missing: after ${head.sequence} comes ${row.sequence}`;
  }
  if (row.previousHash !== head.hash)
    return 'its link does not fit the action before it: one of the two was replaced';
  if (row.hash !== hashOfAction(row, head.hash)) return 'its contents were changed after it was written';
  return null;
}

const textBytesMax = 65_536;
const secretKey = /password|secret|token|authorization|cookie/i;

/**
 * JSON text of a before or after, without secrets: values under keys that sound like one are struck out. Larger
 * than 64 KiB becomes its size and hash, so that one import does not fill the log.
 */
export function textOfState(state: unknown): string | null {
  if (state === undefined || state === null) return null;
  const text = JSON.stringify(state, (key, value: unknown) =>
    secretKey.test(key) && typeof value === 'string' ? '(struck out)' : value,
  ) as string | undefined;
  if (text === undefined) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes <= textBytesMax) return text;
  return JSON.stringify({ tooLarge: true, bytes, sha256: createHash('sha256').update(text).digest('hex') });
}
