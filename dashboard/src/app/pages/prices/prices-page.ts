// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { touPeriods, type TouPeriod } from '@wattledger/contracts';
import type { PriceScheme, PriceVersion, PriceVersionState } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { SignedIn } from '../../session/session.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CalendarView } from './calendar-view.ts';
import { NewSchemeDialog } from './new-scheme-dialog.ts';
import { NoticeDialog, type NoticeData } from './notice-dialog.ts';
import { WithdrawDialog } from './replay/withdraw-dialog.ts';
import { SeriesList } from './series-list.ts';
import { VersionDialog, type VersionDialogData } from './version-dialog.ts';
import { VersionView } from './version-view.ts';
import { isPlain, isRatesAlone } from './version-words.ts';

const tones: Readonly<Record<PriceVersionState, string>> = {
  draft: '',
  submitted: 'info',
  listed: 'info',
  approved: 'good',
  withdrawn: '',
};
const tabs = ['schemes', 'series'] as const;
type Move = 'submit' | 'approve' | 'withdraw';

/** Price schemes and their versions: drafted by one, approved by another, never edited in place. */
@Component({
  selector: 'wl-prices-page',
  imports: [Answer, CalendarView, Icon, RouterLink, SeriesList, TableBox, VersionView],
  templateUrl: './prices-page.html',
  styleUrl: './prices-page.css',
})
export class PricesPage {
  private readonly billing = inject(BillingApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly signedIn = inject(SignedIn);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly tones = tones;
  protected readonly tabs = tabs;
  protected readonly selection = inject(Selection);
  protected readonly tab = computed(() => this.selection.choice('tab', tabs, 'schemes'));
  protected readonly plain = isPlain;
  protected readonly ratesAlone = isRatesAlone;
  protected readonly mayWrite = computed(() => this.site.may('price:write'));
  private readonly me = computed(() => this.signedIn.session()?.principal.id ?? '');

  private readonly clock = inject(Clock);
  protected readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
    subject: (projectId) => projectId,
  });

  private readonly series = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSeries(projectId, abort),
    subject: (projectId) => projectId,
  });

  private periodsOf(version: PriceVersion): readonly TouPeriod[] {
    return touPeriods.filter((period) => version.rates[period] !== undefined);
  }

  /** The periods whose prices tell one from another: a single one where the price is the same all day. */
  protected ratesOf(version: PriceVersion): readonly TouPeriod[] {
    const periods = this.periodsOf(version);
    const different = new Set(periods.map((period) => version.rates[period]));
    return different.size > 1 ? periods : periods.slice(0, 1);
  }

  protected newestFirst(scheme: PriceScheme): readonly PriceVersion[] {
    return [...scheme.versions].sort((a, b) => b.number - a.number);
  }

  /** What an approved version is by now: to come, in force, or followed by another. */
  protected state(version: PriceVersion): string {
    if (version.inForce) return 'in-force';
    if (version.state !== 'approved') return version.state;
    return version.effectiveFromMs > this.clock.exactMs() ? 'to-come' : 'superseded';
  }

  protected inForce(scheme: PriceScheme): PriceVersion | undefined {
    return scheme.versions.find((version) => version.inForce);
  }

  /** Four eyes: who drafted or submitted a version cannot approve it. */
  protected mayApprove(version: PriceVersion): boolean {
    return (
      this.mayWrite() &&
      version.state === 'submitted' &&
      version.draftedBy.id !== this.me() &&
      version.submittedBy?.id !== this.me()
    );
  }

  protected async addScheme(): Promise<void> {
    if ((await this.dialogs.open<PriceScheme>(NewSchemeDialog, null)) !== undefined) this.schemes.reload();
  }

  /** A price that says more than rates, in a few words. */
  protected summary({ terms }: PriceVersion): string {
    const words = [
      terms.priceSeriesId === null ? null : this.t('price.energy-series'),
      terms.tiers === null ? null : this.t('price.tiers-count', { count: terms.tiers.steps.length + 1 }),
      Object.keys(terms.seasonRates).length === 0 ? null : this.t('price.by-season'),
    ];
    return words.filter((word) => word !== null).join(' · ');
  }

  protected seriesName({ terms }: PriceVersion): string {
    const series = this.series.value()?.series ?? [];
    return series.find((one) => one.priceSeriesId === terms.priceSeriesId)?.name ?? '';
  }

  protected async show(scheme: PriceScheme, version: PriceVersion): Promise<void> {
    const seriesName = this.seriesName(version);
    await this.dialogs.open<undefined, VersionDialogData>(
      VersionDialog,
      { scheme, version, seriesName },
      { wide: true },
    );
  }

  protected async move(version: PriceVersion, move: Move): Promise<void> {
    try {
      const { state } = await this.billing.movePriceVersion(
        this.site.projectId() ?? '',
        version.priceSchemeId,
        version.priceVersionId,
        move,
      );
      const done = state === 'listed' ? 'price.approve-listed' : `price.${move}-done`;
      this.notices.done(this.t(done, { number: version.number }));
    } catch (error) {
      this.notices.failed(error);
    }
    this.schemes.reload();
  }

  protected replayable({ state }: PriceVersion): boolean {
    return state === 'draft' || state === 'submitted' || state === 'listed';
  }

  protected linkOf({ priceSchemeId, priceVersionId }: PriceVersion): readonly string[] {
    return ['/p', this.site.projectId() ?? '', 'prices', priceSchemeId, 'versions', priceVersionId];
  }

  /** Another than drafted it, as at approval. */
  protected mayWithdrawHeld(version: PriceVersion): boolean {
    return this.mayWrite() && version.state === 'approved' && version.draftedBy.id !== this.me();
  }

  protected async withdrawHeld(scheme: PriceScheme, version: PriceVersion): Promise<void> {
    const sure = await this.dialogs.open<boolean, NoticeData>(WithdrawDialog, { scheme, version });
    if (sure === true) await this.move(version, 'withdraw');
  }

  protected async showNotice(scheme: PriceScheme, version: PriceVersion): Promise<void> {
    await this.dialogs.open<undefined, NoticeData>(NoticeDialog, { scheme, version }, { wide: true });
  }
}
