// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { DecisionAction } from '@wattledger/contracts/http/billing';
import { Answer } from '../api/answer.ts';
import { BillingApi } from '../api/billing-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { Icon } from '../look/icon.ts';
import type { IconName } from '../look/icons.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { GateList } from './gate-list.ts';

const decisionsMax = 100;
export const actionLooks: Readonly<
  Record<DecisionAction, { readonly icon: IconName; readonly tone: string }>
> = {
  connect: { icon: 'supply', tone: 'good' },
  disconnect: { icon: 'unplug', tone: 'bad' },
  leave: { icon: 'minus', tone: '' },
};

/** Supply decisions with the evidence they were made on, of one account or of the whole project. */
@Component({
  selector: 'wl-decision-list',
  imports: [Answer, GateList, Icon, RouterLink],
  templateUrl: './decision-list.html',
  styleUrl: './decision-list.css',
})
export class DecisionList {
  readonly accountId = input<string | null>(null);
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly looks = actionLooks;
  protected readonly open = signal<string | null>(null);
  protected readonly decisions = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, accountId: this.accountId() };
    },
    load: ({ projectId, accountId }, abort) =>
      this.billing.decisions(projectId, { accountId, limit: decisionsMax }, abort),
    subject: ({ projectId, accountId }) => `${projectId}|${accountId ?? ''}`,
  });

  constructor() {
    keepFresh(['accounts', 'commands'], [this.decisions], 10_000);
  }

  protected toggle(decisionId: string): void {
    this.open.update((open) => (open === decisionId ? null : decisionId));
  }
}
