// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type {
  AccountDetail,
  AccountSupply,
  SupplyMode,
  SupplyModeBody,
} from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

const modes: readonly SupplyMode[] = ['automatic', 'forced-on', 'forced-off'];

/** Takes the switch out of the programme's hands, or gives it back; with a reason that is kept. */
@Component({
  selector: 'wl-supply-mode-dialog',
  imports: [DialogFrame, FaultNote, Icon],
  template: `
    <wl-dialog-frame [heading]="t('supply-mode.title', { name: account.tenantName })">
      <div class="modes" role="radiogroup" [attr.aria-label]="t('account.mode')">
        @for (kind of modes; track kind) {
          <label class="mode" [class.chosen]="kind === mode()">
            <input
              type="radio"
              name="mode"
              [value]="kind"
              [checked]="kind === mode()"
              (change)="mode.set(kind)"
            />
            <span
              ><strong>{{ t('supply-mode.' + kind) }}</strong
              ><br /><span class="muted">{{ t('supply-mode.' + kind + '.text') }}</span></span
            >
          </label>
        }
      </div>
      <label class="field">
        <span class="label">{{ t('reversal.reason') }}</span>
        <input
          #reasonBox
          class="input"
          maxlength="500"
          [value]="reason()"
          (input)="reason.set(reasonBox.value)"
        />
      </label>
      @if (mode() === 'forced-off') {
        <p class="note warn">
          <wl-icon name="warning" />{{ t('supply-mode.off-warning', { name: account.tenantName }) }}
        </p>
      }
      <wl-fault-note [fault]="command.fault()" />
      <ng-container foot>
        <button type="button" class="button" (click)="dialog.close()">{{ t('do.cancel') }}</button>
        <button
          type="button"
          class="button"
          [class.danger]="mode() === 'forced-off'"
          [class.primary]="mode() !== 'forced-off'"
          [disabled]="!ready() || command.busy()"
          (click)="save()"
        >
          {{ t('supply-mode.do.' + mode()) }}
        </button>
      </ng-container>
    </wl-dialog-frame>
  `,
  styles: `
    .modes {
      display: grid;
      gap: 8px;
    }
    .mode {
      display: flex;
      gap: 10px;
      padding: 10px 12px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      cursor: pointer;
    }
    .mode.chosen {
      border-color: var(--leaf);
      background: var(--leaf-soft);
    }
    input[type='radio'] {
      margin-top: 3px;
      accent-color: var(--leaf);
    }
  `,
})
export class SupplyModeDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly account = inject<AccountDetail>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<AccountSupply>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly modes = modes;
  protected readonly mode = signal<SupplyMode>(this.account.supply.mode);
  protected readonly reason = signal('');
  protected readonly command = command();
  protected readonly ready = computed(
    () => this.reason().trim() !== '' && this.mode() !== this.account.supply.mode,
  );

  protected async save(): Promise<void> {
    const body: SupplyModeBody = { mode: this.mode(), reason: this.reason().trim() };
    const supply = await this.command.run(body, () =>
      this.billing.setSupplyMode(this.site.projectId() ?? '', this.account.accountId, body),
    );
    if (supply !== undefined) this.dialog.close(supply);
  }
}
