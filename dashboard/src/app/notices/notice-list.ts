// SPDX-License-Identifier: Apache-2.0
import { Component, inject } from '@angular/core';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { Notices } from './notices.ts';

@Component({
  selector: 'wl-notice-list',
  imports: [Icon],
  template: `
    <div role="status" aria-live="polite">
      @for (notice of notices.list(); track notice.id) {
        <div class="notice-item" [class.bad]="notice.tone === 'bad'">
          <wl-icon [name]="notice.tone === 'bad' ? 'warning' : 'check-circle'" />
          <p>
            <span>{{ notice.text }}</span>
            @if (notice.hint; as hint) {
              <span class="hint">{{ hint }}</span>
            }
          </p>
          @if (notice.undo; as undo) {
            <button type="button" class="button small" (click)="takeBack(notice.id, undo)">
              {{ t('do.undo') }}
            </button>
          }
          <button
            type="button"
            class="button quiet small icon"
            [attr.aria-label]="t('do.close')"
            (click)="notices.close(notice.id)"
          >
            <wl-icon name="close" />
          </button>
        </div>
      }
    </div>
  `,
  styles: `
    :host {
      position: fixed;
      right: var(--s4);
      bottom: var(--s4);
      z-index: 1100;
      width: min(400px, calc(100vw - 24px));
      pointer-events: none;
    }
    .notice-item {
      display: flex;
      gap: 10px;
      margin-top: 8px;
      padding: 10px 8px 10px 14px;
      border: 1px solid var(--line);
      border-left: 4px solid var(--good);
      border-radius: var(--radius);
      background: var(--overlay);
      box-shadow: var(--raise);
      pointer-events: auto;
    }
    .notice-item.bad {
      border-left-color: var(--bad);
    }
    .notice-item > wl-icon {
      margin-top: 2px;
      color: var(--good);
    }
    .notice-item.bad > wl-icon {
      color: var(--bad);
    }
    p {
      flex: 1;
    }
    p span {
      display: block;
    }
    .hint {
      color: var(--ink-2);
      font-size: var(--t-s);
    }
    @media (max-width: 640px) {
      :host {
        right: 12px;
        bottom: 70px;
      }
    }
  `,
})
export class NoticeList {
  protected readonly notices = inject(Notices);
  protected readonly t = inject(Words).t;

  protected takeBack(id: number, undo: () => void): void {
    this.notices.close(id);
    undo();
  }
}
