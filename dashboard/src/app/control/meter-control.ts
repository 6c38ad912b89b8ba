// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { MeterSetting } from '@wattledger/contracts';
import type { BatchAction, CommandBatch } from '@wattledger/contracts/http/commands';
import { Answer } from '../api/answer.ts';
import { ControlApi } from '../api/control-api.ts';
import { DevicesApi } from '../api/devices-api.ts';
import { MeteringApi } from '../api/metering-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { keepFresh } from '../live/keep-fresh.ts';
import { Dialogs } from '../look/dialogs.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { BatchDialog } from './batch-dialog.ts';
import { ControlDialog, type ControlQuestion } from './control-dialog.ts';
import { TouPlanDialog } from './tou-plan-dialog.ts';

const forAccounts: readonly BatchAction[] = ['forced-on', 'forced-off', 'automatic'];
const forOrders: readonly BatchAction[] = ['connect', 'disconnect', ...forAccounts];

/** What one meter is wanted to do and does, and what a person may order. */
@Component({
  selector: 'wl-meter-control',
  imports: [Answer, Icon],
  templateUrl: './meter-control.html',
  styles: `
    .note {
      margin-top: 12px;
    }
    .cuts {
      color: var(--bad);
    }
    .row {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      margin-top: 8px;
    }
  `,
})
export class MeterControl {
  readonly meterId = input.required<string>();
  readonly hasAccount = input.required<boolean>();
  private readonly control = inject(ControlApi);
  private readonly metering = inject(MeteringApi);
  private readonly devices = inject(DevicesApi);
  private readonly dialogs = inject(Dialogs);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly orders = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.control.orders(projectId, abort),
    subject: (projectId) => projectId,
  });
  private readonly detail = ask({
    params: () => ({ projectId: this.site.projectId() ?? '', meterId: this.meterId() }),
    load: ({ projectId, meterId }, abort) => this.metering.meterState(projectId, meterId, abort),
    subject: ({ meterId }) => meterId,
  });
  protected readonly state = computed(() => this.detail.value()?.state ?? null);
  private readonly map = ask({
    params: () => this.state()?.modelId ?? undefined,
    load: (modelId, abort) => this.devices.registerMap(modelId, abort),
    subject: (modelId) => modelId,
  });
  protected readonly settings = computed(() => this.map.value()?.settings ?? []);
  /** A meter that can neither be switched nor set needs no card. */
  protected readonly shown = computed(() => {
    const state = this.state();
    return state?.switchable === true || this.settings().length > 0 ? state : null;
  });
  protected readonly order = computed(
    () => this.orders.value()?.orders.find((order) => order.meterId === this.meterId()) ?? null,
  );
  protected readonly actions = computed(() => (this.hasAccount() ? forAccounts : forOrders));

  constructor() {
    keepFresh(['commands', 'telemetry'], [this.orders, this.detail], 5_000);
  }

  protected async act(action: BatchAction, setting?: MeterSetting): Promise<void> {
    const question: ControlQuestion = {
      action,
      meterIds: [this.meterId()],
      name: this.state()?.serial ?? null,
      ...(setting === undefined ? {} : { setting }),
    };
    const batch = await this.dialogs.open<CommandBatch, ControlQuestion>(ControlDialog, question);
    if (batch === undefined) return;
    await this.dialogs.open(BatchDialog, { batchId: batch.batchId }, { wide: true });
    this.orders.reload();
    this.detail.reload();
  }

  protected async set(kind: 'clock' | 'tou-plan'): Promise<void> {
    const setting: MeterSetting | undefined =
      kind === 'clock'
        ? { kind: 'clock', byteOrderConfirmed: false }
        : await this.dialogs.open<MeterSetting>(TouPlanDialog, null, { wide: true });
    if (setting !== undefined) await this.act('setting', setting);
  }
}
