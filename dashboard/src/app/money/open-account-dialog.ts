// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import {
  paymentMeans,
  type AccountDetail,
  type AccountProposal,
  type OpenAccountBody,
  type PaymentMeans,
  type PriceSchemeList,
} from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../api/accounts-api.ts';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { ask } from '../api/question.ts';
import { Clock } from '../clock/clock.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { SearchPicker, type PickerItem } from '../look/search-picker.ts';
import { TableBox } from '../look/table-box.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';
import { Registers, registersQuestion } from './registers.ts';
import { instantOfLocalField, localFieldValue, slotBoundaryBefore } from './slot-time.ts';

export interface OpenAccountData {
  /** Points that are on an open account already. */
  readonly taken: ReadonlySet<string>;
  readonly tenantId: string | null;
}
type Scheme = PriceSchemeList['schemes'][number];
interface ChosenPoint {
  readonly schemeId: string;
  /** As typed, in kW; '' where none was agreed. */
  readonly demandKw: string;
}

/** Whole W of a number of kW as typed; null where nothing was typed, undefined where it is no number. */
function demandOf(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const kilowatts = Number(text.replace(',', '.'));
  return Number.isFinite(kilowatts) && kilowatts >= 0 ? Math.round(kilowatts * 1000) : undefined;
}

/** Binds a tenant to metering points and prices; prefilled from the imported list, and seen as a whole before the deed. */
@Component({
  selector: 'wl-open-account-dialog',
  imports: [DialogFrame, FaultNote, Icon, MoneyInput, Registers, SearchPicker, TableBox],
  templateUrl: './open-account-dialog.html',
  styleUrl: './open-account-dialog.css',
})
export class OpenAccountDialog {
  private readonly accounts = inject(AccountsApi);
  private readonly billing = inject(BillingApi);
  private readonly data = inject<OpenAccountData>(DIALOG_DATA);
  protected readonly site = inject(Site);
  protected readonly dialog = inject<DialogRef<AccountDetail>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  private readonly slotMinutes = this.site.tree.value()?.project.slotMinutes ?? 30;
  protected readonly slotSeconds = this.slotMinutes * 60;
  protected readonly meansOffered = paymentMeans;

  protected readonly tenantId = signal<string | null>(this.data.tenantId);
  protected readonly points = signal<ReadonlyMap<string, ChosenPoint>>(new Map());
  protected readonly at = signal(
    localFieldValue(slotBoundaryBefore(inject(Clock).exactMs(), this.slotMinutes), this.site.zone()),
  );
  protected readonly alarm1 = signal<number | null>(null);
  protected readonly alarm2 = signal<number | null>(null);
  protected readonly firstAmount = signal<number | null>(null);
  protected readonly firstMeans = signal<PaymentMeans>('cash');
  protected readonly protectedSupply = signal(false);
  /** The form is filled; everything is shown once more before the deed. */
  protected readonly summary = signal(false);
  protected readonly command = command();

