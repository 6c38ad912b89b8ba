// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { ProtectionCalendar, SupplyPolicy } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

type MinutesField = 'graceMinutes' | 'freshnessLimitMinutes' | 'unchargedLimitMinutes' | 'relayAlarmMinutes';
const minutesFields: readonly {
  readonly field: MinutesField;
  readonly label: string;
  readonly max: number;
}[] = [
  { field: 'graceMinutes', label: 'policy.grace', max: 43_200 },
  { field: 'freshnessLimitMinutes', label: 'policy.freshness', max: 10_080 },
  { field: 'unchargedLimitMinutes', label: 'policy.uncharged', max: 1440 },
  { field: 'relayAlarmMinutes', label: 'policy.relay-alarm', max: 1440 },
];

export interface PolicyQuestion {
  readonly policy: SupplyPolicy;
  readonly calendars: readonly ProtectionCalendar[];
}

/** The rules of disconnection. */
@Component({
  selector: 'wl-policy-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  templateUrl: './policy-dialog.html',
  styleUrl: './policy-dialog.css',
})
export class PolicyDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  private readonly given = inject<PolicyQuestion>(DIALOG_DATA);
  private readonly before = this.given.policy;
  protected readonly calendars = this.given.calendars;
  protected readonly dialog = inject<DialogRef<SupplyPolicy>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly minutesFields = minutesFields;
  protected readonly policy = signal<SupplyPolicy>(this.before);
  protected readonly threshold = signal<number | null>(this.before.disconnectThresholdMicros);
  protected readonly command = command();
  protected readonly valid = computed(() => {
    const policy = this.policy();
    const minutesFine = minutesFields.every(
      ({ field, max }) => Number.isInteger(policy[field]) && policy[field] >= 0 && policy[field] <= max,
    );
    return this.threshold() !== null && minutesFine;
  });

  protected set(change: Partial<SupplyPolicy>): void {
    this.policy.update((policy) => ({ ...policy, ...change }));
  }

  protected setMinutes(field: MinutesField, minutes: number): void {
    this.set({ [field]: minutes });
  }

  protected toggleCalendar(calendarId: string, held: boolean): void {
    const others = this.policy().calendarIds.filter((other) => other !== calendarId);
    this.set({ calendarIds: held ? [...others, calendarId] : others });
  }

  protected async save(): Promise<void> {
    const disconnectThresholdMicros = this.threshold();
    if (disconnectThresholdMicros === null) return;
    const policy: SupplyPolicy = { ...this.policy(), disconnectThresholdMicros };
    const saved = await this.command.run(policy, () =>
      this.billing.setSupplyPolicy(this.site.projectId() ?? '', policy),
    );
    if (saved !== undefined) this.dialog.close(saved);
  }
}
