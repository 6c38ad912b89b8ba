// SPDX-License-Identifier: Apache-2.0
import { computed, inject, signal } from '@angular/core';
import { newIdempotencyKey } from './api.ts';
import { apiErrorOf, type ApiError } from './api-error.ts';
import { Problems } from './problems.ts';

/**
 * A command a person gives once: busy while it runs, its fault in words, and one idempotency key for as long as what is
 * asked stays the same, so that trying again after a lost answer counts once. Must be called where `inject` may be called.
 */
export function command() {
  const problems = inject(Problems);
  const busy = signal(false);
  const error = signal<ApiError | null>(null);
  let key = newIdempotencyKey();
  let asked = '';
  return {
    busy: busy.asReadonly(),
    fault: computed(() => {
      const found = error();
      return found === null ? null : { ...problems.textsOf(found), faults: found.faults };
    }),
    /** @param contents what is asked; a change of it makes a new command. @returns undefined when it failed */
    async run<T>(contents: unknown, send: (key: string) => Promise<T>): Promise<T | undefined> {
      if (busy()) return undefined;
      const text = JSON.stringify(contents);
      if (text !== asked) key = newIdempotencyKey();
      asked = text;
      busy.set(true);
      error.set(null);
      try {
        const answer = await send(key);
        key = newIdempotencyKey();
        return answer;
      } catch (cause) {
        error.set(apiErrorOf(cause));
        return undefined;
      } finally {
        busy.set(false);
      }
    },
  };
}
