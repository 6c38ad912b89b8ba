// SPDX-License-Identifier: Apache-2.0
import type { ElementRef } from '@angular/core';
import { Component, DestroyRef, computed, effect, inject, signal, viewChild } from '@angular/core';
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from '@angular/cdk/scrolling';
import type { AccountList, AccountRow } from '@wattledger/contracts/http/billing';
import type { BatchAction, CommandBatch } from '@wattledger/contracts/http/commands';
import type { MeterState, MeterStates } from '@wattledger/contracts/http/ingest';
import type { TreePoint } from '@wattledger/contracts/http/registry';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { BatchDialog } from '../../control/batch-dialog.ts';
import { ControlDialog, type ControlQuestion } from '../../control/control-dialog.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FitViewport } from '../../look/fit-viewport.ts';
import { Icon } from '../../look/icon.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { tileChoice } from './tile-choice.ts';
import { WallActions } from './wall-actions.ts';
import { WallPanel } from './wall-panel.ts';
import { wallIcons, wallStateOf, wallStates, type WallState } from './wall-state.ts';
import { wallLines, type WallTile } from './wall-tile.ts';

const tileWidthMin = 138;
const lineHeight = 74;
/** Accounts per question. */
const accountsMax = 5000;

/** Every meter of the project at a glance, coloured by how it stands; live. */
@Component({
  selector: 'wl-wall-page',
  imports: [
    Answer,
    CdkFixedSizeVirtualScroll,
    CdkVirtualForOf,
    CdkVirtualScrollViewport,
    FitViewport,
    Icon,
    MediumSwitch,
    WallActions,
    WallPanel,
  ],
  templateUrl: './wall-page.html',
  host: { '(document:keydown)': 'onKey($event)' },
  styleUrl: './wall-page.css',
})
export class WallPage {
  private readonly billing = inject(BillingApi);
  private readonly metering = inject(MeteringApi);
  private readonly live = inject(LiveValues);
  private readonly clock = inject(Clock);
  private readonly dialogs = inject(Dialogs);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly states = wallStates;
  protected readonly icons = wallIcons;
  protected readonly lineHeight = lineHeight;
  private readonly box = viewChild<ElementRef<HTMLElement>>('box');
  protected readonly columns = signal(8);

