// SPDX-License-Identifier: Apache-2.0
/** What the daily close refuses, in words. */
import type { CloseItem } from '@wattledger/contracts/http/billing';
import { RequestError } from '@wattledger/platform';

const conflict = (code: string, message: string, hint: string): RequestError =>
  new RequestError({ status: 409, code, message, hint });

export const dayInTheFuture = (): RequestError =>
  new RequestError({
    status: 422,
    code: 'day-in-the-future',
    message: 'The day has not begun.',
    hint: 'Look at today or an earlier day.',
  });
export const dayClosed = (day: string): RequestError =>
  conflict(
    'day-closed',
    `${day} is closed.`,
    'What is corrected now belongs to today; or reopen the last closed day with a reason.',
  );
export const dayOpen = (day: string): RequestError =>
  conflict('day-open', `${day} is not closed.`, 'Close it first.');
export const daySigned = (day: string): RequestError =>
  conflict('day-signed', `${day} is signed already.`, 'Nothing was done.');
export const dayOutOfOrder = (next: string): RequestError =>
  conflict(
    'day-out-of-order',
    'Days are closed one after the other, because each names the one before.',
    `Close ${next} next.`,
  );
export const dayNotLast = (last: string): RequestError =>
  conflict(
    'day-not-last',
    'Only the last closed day can be reopened: later closes stand on it.',
    `The last one is ${last}.`,
  );
export const itemsOpen = (items: readonly CloseItem[]): RequestError =>
  new RequestError({
    status: 409,
    code: 'items-open',
    message: `${items.length} open items have no answer.`,
    hint: 'Put each right, or say why it stands.',
    faults: items.slice(0, 100).map((item) => ({ path: item.kind, message: item.subject })),
  });
export const itemUnknown = (key: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'item-unknown',
    message: `The day has no open item "${key}".`,
    hint: 'It may have been put right meanwhile: look at the day again.',
  });
export const providerUnknown = (provider: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'provider-unknown',
    message: `No provider "${provider}" can be asked here.`,
    hint: "Upload the provider's file instead.",
  });
export const signerNotSecond = (): RequestError =>
  new RequestError({
    status: 403,
    code: 'signer-not-second',
    message: 'A day is signed by somebody who neither closed it nor took money on it.',
    hint: 'Ask a colleague with the right books:write.',
  });
