// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import type { CommandRecord } from '@wattledger/contracts/http/ingest';
import { Formats } from '../format/formats.ts';
import { Words } from '../words/words.ts';

const tones: Readonly<Record<CommandRecord['state'], string>> = {
  confirmed: 'good',
  waiting: 'info',
  failed: 'bad',
  expired: 'bad',
};

/** What a meter was told, newest first, each with what was read back. */
@Component({
  selector: 'wl-command-list',
  template: `
    <ul>
      @for (command of commands(); track command.commandId) {
        <li>
          <span class="muted">{{ formats.instant(command.requestedAtMs, 'day-time') }}</span>
          <span>{{ t('supply-action.' + (command.action ?? command.kind)) }}</span>
          <span [class]="'chip ' + tones[command.state]">{{ t('outcome.' + command.state) }}</span>
          <span class="muted">{{ command.requestedBy }} · {{ command.reason }}</span>
          <span class="mono muted">{{ command.evidence }}</span>
        </li>
      }
    </ul>
  `,
  styles: `
    :host {
      display: block;
      font-size: var(--t-s);
    }
    li {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 10px;
      align-items: center;
      padding: 4px 0;
      border-bottom: 1px solid var(--line);
    }
    .mono {
      overflow-wrap: anywhere;
    }
  `,
})
export class CommandList {
  readonly commands = input.required<readonly CommandRecord[]>();
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly tones = tones;
}
