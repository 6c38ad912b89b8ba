// SPDX-License-Identifier: Apache-2.0
import { inject } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { merge, throttleTime } from 'rxjs';
import type { LiveEventName } from '@wattledger/contracts/http/analytics';
import type { Question } from '../api/question.ts';
import { Live } from './live.ts';

/**
 * Asks questions again when something happened, at most once in `everyMs`, and after events may have been missed.
 * Must be called where `inject` may be called.
 */
export function keepFresh(
  names: readonly LiveEventName[],
  questions: readonly Question<unknown>[],
  everyMs: number,
): void {
  const live = inject(Live);
  merge(...names.map((name) => live.on(name)), live.resync)
    .pipe(throttleTime(everyMs, undefined, { leading: false, trailing: true }), takeUntilDestroyed())
    .subscribe(() => {
      for (const question of questions) question.reload();
    });
}
