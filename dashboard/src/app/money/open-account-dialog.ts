// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type {
  AccountDetail,
  OpenAccountBody,
  PaymentMeans,
  PriceSchemeList,
} from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { ask } from '../api/question.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { SearchPicker, type PickerItem } from '../look/search-picker.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from './slot-time.ts';

export interface OpenAccountData {
  /** Points that are on an open account already. */
  readonly taken: ReadonlySet<string>;
  readonly tenantId: string | null;
}
type Scheme = PriceSchemeList['schemes'][number];
const alarm1Default = 100_000_000;
const alarm2Default = 30_000_000;

/** Binds a tenant to metering points and prices; prefilled from what the tree knows of the tenant. */
@Component({
  selector: 'wl-open-account-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon, MoneyInput, SearchPicker],
  templateUrl: './open-account-dialog.html',
  styles: `
    li {
      display: grid;
      grid-template-columns: minmax(0, 1fr) minmax(130px, 220px) auto;
      gap: 8px;
      align-items: center;
      padding: 6px 0;
      border-bottom: 1px solid var(--line);
    }
    .chosen {
      display: flex;
      gap: 10px;
      align-items: center;
    }
  `,
})
export class OpenAccountDialog {
  private readonly billing = inject(BillingApi);
  private readonly data = inject<OpenAccountData>(DIALOG_DATA);
  protected readonly site = inject(Site);
  protected readonly dialog = inject<DialogRef<AccountDetail>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  protected readonly slotSeconds = this.slotMinutes * 60;
  protected readonly meansOffered: readonly PaymentMeans[] = ['cash', 'card', 'transfer'];

  protected readonly tenantId = signal<string | null>(this.data.tenantId);
  /** Metering point → price scheme. */
  protected readonly points = signal<ReadonlyMap<string, string>>(new Map());
  protected readonly at = signal(
    localFieldValue(slotBoundaryBefore(inject(Clock).exactMs(), this.slotMinutes), this.site.zone()),
  );
  protected readonly alarm1 = signal<number | null>(alarm1Default);
  protected readonly alarm2 = signal<number | null>(alarm2Default);
  protected readonly firstAmount = signal<number | null>(null);
  protected readonly firstMeans = signal<PaymentMeans>('cash');
  protected readonly protectedSupply = signal(false);
  protected readonly command = command();

  private readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
  });
  protected readonly tenants = computed<readonly PickerItem[]>(() =>
    (this.site.tree.value()?.tenants ?? []).map((tenant) => ({
      id: tenant.id,
      label: tenant.name,
      detail: tenant.code,
      icon: 'user',
      group: this.t('energy.tenant'),
    })),
  );
  protected readonly freePoints = computed<readonly PickerItem[]>(() =>
    (this.site.tree.value()?.points ?? [])
      .filter((point) => !this.data.taken.has(point.id) && !this.points().has(point.id))
      .map((point) => ({
        id: point.id,
        label: point.name,
        detail: `${point.code} · ${this.site.placeName(point.placeId)}`,
        icon: 'gauge',
        group: this.t(`medium.${point.medium}`),
      })),
  );
  protected readonly chosen = computed(() =>
    [...this.points()].map(([id, schemeId]) => ({
      id,
      schemeId,
      point: this.site.points().get(id),
      schemes: this.schemesFor(id),
    })),
  );
  protected readonly body = computed<OpenAccountBody | null>(() => {
    const tenantId = this.tenantId();
    const openedAtMs = instantOfLocalField(this.at(), this.site.zone());
    const [alarm1Micros, alarm2Micros] = [this.alarm1(), this.alarm2()];
    const points = [...this.points()].map(([meteringPointId, priceSchemeId]) => ({
      meteringPointId,
      priceSchemeId,
    }));
    if (tenantId === null || openedAtMs === null || alarm1Micros === null || alarm2Micros === null)
      return null;
    if (points.length === 0 || points.some((point) => point.priceSchemeId === '')) return null;
    const amountMicros = this.firstAmount() ?? 0;
    return {
      tenantId,
      points,
      openedAtMs,
      alarm1Micros,
      alarm2Micros,
      protectedSupply: this.protectedSupply(),
      ...(amountMicros > 0 ? { firstVend: { amountMicros, means: this.firstMeans() } } : {}),
    };
  });

  constructor() {
    // What the tree says belongs to the tenant is offered; the person may take away and add.
    effect(() => {
      const tenantId = this.tenantId();
      if (tenantId === null || this.schemes.value() === undefined) return;
      const own = (this.site.tree.value()?.points ?? []).filter(
        (point) => point.tenantId === tenantId && !this.data.taken.has(point.id),
      );
      this.points.set(
        new Map(own.map((point) => [point.id, this.schemesFor(point.id)[0]?.priceSchemeId ?? ''])),
      );
    });
  }

  protected addPoint(id: string): void {
    this.points.update((points) => new Map(points).set(id, this.schemesFor(id)[0]?.priceSchemeId ?? ''));
  }

  protected removePoint(id: string): void {
    this.points.update((points) => new Map([...points].filter(([other]) => other !== id)));
  }

  protected chooseScheme(id: string, schemeId: string): void {
    this.points.update((points) => new Map(points).set(id, schemeId));
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const account = await this.command.run(body, (key) =>
      this.billing.openAccount(this.site.projectId() ?? '', body, key),
    );
    if (account !== undefined) this.dialog.close(account);
  }

  /** Schemes of the point's medium, those in force first. */
  private schemesFor(pointId: string): readonly Scheme[] {
    const medium = this.site.points().get(pointId)?.medium;
    const inForce = (scheme: Scheme): number => (scheme.versions.some((version) => version.inForce) ? 0 : 1);
    return (this.schemes.value()?.schemes ?? [])
      .filter((scheme) => scheme.medium === medium)
      .sort((a, b) => inForce(a) - inForce(b));
  }
}
