// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import { Component, DestroyRef, computed, effect, inject, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { Dialog } from '@angular/cdk/dialog';
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';
import { filter, map } from 'rxjs';
import { Api } from '../api/api.ts';
import { Dialogs } from '../look/dialogs.ts';
import { Icon } from '../look/icon.ts';
import { Logo } from '../look/logo.ts';
import { NoticeList } from '../notices/notice-list.ts';
import { Selection } from '../selection/selection.ts';
import { SignedIn } from '../session/session.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { Bell } from './bell.ts';
import { LiveIndicator } from './live-indicator.ts';
import type { PaletteData } from './command-palette.ts';
import { liesAt, navigationOf, type NavigationEntry } from './navigation.ts';
import { pages, type Page } from './pages.ts';
import { ProjectSwitcher } from './project-switcher.ts';
import { SignInAgainDialog, type SignInAgainData } from './sign-in-again-dialog.ts';
import { UserMenu } from './user-menu.ts';
import { AppearanceMenus } from './appearance-menus.ts';

const paletteAfterMs = 1_500;
const loadPalette = () => import('./command-palette.ts').then((module) => module.CommandPalette);

/** The frame around every page: top bar, side navigation, bottom bar on a phone. */
@Component({
  selector: 'wl-frame',
  imports: [
    RouterOutlet,
    RouterLink,
    RouterLinkActive,
    Icon,
    Logo,
    NoticeList,
    Bell,
    LiveIndicator,
    ProjectSwitcher,
    UserMenu,
    AppearanceMenus,
  ],
  templateUrl: './frame.html',
  styleUrl: './frame.css',
  host: { '(document:keydown)': 'pressed($event)' },
})
export class Frame {
  private readonly router = inject(Router);
  private readonly dialog = inject(Dialog);
  private readonly dialogs = inject(Dialogs);
  private readonly signedIn = inject(SignedIn);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly api = inject(Api);
  protected readonly t = inject(Words).t;
  /** Side navigation opened over the page, on narrow screens. */
  protected readonly drawerOpen = signal(false);
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main');
  private paletteOpen = false;
  private signingInAgain = false;
  /** Typed between the shortcut and the moment the palette can take it itself. */
  private paletteOpening: string | null = null;

  private readonly allowed = computed(() => pages.filter((page) => this.mayOpen(page)));
  protected readonly navigation = computed(() => navigationOf(this.allowed()));
  private readonly address = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(({ urlAfterRedirects }) => urlAfterRedirects.split(/[?#;]/)[0] ?? ''),
    ),
    { initialValue: '' },
  );
  /** Pages that stand beside the open one. */
  protected readonly family = computed(() =>
    this.navigation()
      .flatMap(({ entries }) => entries)
      .find((entry) => entry.pages.length > 1 && entry.pages.some((page) => this.isAt(page))),
  );
  protected readonly phonePages = computed(() => this.allowed().filter((page) => page.phone !== undefined));

  constructor() {
    const api = this.api;
    api.sessionLost.pipe(takeUntilDestroyed()).subscribe(() => void this.sessionLost());
    this.router.events
      .pipe(
        filter((event) => event instanceof NavigationEnd),
        takeUntilDestroyed(),
      )
      .subscribe(() => {
        this.drawerOpen.set(false);
      });
    const online = (): void => api.reachable.set(true);
    const offline = (): void => api.lost();
    window.addEventListener('online', online);
    window.addEventListener('offline', offline);
    inject(DestroyRef).onDestroy(() => {
      window.removeEventListener('online', online);
      window.removeEventListener('offline', offline);
    });
    effect(() => document.body.classList.toggle('no-scroll', this.drawerOpen()));
    // Fetched while nothing else is to do, so that typing right after the shortcut is not lost.
    // Without a connection it is fetched when it is asked for.
    const idle = setTimeout(() => void loadPalette().catch(() => undefined), paletteAfterMs);
    inject(DestroyRef).onDestroy(() => clearTimeout(idle));
  }

  protected linkOf(page: Page): string[] {
    if (page.group === true) return ['/', page.path];
    const link = ['/p', this.site.projectId() ?? ''];
    return page.path === '' ? link : [...link, page.path];
  }

  protected isAt(page: Page): boolean {
    return liesAt(this.address(), this.addressOf(page), true);
  }

  protected isCurrent(entry: NavigationEntry): boolean {
    return entry.pages.some((page) => liesAt(this.address(), this.addressOf(page), page.path === ''));
  }

  private addressOf(page: Page): string {
    return this.linkOf(page).join('/').replace(/^\/\//, '/');
  }

  protected skipToMain(event: Event): void {
    event.preventDefault();
    this.main().nativeElement.focus();
  }

  protected pressed(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.openPalette();
    }
    if (event.key === 'Escape') this.drawerOpen.set(false);
    if (
      this.paletteOpening !== null &&
      event.key.length === 1 &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey
    ) {
      event.preventDefault();
      this.paletteOpening += event.key;
    }
  }

  protected async openPalette(): Promise<void> {
    if (this.paletteOpen) return;
    this.paletteOpen = true;
    this.paletteOpening = '';
    const CommandPalette = await loadPalette();
    const opened = this.dialog.open(CommandPalette, {
      panelClass: ['dialog-panel', 'palette-panel'],
      backdropClass: 'scrim',
      ariaLabel: this.t('palette.title'),
      data: { takeTyped: () => this.takeTyped() } satisfies PaletteData,
    });
    opened.closed.subscribe(() => {
      this.paletteOpen = false;
      this.paletteOpening = null;
    });
  }

  private takeTyped(): string {
    const typed = this.paletteOpening ?? '';
    this.paletteOpening = null;
    return typed;
  }

  private mayOpen(page: Page): boolean {
    if (page.group === true) return this.signedIn.maySomewhere(page.right);
    return this.site.projectId() !== null && this.site.may(page.right);
  }

  private async sessionLost(): Promise<void> {
    const login = this.signedIn.staff()?.login;
    if (login === undefined || this.signingInAgain) return;
    this.signingInAgain = true;
    const again = await this.dialogs.open<boolean, SignInAgainData>(SignInAgainDialog, { login });
    this.signingInAgain = false;
    if (again === true) {
      this.api.sessionsRenewed.update((count) => count + 1);
      return;
    }
    this.signedIn.forget();
    this.dialog.closeAll();
    void this.router.navigate(['/sign-in'], { queryParams: { next: this.router.url, reason: 'expired' } });
  }
}
