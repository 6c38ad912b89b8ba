// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import { CdkMenu, CdkMenuItem, CdkMenuTrigger } from '@angular/cdk/menu';
import { Router, RouterLink } from '@angular/router';
import type {
  AccountChangeAnswer,
  AccountDetail,
  CloseAccountAnswer,
  TenantChangeAnswer,
  Vend,
} from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { CloseAccountDialog } from '../../money/close-account-dialog.ts';
import { MeterPrepaymentCard } from '../../money/meter-prepayment-card.ts';
import { CreditCard } from '../../money/credit-card.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { StageChip } from '../../money/stage-chip.ts';
import { SupplyModeDialog } from '../../money/supply-mode-dialog.ts';
import { ThresholdsDialog } from '../../money/thresholds-dialog.ts';
import { TopUpDialog, type TopUpData } from '../../money/top-up-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { DecisionList } from '../../supply/decision-list.ts';
import { Words } from '../../words/words.ts';
import { ChangeAccountDialog } from './change-account-dialog.ts';
import { ChangeTenantDialog } from './change-tenant-dialog.ts';
import { ChargesTab } from './charges-tab.ts';
import { HistoryTab } from './history-tab.ts';
import { LedgerTab } from './ledger-tab.ts';
import { SuspendDialog } from './suspend-dialog.ts';
import { VendsTab } from './vends-tab.ts';

const tabs = ['charges', 'ledger', 'vends', 'decisions', 'history'] as const;

/** One account: what is left, how long it lasts, where every unit of money came from and went. */
@Component({
  selector: 'wl-account-page',
  imports: [
    Answer,
    CdkMenu,
    CdkMenuItem,
    CdkMenuTrigger,
    ChargesTab,
    CreditCard,
    DecisionList,
    HistoryTab,
    Icon,
    LedgerTab,
    MeterPrepaymentCard,
    QualityBadge,
    RelayChip,
    RouterLink,
    StageChip,
    TableBox,
    VendsTab,
  ],
  templateUrl: './account-page.html',
  styleUrl: './account-page.css',
})
export class AccountPage {
  readonly accountId = input.required<string>();
  private readonly billing = inject(BillingApi);
  private readonly live = inject(LiveValues);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly clock = inject(Clock);
  private readonly router = inject(Router);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly placeBeside = placeBeside;
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly tabs = tabs;
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'charges'));

  protected readonly account = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, accountId: this.accountId() };
    },
    load: ({ projectId, accountId }, abort) => this.billing.account(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  /** The account with what the live stream has told since it was asked. */
  protected readonly found = computed<AccountDetail | null>(() => {
    const account = this.account.value();
    if (account === undefined) return null;
    const event = this.live.accounts().get(account.accountId);
    if (event === undefined) return account;
    return {
      ...account,
      balanceMicros: event.balanceMicros,
      stage: event.stage,
      supply: { ...account.supply, desiredRelay: event.desiredRelay, reportedRelay: event.reportedRelay },
    };
  });
  protected readonly places = computed(() =>
    [
      ...new Set(
        (this.found()?.points ?? []).map((point) =>
          placeBeside(this.site.placeName(point.placeId), this.found()?.tenantName),
        ),
      ),
    ].filter((name) => name !== ''),
  );
  protected readonly newestReading = computed(
    () => Math.max(0, ...(this.found()?.points ?? []).map((point) => point.lastReadingMs ?? 0)) || null,
  );
  protected readonly heldBy = computed(() => [
    ...new Set(
      (this.found()?.points ?? []).flatMap((point) => point.meters.flatMap((meter) => meter.heldBy)),
    ),
  ]);

  constructor() {
    keepFresh(['accounts', 'commands'], [this.account], 5_000);
  }

  protected age(instantMs: number): string {
    return this.formats.age(Math.max(0, this.clock.nowMs() - instantMs));
  }

  protected async topUp(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    const vend = await this.dialogs.open<Vend, TopUpData>(TopUpDialog, account);
    this.account.reload();
    if (vend !== undefined)
      this.notices.done(
        this.t('top-up.noticed', { amount: this.formats.money(vend.amountMicros), name: vend.tenantName }),
      );
  }

  protected async changeMode(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    if ((await this.dialogs.open(SupplyModeDialog, account)) === undefined) return;
    this.notices.done(this.t('supply-mode.changed'));
    this.account.reload();
  }

  protected async changeThresholds(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    if ((await this.dialogs.open(ThresholdsDialog, account)) === undefined) return;
    this.notices.done(this.t('thresholds.changed'));
    this.account.reload();
  }

  protected async close(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    await this.dialogs.open<CloseAccountAnswer>(CloseAccountDialog, account, { wide: true });
    this.account.reload();
  }

  protected async change(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    const answer = await this.dialogs.open<AccountChangeAnswer>(ChangeAccountDialog, account, { wide: true });
    if (answer === undefined) return;
    this.notices.done(
      this.t('change-account.done', { amount: this.formats.moneySigned(answer.chargedMicros) }),
    );
    this.account.reload();
  }

  protected async changeTenant(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    const answer = await this.dialogs.open<TenantChangeAnswer>(ChangeTenantDialog, account, { wide: true });
    if (answer === undefined) return;
    this.notices.done(this.t('change-tenant.done'));
    await this.router.navigate(['/p', this.site.projectId(), 'accounts', answer.openedAccountId]);
  }

  protected async suspend(): Promise<void> {
    const account = this.found();
    if (account === null) return;
    if ((await this.dialogs.open(SuspendDialog, account)) === undefined) return;
    this.account.reload();
  }
}
