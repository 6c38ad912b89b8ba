// SPDX-License-Identifier: Apache-2.0
import { Component, ElementRef, afterNextRender, computed, inject, signal, viewChild } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { Router } from '@angular/router';
import { Icon } from '../look/icon.ts';
import { Selection } from '../selection/selection.ts';
import { SignedIn } from '../session/session.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { pages } from './pages.ts';
import { findEntries, type PaletteEntry } from './palette-entries.ts';

export interface PaletteData {
  /** What was typed while the palette was opening; from now on it takes the keys itself. */
  readonly takeTyped: () => string;
}

/** Go anywhere by typing: pages, projects, metering points, tenants. */
@Component({
  selector: 'wl-command-palette',
  imports: [Icon],
  template: `
    <div class="dialog palette">
      <label class="line">
        <wl-icon name="search" />
        <span class="visually-hidden">{{ t('palette.title') }}</span>
        <input
          #box
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          aria-autocomplete="list"
          aria-controls="palette-list"
          [attr.aria-expanded]="found().length > 0"
          [attr.aria-activedescendant]="found().length > 0 ? 'palette-' + active() : null"
          [placeholder]="t('palette.placeholder')"
          [value]="typed()"
          (input)="type(box.value)"
          (keydown)="pressed($event)"
        />
      </label>
      <ul id="palette-list" role="listbox" [attr.aria-label]="t('palette.results')">
        @for (entry of found(); track entry.id; let index = $index) {
          <li
            role="option"
            [id]="'palette-' + index"
            [attr.aria-selected]="index === active()"
            [class.active]="index === active()"
            (pointermove)="active.set(index)"
            (click)="go(entry)"
          >
            <wl-icon [name]="entry.icon" />
            <span class="label ellipsis">{{ entry.label }}</span>
            <span class="detail ellipsis">{{ entry.detail }}</span>
            <span class="kind">{{ t('palette.kind.' + entry.kind) }}</span>
          </li>
        } @empty {
          <li class="none" role="presentation">{{ t('palette.none') }}</li>
        }
      </ul>
    </div>
  `,
  styles: `
    .palette {
      overflow: hidden;
    }
    .line {
      display: flex;
      align-items: center;
      gap: 10px;
      padding: 0 16px;
      border-bottom: 1px solid var(--line);
      color: var(--ink-3);
      font-size: 16px;
    }
    input {
      flex: 1;
      min-width: 0;
      height: 50px;
      border: 0;
      outline: none;
      background: none;
      color: var(--ink);
    }
    ul {
      max-height: min(420px, 60vh);
      padding: 6px;
      overflow-y: auto;
    }
    li {
      display: flex;
      align-items: center;
      gap: 10px;
      min-height: 36px;
      padding: 4px 10px;
      border-radius: var(--radius-s);
      cursor: pointer;
    }
    li.active {
      background: var(--leaf-soft);
    }
    li wl-icon,
    .detail,
    .kind {
      color: var(--ink-3);
      font-size: var(--t-s);
    }
    .label {
      flex: none;
      max-width: 60%;
    }
    .detail {
      flex: 1;
    }
    .none {
      color: var(--ink-3);
      cursor: default;
    }
  `,
})
export class CommandPalette {
  private readonly router = inject(Router);
  private readonly dialog = inject<DialogRef>(DialogRef);
  private readonly data = inject<PaletteData>(DIALOG_DATA);
  private readonly signedIn = inject(SignedIn);
  private readonly site = inject(Site);
  private readonly selection = inject(Selection);
  private readonly list = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly box = viewChild.required<ElementRef<HTMLInputElement>>('box');
  protected readonly t = inject(Words).t;
  protected readonly typed = signal('');
  protected readonly active = signal(0);
  private readonly entries = computed(() => [
    ...this.pageEntries(),
    ...this.projectEntries(),
    ...this.tenantEntries(),
    ...this.pointEntries(),
  ]);
  protected readonly found = computed(() => findEntries(this.entries(), this.typed()));

  constructor() {
    afterNextRender(() => {
      this.box().nativeElement.focus();
      this.type(this.data.takeTyped());
    });
  }

  protected type(text: string): void {
    this.typed.set(text);
    this.active.set(0);
  }

  protected pressed(event: KeyboardEvent): void {
    const last = this.found().length - 1;
    if (event.key === 'ArrowDown') this.move(Math.min(last, this.active() + 1), event);
    else if (event.key === 'ArrowUp') this.move(Math.max(0, this.active() - 1), event);
    else if (event.key === 'Enter') {
      const entry = this.found()[this.active()];
      if (entry !== undefined) this.go(entry);
    }
  }

  protected go(entry: PaletteEntry): void {
    this.dialog.close();
    void this.router.navigate([...entry.link], {
      queryParams: { ...this.selection.carried(), ...entry.query },
    });
  }

  private move(index: number, event: Event): void {
    event.preventDefault();
    this.active.set(index);
    this.list.nativeElement.querySelector(`#palette-${index}`)?.scrollIntoView({ block: 'nearest' });
  }

  private pageEntries(): PaletteEntry[] {
    const projectId = this.site.projectId();
    const group: PaletteEntry = {
      id: 'page-group',
      kind: 'page',
      icon: 'group',
      label: this.t('page.group'),
      detail: '',
      link: ['/group'],
    };
    const allowed = pages.filter((page) =>
      page.group === true
        ? this.signedIn.maySomewhere(page.right)
        : projectId !== null && this.site.may(page.right),
    );
    return [
      group,
      ...allowed.map((page) => ({
        id: `page-${page.path}`,
        kind: 'page' as const,
        icon: page.icon,
        label: this.t(page.label),
        detail: '',
        link:
          page.group === true
            ? ['/', page.path]
            : ['/p', projectId ?? '', ...(page.path === '' ? [] : [page.path])],
      })),
    ];
  }

  private projectEntries(): PaletteEntry[] {
    return this.signedIn.projects().map((project) => ({
      id: project.id,
      kind: 'project',
      icon: 'building',
      label: project.name,
      detail: project.code,
      link: ['/p', project.id],
    }));
  }

  private pointEntries(): PaletteEntry[] {
    const projectId = this.site.projectId() ?? '';
    return (this.site.tree.value()?.points ?? []).map((point) => ({
      id: point.id,
      kind: 'point',
      icon: point.medium === 'electricity' ? 'bolt' : 'drop',
      label: point.name,
      detail: [point.code, this.site.placeName(point.placeId)].filter((part) => part !== '').join(' · '),
      link: ['/p', projectId, 'points', point.id],
    }));
  }

  private tenantEntries(): PaletteEntry[] {
    if (!this.site.may('account:read')) return [];
    const projectId = this.site.projectId() ?? '';
    return (this.site.tree.value()?.tenants ?? []).map((tenant) => ({
      id: tenant.id,
      kind: 'tenant',
      icon: 'user',
      label: tenant.name,
      detail: tenant.code,
      link: ['/p', projectId, 'accounts'],
      query: { tenant: tenant.id },
    }));
  }
}
