// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from '@angular/cdk/scrolling';
import { Router, RouterLink } from '@angular/router';
import type { AccountDetail, AccountRow, BalanceStage } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FitViewport } from '../../look/fit-viewport.ts';
import { Icon } from '../../look/icon.ts';
import { OpenAccountDialog, type OpenAccountData } from '../../money/open-account-dialog.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { StageChip } from '../../money/stage-chip.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const stages: readonly BalanceStage[] = ['arrears', 'alarm-2', 'alarm-1', 'normal'];
const sorts = ['name', 'balance', 'days', 'place'] as const;
const accountsMax = 5000;

/** All accounts of the project: balances live, what needs attention first. */
@Component({
  selector: 'wl-accounts-page',
  imports: [
    Answer,
    CdkFixedSizeVirtualScroll,
    CdkVirtualForOf,
    CdkVirtualScrollViewport,
    FitViewport,
    Icon,
    RelayChip,
    RouterLink,
    StageChip,
  ],
  templateUrl: './accounts-page.html',
  styleUrl: './accounts-page.css',
})
export class AccountsPage {
  private readonly billing = inject(BillingApi);
  private readonly live = inject(LiveValues);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly router = inject(Router);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly stages = stages;
  protected readonly state = computed(() =>
    this.selection.choice('account-state', ['open', 'closed'] as const, 'open'),
  );
  protected readonly stage = computed(() => this.selection.text('stage'));
  protected readonly disconnectedOnly = computed(() => this.selection.text('supply') === 'disconnected');
  protected readonly text = computed(() => this.selection.text('q') ?? '');
  protected readonly tenant = computed(() => this.selection.text('tenant'));
  protected readonly sortedBy = computed(() => this.selection.choice('sort', sorts, 'balance'));

  protected readonly accounts = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, state: this.state() };
    },
    load: ({ projectId, state }, abort) =>
      this.billing.accounts(projectId, { state, limit: accountsMax }, abort),
    subject: ({ projectId, state }) => `${projectId}|${state}`,
  });
  private readonly rows = computed(() =>
    (this.accounts.value()?.accounts ?? []).map((account) => this.withLive(account)),
  );
  protected readonly counts = computed(() => {
    const counts = new Map<string, number>(stages.map((stage) => [stage, 0]));
    for (const row of this.rows()) counts.set(row.stage, (counts.get(row.stage) ?? 0) + 1);
    counts.set('disconnected', this.rows().filter((row) => row.supply.reportedRelay === 'open').length);
    return counts;
  });
  protected readonly shown = computed(() => {
    const words = this.text()
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const rows = this.rows().filter((row) => {
      if (this.stage() !== null && row.stage !== this.stage()) return false;
      if (this.disconnectedOnly() && row.supply.reportedRelay !== 'open') return false;
      if (this.tenant() !== null && row.tenantId !== this.tenant()) return false;
      const haystack =
        `${row.tenantName} ${row.tenantCode} ${row.place} ${row.points.map((point) => `${point.code} ${point.name}`).join(' ')}`.toLowerCase();
      return words.every((word) => haystack.includes(word));
    });
    return rows.sort((a, b) => this.compare(a, b));
  });

  constructor() {
    keepFresh(['accounts'], [this.accounts], 60_000);
  }

  protected setText(text: string): void {
    this.selection.patch({ q: text || null, tenant: null }, { replace: true });
  }

  protected async open(): Promise<void> {
    const taken = new Set(this.rows().flatMap((row) => row.points.map((point) => point.meteringPointId)));
    const account = await this.dialogs.open<AccountDetail, OpenAccountData>(
      OpenAccountDialog,
      { taken, tenantId: this.tenant() },
      { wide: true },
    );
    if (account === undefined) return;
    this.notices.done(this.t('accounts.opened', { name: account.tenantName }));
    await this.router.navigate(['/p', this.site.projectId(), 'accounts', account.accountId]);
  }

  protected exportCsv(): void {
    const keys = [
      'energy.tenant',
      'wall.code',
      'energy.place',
      'wall.balance',
      'accounts.stage',
      'accounts.days',
      'accounts.daily',
      'account.reported',
    ];
    download(
      'wattledger-accounts.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: this.shown().map((row) => [
          textCell(row.tenantName),
          textCell(row.tenantCode),
          textCell(row.place),
          numberCell('', row.balanceMicros / 1e6),
          textCell(this.t(`stage.${row.stage}`)),
          numberCell('', row.daysLeft),
          numberCell('', row.dailyChargeMicros === null ? null : row.dailyChargeMicros / 1e6),
          textCell(this.t(`relay.${row.supply.reportedRelay}`)),
        ]),
      }),
    );
  }

  private withLive(account: AccountRow) {
    const event = this.live.accounts().get(account.accountId);
    const place = placeBeside(
      this.site.places().get(account.points[0]?.placeId ?? '')?.name,
      account.tenantName,
    );
    if (event === undefined) return { ...account, place };
    return {
      ...account,
      place,
      balanceMicros: event.balanceMicros,
      stage: event.stage,
      supply: { ...account.supply, desiredRelay: event.desiredRelay, reportedRelay: event.reportedRelay },
    };
  }

  private compare(
    a: AccountRow & { readonly place: string },
    b: AccountRow & { readonly place: string },
  ): number {
    const locale = this.formats.locale();
    switch (this.sortedBy()) {
      case 'name':
        return a.tenantName.localeCompare(b.tenantName, locale, { numeric: true });
      case 'place':
        return a.place.localeCompare(b.place, locale, { numeric: true });
      case 'days':
        return (a.daysLeft ?? Infinity) - (b.daysLeft ?? Infinity);
      case 'balance':
        return a.balanceMicros - b.balanceMicros;
    }
  }
}
