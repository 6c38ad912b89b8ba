// SPDX-License-Identifier: Apache-2.0
/** What the command palette finds, best hits first. Pure. */
import type { IconName } from '../look/icons.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly kind: 'page' | 'project' | 'point' | 'tenant';
  readonly icon: IconName;
  readonly label: string;
  /** Code, place, tenant: shown behind the label and searched too. */
  readonly detail: string;
  readonly link: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
}

const entriesMax = 40;

/**
 * How well an entry fits what was typed; 0 = not at all. Every word must occur. A label that begins with the text beats
 * a word that begins with it, which beats an occurrence anywhere.
 */
export function fit(entry: PaletteEntry, typed: string): number {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const label = entry.label.toLowerCase();
  const detail = entry.detail.toLowerCase();
  let score = 0;
  for (const word of words) {
    const inLabel = label.indexOf(word);
    const inDetail = detail.indexOf(word);
    if (inLabel === 0) score += 100;
    else if (inLabel > 0 && /[\s·/._-]/.test(label[inLabel - 1] ?? '')) score += 60;
    else if (inDetail === 0) score += 50;
    else if (inLabel > 0) score += 30;
    else if (inDetail > 0) score += 15;
    else return 0;
  }
  // Of equal hits the shorter name is the more exact one.
  return score + 10 / (label.length + 1);
}

/** Entries to show; with nothing typed the pages and projects. */
export function findEntries(entries: readonly PaletteEntry[], typed: string): readonly PaletteEntry[] {
  if (typed.trim() === '')
    return entries.filter((entry) => entry.kind === 'page' || entry.kind === 'project').slice(0, entriesMax);
  return entries
    .map((entry) => ({ entry, score: fit(entry, typed) }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, entriesMax)
    .map((found) => found.entry);
}
