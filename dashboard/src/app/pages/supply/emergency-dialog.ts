// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import {
  emergencyStages,
  type EmergencyPolicy,
  type EmergencyRule,
} from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

type Draft = Omit<EmergencyRule, 'amountMicros'> & { readonly amountMicros: number | null };

/** Rules of emergency credit, one for each kind of tenant. */
@Component({
  selector: 'wl-emergency-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="t('emergency.change')">
      @for (rule of rules(); track $index; let index = $index) {
        <fieldset>
          <legend>{{ rule.tenantClass ?? t('emergency.all-kinds') }}</legend>
          <div class="form-grid">
            <label class="field">
              <span class="label">{{ t('emergency.kind') }}</span>
              <input
                #kindBox
                class="input"
                maxlength="100"
                [value]="rule.tenantClass ?? ''"
                [placeholder]="t('emergency.all-kinds')"
                (change)="set(index, { tenantClass: kindBox.value.trim() || null })"
              />
            </label>
            <wl-money-input
              [label]="t('emergency.amount')"
              [micros]="rule.amountMicros"
              (microsChange)="set(index, { amountMicros: $event })"
            />
            <label class="field">
              <span class="label">{{ t('emergency.offered-at') }}</span>
              <select #stageBox class="input" (change)="setStage(index, stageBox.value)">
                @for (stage of stages; track stage) {
                  <option [value]="stage" [selected]="stage === rule.offeredAt">
                    {{ t('stage.' + stage) }}
                  </option>
                }
              </select>
            </label>
            <label class="field">
              <span class="label">{{ t('emergency.times') }}</span>
              <input
                #timesBox
                class="input"
                type="number"
                min="1"
                max="31"
                [value]="rule.timesPerMonth"
                (input)="set(index, { timesPerMonth: timesBox.valueAsNumber })"
              />
            </label>
          </div>
          <label class="check"
            ><input
              #overdueBox
              type="checkbox"
              [checked]="rule.whileOverdue"
              (change)="set(index, { whileOverdue: overdueBox.checked })"
            />{{ t('emergency.while-overdue') }}</label
          >
          <button type="button" class="button small quiet" (click)="remove(index)">
            <wl-icon name="close" />{{ t('do.remove') }}
          </button>
        </fieldset>
      }
      <button type="button" class="button small" (click)="add()">
        <wl-icon name="plus" />{{ t('emergency.add') }}
      </button>
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.save')"
        [disabled]="policy() === null || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
  styleUrl: './policy-dialog.css',
})
export class EmergencyDialog {
  private readonly credit = inject(CreditApi);
  private readonly site = inject(Site);
  protected readonly dialog = inject<DialogRef<EmergencyPolicy>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly stages = emergencyStages;
  protected readonly rules = signal<readonly Draft[]>(inject<EmergencyPolicy>(DIALOG_DATA).rules);
  protected readonly command = command();
  protected readonly policy = computed<EmergencyPolicy | null>(() => {
    const rules = this.rules().flatMap(({ amountMicros, ...rule }) =>
      amountMicros !== null && rule.timesPerMonth >= 1 ? [{ ...rule, amountMicros }] : [],
    );
    return rules.length === this.rules().length ? { rules } : null;
  });

  protected set(index: number, change: Partial<Draft>): void {
    this.rules.update((rules) =>
      rules.map((rule, other) => (other === index ? { ...rule, ...change } : rule)),
    );
  }
  protected setStage(index: number, text: string): void {
    const offeredAt = emergencyStages.find((stage) => stage === text);
    if (offeredAt !== undefined) this.set(index, { offeredAt });
  }
  protected add(): void {
    const rule = { tenantClass: null, offeredAt: 'alarm-2', timesPerMonth: 1, whileOverdue: false } as const;
    this.rules.update((rules) => [...rules, { ...rule, amountMicros: null }]);
  }
  protected remove(index: number): void {
    this.rules.update((rules) => rules.filter((_, other) => other !== index));
  }

  protected async save(): Promise<void> {
    const policy = this.policy();
    if (policy === null) return;
    const saved = await this.command.run(policy, () =>
      this.credit.setEmergencyPolicy(this.site.projectId() ?? '', policy),
    );
    if (saved !== undefined) this.dialog.close(saved);
  }
}
