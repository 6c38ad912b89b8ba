// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DialogRef } from '@angular/cdk/dialog';
import { media, type Medium } from '@wattledger/contracts';
import type { PriceScheme } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** A name and a medium; the prices come as its versions. */
@Component({
  selector: 'wl-new-scheme-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('price.new-scheme')">
      <label class="field">
        <span class="label">{{ t('price.name') }}</span>
        <input #nameBox class="input" maxlength="100" [value]="name()" (input)="name.set(nameBox.value)" />
      </label>
      <div class="field">
        <span class="label" id="medium-label">{{ t('medium.title') }}</span>
        <div class="segmented" role="group" aria-labelledby="medium-label">
          @for (kind of media; track kind) {
            <button type="button" [attr.aria-pressed]="kind === medium()" (click)="medium.set(kind)">
              {{ t('medium.' + kind) }}
            </button>
          }
        </div>
      </div>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.add')"
        [disabled]="!ready() || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class NewSchemeDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  protected readonly dialog = inject<DialogRef<PriceScheme>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly media = media;
  protected readonly name = signal('');
  protected readonly medium = signal<Medium>('electricity');
  protected readonly command = command();
  protected readonly ready = computed(() => this.name().trim() !== '');

  protected async save(): Promise<void> {
    const body = { name: this.name().trim(), medium: this.medium() };
    const scheme = await this.command.run(body, (key) =>
      this.billing.addPriceScheme(this.site.projectId() ?? '', body, key),
    );
    if (scheme !== undefined) this.dialog.close(scheme);
  }
}
