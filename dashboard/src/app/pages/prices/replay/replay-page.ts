// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { PriceVersion } from '@wattledger/contracts/http/billing';
import { Answer } from '../../../api/answer.ts';
import { BillingApi } from '../../../api/billing-api.ts';
import { ask } from '../../../api/question.ts';
import type { VersionKey } from '../../../api/replay-api.ts';
import { Formats } from '../../../format/formats.ts';
import { Icon } from '../../../look/icon.ts';
import { Selection } from '../../../selection/selection.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { ListTab } from './list-tab.ts';
import { ReplayTab } from './replay-tab.ts';

const tabs = ['replay', 'list'] as const;

/** One version of a price scheme: who would pay more or less, and the list that finance decides on. */
@Component({
  selector: 'wl-replay-page',
  imports: [Answer, Icon, ListTab, ReplayTab, RouterLink],
  template: `
    <div class="page">
      <header class="page-head">
        <div class="titles">
          <a class="back" [routerLink]="['/p', site.projectId(), 'prices']"
            ><wl-icon name="chevron-left" />{{ t('page.prices') }}</a
          >
          <h1>
            {{ scheme()?.name }}
            @if (version(); as it) {
              – {{ t('price.version') }} {{ it.number }}
            }
          </h1>
          @if (version(); as it) {
            <p>
              {{ t('price-state.' + it.state) }} · {{ t('price.from') }}
              {{ formats.instant(it.effectiveFromMs) }}
            </p>
          }
        </div>
        <div class="segmented" role="tablist" [attr.aria-label]="t('page.replay')">
          @for (kind of tabs; track kind) {
            <button
              type="button"
              role="tab"
              [attr.aria-selected]="kind === tab()"
              (click)="selection.patch({ tab: kind }, { replace: true })"
            >
              {{ t('replay.tab.' + kind) }}
            </button>
          }
        </div>
      </header>
      <wl-answer
        [of]="schemes"
        [empty]="schemes.value() !== undefined && version() === undefined"
        [emptyText]="t('replay.no-version')"
        [height]="420"
      >
        @if (key(); as of) {
          @if (tab() === 'list') {
            <wl-list-tab [of]="of" [version]="version()!" (decided)="schemes.reload()" />
          } @else {
            <wl-replay-tab [of]="of" [version]="version()!" />
          }
        }
      </wl-answer>
    </div>
  `,
  styles: `
    .back {
      display: inline-flex;
      align-items: center;
      gap: 4px;
    }
  `,
})
export class ReplayPage {
  /** From the address. */
  readonly priceSchemeId = input.required<string>();
  readonly priceVersionId = input.required<string>();
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly selection = inject(Selection);
  protected readonly t = inject(Words).t;
  protected readonly tabs = tabs;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'replay'));
  protected readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly scheme = computed(() =>
    this.schemes.value()?.schemes.find((scheme) => scheme.priceSchemeId === this.priceSchemeId()),
  );
  protected readonly version = computed<PriceVersion | undefined>(() =>
    this.scheme()?.versions.find((version) => version.priceVersionId === this.priceVersionId()),
  );
  protected readonly key = computed<VersionKey | null>(
    () => {
      const projectId = this.site.projectId();
      if (projectId === null || this.version() === undefined) return null;
      return { projectId, priceSchemeId: this.priceSchemeId(), priceVersionId: this.priceVersionId() };
    },
    { equal: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
}
