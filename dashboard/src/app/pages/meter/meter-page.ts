// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { MeterSnapshot } from '@wattledger/contracts';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ControlApi } from '../../api/control-api.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { MeterControl } from '../../control/meter-control.ts';
import { DeviceChip } from '../../devices/device-chip.ts';
import { stateOfMeter } from '../../devices/device-state.ts';
import { formatSeconds } from '../../devices/duration.ts';
import { MeterDialog, type MeterDialogData } from '../../devices/meter-dialog.ts';
import { SignalBars } from '../../devices/signal-bars.ts';
import { Formats } from '../../format/formats.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { LiveValues } from '../../live/live-values.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { CommandList } from '../../metering/command-list.ts';
import { meterNow } from '../../metering/meter-now.ts';
import { MountingTab } from '../../metering/mounting-tab.ts';
import { circuitsOf } from '../../metering/parameter-families.ts';
import { ProfileTab } from '../../metering/profile-tab.ts';
import { ReadingsTab } from '../../metering/readings-tab.ts';
import { RelayChip } from '../../money/relay-chip.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { AlarmRows } from '../alarms/alarm-list.ts';
import { ElectricalCard } from './electrical-card.ts';
import { ParameterHistory } from './parameter-history.ts';

const tabs = ['electrical', 'profile', 'readings', 'mounting', 'commands', 'alarms'] as const;
type Tab = (typeof tabs)[number];
const alarmsShown = 50;

/** One meter: who it is, what it sees now and saw before, what it was told, what was wrong with it. */
@Component({
  selector: 'wl-meter-page',
  imports: [
    AlarmRows,
    Answer,
    CommandList,
    DeviceChip,
    ElectricalCard,
    Icon,
    MeterControl,
    MountingTab,
    ParameterHistory,
    ProfileTab,
    ReadingsTab,
    RelayChip,
    RouterLink,
    SignalBars,
  ],
  templateUrl: './meter-page.html',
  styleUrl: './meter-page.css',
})
export class MeterPage {
  /** From the address. */
  readonly meterId = input.required<string>();
  private readonly registry = inject(RegistryApi);
  private readonly metering = inject(MeteringApi);
  private readonly billing = inject(BillingApi);
  private readonly control = inject(ControlApi);
  private readonly alarmsApi = inject(AlarmsApi);
  private readonly live = inject(LiveValues);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly asking = signal(false);
  protected readonly now = meterNow(this.meterId);
  protected readonly meter = computed(() => this.site.meters().get(this.meterId()) ?? null);
  protected readonly gateway = computed(
    () => this.site.gateways().get(this.meter()?.gatewayId ?? '') ?? null,
  );
  protected readonly state = computed(() => {
    const meter = this.meter();
    const known = this.now.state();
    if (meter === null) return 'not-polled';
    return stateOfMeter(meter, known === null ? undefined : { ...known, online: this.now.online() });
  });
  protected readonly serial = computed(() => this.meter()?.serial ?? this.now.state()?.serial ?? '');
  protected readonly model = computed(() => {
    const map = this.now.map();
    return map === null ? (this.meter()?.modelId ?? null) : `${map.vendor} ${map.model}`;
  });
  /** Points that it counts at now; a cabinet counts at many. */
  protected readonly points = computed(() => this.site.pointsOfMeter().get(this.meterId()) ?? []);
  protected readonly point = computed(
    () => this.points().find(({ id }) => id === this.selection.text('point')) ?? this.points()[0] ?? null,
  );
  protected readonly tenant = computed(() => this.site.tenants().get(this.point()?.tenantId ?? '') ?? null);
  /** A meter of water or gas has values of its own kind. */
  protected readonly electrical = computed(() => (this.point()?.medium ?? 'electricity') === 'electricity');
  protected readonly circuits = computed(() => circuitsOf(Object.keys(this.now.parameters())));
  protected readonly circuit = computed(() =>
    this.circuits().length === 0
      ? null
      : this.selection.choice('circuit', this.circuits(), this.circuits()[0] ?? ''),
  );
  protected readonly tabs = computed(() =>
    tabs.filter((tab) => {
      if (tab === 'alarms') return this.site.may('alarm:read');
      return tab !== 'profile' || this.site.may('energy:read');
    }),
  );
  protected readonly tab = computed<Tab>(() => this.selection.choice('tab', this.tabs(), 'electrical'));

