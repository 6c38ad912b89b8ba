// SPDX-License-Identifier: Apache-2.0
/** Pages by key: `next` is the last row's key, given only when there was one more row than asked for. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly q?: string | undefined;
}

/** What a store asks the database: one row more than the page, and the search text as a pattern with % around it. */
export function pageOf(request: PageRequest): {
  readonly pattern: string | null;
  readonly after: string | null;
  readonly limit: number;
} {
  const { q = '', after, limit } = request;
  return {
    // \ is LIKE's own escape: a % or _ in the search text means itself.
    pattern: q === '' ? null : `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`,
    after: after ?? null,
    limit: limit + 1,
  };
}

export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => string,
): { readonly rows: T[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last !== undefined ? keyOf(last) : null };
}
