// SPDX-License-Identifier: Apache-2.0
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { Component, inject } from '@angular/core';
import type { GatewayDetail } from '@wattledger/contracts/http/registry';
import { command } from '../../api/command.ts';
import { DevicesApi } from '../../api/devices-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Words } from '../../words/words.ts';

/** Removes a gateway, which also gives a claimed serial back; one with meters stays. */
@Component({
  selector: 'wl-remove-gateway-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('gateway.remove-of', { name: gateway.name })">
      <p>{{ t(gateway.meters > 0 ? 'gateway.remove-meters' : 'gateway.remove-text') }}</p>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('gateway.remove')"
        [danger]="true"
        [disabled]="gateway.meters > 0 || command.busy()"
        (confirmed)="remove()"
      />
    </wl-dialog-frame>
  `,
})
export class RemoveGatewayDialog {
  private readonly devices = inject(DevicesApi);
  protected readonly gateway = inject<GatewayDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly command = command();

  protected async remove(): Promise<void> {
    const removed = await this.command.run({}, async () => {
      await this.devices.removeGateway(this.gateway.projectId, this.gateway.id);
      return true;
    });
    if (removed === true) this.dialog.close(true);
  }
}
