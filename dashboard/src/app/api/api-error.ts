// SPDX-License-Identifier: Apache-2.0
import type { Problem } from '@wattledger/contracts';

/** What the server (or the way to it) answered instead of what was asked. */
export class ApiError extends Error {
  /** HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  /** The stable code of the problem, e.g. `forbidden`; `unreachable` when there was no answer. */
  readonly code: string;
  readonly hint: string | null;
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  /** To find this in the server's log. */
  readonly requestId: string | null;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.message ?? '');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'unreachable' : `http-${status}`);
    this.hint = problem.hint ?? null;
    this.faults = problem.faults ?? [];
    this.requestId = problem.requestId ?? null;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

/** Angular wraps what is not an Error; unwrap to our own where there is one. */
export function apiErrorOf(error: unknown): ApiError {
  if (isApiError(error)) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  if (isApiError(cause)) return cause;
  return new ApiError(-1, {
    code: 'unexpected',
    message: error instanceof Error ? error.message : String(error),
  });
}
