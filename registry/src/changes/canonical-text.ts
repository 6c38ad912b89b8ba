// SPDX-License-Identifier: Apache-2.0
/** JSON with sorted keys, to compare by: jsonb does not keep the order in which a calendar was written. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
