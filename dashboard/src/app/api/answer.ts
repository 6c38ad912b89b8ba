// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { Problems } from './problems.ts';
import type { Question } from './question.ts';

/** The states of an answer: on its way, failed, empty, out of date, there. What is inside draws the answer itself. */
@Component({
  selector: 'wl-answer',
  imports: [Icon],
  template: `
    @if (fault(); as found) {
      <div class="note bad" role="alert">
        <wl-icon name="warning" />
        <p class="grow">
          <strong>{{ found.message }}</strong> {{ found.hint }}
          @if (of().value() !== undefined) {
            {{ t('answer.old-shown') }}
          }
        </p>
        <button type="button" class="button small" (click)="of().reload()">
          <wl-icon name="reload" />{{ t('do.retry') }}
        </button>
      </div>
    }
    @if (of().value() === undefined) {
      @if (of().loading()) {
        <div
          class="skeleton"
          role="status"
          [attr.aria-label]="t('answer.loading')"
          [style.height.px]="height()"
        ></div>
      }
    } @else if (empty()) {
      <div class="empty" [style.min-height.px]="height() < 200 ? 0 : 180">
        <p>{{ emptyText() || t('answer.empty') }}</p>
        <ng-content select="[empty]" />
      </div>
    } @else {
      <div
        class="there"
        [class.refreshing]="of().stale() && of().loading()"
        [attr.aria-busy]="of().loading()"
      >
        <ng-content />
      </div>
    }
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }
    .grow {
      flex: 1;
    }
    .note {
      align-items: center;
      margin-bottom: 10px;
    }
    .there {
      transition: opacity 0.15s 0.25s;
    }
    .refreshing {
      opacity: 0.55;
    }
    .empty {
      display: grid;
      place-content: center;
      justify-items: center;
      gap: 10px;
      padding: 24px;
      color: var(--ink-3);
      text-align: center;
    }
    .empty p {
      max-width: 46ch;
    }
  `,
})
export class Answer {
  readonly of = input.required<Question<unknown>>();
  readonly empty = input(false);
  readonly emptyText = input('');
  /** Of the skeleton, so that nothing jumps when the answer comes. */
  readonly height = input(240);
  private readonly problems = inject(Problems);
  protected readonly t = inject(Words).t;
  protected readonly fault = computed(() => {
    const error = this.of().error();
    return error === undefined ? null : this.problems.textsOf(error);
  });
}
