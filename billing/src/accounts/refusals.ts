// SPDX-License-Identifier: Apache-2.0
/** What several commands on accounts refuse, in words. */
import { RequestError, type Transaction } from '@wattledger/platform';
import { accountUnknown } from '../vending/record-vends.ts';
import type { Fault } from './account.ts';
import { loadAccountHead, type AccountHead } from './accounts-store.ts';

const exclusionViolation = '23P01';

/** The database's refusal of a second account on a metering point, in words. */
export function pointTaken(error: unknown): RequestError | null {
  const { code, detail } = error as { readonly code?: unknown; readonly detail?: unknown };
  if (code !== exclusionViolation) return null;
  const point = /\)=\(([^,]+),/.exec(String(detail))?.[1] ?? '';
  return new RequestError({
    status: 409,
    code: 'point-has-account',
    message: `Metering point ${point} is served by another account at that time.`,
    hint: 'Close that account first, or open this one from the instant the other was closed.',
    faults: [{ path: 'points', message: point }],
  });
}

/** @throws RequestError 404 account-unknown */
export async function requireHead(
  transaction: Transaction,
  projectId: string,
  accountId: string,
): Promise<AccountHead> {
  const head = await loadAccountHead(transaction, projectId, accountId);
  if (head === undefined) throw accountUnknown(accountId);
  return head;
}

/** @throws RequestError 404 account-unknown, 409 account-closed */
export async function requireOpen(
  transaction: Transaction,
  projectId: string,
  accountId: string,
): Promise<AccountHead> {
  const head = await requireHead(transaction, projectId, accountId);
  if (head.state === 'open') return head;
  throw new RequestError({
    status: 409,
    code: 'account-closed',
    message: 'The account is closed.',
    hint: 'Only an open account can be changed. A new one may be opened for the same metering points.',
  });
}

export const changeRefused = (faults: readonly Fault[]): RequestError =>
  new RequestError({
    status: 422,
    code: 'change-refused',
    message: 'The account cannot be changed as asked.',
    hint: 'Put the listed faults right; nothing was done.',
    faults: [...faults],
  });
