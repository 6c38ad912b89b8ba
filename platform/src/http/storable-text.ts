// SPDX-License-Identifier: Apache-2.0
/**
 * Texts that no store can keep are refused before anything looks at them: Postgres takes no NUL character, and half a
 * surrogate pair has no UTF-8. Cookies and headers need no look: tokens are hashed, and Node's parser refuses NUL there.
 */
import { RequestError } from '../errors.ts';
import type { Fault } from './validation.ts';

type Part = Readonly<{ name: 'params' | 'query' | 'body'; value: unknown }>;

function faultOf(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return text.isWellFormed() ? null : 'contains half a surrogate pair, which is no character';
}

/** No shape of ours is deeper; a walk without an end would end the stack. */
const depthMax = 64;

function collect(path: string, value: unknown, faults: Fault[], depth = 0): void {
  if (depth > depthMax) {
    faults.push({ path: path.slice(0, 100), message: 'is nested too deeply' });
  } else if (typeof value === 'string') {
    const message = faultOf(value);
    if (message !== null) faults.push({ path, message });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(`${path}.${index}`, item, faults, depth + 1);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      // A name that is at fault itself is not repeated in the answer.
      const message = faultOf(name);
      if (message === null) collect(`${path}.${name}`, item, faults, depth + 1);
      else faults.push({ path, message: `a name in it ${message}` });
    }
  }
}

/** The most a caller is told of at once. */
const faultsMax = 100;

/** @throws RequestError 400 request-invalid with faults by path */
export function refuseUnstorableText(parts: readonly Part[]): void {
  const faults: Fault[] = [];
  for (const { name, value } of parts) collect(name, value, faults);
  const first = faults[0];
  if (first === undefined) return;
  throw new RequestError({
    status: 400,
    code: 'request-invalid',
    message: `${first.path}: ${first.message}`,
    hint: 'Remove the character from the named fields and send the request again.',
    faults: faults.slice(0, faultsMax),
  });
}

/** Spares the walk through almost every body: only these escapes of JSON make such texts. */
export function mayBeUnstorable(json: string): boolean {
  return /\\u(0000|d[89a-f])/i.test(json);
}
