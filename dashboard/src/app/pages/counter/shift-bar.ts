// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { OwnShift, Shift } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { Icon } from '../../look/icon.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { CloseShiftDialog } from './close-shift-dialog.ts';
import { HandInDialog } from './hand-in-dialog.ts';
import { OpenShiftDialog } from './open-shift-dialog.ts';

/** The cashier's own shift: opened, lightened, closed. */
@Component({
  selector: 'wl-shift-bar',
  imports: [Icon, RouterLink],
  template: `
    @if (own().shift; as shift) {
      <span class="chip good"
        ><wl-icon name="check-circle" />{{ t('shift.number', { number: shift.shiftNumber }) }}</span
      >
      <span class="muted wide-only">{{
        t('shift.since', { time: formats.instant(shift.openedAtMs, 'day-time') })
      }}</span>
      <span class="grow"></span>
      <button type="button" class="button" (click)="handIn(shift)">
        <wl-icon name="arrow-up" />{{ t('shift.hand-in') }}
      </button>
      <button type="button" class="button" (click)="close(shift)">
        <wl-icon name="check" />{{ t('shift.close') }}
      </button>
    } @else {
      <span [class]="'chip ' + (required() ? 'warn' : '')"
        ><wl-icon [name]="required() ? 'warning' : 'info'" />{{
          t(required() ? 'shift.required' : 'shift.none')
        }}</span
      >
      <span class="grow"></span>
      <button type="button" class="button primary" (click)="open()">
        <wl-icon name="play" />{{ t('shift.open') }}
      </button>
    }
    @if (site.may('account:read')) {
      <a class="button quiet" [routerLink]="['/p', site.projectId(), 'shifts']"
        ><wl-icon name="log" />{{ t('page.shifts') }}</a
      >
    }
  `,
  styles: `
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 10px;
      align-items: center;
    }
    .grow {
      flex: 1;
    }
  `,
})
export class ShiftBar {
  readonly own = input.required<OwnShift>();
  readonly changed = output();
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly required = computed(() => this.own().policy.shiftRequired);

  protected async open(): Promise<void> {
    await this.after(OpenShiftDialog, null, 'shift.opened.done');
  }

  protected async handIn(shift: Shift): Promise<void> {
    await this.after(HandInDialog, shift, 'shift.hand-in.done');
  }

  protected async close(shift: Shift): Promise<void> {
    await this.after(CloseShiftDialog, shift, 'shift.closed.done');
  }

  private async after(
    dialog: Parameters<Dialogs['open']>[0],
    data: Shift | null,
    said: string,
  ): Promise<void> {
    const shift = await this.dialogs.open<Shift, Shift | null>(dialog, data, { wide: true });
    // Also after a dialog that was left: the slip may have been closed by its cross.
    this.changed.emit();
    if (shift !== undefined) this.notices.done(this.t(said, { number: shift.shiftNumber }));
  }
}
