// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type { Health } from '@wattledger/contracts/http/system';
import { Api } from '../api/api.ts';
import { ask, type Question } from '../api/question.ts';

const busyMs = 5_000;
const quietMs = 60_000;

/** State of the product itself, asked again and again: often while history is being filled in, seldom otherwise. */
@Injectable({ providedIn: 'root' })
export class HealthWatch {
  private readonly api = inject(Api);
  readonly health: Question<Health> = ask({
    params: () => true,
    load: (_, abort) => this.api.get<Health>('/api/health', {}, abort),
  });

  constructor() {
    const next = (): void => {
      setTimeout(
        () => {
          // A hidden tab need not know.
          if (!document.hidden) this.health.reload();
          next();
        },
        this.health.value()?.backfill == null ? quietMs : busyMs,
      );
    };
    next();
  }
}
