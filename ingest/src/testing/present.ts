// SPDX-License-Identifier: Apache-2.0
/** What a test has just made sure of. @throws Error when it is not there after all */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('a value that the test relies on is not there');
  return value;
}