  private readonly schemes = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.billing.priceSchemes(projectId, abort),
  });
  /** Every point without an account, with the scheme its like have. */
  private readonly proposal = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.accounts.proposal(projectId, {}, abort),
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
  protected readonly rooms = computed<readonly PickerItem[]>(() => {
    const withPoints = new Set((this.proposal.value()?.points ?? []).map((point) => point.placeId));
    return (this.site.tree.value()?.places ?? [])
      .filter((place) => withPoints.has(place.id))
      .map((place) => ({
        id: place.id,
        label: place.name,
        detail: this.site.placeName(place.parentId),
        icon: 'building',
        group: this.t('energy.place'),
      }));
  });
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
    [...this.points()].map(([id, chosen]) => {
      const point = this.site.points().get(id);
      const schemes = this.schemesFor(id);
      return {
        id,
        ...chosen,
        point,
        place: this.site.placeName(point?.placeId ?? null),
        schemes,
        schemeName: schemes.find((scheme) => scheme.priceSchemeId === chosen.schemeId)?.name ?? '',
        demandWrong: demandOf(chosen.demandKw) === undefined,
      };
    }),
  );
  protected readonly pointIds = computed(() => [...this.points().keys()]);
  private readonly openedAtMs = computed(() => instantOfLocalField(this.at(), this.site.zone()));
  protected readonly registers = registersQuestion(() => {
    const atMs = this.openedAtMs();
    return atMs === null || this.points().size === 0 ? undefined : { pointIds: this.pointIds(), atMs };
  });
  protected readonly body = computed<OpenAccountBody | null>(() => {
    const [tenantId, openedAtMs] = [this.tenantId(), this.openedAtMs()];
    const [alarm1Micros, alarm2Micros] = [this.alarm1(), this.alarm2()];
    const points = this.chosen().map(({ id, schemeId, demandKw }) => ({
      meteringPointId: id,
      priceSchemeId: schemeId,
      contractedDemandW: demandOf(demandKw) ?? null,
    }));
    if (tenantId === null || openedAtMs === null || alarm1Micros === null || alarm2Micros === null)
      return null;
    if (points.length === 0 || this.chosen().some((row) => row.schemeId === '' || row.demandWrong))
      return null;
    const amountMicros = this.firstAmount() ?? 0;
    return {
      tenantId,
      points,
      openedAtMs,
      alarm1Micros,
      alarm2Micros,
      protectedSupply: this.protectedSupply(),
      readings: [...(this.registers.value() ?? [])],
      ...(amountMicros > 0 ? { firstVend: { amountMicros, means: this.firstMeans() } } : {}),
    };
  });

  constructor() {
    effect(() => {
      const proposal = this.proposal.value();
      if (proposal === undefined) return;
      this.alarm1.update((micros) => micros ?? proposal.alarm1Micros);
      this.alarm2.update((micros) => micros ?? proposal.alarm2Micros);
    });
    // What the list says belongs to the tenant is offered; the person may take away and add.
    effect(() => {
      const tenantId = this.tenantId();
      const tree = this.site.tree.value();
      if (tenantId === null || this.proposal.value() === undefined || this.schemes.value() === undefined)
        return;
      const own = (tree?.points ?? []).filter(
        (point) => point.tenantId === tenantId && !this.data.taken.has(point.id),
      );
      this.points.set(new Map(own.map((point) => [point.id, this.proposedFor(point.id)])));
    });
  }

  /** The room's points, and their tenant where it is one and none was chosen. */
  protected chooseRoom(placeId: string): void {
    const own = (this.proposal.value()?.points ?? []).filter((point) => point.placeId === placeId);
    const tenants = new Set(own.map((point) => this.site.points().get(point.meteringPointId)?.tenantId));
    const [only] = tenants;
    if (this.tenantId() === null && tenants.size === 1 && typeof only === 'string') {
      this.tenantId.set(only);
      return;
    }
    for (const point of own) this.addPoint(point.meteringPointId);
  }

  protected addPoint(id: string): void {
    this.points.update((points) => new Map(points).set(id, this.proposedFor(id)));
  }

  protected removePoint(id: string): void {
    this.points.update((points) => new Map([...points].filter(([other]) => other !== id)));
  }

  protected change(id: string, change: Partial<ChosenPoint>): void {
    this.points.update((points) => {
      const before = points.get(id) ?? this.proposedFor(id);
      return new Map(points).set(id, { ...before, ...change });
    });
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const account = await this.command.run(body, (key) =>
      this.billing.openAccount(this.site.projectId() ?? '', body, key),
    );
    if (account !== undefined) this.dialog.close(account);
  }

  private proposedFor(id: string): ChosenPoint {
    const proposed: AccountProposal['points'][number] | undefined = this.proposal
      .value()
      ?.points.find((point) => point.meteringPointId === id);
    return {
      schemeId: proposed?.priceSchemeId ?? this.schemesFor(id)[0]?.priceSchemeId ?? '',
      demandKw: '',
    };
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
