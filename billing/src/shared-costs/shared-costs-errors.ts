// SPDX-License-Identifier: Apache-2.0
import { RequestError } from '@wattledger/platform';

const refusal = (status: 404 | 409 | 422, code: string, message: string, hint: string): RequestError =>
  new RequestError({ status, code, message, hint });

export const ruleUnknown = (): RequestError =>
  refusal(
    404,
    'rule-unknown',
    'This project has no such rule of shared costs.',
    'List the rules of the project.',
  );
export const nameTaken = (name: string): RequestError =>
  refusal(
    409,
    'name-taken',
    `There is a rule "${name}" already.`,
    'Draft a new version of it, or choose another name.',
  );
export const versionOver = (): RequestError =>
  refusal(
    409,
    'version-not-draft',
    'The version is no draft.',
    'Draft a new version; approved ones are never edited.',
  );
export const samePerson = (): RequestError =>
  refusal(
    409,
    'same-person',
    'Who drafted a rule does not approve it.',
    'Ask a second person with the right price:write.',
  );
export const noVersion = (month: string): RequestError =>
  refusal(
    409,
    'no-version',
    `No version of the rule holds in ${month}.`,
    'Draft one from that month on, and have it approved.',
  );
export const notApproved = (): RequestError =>
  refusal(
    409,
    'version-not-approved',
    'The version of that month is a draft.',
    'Have it approved by a second person first.',
  );
export const monthPosted = (month: string): RequestError =>
  refusal(
    409,
    'month-posted',
    `${month} has been posted.`,
    'Take that run back first; late energy follows by itself in the next run.',
  );
export const monthNotOver = (month: string): RequestError =>
  refusal(
    409,
    'month-not-over',
    `${month} is not over.`,
    'A month is posted when its last day has ended; the dry run shows it before.',
  );
export const potChanged = (totalMicros: number): RequestError =>
  refusal(
    409,
    'pot-changed',
    `The pot is ${totalMicros} micros now, not what the dry run showed.`,
    'Look at the dry run again, and post what it shows.',
  );
export const runUnknown = (): RequestError =>
  refusal(404, 'run-unknown', 'The rule has no such run.', 'List the rules with their runs.');
export const runOver = (): RequestError =>
  refusal(409, 'run-reversed', 'The run has been taken back, or is itself a reversal.', 'Nothing was done.');
export const invoiceMissing = (): RequestError =>
  refusal(422, 'invoice-missing', 'The pot of this rule is an invoice.', 'Give its amount: invoiceMicros.');
export const pointMissing = (pointId: string): RequestError =>
  refusal(
    422,
    'point-unknown',
    `This project has no metering point "${pointId}".`,
    'Draft a version with the right main meter.',
  );
export const termsRefused = (path: string, message: string): RequestError =>
  new RequestError({
    status: 422,
    code: 'terms-refused',
    message: 'The terms of the rule are not right.',
    hint: 'See the faults.',
    faults: [{ path, message }],
  });
