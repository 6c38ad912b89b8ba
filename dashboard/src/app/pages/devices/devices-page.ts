// SPDX-License-Identifier: Apache-2.0
import { CdkFixedSizeVirtualScroll, CdkVirtualForOf, CdkVirtualScrollViewport } from '@angular/cdk/scrolling';
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { GatewayTransportKind } from '@wattledger/contracts';
import { Answer } from '../../api/answer.ts';
import { DevicesApi } from '../../api/devices-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { DeviceChip } from '../../devices/device-chip.ts';
import { deviceStateLooks, deviceStates, type DeviceState } from '../../devices/device-state.ts';
import { formatSeconds } from '../../devices/duration.ts';
import { GatewayDialog, type GatewayDialogData } from '../../devices/gateway-dialog.ts';
import { IntervalDialog, type IntervalDialogData } from '../../devices/interval-dialog.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FitViewport } from '../../look/fit-viewport.ts';
import { Icon } from '../../look/icon.ts';
import { Screen } from '../../look/screen.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { deviceLines, type DeviceLine, type GatewayLine } from './device-lines.ts';
import { UnclaimedCard } from './unclaimed-card.ts';

/** Up to so many meters the whole tree is shown at once. */
const openMetersMax = 60;
const lineHeights = { wide: 48, narrow: 64 } as const;

/** Every gateway and meter of the project: who answers, who does not, and since when; what calls in unclaimed on top. */
@Component({
  selector: 'wl-devices-page',
  imports: [
    Answer,
    CdkFixedSizeVirtualScroll,
    CdkVirtualForOf,
    CdkVirtualScrollViewport,
    DeviceChip,
    FitViewport,
    Icon,
    RouterLink,
    UnclaimedCard,
  ],
  templateUrl: './devices-page.html',
  styleUrl: './devices-page.css',
})
export class DevicesPage {
  private readonly devices = inject(DevicesApi);
  private readonly metering = inject(MeteringApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly clock = inject(Clock);
  private readonly screen = inject(Screen);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly states = deviceStates;
  protected readonly looks = deviceStateLooks;
  private readonly toggled = signal<ReadonlySet<string>>(new Set());
  protected readonly lineHeight = computed(() =>
    this.screen.narrow() ? lineHeights.narrow : lineHeights.wide,
  );
  protected readonly text = computed(() => this.selection.text('q') ?? '');
  protected readonly shownStates = computed(() => this.selection.list('state'));

  private readonly meterStates = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.devices.meterStates(projectId, null, abort),
    subject: (projectId) => projectId,
  });
  private readonly gatewayStates = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.metering.gatewayStates(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly project = computed(() => this.site.tree.value()?.project ?? null);
  protected readonly tree = computed(() => ({
    gateways: this.site.tree.value()?.gateways ?? [],
    meters: this.site.tree.value()?.meters ?? [],
    gatewayStates: new Map(
      this.gatewayStates.value()?.gateways.map((state) => [state.gatewayId, state]) ?? [],
    ),
    meterStates: new Map(this.meterStates.value()?.map((state) => [state.meterId, state]) ?? []),
  }));
  protected readonly shown = computed(() =>
    deviceLines(this.tree(), {
      text: this.text(),
      states: this.shownStates(),
      openAtFirst: this.tree().meters.length <= openMetersMax,
      toggled: this.toggled(),
      namesOf: (meterId) => this.pointNames().get(meterId) ?? '',
    }),
  );
  private readonly pointNames = computed(
    () =>
      new Map(
        [...this.site.pointsOfMeter()].map(([meterId, points]) => [
          meterId,
          points.map((point) => `${point.code} ${point.name}`).join(' '),
        ]),
      ),
  );

  constructor() {
    keepFresh(['telemetry'], [this.meterStates, this.gatewayStates], 15_000);
  }

  protected readonly trackLine = (_index: number, line: DeviceLine): string => line.id;

  protected toggle(id: string): void {
    this.toggled.update((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }

  protected toggleState(state: DeviceState): void {
    const states = this.shownStates();
    const next = states.includes(state) ? states.filter((other) => other !== state) : [...states, state];
    this.selection.patch({ state: next.length === 0 ? null : next.join(',') }, { replace: true });
  }

  protected age(atMs: number | null | undefined): string {
    return atMs === null || atMs === undefined
      ? '–'
      : this.formats.age(Math.max(0, this.clock.nowMs() - atMs));
  }

  protected seconds(seconds: number): string {
    return formatSeconds(seconds, this.formats.locale());
  }

  protected intervalOf(gateway: GatewayLine['gateway']): string {
    return this.seconds(gateway.pollIntervalSeconds ?? this.project()?.pollIntervalSeconds ?? 0);
  }

  protected kindOf(kind: GatewayTransportKind): string {
    return this.t(`transport.${kind}`);
  }

  protected pointOf(meterId: string): { readonly id: string; readonly name: string } | null {
    return this.site.pointsOfMeter().get(meterId)?.[0] ?? null;
  }

  protected async changeInterval(): Promise<void> {
    const project = this.project();
    if (project === null) return;
    const seconds = await this.dialogs.open<number | null, IntervalDialogData>(IntervalDialog, {
      heading: this.t('interval.of-project', { name: project.name }),
      seconds: project.pollIntervalSeconds,
      inherited: null,
      save: async (pollIntervalSeconds) => {
        await this.devices.changeProject(project.id, {
          pollIntervalSeconds: pollIntervalSeconds ?? undefined,
        });
      },
    });
    if (seconds === undefined) return;
    this.notices.done(this.t('interval.saved'));
    this.site.tree.reload();
  }

  protected async addGateway(): Promise<void> {
    const gateway = await this.dialogs.open<{ readonly code: string }, GatewayDialogData>(
      GatewayDialog,
      { gateway: null },
      { wide: true },
    );
    if (gateway === undefined) return;
    this.notices.done(this.t('gateway.added', { name: gateway.code }));
    this.site.tree.reload();
  }
}
