// SPDX-License-Identifier: Apache-2.0
/** Entries of the side navigation: one for each page or family of pages. Pure. */
import type { IconName } from '../look/icons.ts';
import { families, sections, type Page, type Section } from './pages.ts';

export interface NavigationEntry {
  readonly label: string;
  readonly icon: IconName;
  /** The first one is opened by the entry; all of them stand beside each other above the page. */
  readonly pages: readonly [Page, ...Page[]];
}
export interface NavigationSection {
  readonly section: Section;
  readonly entries: readonly NavigationEntry[];
}

/** @param allowed pages somebody may open, in their order; of a family with one such page the entry has that page's name */
export function navigationOf(allowed: readonly Page[]): readonly NavigationSection[] {
  return sections
    .map((section) => ({ section, entries: entriesOf(allowed.filter((page) => page.section === section)) }))
    .filter(({ entries }) => entries.length > 0);
}

function entriesOf(allowed: readonly Page[]): readonly NavigationEntry[] {
  const begun = new Set<string>();
  return allowed.flatMap((page) => {
    const { family } = page;
    const alone: NavigationEntry = { label: page.label, icon: page.icon, pages: [page] };
    if (family === undefined) return [alone];
    if (begun.has(family)) return [];
    begun.add(family);
    const others = allowed.filter((other) => other.family === family && other !== page);
    return [others.length === 0 ? alone : { ...families[family], pages: [page, ...others] }];
  });
}

/** Whether an address without its query is that of a page, or lies beneath it. */
export function liesAt(address: string, pageAddress: string, exactly: boolean): boolean {
  return address === pageAddress || (!exactly && address.startsWith(`${pageAddress}/`));
}
