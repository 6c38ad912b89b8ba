// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { DecisionList } from '../../supply/decision-list.ts';
import { Words } from '../../words/words.ts';
import { DryRunView } from './dry-run-view.ts';
import { PolicyDialog } from './policy-dialog.ts';
import { CalendarsCard } from './calendars-card.ts';
import { EmergencyCard } from './emergency-card.ts';

const tabs = ['decisions', 'dry-run', 'calendars', 'emergency'] as const;

/** When supply may be cut, what was decided and why, and what would be decided. */
@Component({
  selector: 'wl-supply-page',
  imports: [Answer, CalendarsCard, DecisionList, DryRunView, EmergencyCard, Icon],
  templateUrl: './supply-page.html',
  styleUrl: './supply-page.css',
})
export class SupplyPage {
  private readonly billing = inject(BillingApi);
  private readonly credit = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly tabs = tabs;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'decisions'));
  protected readonly policy = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.supplyPolicy(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly calendars = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.credit.calendars(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly held = computed(() => {
    const ids = this.policy.value()?.calendarIds ?? [];
    return (this.calendars.value()?.calendars ?? []).filter(({ calendarId }) => ids.includes(calendarId));
  });

  protected async edit(): Promise<void> {
    const policy = this.policy.value();
    const calendars = this.calendars.value()?.calendars;
    if (policy === undefined || calendars === undefined) return;
    if ((await this.dialogs.open(PolicyDialog, { policy, calendars }, { wide: true })) === undefined) return;
    this.notices.done(this.t('policy.saved'));
    this.policy.reload();
  }
}
