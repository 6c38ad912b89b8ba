// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { MeterSnapshot } from '@wattledger/contracts';
import type { GatewayDetail } from '@wattledger/contracts/http/registry';
import { Answer } from '../../api/answer.ts';
import { DevicesApi } from '../../api/devices-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { DeviceChip } from '../../devices/device-chip.ts';
import { stateOfGateway, stateOfMeter, type DeviceState } from '../../devices/device-state.ts';
import { formatSeconds } from '../../devices/duration.ts';
import { GatewayDialog, type GatewayDialogData } from '../../devices/gateway-dialog.ts';
import { SignalBars } from '../../devices/signal-bars.ts';
import { addressOf } from '../../devices/transport-words.ts';
import { MeterDialog, type MeterDialogData } from '../../devices/meter-dialog.ts';
import { Formats } from '../../format/formats.ts';
import { everySeconds } from '../../live/every-seconds.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { FaultBars } from './fault-bars.ts';
import { RemoveGatewayDialog } from './remove-gateway-dialog.ts';

const refreshSeconds = 5;

/** One gateway: how it is reached, how its cycles go, what fails and why, and the meters behind it. */
@Component({
  selector: 'wl-gateway-page',
  imports: [Answer, DeviceChip, FaultBars, FigureTile, Icon, RouterLink, SignalBars, TableBox],
  templateUrl: './gateway-page.html',
  styleUrl: './gateway-page.css',
})
export class GatewayPage {
  /** From the address. */
  readonly gatewayId = input.required<string>();
  private readonly devices = inject(DevicesApi);
  private readonly metering = inject(MeteringApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly router = inject(Router);
  private readonly clock = inject(Clock);
  private readonly live = inject(LiveValues);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly asking = signal<ReadonlySet<string>>(new Set());
  private readonly subject = computed(() => {
    const projectId = this.site.projectId();
    return projectId === null ? undefined : { projectId, gatewayId: this.gatewayId() };
  });

  protected readonly gateway = ask({
    params: () => this.subject(),
    load: ({ projectId, gatewayId }, abort) => this.devices.gateway(projectId, gatewayId, abort),
    subject: ({ gatewayId }) => gatewayId,
  });
  private readonly gatewayStates = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.metering.gatewayStates(projectId, abort),
    subject: (projectId) => projectId,
  });
  private readonly meterStates = ask({
    params: () => this.subject(),
    load: ({ projectId, gatewayId }, abort) => this.devices.meterStates(projectId, gatewayId, abort),
    subject: ({ gatewayId }) => gatewayId,
  });
  protected readonly figures = computed(() =>
    this.gatewayStates.value()?.gateways.find((state) => state.gatewayId === this.gatewayId()),
  );
  protected readonly state = computed<DeviceState>(() => {
    const gateway = this.gateway.value();
    const silent = this.meters().filter(({ state }) => state === 'offline').length;
    return gateway === undefined ? 'not-polled' : stateOfGateway(gateway, this.figures(), silent);
  });
  protected readonly interval = computed(
    () =>
      this.gateway.value()?.pollIntervalSeconds ??
      this.site.tree.value()?.project.pollIntervalSeconds ??
      null,
  );
  protected readonly meters = computed(() => {
    const states = new Map(this.meterStates.value()?.map((state) => [state.meterId, state]) ?? []);
    return (this.site.tree.value()?.meters ?? [])
      .filter((meter) => meter.gatewayId === this.gatewayId())
      .map((meter) => {
        const figures = states.get(meter.id);
        const telemetry = this.live.telemetry().get(meter.id);
        const state =
          figures === undefined || telemetry === undefined
            ? figures
            : { ...figures, online: telemetry.online };
        return {
          meter,
          figures,
          state: stateOfMeter(meter, state),
          point: this.site.pointsOfMeter().get(meter.id)?.[0] ?? null,
          lastReadingMs:
            Math.max(telemetry?.online === true ? telemetry.at : 0, figures?.lastReadingMs ?? 0) || null,
        };
      })
      .sort(
        (a, b) =>
          (a.meter.unitId ?? 0) - (b.meter.unitId ?? 0) || a.meter.serial.localeCompare(b.meter.serial),
      );
  });
  protected readonly online = computed(() => this.meters().filter(({ state }) => state === 'online').length);

  constructor() {
    everySeconds(refreshSeconds, () => {
      this.gatewayStates.reload();
      this.meterStates.reload();
    });
  }

  protected readonly addressOf = addressOf;

  protected seconds(seconds: number | null): string {
    return seconds === null ? '–' : formatSeconds(seconds, this.formats.locale());
  }

  protected age(atMs: number | null | undefined): string {
    return atMs === null || atMs === undefined
      ? '–'
      : this.formats.age(Math.max(0, this.clock.nowMs() - atMs));
  }

  protected async edit(gateway: GatewayDetail): Promise<void> {
    const saved = await this.dialogs.open<GatewayDetail, GatewayDialogData>(
      GatewayDialog,
      { gateway },
      { wide: true },
    );
    if (saved !== undefined) this.saved(saved.name);
  }

  protected async switchOn(gateway: GatewayDetail, enabled: boolean): Promise<void> {
    try {
      await this.devices.changeGateway(gateway.projectId, gateway.id, { enabled });
      this.saved(gateway.name);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected async remove(gateway: GatewayDetail): Promise<void> {
    if ((await this.dialogs.open<boolean>(RemoveGatewayDialog, gateway)) !== true) return;
    this.notices.done(this.t('gateway.removed', { name: gateway.name }));
    this.site.tree.reload();
    await this.router.navigate(['/p', gateway.projectId, 'devices']);
  }

  protected async editMeter(meter: MeterSnapshot): Promise<void> {
    const saved = await this.dialogs.open<boolean, MeterDialogData>(MeterDialog, {
      meter,
      inherited: this.interval(),
    });
    if (saved === true) this.saved(meter.serial);
  }

  protected async readNow(meterId: string): Promise<void> {
    this.asking.update((ids) => new Set(ids).add(meterId));
    try {
      await this.metering.readNow(this.site.projectId() ?? '', meterId, this.t('meter.read-now-reason'));
      this.notices.done(this.t('meter.read-now-sent'));
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.asking.update((ids) => new Set([...ids].filter((id) => id !== meterId)));
    }
  }

  private saved(name: string): void {
    this.notices.done(this.t('gateway.saved', { name }));
    this.gateway.reload();
    this.gatewayStates.reload();
    this.site.tree.reload();
  }
}
