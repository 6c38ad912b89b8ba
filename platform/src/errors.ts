// SPDX-License-Identifier: Apache-2.0
/**
 * Trouble the caller can do something about: becomes a problem answer with this status. Expected business outcomes
 * are values, not errors; mistakes of ours are assertions.
 */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly faults: readonly { readonly path: string; readonly message: string }[] | undefined;
  constructor(options: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly faults?: readonly { readonly path: string; readonly message: string }[];
  }) {
    super(options.message);
    this.name = 'RequestError';
    this.status = options.status;
    this.code = options.code;
    this.hint = options.hint;
    this.faults = options.faults;
  }
}

/** Something outside failed: a server, a socket, a disk. `retryable` says whether trying again can help. */
export class OperatingError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  constructor(
    code: string,
    message: string,
    options: { readonly retryable: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'OperatingError';
    this.code = code;
    this.retryable = options.retryable;
  }
}
