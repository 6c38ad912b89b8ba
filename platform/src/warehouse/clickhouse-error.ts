// SPDX-License-Identifier: Apache-2.0
import { types } from 'node:util';
import { ClickHouseError } from '@clickhouse/client';
import { OperatingError } from '../errors.ts';

/** Codes of ClickHouse after which the same statement may well succeed later. */
const retryableCodes = new Set([
  '159', // TIMEOUT_EXCEEDED
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203',
  '209',
  '210', // no free connection, socket timeout, network
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY (replica without its keeper)
  '252', // TOO_MANY_PARTS
  '285',
  '286',
  '289',
  '319', // quorum, replicas behind, unknown status of insert
  '999', // KEEPER_EXCEPTION
]);

interface EngineError extends Error {
  readonly code: string;
  readonly type?: string;
}

/** chDB brings its own copy of the client's error class, so the class alone does not tell. */
function isEngineError(error: unknown): error is EngineError {
  if (error instanceof ClickHouseError) return true;
  return (
    types.isNativeError(error) &&
    error.constructor.name === 'ClickHouseError' &&
    typeof (error as { code?: unknown }).code === 'string'
  );
}

/** Errors of the warehouse as a caller sees them; `code` is warehouse-<engine's name of it>. */
export function asWarehouseError(error: unknown): unknown {
  if (error instanceof OperatingError) return error;
  if (isEngineError(error)) {
    const name = (error.type ?? 'unknown').toLowerCase().replaceAll('_', '-');
    return new OperatingError(`warehouse-${name}`, `the warehouse refused a statement: ${error.message}`, {
      retryable: retryableCodes.has(error.code),
      cause: error,
    });
  }
  if (
    types.isNativeError(error) &&
    /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|socket hang up|Timeout error/i.test(
      `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`,
    )
  ) {
    return new OperatingError('warehouse-unreachable', `the warehouse cannot be reached: ${error.message}`, {
      retryable: true,
      cause: error,
    });
  }
  return error;
}
