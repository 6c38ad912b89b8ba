// SPDX-License-Identifier: Apache-2.0
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { Component, computed, inject, signal } from '@angular/core';
import type { GatewayDetail } from '@wattledger/contracts/http/registry';
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
import {
  draftOf,
  emptyTransport,
  transportOf,
  wholeBetween,
  type TransportDraft,
} from './transport-draft.ts';
import { TransportFields } from './transport-fields.ts';

export interface GatewayDialogData {
  /** Null: a new one. */
  readonly gateway: GatewayDetail | null;
}

/** Adds a gateway, or changes how one is reached and how often its meters are read. */
@Component({
  selector: 'wl-gateway-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, IntervalField, SwitchPassword, TransportFields],
  template: `
    <wl-dialog-frame
      [heading]="gateway === null ? t('gateway.add') : t('gateway.edit-of', { name: gateway.name })"
    >
      <div class="form-grid">
        <label class="field">
          <span class="label">{{ t('wall.code') }}</span>
          <input
            #codeBox
            class="input"
            maxlength="64"
            autocomplete="off"
            [disabled]="gateway !== null"
            [value]="code()"
            (input)="code.set(codeBox.value)"
          />
        </label>
        <label class="field">
          <span class="label">{{ t('devices.name') }}</span>
          <input
            #nameBox
            class="input"
            maxlength="200"
            autocomplete="off"
            [value]="name()"
            (input)="name.set(nameBox.value)"
          />
        </label>
      </div>
      <wl-transport-fields [(draft)]="transport" />
      <div class="form-grid">
        <wl-interval-field [(seconds)]="interval" [inherited]="projectInterval()" />
        <label class="field">
          <span class="label">{{ t('gateway.timeout') }}</span>
          <input
            #timeoutBox
            class="input"
            inputmode="numeric"
            [attr.aria-invalid]="timeoutMs() === null"
            [value]="timeout()"
            (input)="timeout.set(timeoutBox.value)"
          />
          <span class="hint">{{ t('gateway.timeout.hint') }}</span>
        </label>
      </div>
      <label class="check"
        ><input
          #enabledBox
          type="checkbox"
          [checked]="enabled()"
          (change)="enabled.set(enabledBox.checked)"
        />{{ t('gateway.enabled') }}</label
      >
      @if (gateway !== null && needsPassword()) {
        <wl-switch-password kind="gateways" [subjectId]="gateway.id" />
      }
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="gateway === null ? t('do.add') : t('do.save')"
        [disabled]="body() === null || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class GatewayDialog {
  private readonly devices = inject(DevicesApi);
  private readonly site = inject(Site);
  protected readonly gateway = inject<GatewayDialogData>(DIALOG_DATA).gateway;
  protected readonly dialog = inject<DialogRef<GatewayDetail>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly code = signal(this.gateway?.code ?? '');
  protected readonly name = signal(this.gateway?.name ?? '');
  protected readonly transport = signal<TransportDraft>(
    this.gateway === null ? emptyTransport : draftOf(this.gateway.transport),
  );
  protected readonly interval = signal(this.gateway?.pollIntervalSeconds ?? null);
  protected readonly timeout = signal(String(this.gateway?.timeoutMs ?? 1000));
  protected readonly timeoutMs = computed(() => wholeBetween(this.timeout(), 50, 60_000));
  protected readonly enabled = signal(this.gateway?.enabled ?? true);
  protected readonly projectInterval = computed(
    () => this.site.tree.value()?.project.pollIntervalSeconds ?? null,
  );
  private readonly known = ask({
    params: () => (this.gateway === null ? undefined : true),
    load: (_, abort) => this.devices.registerMaps(abort),
  });
  /** Some meter behind it speaks the one protocol that knows passwords of switches. */
  protected readonly needsPassword = computed(() => {
    const maps = (this.known.value()?.maps ?? []).filter(({ protocol }) => protocol === 'dlt645');
    const modelIds = new Set(maps.map(({ modelId }) => modelId));
    return (this.site.tree.value()?.meters ?? []).some(
      ({ gatewayId, modelId }) => gatewayId === this.gateway?.id && modelId !== null && modelIds.has(modelId),
    );
  });
  protected readonly command = command();
  protected readonly body = computed(() => {
    const [code, name] = [this.code().trim(), this.name().trim()];
    const [transport, timeoutMs] = [transportOf(this.transport()), this.timeoutMs()];
    if (code === '' || name === '' || transport === null || timeoutMs === null) return null;
    const [pollIntervalSeconds, enabled] = [this.interval(), this.enabled()];
    return { code, name, transport, timeoutMs, pollIntervalSeconds, enabled };
  });

  protected async save(): Promise<void> {
    const body = this.body();
    const projectId = this.site.projectId() ?? '';
    if (body === null) return;
    const { code: _code, ...change } = body;
    const saved = await this.command.run(body, (key) =>
      this.gateway === null
        ? this.devices.addGateway(projectId, body, key)
        : this.devices.changeGateway(projectId, this.gateway.id, change),
    );
    if (saved !== undefined) this.dialog.close(saved);
  }
}
