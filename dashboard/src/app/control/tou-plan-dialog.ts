// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DialogRef } from '@angular/cdk/dialog';
import { touPeriods, type MeterSetting, type TouPeriod } from '@wattledger/contracts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';

interface Change {
  readonly time: string;
  readonly period: TouPeriod;
}
interface Season {
  /** Month and day, 01-01. */
  readonly from: string;
  readonly plan: 1 | 2;
}

const changesMax = 14;
const seasonsMax = 4;
/** The rates a meter of four rates has. */
const periods = touPeriods.filter((period) => period !== 'deep-valley');

/** The time-of-use plan that a meter splits its registers by. */
@Component({
  selector: 'wl-tou-plan-dialog',
  imports: [DialogButtons, DialogFrame, Icon],
  templateUrl: './tou-plan-dialog.html',
  styles: `
    fieldset {
      padding: 10px 12px;
      border: 1px solid var(--line);
      border-radius: var(--radius-s);
    }
    .line {
      display: flex;
      gap: 8px;
      align-items: center;
      margin-top: 6px;
    }
    .line .input,
    .line .select {
      width: auto;
    }
  `,
})
export class TouPlanDialog {
  protected readonly dialog = inject<DialogRef<MeterSetting>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly periods = periods;
  protected readonly limits = { changesMax, seasonsMax };
  protected readonly seasons = signal<readonly Season[]>([{ from: '01-01', plan: 1 }]);
  protected readonly plans = signal<readonly (readonly Change[])[]>([
    [{ time: '00:00', period: 'flat' }],
    [{ time: '00:00', period: 'flat' }],
  ]);
  /** The second plan only where a date names it. */
  protected readonly plansUsed = computed(() => (this.seasons().some(({ plan }) => plan === 2) ? 2 : 1));
  protected readonly ready = computed(
    () =>
      rises(this.seasons().map(({ from }) => from)) &&
      this.seasons().every(({ from }) => /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(from)) &&
      this.plans()
        .slice(0, this.plansUsed())
        .every((changes) => changes[0]?.time === '00:00' && rises(changes.map(({ time }) => time))),
  );

  protected setSeason(at: number, change: Partial<Season>): void {
    this.seasons.update((all) =>
      all.map((season, index) => (index === at ? { ...season, ...change } : season)),
    );
  }
  protected addSeason(): void {
    this.seasons.update((all) => [...all, { from: '07-01', plan: 2 }]);
  }
  protected removeSeason(at: number): void {
    this.seasons.update((all) => all.filter((_, index) => index !== at));
  }
  protected setChange(plan: number, at: number, change: Partial<Change>): void {
    this.changePlan(plan, (all) => all.map((one, index) => (index === at ? { ...one, ...change } : one)));
  }
  protected addChange(plan: number): void {
    this.changePlan(plan, (all) => [...all, { time: '08:00', period: 'peak' }]);
  }
  protected removeChange(plan: number, at: number): void {
    this.changePlan(plan, (all) => all.filter((_, index) => index !== at));
  }
  private changePlan(plan: number, change: (all: readonly Change[]) => readonly Change[]): void {
    this.plans.update((all) => all.map((one, index) => (index === plan ? change(one) : one)));
  }

  protected done(): void {
    const parts = (text: string, sign: string): [number, number] => {
      const [first, second] = text.split(sign).map(Number);
      return [first ?? 0, second ?? 0];
    };
    this.dialog.close({
      kind: 'tou-plan',
      byteOrderConfirmed: false,
      datePlan: this.seasons().map(({ from, plan }) => {
        const [month, day] = parts(from, '-');
        return { month, day, plan };
      }),
      dayPlans: this.plans()
        .slice(0, this.plansUsed())
        .map((changes) =>
          changes.map(({ time, period }) => {
            const [hour, minute] = parts(time, ':');
            return { hour, minute, period };
          }),
        ),
    });
  }
}

const rises = (texts: readonly string[]): boolean =>
  texts.every((text, at) => at === 0 || text > (texts[at - 1] ?? ''));
