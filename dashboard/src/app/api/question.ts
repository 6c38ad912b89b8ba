// SPDX-License-Identifier: Apache-2.0
import { computed, effect, inject, linkedSignal, resource, untracked, type Signal } from '@angular/core';
import { Api } from './api.ts';
import { apiErrorOf, type ApiError } from './api-error.ts';

/** A question to the server whose last answer stays on the screen while the next one is on its way. */
export interface Question<T> {
  /** The newest answer; undefined before the first, and after the question itself was withdrawn. */
  readonly value: Signal<T | undefined>;
  readonly error: Signal<ApiError | undefined>;
  readonly loading: Signal<boolean>;
  /** The value shown belongs to an earlier question or could not be refreshed. */
  readonly stale: Signal<boolean>;
  reload(): void;
}

export interface AskOptions<P, T> {
  /** What is asked; undefined = nothing to ask now. Asked again whenever it changes. */
  readonly params: () => P | undefined;
  readonly load: (params: P, abort: AbortSignal) => Promise<T>;
  /** Values of another subject (another project, another account) must not linger: what makes the subject. */
  readonly subject?: (params: P) => string;
}

/** Must be called where `inject` may be called. */
export function ask<P, T>(options: AskOptions<P, T>): Question<T> {
  const source = resource<T, P | undefined>({
    params: () => options.params(),
    // The loader never runs while there is nothing to ask.
    loader: ({ params, abortSignal }) => options.load(params as P, abortSignal),
  });
  const subject = computed(() => {
    const params = options.params();
    if (params === undefined) return undefined;
    return options.subject === undefined ? '' : options.subject(params);
  });
  const kept = linkedSignal<
    { subject: string | undefined; value: T | undefined },
    { subject: string | undefined; value: T | undefined }
  >({
    source: () => ({ subject: subject(), value: source.hasValue() ? source.value() : undefined }),
    computation: (now, before) => {
      if (now.value !== undefined) return now;
      return before?.value.subject === now.subject
        ? { subject: now.subject, value: before?.value.value }
        : now;
    },
  });
  const error = computed(() => {
    const found = source.error();
    return found === undefined ? undefined : apiErrorOf(found);
  });
  const api = inject(Api);
  // What failed for want of a connection is asked again as soon as there is one.
  effect(() => {
    if (api.reachable() && untracked(error)?.status === 0) source.reload();
  });
  // Likewise what was refused because the session had ended.
  effect(() => {
    if (api.sessionsRenewed() > 0 && untracked(error)?.status === 401) source.reload();
  });
  return {
    value: computed(() => kept().value),
    error,
    loading: source.isLoading,
    stale: computed(
      () => kept().value !== undefined && (error() !== undefined || source.status() === 'loading'),
    ),
    reload: () => void source.reload(),
  };
}
