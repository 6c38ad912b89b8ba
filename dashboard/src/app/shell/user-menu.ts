// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { CdkMenu, CdkMenuItem, CdkMenuTrigger } from '@angular/cdk/menu';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../look/icon.ts';
import { Notices } from '../notices/notices.ts';
import { SignedIn } from '../session/session.ts';
import { Words } from '../words/words.ts';

/** Two Latin initials, or the one sign a Chinese name is called by. */
function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const latin = words.filter((word) => /^\p{Script=Latin}/u.test(word)).map((word) => word[0] ?? '');
  if (latin.length > 0) return latin.slice(0, 2).join('').toUpperCase();
  return [...(words[0] ?? '')][0] ?? '';
}

/** Who is signed in, their own page, and the way out. */
@Component({
  selector: 'wl-user-menu',
  imports: [CdkMenu, CdkMenuItem, CdkMenuTrigger, RouterLink, Icon],
  template: `
    <button
      type="button"
      class="avatar"
      [cdkMenuTriggerFor]="menu"
      [attr.aria-label]="t('frame.user-menu', { name: name() })"
      [attr.data-initials]="initials()"
    ></button>
    <ng-template #menu>
      <div class="menu" cdkMenu>
        <div class="menu-label">
          <strong>{{ name() }}</strong><br />
          {{ roles() }}
        </div>
        <div class="menu-line"></div>
        <a class="menu-item" cdkMenuItem routerLink="/me"><wl-icon name="user" />{{ t('page.me') }}</a>
        <button type="button" class="menu-item" cdkMenuItem (cdkMenuItemTriggered)="signOut()">
          <wl-icon name="sign-out" />{{ t('session.sign-out') }}
        </button>
      </div>
    </ng-template>
  `,
  styles: `
    .avatar {
      width: 32px;
      height: 32px;
      border: 0;
      border-radius: 50%;
      background: var(--blossom-soft);
      color: var(--blossom-ink);
      font-size: var(--t-s);
      font-weight: 600;
    }
    /* Drawn, not written: the name that is spoken need not hold the initials. */
    .avatar::after {
      content: attr(data-initials);
    }
    .avatar:hover {
      box-shadow: 0 0 0 2px var(--blossom);
    }
    strong {
      color: var(--ink);
    }
  `,
})
export class UserMenu {
  private readonly router = inject(Router);
  private readonly signedIn = inject(SignedIn);
  private readonly notices = inject(Notices);
  protected readonly t = inject(Words).t;
  protected readonly name = computed(() => this.signedIn.session()?.principal.name ?? '');
  protected readonly initials = computed(() => initialsOf(this.name()));
  protected readonly roles = computed(() =>
    [...new Set(this.signedIn.session()?.roles.map((grant) => grant.role) ?? [])]
      .map((role) => this.t(`role.${role}`))
      .join(', '),
  );

  protected async signOut(): Promise<void> {
    try {
      await this.signedIn.signOut();
    } catch (error) {
      this.notices.failed(error);
    }
    await this.router.navigate(['/sign-in'], { queryParams: { reason: 'signed-out' } });
  }
}