  protected readonly meterStates = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.allMeterStates(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly accounts = ask({
    params: () => (this.site.may('account:read') ? (this.site.projectId() ?? undefined) : undefined),
    load: (projectId, abort) => this.allAccounts(projectId, abort),
    subject: (projectId) => projectId,
  });

  protected readonly area = computed(() => this.selection.text('area'));
  protected readonly floor = computed(() => this.selection.text('floor'));
  protected readonly shownStates = computed(() => this.selection.list('state'));
  protected readonly text = computed(() => this.selection.text('q') ?? '');
  protected readonly chosenId = computed(() => this.selection.text('meter'));

  /** Points at the ends of the metering tree: what a room or a tenant has. */
  private readonly points = computed(() => {
    const points = this.site.tree.value()?.points ?? [];
    const parents = new Set(points.map((point) => point.parentId));
    return points.filter(
      (point) => point.medium === this.selection.medium() && (point.role === 'sub' || !parents.has(point.id)),
    );
  });
  private readonly pointsInPlace = computed(() => {
    const counts = new Map<string, number>();
    for (const { placeId } of this.points())
      if (placeId !== null) counts.set(placeId, (counts.get(placeId) ?? 0) + 1);
    return counts;
  });
  private readonly accountOfPoint = computed(() => {
    const found = new Map<string, AccountRow>();
    for (const account of this.accounts.value() ?? [])
      for (const point of account.points) found.set(point.meteringPointId, account);
    return found;
  });
  private readonly stateOfMeter = computed(
    () => new Map(this.meterStates.value()?.map((meter) => [meter.meterId, meter]) ?? []),
  );
  protected readonly tiles = computed<readonly WallTile[]>(() =>
    this.points().map((point) => this.tileOf(point)),
  );
  protected readonly areas = computed(() => {
    const ids = new Set(this.tiles().map((tile) => tile.areaId));
    return (this.site.tree.value()?.places ?? []).filter((place) => ids.has(place.id));
  });
  protected readonly floors = computed(() => {
    const ids = new Set(
      this.tiles()
        .filter((tile) => this.area() === null || tile.areaId === this.area())
        .map((tile) => tile.floorId),
    );
    return (this.site.tree.value()?.places ?? []).filter((place) => ids.has(place.id));
  });
  /** Before the filter by state, so that the counts of all states stay visible. */
  private readonly located = computed(() => {
    const words = this.text()
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    return this.tiles().filter((tile) => {
      if (this.area() !== null && tile.areaId !== this.area()) return false;
      if (this.floor() !== null && tile.floorId !== this.floor()) return false;
      const haystack =
        `${tile.name} ${tile.point.code} ${tile.point.name} ${tile.tenantName ?? ''} ${tile.tenantCode ?? ''} ${tile.meter?.serial ?? ''}`.toLowerCase();
      return words.every((word) => haystack.includes(word));
    });
  });
  protected readonly counts = computed(() => {
    const counts = new Map<WallState, number>(wallStates.map((state) => [state, 0]));
    for (const tile of this.located()) counts.set(tile.state, (counts.get(tile.state) ?? 0) + 1);
    return counts;
  });
  protected readonly shown = computed(() => {
    const states = this.shownStates();
    return states.length === 0
      ? this.located()
      : this.located().filter((tile) => states.includes(tile.state));
  });
  private readonly floorsShown = computed(() => this.byFloor(this.shown()));
  /** In the order in which the tiles stand on the wall. */
  protected readonly choice = tileChoice(
    computed(() => this.floorsShown().flatMap(({ tiles }) => tiles.map(({ point }) => point.id))),
  );
  protected readonly mayControl = computed(() => this.site.may('meter:control'));
  protected readonly lines = computed(() => wallLines(this.floorsShown(), this.columns()));
  protected readonly chosen = computed(
    () => this.tiles().find((tile) => tile.point.id === this.chosenId()) ?? null,
  );

  constructor() {
    keepFresh(['telemetry'], [this.meterStates], 60_000);
    keepFresh(['accounts'], [this.accounts], 60_000);
    const observer = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width > 0) this.columns.set(Math.max(2, Math.floor((width + 8) / (tileWidthMin + 8))));
    });
    inject(DestroyRef).onDestroy(() => observer.disconnect());
    effect(() => {
      const box = this.box();
      observer.disconnect();
      if (box !== undefined) observer.observe(box.nativeElement);
    });
  }

  protected toggleState(state: WallState): void {
    const states = this.shownStates();
    const next = states.includes(state) ? states.filter((other) => other !== state) : [...states, state];
    this.selection.patch({ state: next.length === 0 ? null : next.join(',') }, { replace: true });
  }

  protected open(tile: WallTile): void {
    this.selection.patch(
      { meter: tile.point.id === this.chosenId() ? null : tile.point.id },
      { replace: true },
    );
  }

  protected ageOf(tile: WallTile): string {
    return tile.lastReadingMs === null
      ? this.t('quality.none')
      : this.formats.age(Math.max(0, this.clock.nowMs() - tile.lastReadingMs));
  }

  /** What stands below the name: the balance where there is an account. */
  protected figureOf(tile: WallTile): string {
    if (tile.balanceMicros !== null) return this.formats.money(tile.balanceMicros);
    return tile.state === 'offline' ? this.ageOf(tile) : '';
  }

  /** A press opens the tile, unless it is meant for choosing. */
  protected press(tile: WallTile, event: MouseEvent): void {
    if (!this.mayControl() || !this.choice.press(tile.point.id, event)) this.open(tile);
  }

  protected onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (!this.mayControl() || target.closest('input, select, textarea, .dialog') !== null) return;
    if ((event.ctrlKey || event.metaKey) && event.key === 'a') {
      event.preventDefault();
      this.choice.all();
    } else if (event.key === 'Escape' && this.choice.choosing()) {
      this.choice.clear();
    } else if (event.key === 'x') {
      const id = target.closest<HTMLElement>('.tile')?.dataset['point'];
      if (id !== undefined) this.choice.toggle(id);
    }
  }

  protected async act(action: BatchAction): Promise<void> {
    const tiles = this.shown().filter((tile) => this.choice.chosen().has(tile.point.id));
    const meterIds = [
      ...new Set(tiles.flatMap(({ point }) => (point.mounting === null ? [] : [point.mounting.meterId]))),
    ];
    const question: ControlQuestion = {
      action,
      meterIds,
      name: tiles.length === 1 ? (tiles[0]?.name ?? null) : null,
    };
    const batch = await this.dialogs.open<CommandBatch, ControlQuestion>(ControlDialog, question);
    if (batch === undefined) return;
    this.choice.clear();
    await this.openBatches(batch.batchId);
  }

  protected async openBatches(batchId: string | null): Promise<void> {
    await this.dialogs.open(BatchDialog, { batchId }, { wide: true });
    this.accounts.reload();
    this.meterStates.reload();
  }

  /** Page by page: a meter whose account were left out would be told as unopened. */
  private async allAccounts(projectId: string, abort: AbortSignal): Promise<readonly AccountRow[]> {
    const found: AccountRow[] = [];
    let after: string | null = null;
    do {
      const page: AccountList = await this.billing.accounts(projectId, { limit: accountsMax, after }, abort);
      found.push(...page.accounts);
      after = page.next;
    } while (after !== null);
    return found;
  }

  private async allMeterStates(projectId: string, abort: AbortSignal): Promise<readonly MeterState[]> {
    const found: MeterState[] = [];
    let after: string | null = null;
    do {
      const page: MeterStates = await this.metering.meterStates(projectId, abort, { after });
      found.push(...page.meters);
      after = page.next;
    } while (after !== null);
    return found;
  }

  private tileOf(point: TreePoint): WallTile {
    const path = this.site.pathOfPlace(point.placeId);
    const room = path.at(-1);
    const account = this.accountOfPoint().get(point.id) ?? null;
    const event = account === null ? undefined : this.live.accounts().get(account.accountId);
    const meter = this.stateOfMeter().get(point.mounting?.meterId ?? '') ?? null;
    const telemetry = meter === null ? undefined : this.live.telemetry().get(meter.meterId);
    const mayKnow = this.accounts.value() !== undefined;
    const tenant = this.site.tenants().get(point.tenantId ?? '');
    const tenantName = account?.tenantName ?? tenant?.name ?? null;
    return {
      point,
      state: wallStateOf({
        online: telemetry?.online ?? meter?.online ?? null,
        relay: event?.reportedRelay ?? telemetry?.relay ?? meter?.relay ?? 'unknown',
        account: !mayKnow
          ? undefined
          : account === null
            ? null
            : {
                stage: event?.stage ?? account.stage,
                mode: account.supply.mode,
                protectedSupply: account.supply.protectedSupply,
              },
      }),
      // Where several meters hang in one room, each goes by its own name.
      name:
        room?.kind === 'room' && this.pointsInPlace().get(room.id) === 1
          ? placeBeside(room.name, tenantName) || room.name
          : point.name,
      tenantName,
      tenantCode: account?.tenantCode ?? tenant?.code ?? null,
      areaId: (path.find((place) => place.kind === 'area') ?? path[0])?.id ?? null,
      floorId:
        (
          path.find((place) => place.kind === 'floor') ??
          path.find((place) => place.kind === 'area') ??
          path[0]
        )?.id ?? null,
      account,
      balanceMicros: event?.balanceMicros ?? account?.balanceMicros ?? null,
      meter,
      lastReadingMs:
        Math.max(telemetry?.online === true ? telemetry.at : 0, meter?.lastReadingMs ?? 0) || null,
    };
  }

  private byFloor(tiles: readonly WallTile[]) {
    const order = new Map(
      (this.site.tree.value()?.places ?? []).map((place, index) => [
        place.id,
        place.sortOrder * 100_000 + index,
      ]),
    );
    const floors = new Map<string, WallTile[]>();
    // Made once: comparing ten thousand names by locale one by one takes a second.
    const collator = new Intl.Collator(this.formats.locale(), { numeric: true });
    for (const tile of tiles) {
      const id = tile.floorId ?? '';
      const list = floors.get(id);
      if (list === undefined) floors.set(id, [tile]);
      else list.push(tile);
    }
    return [...floors]
      .sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
      .map(([id, list]) => ({
        id,
        name: this.site.places().get(id)?.name ?? this.t('wall.nowhere'),
        tiles: list.sort((a, b) => collator.compare(a.name, b.name)),
      }));
  }
}
