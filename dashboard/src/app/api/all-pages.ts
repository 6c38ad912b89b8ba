// SPDX-License-Identifier: Apache-2.0
/** All pages of a list that is told newest first, for files. Pure but for what `load` does. */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
}

/** @throws RangeError beyond `pagesMax`: a file that silently lacks its end would be believed */
export async function allPages<Row>(
  load: (before: number | null) => Promise<ListPage<Row>>,
  pagesMax: number,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  let before: number | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page: ListPage<Row> = await load(before);
    found.push(...page.rows);
    if (page.next === null) return found;
    before = page.next;
  }
  throw new RangeError(`more than ${String(pagesMax)} pages`);
}
