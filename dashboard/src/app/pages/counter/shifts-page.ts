// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import {
  reversalRules,
  type CounterPolicy,
  type ReversalRule,
  type Shift,
} from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { CounterApi } from '../../api/counter-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CloseShiftDialog } from './close-shift-dialog.ts';
import { ShiftSlipDialog } from './shift-slip-dialog.ts';

const shiftsMax = 100;

/** The shifts of all cashiers, and what the project asks of its counter. */
@Component({
  selector: 'wl-shifts-page',
  imports: [Answer, FaultNote, Icon, RouterLink, TableBox],
  templateUrl: './shifts-page.html',
  styles: `
    .rules {
      display: grid;
      gap: 10px;
    }
    .acts {
      display: inline-flex;
      gap: 6px;
    }
  `,
})
export class ShiftsPage {
  private readonly counter = inject(CounterApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly rules = reversalRules;
  protected readonly command = command();
  /** Shifts with a smaller number are shown; null: the newest. */
  protected readonly before = signal<number | null>(null);
  protected readonly shifts = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, before: this.before() };
    },
    load: ({ projectId, before }, abort) =>
      this.counter.shifts(projectId, { limit: shiftsMax, before: before ?? undefined }, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly rows = computed(() => this.shifts.value()?.shifts ?? []);
  protected readonly policy = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.counter.policy(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly edited = signal<CounterPolicy | null>(null);

  constructor() {
    effect(() => this.edited.set(this.policy.value() ?? null));
  }

  protected receivedMicros(shift: Shift): number {
    return shift.means.reduce((sum, row) => sum + row.receivedMicros - row.reversedMicros, 0);
  }

  protected async show(shift: Shift): Promise<void> {
    await this.dialogs.open(ShiftSlipDialog, shift);
  }

  protected async close(shift: Shift): Promise<void> {
    const closed = await this.dialogs.open<Shift, Shift>(CloseShiftDialog, shift, { wide: true });
    this.shifts.reload();
    if (closed !== undefined) this.notices.done(this.t('shift.closed.done', { number: closed.shiftNumber }));
  }

  protected toggleRule(rule: ReversalRule, kept: boolean): void {
    const policy = this.edited();
    if (policy === null) return;
    const others = policy.reversalRules.filter((other) => other !== rule);
    this.edited.set({ ...policy, reversalRules: kept ? [...others, rule] : others });
  }

  protected require(shiftRequired: boolean): void {
    const policy = this.edited();
    if (policy !== null) this.edited.set({ ...policy, shiftRequired });
  }

  protected async save(): Promise<void> {
    const policy = this.edited();
    if (policy === null) return;
    const saved = await this.command.run(policy, () =>
      this.counter.setPolicy(this.site.projectId() ?? '', policy),
    );
    if (saved === undefined) return;
    this.notices.done(this.t('counter-policy.saved'));
    this.policy.reload();
  }
}
