// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import type { ProtectedSpan, SupplyPolicy } from '@wattledger/contracts/http/billing';
import { BillingApi } from '../../api/billing-api.ts';
import { command } from '../../api/command.ts';
import { Formats } from '../../format/formats.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { isDay } from '../../selection/period.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { weekdayName } from './protected-span.ts';

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

/** The rules of disconnection. */
@Component({
  selector: 'wl-policy-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, Icon, MoneyInput],
  templateUrl: './policy-dialog.html',
  styleUrl: './policy-dialog.css',
})
export class PolicyDialog {
  private readonly billing = inject(BillingApi);
  private readonly site = inject(Site);
  private readonly before = inject<SupplyPolicy>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<SupplyPolicy>>(DialogRef);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly minutesFields = minutesFields;
  protected readonly weekdays = [1, 2, 3, 4, 5, 6, 7];
  protected readonly policy = signal<SupplyPolicy>(this.before);
  protected readonly threshold = signal<number | null>(this.before.disconnectThresholdMicros);
  protected readonly newHoliday = signal('');
  protected readonly command = command();
  protected readonly valid = computed(() => {
    const policy = this.policy();
    const minutesFine = minutesFields.every(
      ({ field, max }) => Number.isInteger(policy[field]) && policy[field] >= 0 && policy[field] <= max,
    );
    return (
      this.threshold() !== null &&
      minutesFine &&
      policy.protectedHours.every((span) => span.weekdays.length > 0 && span.toMinute > span.fromMinute)
    );
  });

  protected set(change: Partial<SupplyPolicy>): void {
    this.policy.update((policy) => ({ ...policy, ...change }));
  }

  protected setMinutes(field: MinutesField, minutes: number): void {
    this.set({ [field]: minutes });
  }

  protected weekday(day: number): string {
    return weekdayName(day, this.formats.locale());
  }

  protected time(minute: number): string {
    const within = minute % 1440;
    return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
  }

  protected changeSpan(index: number, change: Partial<ProtectedSpan>): void {
    this.set({
      protectedHours: this.policy().protectedHours.map((span, other) =>
        other === index ? normalized({ ...span, ...change }) : span,
      ),
    });
  }

  protected toggleDay(index: number, day: number): void {
    const days = this.policy().protectedHours[index]?.weekdays ?? [];
    this.changeSpan(index, {
      weekdays: days.includes(day)
        ? days.filter((other) => other !== day)
        : [...days, day].sort((a, b) => a - b),
    });
  }

  protected addSpan(): void {
    this.set({
      protectedHours: [
        ...this.policy().protectedHours,
        { weekdays: [1, 2, 3, 4, 5], fromMinute: 1080, toMinute: 1920 },
      ],
    });
  }

  protected removeSpan(index: number): void {
    this.set({ protectedHours: this.policy().protectedHours.filter((_, other) => other !== index) });
  }

  protected minute(text: string): number {
    const [hour = 0, minute = 0] = text.split(':').map(Number);
    return hour * 60 + minute;
  }

  protected addHoliday(): void {
    const day = this.newHoliday();
    if (!isDay(day)) return;
    this.set({ holidays: [...new Set([...this.policy().holidays, day])].sort() });
    this.newHoliday.set('');
  }

  protected removeHoliday(day: string): void {
    this.set({ holidays: this.policy().holidays.filter((other) => other !== day) });
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

/** An end at or before the beginning lies on the next day. */
function normalized(span: ProtectedSpan): ProtectedSpan {
  const end = span.toMinute % 1440;
  return { ...span, toMinute: end > span.fromMinute ? end : end + 1440 };
}
