// SPDX-License-Identifier: Apache-2.0
import type { z } from 'zod';
import { RequestError } from '../errors.ts';

export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Faults of one part, e.g. body.rows.3.value. */
export function faultsOf(part: string, error: z.ZodError): readonly Fault[] {
  return error.issues.map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
}

/** The most a caller is told of at once. */
const faultsMax = 100;

interface Part {
  readonly name: 'params' | 'query' | 'body';
  readonly shape: z.ZodType | undefined;
  readonly value: unknown;
}

/**
 * Checks all parts and reports every fault of all of them in one answer.
 * @throws RequestError 400 request-invalid with faults by path
 */
export function validated(parts: readonly Part[]): Record<Part['name'], unknown> {
  const values: Record<Part['name'], unknown> = { params: {}, query: {}, body: undefined };
  const faults: Fault[] = [];
  for (const { name, shape, value } of parts) {
    if (shape === undefined) {
      values[name] = value;
      continue;
    }
    const result = shape.safeParse(value);
    if (result.success) values[name] = result.data;
    else faults.push(...faultsOf(name, result.error));
  }
  if (faults.length > 0) {
    const first = faults[0];
    const more = faults.length - 1;
    throw new RequestError({
      status: 400,
      code: 'request-invalid',
      message: `${first?.path ?? ''}: ${first?.message ?? ''}${more > 0 ? ` (and ${more} more ${more === 1 ? 'fault' : 'faults'})` : ''}`,
      hint: 'Correct the named fields and send the request again.',
      faults: faults.slice(0, faultsMax),
    });
  }
  return values;
}
