// SPDX-License-Identifier: Apache-2.0
import {
  Component,
  ElementRef,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { CdkConnectedOverlay, CdkOverlayOrigin } from '@angular/cdk/overlay';
import { Words } from '../words/words.ts';
import { Icon } from './icon.ts';
import type { IconName } from './icons.ts';

export interface PickerItem {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly icon: IconName;
  /** Heading under which it stands. */
  readonly group: string;
}

const itemsShownMax = 60;
let lastPickerId = 0;

/** A button that opens a list to type into and choose from: for hundreds of meters, places, tenants. */
@Component({
  selector: 'wl-search-picker',
  imports: [CdkConnectedOverlay, CdkOverlayOrigin, Icon],
  template: `
    <button
      type="button"
      class="button"
      [class.small]="small()"
      cdkOverlayOrigin
      #origin="cdkOverlayOrigin"
      aria-haspopup="listbox"
      [attr.aria-expanded]="open()"
      [disabled]="disabled()"
      (click)="open.set(!open())"
    >
      <wl-icon [name]="icon()" /><span class="ellipsis">{{ text() }}</span>
    </button>
    <ng-template
      cdkConnectedOverlay
      [cdkConnectedOverlayOrigin]="origin"
      [cdkConnectedOverlayOpen]="open()"
      [cdkConnectedOverlayPush]="true"
      (overlayOutsideClick)="open.set(false)"
      (detach)="open.set(false)"
    >
      <div class="menu panel">
        <label class="line">
          <span class="visually-hidden">{{ t('do.search') }}</span>
          <input
            #box
            class="input"
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            aria-autocomplete="list"
            aria-expanded="true"
            [attr.aria-controls]="listId"
            [attr.aria-activedescendant]="shown().length > 0 ? listId + '-' + active() : null"
            [placeholder]="t('do.search')"
            (input)="type(box.value)"
            (keydown)="pressed($event)"
          />
        </label>
        <ul role="listbox" [id]="listId" [attr.aria-label]="text()">
          @for (item of shown(); track item.id; let index = $index) {
            @if (index === 0 || shown()[index - 1]?.group !== item.group) {
              <li class="menu-label" role="presentation">{{ item.group }}</li>
            }
            <li
              class="menu-item"
              role="option"
              [id]="listId + '-' + index"
              [class.active]="index === active()"
              [attr.aria-selected]="index === active()"
              (pointermove)="active.set(index)"
              (click)="pick(item.id)"
            >
              <wl-icon [name]="item.icon" />
              <span class="grow"
                ><span class="label">{{ item.label }}</span
                ><span class="detail">{{ item.detail }}</span></span
              >
            </li>
          } @empty {
            <li class="menu-label" role="presentation">{{ t('palette.none') }}</li>
          }
        </ul>
      </div>
    </ng-template>
  `,
  styles: `
    :host {
      display: inline-flex;
      min-width: 0;
    }
    .panel {
      width: 330px;
      padding: 8px;
      overflow: hidden;
    }
    ul {
      margin-top: 6px;
      overflow-y: auto;
    }
    .menu-item {
      cursor: pointer;
    }
    .menu-item.active {
      background: var(--leaf-soft);
    }
    .menu-item:is(:hover, .active) .detail {
      color: var(--ink-2);
    }
    .menu-item wl-icon {
      color: var(--ink-3);
    }
    .label,
    .detail {
      display: block;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .detail {
      color: var(--ink-3);
      font-size: var(--t-s);
    }
  `,
})
export class SearchPicker {
  readonly text = input.required<string>();
  readonly items = input.required<readonly PickerItem[]>();
  readonly icon = input<IconName>('plus');
  readonly small = input(false);
  readonly disabled = input(false);
  readonly picked = output<string>();
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly box = viewChild<ElementRef<HTMLInputElement>>('box');
  protected readonly t = inject(Words).t;
  protected readonly open = signal(false);
  protected readonly active = signal(0);
  private readonly typed = signal('');
  protected readonly listId = `picker-${++lastPickerId}`;
  protected readonly shown = computed(() => {
    const words = this.typed()
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    return this.items()
      .filter((item) => words.every((word) => `${item.label} ${item.detail}`.toLowerCase().includes(word)))
      .slice(0, itemsShownMax);
  });

  constructor() {
    effect(() => this.box()?.nativeElement.focus());
  }

  protected type(text: string): void {
    this.typed.set(text);
    this.active.set(0);
  }

  protected pick(id: string): void {
    this.open.set(false);
    this.type('');
    this.host.nativeElement.querySelector('button')?.focus();
    this.picked.emit(id);
  }

  protected pressed(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') this.move(Math.min(this.shown().length - 1, this.active() + 1), event);
    else if (event.key === 'ArrowUp') this.move(Math.max(0, this.active() - 1), event);
    else if (event.key === 'Escape') this.open.set(false);
    else if (event.key === 'Enter') {
      const item = this.shown()[this.active()];
      if (item !== undefined) this.pick(item.id);
      event.preventDefault();
    }
  }

  private move(index: number, event: Event): void {
    event.preventDefault();
    this.active.set(index);
    document.getElementById(`${this.listId}-${index}`)?.scrollIntoView({ block: 'nearest' });
  }
}
