// SPDX-License-Identifier: Apache-2.0
/** Every error as the caller sees it. What went wrong inside stays in the log, found by the request id. */
import type { Problem } from '@wattledger/contracts';
import { OperatingError, RequestError } from '../errors.ts';

export interface ProblemAnswer {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;
  /** expected: the caller's doing; trouble: something outside failed; mistake: ours. */
  readonly kind: 'expected' | 'trouble' | 'mistake';
}

const retryAfterSeconds = 5;

export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  if (error instanceof RequestError) {
    const problem: Problem = {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.faults === undefined ? {} : { faults: [...error.faults] }),
      requestId,
    };
    return { status: error.status, problem, retryAfterSeconds: null, kind: 'expected' };
  }
  if (error instanceof OperatingError && error.retryable) {
    const problem = {
      code: 'temporarily-unavailable',
      message: 'A part of the system cannot be reached at the moment.',
      hint: `Try again in ${retryAfterSeconds} seconds.`,
      requestId,
    };
    return { status: 503, problem, retryAfterSeconds, kind: 'trouble' };
  }
  const problem = {
    code: 'internal-error',
    message: 'Something went wrong on our side; nothing of this request was kept half-done.',
    hint: `Report it with request id ${requestId}.`,
    requestId,
  };
  return { status: 500, problem, retryAfterSeconds: null, kind: 'mistake' };
}

/** 413 in words a person understands. */
export function bodyTooLarge(bytesMax: number): RequestError {
  return new RequestError({
    status: 413,
    code: 'body-too-large',
    message: `The request body is larger than ${sizeText(bytesMax)}.`,
    hint: 'Send it in parts, or import the file with the command line.',
  });
}

function sizeText(bytes: number): string {
  return bytes >= 1_000_000 ? `${Math.floor(bytes / 1_000_000)} MB` : `${Math.floor(bytes / 1_000)} kB`;
}
