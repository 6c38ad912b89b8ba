// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { CdkMenu, CdkMenuItem, CdkMenuTrigger } from '@angular/cdk/menu';
import { Router } from '@angular/router';
import type { OwnNoticeList } from '@wattledger/contracts/http/notices';
import { AlarmsApi } from '../api/alarms-api.ts';
import { ask } from '../api/question.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { Icon } from '../look/icon.ts';
import { Notices } from '../notices/notices.ts';
import { SignedIn } from '../session/session.ts';
import { Words } from '../words/words.ts';

const shownMax = 12;
const countMax = 99;
/** Also without a live connection, as on pages of the whole group. */
const askedEveryMs = 60_000;

/** What was told to the person in the product, and how much of it is unread. */
@Component({
  selector: 'wl-bell',
  imports: [CdkMenu, CdkMenuItem, CdkMenuTrigger, Icon],
  template: `
    @if (isPerson()) {
      <button
        type="button"
        class="button quiet icon bell"
        [cdkMenuTriggerFor]="menu"
        [attr.aria-label]="unread() > 0 ? t('bell.unread', { count: shownCount() }) : t('bell.none-unread')"
      >
        <wl-icon name="bell" />
        @if (unread() > 0) {
          <span class="count" aria-hidden="true">{{ shownCount() }}</span>
        }
      </button>
      <ng-template #menu>
        <div class="menu told" cdkMenu>
          @for (notice of shown(); track notice.id) {
            <button
              type="button"
              class="menu-item"
              cdkMenuItem
              [class.unread]="notice.readAtMs === null"
              (cdkMenuItemTriggered)="open(notice.id, notice.projectId)"
            >
              <wl-icon [name]="notice.severity === 'critical' ? 'bell-urgent' : 'bell'" />
              <span class="grow">
                {{ notice.kind === null ? notice.subject : t('alarm-kind.' + notice.kind) }}
                <span class="muted small">{{ bodyOf(notice.subject) }} · {{ age(notice.atMs) }}</span>
              </span>
            </button>
          } @empty {
            <div class="menu-label">{{ t('bell.empty') }}</div>
          }
          @if (unread() > 0) {
            <div class="menu-line"></div>
            <button type="button" class="menu-item" cdkMenuItem (cdkMenuItemTriggered)="readAll()">
              <wl-icon name="check" />{{ t('bell.read-all') }}
            </button>
          }
        </div>
      </ng-template>
    }
  `,
  styles: `
    .bell {
      position: relative;
    }
    .count {
      position: absolute;
      top: -3px;
      right: -6px;
      min-width: 16px;
      padding: 0 4px;
      border-radius: 8px;
      background: var(--bad);
      color: var(--ground);
      font-size: 10px;
      font-weight: 600;
      line-height: 16px;
      text-align: center;
    }
    .told {
      width: min(380px, 92vw);
      max-height: 70vh;
      overflow-y: auto;
    }
    .unread {
      font-weight: 600;
    }
    .small {
      display: block;
      overflow: hidden;
      font-size: var(--t-s);
      font-weight: 400;
      text-overflow: ellipsis;
    }
    .grow {
      min-width: 0;
      text-align: left;
    }
  `,
})
export class Bell {
  private readonly api = inject(AlarmsApi);
  private readonly clock = inject(Clock);
  private readonly router = inject(Router);
  private readonly notices = inject(Notices);
  private readonly signedIn = inject(SignedIn);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly isPerson = computed(
    () => this.signedIn.staff() !== null && this.signedIn.staff() !== undefined,
  );
  private readonly turn = computed(() => Math.floor(this.clock.nowMs() / askedEveryMs));
  private readonly own = ask<number, OwnNoticeList>({
    params: () => (this.isPerson() ? this.turn() : undefined),
    load: (_, abort) => this.api.own(abort),
  });
  protected readonly unread = computed(() => this.own.value()?.unread ?? 0);
  /** What is read aloud is what is seen. */
  protected readonly shownCount = computed(() =>
    this.unread() > countMax ? `${this.formats.count(countMax)}+` : this.formats.count(this.unread()),
  );
  protected readonly shown = computed(() => (this.own.value()?.notices ?? []).slice(0, shownMax));

  constructor() {
    keepFresh(['alarms'], [this.own], 3_000);
  }

  protected age(atMs: number): string {
    return this.formats.age(Math.max(0, this.clock.nowMs() - atMs));
  }

  /** What comes behind the kind of alarm, which the reader sees in their own words already. */
  protected bodyOf(subject: string): string {
    return subject.slice(subject.search(/[::]/) + 1).trim();
  }

  protected async open(noticeId: string, projectId: string): Promise<void> {
    await this.read([noticeId]);
    await this.router.navigate(['/p', projectId, 'alarms']);
  }

  protected async readAll(): Promise<void> {
    await this.read();
  }

  private async read(ids?: readonly string[]): Promise<void> {
    try {
      await this.api.readOwn(ids);
      this.own.reload();
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
