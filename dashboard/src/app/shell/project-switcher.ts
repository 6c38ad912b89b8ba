// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { CdkMenu, CdkMenuItem, CdkMenuTrigger } from '@angular/cdk/menu';
import { Router, RouterLink } from '@angular/router';
import { Icon } from '../look/icon.ts';
import { Selection } from '../selection/selection.ts';
import { SignedIn } from '../session/session.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

/** Goes to the same page of another project. */
@Component({
  selector: 'wl-project-switcher',
  imports: [CdkMenu, CdkMenuItem, CdkMenuTrigger, RouterLink, Icon],
  template: `
    <button
      type="button"
      class="button quiet current"
      [cdkMenuTriggerFor]="menu"
      [attr.aria-label]="t('frame.project') + ': ' + label()"
    >
      <wl-icon name="building" />
      <span class="ellipsis">{{ label() }}</span>
      <wl-icon name="chevron-down" />
    </button>
    <ng-template #menu>
      <div class="menu" cdkMenu>
        <a class="menu-item" cdkMenuItem routerLink="/group" [queryParams]="selection.carried()"
          ><wl-icon name="group" />{{ t('page.group') }}</a
        >
        <div class="menu-line"></div>
        @for (project of signedIn.projects(); track project.id) {
          <button class="menu-item" cdkMenuItem type="button" (cdkMenuItemTriggered)="go(project.id)">
            <span class="grow ellipsis">{{ project.name }}</span>
            <span class="muted">{{ project.code }}</span>
            @if (project.id === site.projectId()) {
              <wl-icon name="check" />
            }
          </button>
        }
      </div>
    </ng-template>
  `,
  styles: `
    :host {
      min-width: 0;
    }
    .current {
      max-width: 100%;
      padding: 0 8px;
      color: var(--ink);
      font-weight: 600;
    }
    .current > wl-icon {
      color: var(--ink-3);
    }
    @media (max-width: 640px) {
      .current > wl-icon:first-child {
        display: none;
      }
    }
  `,
})
export class ProjectSwitcher {
  private readonly router = inject(Router);
  protected readonly signedIn = inject(SignedIn);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly t = inject(Words).t;
  protected readonly label = computed(() => this.site.project()?.name ?? this.t('page.group'));

  protected go(projectId: string): void {
    // A page of one thing (an account, a point) has no counterpart in another project: its list has.
    const path = /^\/p\/[^/?]+\/([a-z-]+)/.exec(this.router.url)?.[1];
    const page = path === 'points' || path === undefined ? [] : [path];
    void this.router.navigate(['/p', projectId, ...page], { queryParams: this.selection.carried() });
  }
}