  private readonly atPoint = computed(() => {
    const projectId = this.site.projectId();
    const point = this.point();
    return projectId === null || point === null ? undefined : { projectId, pointId: point.id };
  });
  protected readonly detail = ask({
    params: () => (['profile', 'mounting'].includes(this.tab()) ? this.atPoint() : undefined),
    load: ({ projectId, pointId }, abort) => this.registry.point(projectId, pointId, abort),
    subject: ({ pointId }) => pointId,
  });
  private readonly accounts = ask({
    params: () => (this.site.may('account:read') ? this.atPoint() : undefined),
    load: ({ projectId, pointId }, abort) =>
      this.billing.accounts(projectId, { meteringPointId: pointId, limit: 1 }, abort),
    subject: ({ pointId }) => pointId,
  });
  protected readonly account = computed(() => this.accounts.value()?.accounts[0] ?? null);
  private readonly orders = ask({
    params: () => (this.now.state()?.switchable === true ? (this.site.projectId() ?? undefined) : undefined),
    load: (projectId, abort) => this.control.orders(projectId, abort),
    subject: (projectId) => projectId,
  });
  private readonly gateways = ask({
    params: () => (this.gateway() === null ? undefined : (this.site.projectId() ?? undefined)),
    load: (projectId, abort) => this.metering.gatewayStates(projectId, abort),
    subject: (projectId) => projectId,
  });
  /** Reception of the gateway (or of the meter's own modem), where it tells it. */
  protected readonly signalDbm = computed(
    () =>
      this.gateways.value()?.gateways.find(({ gatewayId }) => gatewayId === this.gateway()?.id)?.signalDbm ??
      null,
  );
  /** What the account wants of the switch; without an account what a person ordered. */
  protected readonly desired = computed(() => {
    const account = this.account();
    if (account !== null)
      return this.live.accounts().get(account.accountId)?.desiredRelay ?? account.supply.desiredRelay;
    return (
      this.orders.value()?.orders.find((order) => order.meterId === this.meterId())?.desiredRelay ?? null
    );
  });
  protected readonly alarms = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null || this.tab() !== 'alarms') return undefined;
      return {
        projectId,
        subjectIds: [this.meterId(), ...(this.point() === null ? [] : [this.point()!.id])],
      };
    },
    load: async ({ projectId, subjectIds }, abort) => {
      const lists = await Promise.all(
        subjectIds.map(
          async (subjectId) =>
            await this.alarmsApi.alarms(projectId, { subjectId, state: 'any', limit: alarmsShown }, abort),
        ),
      );
      return lists.flatMap((list) => list.alarms).sort((a, b) => b.openedAtMs - a.openedAtMs);
    },
    subject: ({ subjectIds }) => subjectIds.join(),
  });

  constructor() {
    keepFresh(['alarms'], [this.alarms], 5_000);
    keepFresh(['commands'], [this.orders], 5_000);
  }

  protected interval(seconds: number): string {
    return formatSeconds(seconds, this.formats.locale());
  }

  protected async readNow(): Promise<void> {
    this.asking.set(true);
    try {
      await this.metering.readNow(
        this.site.projectId() ?? '',
        this.meterId(),
        this.t('meter.read-now-reason'),
      );
      this.notices.done(this.t('meter.read-now-sent'));
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.asking.set(false);
    }
  }

  protected async edit(meter: MeterSnapshot): Promise<void> {
    const inherited =
      this.gateway()?.pollIntervalSeconds ?? this.site.tree.value()?.project.pollIntervalSeconds ?? null;
    const saved = await this.dialogs.open<boolean, MeterDialogData>(MeterDialog, { meter, inherited });
    if (saved !== true) return;
    this.notices.done(this.t('gateway.saved', { name: meter.serial }));
    this.site.tree.reload();
    this.now.detail.reload();
  }
}
