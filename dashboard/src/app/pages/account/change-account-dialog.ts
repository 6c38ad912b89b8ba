// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type {
  AccountChangeAnswer,
  AccountChangeBody,
  AccountDetail,
} from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from '../../money/slot-time.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const changes = ['change-scheme', 'add-point', 'remove-point', 'change-demand'] as const;
type Change = (typeof changes)[number];

/** Changes what the account pays for from an instant on; what that costs is shown before the deed. */
@Component({
  selector: 'wl-change-account-dialog',
  imports: [DialogFrame, FaultNote, Icon],
  templateUrl: './change-account-dialog.html',
})
export class ChangeAccountDialog {
  private readonly accounts = inject(AccountsApi);
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<AccountChangeAnswer>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly changes = changes;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  protected readonly slotSeconds = this.slotMinutes * 60;
  protected readonly latest = localFieldValue(
    slotBoundaryBefore(inject(Clock).exactMs(), this.slotMinutes),
    this.account.zone,
  );
  protected readonly change = signal<Change>('change-scheme');
  protected readonly chosenPoint = signal<string | null>(null);
  protected readonly chosenScheme = signal<string | null>(null);
  protected readonly demandKw = signal('');
  protected readonly at = signal(this.latest);
  protected readonly reason = signal('');
  protected readonly seen = signal<AccountChangeAnswer | null>(null);
  protected readonly preview = command();
  protected readonly command = command();

  private readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
  });
  private readonly proposal = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.accounts.proposal(projectId, {}, abort),
  });
  /** Points that may be added, the tenant's own first; else those of the account. */
  protected readonly points = computed(() => {
    if (this.change() !== 'add-point')
      return this.account.points.map((point) => ({
        id: point.meteringPointId,
        label: `${point.name} · ${point.code}`,
        schemeId: point.priceSchemeId,
      }));
    const own = (id: string): number =>
      this.site.points().get(id)?.tenantId === this.account.tenantId ? 0 : 1;
    return [...(this.proposal.value()?.points ?? [])]
      .sort((a, b) => own(a.meteringPointId) - own(b.meteringPointId))
      .map((point) => ({
        id: point.meteringPointId,
        label: `${point.name} · ${point.code}`,
        schemeId: point.priceSchemeId ?? '',
      }));
  });
  protected readonly pointId = computed(
    () => this.points().find((point) => point.id === this.chosenPoint())?.id ?? this.points()[0]?.id ?? null,
  );
  protected readonly schemesOffered = computed(() => {
    const medium = this.site.points().get(this.pointId() ?? '')?.medium;
    return (this.schemes.value()?.schemes ?? []).filter((scheme) => scheme.medium === medium);
  });
  protected readonly schemeId = computed(() => {
    const offered = this.schemesOffered();
    const usual = this.points().find((point) => point.id === this.pointId())?.schemeId;
    return [this.chosenScheme(), usual, offered[0]?.priceSchemeId].find((id) =>
      offered.some((scheme) => scheme.priceSchemeId === id),
    );
  });
  protected readonly body = computed<AccountChangeBody | null>(() => {
    const fromMs = instantOfLocalField(this.at(), this.account.zone);
    const meteringPointId = this.pointId();
    const reason = this.reason().trim();
    if (fromMs === null || meteringPointId === null || reason === '') return null;
    const common = { meteringPointId, fromMs, reason };
    const priceSchemeId = this.schemeId();
    const change = this.change();
    switch (change) {
      case 'remove-point':
        return { change, ...common };
      case 'change-demand': {
        const kilowatts = Number(this.demandKw().replace(',', '.'));
        if (!Number.isFinite(kilowatts) || kilowatts < 0) return null;
        return {
          change,
          ...common,
          contractedDemandW: this.demandKw().trim() === '' ? null : Math.round(kilowatts * 1000),
        };
      }
      case 'add-point':
      case 'change-scheme':
        return priceSchemeId === undefined || priceSchemeId === null
          ? null
          : { change, ...common, priceSchemeId };
    }
  });

  /** First looks, then does: what was looked at is what is done. */
  protected async look(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const answer = await this.preview.run(body, (key) =>
      this.accounts.change(this.projectId(), this.account.accountId, { ...body, dryRun: true }, key),
    );
    this.seen.set(answer ?? null);
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const answer = await this.command.run(body, (key) =>
      this.accounts.change(this.projectId(), this.account.accountId, body, key),
    );
    if (answer !== undefined) this.dialog.close(answer);
  }

  /** Whatever is changed has to be looked at again. */
  protected touched(): void {
    this.seen.set(null);
  }

  private projectId(): string {
    return this.site.projectId() ?? '';
  }
}
