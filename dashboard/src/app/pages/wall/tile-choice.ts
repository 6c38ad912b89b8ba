// SPDX-License-Identifier: Apache-2.0
/** Which tiles are chosen for a common action. */
import { computed, signal } from '@angular/core';

export interface Press {
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/**
 * Choosing as lists do everywhere: Ctrl or ⌘ adds one, Shift reaches from the last one to this; while choosing is switched
 * on a plain press adds one as well, for a finger.
 *
 * @param shown ids in the order in which they stand; what is filtered away is not chosen any more
 */
export function tileChoice(shown: () => readonly string[]) {
  const ids = signal<ReadonlySet<string>>(new Set());
  const switchedOn = signal(false);
  let anchor: string | null = null;
  const chosen = computed<ReadonlySet<string>>(() => {
    const wanted = ids();
    return wanted.size === 0 ? wanted : new Set(shown().filter((id) => wanted.has(id)));
  });

  function reach(id: string): void {
    const order = shown();
    const from = anchor === null ? -1 : order.indexOf(anchor);
    const to = order.indexOf(id);
    const span = from < 0 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
    ids.set(new Set([...chosen(), ...span]));
  }

  function toggle(id: string): void {
    const next = new Set(chosen());
    if (!next.delete(id)) next.add(id);
    anchor = id;
    ids.set(next);
  }

  return {
    chosen,
    choosing: computed(() => switchedOn() || chosen().size > 0),
    switchedOn: switchedOn.asReadonly(),
    /** @returns false: the press was not meant for choosing */
    press(id: string, press: Press): boolean {
      if (press.shiftKey) reach(id);
      else if (press.ctrlKey || press.metaKey || switchedOn()) toggle(id);
      else return false;
      return true;
    },
    toggle,
    all(): void {
      ids.set(new Set(shown()));
    },
    clear(): void {
      ids.set(new Set());
      switchedOn.set(false);
      anchor = null;
    },
    switchOn(on: boolean): void {
      switchedOn.set(on);
      if (!on) ids.set(new Set());
    },
  };
}
