// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, output } from '@angular/core';
import type { BatchAction } from '@wattledger/contracts/http/commands';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import type { IconName } from '../../look/icons.ts';
import { Words } from '../../words/words.ts';

const actions: readonly { readonly action: BatchAction; readonly icon: IconName }[] = [
  { action: 'read-now', icon: 'reload' },
  { action: 'connect', icon: 'bolt' },
  { action: 'disconnect', icon: 'unplug' },
  { action: 'forced-on', icon: 'shield' },
  { action: 'forced-off', icon: 'minus' },
  { action: 'automatic', icon: 'undo' },
];

/** What can be done with the chosen meters, below the wall. */
@Component({
  selector: 'wl-wall-actions',
  imports: [Icon],
  template: `
    <div class="actions card" role="toolbar" [attr.aria-label]="t('wall.actions')">
      <b class="count" aria-live="polite">{{
        words.counted('wall.chosen', count(), formats.count(count()))
      }}</b>
      <button type="button" class="button small quiet" (click)="all.emit()">
        {{ t('wall.choose-all', { count: formats.count(shown()) }) }}
      </button>
      <button type="button" class="button small quiet" (click)="cleared.emit()">{{ t('do.clear') }}</button>
      <span class="grow"></span>
      @for (it of actions; track it.action) {
        <button
          type="button"
          class="button small"
          [class.cuts]="it.action === 'disconnect' || it.action === 'forced-off'"
          [disabled]="count() === 0"
          (click)="asked.emit(it.action)"
        >
          <wl-icon [name]="it.icon" />{{ t('control-action.' + it.action) }}
        </button>
      }
    </div>
  `,
  styles: `
    .actions {
      display: flex;
      flex-flow: row wrap;
      gap: 8px;
      align-items: center;
      margin-bottom: var(--s3);
      padding: 10px 14px;
      box-shadow: var(--raise);
    }
    .grow {
      flex: 1;
    }
    .cuts {
      color: var(--bad);
    }
    @media (max-width: 640px) {
      .actions {
        flex-wrap: nowrap;
        overflow-x: auto;
        scrollbar-width: none;
      }
      .actions > * {
        flex: none;
      }
    }
  `,
})
export class WallActions {
  readonly count = input.required<number>();
  readonly shown = input.required<number>();
  readonly asked = output<BatchAction>();
  readonly all = output();
  readonly cleared = output();
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly actions = actions;
}
