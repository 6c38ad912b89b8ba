// SPDX-License-Identifier: Apache-2.0
import { Component, input } from '@angular/core';
import { Icon } from './icon.ts';

export interface Fault {
  readonly message: string;
  readonly hint: string | null;
  readonly faults?: readonly { readonly path: string; readonly message: string }[];
}

/** What went wrong with a command, where and what to do. */
@Component({
  selector: 'wl-fault-note',
  imports: [Icon],
  template: `
    @if (fault(); as found) {
      <div class="note bad" role="alert">
        <wl-icon name="warning" />
        <div>
          <p>
            <strong>{{ found.message }}</strong> {{ found.hint }}
          </p>
          @for (entry of found.faults ?? []; track $index) {
            <p>
              <span class="mono">{{ entry.path }}</span>&ngsp;{{ entry.message }}
            </p>
          }
        </div>
      </div>
    }
  `,
})
export class FaultNote {
  readonly fault = input.required<Fault | null>();
}
