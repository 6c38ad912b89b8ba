// SPDX-License-Identifier: Apache-2.0
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { Component, computed, inject, signal } from '@angular/core';
import type { MeterSnapshot } from '@wattledger/contracts';
import { command } from '../api/command.ts';
import { DevicesApi } from '../api/devices-api.ts';
import { ask } from '../api/question.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { IntervalField } from './interval-field.ts';
import { SwitchPassword } from './switch-password.ts';
import { wholeBetween } from './transport-draft.ts';

export interface MeterDialogData {
  readonly meter: MeterSnapshot;
  /** What holds when the meter has no interval of its own. */
  readonly inherited: number | null;
}

/** Changes how a meter is read: model, address on its line, interval, switched off or on. */
@Component({
  selector: 'wl-meter-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, IntervalField, SwitchPassword],
  template: `
    <wl-dialog-frame [heading]="t('meter.edit-of', { serial: data.meter.serial })">
      <div class="form-grid">
        <label class="field whole">
          <span class="label">{{ t('meter.model') }}</span>
          <select #modelBox class="select" (change)="modelId.set(modelBox.value || null)">
            <option value="" [selected]="modelId() === null">{{ t('meter.no-model') }}</option>
            @for (map of maps(); track map.modelId) {
              <option [value]="map.modelId" [selected]="map.modelId === modelId()">
                {{ map.vendor }} {{ map.model }}
              </option>
            }
          </select>
        </label>
        <label class="field whole">
          <span class="label">{{ t('wall.gateway') }}</span>
          <select #gatewayBox class="select" (change)="gatewayId.set(gatewayBox.value || null)">
            <option value="" [selected]="gatewayId() === null">{{ t('devices.loose') }}</option>
            @for (gateway of gateways(); track gateway.id) {
              <option [value]="gateway.id" [selected]="gateway.id === gatewayId()">
                {{ gateway.name }} · {{ gateway.code }}
              </option>
            }
          </select>
        </label>
        <label class="field">
          <span class="label">{{ t('meter.unit-id') }}</span>
          <input
            #unitBox
            class="input"
            inputmode="numeric"
            [disabled]="gatewayId() === null"
            [value]="unit()"
            (input)="unit.set(unitBox.value)"
          />
        </label>
        <label class="field">
          <span class="label">{{ t('meter.line-address') }}</span>
          <input
            #lineBox
            class="input mono"
            maxlength="64"
            [disabled]="gatewayId() === null"
            [value]="lineAddress()"
            (input)="lineAddress.set(lineBox.value)"
          />
          <span class="hint">{{ t('meter.line-address.hint') }}</span>
        </label>
        <wl-interval-field [(seconds)]="interval" [inherited]="data.inherited" />
      </div>
      <label class="check"
        ><input
          #enabledBox
          type="checkbox"
          [checked]="enabled()"
          (change)="enabled.set(enabledBox.checked)"
        />{{ t('meter.enabled') }}</label
      >
      @if (needsPassword()) {
        <wl-switch-password kind="meters" [subjectId]="data.meter.id" />
      }
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.save')"
        [disabled]="body() === null || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class MeterDialog {
  private readonly devices = inject(DevicesApi);
  private readonly site = inject(Site);
  protected readonly data = inject<MeterDialogData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  private readonly known = ask({
    params: () => true,
    load: (_, abort) => this.devices.registerMaps(abort),
  });
  protected readonly maps = computed(() =>
    [...(this.known.value()?.maps ?? [])].sort((a, b) =>
      `${a.vendor} ${a.model}`.localeCompare(`${b.vendor} ${b.model}`),
    ),
  );
  /** Of the model chosen here: only one protocol knows passwords of switches. */
  protected readonly needsPassword = computed(
    () => this.maps().find(({ modelId }) => modelId === this.modelId())?.protocol === 'dlt645',
  );
  protected readonly modelId = signal(this.data.meter.modelId);
  protected readonly gateways = computed(() => this.site.tree.value()?.gateways ?? []);
  protected readonly gatewayId = signal(this.data.meter.gatewayId);
  protected readonly unit = signal(String(this.data.meter.unitId ?? ''));
  protected readonly lineAddress = signal(this.data.meter.lineAddress ?? '');
  protected readonly interval = signal(this.data.meter.pollIntervalSeconds);
  protected readonly enabled = signal(this.data.meter.enabled);
  protected readonly command = command();
  protected readonly body = computed(() => {
    const [modelId, gatewayId] = [this.modelId(), this.gatewayId()];
    const [pollIntervalSeconds, enabled] = [this.interval(), this.enabled()];
    // An address means nothing without the line it is on.
    if (gatewayId === null) {
      return { modelId, gatewayId, unitId: null, lineAddress: null, pollIntervalSeconds, enabled };
    }
    const unitId = this.unit().trim() === '' ? null : wholeBetween(this.unit(), 1, 247);
    const lineAddress = this.lineAddress().trim() === '' ? null : this.lineAddress().trim();
    if (this.unit().trim() !== '' && unitId === null) return null;
    return { modelId, gatewayId, unitId, lineAddress, pollIntervalSeconds, enabled };
  });

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const saved = await this.command.run(body, () =>
      this.devices.changeMeter(this.site.projectId() ?? '', this.data.meter.id, body),
    );
    if (saved !== undefined) this.dialog.close(true);
  }
}
