// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { ReversalBody, Vend } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../api/billing-api.ts';
import { command } from '../api/command.ts';
import { Formats } from '../format/formats.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Icon } from '../look/icon.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { DocumentLink } from './document-link.ts';
import { Receipt } from './receipt.ts';

/** A receipt to look at or reverse; its document (a reversal's, once reversed) is printed on its own page. Closes with the vend when it was reversed. */
@Component({
  selector: 'wl-receipt-dialog',
  imports: [DialogFrame, DocumentLink, FaultNote, Icon, Receipt],
  template: `
    <wl-dialog-frame [heading]="t('receipt.number', { number: vend().receiptNumber })">
      <wl-receipt [vend]="vend()" />
      @if (reversing()) {
        <div class="not-receipt reversal">
          <p>
            {{ t('reversal.text', { amount: formats.money(vend().amountMicros), name: vend().tenantName }) }}
          </p>
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
          @if (vend().means === 'cheque') {
            <label class="check"
              ><input
                #bouncedBox
                type="checkbox"
                [checked]="bounced()"
                (change)="bounced.set(bouncedBox.checked)"
              />{{ t('reversal.bounced') }}</label
            >
          }
          @if (site.may('account:write') && !bounced()) {
            <label class="check"
              ><input
                #overrideBox
                type="checkbox"
                [checked]="override()"
                (change)="override.set(overrideBox.checked)"
              />{{ t('reversal.override.rules') }}</label
            >
          }
          <wl-fault-note [fault]="command.fault()" />
        </div>
      }
      <ng-container foot>
        @if (reversing()) {
          <button type="button" class="button" [disabled]="command.busy()" (click)="reversing.set(false)">
            {{ t('do.cancel') }}
          </button>
          <button
            type="button"
            class="button danger"
            [disabled]="!ready() || command.busy()"
            (click)="reverse()"
          >
            {{ t('reversal.do', { amount: formats.money(vend().amountMicros) }) }}
          </button>
        } @else {
          @if (site.may('vend:write') && vend().reversal === null && vend().means !== 'online') {
            <button type="button" class="button quiet" (click)="reversing.set(true)">
              <wl-icon name="undo" />{{ t('reversal.begin') }}
            </button>
          }
          <wl-document-link
            [subjectId]="vend().reversal?.postingId ?? vend().postingId"
            (left)="dialog.close(changed() ? vend() : undefined)"
          />
          <button type="button" class="button primary" (click)="dialog.close(changed() ? vend() : undefined)">
            {{ t('do.close') }}
          </button>
        }
      </ng-container>
    </wl-dialog-frame>
  `,
  styles: `
    .reversal {
      display: grid;
      gap: 12px;
    }
  `,
})
export class ReceiptDialog {
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly vend = signal(inject<Vend>(DIALOG_DATA));
  protected readonly dialog = inject<DialogRef<Vend>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly reversing = signal(false);
  protected readonly changed = signal(false);
  protected readonly reason = signal('');
  protected readonly override = signal(false);
  protected readonly bounced = signal(false);
  protected readonly command = command();
  protected readonly ready = computed(() => this.reason().trim() !== '');

  protected async reverse(): Promise<void> {
    const { accountId, vendId } = this.vend();
    const body: ReversalBody = {
      reason: this.reason().trim(),
      override: this.override() && !this.bounced(),
      ...(this.bounced() ? { cause: 'cheque-bounced' } : {}),
    };
    const reversed = await this.command.run(body, (key) =>
      this.billing.reverse(this.site.projectId() ?? '', accountId, vendId, body, key),
    );
    if (reversed === undefined) return;
    this.vend.set(reversed);
    this.changed.set(true);
    this.reversing.set(false);
  }
}
